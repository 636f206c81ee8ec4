/// The name of one lab, from which every name that the lab gives to something follows.
///
/// Two labs of different names share nothing, so tests run beside a demonstration.
struct LabName: Hashable, Sendable, CustomStringConvertible {
  /// The lab that the commands mean when no name is given.
  static let standard = LabName(unchecked: "lab")
  /// The greatest number of characters, so that a socket's path fits `sun_path`.
  static let mostCharacters = 24

  let text: String

  /// Reads a name of 1 to 24 characters, each of `a` to `z`, `0` to `9` or `-`, no `-` first.
  ///
  /// `control` is refused: a real router's socket has that name.
  init?(_ text: String) {
    guard (1...Self.mostCharacters).contains(text.utf8.count), !text.hasPrefix("-"),
      text.utf8.allSatisfy(Self.isAllowed), text != "control"
    else { return nil }
    self.text = text
  }

  private init(unchecked text: String) {
    self.text = text
  }

  var description: String { text }

  private static func isAllowed(_ octet: UInt8) -> Bool {
    (97...122).contains(octet) || (48...57).contains(octet) || octet == 45
  }

  /// Where all labs keep their folders and sockets.
  static let root = "/run/dnat-console"
  /// The lab's folder: configuration, keys, logs, the record of what runs.
  var folder: String { "\(Self.root)/\(text)" }
  /// The router's control socket.
  var socket: String { "\(Self.root)/\(text).sock" }
  /// The file whose lock says that somebody brings this lab up or down.
  var lockFile: String { "\(Self.root)/.\(text).lock" }
  /// What all the lab's network namespaces begin with.
  var prefix: String { "dnat-\(text)-" }

  /// The network namespace of a node.
  func namespace(_ node: LabNode) -> String { prefix + node.rawValue }
  /// The folder of a node, at the same path inside a guest.
  func folder(_ node: LabNode) -> String { "\(folder)/\(node.rawValue)" }
}
