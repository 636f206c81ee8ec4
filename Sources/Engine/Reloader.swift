internal import Configuration
internal import Daemon
internal import Logging

/// Has a running engine go on under what its configuration file says now.
///
/// Used on the control thread.
final class Reloader {
  private let path: String
  private let core: EngineCore
  private let control: ControlServer
  private let socket: ControlSocket
  private let threshold: LogThreshold
  private let log: Logger

  init(
    _ path: String, core: EngineCore, control: ControlServer, socket: ControlSocket,
    threshold: LogThreshold, log: Logger
  ) {
    self.path = path
    self.core = core
    self.control = control
    self.socket = socket
    self.threshold = threshold
    self.log = log
  }

  /// Reads the file and goes on under it, or changes nothing and says why.
  func reload(
    by actor: AuditActor, via client: String
  ) throws(ControlError) -> ConfigurationDifference {
    do throws(ControlError) {
      let difference = try apply(by: actor, via: client)
      for line in difference.isEmpty ? ["nothing changed"] : difference.lines {
        log.notice("reload by \(actor.signature): \(line)")
      }
      return difference
    } catch {
      for line in error.message.split(separator: "\n") {
        log.error("reload by \(actor.signature) refused: \(line)")
      }
      core.note(
        AuditRecord(
          action: Verb.reload.rawValue, target: "configuration",
          detail: AuditDetail(via: client, message: error.message), result: error.code, by: actor,
          at: core.now))
      throw error
    }
  }

  private func apply(
    by actor: AuditActor, via client: String
  ) throws(ControlError) -> ConfigurationDifference {
    let (configuration, keys) = try read()
    let difference = try core.reload(configuration, keys: keys, by: actor, via: client)
    threshold.level = Logger.Level(rawValue: configuration.logLevel) ?? threshold.level
    // Even if they are called what they were: a group may have been made, or removed, since.
    control.admit(by: socket.admit(configuration, log: log))
    return difference
  }

  private func read() throws(ControlError) -> (
    RouterConfiguration, [[RouterConfiguration.Key]]
  ) {
    do throws(ConfigurationError) {
      let configuration = try RouterConfiguration.load(path)
      return (configuration, try configuration.readKeys())
    } catch {
      throw ControlError(.badConfiguration, error.description)
    }
  }
}
