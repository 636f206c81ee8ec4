internal import ArgumentParser
internal import Engine
internal import Net
internal import PAP

/// The commands of the plain console: the verbs of `ctl`, with the same arguments.
struct PlainCommands {
  enum Outcome: Equatable {
    case goOn
    case leave
    /// Nothing was done, and this is to be said.
    case say(String)
  }

  let socketPath: String
  /// Whether verbs that act are refused.
  let readOnly: Bool
  /// Whether the engine may be stopped from here.
  let mayStop: Bool

  /// Does what a line says.
  func carryOut(_ line: String) throws -> Outcome {
    let words = PlainWords.words(line)
    switch words.first {
    case nil: return .goOn
    case "quit", "exit", "q": return .leave
    case "help", "?": return .say(help(words))
    case "stop" where words.count == 1: return try stop()
    default: return run(words)
    }
  }

  private func help(_ words: [String]) -> String {
    if let verb = words.dropFirst().first { return parseFailure([verb, "--help"]) ?? "" }
    let verbs = Ctl.configuration.subcommands.map { command in
      "\(command.configuration.commandName ?? ""): \(command.configuration.abstract)"
    }
    return
      (verbs + [
        "help VERB: its arguments", "quit: leave; the router goes on",
      ] + (mayStop ? ["stop: end the router"] : [])).joined(separator: "\n")
  }

  // What the parser says of a line that is no command.
  private func parseFailure(_ words: [String]) -> String? {
    do {
      _ = try Ctl.parseAsRoot(words)
      return nil
    } catch {
      return Ctl.fullMessage(for: error)
    }
  }

  private func run(_ words: [String]) -> Outcome {
    var command: any ParsableCommand
    do {
      command = try Ctl.parseAsRoot(words + ["--socket", socketPath])
    } catch {
      return .say(Ctl.fullMessage(for: error))
    }
    if readOnly, command is any CtlAction || command is CtlReload {
      return .say("This console may only look.")
    }
    if let drops = command as? CtlDrops, drops.follow {
      return .say("Following goes on for ever: use dnat-console ctl drops --follow.")
    }
    do {
      try command.run()
      return .goOn
    } catch let error as ControlClientError {
      return .say(error.message)
    } catch let failure as Failure {
      return .say(failure.message)
    } catch {
      return .say("\(error)")
    }
  }

  private func stop() throws -> Outcome {
    guard mayStop, !readOnly else {
      return .say("This console was not started with the engine, and cannot stop it.")
    }
    do {
      _ = try ControlClient(socketPath: socketPath).callRaw("stop")
      return .leave
    } catch {
      return .say("Not stopped: \(error.message)")
    }
  }
}
