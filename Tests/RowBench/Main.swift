import Configuration
import FoundationEssentials
import Logging
import Net
import PAP

@testable import Engine

// How long windows of large tables take: RowBench ENTRIES. One line for each kind of question: the
// whole time until the answer, the longest time the control thread worked on it at once, and how long
// the same question takes again, after nothing and after some hundred changes.

@main
struct RowBench {
  let core: EngineCore
  let handler: RequestHandler
  let count: Int

  static func main() throws {
    let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
    let bench = try RowBench(entries: count)
    print("\(bench.core.state.entryCount) entries; milliseconds")
    print("question                              first  at once  again  changed  at once")
    for (name, arguments) in questions { try bench.measure(name, arguments) }
  }

  static let questions: [(String, [String: JSONValue])] = [
    ("sa as they are", ["view": "sa"]), ("sa by host", ["view": "sa", "sort": "host"]),
    ("sa by address", ["view": "sa", "sort": "address"]),
    ("sa by packets, most first", ["view": "sa", "sort": "packets", "descending": true]),
    ("sa, word 'h'", ["view": "sa", "sort": "host", "filter": "h"]),
    ("sa, word '12'", ["view": "sa", "sort": "host", "filter": "12"]),
    ("sa, host=hosta", ["view": "sa", "sort": "host", "filter": "host=hosta"]),
    ("sa, net or spi", ["view": "sa", "filter": "net 20.1.0.0/17 or (spi 0x1* pps>1k)"]),
    ("sa, idle<5m age<1h by address", ["view": "sa", "sort": "address", "filter": "idle= age<1h"]),
    ("sa, the last screenful", ["view": "sa", "sort": "address", "offset": 99_950]),
    ("peers by target", ["view": "peers", "sort": "target"]),
    ("peers by packets", ["view": "peers", "sort": "packets", "descending": true]),
    ("peers, hosts=hosta entries>0", ["view": "peers", "filter": "hosts=hosta entries>0"]),
    ("hosts by name", ["view": "hosts", "sort": "name"]),
  ]

  init(entries count: Int) throws {
    let text = """
      [router]
      external-address = "198.51.100.1"
      tunnel-endpoint = "10.0.0.254"
      inside-networks = ["10.0.0.0/24"]
      [pap]
      listen = ["10.0.0.1:7028"]
      authentication = "none"
      [pap.limits]
      entries = \(count + 1_024)
      [[host]]
      name = "hosta"
      inside-address = "10.0.0.11"
      key-id = 1
      [[host]]
      name = "host-with-a-long-name"
      inside-address = "10.0.0.12"
      key-id = 2
      """
    let log = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    core = EngineCore(
      configuration: try RouterConfiguration(text: text, file: "bench.toml"), keys: [[], []],
      queues: 2, epoch: 7, random: SeededRandom(seed: 1), log: log)
    handler = RequestHandler(core: core)
    self.count = count
    for address in ["10.0.0.11", "10.0.0.12"] { lease(address) }
    for number in 0..<count { change(number) }
  }

  private func lease(_ address: String) {
    let message = Message(
      type: .securityRequest, transactionID: 1, epoch: 0, options: [.spis(first: 0, count: 65_536)])
    guard let source = Endpoint("\(address):7028"), let router = Endpoint("10.0.0.1:7028") else {
      return
    }
    core.handle([.datagram(message.encoded(), from: source, to: router)])
  }

  private func change(_ number: Int) {
    let address = IPv4Address(rawValue: 0x1401_0000 + UInt32(number))
    let host = number % 2 == 0 ? "hosta" : "host-with-a-long-name"
    _ = core.perform(.validate(address, host: host, protocol: .esp))
  }

  /// Milliseconds until the answer, and the longest step.
  private func ask(_ arguments: [String: JSONValue]) throws -> (all: Double, longest: Double) {
    let start = MonotonicClock.now()
    var longest: UInt64 = 0
    func step<Value>(_ body: () throws -> Value) rethrows -> Value {
      let start = MonotonicClock.now()
      defer { longest = max(longest, MonotonicClock.now() - start) }
      return try body()
    }
    let request = ControlRequest(id: nil, verb: "window", arguments: arguments)
    let user = ControlUser(name: "bench", role: .operator)
    if case .beside(let answer) = try step({ try handler.answer(request, for: user) }) {
      while try step({ try answer.advance() }) == nil {}
    }
    return (Double(MonotonicClock.now() - start) / 1e6, Double(longest) / 1e6)
  }

  private func measure(_ name: String, _ arguments: [String: JSONValue]) throws {
    var arguments = arguments
    arguments["count"] = 50
    let first = try ask(arguments)
    let again = try ask(arguments)
    for number in 0..<300 {
      let place = number * 31 % count
      _ = core.perform(.invalidate(IPv4Address(rawValue: 0x1401_0000 + UInt32(place))))
      change(place)
    }
    let changed = try ask(arguments)
    let numbers = [first.all, first.longest, again.all, changed.all, changed.longest].map(Self.text)
    print(name + String(repeating: " ", count: max(1, 37 - name.count)) + numbers.joined())
  }

  private static func text(_ milliseconds: Double) -> String {
    let hundredths = String(Int((milliseconds * 100).rounded()))
    let padded = String(repeating: "0", count: max(0, 3 - hundredths.count)) + hundredths
    let text = padded.dropLast(2) + "." + padded.suffix(2)
    return String(repeating: " ", count: max(1, 8 - text.count)) + text
  }
}
