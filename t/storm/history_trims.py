"""What a history says of trims: which messages need not be there any more."""
import bisect
import collections
import math


class Marks:
    """The highest start so far, by time."""

    def __init__(self):
        self.times, self.starts = [], []

    def add(self, t, start):
        self.starts.append(max(start, self.before(math.inf)))
        self.times.append(t)

    def before(self, t):
        count = bisect.bisect_left(self.times, t)
        return self.starts[count - 1] if count else 0


class Trims:
    def __init__(self, check):
        self.counts = check.counts
        self.begun = collections.defaultdict(Marks)  # by partition
        self.done = collections.defaultdict(Marks)

    def do_trim(self, event):
        if event["type"] == "invoke":
            self.begun[event["k"]].add(event["t"], event["o"])
        elif event["type"] == "ok":
            self.done[event["k"]].add(event["t"], event["o"])
            self.counts["trims"] += 1

    def may_be_gone(self, k, o, t=math.inf):
        return k in self.begun and o < self.begun[k].before(t)

    def is_gone(self, k, o, t):
        """To who began to ask then."""
        return k in self.done and o < self.done[k].before(t)

    def finish(self):
        pass
