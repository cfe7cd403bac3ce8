"""What a history says of availability: somebody succeeds all the time."""

AVAILABLE = ("send", "poll", "lease", "ack")
GAP_NS = 1_000_000_000


class Availability:
    """The longest time without a success while somebody tried, less the times
    in which somebody was stopped, who may have held a lock."""

    def __init__(self, check):
        self.check = check
        self.on = False
        self.since = 0       # the last success
        self.trying = set()
        self.stopped = set()
        self.clock = 0       # the last event
        self.lost = 0        # stopped since the last success
        self.longest = 0

    def note(self, event):
        t, f, kind = event["t"], event["f"], event["type"]
        if self.stopped:
            self.lost += t - self.clock
        self.clock = t
        if f == "phase":
            self.phase(event)
        elif f == "stop":
            self.stopped.add(event["p"])
        elif f == "cont":
            self.stopped.discard(event["p"])
        elif f in AVAILABLE:
            self.attempt(event["p"], f, kind, t)
        elif f == "session":
            self.trying.discard(event["p"])

    def phase(self, event):
        if self.on:
            self.end_gap(event["t"])
        self.on = event["v"] == "storm"
        self.since, self.lost = event["t"], 0

    def attempt(self, p, f, kind, t):
        if kind == "invoke" and f == "poll":
            return
        if kind == "invoke":
            if not self.trying:
                self.since, self.lost = max(self.since, t), 0
            self.trying.add(p)
            return
        if kind == "ok":
            self.end_gap(t)
        self.trying.discard(p)

    def end_gap(self, t):
        gap = t - self.since - self.lost
        if self.on and self.trying:
            self.longest = max(self.longest, gap)
            if gap >= GAP_NS:
                self.check.report("unavailable", f"nothing succeeded in "
                                  f"{gap / 1e9:.3f} s")
        self.since, self.lost = t, 0

    def finish(self):
        if self.on:
            self.end_gap(self.clock)
