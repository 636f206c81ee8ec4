import PAP
import Testing

@testable import Engine

/// Filters made at random, judged by another evaluator that knows only the rows.
struct FilterPropertyTests {
  /// A filter as text, and what it means in Swift.
  private struct Made {
    var text: String
    var isMeant: (Fruit) -> Bool

    var grouped: Made { Made(text: "(\(text))", isMeant: isMeant) }
  }

  private static let now = 40 * Fruit.dayLength

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func aFilterLetsThroughWhatItSays(seed: UInt64) throws {
    var random = QuickRandom(seed: seed)
    let fruits = (0..<60).map { Self.fruit($0, &random) }
    for step in 0..<400 {
      let made = Self.expression(depth: 4, &random)
      let filter = try Filter(
        made.text, columns: Fruit.columns, Filter<Fruit>.Context(now: Self.now))
      for fruit in fruits where filter.matches(fruit) != made.isMeant(fruit) {
        Issue.record("seed \(seed), step \(step): \(made.text) on \(fruit)")
        return
      }
    }
  }

  @Test(arguments: [11, 12, 13, 14, 15, 16] as [UInt64])
  func anOrderThatIsKeptUpIsTheOneMadeAnew(seed: UInt64) throws {
    var random = QuickRandom(seed: seed)
    let count = 3_000
    var bench = RowBench((0..<count).map { Self.fruit($0, &random) }, Fruit.columns)
    var query = RowQuery()
    query.filter = ["", "size<400", "name~e or spi>0x7*"][Int(seed % 3)]
    query.sort = ["name", nil, "size", "home", "tags", "area"][Int(seed % 6)]
    query.isDescending = seed % 2 == 0
    let order = try bench.order(query)
    try bench.finish(order, query, isRound: true, inSteps: true)
    for round in 0..<12 {
      for _ in 0..<random.below(200) {
        let number = random.below(count)
        bench.set(number, random.below(4) == 0 ? nil : Self.fruit(number, &random))
      }
      try bench.finish(order, query, isRound: false, inSteps: round % 2 == 0)
      let wanted = try Self.naive(bench.rows, query)
      guard order.items.map(\.number) == wanted, order.rounds == 1 else {
        Issue.record("seed \(seed), round \(round)")
        return
      }
    }
  }

  // Sorting by keys that are compared as Swift compares them.
  private static func naive(_ rows: [Fruit?], _ query: RowQuery) throws -> [Int] {
    let filter = try Filter(query.filter, columns: Fruit.columns)
    let numbers = rows.indices.filter { rows[$0].map(filter.matches) ?? false }
    func key(_ number: Int) -> (UInt64, String) {
      guard let fruit = rows[number] else { return (0, "") }
      switch query.sort {
      case "name": return (1, fruit.name)
      case "tags": return fruit.tags.map { (1, $0) } ?? (0, "")
      case "size": return (fruit.size, "")
      case "home": return (fruit.home.map { UInt64($0) + 1 } ?? 0, "")
      case "area":
        return (UInt64(fruit.area.address.rawValue) * 64 + UInt64(fruit.area.prefixLength), "")
      default: return (UInt64(number), "")
      }
    }
    return numbers.sorted { left, right in
      let (first, second) = query.isDescending ? (key(right), key(left)) : (key(left), key(right))
      return first == second ? left < right : first < second
    }
  }

  private static func fruit(_ number: Int, _ random: inout QuickRandom) -> Fruit {
    let names = ["pear", "peach", "Red Apple", "plum=blue", "watermelon", "watermelons", "fig"]
    let length = [8, 16, 24, 32][random.below(4)]
    return Fruit(
      id: "f\(number)", name: names[random.below(names.count)],
      tags: [nil, "sweet", "sour,red", "red,sweet,old"][random.below(4)],
      size: UInt64(random.below(1_000)),
      home: random.below(5) == 0 ? nil : 0xc000_0200 + UInt32(random.below(512)),
      area: CIDR(
        IPv4Address(rawValue: 0xc000_0200 + UInt32(random.below(512))), prefixLength: length),
      spi: UInt32(truncatingIfNeeded: random.next()), day: UInt64(random.below(40)),
      eatenAfter: nil)
  }

  private static func expression(depth: Int, _ random: inout QuickRandom) -> Made {
    guard depth > 0, random.below(3) > 0 else { return term(&random) }
    switch random.below(4) {
    case 0:
      let inner = expression(depth: depth - 1, &random)
      let sign = ["!", "not ", "! "][random.below(3)]
      return Made(text: "\(sign)(\(inner.text))", isMeant: { !inner.isMeant($0) })
    case 1:
      // Without parentheses: "and" binds closer.
      let (a, b, c) = (term(&random), term(&random), term(&random))
      return Made(
        text: "\(a.text) or \(b.text) \(c.text)",
        isMeant: { a.isMeant($0) || (b.isMeant($0) && c.isMeant($0)) }
      ).grouped
    case 2:
      let (left, right) = (
        expression(depth: depth - 1, &random), expression(depth: depth - 1, &random)
      )
      return Made(
        text: "(\(left.text)) or (\(right.text))",
        isMeant: { left.isMeant($0) || right.isMeant($0) }
      ).grouped
    default:
      let (left, right) = (
        expression(depth: depth - 1, &random), expression(depth: depth - 1, &random)
      )
      let sign = [" ", " and ", "  AND "][random.below(3)]
      return Made(
        text: "(\(left.text))\(sign)(\(right.text))",
        isMeant: { left.isMeant($0) && right.isMeant($0) })
    }
  }

  private static func term(_ random: inout QuickRandom) -> Made {
    let number = UInt64(random.below(1_000))
    switch random.below(9) {
    case 0: return Made(text: "size<\(number)", isMeant: { $0.size < number })
    case 1: return Made(text: "size >= \(number)", isMeant: { $0.size >= number })
    case 2:
      let last = number + UInt64(random.below(300))
      return Made(
        text: "size in \(number)..\(last)", isMeant: { $0.size >= number && $0.size <= last })
    case 3:
      let bits = UInt32(random.below(512)) & ~15
      let text = "\(IPv4Address(rawValue: 0xc000_0200 + bits))/28"
      return Made(
        text: "home!=\(text)",
        isMeant: { $0.home.map { $0 >> 4 != (0xc000_0200 + bits) >> 4 } ?? true })
    case 4:
      let digit = UInt32(random.below(16))
      return Made(
        text: "spi=0x\(String(digit, radix: 16))*", isMeant: { $0.spi >> 28 == digit })
    case 5:
      let days = UInt64(random.below(40))
      return Made(text: "age>\(days)d", isMeant: { 40 - $0.day > days })
    case 6:
      return Made(
        text: "tags in {sweet, old}",
        isMeant: { fruit in
          fruit.tags?.split(separator: ",").contains { $0 == "sweet" || $0 == "old" } ?? false
        })
    case 7:
      let part = ["pea", "mel", "=b", "d A"][random.below(4)]
      return Made(text: "name~\"\(part)\"", isMeant: { $0.name.contains(part) })
    default:
      return Made(
        text: "name=\"Red Apple\"", isMeant: { $0.name == "Red Apple" })
    }
  }
}
