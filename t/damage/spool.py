#!/usr/bin/python3
"""Damages the files of a spool that are no segments, by chance, and goes on.

  spool.py BIN SCRATCH CASES SEED [ONE]     SCRATCH: an empty directory

A template spool has a topic of two partitions, 300 messages, positions, and a
group that has acknowledged 40, leased 10 and released some. A case copies it,
damages one file (a bit, bytes, a block swapped, zeros, a cut, another file's
bytes, all gone) and looks: no tool dies by a signal; what mq-get delivers is
what was put, or it fails by name; after mq-fsck -y all messages are there, and
a consumer gets each message that was not acknowledged, and none wrong. Ends
with a line of figures; exits 1 if a case failed. ONE repeats one case.
"""
import os
import random
import shutil
import subprocess
import sys

BIN, SCRATCH, CASES, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
ONE = int(sys.argv[5]) if len(sys.argv) > 5 else None
TOPIC = "topics/t/"
FILES = ["index.db", "index.db-wal", "commit", "sessions", "mq.yaml",
         TOPIC + "topic.yaml", TOPIC + "doorbell", TOPIC + "0/positions",
         TOPIC + "0/epochs", TOPIC + "0/control", TOPIC + "1/control"]
MESSAGES = ["message %d of the damaged spool" % i for i in range(300)]
ACKED = 40


def run(spool, *words, text=None):
    """A tool's exit status, output and errors."""
    env = dict(os.environ, MQ_SPOOL=spool, HOME=SCRATCH, XDG_CONFIG_HOME=SCRATCH)
    done = subprocess.run([os.path.join(BIN, words[0])] + list(words[1:]),
                          input=text, env=env, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(errors="replace"), \
        done.stderr.decode(errors="replace")


def must(spool, *words, text=None):
    status, out, err = run(spool, *words, text=text)
    if status != 0:
        sys.exit("spool.py: %s: %d: %s" % (" ".join(words), status, err))
    return out


def make_template(spool):
    must(spool, "mq-topic", "create", "-p", "2", "-X", "mq.sync=never", "t")
    with open(os.path.join(spool, "mq.yaml"), "w") as file:
        file.write("auto.create.topics: true\ntopic:\n  partitions: 2\n")
    for part in (0, 1):
        text = "".join(m + "\n" for m in MESSAGES[part::2]).encode()
        must(spool, "mq-put", "-p", str(part), "--batch", "3", "t", text=text)
    must(spool, "mq-fsck", "--rebuild-index")
    acked = must(spool, "mq-get", "-g", "g", "-c", str(ACKED), "t").splitlines()
    must(spool, "mq-get", "-g", "g", "--ack=manual", "--lease", "1h", "-c", "10", "t")
    # A WAL that is not checkpointed yet stays: who wrote last is gone.
    return set(acked)


def damage(path, rng):
    """What was done, or None if there is nothing to do it to."""
    try:
        data = bytearray(open(path, "rb").read())
    except FileNotFoundError:
        return None
    kind = rng.choice(["bit", "bytes", "block", "zeros", "cut", "longer", "noise", "gone"])
    size = len(data)
    at = rng.randrange(size) if size else 0
    step = min(512, size // 2)
    if kind == "gone":
        os.unlink(path)
        return kind
    if kind == "bit" and size:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "bytes" and size:
        for _ in range(rng.randrange(1, 16)):
            data[rng.randrange(size)] = rng.randrange(256)
    elif kind == "block" and step:
        a, b = rng.randrange(size - step), rng.randrange(size - step)
        data[a:a + step], data[b:b + step] = data[b:b + step], data[a:a + step]
    elif kind == "zeros":
        data[at:at + 600] = bytes(len(data[at:at + 600]))
    elif kind == "cut":
        del data[at:]
    elif kind == "longer":
        data += rng.randbytes(rng.randrange(1, 5000))
    else:
        data = bytearray(rng.randbytes(max(size, 16)))
    with open(path, "r+b") as file:
        file.truncate(0)
        file.write(data)
    return "%s at %d" % (kind, at)


def check(spool, acked, name):
    """What is wrong, or None."""
    everything = sorted(MESSAGES)
    is_config = name.endswith(".yaml")
    for words in (["mq-get", "t"], ["mq-fsck", "-n"], ["mq-stat"], ["mq-fsck", "-y"]):
        status, out, err = run(spool, *words)
        if status < 0 or status > 128:
            return "%s died: %d %s" % (" ".join(words), status, err)
        if words[0] == "mq-get" and status == 0 and sorted(out.splitlines()) != everything:
            return "mq-get gives other messages: %d of them" % len(out.splitlines())
        if words[0] == "mq-get" and not set(out.splitlines()) <= set(everything):
            return "mq-get gives a wrong message"
        if words[0] == "mq-get" and status != 0 and not (is_config and err):
            return "mq-get exits %d: %s" % (status, err)
    if is_config:
        return None  # by name above; whose topic it is, nobody else can tell
    status, out, err = run(spool, "mq-get", "t")
    if status != 0 or sorted(out.splitlines()) != everything:
        return "after mq-fsck -y: %d, %d messages: %s" % (status, len(out.splitlines()), err)
    # What mq-fsck could not see is named by who meets it, once.
    for _ in range(3):
        if run(spool, "mq-group", "reset", "g", "t", "--shift", "0", "--yes")[0] == 0:
            break
    status, out, err = run(spool, "mq-get", "-g", "g", "t")
    if status == 74 and "index.db" in err:
        status, out, err = run(spool, "mq-get", "-g", "g", "t")
    got = out.splitlines()
    if status not in (0, 1) or not set(got) <= set(everything):
        return "mq-get -g: %d: %s" % (status, err)
    if len(set(got)) != len(got):
        return "mq-get -g gives messages twice"
    missing = set(everything) - set(got) - acked
    if missing:
        return "mq-get -g never gives %d messages" % len(missing)
    return None


def main():
    template = os.path.join(SCRATCH, "template")
    acked = make_template(template)
    failed = 0
    numbers = [ONE] if ONE is not None else range(CASES)
    for number in numbers:
        rng = random.Random("%s %d" % (SEED, number))
        name = FILES[number % len(FILES)]
        spool = os.path.join(SCRATCH, "case")
        shutil.rmtree(spool, ignore_errors=True)
        shutil.copytree(template, spool)
        what = damage(os.path.join(spool, name), rng)
        why = check(spool, acked, name) if what else None
        if why:
            failed += 1
            print("not ok %s: %s: %s\n  again: %s %s DIR 1 %s %d" % (
                name, what, why, sys.argv[0], BIN, SEED, number))
    print("%d files of a spool damaged, %d failed" % (len(numbers), failed))
    sys.exit(failed > 0)


main()
