/// The kernel's settings, those under /proc/sys, of this thread's network namespace.
package enum Sysctl {
  /// A setting's value without the final line feed.
  ///
  /// The name has dots or slashes: `net.ipv4.ip_forward`. Use slashes if an interface's name in it
  /// has a dot.
  package static func read(_ name: String) throws(SystemError) -> String {
    var text = try File.readText(path(of: name))
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// Changes a setting; an empty value empties it.
  package static func write(_ name: String, _ value: String) throws(SystemError) {
    // The kernel does not notice a write of nothing.
    try File.overwrite(path(of: name), with: (value.isEmpty ? "\n" : value).utf8)
  }

  private static func path(of name: String) -> String {
    name.contains("/")
      ? "/proc/sys/" + name : "/proc/sys/" + String(name.map { $0 == "." ? "/" : $0 })
  }
}
