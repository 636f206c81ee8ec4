internal import Logging
internal import Net
internal import PAP

/// The system's journal, in its own format (systemd.io/JOURNAL_NATIVE_PROTOCOL).
final class Journal: Sendable {
  /// Where the journal listens.
  private static let path = "/run/systemd/journal/socket"

  private let socket: UnixDatagramSocket
  private let identifier: String

  /// The journal, if standard error leads there now: then its own format says the same, and more.
  ///
  /// `JOURNAL_STREAM` names the stream that the service manager gave; it may have been replaced
  /// since (systemd.exec(5)).
  init?(identifier: String) {
    guard let status = try? File.status(ofDescriptor: 2),
      ThisProcess.environment("JOURNAL_STREAM") == "\(status.device):\(status.inode)",
      let socket = try? UnixDatagramSocket()
    else { return nil }
    self.socket = socket
    self.identifier = identifier
  }

  /// Writes one entry; false if the journal did not take it.
  func write(
    _ level: Logger.Level, _ text: String, _ fields: [(name: String, value: String)]
  ) -> Bool {
    let entry = Self.entry(
      [
        ("MESSAGE", text.terminalSafe), ("PRIORITY", "\(Self.priority(level))"),
        ("SYSLOG_IDENTIFIER", identifier),
      ] + fields.map { (Self.fieldName($0.name), $0.value.terminalSafe) })
    do throws(SystemError) {
      try socket.send(entry, to: Self.path)
      return true
    } catch {
      return false
    }
  }

  /// The octets of an entry: a line for each field, or for a value of several lines the field's name,
  /// the value's length in octets (64 bits, little-endian) and the value.
  static func entry(_ fields: [(name: String, value: String)]) -> [UInt8] {
    var octets: [UInt8] = []
    for (name, value) in fields {
      octets += name.utf8
      if value.utf8.contains(10) {
        octets.append(10)
        let length = UInt64(value.utf8.count)
        octets += (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
      } else {
        octets.append(UInt8(ascii: "="))
      }
      octets += value.utf8
      octets.append(10)
    }
    return octets
  }

  /// A name as the journal takes it: capitals, digits and underscores, ours to begin with.
  static func fieldName(_ name: String) -> String {
    let kept = name.uppercased().utf8.map { octet in
      switch octet {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): octet
      default: UInt8(ascii: "_")
      }
    }
    return "DNAT_" + String(decoding: kept.prefix(59), as: UTF8.self)
  }

  /// A level as syslog numbers it (RFC 5424, section 6.2.1).
  static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
