import PAP

@testable import Engine

/// A row as the model and the router's view both have it.
struct Shown: Hashable {
  let host: String
  let entry: Entry
  let origin: EntryOrigin
  let expires: UInt64?

  init(host: String, entry: Entry, origin: EntryOrigin, expires: UInt64?) {
    self.host = host
    self.entry = entry
    self.origin = origin
    self.expires = expires
  }

  init(_ view: EntryView) {
    self.init(host: view.host, entry: view.entry, origin: view.origin, expires: view.expires)
  }
}

/// All that others can read of the state.
struct Snapshot: Equatable {
  let entries: Set<EntryView>
  let revocations: [RevocationView]
  let hosts: [HostView]
  /// The notice on its way to each host, and how many parts its set lacks.
  let notices: [UInt32?]
  let missingParts: [UInt16?]

  init(_ state: RouterState) {
    notices = state.hosts.all.map(\.withdrawals.notice?.transactionID)
    missingParts = state.hosts.all.map(\.unfinishedSet?.missing)
    entries = Set(state.entries)
    revocations = state.revocationViews
    hosts = Array(state.hostViews)
  }
}
