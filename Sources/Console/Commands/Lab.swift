internal import ArgumentParser

/// `dnat-console lab`: the demonstration network.
struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A network with real IPsec to try the router on: two hosts, two peers, an attacker.",
    subcommands: [
      Up.self, Down.self, Run.self, Status.self, Exec.self, Keeper.self, Attack.self,
    ])
}

/// What every subcommand of `lab` takes.
struct LabOptions: ParsableArguments {
  @Option(help: "Name of the lab, when there is more than one.")
  var name: LabName = .standard
}

extension LabName: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}

extension LabNode: ExpressibleByArgument {}

extension Lab {
  struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Brings the lab up and leaves it.")
    @OptionGroup var options: LabOptions
    @Flag(help: "No guests: ESP in UDP only.")
    var plain = false
    @Flag(help: "If it fails, leave what there is, for a look at its logs.")
    var keepFailed = false

    func run() throws {
      try Failure.reporting {
        let session = try LabSession(options.name, LabPlan(plain: plain))
        try session.bringUp(keepingFailed: keepFailed)
        try session.leave()
      }
    }
  }

  struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ends the lab and removes all of it, also what an earlier one left behind.")
    @OptionGroup var options: LabOptions

    func run() throws {
      try Failure.reporting { try LabSession.takeDown(options.name) }
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings the lab up, shows the console, and ends the lab with it.")
    @OptionGroup var options: LabOptions
    @Flag(help: "No guests: ESP in UDP only.")
    var plain = false
    @OptionGroup var look: ConsoleOptions

    func run() throws {
      try ConsoleOptions.requireTerminal()
      try Failure.reporting {
        let session = try LabSession(options.name, LabPlan(plain: plain))
        try session.bringUp()
        try session.showConsole(look)
      }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Says what is in the lab.")
    @OptionGroup var options: LabOptions
    @Flag(help: "As one JSON object.")
    var json = false

    func run() throws {
      try Failure.reporting {
        let record = try LabSession.record(options.name)
        let report = LabReport(options.name, record)
        if json {
          print(try report.json())
        } else {
          print("The lab \(options.name) is \(report.state), since \(report.created).")
          let summary = LabSummary(name: options.name, plan: record.plan)
          print((summary.lines + summary.hints).joined(separator: "\n"))
        }
      }
    }
  }

  struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs a command on a node, such as: lab exec hosta -- ip -s xfrm state")
    @OptionGroup var options: LabOptions
    @Argument(help: "Where.")
    var node: LabNode
    @Argument(parsing: .postTerminator, help: "What.")
    var command: [String]

    func validate() throws {
      if command.isEmpty { throw ValidationError("a command is needed after --") }
    }

    func run() throws {
      let code = try Failure.reporting {
        let record = try LabSession.record(options.name)
        return try LabExec(name: options.name, record: record, node: node, command: command)
          .run()
      }
      throw ExitCode(code)
    }
  }

  /// Runs beside `up` and `run`, and cleans up if they die.
  struct Keeper: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)
    @OptionGroup var options: LabOptions

    func run() throws { try LabKeeper.keep(options.name) }
  }

  /// Runs in the attacker's namespace.
  struct Attack: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)
    @OptionGroup var options: LabOptions

    func run() throws {
      let router = LabRouter(name: options.name)
      var attacker = try Attacker(leasedSlots: router.leasedSlots)
      try attacker.run()
    }
  }
}
