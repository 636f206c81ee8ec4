import Foundation

@testable import Host

// The input is a line at the host agent's socket: one octet says of which side, then comes the line.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  let isRequest = input.octet() & 1 == 0
  let line = Data(input.take(count))
  if isRequest {
    check(line, as: AgentRequest.self)
  } else {
    check(line, as: AgentResponse<StatusReport>.self)
  }
  return 0
}

/// What can be read is written so that it is read as the same.
private func check<Value: Codable>(_ line: Data, as type: Value.Type) {
  guard let value = try? JSONDecoder().decode(type, from: line) else { return }
  if let request = value as? AgentRequest { _ = request.arguments?.entry }
  let written = encoded(value)
  let again = written.flatMap { try? JSONDecoder().decode(type, from: $0) }
  require(written != nil && again.flatMap(encoded) == written, "changed on the way")
  require(written?.contains(10) == false, "more than a line")
}

private func encoded(_ value: some Encodable) -> Data? {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return try? encoder.encode(value)
}
