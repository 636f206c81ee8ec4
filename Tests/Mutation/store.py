"""The checks of what survives a restart.

run says how an entry is written.
"""

TESTS = ("StoreTests|TimelineTests|AuditTests|ProvisionalTests", "FaultTests")
STORE = ("Engine/Store", TESTS)
CONTROL = ("Engine/Control", TESTS)
ROUTER = ("Engine/Router", ("StoreTests|TimelineTests|ProvisionalTests", "RouterPropertyTests"))

MUTANTS = {
    STORE: {
        "Store.swift": [
            ("store: not flushed to the disk",
             'try «connection.execute(sql: "PRAGMA synchronous = FULL")»',
             'connection.execute(sql: "PRAGMA synchronous = OFF")'),
        ],
        "StoreWriter.swift": [
            ("store: durable before it is", "return «pending.isEmpty»\n  }", "true"),
        ],
        "StoreSchema.swift": [
            ("store: a newer schema", "guard «version <= migrations.count» else", "true"),
            ("store: another program's file",
             "guard «marked == applicationID || (tables == 0 && version == 0)» else", "true"),
        ],
        "StoreFile.swift": [
            ("store: others can write it", "guard «status.mode & 0o022 == 0» else", "true"),
        ],
        "StoreOpening.swift": [
            ("store: another external address",
             'guard «row["external_address"] == externalAddress.rawValue» else', "true"),
            ("store: hosts that are no longer configured", "if «departed.isEmpty» {", "true"),
            ("store: what was provisional for them",
             "«try DepartedProvisions(database, now: now).rollBack(where: isDeparted)»", "{}"),
        ],
        "Store+Audit.swift": [
            ("audit: rows missing at the end", "isWhole: «head == store.auditHead»)", "true"),
            ("audit: a row that does not follow", "guard «row.follows(head)» else", "true"),
        ],
        "AuditRow.swift": [
            ("audit: the time is not in the hash", "octets.append(«record.time», octets: 8)", "0"),
            ("audit: the source is not in the hash",
             "octets.append(«record.actor.source»)", "nil"),
        ],
    },
    CONTROL: {
        "EngineCore.swift": [
            ("store: answers before it is durable", "if «isDurable» { send(octets", "true"),
        ],
        "EngineCore+Storing.swift": [
            ("full disk: what cuts off is refused", "guard «!cutsOff», let", "true"),
            ("full disk: what gives is taken",
             "let problem = writer.problem, «!store([], isUrgent: true)» else", "false"),
        ],
    },
    ROUTER: {
        "Timeline.swift": [
            ("time: a reboot is not noticed", "let goesOn = «stored.boot == boot» &&", "true"),
            ("time: a clock that went back", "&& «moment >= stored.reached»\n", "true"),
        ],
        "Quarantine.swift": [
            ("stored: quarantines",
             "set(unit, lastHolder: lastHolder, until: deadline)\n    «touched.add(unit)»", "{}"),
        ],
        "SlotLeases.swift": [
            ("stored: renewed leases",
             "func renew(_ host: HostIndex, until end: UInt64) {\n    terms.set(host, until: end)\n"
             "    «touched.add(host)»", "{}"),
        ],
        "Validations.swift": [
            ("stored: removed entries", "retired.append(id)\n    «touched.add(id)»", "{}"),
        ],
        "Revocations.swift": [
            ("stored: revocations", "insert(revocation)\n    «touched.add(revocation.key)»", "{}"),
        ],
        "ClaimedSPIs.swift": [
            ("stored: claims", "terms.set(spi, until: end)\n    «touched.add(spi)»\n  }\n\n"
             "  /// Gives a claim", "{}"),
        ],
        "Commands.swift": [
            ("stored: suspensions",
             "suspendedSince = now.monotonic\n    «touchedHosts.add(host)»", "{}"),
        ],
        "Withdrawals.swift": [
            ("stored: what a host is to be told",
             "reason: reason))\n    «touched.add(number)»", "{}"),
            ("stored: what a host knows",
             "for thing in notice?.things ?? [] { «touched.add(thing.number)» }\n    notice = nil",
             "{}"),
        ],
        "RouterState+Storing.swift": [
            ("restored: the time of suspended hosts", "«slots.pause(host.index)»\n", "{}"),
            ("restored: what was provisional", "«restoreActions()»", "{}"),
        ],
    },
}
