import FoundationEssentials
import PAP
import Testing

@testable import Configuration

struct KeyFileTests {
  // RFC 4648, section 10: "foobar" is Zm9vYmFy.
  @Test func theContentIsBase64() {
    let key = SecretKey(Array("foobarfoobarfoobarfoobarfoobarfo".utf8))
    let text = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8="
    #expect(KeyFile.decode(Array("\n\(text)\r\n".utf8)) == key)
  }

  @Test(arguments: [
    "", "Zm9vYmFy", "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9v", "!m9vYmFyZm9vYmFyZm9vYmFyZm9v",
    "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8",
  ])
  func otherContentIsRefused(_ text: String) {
    #expect(KeyFile.decode(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    (0o600, nil), (0o400, nil), (0o640, "others can read it; chmod 600"),
    (0o604, "others can read it; chmod 600"), (0o620, "others can write it; chmod 600"),
  ])
  func aKeyThatOthersCanReadIsRefused(mode: Int, problem: String?) throws {
    try withTemporaryFile(SecretKey.random().base64Text, mode: mode) { path in
      let reference = KeyFileReference(path: path, file: "r.toml", line: 5, key: "host.key-file")
      expect("r.toml:5: key 'host.key-file': \(path) ", problem) { () throws(ConfigurationError) in
        _ = try reference.read()
      }
    }
  }

  @Test(arguments: [
    (0o644, nil), (0o600, nil), (0o664, "others can write it; chmod go-w"),
    (0o646, "others can write it; chmod go-w"),
  ])
  func aConfigurationThatOthersCanWriteIsRefused(mode: Int, problem: String?) throws {
    try withTemporaryFile(routerSample, mode: mode) { path in
      expect("\(path): ", problem) { () throws(ConfigurationError) in
        _ = try RouterConfiguration.load(path)
      }
    }
  }

  @Test(arguments: [
    ("/nonexistent/r.toml", "cannot be opened: No such"), ("/", "is not a regular"),
  ])
  func whatIsNoFileIsRefused(path: String, problem: String) {
    expect("\(path): ", problem) { () throws(ConfigurationError) in
      _ = try RouterConfiguration.load(path)
    }
  }

  private func expect(
    _ place: String, _ problem: String?, _ body: () throws(ConfigurationError) -> Void
  ) {
    do {
      try body()
      if problem != nil { Issue.record("accepted") }
    } catch {
      let text = error.description
      if problem.map({ text.hasPrefix(place + $0) }) != true { Issue.record("found \(text)") }
    }
  }

  private func withTemporaryFile(
    _ content: String, mode: Int, _ body: (String) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "dnat-test-\(UInt64.random(in: 0 ... .max)).txt").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: mode]
    #expect(
      FileManager.default.createFile(
        atPath: path, contents: Data(content.utf8), attributes: attributes))
    try FileManager.default.setAttributes(attributes, ofItemAtPath: path)
    try body(path)
  }
}
