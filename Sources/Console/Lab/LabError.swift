internal import FoundationEssentials

/// Why the lab could not do what was asked, for people to read.
enum LabError: Error, CustomStringConvertible {
  case notRoot
  /// `plainWouldDo` tells whether a plain lab would do without them.
  case missingPrograms([String], packages: [String], plainWouldDo: Bool)
  case isUp(LabName)
  case isNotUp(LabName)
  case busy(LabName, processID: Int32?)
  case interrupted
  /// A step did not get done; `detail` is what its log said last.
  case failed(String, detail: String)

  var description: String {
    switch self {
    case .notRoot:
      "the lab makes network namespaces: run it as root"
    case .missingPrograms(let programs, let packages, let plainWouldDo):
      """
      not found: \(programs.joined(separator: ", "))
      on Debian: apt-get install \(packages.joined(separator: " "))
      """ + (plainWouldDo ? "\nor: lab up --plain, which has ESP in UDP only" : "")
    case .isUp(let name):
      "the lab \(name) is there already; `dnat-console lab down\(name.option)` ends it"
    case .isNotUp(let name):
      "there is no lab \(name); `dnat-console lab up\(name.option)` makes it"
    case .busy(let name, let processID):
      "the lab \(name) is being brought up or down"
        + (processID.map { " by process \($0)" } ?? "")
    case .interrupted:
      "interrupted"
    case .failed(let what, let detail):
      detail.isEmpty ? what : what + "\n" + indented(detail)
    }
  }
}

extension LabName {
  /// How this lab is named on a command line: nothing for the standard one.
  var option: String { self == .standard ? "" : " --name \(self)" }
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
}

extension Failure {
  /// Turns what went wrong with a lab into a failure of the command.
  static func reporting<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as LabError {
      throw Failure(.failed, error.description)
    } catch let error as CocoaError {
      throw Failure(.failed, "\(error)")
    }
  }
}
