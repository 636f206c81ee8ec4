internal import Net

/// One `lab up` or `lab run`: from the lock to the end of the lab, or to its being left alone.
final class LabSession {
  private static let lockPatience = 30.0
  /// Seconds for which the summary stands before the console covers it.
  private static let pauseToRead = 5.0

  private let name: LabName
  private let plan: LabPlan
  private let programs: LabPrograms
  private let progress = LabProgress()
  private let patience: LabPatience
  private var lock: LabLock?
  private let keeper: LabKeeper

  /// Makes sure that a lab can be made, and that one half-made does not stay.
  init(_ name: LabName, _ plan: LabPlan) throws {
    try Self.requireRoot()
    self.name = name
    self.plan = plan
    programs = try LabPrograms(for: plan)
    patience = try LabPatience()
    // Whoever reads our progress may lose interest; the lab is still wanted.
    Signal.brokenPipe.ignore()
    lock = try Self.lock(name)
    if let record = LabRecord.read(name), record.phase == .up, record.isAlive {
      throw LabError.isUp(name)
    }
    keeper = try LabKeeper(of: name)
  }

  /// Brings the lab up, or takes what there is of it down again, unless that is to be kept.
  func bringUp(keepingFailed: Bool = false) throws {
    do {
      try clearLeftovers()
      progress.say("Lab \(name):")
      try LabBringUp(
        name: name, plan: plan, programs: programs, progress: progress, patience: patience
      ).run()
      progress.say("  ready after \(LabProgress.tenths(progress.elapsed)) s")
      LabSummary(name: name, plan: plan).lines.forEach(progress.say)
      lock = nil
    } catch {
      if !keepingFailed {
        try progress.step("taking it down again") { try LabTeardown(name: name).run() }
      }
      try keeper.dismiss()
      throw error
    }
  }

  private func clearLeftovers() throws {
    let teardown = LabTeardown(name: name)
    if teardown.hasWork { try progress.step("removing what an earlier lab left", teardown.run) }
  }

  /// Leaves the lab to itself, and says how to use it.
  func leave() throws {
    try keeper.dismiss()
    LabSummary(name: name, plan: plan).hints.forEach(progress.say)
  }

  /// Shows the console until the operator leaves it.
  ///
  /// The lab ends with its router, which a console can be told to leave running.
  func showConsole(_ look: ConsoleOptions) throws {
    let console = TerminalGuard(
      socket: name.socket, options: look.arguments + ["--owns-engine"])
    let shown = Result {
      progress.say("  The console opens in \(Int(Self.pauseToRead)) s; Enter opens it now.")
      try patience.rest(Self.pauseToRead, unlessInputOn: 0)
      try console.run()
      return !console.wasToldToEnd && LabRouter(name: name).isRunning
    }
    if case .success(true) = shown { return try leave() }
    try Self.takeDown(name)
    try keeper.dismiss()
    _ = try shown.get()
  }

  // MARK: - Without a session

  /// Removes a lab, or whatever there is of it.
  ///
  /// That there is nothing is no failure.
  static func takeDown(_ name: LabName) throws {
    try requireRoot()
    let lock = try lock(name)
    defer { withExtendedLifetime(lock) {} }
    let teardown = LabTeardown(name: name)
    guard teardown.hasWork else { return LabProgress().say("There is no lab \(name).") }
    try LabProgress().step("taking the lab \(name) down", teardown.run)
  }

  /// The record of a lab that is up, or coming up.
  static func record(_ name: LabName) throws -> LabRecord {
    try requireRoot()
    guard let record = LabRecord.read(name) else { throw LabError.isNotUp(name) }
    return record
  }

  private static func lock(_ name: LabName) throws -> LabLock {
    try LabFile.makeFolder(LabName.root)
    return try LabLock(name, atMost: lockPatience)
  }

  private static func requireRoot() throws {
    if ThisProcess.userID != 0 { throw LabError.notRoot }
  }
}

extension LabRecord {
  /// Whether all that was started still runs.
  var isAlive: Bool { !processes.isEmpty && processes.values.allSatisfy(\.isAlive) }
}
