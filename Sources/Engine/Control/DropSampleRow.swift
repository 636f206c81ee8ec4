internal import FoundationEssentials

/// A row of the drop log with the first octets of the packet it shows, for captures: what the
/// verb `window` answers for the drop log where it is asked for `octets`.
///
/// In JSON the octets are one more key of the row, `octets`, in base64.
package struct DropSampleRow: Codable, Sendable {
  package var row: DropRow
  /// At most `PacketHead.capacity`, the tunnel's header excluded where there was one.
  package var octets: [UInt8]

  private enum Key: String, CodingKey { case octets }

  package init(row: DropRow, octets: [UInt8]) {
    self.row = row
    self.octets = octets
  }

  init(_ record: DropLogRecord) {
    self.init(row: DropRow(record), octets: record.record.head.octets)
  }

  package init(from decoder: any Decoder) throws {
    row = try DropRow(from: decoder)
    let container = try decoder.container(keyedBy: Key.self)
    octets = Array(try container.decode(Data.self, forKey: .octets))
  }

  package func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Data(octets), forKey: .octets)
  }
}
