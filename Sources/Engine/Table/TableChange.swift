package import PAP

/// The number by which the forwarding table knows a host: 1 to 65,535, given by `RouterState` and
/// never another host's while the engine runs.
package struct HostIndex: Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    precondition(rawValue != 0, "0 means no host in the forwarding table")
    self.rawValue = rawValue
  }
}

/// The number of a row of the established SA table: it names the row's counters.
///
/// Given by `RouterState`, below 2^24, and reused only after the row is gone and every worker is
/// past it.
package struct EntryID: Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    precondition(rawValue < 1 << 24, "the forwarding table keeps 24 bits of an entry's number")
    self.rawValue = rawValue
  }
}

/// One change to what the data path reads.
///
/// `RouterState` decides, `ForwardingTable` carries out.
package enum TableChange: Hashable, Sendable {
  /// A host is known, with its inside address; a suspended one neither sends nor receives.
  case setHost(HostIndex, insideAddress: IPv4Address, suspended: Bool)
  /// A host is gone. Its slot, claims, ports and entries are removed by changes before this one.
  case removeHost(HostIndex)
  /// The slot is leased to the host, or to nobody.
  case setSlot(Slot, HostIndex?)
  /// The one SPI is claimed by the host, or by nobody. Where a host holds its slot, that host has it.
  case setClaim(SPI, HostIndex?)
  /// The ports are leased to the host, or to nobody.
  case setPorts(PortBlock, HostIndex?)
  /// One row of the established SA table appears.
  case insertEntry(EntryID, HostIndex, Entry)
  /// One row disappears.
  case removeEntry(EntryID)
  /// Nothing from the prefix is forwarded to the host, or to any host.
  case insertRevocation(CIDR, HostIndex?)
  /// The revocation is over.
  case removeRevocation(CIDR, HostIndex?)
}
