internal import CLinux
internal import Glibc

/// Users and groups by name and number, from the system's databases (passwd, group).
package enum Accounts {
  /// The number of a group, or nil if there is no such group.
  package static func groupID(named name: String) -> UInt32? {
    var entry = unsafe group()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<group>?
      let code = unsafe getgrnam_r(name, &entry, buffer, size, &found)
      return unsafe (code, found == nil ? nil : entry.gr_gid)
    }
  }

  /// The number of a user, or nil if there is no such user.
  package static func userID(named name: String) -> UInt32? {
    var entry = unsafe passwd()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<passwd>?
      let code = unsafe getpwnam_r(name, &entry, buffer, size, &found)
      return unsafe (code, found == nil ? nil : entry.pw_uid)
    }
  }

  /// The name of a user, or nil if the number has none.
  package static func userName(of userID: UInt32) -> String? {
    account(of: userID)?.name
  }

  /// All groups of a user; empty if the number has no account.
  package static func groups(of userID: UInt32) -> Set<UInt32> {
    guard let account = account(of: userID) else { return [] }
    var groups = [gid_t](repeating: 0, count: 64)
    var count = Int32(groups.count)
    if unsafe getgrouplist(account.name, account.group, &groups, &count) < 0 {
      // The call has written how many there are.
      groups = [gid_t](repeating: 0, count: max(Int(count), 1))
      guard unsafe getgrouplist(account.name, account.group, &groups, &count) >= 0 else {
        return [account.group]
      }
    }
    return Set(groups.prefix(Int(max(count, 0))))
  }

  private static func account(of userID: UInt32) -> (name: String, group: UInt32)? {
    var entry = unsafe passwd()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<passwd>?
      let code = unsafe getpwuid_r(userID, &entry, buffer, size, &found)
      // The name points into the buffer: copied while that lives.
      guard unsafe found != nil, let name = unsafe entry.pw_name else { return (code, nil) }
      return unsafe (code, (String(cString: name), entry.pw_gid))
    }
  }

  /// Calls `body` with a buffer for an entry's texts, and with larger ones while it says ERANGE.
  private static func lookUp<Value>(
    _ body: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, value: Value?)
  ) -> Value? {
    var size = 1024
    // A megabyte holds a group of more than 30,000 members.
    while size <= 1 << 20 {
      let result = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
        // Invariant: a temporary allocation of more than 0 octets has a base.
        unsafe body(buffer.baseAddress.unsafelyUnwrapped, size)
      }
      if result.code != ERANGE { return result.value }
      size *= 4
    }
    return nil
  }
}
