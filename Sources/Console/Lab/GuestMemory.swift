internal import FoundationEssentials
internal import Net

/// Where a guest's memory is: a file that the guest maps, without a name.
enum GuestMemory {
  /// Octets of one guest, most of which it never touches.
  static let size = 192 << 20

  /// The best folders first: in memory, then on a disk, where the guest is slower.
  private static let candidates = ["/dev/shm", "/tmp", "/var/tmp"]
  private static let guests = 3

  /// The folder to use.
  ///
  /// The guest runs what is in its memory, so the file system must allow that; in containers
  /// /dev/shm often does not, or has 64 MiB in all.
  static var folder: String {
    let mounts = (try? File.readText("/proc/self/mounts")) ?? ""
    return candidates.first { isExecutable($0, mounts) && room(in: $0) >= size * guests }
      ?? candidates[candidates.count - 1]
  }

  /// Whether programs may run from a folder: by the last of the longest mounts above it.
  static func isExecutable(_ folder: String, _ mounts: String) -> Bool {
    var best: (point: Substring, options: Substring) = ("", "noexec")
    for line in mounts.split(separator: "\n") {
      // proc(5): device, mount point, type, options.
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[1].count >= best.point.count,
        fields[1] == "/" || "\(folder)/".hasPrefix("\(fields[1])/")
      else { continue }
      best = (fields[1], fields[3])
    }
    return !best.options.split(separator: ",").contains("noexec")
  }

  private static func room(in folder: String) -> Int {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    return (attributes?[.systemFreeSize] as? UInt64).map { Int(clamping: $0) } ?? 0
  }
}
