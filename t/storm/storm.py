#!/usr/bin/python3
"""Kills and stops the tools while they work, then checks the history.

usage: storm.py BIN WORKER SPOOL SECONDS [SEED]

Writers, readers, members of three groups, changes of topics and groups, checks:
all are real tools, of which one is killed every few milliseconds, and now and
then one is stopped for a while or a side file deleted. What the clients saw is
written to SPOOL.history; check.py says what may not happen. WORKER is the
program build/t/helper/stormworker; trim, which moves log starts, is beside it.

The last line gives the figures. To run a storm with the same choices again,
give its seed (how the kernel schedules it is another matter).
"""
import json
import os
import random
import sys
import threading
import time

from check import Check, read_history
from clients import TOPICS, Crowd, Housekeeper, Reader, Writer
from consumers import Consumer, Resetter
from nemesis import Nemesis
from tools import History, Tools, whole_lines
from trimmer import Trimmer

# Who drains a group by key settles one message at a time: its topic is one
# that needs no sync.
GROUPS = (("g", "none", TOPICS, 3), ("gk", "key", ("n",), 2),
          ("gp", "partition", ("t",), 2))
PARTITIONS = 4
DRAIN_SECONDS = 60  # or as long as the storm
SYNC = {"t": "always", "i": "interval:50ms", "n": "never"}


class Storm:
    def __init__(self, binaries, worker, spool, seconds, seed):
        self.rng = random.Random(seed)
        self.seconds = seconds
        self.history = History(spool + ".history")
        self.tools = Tools(binaries, spool, self.history)
        self.tools.worker = worker
        self.tools.trim = os.path.join(os.path.dirname(worker), "trim")
        self.nemesis = Nemesis(self.tools, self.seeded(), TOPICS)
        self.trimmer = Trimmer(self.tools, self.seeded())
        self.members = {}
        self.keeper = Housekeeper(self.tools, self.seeded(),
                                  [name for name, *_ in GROUPS])

    def seeded(self):
        return random.Random(self.rng.random())

    def actors(self):
        work = [Writer(self.tools, self.seeded(), n).run for n in range(1, 6)]
        work.append(Crowd(self.tools, self.seeded(), range(6, 10)).run)
        work += [Reader(self.tools, self.seeded(), n).run for n in range(2)]
        for group, order, topics, count in GROUPS:
            for n in range(count):
                member = Consumer(self.tools, self.seeded(), f"{group}{n}",
                                  group, order, topics)
                self.members[group] = member
                work.append(member.run)
        work.append(Resetter(self.tools, self.seeded(), "s", "s", "none",
                             ("t",)).run)
        return work + [self.trimmer.run, self.keeper.run_topics, self.keeper.run_state,
                       self.keeper.run_checks]

    def guarded(self, work):
        def run():
            try:
                work()
            except Exception as error:  # a defect of the storm, told of
                self.tools.complain(f"{work}: {error!r}")
        return threading.Thread(target=run)

    def prepare(self):
        for topic in TOPICS:
            self.tools.run("start", "mq-topic", "create", "-p",
                           str(PARTITIONS), "-X", "segment.bytes=8K", "-X",
                           f"mq.sync={SYNC[topic]}", topic, good=(0,))

    def rage(self):
        threads = [self.guarded(work) for work in self.actors()]
        self.history.tell("storm", "info", "phase", v="storm")
        for thread in threads + self.nemesis.threads():
            thread.start()
        time.sleep(self.seconds)
        self.history.tell("storm", "info", "phase", v="heal")
        self.tools.stop.set()
        self.wait_for(threads)

    def wait_for(self, threads):
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
                self.nemesis.kill_the_late()

    def drain(self, name, member):
        patience = max(DRAIN_SECONDS, self.seconds)
        limit = time.monotonic() + patience
        turn = 1
        while member.drain(f"{name}.end{turn}", patience) == 0:
            turn += 1
            if time.monotonic() > limit:
                self.tools.complain(f"group {name} is not drained in time")
                return
        for topic in member.topics:
            self.history.tell("end", "ok", "drained", g=name, k=topic)

    def drain_groups(self):
        threads = [self.guarded(lambda item=item: self.drain(*item))
                   for item in self.members.items()]
        for thread in threads:
            thread.start()
        self.wait_for(threads)

    def read_all(self):
        for topic in TOPICS:
            _, out, _ = self.tools.run("end", "mq-get", "-f", "%p %o %v\\n",
                                       topic, good=(0,))
            places = {}
            for line in whole_lines(out):
                partition, o, v = map(int, line.split(" "))
                vs, os_ = places.setdefault(partition, ([], []))
                vs.append(v)
                os_.append(o)
            for partition, (vs, os_) in places.items():
                self.history.tell("end", "ok", "drain", k=f"{topic}:{partition}",
                                  v=vs, o=os_)
            self.history.tell("end", "ok", "drain", k=topic)

    def read_dead(self):
        """From the letters themselves: whose each is stands in its headers."""
        for topic in TOPICS:
            _, out, _ = self.tools.run("end", "mq-get", "-j", topic + ".dead",
                                       good=(0, 1, 66))
            for line in whole_lines(out):
                headers = dict(json.loads(line)["headers"])
                def of(name):
                    return headers["__dlq.errors." + name]
                self.history.tell(
                    "end", "ok", "dead", g=of("group"), o=int(of("offset")),
                    k=f"{of('topic')}:{of('partition')}")
            self.history.tell("end", "ok", "dead", k=topic)

    def probe(self):
        """Nobody holds a lock any more, of any partition."""
        writer = Writer(self.tools, self.seeded(), 99)
        for topic in TOPICS:
            for partition in range(PARTITIONS):
                ids = writer.begin(topic, 1)
                _, out, _ = self.tools.run(
                    writer.name, "mq-put", "-v", "-p", str(partition),
                    "--timeout", "2s", "-m", str(ids[0]), topic, good=(0,))
                writer.finish(topic, ids, whole_lines(out))

    def finish(self):
        self.probe()
        self.drain_groups()
        if self.tools.is_stuck:
            return
        self.read_all()
        self.read_dead()
        self.keeper.check("-y")
        if self.keeper.check() != 0:
            self.tools.complain("mq-fsck -n is not clean after mq-fsck -y")


