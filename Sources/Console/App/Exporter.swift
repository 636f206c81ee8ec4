internal import Net
internal import Synchronization

/// Writes exports beside the console: the engine's answer and the disk may take long, and the keys
/// are served meanwhile.
final class Exporter {
  /// What came of a job.
  typealias Outcome = (job: ExportJob, result: Result<Int, ExportJob.Failure>)

  private final class Finished: Sendable {
    let outcomes = Mutex<[Outcome]>([])
    let bell: FileDescriptor

    init(bell: consuming FileDescriptor) { self.bell = bell }

    func add(_ outcome: Outcome) {
      outcomes.withLock { $0.append(outcome) }
      _ = try? bell.write([0])
    }
  }

  private let socketPath: String
  private let listener: FileDescriptor
  private let finished: Finished

  init(socketPath: String) throws(SystemError) {
    self.socketPath = socketPath
    let (reader, writer) = try FileDescriptor.pipe().release()
    listener = FileDescriptor(owning: reader)
    finished = Finished(bell: FileDescriptor(owning: writer))
  }

  /// Readable once a job has ended.
  var descriptor: Int32 { listener.rawValue }

  /// Begins a job; what came of it is among `takeOutcomes` later.
  func start(_ job: ExportJob) {
    do throws(SystemError) {
      _ = try startThread(name: "export") { [socketPath, finished] in
        do throws(ExportJob.Failure) {
          finished.add((job, .success(try job.run(socketPath: socketPath))))
        } catch {
          finished.add((job, .failure(error)))
        }
      }
    } catch {
      finished.add((job, .failure(ExportJob.Failure(message: "\(error)"))))
    }
  }

  /// The outcomes of the jobs that have ended since the last call.
  func takeOutcomes() -> [Outcome] {
    _ = try? listener.read()
    return finished.outcomes.withLock { outcomes in
      defer { outcomes = [] }
      return outcomes
    }
  }
}
