import PAP
import Testing

@testable import Net

/// What changes a network is tried in namespaces of its own, one after the other.
@Suite(.serialized, .timeLimit(.minutes(2))) struct NamespaceTests {}

extension NamespaceTests {
  @Suite struct Entering {
    @Test func entersOneNamespaceWithOneThread() throws {
      let namespace = try TemporaryNamespace()
      #expect(NetworkNamespace.exists(namespace.name))
      let inside = try namespace.perform { () throws(SystemError) in
        (try output("readlink", "/proc/thread-self/ns/net"), try Netlink.links().map(\.name))
      }
      let outside = try NetTests.output(of: "readlink", "/proc/self/ns/net").trimmed
      let expected = try NetTests.output(
        of: "stat", "-L", "-c", "%i", "/run/netns/\(namespace.name)")
      #expect(inside.0 == "net:[\(expected.trimmed)]" && inside.0 != outside)
      #expect(inside.1 == ["lo"])
    }

    @Test func startsProgramsInANamespaceAndComesBack() throws {
      let namespace = try TemporaryNamespace()
      let texts = try onThread {
        var spawn = Spawn(["readlink", "/proc/self/ns/net"])
        let before = try spawn.capture().outputText
        spawn.networkNamespace = namespace.name
        let inside = try spawn.capture().outputText
        spawn.arguments = ["no-such-program"]
        let error = errorText { _ = try spawn.start() }
        return (before, inside, error, try output("readlink", "/proc/thread-self/ns/net"))
      }
      #expect(texts.0 != texts.1 && texts.0.trimmed == texts.3)
      #expect(texts.2 == "cannot run no-such-program: No such file or directory")
    }

    @Test func namesAreMadeAndRemoved() throws {
      let name: String
      do {
        let namespace = try TemporaryNamespace()
        name = namespace.name
        #expect(errorText { try NetworkNamespace.create(name) }.hasSuffix(": File exists"))
      }
      #expect(!NetworkNamespace.exists(name))
      #expect(
        errorText { try NetworkNamespace.delete(name) }
          == "cannot delete namespace \(name): No such file or directory")
      #expect(!NetworkNamespace.exists("../../etc/passwd") && !NetworkNamespace.exists(""))
    }

    /// A thread's own answer, by the program's name in a child of that thread.
    private static func output(_ program: String, _ path: String) throws(SystemError) -> String {
      // A child's thread-self is the child, which is in the namespace of the thread that made it.
      try Spawn([program, path]).capture().outputText.trimmed
    }

    private func output(_ program: String, _ path: String) throws(SystemError) -> String {
      try Self.output(program, path)
    }
  }
}
