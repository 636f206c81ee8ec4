package import Net
package import PAP

/// How to read one kind of value from a node: what is wanted, in words, and the reading itself.
package struct ValueKind<Value: Sendable>: Sendable {
  /// What is wanted, with its article, as messages say it: `a number from 1 to 5`.
  package let expectation: String
  // Nil for a value of another kind. A list adds what is wrong with its elements itself.
  private let convert: @Sendable (TOMLNode, inout [ValueProblem]) -> Value?

  /// Makes a kind from a reading that says yes or no.
  package init(_ expectation: String, _ read: @escaping @Sendable (TOMLNode) -> Value?) {
    self.expectation = expectation
    convert = { node, problems in
      if let value = read(node) { return value }
      problems.append(
        ValueProblem(line: node.line, message: "got \(node.described), wants \(expectation)"))
      return nil
    }
  }

  private init(
    expectation: String,
    convert: @escaping @Sendable (TOMLNode, inout [ValueProblem]) -> Value?
  ) {
    self.expectation = expectation
    self.convert = convert
  }

  /// Reads a node; nil if and only if problems were added.
  package func read(_ node: TOMLNode, problems: inout [ValueProblem]) -> Value? {
    convert(node, &problems)
  }

  /// An array with elements of this kind, all of which are judged.
  package var list: ValueKind<[Value]> {
    let wanted = "an array, each element \(expectation)"
    return ValueKind<[Value]>(expectation: wanted) { node, problems in
      guard let elements = node.elements else {
        problems.append(
          ValueProblem(line: node.line, message: "got \(node.described), wants \(wanted)"))
        return nil
      }
      let values = elements.compactMap { convert($0, &problems) }
      return values.count == elements.count ? values : nil
    }
  }
}

/// What is wrong with a value, before it is known whose it is.
package struct ValueProblem: Equatable, Sendable {
  package var line: Int
  package var message: String
}

extension ValueKind<String> {
  /// Any text.
  package static let text = ValueKind("a text in quotes") { $0.string }

  /// A text that is not empty, with at most so many octets.
  package static func text(atMost octets: Int) -> ValueKind {
    ValueKind("a text of 1 to \(octets) octets in quotes") { node in
      node.string.flatMap { (1...octets).contains($0.utf8.count) ? $0 : nil }
    }
  }

  /// One of several words.
  package static func oneOf(_ words: [String]) -> ValueKind {
    let listed = words.map { "\"\($0)\"" }.joined(separator: ", ")
    return ValueKind("one of \(listed)") { node in
      node.string.flatMap { words.contains($0) ? $0 : nil }
    }
  }

  /// A path that starts at the root.
  package static let absolutePath = ValueKind("a path that begins with /, in quotes") { node in
    node.string.flatMap { $0.hasPrefix("/") && !$0.hasSuffix("/") ? $0 : nil }
  }

  /// The path of a Unix socket, which the kernel limits to 107 octets (unix(7)).
  package static let socketPath = ValueKind("a path of at most 107 octets that begins with /") {
    node in
    node.string.flatMap { $0.hasPrefix("/") && $0.utf8.count <= 107 ? $0 : nil }
  }

  /// The name of a network interface as the kernel accepts it.
  package static let interfaceName = ValueKind("an interface name of 1 to 15 letters and digits") {
    node in
    node.string.flatMap { name in
      (1...15).contains(name.utf8.count) && name.utf8.allSatisfy(isInterfaceCharacter)
        && name != "." && name != ".." ? name : nil
    }
  }

  /// The name of a host: 1 to 63 of `a-z`, `0-9`, `.` and `-`.
  package static let hostName = ValueKind("a name of 1 to 63 of a-z, 0-9, . and -, in quotes") {
    node in
    node.string.flatMap { HostName.isValid($0) ? $0 : nil }
  }

  private static func isInterfaceCharacter(_ octet: UInt8) -> Bool {
    HostName.isAllowed(octet) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet)
      || octet == UInt8(ascii: "_")
  }
}

extension ValueKind<Bool> {
  /// `true` or `false`.
  package static let flag = ValueKind("true or false") { node in
    if case .boolean(let flag) = node.value { flag } else { nil }
  }
}

extension ValueKind where Value: FixedWidthInteger {
  /// An integer in a range.
  package static func number(_ range: ClosedRange<Value>) -> ValueKind {
    ValueKind("a number from \(range.lowerBound) to \(range.upperBound)") { node in
      node.integer.flatMap { Value(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A power of two in a range.
  package static func powerOfTwo(_ range: ClosedRange<Value>) -> ValueKind {
    let words = "a power of two from \(range.lowerBound) to \(range.upperBound)"
    return ValueKind(words) { node in
      node.integer.flatMap { Value(exactly: $0) }
        .flatMap { range.contains($0) && $0.nonzeroBitCount == 1 ? $0 : nil }
    }
  }
}

extension ValueKind<IPv4Address> {
  /// A dotted quad.
  package static let address = ValueKind("an IPv4 address such as \"192.0.2.1\"") { node in
    node.string.flatMap { IPv4Address($0) }
  }

  /// A dotted quad that can be one machine's: not 0/8, 127/8, multicast or above.
  package static let unicastAddress = ValueKind("the IPv4 address of a machine") { node in
    node.string.flatMap { IPv4Address($0) }.flatMap { $0.isUnicast ? $0 : nil }
  }
}

extension ValueKind<CIDR> {
  /// `ADDRESS/LENGTH`.
  package static let network = ValueKind(
    "an IPv4 network without bits beyond its length, such as \"10.0.0.0/24\""
  ) { node in
    node.string.flatMap { CIDR($0) }
  }
}

extension ValueKind<Endpoint> {
  /// `ADDRESS:PORT` on which to listen or to which to send: one machine's address, a port but 0.
  package static let endpoint = ValueKind("an address and port such as \"10.0.0.1:7028\"") { node in
    node.string.flatMap { Endpoint($0) }.flatMap { endpoint in
      endpoint.address.isUnicast && endpoint.port != 0 ? endpoint : nil
    }
  }
}

extension IPv4Address {
  /// Whether the address can be one machine's on a network: not 0/8, 127/8, multicast or above.
  fileprivate var isUnicast: Bool {
    let first = rawValue >> 24
    return first != 0 && first != 127 && first < 224
  }
}
