internal import ArgumentParser
internal import Engine
internal import FoundationEssentials
internal import Net
internal import PAP

/// `ctl`: one request to the engine, for people and for scripts.
struct Ctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask or command the engine that runs on this machine",
    subcommands: [
      CtlStatus.self, CtlSA.self, CtlHosts.self, CtlDrops.self, CtlStats.self,
      CtlRevocations.self, CtlAudit.self, CtlValidate.self, CtlInvalidate.self, CtlRevoke.self,
      CtlUnrevoke.self, CtlSuspend.self, CtlResume.self, CtlUndo.self, CtlKeep.self, CtlReload.self,
    ])
  // Taken here too, so that they may stand before the verb.
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
}

/// A verb of `ctl`: a request, and how its result looks to people.
protocol CtlVerb: ParsableCommand {
  /// What the engine answers.
  associatedtype Answer: Decodable

  /// The verb of the control socket.
  static var verb: String { get }
  var engine: SocketOption { get }
  var output: OutputOption { get }
  /// The arguments of the request; nulls are left out.
  var request: [String: JSONValue?] { get }

  /// Does what asks the engine, and explains what it refuses.
  func explaining<Result>(_ ask: () throws -> Result) throws -> Result

  /// The answer for people, every line ended.
  func text(of answer: Answer) -> String
}

extension CtlVerb {
  func explaining<Result>(_ ask: () throws -> Result) throws -> Result { try ask() }

  /// Sends the request and prints the answer.
  func run() throws {
    let client = try engine.connect()
    let answer = try explaining {
      try client.callRaw(Self.verb, request.compactMapValues { $0 })
    }
    if output.json {
      try StandardStream.output.line(TerminalSafeJSON.text(of: answer))
    } else {
      let read = try ControlClient.decode(Answer.self, from: answer)
      try StandardStream.output.write(text(of: read).utf8)
    }
  }
}

/// JSON as it may be written to a terminal.
enum TerminalSafeJSON {
  /// The same value, with every character that a terminal must not see as a `\u` escape.
  ///
  /// Such characters can stand in texts only, so this may be done to JSON as a whole.
  static func text(of json: Data) -> String {
    if json.allSatisfy({ (0x20...0x7e).contains($0) }) {
      return String(decoding: json, as: UTF8.self)
    }
    var result = ""
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      if scalar.isTerminalSafe {
        result.unicodeScalars.append(scalar)
      } else {
        result += scalar.utf16.map { "\\u\(hexadecimal($0))" }.joined()
      }
    }
    return result
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
