internal import FoundationEssentials
package import Net

/// A file that holds the shared secret of one host and the router: 32 octets as base64 (RFC 4648,
/// section 4), one line, readable by its owner only.
package enum KeyFile {
  /// The octets of a key.
  package static let keyLength = 32

  /// Reads the 32 octets of a key.
  ///
  /// - Throws: what is wrong, as a sentence without the path.
  package static func read(_ path: String) throws(ProtectedFileError) -> [UInt8] {
    // The longest sensible content is 44 characters and a line end.
    let octets = try ProtectedFile.read(path, .secret, limit: 1_024)
    guard let key = decode(octets) else {
      throw ProtectedFileError(
        description:
          "is not the base64 text of \(keyLength) octets; make one with dnat-console keygen")
    }
    return key
  }

  /// Decodes the content of a key file; nil if it is not 32 octets in base64.
  package static func decode(_ content: [UInt8]) -> [UInt8]? {
    let trimmed = content.reversed().drop { isWhiteSpace($0) }.reversed().drop { isWhiteSpace($0) }
    guard let data = Data(base64Encoded: Data(trimmed)), data.count == keyLength else { return nil }
    return Array(data)
  }

  /// The content of a key file for a key.
  package static func encode(_ key: [UInt8]) -> String {
    Data(key).base64EncodedString() + "\n"
  }

  private static func isWhiteSpace(_ octet: UInt8) -> Bool {
    octet == 32 || (9...13).contains(octet)
  }
}

/// Where a configuration names a key file, so that what is wrong with the file can be said with the
/// line that names it.
package struct KeyFileReference: Equatable, Sendable {
  /// The path of the key file.
  package var path: String
  /// The configuration file.
  package var file: String
  /// The line of the key in the configuration.
  package var line: Int
  /// The key in the configuration with the tables around it.
  package var key: String

  /// Reads the 32 octets of the key.
  package func read() throws(ConfigurationError) -> [UInt8] {
    do {
      return try KeyFile.read(path)
    } catch {
      throw ConfigurationError(
        ConfigurationProblem(file: file, line: line, key: key, message: "\(path) \(error)"))
    }
  }
}

extension TableReader {
  /// The key file that `key-file` names; nil if it is missing.
  func keyFile(isRequired: Bool) -> KeyFileReference? {
    let kind = ValueKind<String>.text(atMost: 4_095)
    let path = isRequired ? required("key-file", kind) : optional("key-file", kind)
    return path.map { path in
      KeyFileReference(
        path: ConfigurationFile.resolve(path, beside: file), file: file,
        line: line(of: "key-file"), key: self.path(of: "key-file"))
    }
  }
}
