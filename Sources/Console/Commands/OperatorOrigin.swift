internal import Engine
internal import Net

/// What an action says about where its operator sits.
///
/// The engine knows the user from the kernel, so this is a remark for people, not a proof.
enum OperatorOrigin {
  /// The argument `source` with the address at the other end of an SSH connection; none without one.
  static var arguments: [String: JSONValue] {
    // SSH_CONNECTION: client address, client port, server address, server port (ssh(1)).
    let parts = ThisProcess.environment("SSH_CONNECTION")?.split(separator: " ") ?? []
    guard let client = parts.first, client.utf8.count <= 64 else { return [:] }
    return ["source": .string(String(client))]
  }
}
