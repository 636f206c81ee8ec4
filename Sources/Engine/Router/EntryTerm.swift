internal import PAP

/// How long an entry of a request lives.
struct EntryTerm {
  /// The end of the entry's own lifetime (monotonic nanoseconds); nil where the host has asked for
  /// none and it lives as long as the lease, which the host can renew.
  let end: UInt64?
  /// What is granted, in seconds, if the lease is not renewed.
  let seconds: UInt32

  /// The term for a host's wish, in seconds, under a lease that ends at a monotonic moment.
  init(wish: UInt32?, leaseEnd: UInt64?, now: Instant) {
    let rest = now.monotonic.seconds(until: leaseEnd ?? now.monotonic)
    seconds = wish.map { min(max($0, RouterPolicy.lifetimes.lowerBound), rest) } ?? rest
    end = wish == nil ? nil : now.deadline(after: seconds)
  }
}

/// What the entries of a request have come to, one after the other.
struct EntryOutcomes {
  private(set) var results: [ResultCode] = []
  /// The shortest lifetime granted, in seconds.
  private var shortest: UInt32?

  /// Adds an entry that was granted so many seconds, or refused.
  mutating func add(_ outcome: Result<UInt32, Refusal>) {
    switch outcome {
    case .success(let seconds):
      results.append(.success)
      shortest = min(shortest ?? seconds, seconds)
    case .failure(let refusal): results.append(refusal.code)
    }
  }

  /// The code of the first entry that was refused, or success.
  var code: ResultCode { results.firstRefusal }

  /// The answer to the request: with a lifetime only if no entry was refused.
  var answer: Answer {
    let lifetime = code == .success ? shortest.map { [Message.Option.lifetime($0)] } : nil
    return Answer(code, (lifetime ?? []) + [.entryResults(results)])
  }
}

extension [ResultCode] {
  /// The first code that is not success, or success: what the header of an answer says.
  var firstRefusal: ResultCode { first { $0 != .success } ?? .success }
}
