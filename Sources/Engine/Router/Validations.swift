internal import PAP

/// The established SA table as the control plane keeps it: found by row, by key, by host, by address
/// and by both, each in constant time, and by prefix.
struct Validations: Sendable {
  private var rows: [Validation?] = []
  private var ids: [Validation.Key: EntryID] = [:]
  private var byHost = RowIndex<HostIndex>()
  private var byAddress = RowIndex<IPv4Address>()
  private var byPeer = RowIndex<Validation.Peer>()
  private var addresses = AddressIndex()
  private var spiUse = SPIUse()
  private var deadlines = DeadlineQueue<EntryID>()
  /// Numbers that may be given out again, and those that may from the next step on: until then
  /// workers may still count for the old row.
  private var free: [EntryID] = []
  private var retired: [EntryID] = []

  /// Rows that have come, changed or gone.
  var touched = TouchList<EntryID>()

  private let capacity: Int

  /// Makes an empty table for at most so many rows.
  init(capacity: Int) {
    self.capacity = min(capacity, 1 << 24)
  }

  /// The number of rows.
  var count: Int { ids.count }

  /// The soonest end of a row's own lifetime (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// Whether there is room for another row in this step.
  var hasRoom: Bool { !free.isEmpty || rows.count < capacity }

  /// Above every number that was given out.
  var numberLimit: Int { rows.count }

  /// Different addresses that rows have.
  var addressCount: Int { byAddress.count }

  /// The first prefix of 16 bits from an address on that holds addresses of rows.
  func nextPrefix(from address: IPv4Address) -> CIDR? { addresses.nextPrefix(from: address) }

  /// The addresses of rows in a prefix, in order.
  func addresses(in prefix: CIDR) -> [IPv4Address] { addresses.addresses(in: prefix) }

  /// All rows, in the order of their numbers.
  var all: some Sequence<Validation> { rows.lazy.compactMap { $0 } }

  /// The row of that number.
  subscript(id: EntryID) -> Validation? {
    let place = Int(id.rawValue)
    return place < rows.count ? rows[place] : nil
  }

  /// The row of that key.
  subscript(key: Validation.Key) -> Validation? { ids[key].flatMap { self[$0] } }

  /// The number of a host's rows.
  ///
  /// O(1).
  func count(of host: HostIndex) -> Int { byHost[host].count }

  /// How many different inbound SPIs a host's rows name.
  ///
  /// O(1).
  func spisInUse(by host: HostIndex) -> Int { spiUse.count(of: host) }

  /// A host's rows.
  func rows(of host: HostIndex) -> some Sequence<Validation> {
    byHost[host].lazy.compactMap { self[$0] }
  }

  /// An address's rows.
  func rows(for address: IPv4Address) -> some Sequence<Validation> {
    byAddress[address].lazy.compactMap { self[$0] }
  }

  /// A host's rows for an address.
  func rows(of host: HostIndex, for address: IPv4Address) -> some Sequence<Validation> {
    byPeer[Validation.Peer(host: host, address: address)].lazy.compactMap { self[$0] }
  }

  /// The rows that a revocation takes away, in the order of their addresses.
  ///
  /// O(those rows), or where it is for one host, at most O(rows of the host).
  func rows(coveredBy key: Revocation.Key) -> [Validation] {
    guard let host = key.host else {
      return addresses.addresses(in: key.target).flatMap { Array(rows(for: $0)) }
    }
    if key.target.prefixLength == 32 { return Array(rows(of: host, for: key.target.address)) }
    return rows(of: host).filter { key.target.contains($0.entry.address) }
      .sorted { $0.entry.address < $1.entry.address }
  }

  /// Adds a row whose key is new.
  ///
  /// Its address keeps the generation that it has as a peer, or gets `peerGeneration` if it is none.
  ///
  /// - Precondition: there is room, and no row has the key.
  mutating func insert(
    _ entry: Entry, host: HostIndex, origin: EntryOrigin, created: Instant, expires: UInt64?,
    generation: UInt64, peerGeneration: UInt64
  ) -> EntryID {
    let id = takeID()
    let row = Validation(
      id: id, host: host, entry: entry, origin: origin, created: created, expires: expires,
      generation: generation,
      peerGeneration: self.peerGeneration(of: entry.address) ?? peerGeneration)
    let former = ids.updateValue(id, forKey: row.key)
    precondition(former == nil, "a row with this key exists")
    fill(row)
    touched.add(id)
    return id
  }

  /// The generation of an address as a peer; nil if it has no rows.
  private func peerGeneration(of address: IPv4Address) -> UInt64? {
    byAddress[address].first.flatMap { self[$0]?.peerGeneration }
  }

