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
  func reload(_ request: ReloadRequest) throws(ControlError) -> ConfigurationDifference {
    let name = request.actor.signature
    do throws(ControlError) {
      let difference = try apply(request)
      for line in difference.isEmpty ? ["nothing changed"] : difference.lines {
        log.notice("reload by \(name): \(line)")
      }
      return difference
    } catch {
      for line in error.message.split(separator: "\n") {
        log.error("reload by \(name) refused: \(line)")
      }
      core.note(request.record(error.message, result: error.code, at: core.now))
      throw error
    }
  }

  /// What that would change, or why it would be refused.
  func preview() throws(ControlError) -> ConfigurationDifference {
    let (configuration, keys) = try read()
    return try core.difference(to: RouterPolicy(configuration, keys: keys), of: configuration)
  }

  private func apply(_ request: ReloadRequest) throws(ControlError) -> ConfigurationDifference {
    let (configuration, keys) = try read()
    let difference = try core.reload(configuration, keys: keys, for: request)
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
