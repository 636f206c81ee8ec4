internal import CLinux
internal import Glibc

/// Access for several groups to one file (acl(5)), which has only one group of its own.
package enum AccessList {
  /// Lets members of each group use a file as `permissions` says: read 4, write 2, execute 1.
  ///
  /// The owner keeps read, write and, of directories, search; the file's own group gets the same as
  /// the groups; others get nothing.
  ///
  /// - Throws: `EOPNOTSUPP` where the file system has no access lists.
  package static func set(
    _ path: String, groups: [UInt32], permissions: UInt16
  ) throws(SystemError) {
    let list = encoded(groups: groups, permissions: permissions)
    try systemCall("set access list of", path) {
      unsafe setxattr(path, "system.posix_acl_access", list, list.count, 0)
    }
  }

  /// linux/posix_acl_xattr.h: version 2 in 32 bits, then entries of tag 16, permissions 16, id 32, all
  /// little-endian, ordered by tag and id.
  static func encoded(groups: [UInt32], permissions: UInt16) -> [UInt8] {
    let anyone = UInt32.max
    let own: (UInt16, UInt16, UInt32) = (0x01, permissions | 0o6, anyone)
    let ownGroup: (UInt16, UInt16, UInt32) = (0x04, permissions, anyone)
    let named = Set(groups).sorted().map { (UInt16(0x08), permissions, $0) }
    let mask: (UInt16, UInt16, UInt32) = (0x10, permissions, anyone)
    let others: (UInt16, UInt16, UInt32) = (0x20, 0, anyone)
    let entries = [own, ownGroup] + named + [mask, others]
    return .native(UInt32(2).littleEndian)
      + entries.flatMap { tag, permissions, id in
        [UInt8].native(tag.littleEndian) + .native(permissions.littleEndian)
          + .native(id.littleEndian)
      }
  }
}
