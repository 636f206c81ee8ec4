internal import FoundationEssentials

/// JSON as the control socket writes it.
enum ControlJSON {
  /// A value in one line, the keys of objects in alphabetical order.
  static func encode(_ value: some Encodable) throws(ControlError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value))
    } catch {
      // Only a number that is not finite can fail, and none is sent.
      throw ControlError(.badRequest, "the answer cannot be written: \(error)")
    }
  }

  /// Reads a request.
  static func request(_ line: [UInt8]) throws(ControlError) -> ControlRequest {
    if let request = (try? JSONReader.read(line)).flatMap(ControlRequest.init) { return request }
    throw ControlError(
      .badRequest, "the line is not a request: {\"id\": 1, \"verb\": \"status\"}")
  }

  /// What the line of an answer begins with; the result and `lineEnd` follow.
  static func lineStart(id: JSONValue?) throws(ControlError) -> [UInt8] {
    Array("{\"id\":".utf8) + (try encode(id ?? .null)) + Array(",\"result\":".utf8)
  }

  /// What the line of an answer ends with.
  static let lineEnd = Array("}\n".utf8)

  /// The line of a refusal.
  static func line(id: JSONValue?, error: ControlError) -> [UInt8] {
    struct Refusal: Encodable {
      var id: JSONValue
      var error: ControlError
    }
    let body = try? encode(Refusal(id: id ?? .null, error: error))
    return (body ?? Array("{\"error\":{\"code\":\"bad-request\",\"message\":\"\"}}".utf8)) + [10]
  }
}

extension ControlError {
  /// A refusal of the router's state, in the words of the control socket.
  init(_ error: CommandError) {
    self.init(code: error.code.rawValue, message: error.message)
  }
}
