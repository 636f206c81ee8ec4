import Testing

@testable import Console

struct LabNameVector: CustomTestStringConvertible, Sendable {
  let text: String
  let isName: Bool

  var testDescription: String { "'\(text)'" }
}

@Test(arguments: [
  LabNameVector(text: "lab", isName: true),
  LabNameVector(text: "t4711-a", isName: true),
  LabNameVector(text: String(repeating: "x", count: 24), isName: true),
  LabNameVector(text: String(repeating: "x", count: 25), isName: false),
  LabNameVector(text: "", isName: false),
  LabNameVector(text: "-lab", isName: false),
  LabNameVector(text: "Lab", isName: false),
  LabNameVector(text: "a/b", isName: false),
  LabNameVector(text: "..", isName: false),
  LabNameVector(text: "a b", isName: false),
  // The socket of a real router would be its own.
  LabNameVector(text: "control", isName: false),
])
func labNameIsSafeInPathsAndOnCommandLines(_ vector: LabNameVector) {
  #expect((LabName(vector.text) != nil) == vector.isName)
}

@Test(arguments: [true, false])
func eachFlowHasItsOwnSelectors(plain: Bool) {
  let flows = LabPlan(plain: plain).flows
  #expect(Set(flows.map { "\($0.hostInner) \($0.peerInner)" }).count == flows.count)
  for host in LabNode.hosts {
    // A responder tells children apart by its own address alone.
    let own = flows.filter { $0.host == host }
    #expect(Set(own.map(\.peerInner)).count == own.count)
  }
}

struct MountVector: CustomTestStringConvertible, Sendable {
  let name: String
  let mounts: String
  let isExecutable: Bool

  var testDescription: String { name }
}

// Lines as /proc/self/mounts of a Debian machine and of a Docker container have them.
private let root = "/dev/vda / ext4 rw,relatime 0 0\n"
private let docker = "shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n"
private let debian = "tmpfs /dev/shm tmpfs rw,nosuid,nodev,inode64 0 0\n"

@Test(arguments: [
  MountVector(name: "Debian", mounts: root + debian, isExecutable: true),
  MountVector(name: "Docker", mounts: root + docker, isExecutable: false),
  MountVector(name: "no mount of its own", mounts: root, isExecutable: true),
  MountVector(name: "the later of two", mounts: root + docker + debian, isExecutable: true),
  MountVector(
    name: "the later of two, reversed", mounts: root + debian + docker, isExecutable: false),
  MountVector(
    name: "a neighbour's name", mounts: root + "tmpfs /dev/shmx tmpfs rw,noexec 0 0\n",
    isExecutable: true),
  MountVector(name: "above", mounts: root + "dev /dev tmpfs rw,noexec 0 0\n", isExecutable: false),
  MountVector(name: "nothing known", mounts: "", isExecutable: false),
])
func guestMemoryIsNotPutWhereNothingRuns(_ vector: MountVector) {
  #expect(GuestMemory.isExecutable("/dev/shm", vector.mounts) == vector.isExecutable)
}
