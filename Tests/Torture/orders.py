"""Orders of several commands at once, and what becomes of them: undone, kept, or rolled back.

An order is pending from its answer on until something has become of it. No other question touches
what it has changed meanwhile, so it is known how things are when it goes. If the router dies first,
a provisional one must be gone after the restart, and any other must hold.
"""

# Seconds that no cycle lasts.
PROVISIONAL = 300


class Change:
    """A fact that an order changes, and how it was."""

    def __init__(self, fact, after):
        self.fact, self.before, self.after = fact, fact.value, after


class Batch:
    """What one order changes: all of it or nothing."""

    def __init__(self, is_provisional):
        self.is_provisional = is_provisional
        self.is_being_kept = self.is_being_undone = False
        self.commands, self.audit = [], []
        # Revocations and suspensions; and entries, which go with a revocation: (host, change).
        self.changes, self.entries = [], []
        # Addresses and hosts of which nobody else may ask anything.
        self.held = set()
        self.number = None

    @property
    def title(self):
        """The order for people, as the audit log has it."""
        return f"{len(self.commands)} commands"

    def add(self, verb, name, target, change):
        self.commands.append({"verb": verb, "arguments": {name: target}})
        self.audit.append((verb, target if name == "host" else f"{target}/32"))
        self.changes.append(change)

    def begin(self):
        for change in self.all():
            change.fact.begin(change.after)

    def take(self):
        """It holds."""
        for change in self.all():
            change.fact.settle(change.after)

    def begin_back(self):
        for change in self.all():
            change.fact.begin(change.before)

    def take_back(self, model):
        """It is as if it had not been, as far as hosts still hold the SPIs of their entries."""
        for change in self.changes:
            change.fact.settle(change.before)
        for host, change in self.entries:
            change.fact.settle(change.before and model.holds_spis(host))

    def was_rolled_back(self):
        """A restart has taken it back; hosts that hold nothing then lose their entries as always."""
        for change in self.all():
            change.fact.settle(change.before)

    def all(self):
        return self.changes + [change for _, change in self.entries]


class Orders:
    """One order with several commands at a time, of the operator who has `Load`."""

    def __init__(self, model, hosts, choose):
        self.model, self.hosts, self.choose = model, hosts, choose
        self.pending = None
        # What became of provisional orders.
        self.fates = {"rolled back by a restart": 0, "kept": 0, "undone": 0}

    @property
    def held(self):
        return self.pending.held if self.pending else set()

    def next(self, busy, peers):
        """An order for this round: what to send, its rows of the audit log, what its answer does."""
        if self.pending is None:
            return self._batch(busy, peers) if self.choose.random() < 0.3 else None
        kind = self.choose.random()
        if kind < 0.2:
            return self._undo(busy)
        if kind < 0.4 and self.pending.is_provisional:
            return self._keep()
        if kind < 0.5 and not self.pending.is_provisional:
            self.pending = None
        return None

    def _batch(self, busy, peers):
        batch = Batch(self.choose.random() < 0.6)
        free = [peer for peer in peers if peer not in busy]
        for peer in self.choose.sample(free, self.choose.randint(2, 4)):
            self._add_peer(batch, peer)
        names = [host.name for host in self.hosts if host.name not in busy]
        if names and self.choose.random() < 0.3:
            self._add_host(batch, self.choose.choice(names))
        # What is in doubt cannot be known to come back.
        if not all(change.fact.is_certain for change in batch.all()):
            return None
        busy |= batch.held | {host for host, change in batch.entries if change.before}
        arguments = {"commands": batch.commands}
        if batch.is_provisional:
            arguments["provisional"] = PROVISIONAL
            self.model.open_actions.append(("roll-back", batch.title))
        else:
            batch.begin()
        self.model.together.append(batch.changes)

        def done(answer):
            wrong = [one for one in answer["results"] if one["result"] != "done"]
            if wrong or len(answer["results"]) != len(batch.commands):
                return f"of a batch: {wrong or answer}"
            batch.take()
            batch.number, self.pending = answer["action"], batch
            self.model.together.remove(batch.changes)
            if batch.is_provisional:
                self.model.open_actions.remove(("roll-back", batch.title))
            return None
        return ("batch", arguments), batch.audit, done

    def _add_peer(self, batch, peer):
        fact = self.model.revocation(peer)
        verb = "unrevoke" if fact.value else "revoke"
        batch.add(verb, "target", peer, Change(fact, verb == "revoke"))
        batch.held.add(peer)
        if verb == "revoke":
            batch.entries += [(name, Change(facts.entry(peer), False))
                              for name, facts in self.model.hosts.items()]

    def _add_host(self, batch, name):
        fact = self.model.hosts[name].suspended
        verb = "resume" if fact.value else "suspend"
        batch.add(verb, "host", name, Change(fact, verb == "suspend"))
        batch.held.add(name)

    def _undo(self, busy):
        batch = self.pending
        batch.is_being_undone = True
        # Whether a host holds SPIs when its entries come back must not be in doubt.
        busy |= {host for host, change in batch.entries if change.before}
        if not batch.is_provisional:
            batch.begin_back()
            self.model.together.append(batch.changes)

        def done(_):
            batch.take_back(self.model)
            self.pending = None
            if batch.is_provisional:
                self.fates["undone"] += 1
            else:
                self.model.together.remove(batch.changes)
        return ("undo", {"action": batch.number}), [("undo", batch.title)], done

    def _keep(self):
        batch = self.pending
        batch.is_being_kept = True

        def done(_):
            self.pending = None
            self.fates["kept"] += 1
        return ("keep", {"action": batch.number}), [("keep", batch.title)], done

    def die(self):
        """The router is dead: what was provisional is to be gone after the next start."""
        batch, self.pending = self.pending, None
        if batch is None or not batch.is_provisional:
            return
        row = ("roll-back", batch.title)
        if batch.is_being_kept:
            batch.begin_back()
            self.model.together.append(batch.changes)
        else:
            batch.was_rolled_back()
        if batch.is_being_kept or batch.is_being_undone:
            self.model.open_actions.append(row)
        else:
            self.model.acted.append((*row, "done"))
            self.fates["rolled back by a restart"] += 1
