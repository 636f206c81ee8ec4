/// A secret of 32 octets: a host's key or a session key (pap.md, section 7).
///
/// The octets live in locked memory, outside of core dumps, and are overwritten when the last copy
/// of the value goes. Copies share them. Printing a key shows nothing of it.
package struct SecretKey: Sendable {
  /// The number of octets.
  package static let octetCount = SecretMemory.cellLength

  private let cell: SecretCell

  /// Makes a key of 32 octets; nil where there are more or fewer.
  ///
  /// The array given is not wiped.
  package init?(_ octets: [UInt8]) {
    guard octets.count == Self.octetCount else { return nil }
    unsafe self.init(filledBy: { unsafe $0.copyBytes(from: octets) })
  }

  /// Reads the base64 text of exactly 32 octets: 44 characters of the standard alphabet, the last
  /// of them `=`, with no white space and no stray bits (RFC 4648, sections 3.5 and 4).
  package init?(base64 text: some StringProtocol) {
    var isRead = false
    let characters = Array(text.utf8)
    unsafe self.init(filledBy: { octets in
      isRead = unsafe Crypto.readBase64(characters, into: octets)
    })
    guard isRead else { return nil }
  }

  /// Makes a key whose octets `fill` writes.
  init(filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
    cell = unsafe SecretCell(fill)
  }

  /// Makes a new key that nobody can foresee.
  package static func random() -> SecretKey {
    unsafe SecretKey(filledBy: { unsafe Crypto.randomize($0) })
  }

  /// The key as base64 text, for a key file.
  ///
  /// The text is an ordinary string: it is not wiped.
  package var base64Text: String { unsafe withOctets { unsafe Crypto.base64Text(of: $0) } }

  /// Lends the 32 octets to `body`, which must not keep them.
  func withOctets<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe cell.withOctets(body)
  }
}

extension SecretKey: Equatable {
  /// Compares in constant time.
  package static func == (left: SecretKey, right: SecretKey) -> Bool {
    unsafe left.withOctets { left in
      unsafe right.withOctets { unsafe Crypto.constantTimeEqual(left, $0) }
    }
  }
}

extension SecretKey: CustomStringConvertible, CustomReflectable {
  /// The same words for every key.
  package var description: String { "(secret key)" }
  /// Nothing, so that `dump` shows nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
