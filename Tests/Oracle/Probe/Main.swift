internal import Glibc

/// Answers a stream of configurations, table changes and packets with what the router's own packet
/// processor decides.
///
/// From standard input to standard output (Tests/Oracle/README.md, "The stream").
@main
enum DataPathProbe {
  static func main() {
    var input = StreamReader(descriptor: STDIN_FILENO)
    var output = AnswerWriter(descriptor: STDOUT_FILENO)
    var bench: ProbeBench?
    while let record = input.next() {
      switch record.kind {
      case .configuration: bench = ProbeBench(record)
      case .change: bench?.apply(record)
      case .packet: bench?.decide(record, &output)
      case .sweep: bench?.sweep(record, &output)
      case .flush: output.flush()
      }
    }
    output.flush()
  }
}
