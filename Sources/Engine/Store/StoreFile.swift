internal import Net

/// The place of the database on disk: its directory, who may change it, and that one engine only has
/// it.
struct StoreFile {
  /// Held as long as the store is open.
  private let lock: PIDFile

  /// Makes the directory (0750) if only that is missing, and the file (0600) if it is.
  ///
  /// - Throws: a sentence for people, if others could change the state, or another engine has it.
  init(_ path: String) throws(StoreError) {
    do throws(SystemError) {
      let directory = Self.directory(of: path)
      if (try? File.status(directory)) == nil { try File.makeDirectory(directory, mode: 0o750) }
    } catch {
      throw StoreError("\(error); make it, or give store.path another path")
    }
    lock = try Self.lock(path)
    let status: FileStatus
    do throws(SystemError) {
      if (try? File.status(path)) == nil { try File.create(path, with: [], mode: 0o600) }
      status = try File.status(path)
    } catch {
      throw StoreError("\(error)")
    }
    try Self.check(path, status)
  }

  private static func directory(of path: String) -> String {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    return end == path.startIndex ? "/" : String(path[..<end])
  }

  private static func lock(_ path: String) throws(StoreError) -> PIDFile {
    let file = "\(path).pid"
    do throws(SystemError) {
      return try PIDFile(file)
    } catch {
      guard error.code == SystemError.Code.wouldBlock else { throw StoreError("\(error)") }
      let holder = PIDFile.holder(of: file).map { " (process \($0))" } ?? ""
      throw StoreError("another engine\(holder) uses \(path); give store.path another path")
    }
  }

  private static func check(_ path: String, _ status: FileStatus) throws(StoreError) {
    guard status.kind == .regular else { throw StoreError("\(path) is not a regular file") }
    guard status.userID == 0 || status.userID == ThisProcess.userID else {
      throw StoreError("\(path) belongs to user \(status.userID), who could change it; chown it")
    }
    guard status.mode & 0o022 == 0 else {
      throw StoreError("others can write \(path); chmod go-w \(path)")
    }
  }
}
