import PAP

/// Makes the tag of a message right that has one, as who knows the key could; `direction` is the
/// octet of pap.md, section 7.
func tag(_ octets: inout [UInt8], direction: UInt8, keys: (Authentication) -> SecretKey?) {
  guard let said = Authenticator.authentication(of: octets), let key = keys(said) else { return }
  let place = octets.count - said.tag.count..<octets.count
  octets.replaceSubrange(place, with: repeatElement(0, count: said.tag.count))
  let digest = Crypto.hmacSHA256(key: key, message: [direction] + octets)
  octets.replaceSubrange(place, with: digest.prefix(said.tag.count))
}