  /// Makes another version of an address as a peer.
  ///
  /// O(its rows).
  mutating func renewPeer(_ address: IPv4Address, generation: UInt64) {
    for id in byAddress[address] { rows[Int(id.rawValue)]?.peerGeneration = generation }
  }

  private mutating func fill(_ row: Validation) {
    rows[Int(row.id.rawValue)] = row
    byHost.insert(row.id, for: row.host)
    if byAddress.insert(row.id, for: row.entry.address) { addresses.insert(row.entry.address) }
    byPeer.insert(row.id, for: row.peer)
    spiUse.add(row)
    if let expires = row.expires { deadlines.set(row.id, to: expires) }
  }

  /// Gives a row another end and origin, and if that makes another version of it, its generation.
  mutating func renew(
    _ id: EntryID, origin: EntryOrigin, expires: UInt64?, generation: UInt64? = nil
  ) {
    guard var row = self[id] else { return }
    row.origin = origin
    row.expires = expires
    if let generation { row.generation = generation }
    rows[Int(id.rawValue)] = row
    if let expires { deadlines.set(id, to: expires) } else { deadlines.remove(id) }
    touched.add(id)
  }

  /// Lets the lifetimes stand still that a host's rows have from the host: it cannot renew them.
  mutating func pause(_ host: HostIndex) {
    for id in byHost[host] where self[id]?.origin == .host { deadlines.remove(id) }
  }

  /// Lets the lifetime of one row stand still.
  mutating func pause(_ id: EntryID) {
    deadlines.remove(id)
  }

  /// Lets those lifetimes go on that stood still for so many nanoseconds.
  mutating func resume(_ host: HostIndex, after pause: UInt64) {
    for row in Array(rows(of: host)) where row.origin == .host {
      guard let expires = row.expires else { continue }
      let (later, overflow) = expires.addingReportingOverflow(pause)
      renew(row.id, origin: .host, expires: overflow ? .max : later)
    }
  }

  /// Takes a row out.
  ///
  /// Its number is not given out again before `reuseRetired`.
  mutating func remove(_ id: EntryID) -> Validation? {
    guard let row = self[id] else { return nil }
    rows[Int(id.rawValue)] = nil
    ids[row.key] = nil
    byHost.remove(id, for: row.host)
    byAddress.remove(id, for: row.entry.address)
    if !byAddress.contains(row.entry.address) { addresses.remove(row.entry.address) }
    byPeer.remove(id, for: row.peer)
    spiUse.remove(row)
    deadlines.remove(id)
    retired.append(id)
    touched.add(id)
    return row
  }

  /// A row whose own lifetime has ended and is to be removed, or nil.
  mutating func takeExpired(at moment: UInt64) -> EntryID? {
    deadlines.takeDue(at: moment)
  }

  /// Lets the numbers of rows removed so far be given out again: every worker is past the removal.
  mutating func reuseRetired() {
    guard !retired.isEmpty else { return }
    free += retired
    retired = []
  }

  private mutating func takeID() -> EntryID {
    if let id = free.popLast() { return id }
    precondition(rows.count < capacity, "the table is full")
    return appendEmpty()
  }
}

// MARK: Storing

extension Validations {
  /// Makes room for so many rows.
  mutating func reserve(_ count: Int) {
    let count = min(count, capacity)
    rows.reserveCapacity(count)
    ids.reserveCapacity(count)
    byHost.reserve(count)
    byAddress.reserve(count)
    byPeer.reserve(count)
    spiUse.reserve(count)
  }

  /// Takes a row back from the store under the number that it had; numbers must rise.
  ///
  /// False if the number is out of range or not the next, or the key is taken.
  mutating func restore(
    _ stored: StoredEntry, _ id: EntryID, generation: UInt64, peerGeneration: UInt64
  ) -> Bool {
    let row = Validation(
      id: id, host: stored.host, entry: stored.entry, origin: stored.origin,
      created: stored.created, expires: stored.expires, generation: generation,
      peerGeneration: self.peerGeneration(of: stored.entry.address) ?? peerGeneration)
    let place = Int(id.rawValue)
    guard place >= rows.count, place < capacity else { return false }
    if let former = ids.updateValue(id, forKey: row.key) {
      ids[row.key] = former
      return false
    }
    while rows.count < place { free.append(appendEmpty()) }
    _ = appendEmpty()
    fill(row)
    return true
  }

  private mutating func appendEmpty() -> EntryID {
    rows.append(nil)
    return EntryID(rawValue: UInt32(rows.count - 1))
  }
}
