"""The checks of who may lease, validate, revoke and ask.

run says how an entry is written.
"""

ROUTER = ("Engine/Router", (
    "ValidationTests|LeaseTests|ClaimTests|SynchronizeTests|PAPSessionTests|PendingSessionTests"
    "|CommandTests",
    "RouterPropertyTests"))
CONTROL = ("Engine/Control", ("AccessTests", "RequestTests|ControlServerTests"))

MUTANTS = {
    ROUTER: {
        "PAPReceive.swift": [
            ("PAP: a key from another address",
             "«hosts[host].identity.insideAddress == datagram.source.address»", "true"),
            ("PAP: a response is answered", "«!header.isResponse» else", "true"),
            ("PAP: another version", "guard «header.version == WireFormat.version» else", "true"),
        ],
        "PAPSession.swift": [
            ("session: with the number of another key",
             "«session.keyID == claim.keyID»\n", "true"),
            ("session: tag",
             "guard «Authenticator.verify(datagram.bytes, direction: .fromHost, key: session.key)»",
             "true"),
            ("session: replay window", "guard «session.window.accept(sequence)» else", "true"),
            ("session: requests without limit",
             "guard «hosts[host].requests.admit(at: now.monotonic)» else {\n"
             "      counters.rateLimited += 1\n"
             "      refuse(datagram, header, .rateLimited, waitSeconds: 1)\n      return\n    }\n"
             "    guard let next", "true"),
            ("no authentication: requests without limit",
             "guard «hosts[host].requests.admit(at: now.monotonic)» else {\n"
             "      counters.rateLimited += 1\n"
             "      refuse(datagram, header, .rateLimited, waitSeconds: 1)\n      return\n    }\n"
             "    noteHeard", "true"),
            ("no authentication: a repeat is one for ever",
             "«last.expires > now.monotonic»\n", "true"),
        ],
        "PAPHello.swift": [
            ("hello: tag",
             "«Authenticator.verify(datagram.bytes, direction: .fromHost, key: $0)»", "true"),
            ("hello: other requests without a session",
             "guard «header.type == .hello» else", "true"),
            ("hello: in a session", "«session.id == 0», sequence", "true"),
            ("hello: with a sequence", "«sequence == 0» else", "true"),
            ("hello: without limit",
             "guard «hosts[hello.host].hellos.admit(at: now.monotonic)» else", "true"),
        ],
        "PAPRequests.swift": [
            ("requests: of suspended hosts", "if «hosts[host].isSuspended» {", "false"),
            ("requests: options that must be understood",
             "if let unfit = «request.unfitOption» { return Answer", "ResultCode?.none"),
            ("requests: hello in a session", "guard «policy.authentication == .none» else", "true"),
        ],
        "PAPLeases.swift": [
            ("slot: to a suspended host",
             "«try checkNotSuspended(host)»\n    let wish = SlotWish", "{}"),
            ("ports: to a suspended host",
             "«try checkNotSuspended(host)»\n    let wish = PortWish", "{}"),
            ("claim: a reserved SPI", "guard «!spi.isReserved» else", "true"),
            ("claim: in another's slot",
             "if let slot = spi.slot, «!slots.isFree(slot, for: host)» {", "false"),
            ("claim: held by another, or in quarantine",
             "guard «claims.isFree(spi, for: host)» else", "true"),
            ("claims without limit",
             "guard «claims.hasRoom(for: spi, of: host, limit: policy.limits.claimedSPIs)» else",
             "true"),
            ("claim: a host gives another's back",
             "if spis.count == 1, «claims.holds(host, spi)» {", "true"),
            ("slot: a host gives another's back",
             "«slot.firstSPI.rawValue == spis.first»,", "true"),
            ("slot: a host gives a part back", "«spis.count == Slot.spiCount»\n", "true"),
            ("ports: a host gives another's back", "«block.first == named.first»,", "true"),
            ("ports: a host gives a part back", "«block.count == named.count»\n", "true"),
        ],
        "PAPValidations.swift": [
            ("validate: a suspended host's",
             "«try checkNotSuspended(host)»", "{}"),
            ("validate: an address that is no peer's",
             "guard «policy.accepts(entry.address)» else", "true"),
            ("validate: for an SPI of another",
             "guard «holds(host, entry.spiIn)» else", "true"),
            ("validate: a revoked address",
             "if «revocations.covering(entry.address, host: host) != nil» {", "false"),
            ("validate: entries without limit",
             "guard «validations.count(of: host) < policy.limits.entries» else", "true"),
            ("validate: beyond the table", "guard «validations.hasRoom» else", "true"),
            ("validate: a host shortens an operator's row", "«isLonger» ? row.expires", "false"),
            ("invalidate: rows of other hosts", "«$0.host == host» && protocols", "true"),
            ("invalidate: rows of the other protocol",
             "&& «protocols.contains($0.entry.ipsecProtocol)»", "true"),
        ],
        "PAPSynchronize.swift": [
            ("synchronize: what may not be validated",
             "«try checkAcceptable(entry, host: host)»\n        let key", "{}"),
            ("synchronize: what may not be validated any more",
             "«try checkAcceptable(named.entry, host: host)»", "{}"),
            ("synchronize: entries without limit",
             "guard «isCounted || set.count + others.count < policy.limits.entries» else", "true"),
            ("synchronize: a host removes an operator's rows",
             "«$0.origin == .host» && !set.contains($0.key)", "true"),
        ],
        "SlotLeases.swift": [
            ("slot: one in which another claimed an SPI",
             "&& «claims.allow(slot, for: host)»\n", "true"),
            ("slot: held by another", "«holders[slot] == nil» && !quarantine", "true"),
            ("slot: in quarantine", "«!quarantine.forbids(slot, for: host)»\n", "true"),
            ("slot: kept for who had it last", "&& «rememberers[$0] == nil» }", "true"),
            ("slot: no quarantine",
             "«quarantine.begin(slot, lastHolder: host, until: quarantineUntil)»", "{}"),
        ],
        "PortLeases.swift": [
            ("ports: held by another", "«holders[$0] == nil» &&", "true"),
            ("ports: in quarantine", "«!quarantine.forbids($0, for: host)» &&", "true"),
            ("ports: reserved ones", "&& «!Self.reserved.contains($0)»", "true"),
            ("ports: a large block leaves none for others", "guard «isFair(size)» else", "true"),
            ("ports: others while the last ones are in quarantine",
             "«if let block = quarantined(of: host) { return block }»", "{}"),
        ],
        "RouterState+Ends.swift": [
            ("lease ends: entries stay",
             "«removeUnheld(of: host)»\n    change(.setSlot", "{}"),
            ("claim ends: entries stay", "«removeUnheld(of: host)»\n    change(.setClaim", "{}"),
            ("claim ends: the data path is not told", "«change(.setClaim(spi, nil))»", "{}"),
            ("lease ends: the data path is not told of the slot",
             "«change(.setSlot(slot, nil))»", "{}"),
            ("lease ends: the data path is not told of the ports",
             "«change(.setPorts(block, nil))»", "{}"),
            ("an entry ends: the data path is not told", "«change(.removeEntry(id))»", "{}"),
        ],
        "Revocations.swift": [
            ("revocation: for all hosts does not hold for one",
             "let scopes = «host == nil ? [nil] : [nil, host]»", "[host]"),
        ],
        "Commands.swift": [
            ("revoke: rows stay",
             "«for row in rows { removeEntry(row.id) }»\n    case .unrevoke", "{}"),
            ("revoke: the data path is not told",
             "«if isNew { change(.insertRevocation(revocation.key.target, revocation.key.host)) }»",
             "{}"),
            ("revoke: rows of other hosts", "«key.host == nil || $0.host == key.host»", "true"),
            ("suspend: the data path is not told",
             "«change(hosts[host].tableRow)»\n  }\n\n  private mutating func resume", "{}"),
            ("operator's validate: an address that is no peer's",
             "guard «policy.accepts(address)» else", "true"),
            ("operator's validate: a revoked address",
             "guard let revocation = «revocations.covering(address, host: host.index)» else",
             "Revocation?.none"),
            ("operator's validate: for an SPI of another",
             "guard let spi, «!holds(host.index, spi)» else", "false"),
            ("operator's validate: entries without limit",
             "guard «validations.count(of: host.index) < policy.limits.entries», ", "true"),
            ("operator's invalidate: rows of other hosts",
             "«host == nil || $0.host == host»", "true"),
            ("operator's invalidate: other SPIs", "«spi == nil || $0.entry.spiIn == spi»", "true"),
            ("revocations without limit",
             "guard «!isNew || revocations.count < policy.revocationCapacity» else", "true"),
        ],
    },
    CONTROL: {
        "RequestHandler.swift": [
            ("control: viewers may act", "if verb.acts, «user.role != .operator» {", "false"),
        ],
        "Role.swift": [
            ("control: everybody is an operator", "if «user == 0 || user == ownUser» {", "true"),
            ("control: viewers are operators",
             "if let operatorGroup, «groups.contains(operatorGroup)» {", "true"),
            ("control: strangers are viewers",
             "if let viewerGroup, «groups.contains(viewerGroup)» {", "true"),
        ],
    },
}
