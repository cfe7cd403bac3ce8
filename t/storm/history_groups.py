"""What a history says of groups: leases, settlements, order, dead letters."""
import collections

from history_log import listed, topic_of


class Lease:
    """One token on one message. Ended: by a settlement that was begun."""
    __slots__ = ("at", "asked", "seen", "until", "session", "ended", "settled")

    def __init__(self, at, asked, seen, until, session):
        self.at, self.asked, self.seen, self.until = at, asked, seen, until
        self.session = session
        self.ended = None    # when it may have ended at the earliest
        self.settled = None  # when it was known to be settled

    def end(self, t):
        self.ended = t if self.ended is None else min(self.ended, t)

    def is_over(self, asked, t):
        return (self.until is None or t >= self.until or
                (self.ended is not None and self.ended < asked))

    def surely_held(self, start, end):
        return (self.until is not None and self.seen <= start
                and end < self.until
                and (self.ended is None or end < self.ended))


def stream_of(event):
    """What an ordered group gives to one consumer at a time."""
    order = event.get("order")
    return order and (event["k"], event["key"] if order == "key" else None)


class Group:
    def __init__(self):
        self.leases = collections.defaultdict(dict)    # (k, o) -> tok -> Lease
        self.holders = collections.defaultdict(dict)   # stream -> tok -> Lease
        self.settled = {}      # (k, o) -> when that was known
        self.maybe = collections.Counter()  # (k, o) -> settlements begun
        self.since = 0         # what was begun before is forgotten
        self.delivered = set()
        self.rejected = set()
        self.position = {}     # k -> (offset, when it was known)
        self.first = {}        # stream -> {o: [first seen, first asked]}
        self.sessions = collections.defaultdict(list)  # p -> Leases

    def forget(self, t):
        """Its position is moved by hand: nothing said before holds."""
        self.__init__()
        self.since = t


