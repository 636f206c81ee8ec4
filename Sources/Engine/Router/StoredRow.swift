package import PAP

/// One row of what must survive a restart, as `RouterState` gives it to the store and takes it back.
///
/// Moments are nanoseconds of the router's own time line (`Timeline`). Sessions are not kept: hosts
/// begin new ones.
package enum StoredRow: Hashable, Sendable {
  case host(HostIndex, StoredHost)
  case slot(HostIndex, StoredSlot)
  case ports(HostIndex, StoredPorts)
  case claim(SPI, StoredClaim)
  case slotQuarantine(Slot, StoredQuarantine)
  /// A unit is 1,024 ports: unit 1 has the ports 1,024 to 2,047.
  case portQuarantine(unit: Int, StoredQuarantine)
  case claimQuarantine(SPI, StoredQuarantine)
  case entry(EntryID, StoredEntry)
  case revocation(CIDR, HostIndex?, StoredRevocation)
  /// Things taken from hosts have numbers in the order in which they were taken.
  case withdrawal(UInt64, StoredWithdrawal)
  case action(ActionNumber, StoredAction)
  case image(ImageKey, StoredImage)

  /// What no two rows share.
  package enum Key: Hashable, Sendable {
    case host(HostIndex)
    case slot(HostIndex)
    case ports(HostIndex)
    case claim(SPI)
    case slotQuarantine(Slot)
    case portQuarantine(unit: Int)
    case claimQuarantine(SPI)
    case entry(EntryID)
    case revocation(CIDR, HostIndex?)
    case withdrawal(UInt64)
    case action(ActionNumber)
    case image(ImageKey)
  }

  /// The key of this row.
  package var key: Key {
    switch self {
    case .host(let host, _): .host(host)
    case .slot(let host, _): .slot(host)
    case .ports(let host, _): .ports(host)
    case .claim(let spi, _): .claim(spi)
    case .slotQuarantine(let slot, _): .slotQuarantine(slot)
    case .portQuarantine(let unit, _): .portQuarantine(unit: unit)
    case .claimQuarantine(let spi, _): .claimQuarantine(spi)
    case .entry(let id, _): .entry(id)
    case .revocation(let target, let host, _): .revocation(target, host)
    case .withdrawal(let number, _): .withdrawal(number)
    case .action(let number, _): .action(number)
    case .image(let key, _): .image(key)
    }
  }
}

/// What is to be written: the whole new row, so that writing it twice does no harm and a later change
/// of the same row stands for both.
package enum StoreChange: Hashable, Sendable {
  case put(StoredRow)
  case remove(StoredRow.Key)

  /// The row that changes.
  package var key: StoredRow.Key {
    switch self {
    case .put(let row): row.key
    case .remove(let key): key
    }
  }
}

/// A host, besides what it holds.
package struct StoredHost: Hashable, Sendable {
  /// Since when it is suspended; nil if it is not.
  package var suspendedSince: UInt64?
  /// Where it was last heard, and where it spoke to.
  package var contact: Contact?
}

/// The slot that a host gets whenever it asks.
package struct StoredSlot: Hashable, Sendable {
  package var slot: Slot
  /// When its lease ends; nil if it has none now.
  package var leaseEnd: UInt64?
}

/// The block of ports that a host had last.
package struct StoredPorts: Hashable, Sendable {
  package var block: PortBlock
  /// When its lease ends; nil if it has none now.
  package var leaseEnd: UInt64?
}

/// One SPI that a host has claimed.
package struct StoredClaim: Hashable, Sendable {
  package var host: HostIndex
  package var leaseEnd: UInt64
}

/// Something that only its last holder may have for a while.
package struct StoredQuarantine: Hashable, Sendable {
  /// Nil for a host that the router knows no longer: then nobody may have it.
  package var lastHolder: HostIndex?
  package var until: UInt64
}

/// A row of the established SA table.
package struct StoredEntry: Hashable, Sendable {
  package var host: HostIndex
  package var entry: Entry
  package var origin: EntryOrigin
  package var created: Instant
  /// The end of its own lifetime; nil where it lives as long as the host's lease.
  package var expires: UInt64?
}

/// Something that was taken from a host, which has not confirmed to know.
package struct StoredWithdrawal: Hashable, Sendable {
  package var host: HostIndex
  package var item: WithdrawnItem
  /// Why, for people at that host.
  package var reason: String
}

/// A revocation.
package struct StoredRevocation: Hashable, Sendable {
  package var by: String
  package var reason: String?
  package var created: Instant
  /// Nil for never.
  package var expires: UInt64?
}
