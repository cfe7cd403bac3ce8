#!/usr/bin/python3
"""Kills the tools with SIGKILL while they work, then checks the history.

usage: storm.py BIN SPOOL SECONDS [SEED]

8 producers and 8 consumers run real tools in a loop; one of their processes is
killed every few milliseconds. Afterwards:
  - every message whose mq-put exited 0 is in the log exactly once, the others
    at most once;
  - no message comes back that was acknowledged before its mq-get began;
  - after the storm everything can be consumed, and nothing stays locked;
  - some tool finished its work in every second;
  - mq-fsck -n finds nothing.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

BIN, SPOOL, SECONDS = sys.argv[1], sys.argv[2], float(sys.argv[3])
RNG = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else None)
ACTORS = 8
LEASE = "2s"
ENV = dict(os.environ, MQ_SPOOL=SPOOL)


class History:
    """What the outside saw. Times are of one monotonic clock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.stored = set()      # put exited 0
        self.attempted = set()   # put was started
        self.settled = {}        # id -> time its acknowledgement was known
        self.delivered = collections.Counter()
        self.finished = collections.Counter()  # second -> finished tools
        self.errors = []
        self.kills = 0

    def put(self, ids, done):
        with self.lock:
            self.attempted.update(ids)
            if done:
                self.stored.update(ids)
                self.finished[int(time.monotonic())] += 1

    def deliver(self, ids, began):
        with self.lock:
            for i in ids:
                self.delivered[i] += 1
                at = self.settled.get(i)
                if at is not None and at < began:
                    self.errors.append(
                        f"{i} came back {began - at:.3f} s after its "
                        "acknowledgement")

    def settle(self, ids):
        now = time.monotonic()
        with self.lock:
            for i in ids:
                self.settled.setdefault(i, now)
            self.finished[int(now)] += 1

    def complain(self, text):
        with self.lock:
            self.errors.append(text)


class Storm:
    def __init__(self):
        self.history = History()
        self.running = set()
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def run(self, tool, *args, text=b"", timeout=30):
        """Runs one tool; returns (status, stdout). -9 means we killed it."""
        process = subprocess.Popen(
            [os.path.join(BIN, tool), *args], env=ENV, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with self.lock:
            self.running.add(process)
        try:
            out, err = process.communicate(text, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.history.complain(f"{tool} {' '.join(args)} hung")
        finally:
            with self.lock:
                self.running.discard(process)
        if process.returncode not in (0, 1, -signal.SIGKILL):
            self.history.complain(
                f"{tool} {' '.join(args)}: exit {process.returncode}: "
                f"{err.decode(errors='replace').strip()}")
        return process.returncode, out

    def producer(self, name, rng):
        count = 0
        while not self.stop.is_set():
            size = rng.choice((1, 1, 1, 20, 200))
            ids = [f"{name}.{count + n}" for n in range(size)]
            count += size
            if size == 1:
                status, _ = self.run("mq-put", "-k", ids[0], "-m", ids[0], "t")
            else:
                text = "".join(f"{i}:{i}\n" for i in ids).encode()
                status, _ = self.run("mq-put", "-K:", "t", text=text)
            self.history.put(ids, status == 0)

    def consumer(self, rng):
        while not self.stop.is_set():
            if rng.random() < 0.5:
                self.consume_after(rng.choice((1, 10, 100)))
            else:
                self.consume_manual(rng.choice((1, 3)))

    def consume_after(self, count):
        began = time.monotonic()
        status, out = self.run("mq-get", "-g", "g", "--lease", LEASE,
                               "--max-attempts", "1000000",
                               "--backoff", "1ms..1ms", "-c", str(count), "t")
        ids = out.decode().split("\n")[:-1]
        self.history.deliver(ids, began)
        if status == 0:
            self.history.settle(ids)

    def consume_manual(self, count):
        began = time.monotonic()
        _, out = self.run("mq-get", "-g", "g", "--lease", LEASE,
                          "--max-attempts", "1000000", "--backoff", "1ms..1ms",
                          "--ack=manual", "-f", "%r %v\\n", "-c", str(count),
                          "t")
        lines = [line.split(" ") for line in out.decode().split("\n")[:-1]]
        self.history.deliver([i for _, i in lines], began)
        for receipt, i in lines:
            status, _ = self.run("mq-ack", receipt)
            if status == 0:
                self.history.settle([i])

    def killer(self):
        while not self.stop.is_set():
            time.sleep(RNG.uniform(0.001, 0.008))
            with self.lock:
                victims = [p for p in self.running if p.poll() is None]
                if victims:
                    RNG.choice(victims).kill()
                    self.history.kills += 1

    def rage(self):
        actors = [threading.Thread(
            target=self.producer, args=(f"p{n}", random.Random(RNG.random())))
            for n in range(ACTORS)]
        actors += [threading.Thread(
            target=self.consumer, args=(random.Random(RNG.random()),))
            for n in range(ACTORS)]
        killer = threading.Thread(target=self.killer)
        began = time.monotonic()
        for thread in actors + [killer]:
            thread.start()
        time.sleep(SECONDS)
        self.stop.set()
        for thread in actors + [killer]:
            thread.join()
        return int(began) + 1, int(began + SECONDS)

    def drain(self):
        """Everything left must be had within a lease's time and some."""
        limit = time.monotonic() + 20
        idle = 0
        while idle < 3 and time.monotonic() < limit:
            began = time.monotonic()
            status, out = self.run("mq-get", "-g", "g", "--max-attempts",
                                   "1000000", "--backoff", "1ms..1ms", "-w", "1s",
                                   "-c", "100000", "t")
            ids = out.decode().split("\n")[:-1]
            self.history.deliver(ids, began)
            if status == 0:
                self.history.settle(ids)
            idle = idle + 1 if not ids else 0

    def check(self, first_second, last_second):
        history = self.history
        _, out = self.run("mq-get", "t")
        log = collections.Counter(out.decode().split("\n")[:-1])
        lost = [i for i in history.stored if log[i] == 0]
        doubled = [i for i, n in log.items() if n > 1]
        strange = [i for i in log if i not in history.attempted]
        never = [i for i in log if history.delivered[i] == 0]
        for what, ids in (("lost", lost), ("doubled", doubled),
                          ("never put", strange), ("never delivered", never)):
            if ids:
                history.complain(f"{what}: {len(ids)}: {ids[:5]}")
        for second in range(first_second, last_second):
            if history.finished[second] == 0:
                history.complain(
                    f"nothing finished in second {second - first_second}")
        status, out = self.run("mq-fsck", "-n", timeout=120)
        if status != 0:
            history.complain(f"mq-fsck -n: exit {status}: "
                             f"{out.decode(errors='replace')[:2000]}")
        return len(log)


def main():
    storm = Storm()
    subprocess.run([os.path.join(BIN, "mq-topic"), "create", "t", "-p", "4"],
                   env=ENV, check=True)
    first, last = storm.rage()
    storm.drain()
    messages = storm.check(first, last)
    history = storm.history
    print(f"kills {history.kills}, messages {messages}, stored "
          f"{len(history.stored)}, acknowledged {len(history.settled)}, "
          f"errors {len(history.errors)}")
    for text in history.errors[:20]:
        print(text)
    sys.exit(1 if history.errors else 0)


main()
