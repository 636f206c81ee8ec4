internal import Net
internal import PAP

/// The ports from which the kernel takes those that programs do not choose.
enum PortRange {
  private static let setting = "net/ipv4/ip_local_port_range"

  /// Confines the kernel to a block, until `journal` undoes it.
  static func confine(to block: PortBlock, journal: UndoJournal) throws(SystemError) {
    journal.undo { if case .restoreSetting(Self.setting, _, _) = $0 { true } else { false } }
    let before = try Sysctl.read(setting)
    // As the kernel prints it: two numbers and a tab.
    let ours = "\(block.first)\t\(block.last)"
    guard before != ours else { return }
    journal.add(.restoreSetting(name: setting, ours: ours, before: before))
    try Sysctl.write(setting, ours)
  }
}
