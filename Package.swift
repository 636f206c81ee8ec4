// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "dnat-console",
  products: [
    .executable(name: "dnat-console", targets: ["Console"]),
    .executable(name: "dnat-host", targets: ["Host"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
    .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CLinux"),

    // The wire contract that router and host share: pure values, no I/O.
    .target(name: "PAP", dependencies: ["CSodium"], swiftSettings: strict),
    // The fence to the kernel: every system call that is not ncurses' is here.
    .target(name: "Net", dependencies: ["PAP", "CLinux"], swiftSettings: strict),
    // The configuration files' reader, shared by router and host.
    .target(name: "Configuration", dependencies: ["PAP", "Net", toml], swiftSettings: strict),
    // What both programs need as daemons: the log, the service manager.
    .target(name: "Daemon", dependencies: ["PAP", "Net", logging], swiftSettings: strict),
    .target(
      name: "Engine",
      dependencies: ["PAP", "Net", "CLinux", "Configuration", "Daemon", grdb, logging],
      swiftSettings: strict),
    .executableTarget(
      name: "Console",
      dependencies: [
        "PAP", "Net", "Engine", "CNcurses", "Configuration", "Daemon", argumentParser, logging,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Host",
      dependencies: ["PAP", "Net", "Configuration", "Daemon", argumentParser, logging],
      swiftSettings: strict),

    .testTarget(name: "PAPTests", dependencies: ["PAP"], resources: [.copy("Vectors")]),
    .testTarget(name: "NetTests", dependencies: ["Net", "PAP"], resources: [.copy("Vectors")]),
    .testTarget(name: "DaemonTests", dependencies: ["Daemon", "Net"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "PAP"]),
    // What lies between SQLite and its files in tests: it fails when it is told to.
    .target(
      name: "FaultyFiles", path: "Tests/FaultyFiles",
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .testTarget(
      name: "EngineTests",
      dependencies: ["Engine", "PAP", "Net", "Configuration", "FaultyFiles", grdb],
      resources: [.copy("Vectors")]),
    .testTarget(
      name: "ConsoleTests", dependencies: ["Console", "Engine", "Configuration", "Net", "PAP"],
      exclude: ["Golden"]),
    .testTarget(
      name: "HostTests", dependencies: ["Host", "Engine", "Net", "PAP"],
      resources: [.copy("Vectors")]),
  ],
  swiftLanguageModes: [.v6]
)

// The differential test's view into the engine (Tests/Oracle). It needs a build for testing, so no
// other build has it.
if Context.environment["DNAT_ORACLE"] != nil {
  package.targets.append(
    .executableTarget(
      name: "DataPathProbe", dependencies: ["Engine", "PAP"], path: "Tests/Oracle/Probe",
      swiftSettings: strict))
}
