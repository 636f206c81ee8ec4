internal import Net
internal import PAP

/// The ports from which the kernel takes those that programs do not choose.
enum PortRange {
  private static let range = "net/ipv4/ip_local_port_range"
  private static let reserved = "net/ipv4/ip_local_reserved_ports"

  /// Confines the kernel to a block, until `journal` undoes it.
  ///
  /// The first `count` ports of the block stay free for programs that listen on one of their choice.
  static func confine(
    to block: PortBlock, reserving count: UInt16, journal: UndoJournal
  ) throws(SystemError) {
    journal.undo { step in
      guard case .restoreSetting(let name, _, _) = step else { return false }
      return [range, reserved].contains(name)
    }
    // As the kernel prints it: two numbers and a tab.
    try set(range, to: "\(block.first)\t\(block.last)", journal)
    // A block of which nothing was left could not be used for anything else.
    let count = min(count, block.count - 1)
    guard count > 0 else { return }
    let before = try Sysctl.read(reserved)
    let ours = "\(block.first)-\(block.first + count - 1)"
    try set(reserved, to: before.isEmpty ? ours : "\(before),\(ours)", journal)
  }

  private static func set(
    _ name: String, to ours: String, _ journal: UndoJournal
  ) throws(SystemError) {
    let before = try Sysctl.read(name)
    guard before != ours else { return }
    journal.add(.restoreSetting(name: name, ours: ours, before: before))
    try Sysctl.write(name, ours)
    // A list the kernel writes in its own order, which undoing looks for.
    journal.add(.restoreSetting(name: name, ours: try Sysctl.read(name), before: before))
  }
}
