import Configuration

// The input is a configuration file of the router or the host.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let octets = octets(start, count)
  check(octets) { text throws(ConfigurationError) in
    _ = try RouterConfiguration(octets: text, file: "f")
  }
  if let text = String(validating: octets, as: UTF8.self) {
    check(octets) { _ throws(ConfigurationError) in
      _ = try HostConfiguration(text: text, file: "f")
    }
  }
  return 0
}

/// A file that is refused has problems, each in a line that there is.
private func check(_ octets: [UInt8], _ read: ([UInt8]) throws(ConfigurationError) -> Void) {
  do throws(ConfigurationError) {
    try read(octets)
  } catch {
    require(!error.problems.isEmpty, "refused for nothing")
    let lines = octets.count { $0 == 10 || $0 == 13 } + 1
    for case let line? in error.problems.map(\.line) {
      require((1...lines).contains(line), "line \(line) of \(lines)")
    }
  }
}
