import FoundationEssentials
import Testing

@testable import Net

/// Runs a program that must succeed, and returns what it wrote.
@discardableResult
func output(of arguments: String..., input: String = "") throws -> String {
  let result = try Spawn(arguments).capture(input: Array(input.utf8), atMost: 60)
  guard result.status.isSuccess else {
    throw CommandFailure(command: arguments.joined(separator: " "), text: result.errorText)
  }
  return result.outputText
}

/// Runs a Python program.
@discardableResult
func python(_ program: String, _ arguments: String...) throws -> String {
  let result = try Spawn(["/usr/bin/python3", "-c", program] + arguments).capture(atMost: 60)
  guard result.status.isSuccess else {
    throw CommandFailure(command: "python3", text: result.errorText)
  }
  return result.outputText
}

struct CommandFailure: Error, CustomStringConvertible {
  let command: String
  let text: String
  var description: String { "\(command): \(text)" }
}

/// Reads what a program wrote as JSON.
func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(text.utf8))
}

/// The error that `body` throws, if it throws one of the kernel's.
func systemError(_ body: () throws -> Void) -> SystemError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SystemError
  }
}

/// The error's sentence, or "no error".
func errorText(_ body: () throws -> Void) -> String {
  systemError(body)?.description ?? "no error"
}

/// Runs `body` on a thread of its own and waits for it.
func onThread<Value: Sendable>(
  _ body: @Sendable @escaping () throws -> Value
) throws -> Value {
  let box = Box<Value>()
  try startThread(name: "test") { box.value = Result { try body() } }.join()
  return try #require(box.value).get()
}

/// Invariant: written by one thread, read after it was joined.
private final class Box<Value>: @unchecked Sendable {
  var value: Result<Value, any Error>?
}

/// A directory that goes with this value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = try output(of: "mktemp", "-d", "/tmp/net-tests.XXXXXX").trimmed
  }

  deinit {
    _ = try? output(of: "rm", "-rf", path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A network namespace with a name of its own that goes with this value.
final class TemporaryNamespace: Sendable {
  let name: String

  init() throws {
    name = "net-test-\(ThisProcess.processID)-\(UInt32.random(in: 0..<UInt32.max))"
    try NetworkNamespace.create(name)
  }

  deinit {
    _ = try? NetworkNamespace.delete(name)
  }

  /// What `ip ARGUMENTS` says inside.
  @discardableResult
  func ip(_ arguments: String...) throws -> String {
    let result = try Spawn(["ip", "-n", name] + arguments).capture(atMost: 60)
    guard result.status.isSuccess else {
      throw CommandFailure(
        command: "ip \(arguments.joined(separator: " "))", text: result.errorText)
    }
    return result.outputText
  }

  /// Calls `body` on a thread inside.
  func perform<Value: Sendable>(
    _ body: @Sendable @escaping () throws(SystemError) -> Value
  ) throws -> Value {
    try NetworkNamespace.perform(in: name, body)
  }
}

extension String {
  var trimmed: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
