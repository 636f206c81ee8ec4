internal import Configuration
internal import Logging
package import Net

/// The control socket's place: its directory, who may come in, and that one engine only has it.
package final class ControlSocket {
  /// Directories: search; sockets: read and write.
  private static let directoryPermissions: UInt16 = 0o5
  private static let socketPermissions: UInt16 = 0o6

  /// The socket.
  package let listener: UnixListener
  /// Who may use it.
  package private(set) var access: AccessRules
  private let path: String
  /// The directory, if it is the engine's own.
  private let ownDirectory: String?
  private let lock: PIDFile

  /// Makes the socket, and its directory if that is missing.
  ///
  /// - Throws: with a sentence for people, if another engine serves the socket for one.
  init(_ configuration: RouterConfiguration, log: Logger) throws(EngineError) {
    let path = configuration.controlSocket
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let groups = Groups(configuration)
    do throws(SystemError) {
      ownDirectory = try Self.prepare(directory, groups) ? directory : nil
    } catch {
      throw EngineError(error)
    }
    lock = try Self.lock(path)
    self.path = path
    do throws(SystemError) {
      listener = try UnixListener(path: path, mode: 0o660)
    } catch {
      throw error.code == SystemError.Code.addressInUse
        ? EngineError("another program listens at \(path)") : EngineError(error)
    }
    access = groups.rules
    groups.admit(to: path, Self.socketPermissions, log)
    warn(configuration, groups, log)
  }

  /// Lets the groups of another configuration in, and no others; the rules from now on.
  func admit(_ configuration: RouterConfiguration, log: Logger) -> AccessRules {
    let groups = Groups(configuration)
    if let ownDirectory { groups.admit(to: ownDirectory, Self.directoryPermissions, nil) }
    groups.admit(to: path, Self.socketPermissions, log)
    warn(configuration, groups, log)
    access = groups.rules
    return access
  }

  private func warn(_ configuration: RouterConfiguration, _ groups: Groups, _ log: Logger) {
    guard groups.operators == nil else { return }
    log.notice("there is no group \(configuration.operatorGroup): only root may act")
  }

  /// Makes the directory if it is missing, and lets the groups in if it is the engine's own: made here,
  /// or by the service manager for this service (`RUNTIME_DIRECTORY`, systemd.exec(5)).
  ///
  /// - Returns: whether it is the engine's own.
  private static func prepare(_ directory: String, _ groups: Groups) throws(SystemError) -> Bool {
    if directory.isEmpty { return false }
    if (try? File.status(directory)) == nil {
      try File.makeDirectory(directory, mode: 0o750)
    } else {
      let given = ThisProcess.environment("RUNTIME_DIRECTORY")?.split(separator: ":") ?? []
      guard given.contains(where: { $0 == directory }) else { return false }
    }
    groups.admit(to: directory, Self.directoryPermissions, nil)
    return true
  }

  private static func lock(_ path: String) throws(EngineError) -> PIDFile {
    let file = "\(path).pid"
    do throws(SystemError) {
      return try PIDFile(file)
    } catch {
      guard error.code == SystemError.Code.wouldBlock else { throw EngineError(error) }
      let holder = PIDFile.holder(of: file).map { " (process \($0))" } ?? ""
      throw EngineError(
        "another engine\(holder) serves \(path); attach to it, or give control.socket another path")
    }
  }
}

/// The two groups whose members may come in, as far as they exist.
private struct Groups {
  let operators: UInt32?
  let viewers: UInt32?

  init(_ configuration: RouterConfiguration) {
    operators = Accounts.groupID(named: configuration.operatorGroup)
    viewers = Accounts.groupID(named: configuration.viewerGroup)
  }

  /// Who may do what.
  var rules: AccessRules {
    AccessRules(ownUser: ThisProcess.userID, operatorGroup: operators, viewerGroup: viewers)
  }

  /// Lets members of both groups use a file.
  func admit(to path: String, _ permissions: UInt16, _ log: Logger?) {
    let groups = [operators, viewers].compactMap { $0 }
    do throws(SystemError) {
      try AccessList.set(path, groups: groups, permissions: permissions)
    } catch {
      // Without a group the file's mode says all that there is to say.
      if !groups.isEmpty { log?.warning("\(error): only root can use \(path)") }
    }
  }
}