def report(storm, seed, check):
    nemesis, tools = storm.nemesis, storm.tools
    total = sum(check.anomalies.values()) + len(tools.errors)
    for text in tools.errors[:20]:
        print(f"error: {text}")
    counts = check.counts
    print(f"storm: seed {seed}, {storm.seconds:g} s, {tools.started} tools, "
          f"{nemesis.kills} kills, {nemesis.stops} stops, {nemesis.deleted} "
          f"files deleted, {storm.keeper.checks} fsck runs, "
          f"{storm.keeper.topics} side topics, {storm.keeper.trims} trims of them, "
          f"{storm.trimmer.trims} beside groups, "
          f"{counts['seeks']} seeks")
    print("storm: " + ", ".join(f"{name} {n}" for name, n in counts.items()) +
          f", longest gap {check.up.longest / 1e9:.3f} s")
    kinds = "".join(f", {kind} {n}" for kind, n in check.anomalies.items())
    print(f"storm: anomalies {sum(check.anomalies.values())}{kinds}, errors "
          f"{len(tools.errors)}")
    return total


def main():
    binaries, worker, spool, seconds = sys.argv[1:5]
    seed = (int(sys.argv[5]) if len(sys.argv) > 5 else
            random.SystemRandom().randrange(1 << 32))
    print(f"storm: seed {seed}", flush=True)
    storm = Storm(binaries, worker, spool, float(seconds), seed)
    storm.prepare()
    storm.rage()
    if not storm.tools.is_stuck:
        storm.finish()
    check = Check()
    check.run(read_history(storm.history.path))
    sys.exit(report(storm, seed, check) > 0)


if __name__ == "__main__":
    main()
