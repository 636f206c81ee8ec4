internal import Engine
internal import Net

/// What an action says about where its operator sits.
///
/// The engine knows the user from the kernel, so this is a remark for people, not a proof.
enum OperatorOrigin {
  /// The programs that people act with.
  enum Client: String {
    case ctl
    case console
  }

  /// The argument `via` with the program, and `source` with the address at the other end of an SSH
  /// connection if there is one.
  static func arguments(via client: Client) -> [String: JSONValue] {
    let program: [String: JSONValue] = ["via": .string(client.rawValue)]
    // SSH_CONNECTION: client address, client port, server address, server port (ssh(1)).
    let parts = ThisProcess.environment("SSH_CONNECTION")?.split(separator: " ") ?? []
    guard let address = parts.first, address.utf8.count <= 64 else { return program }
    return program.merging(["source": .string(String(address))]) { $1 }
  }
}
