"""What a history says of the log: each message once, in its order, not lost."""
import collections


def listed(value):
    return value if isinstance(value, list) else [value]


def topic_of(k):
    return k.rsplit(":", 1)[0]


class Message:
    __slots__ = ("producer", "number", "invoked", "topic", "ok", "failed",
                 "place", "seen")

    def __init__(self, producer, number, invoked, topic):
        self.producer, self.number, self.invoked = producer, number, invoked
        self.topic = topic
        self.ok = None       # when it was known to be stored
        self.failed = False
        self.place = None
        self.seen = False    # by anybody but its producer


class Log:
    def __init__(self, check, trims):
        self.report, self.counts = check.report, check.counts
        self.trims = trims
        self.messages = {}
        self.places = collections.defaultdict(dict)  # k -> o -> id
        self.numbers = collections.Counter()   # producer -> messages sent
        self.polled = {}                       # (p, k) -> last offset
        self.gaps = []
        self.drained = set()
        self.complete = set()                  # topics that are drained

    def observe(self, event, by_reader=True):
        """Yields id and offset of each message of the event."""
        k = event["k"]
        place = self.places[k]
        for v, o in zip(listed(event["v"]), listed(event["o"]), strict=True):
            message = self.messages.get(v)
            if message is None:
                self.report("phantom", f"{v} at {k}:{o} was never sent")
                message = self.messages[v] = Message("?", v, event["t"],
                                                       topic_of(k))
            known = place.setdefault(o, v)
            if known != v:
                self.report("inconsistent-offset",
                            f"{k}:{o} is {known} and {v}")
            if message.place is None:
                message.place = (k, o)
            elif message.place != (k, o):
                self.report("duplicate", f"{v} is at {message.place[0]}:"
                            f"{message.place[1]} and {k}:{o}")
            message.seen |= by_reader
            yield v, o

    def do_send(self, event):
        kind, t = event["type"], event["t"]
        ids = listed(event["v"])
        if kind == "invoke":
            p = event["p"]
            for v in ids:
                if v in self.messages:
                    raise ValueError(f"{v} is sent twice")
                self.numbers[p] += 1
                self.messages[v] = Message(p, self.numbers[p], t,
                                           topic_of(event["k"]))
            self.counts["sent"] += len(ids)
        elif kind == "ok":
            if "o" in event:
                collections.deque(self.observe(event, by_reader=False), 0)
            for v in ids:
                self.messages[v].ok = t
            self.counts["acknowledged"] += len(ids)
        elif kind == "fail":
            for v in ids:
                self.messages[v].failed = True
            self.counts["refused"] += len(ids)

    def do_poll(self, event):
        if event["type"] != "ok":
            return
        at = (event["p"], event["k"])
        for v, o in self.observe(event):
            last = self.polled.get(at)
            if last is not None and o <= last:
                self.report("reordered-poll", f"{at[0]} read {at[1]}:{o} "
                            f"behind {last}")
            elif last is not None and o > last + 1:
                self.gaps.append((at[0], at[1], last + 1, o, event["t"]))
            self.polled[at] = o
            self.counts["polled"] += 1

    def do_drain(self, event):
        if "v" not in event:
            self.complete.add(event["k"])
            return
        for v, _ in self.observe(event):
            self.drained.add(v)

    def finish(self):
        self.finish_messages()
        for reader, k, start, end, t in self.gaps:
            missed = [o for o in range(start, end) if o in self.places[k]
                      and not self.trims.may_be_gone(k, o, t)]
            if missed:
                self.report("skipped-poll", f"{reader} passed over {k}: "
                            f"{missed[:3]}")
        for k, place in self.places.items():
            self.finish_partition(k, place)

    def finish_messages(self):
        for v, message in self.messages.items():
            if message.failed and (message.seen or message.place):
                self.report("refused-seen", f"{v} at {message.place}")
            if message.place and self.trims.may_be_gone(*message.place):
                continue
            if (v not in self.drained and message.topic in self.complete
                    and (message.place or message.ok is not None)):
                self.report("lost-write", f"{v} at {message.place}")

    def finish_partition(self, k, place):
        """Who was sent after another one was stored has a higher offset, and
        one producer's messages lie in their order."""
        stored, stored_id = None, None
        lowest = {}
        for o in sorted(place, reverse=True):
            message = self.messages[place[o]]
            if stored is not None and stored < message.invoked:
                self.report("reordered-send", f"{place[o]} at {k}:{o} was sent "
                            f"after {stored_id} had been stored behind it")
            number = lowest.get(message.producer)
            if number is not None and number < message.number:
                self.report("reordered-send", f"{place[o]} of "
                            f"{message.producer} at {k}:{o}")
            else:
                lowest[message.producer] = message.number
            if message.ok is not None and (stored is None or
                                           message.ok < stored):
                stored, stored_id = message.ok, place[o]
