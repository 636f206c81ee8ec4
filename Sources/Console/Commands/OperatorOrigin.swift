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

  /// The address at the other end of the operator's SSH connection; nil if there is none.
  static var source: String? {
    // SSH_CONNECTION: client address, client port, server address, server port (ssh(1)).
    let parts = ThisProcess.environment("SSH_CONNECTION")?.split(separator: " ") ?? []
    guard let address = parts.first, address.utf8.count <= 64 else { return nil }
    return String(address)
  }

  /// The argument `via` with the program, and `source` with the operator's place if it is known.
  static func arguments(via client: Client) -> [String: JSONValue] {
    var arguments: [String: JSONValue] = ["via": .string(client.rawValue)]
    if let source { arguments["source"] = .string(source) }
    return arguments
  }
}
