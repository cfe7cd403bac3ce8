"""Members of groups in a storm: by hand, by the output, by workers."""
import signal

from clients import chunks_of_lines, stop_later
from tools import LIMIT_S, boot_ns, whole_lines

LEASE_S = 2
# Clocks of leases count whole milliseconds.
LEASE_NS = LEASE_S * 1_000_000_000 - 2_000_000
NEVER_DEAD = ("--max-attempts", "1000000", "--backoff", "1ms..1ms")
FORMAT = "%r %t:%p %o %v %k\\n"


class Delivery:
    """One line of mq-get in FORMAT."""

    def __init__(self, line):
        self.receipt, self.k, o, v, self.key = line.split(" ")
        self.o, self.v = int(o), int(v)
        self.tok = self.receipt.rsplit(":", 1)[1]


def by_lease(deliveries):
    leases = {}
    for delivery in deliveries:
        leases.setdefault((delivery.k, delivery.tok), []).append(delivery)
    return leases


class Consumer:
    def __init__(self, tools, rng, name, group, order, topics):
        self.tools, self.rng, self.name = tools, rng, name
        self.group, self.order, self.topics = group, order, topics
        self.count = 0
        self.old = []  # receipts that may not be worth anything

    def run(self):
        ways = [self.by_output, self.by_output, self.by_worker]
        if self.order != "partition":
            ways += [self.by_hand, self.by_hand]
        while not self.tools.stop.is_set():
            self.count += 1
            self.rng.choice(ways)(f"{self.name}.{self.count}")

    def tell(self, p, kind, f, **event):
        self.tools.history.tell(p, kind, f, g=self.group, **event)

    def start(self, p, *more, lease=LEASE_S, limit=LIMIT_S):
        self.tell(p, "invoke", "lease")
        return self.tools.start(
            p, "mq-get", "-g", self.group, "--order", self.order, "--lease",
            f"{lease}s", *NEVER_DEAD, *more, limit=limit)

    def tell_leases(self, p, deliveries, **event):
        """A line for each lease, or each message if the group has an order."""
        for (k, tok), ds in by_lease(deliveries).items():
            free = [d for d in ds if not self.is_ordered(d)]
            for part in [free] + [[d] for d in ds if self.is_ordered(d)]:
                ordered = {} if part is free else {"order": self.order,
                                                   "key": part[0].key}
                if part:
                    self.tell(p, "ok", "lease", k=k, tok=tok,
                              v=[d.v for d in part], o=[d.o for d in part],
                              **ordered, **event)

    def is_ordered(self, delivery):
        return self.order == "partition" or (self.order == "key"
                                             and delivery.key)

    # Settled once the output took it.

    def by_output(self, p):
        count = self.rng.choice((1, 10, 300))
        wait = self.rng.choice(((), ("-w", "500ms"), ("-F",)))
        process = self.start(p, "-c", str(count), *wait, "-f", FORMAT,
                             *self.topics)
        process.is_session = True
        timer = stop_later(process, self.rng.uniform(0.5, 2))
        self.take_output(p, process)
        timer.cancel()

    def take_output(self, p, process):
        for lines in chunks_of_lines(process):
            deliveries = [Delivery(line) for line in lines]
            self.tell_leases(p, deliveries)
            for (k, tok), ds in by_lease(deliveries).items():
                self.tell(p, "invoke", "ack", k=k, tok=tok, out="accept",
                          o=[d.o for d in ds])
        return self.end_session(p, process)

    def end_session(self, p, process):
        status, _, err = self.tools.end(
            process, good=(0, 1, -signal.SIGTERM))
        is_well = status == 0 and not process.spoilt and "lost" not in err
        self.tools.history.tell(p, "ok" if is_well else "info", "session")
        return status

    # A worker for each, which writes the history.

    def by_worker(self, p):
        process = self.start(
            p, "-c", str(self.rng.choice((1, 5, 40))), "-P",
            str(self.rng.choice((1, 2, 4))), *self.topics, "--",
            self.tools.worker, self.tools.history.path, p, self.group,
            self.order, lease=5)
        process.is_session = True
        timer = stop_later(process, self.rng.uniform(0.5, 2))
        self.end_session(p, process)
        timer.cancel()

    # Receipts, settled one by one or together.

    def by_hand(self, p):
        until = boot_ns() + LEASE_NS
        process = self.start(p, "--ack=manual", "-c",
                             str(self.rng.choice((1, 3, 10))), "-f", FORMAT,
                             *self.topics)
        _, out, _ = self.tools.end(process)
        deliveries = [Delivery(line) for line in whole_lines(out)]
        self.tell_leases(p, deliveries, until=until)
        self.tools.stop.wait(self.rng.choice((0, 0, 0.05, 0.3)))
        if len(deliveries) > 1 and self.rng.random() < 0.5:
            self.settle(p, deliveries, "accept")
        else:
            for delivery in deliveries:
                self.settle_one(p, delivery)
        if self.old and self.rng.random() < 0.3:
            self.settle(p, [self.old.pop(
                self.rng.randrange(len(self.old)))], "accept")

    def settle_one(self, p, delivery):
        luck = self.rng.random()
        self.old = self.old[-20:]
        if luck < 0.2:
            self.old.append(delivery)
        if luck < 0.08:
            return
        if luck < 0.2:
            self.settle(p, [delivery], "renew")
        elif luck < 0.35:
            self.settle(p, [delivery], "release")
            if self.rng.random() < 0.5:
                self.settle_again(p, delivery)
        elif luck < 0.37:
            self.settle(p, [delivery], "reject")
        else:
            self.settle(p, [delivery], "accept")

    def settle_again(self, p, delivery):
        """When somebody else may hold it; the receipt is worth nothing."""
        self.tools.stop.wait(self.rng.uniform(0, 0.15))
        self.settle(p, [delivery], self.rng.choice(("accept", "renew")))

    def settle(self, p, deliveries, out):
        for d in deliveries:
            self.tell(p, "invoke", "ack", k=d.k, o=d.o, tok=d.tok, out=out)
        until = boot_ns() + LEASE_NS
        value = {"renew": f"={LEASE_S}s", "release": "=1ms", "reject": "=bad"}
        status, _, err = self.tools.run(
            p, "mq-ack", f"--{out}{value.get(out, '')}",
            *[d.receipt for d in deliveries])
        lost = [line.split(": ")[1] for line in whole_lines(err)
                if "lost" in line] if status == 1 else ()
        for d in deliveries:
            kind = ("fail" if f"{d.k}:{d.o}" in lost else
                    "ok" if status in (0, 1) else "info")
            more = {"until": until} if out == "renew" else {}
            self.tell(p, kind, "ack", k=d.k, o=d.o, tok=d.tok, out=out, **more)

    # After the storm: all that is left, in leases of any size.

    def drain(self, p, seconds):
        process = self.start(p, "-w", f"{LEASE_S + 1}s", "-c", "100000",
                             "-f", FORMAT, *self.topics, lease=20,
                             limit=seconds)
        process.is_session = True
        return self.take_output(p, process)


class Resetter(Consumer):
    """The only member of a group whose position is moved, and that is
    deleted."""

    def run(self):
        while not self.tools.stop.is_set():
            self.count += 1
            self.by_output(f"{self.name}.{self.count}")
            if self.rng.random() < 0.3:
                self.seek(self.rng.choice((("reset", "--to-start"),
                                           ("reset", "--shift", "-20"),
                                           ("reset", "--to-end"),
                                           ("delete",))))

    def seek(self, how):
        self.tell(self.name, "invoke", "seek")
        self.tools.run(self.name, "mq-group", *how, "--yes", self.group,
                       *self.topics, good=(0, 66, 75))
        self.tell(self.name, "info", "seek")
