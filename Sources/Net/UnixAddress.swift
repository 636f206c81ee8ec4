internal import CLinux
internal import Glibc

/// Calls `body` with a Unix socket's address as socket calls take it: a path, or a name that is no
/// file's if it begins with `@` (unix(7), abstract).
///
/// - Throws: `ENAMETOOLONG` if it has more than 107 octets.
func withUnixAddress<Value>(
  _ operation: String, _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) throws(SystemError) -> Value {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  var octets = Array(path.utf8)
  let isAbstract = octets.first == UInt8(ascii: "@")
  if isAbstract { octets[0] = 0 }
  // One octet stays 0: the end of the text.
  guard !octets.isEmpty, octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
    throw SystemError(operation: operation, object: path, code: ENAMETOOLONG)
  }
  unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
  return unsafe withUnsafeBytes(of: address) { bytes in
    // An abstract name ends where the address does.
    let unused = isAbstract ? MemoryLayout.size(ofValue: address.sun_path) - octets.count : 0
    // Invariant: the buffer is a whole sockaddr_un, so it has a base and begins with its family.
    let base = unsafe bytes.baseAddress.unsafelyUnwrapped
    return unsafe body(
      base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count - unused))
  }
}
