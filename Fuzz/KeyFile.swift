import Configuration
import PAP

// The input is the content of a key file.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let octets = octets(start, count)
  let words = octets.split { $0 == 32 || (9...13).contains($0) }.map(Array.init)
  let text = words.count == 1 ? words[0] : []
  let key = KeyFile.decode(octets)
  require((key != nil) == isKey(text), "what is no key is one, or the other way round")
  if let key { require(Array(key.base64Text.utf8) == text, "another key") }
  return 0
}

/// Whether a text is base64 of 32 octets, by the letter of RFC 4648: the last character but the `=`
/// stands for 4 bits, so its two lowest are 0.
private func isKey(_ text: [UInt8]) -> Bool {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  let values = text.dropLast().map { alphabet.firstIndex(of: $0) }
  guard text.count == 44, text.last == UInt8(ascii: "="), let last = values.last ?? nil else {
    return false
  }
  return !values.contains(nil) && last & 3 == 0
}
