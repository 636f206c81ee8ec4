/// Where these tests stand, for the files beside them.
enum SourceFolder {
  /// The path of something relative to this folder.
  static func path(_ relative: String, file: String = #filePath) -> String {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + "/" + relative
  }
}
