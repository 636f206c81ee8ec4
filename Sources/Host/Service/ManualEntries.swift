internal import FoundationEssentials
internal import Net
internal import PAP

/// What was validated by hand, kept in a file: nobody has to repeat it because the agent was killed.
struct ManualEntries {
  private static let limit = 1 << 20

  let path: String

  /// What an earlier run that was killed has left; empty where there is none, or none to be read.
  func read() -> [Entry] {
    guard let octets = try? File.read(path, limit: Self.limit),
      let saved = try? JSONDecoder().decode([AgentRequest.Arguments].self, from: Data(octets))
    else { return [] }
    return saved.map(\.entry)
  }

  /// Keeps these and no others; without any there is no file.
  func write(_ entries: [Entry]) throws {
    guard !entries.isEmpty else { return try File.remove(path) }
    let rows = entries.map { entry in
      AgentRequest.Arguments(
        address: entry.address, protocol: entry.ipsecProtocol, spi: entry.spiIn,
        spiOut: entry.spiOut)
    }
    try File.replace(path, with: try JSONEncoder().encode(rows), mode: 0o600)
  }
}
