internal import Configuration
internal import PAP

// The rows of the views, by number.

extension EngineCore {
  /// The established SA table, by the numbers of the entries.
  var entrySource: RowSource<SARecord> {
    RowSource(
      columns: SARecord.columns, total: state.entryCount, mark: RowMark(rows: journal.entries),
      stretch: RowSource<SARecord>.stretches(of: 0..<state.entryNumberLimit),
      record: { [self] number in
        let id = EntryID(rawValue: UInt32(number))
        return lookUp { $0.entry(id) }.map { record($0) }
      },
      changes: { [self] mark in
        journal.changedEntries(since: mark.rows).map { RowChanges(numbers: $0) }
      },
      named: { [self] values in
        let limit = UInt64(state.entryNumberLimit)
        return values.compactMap { value in
          if case .number(let number) = value, number < limit { Int(number) } else { nil }
        }
      })
  }

  /// The hosts, by their places in the configuration.
  var hostSource: RowSource<HostRow> {
    let hosts = configuration.hosts
    return RowSource(
      columns: HostRow.columns, total: hosts.count,
      mark: RowMark(rows: journal.entries, others: journal.hosts),
      stretch: RowSource<HostRow>.stretches(of: hosts.indices),
      record: { [self] place in
        guard hosts.indices.contains(place) else { return nil }
        let host = hosts[place]
        return lookUp { $0.hostView(named: host.name) }.map { row($0, keyID: host.keyID) }
      })
  }

  /// The drop log, by the numbers of its rows.
  var dropSource: RowSource<DropLogRecord> {
    let sequences = dropLog.sequences
    return RowSource(
      columns: DropLogRecord.columns, total: sequences.count,
      mark: RowMark(rows: UInt64(sequences.upperBound), others: journal.hosts),
      stretch: RowSource<DropLogRecord>.stretches(of: sequences),
      record: { [self] sequence in dropLog.row(sequence).map(record) },
      changes: { [self] mark in
        guard mark.others == journal.hosts else { return nil }
        let first = max(sequences.lowerBound, Int(mark.rows))
        return RowChanges(
          numbers: Set(min(first, sequences.upperBound)..<sequences.upperBound),
          kept: sequences.lowerBound..<Int.max)
      },
      dense: sequences)
  }

  /// The revocations, oldest first.
  var revocationSource: RowSource<RevocationRow> {
    let views = revocations
    return RowSource(
      columns: RevocationRow.columns, total: views.count,
      mark: RowMark(rows: journal.revocations),
      stretch: RowSource<RevocationRow>.stretches(of: views.indices),
      record: { [self] place in views.indices.contains(place) ? row(views[place]) : nil },
      dense: views.indices)
  }

  /// Every address that is validated, by address, and every target that is revoked, oldest first.
  var peerSource: RowSource<PeerRecord> {
    let revoked = revocations
    return RowSource(
      columns: PeerRecord.columns, total: state.addressCount + revoked.count,
      mark: RowMark(rows: journal.entries, others: journal.revocations),
      stretch: { [self] place in peers(from: place, revoked.count) },
      record: { [self] number in
        if number < Self.firstRevoked {
          return validPeer(IPv4Address(rawValue: UInt32(number)))
        }
        let place = number - Self.firstRevoked
        return place < revoked.count ? PeerRecord(revoked[place], of: self) : nil
      },
      changes: { [self] mark in
        guard var numbers = journal.changedAddresses(since: mark.rows) else { return nil }
        if mark.others == journal.revocations { return RowChanges(numbers: numbers) }
        // Their places may be others now.
        numbers.formUnion(Self.firstRevoked..<Self.firstRevoked + revoked.count)
        return RowChanges(numbers: numbers, kept: 0..<Self.firstRevoked)
      },
      named: { values in
        let addresses = values.compactMap { value -> Int? in
          guard case .network(let target) = value, target.prefixLength == 32 else { return nil }
          return Int(target.address.rawValue)
        }
        let places = revoked.indices.filter { values.contains(.network(revoked[$0].target)) }
        return addresses + places.map { Self.firstRevoked + $0 }
      })
  }

  /// The number of the first revoked target; below are addresses.
  private static let firstRevoked = 1 << 32

  // The addresses of the next prefix of 16 bits that holds any, then the revoked targets.
  private func peers(from place: Int, _ revoked: Int) -> (numbers: [Int], next: Int)? {
    if place < Self.firstRevoked,
      let prefix = state.nextPrefix(from: IPv4Address(rawValue: UInt32(place)))
    {
      let numbers = state.addresses(in: prefix).map { Int($0.rawValue) }
      return (numbers, Int(prefix.address.rawValue) + 1 << 16)
    }
    let numbers = Self.firstRevoked..<Self.firstRevoked + revoked
    return RowSource<PeerRecord>.stretches(of: numbers)(max(place, Self.firstRevoked))
  }
}
