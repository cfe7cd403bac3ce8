#!/usr/bin/python3
"""Cuts the power of a real file system under running tools, again and again.

usage: powercut.py BIN MOUNTPOINT DEVICE CYCLES [SEED]

Each cycle puts and consumes with several processes, shuts the file system
down without a flush (xfs_io -x -c shutdown), mounts it again and checks: what
was reported stored is there once and in order, what was acknowledged does not
come back, mq-fsck -n is clean. Exits 77 if the file system cannot be shut down.
"""
import os
import random
import subprocess
import sys
import threading
import time

BIN, MOUNT, DEVICE, CYCLES = (
    sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
RNG = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else None)
ERRORS = []
ENV = dict(os.environ, MQ_SPOOL=os.path.join(MOUNT, "spool"))


def tool(name, *args, text=b""):
    done = subprocess.run([os.path.join(BIN, name), *args], env=ENV,
                          input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        ERRORS.append(f"{name}: {done.stderr.decode(errors='replace')}")
    return done.returncode, done.stdout.decode(errors="replace")


def must(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class Cycle:
    """What was promised before the cut."""

    def __init__(self, number):
        self.number = number
        self.stored, self.settled, self.tried = set(), set(), set()
        self.cut = threading.Event()

    def producer(self, name):
        count = 0
        while not self.cut.is_set():
            size = RNG.choice((1, 1, 30))
            ids = [f"{self.number}.{name}.{count + n}" for n in range(size)]
            count += size
            self.tried.update(ids)
            status, _ = tool("mq-put", "t", text="".join(
                i + "\n" for i in ids).encode())
            if status == 0:
                self.stored.update(ids)

    def consumer(self):
        while not self.cut.is_set():
            status, out = tool("mq-get", "-g", "g", "-c", "5", "t")
            if status == 0:
                self.settled.update(out.split("\n")[:-1])

    def run(self):
        actors = [threading.Thread(target=self.producer, args=(n,))
                  for n in range(3)]
        actors += [threading.Thread(target=self.consumer) for _ in range(2)]
        for actor in actors:
            actor.start()
        time.sleep(RNG.uniform(0.02, 0.15))
        done = subprocess.run(["xfs_io", "-x", "-c", "shutdown", MOUNT],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.cut.set()
        for actor in actors:
            actor.join()
        return done.returncode == 0 and b"hutdown" not in done.stdout


def remount():
    must("umount", MOUNT)
    must("mount", DEVICE, MOUNT)


def check(stored, settled, tried):
    problems = []
    status, out = tool("mq-get", "t")
    log = out.split("\n")[:-1]
    seen = set(log)
    if len(seen) != len(log):
        problems.append("doubled messages")
    if stored - seen:
        problems.append(f"lost {sorted(stored - seen)[:5]}")
    if seen - tried:
        problems.append(f"never put {sorted(seen - tried)[:5]}")
    status, out = tool("mq-fsck", "-n")
    if status != 0:
        problems.append(f"mq-fsck -n: exit {status}: {out[:500]} "
                        f"{ERRORS[-1]}")
    status, out = tool("mq-get", "-g", "g", "-c", "20", "t")
    back = set(out.split("\n")[:-1]) & settled
    if back:
        problems.append(f"came back {sorted(back)[:5]}")
    if status == 0:
        settled.update(out.split("\n")[:-1])
    return problems


def main():
    stored, settled, tried = set(), set(), set()
    bad = 0
    # A cut before it is there would leave nothing to look at.
    tool("mq-topic", "create", "t")
    for number in range(CYCLES):
        cycle = Cycle(number)
        if not cycle.run():
            print("this file system cannot be shut down")
            sys.exit(77)
        remount()
        stored |= cycle.stored
        settled |= cycle.settled
        tried |= cycle.tried
        for problem in check(stored, settled, tried):
            print(f"cycle {number}: {problem}")
            bad += 1
        if bad > 5:
            break
    print(f"cuts {number + 1}, stored {len(stored)}, acknowledged "
          f"{len(settled)}, problems {bad}")
    sys.exit(1 if bad else 0)


main()
