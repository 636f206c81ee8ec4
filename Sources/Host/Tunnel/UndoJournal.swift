internal import FoundationEssentials
internal import Net
internal import PAP

/// One change to this machine's network that outlives the process, told so that it can be undone.
enum UndoStep: Codable, Equatable, Sendable {
  /// Remove an interface, if it still is the one that was made.
  case removeInterface(name: String, index: Int32)
  /// Take an address from an interface.
  case removeAddress(address: IPv4Address, interface: String)
  /// Remove the route to one address by a gateway.
  case removeRoute(to: IPv4Address, gateway: IPv4Address, interface: String)
  /// Give a kernel setting its value back, unless somebody has changed ours since.
  case restoreSetting(name: String, ours: String, before: String)

  /// Undoes the change.
  ///
  /// What is gone already is no error.
  func undo() throws(SystemError) {
    do throws(SystemError) {
      switch self {
      case .removeInterface(let name, let index):
        if try Netlink.interfaceIndex(name) == index { try Netlink.deleteLink(name) }
      case .removeAddress(let address, let interface):
        try Netlink.removeAddress(address, from: interface)
      case .removeRoute(let address, let gateway, let interface):
        try Netlink.removeRoute(Route(CIDR(address), device: interface, gateway: gateway))
      case .restoreSetting(let name, let ours, let before):
        if try Sysctl.read(name) == ours { try Sysctl.write(name, before) }
      }
    } catch  where Self.meansGone.contains(error.code) {}
  }

  private static let meansGone: Set<Int32> = [
    SystemError.Code.noSuchDevice, SystemError.Code.noSuchProcess, SystemError.Code.noSuchFile,
    SystemError.Code.addressNotAvailable,
  ]
}

/// The changes made so far, kept in a file as well: if the process is killed, the next one undoes
/// them.
final class UndoJournal {
  private let path: String
  private var steps: [UndoStep] = []
  private let onFailure: (String) -> Void

  /// Opens a journal, and undoes what an earlier process has left in it.
  ///
  /// - Parameters:
  ///   - path: the journal's file.
  ///   - onFailure: is told what could not be undone or written down.
  init(path: String, onFailure: @escaping (String) -> Void) {
    self.path = path
    self.onFailure = onFailure
    guard let octets = try? File.read(path, limit: 1 << 20) else { return }
    do {
      steps = try JSONDecoder().decode([UndoStep].self, from: Data(octets))
    } catch {
      onFailure("cannot read \(path): what an earlier run changed stays")
    }
    undo()
  }

  /// Whether an earlier process, or this one, has changed something.
  var isEmpty: Bool { steps.isEmpty }

  /// Writes a step down, before or after the change that it undoes: undoing what was not done does
  /// no harm.
  func add(_ step: UndoStep) {
    guard !steps.contains(step) else { return }
    steps.append(step)
    save()
  }

  /// Undoes all steps, the last one first.
  func undo() {
    for step in steps.reversed() { attempt(step) }
    steps = []
    save()
  }

  /// Undoes the steps that `isMeant` picks, the last one first.
  func undo(where isMeant: (UndoStep) -> Bool) {
    for step in steps.reversed() where isMeant(step) { attempt(step) }
    steps.removeAll(where: isMeant)
    save()
  }

  private func attempt(_ step: UndoStep) {
    do throws(SystemError) {
      try step.undo()
    } catch {
      onFailure("\(error)")
    }
  }

  private func save() {
    do {
      if steps.isEmpty {
        try File.remove(path)
      } else {
        try File.replace(path, with: try JSONEncoder().encode(steps), mode: 0o600)
      }
    } catch {
      onFailure("\(error)")
    }
  }
}