class Groups:
    def __init__(self, check, log):
        self.report, self.counts, self.log = check.report, check.counts, log
        self.groups = collections.defaultdict(Group)
        self.asked = {}                        # p -> when it began to ask
        self.killed = {}                       # p -> when
        self.acks = collections.defaultdict(list)  # p -> begun
        self.empty = []                        # (g, topic)
        self.letters = collections.Counter()
        self.told = set()                      # topics whose letters are known
        self.last_order = {}                   # (p, g, stream) -> offset

    def do_lease(self, event):
        if event["type"] == "invoke":
            self.asked[event["p"]] = event["t"]
        elif event["type"] == "ok":
            group = self.groups[event["g"]]
            for v, o in self.log.observe(event):
                self.deliver(group, event, v, o)

    def deliver(self, group, event, v, o):
        k, t, tok = event["k"], event["t"], event["tok"]
        p = event["p"]
        asked = self.asked[p]
        self.counts["delivered"] += 1
        group.delivered.add(v)
        if self.log.trims.is_gone(k, o, asked):
            self.report("untrimmed", f"{event['g']} got {k}:{o} after it had "
                        "been trimmed")
        settled = group.settled.get((k, o))
        if settled is not None and settled < asked:
            self.report("resurrected", f"{event['g']} got {k}:{o} "
                        f"{(t - settled) / 1e9:.3f} s after its settlement")
        position = group.position.get(k)
        if position and o < position[0] and position[1] < asked:
            self.report("resurrected", f"{event['g']} got {k}:{o} below its "
                        f"position {position[0]}")
        lease = self.lease_of(group, event, (k, o), asked)
        self.hold(group, event, o, lease, asked)
        if "order" in event:
            self.keep_order(group, event, o, asked)

    def lease_of(self, group, event, at, asked):
        known = group.leases[at].get(event["tok"])
        if known:
            return known
        p, t = event["p"], event["t"]
        session = p if event.get("session") else None
        lease = Lease(at, asked, t, event.get("until"), session)
        group.leases[at][event["tok"]] = lease
        if session:
            group.sessions[p].append(lease)
            if p in self.killed:
                lease.ended = self.killed[p]
        return lease

    def hold(self, group, event, o, lease, asked):
        """Two leases must not be valid at one time: if the other one surely
        lasted while this was given, or both surely last now. One of a message
        that was trimmed holds nothing."""
        k, t, tok = event["k"], event["t"], event["tok"]
        what = stream_of(event)
        holders = group.holders[what] if what else group.leases[(k, o)]
        for other, held in list(holders.items()):
            if other != tok and not self.log.trims.may_be_gone(
                    *held.at, t) and (
                    held.surely_held(asked, t) or
                    held.surely_held(t, t) and lease.surely_held(t, t)):
                self.report("double-leased", f"{event['g']}: {what or (k, o)} "
                            f"to {tok} while {other} holds it")
            if what and held.is_over(asked, t):
                del holders[other]
        if what:
            holders[tok] = lease

    def keep_order(self, group, event, o, asked):
        k, t = event["k"], event["t"]
        stream = stream_of(event)
        first = group.first.setdefault(stream, {})
        if o in first:
            first[o][1] = min(first[o][1], asked)
            return
        first[o] = [t, asked]
        at = (event["p"], event["g"], stream)
        if self.last_order.get(at, -1) > o:
            self.report("reordered-lease", f"{at[0]} got {k}:{o} for the first "
                        f"time behind {self.last_order[at]}")
        self.last_order[at] = o

    def do_ack(self, event):
        p, kind = event["p"], event["type"]
        if kind == "invoke":
            self.acks[p].append(event)
            self.begin_ack(event)
            return
        begun = [e for e in self.acks[p] if e["tok"] == event["tok"]
                 and e["k"] == event["k"] and e["o"] == event["o"]]
        if not begun:
            raise ValueError(f"an acknowledgement without invoke: {event}")
        self.acks[p].remove(begun[0])
        if kind == "ok":
            self.end_ack(begun[0], event["t"], event.get("until"))
        elif kind == "fail":
            self.refuse_ack(begun[0], event["t"])

    def begin_ack(self, event):
        group = self.groups[event["g"]]
        for o in listed(event["o"]):
            at = (event["k"], o)
            if event["out"] in ("accept", "reject"):
                group.maybe[at] += 1
            lease = group.leases[at].get(event["tok"])
            if event["out"] == "renew" or lease is None:
                continue
            lease.end(event["t"])

    def end_ack(self, begun, t, until):
        group, tok, out = self.groups[begun["g"]], begun["tok"], begun["out"]
        if begun["t"] < group.since:
            return
        for o in listed(begun["o"]):
            at = (begun["k"], o)
            self.check_stale(group, begun, at)
            self.counts[out] += 1
            lease = group.leases[at].get(tok)
            if out == "renew":
                if lease and until:
                    lease.until = max(lease.until or 0, until)
                continue
            if lease and lease.settled is None:
                lease.settled = t
            if out == "reject":
                group.rejected.add(at)
            if out != "release":
                group.settled.setdefault(at, t)
                group.leases.pop(at, None)

    def check_stale(self, group, begun, at):
        mine = group.leases[at].get(begun["tok"])
        settled = group.settled.get(at)
        if settled is not None and (begun["out"] in ("accept", "reject")
                                    or settled < begun["t"]):
            self.report("stale-receipt", f"{begun['tok']} of {at} was accepted "
                        "though another settlement was, too")
            return
        if mine is None:
            return
        if mine.settled is not None and mine.settled < begun["t"]:
            self.report("stale-receipt", f"{begun['tok']} of {at} was accepted "
                        "after it had been settled")
        for tok, other in group.leases[at].items():
            if (tok != begun["tok"] and other.asked >= mine.seen
                    and other.seen <= begun["t"]):
                self.report("stale-receipt", f"{begun['tok']} of {at} was "
                            f"accepted after {tok} had been given")
                return

    def refuse_ack(self, begun, t):
        """Refused though the lease surely lasted, and nobody had settled."""
        self.counts["ack refused"] += 1
        group = self.groups[begun["g"]]
        for o in listed(begun["o"]):
            at = (begun["k"], o)
            group.maybe[at] -= begun["out"] in ("accept", "reject")
            lease = group.leases[at].get(begun["tok"])
            if (lease and lease.until and t < lease.until
                    and lease.ended in (None, begun["t"])
                    and not self.log.trims.may_be_gone(*at, t)):
                self.report("lost-lease", f"{begun['tok']} of {begun['k']}:{o} "
                            "was refused while it lasted")

    def do_session(self, event):
        p = event["p"]
        begun = self.acks.pop(p, [])
        if event["type"] == "ok":
            for ack in begun:
                if ack["out"] != "release":
                    self.end_ack(ack, event["t"], None)
            return
        self.killed[p] = event["t"]
        self.do_worker(event)

    def do_worker(self, event):
        for group in self.groups.values():
            for lease in group.sessions.pop(event["p"], []):
                lease.end(event["t"])

    def do_commit(self, event):
        group, k, o = self.groups[event["g"]], event["k"], event["o"]
        last = group.position.get(k, (0, 0))[0]
        if o < last:
            self.report("commit-back", f"{event['g']} {k}: {o} after {last}")
        elif o > last:
            group.position[k] = (o, event["t"])

    def do_seek(self, event):
        self.groups[event["g"]].forget(event["t"])
        self.counts["seeks"] += event["type"] == "invoke"

    def do_drained(self, event):
        self.empty.append((event["g"], event["k"]))

    def do_dead(self, event):
        if "o" not in event:
            self.told.add(event["k"])
            return
        at = (event["g"], event["k"], event["o"])
        self.letters[at] += 1
        self.counts["dead"] += 1
        self.groups[event["g"]].maybe[at[1:]] += 1
        if self.letters[at] == 2:
            self.report("dead-doubled", f"{at}")

    def finish(self):
        for name, topic in self.empty:
            self.finish_group(name, topic)
        for name, group in self.groups.items():
            self.finish_order(name, group)
            for k, o in group.rejected:
                if (topic_of(k) in self.told
                        and not self.letters[(name, k, o)]
                        and not self.log.trims.may_be_gone(k, o)):
                    self.report("dead-lost", f"{name} rejected {k}:{o}")

    def finish_group(self, name, topic):
        group = self.groups[name]
        for k, place in self.log.places.items():
            if topic_of(k) != topic:
                continue
            for o, v in place.items():
                if (group.maybe[(k, o)] > 0
                        or self.log.trims.may_be_gone(k, o)):
                    continue
                kind = "unsettled" if v in group.delivered else "unseen"
                self.report(kind, f"{v} at {k}:{o} by {name}")

    def finish_order(self, name, group):
        for (k, key), first in group.first.items():
            seen = None
            for o in sorted(first, reverse=True):
                if seen is not None and seen < first[o][1]:
                    self.report("reordered-lease", f"{name} got {k}:{o} (key "
                                f"{key}) behind a later one")
                seen = min(seen or first[o][0], first[o][0])
