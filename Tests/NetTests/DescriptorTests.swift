import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct DescriptorTests {
  @Test func closesWhenItGoesAway() throws {
    let pipe = try FileDescriptor.pipe()
    let (reader, writer) = pipe.release()
    let input = FileDescriptor(owning: reader)
    try input.setNonBlocking(true)
    do {
      let output = FileDescriptor(owning: writer)
      #expect(try output.write("x".utf8) == 1)
      #expect(try input.read() == [120])
      // Open, and nothing there.
      #expect(try input.read() == nil)
    }
    // The end of the file: nobody holds the writing end any more.
    #expect(try input.read() == [])
  }

  @Test func duplicateOutlivesTheOriginal() throws {
    let (reader, writer) = try FileDescriptor.pipe().release()
    let input = FileDescriptor(owning: reader)
    try input.setNonBlocking(true)
    let copy: FileDescriptor
    do {
      let output = FileDescriptor(owning: writer)
      copy = try output.duplicate()
    }
    #expect(try input.read() == nil)
    #expect(try copy.write([7]) == 1)
    #expect(try input.read() == [7])
  }

  @Test func fullPipeTakesNothing() throws {
    let (reader, writer) = try FileDescriptor.pipe().release()
    let input = FileDescriptor(owning: reader)
    let output = FileDescriptor(owning: writer)
    try output.setNonBlocking(true)
    let block = [UInt8](repeating: 1, count: 65_536)
    #expect(try output.write(block) == 65_536)
    #expect(try output.write(block) == nil)
    #expect(try Readiness.wait(on: output.rawValue, for: .writable, atMost: 0) == [])
    #expect(try input.read()?.count == 65_536)
    #expect(try Readiness.wait(on: output.rawValue, for: .writable, atMost: nil) == .writable)
  }

  @Test func readsWhatOtherProgramsWrite() throws {
    #expect(try File.readText("/etc/passwd") == output(of: "cat", "/etc/passwd"))
    #expect(try Sysctl.read("kernel.ostype") == "Linux")
    #expect(try Sysctl.read("kernel/ostype") == "Linux")
  }

  @Test func replacesFilesWithTheModeAskedFor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("state")
    try File.replace(path, with: "one".utf8, mode: 0o640)
    try File.replace(path, with: "two".utf8, mode: 0o604)
    #expect(try output(of: "stat", "-c", "%a %s", path) == "604 3\n")
    #expect(try File.readText(path) == "two")
    #expect(try output(of: "ls", directory.path) == "state\n")
    try File.remove(path)
    try File.remove(path)
    #expect(systemError { _ = try File.status(path) }?.code == SystemError.Code.noSuchFile)
  }

  @Test func makesDirectories() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("run")
    try File.makeDirectory(path, mode: 0o700)
    try File.makeDirectory(path, mode: 0o755)
    #expect(try output(of: "stat", "-c", "%F %a", path) == "directory 700\n")
    for (name, target) in [("file", "/etc/passwd"), ("link", "/etc")] {
      try output(of: "ln", "-s", target, directory.file(name))
    }
    try File.makeDirectory(directory.file("link"))
    let error = systemError { try File.makeDirectory(directory.file("file")) }
    #expect(error?.code == SystemError.Code.alreadyExists)
  }

  @Test func statusTellsKindsApart() throws {
    let directory = try TemporaryDirectory()
    try output(of: "ln", "-s", "/etc/passwd", directory.file("link"))
    #expect(try File.status(directory.file("link")).kind == .symbolicLink)
    #expect(try File.status(directory.path).kind == .directory)
    #expect(try File.status("/dev/null").kind == .other)
    let status = try File.status("/etc/passwd")
    let text = "\(status.userID) \(status.groupID) \(status.size) \(status.inode)"
    #expect(try output(of: "stat", "-c", "%u %g %s %i", "/etc/passwd").trimmed == text)
  }
}
