import FoundationEssentials
import Net
import Testing

@testable import Daemon

/// A log file has a bound, and the file before it is kept.
@Suite struct LogFileTests {
  private let folder: String
  private let path: String
  // Stands in for standard error.
  private let descriptor: Int32

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "dnat-log-\(UUID())").path
    try File.makeDirectory(folder)
    path = "\(folder)/control.sock.log"
    descriptor = try FileDescriptor.pipe().release().writer
  }

  private func write(_ line: String, to file: LogFile) throws {
    file.makeRoom(for: line.utf8.count)
    _ = try FileDescriptor.write(line.utf8, to: descriptor)
  }

  private func end() throws {
    _ = FileDescriptor(owning: descriptor)
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `no file exceeds the bound, and the newest lines are there`() throws {
    let file = try LogFile(path, as: descriptor, bound: 100)
    // Ten octets each: ten lines to a file.
    for number in 100..<125 { try write("line  \(number)\n", to: file) }
    #expect(try File.readText(path) == (120..<125).map { "line  \($0)\n" }.joined())
    #expect(try File.readText("\(path).old") == (110..<120).map { "line  \($0)\n" }.joined())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    try end()
  }

  @Test func `a file that is just full goes on`() throws {
    let file = try LogFile(path, as: descriptor, bound: 100)
    for number in 100..<110 { try write("line  \(number)\n", to: file) }
    #expect(try File.status(path).size == 100)
    #expect(throws: SystemError.self) { try File.status("\(path).old") }
    try end()
  }

  @Test func `what others write to the descriptor counts`() throws {
    let file = try LogFile(path, as: descriptor, bound: 100)
    _ = try FileDescriptor.write(String(repeating: "x", count: 95).utf8, to: descriptor)
    try write("line  100\n", to: file)
    #expect(try File.readText(path) == "line  100\n")
    #expect(try File.status("\(path).old").size == 95)
    try end()
  }

  @Test func `a line longer than the bound does not go round in circles`() throws {
    let file = try LogFile(path, as: descriptor, bound: 100)
    try write(String(repeating: "x", count: 300), to: file)
    try write("line  100\n", to: file)
    #expect(try File.readText(path) == "line  100\n")
    try end()
  }

  @Test func `where the old file cannot be kept the bound holds`() throws {
    let file = try LogFile(path, as: descriptor, bound: 100)
    // A folder with something in it cannot be replaced.
    try File.makeDirectory("\(path).old")
    try File.create("\(path).old/x", with: [])
    for number in 100..<125 { try write("line  \(number)\n", to: file) }
    #expect(try File.status(path).size == 50)
    try end()
  }
}
