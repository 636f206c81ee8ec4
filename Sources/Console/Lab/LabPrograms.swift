internal import FoundationEssentials
internal import Net

/// The programs that a lab runs, and the Debian packages that they come from.
struct LabPrograms {
  /// The hosts' agent.
  let agent: String

  private struct Requirement {
    let program: String
    let package: String
  }

  private static let always = [
    Requirement(program: "ip", package: "iproute2"),
    Requirement(program: "ping", package: "iputils-ping"),
    Requirement(program: "bash", package: "bash"),
    Requirement(program: "nsenter", package: "util-linux"),
    Requirement(program: "swanctl", package: "strongswan-swanctl"),
    Requirement(program: "/usr/lib/ipsec/charon", package: "strongswan-charon"),
    Requirement(
      program: "/usr/lib/ipsec/plugins/libstrongswan-openssl.so",
      package: "libstrongswan-standard-plugins"),
    Requirement(
      program: "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",
      package: "libcharon-extra-plugins"),
  ]

  private static let guests = [
    Requirement(program: "linux.uml", package: "user-mode-linux"),
    Requirement(program: "modprobe", package: "kmod"),
  ]

  /// Finds all that the plan needs.
  init(for plan: LabPlan) throws(LabError) {
    let itself = try? FileManager.default.destinationOfSymbolicLink(
      atPath: ThisProcess.executablePath)
    let beside = itself.map { Self.sibling("dnat-host", of: $0) }
    let found = [beside, Self.find("dnat-host")].compactMap(\.self).first(where: Self.isFile)
    let wanted = Self.always + (plan.plain ? [] : Self.guests)
    let missing = wanted.filter { Self.find($0.program) == nil }
    guard missing.isEmpty else {
      throw .missingPrograms(
        missing.map(\.program), packages: missing.map(\.package),
        plainWouldDo: missing.allSatisfy { wanted in
          Self.guests.contains { $0.program == wanted.program }
        })
    }
    guard let found else {
      throw .failed("dnat-host is neither beside dnat-console nor in PATH", detail: "")
    }
    agent = found
  }

  /// Where a program is; nil if there is none.
  ///
  /// A name with a slash is a path already.
  private static func find(_ program: String) -> String? {
    if program.contains("/") { return isFile(program) ? program : nil }
    // The places of a system's own programs, which a plain user's PATH leaves out.
    let path = (ThisProcess.environment("PATH") ?? "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first(where: isFile)
  }

  private static func isFile(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
      || path.hasSuffix(".so") && FileManager.default.fileExists(atPath: path)
  }

  private static func sibling(_ name: String, of path: String) -> String {
    path[...(path.lastIndex(of: "/") ?? path.startIndex)] + name
  }
}
