package import Net
package import PAP

/// A file that holds the shared secret of one host and the router: 32 octets as base64 (RFC 4648,
/// section 4), one line, readable by its owner only.
package enum KeyFile {
  /// Reads a key.
  ///
  /// - Throws: what is wrong, as a sentence without the path.
  package static func read(_ path: String) throws(ProtectedFileError) -> SecretKey {
    // The longest sensible content is 44 characters and a line end.
    let octets = try ProtectedFile.read(path, .secret, limit: 1_024)
    guard let key = decode(octets) else {
      throw ProtectedFileError(
        description: "is not the base64 text of \(SecretKey.octetCount) octets; "
          + "make one with dnat-console keygen")
    }
    return key
  }

  /// Decodes the content of a key file; nil if it is not one key, with white space around at most.
  package static func decode(_ content: [UInt8]) -> SecretKey? {
    let lines = content.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
    guard lines.count == 1, let text = lines.first else { return nil }
    return SecretKey(base64: String(decoding: text, as: UTF8.self))
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

  /// Reads the key.
  package func read() throws(ConfigurationError) -> SecretKey {
    do {
      return try KeyFile.read(path)
    } catch {
      throw ConfigurationError(
        ConfigurationProblem(file: file, line: line, key: key, message: "\(path) \(error)"))
    }
  }
}

extension TableReader {
  /// The key file that a key of the table names; nil if it is missing.
  func keyFile(_ key: String = "key-file", isRequired: Bool) -> KeyFileReference? {
    let kind = ValueKind<String>.text(atMost: 4_095)
    let path = isRequired ? required(key, kind) : optional(key, kind)
    return path.map { path in
      KeyFileReference(
        path: ConfigurationFile.resolve(path, beside: file), file: file,
        line: line(of: key), key: self.path(of: key))
    }
  }
}
