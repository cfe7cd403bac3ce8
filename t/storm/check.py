#!/usr/bin/python3
"""Checks the history of a storm: what the clients saw, one JSON line an event.

usage: check.py HISTORY...

An event: {"t": ns of CLOCK_BOOTTIME, "p": client, "type": "invoke|ok|fail|info",
"f": what, ...}; info is unknown and never counted as failure. v (id) and o
(offset) may be lists of equal length; k is TOPIC:PARTITION, g the group.

  send     v; ok: k o, if they are known    fail: refused, none of it is stored
  poll     k v o of a plain reader p, which reads on without a gap
  lease    invoke: p begins to ask; ok: g k v o tok, until (the lease surely
           lasts so long), session (it ends with p), order and key
  ack      g k o tok out: accept, release, reject, renew (ok: until)
  session  ok: p ended well, its acknowledgements count; info: it was killed
  worker   some worker of p was killed: which lease that ended is not known
  commit   g k o: the group's position as somebody saw it
  seek     g: the position is moved by hand between invoke and the end
  trim     k o: what is below may be gone from invoke on, and is from ok on
  drain    k v o of the last read of all; k without a partition: topic complete
  drained  g k (topic): nothing is left for the group
  dead     g k o of each dead letter; k without a partition: topic complete
  stop     p does not run until cont
  phase    v: "storm" begins, "heal" ends

Exits 1 if there is an anomaly; each is printed as "anomaly KIND: ...". All of it
is one pass in the order of t, and one over the partitions.
"""
import collections
import heapq
import json
import sys

from history_gaps import Availability
from history_groups import Groups
from history_log import Log
from history_trims import Trims

NEAR = 20_000
SHOWN = 5  # anomalies of a kind that are told one by one


class Check:
    def __init__(self):
        self.counts = collections.Counter()
        self.anomalies = collections.Counter()
        trims = Trims(self)
        log = Log(self, trims)
        self.up = Availability(self)
        self.parts = (trims, log, Groups(self, log))

    def report(self, kind, text):
        self.anomalies[kind] += 1
        if self.anomalies[kind] <= SHOWN:
            print(f"anomaly {kind}: {text}")

    def run(self, events):
        for event in events:
            self.counts["events"] += 1
            self.up.note(event)
            for part in self.parts:
                handler = getattr(part, "do_" + event["f"], None)
                if handler:
                    handler(event)
        for part in (self.up, *self.parts):
            part.finish()


def read_history(path):
    """In the order of t. Who writes a line may be stopped before it does, so
    lines that are near each other are sorted, not all of them."""
    late = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            event = json.loads(line)
            heapq.heappush(late, (event["t"], number, event))
            if len(late) > NEAR:
                yield heapq.heappop(late)[2]
    while late:
        yield heapq.heappop(late)[2]


def main():
    failed = 0
    for path in sys.argv[1:]:
        check = Check()
        check.run(read_history(path))
        total = sum(check.anomalies.values())
        counts = ", ".join(f"{key} {n}" for key, n in check.counts.items())
        print(f"{counts}, longest gap {check.up.longest / 1e9:.3f} s")
        kinds = "".join(f", {kind} {n}"
                        for kind, n in sorted(check.anomalies.items()))
        print(f"anomalies {total}{kinds}")
        failed |= total > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
