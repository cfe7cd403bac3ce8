"""Those who put and read in a storm, and those who look after the spool."""
import json
import signal
import threading

from tools import whole_lines

RATE = 200  # messages a second, of each writer
TOPICS = ("t", "i", "n")  # mq.sync: always, interval, never


def stop_later(process, seconds):
    timer = threading.Timer(seconds, process.send, (signal.SIGTERM,))
    timer.daemon = True
    timer.start()
    return timer


def chunks_of_lines(process):
    """The lines of its output as they come, in lists."""
    rest = ""
    while data := process.popen.stdout.read1(65536):
        lines = (rest + data.decode()).split("\n")
        rest = lines.pop()
        if lines:
            yield lines


class Writer:
    """A producer: its ids rise, each message holds its id."""

    def __init__(self, tools, rng, number):
        self.tools, self.rng = tools, rng
        self.name = f"w{number}"
        self.last = number * 1_000_000_000

    def run(self):
        ways = ((self.put_one, 6), (self.put_many, 3), (self.put_mixed, 2),
                (self.stream, 1), (self.put_bad, 1))
        ways, weights = zip(*ways)
        while not self.tools.stop.is_set():
            before = self.last
            self.rng.choices(ways, weights)[0]()
            self.tools.stop.wait((self.last - before) / RATE)

    def begin(self, topic, count):
        ids = list(range(self.last + 1, self.last + count + 1))
        self.last += count
        self.tell("invoke", topic, v=ids)
        return ids

    def tell(self, kind, k, **event):
        self.tools.history.tell(self.name, kind, "send", k=k, **event)

    def key(self):
        return f"{self.name}-{self.rng.randrange(4)}"

    def stored(self, ids, lines):
        """Each line names the place of one message, in their order."""
        places = {}
        for v, line in zip(ids, lines):
            topic, partition, o = line.rsplit(":", 2)
            vs, os_ = places.setdefault(f"{topic}:{partition}", ([], []))
            vs.append(v)
            os_.append(int(o))
        for k, (vs, os_) in places.items():
            self.tell("ok", k, v=vs, o=os_)

    def finish(self, topic, ids, lines, kind="info"):
        lines = lines[:len(ids)]
        self.stored(ids, lines)
        if len(lines) < len(ids):
            self.tell(kind, topic, v=ids[len(lines):])

    def put_one(self):
        topic = self.rng.choice(TOPICS)
        ids = self.begin(topic, 1)
        key = ("-k", self.key()) if self.rng.random() < 0.8 else ()
        _, out, _ = self.tools.run(self.name, "mq-put", "-v", *key, "-m",
                                   str(ids[0]), topic)
        self.finish(topic, ids, whole_lines(out))

    def put_many(self):
        topic = self.rng.choice(TOPICS)
        ids = self.begin(topic, self.rng.choice((2, 20, 100)))
        text = "".join(f"{v}\n" for v in ids).encode()
        _, out, _ = self.tools.run(self.name, "mq-put", "-v", "-k", self.key(),
                                   topic, text=text)
        self.finish(topic, ids, whole_lines(out))

    def put_mixed(self):
        """Over all partitions: which line means which is not known."""
        topic = self.rng.choice(TOPICS)
        ids = self.begin(topic, self.rng.choice((5, 30)))
        text = "".join(f"{self.key()}:{v}\n" for v in ids).encode()
        status, _, _ = self.tools.run(self.name, "mq-put", "-K:", topic,
                                      text=text)
        self.tell("ok" if status == 0 else "info", topic, v=ids)

    def put_bad(self):
        """A line that has no key: it and what follows are refused."""
        topic = self.rng.choice(TOPICS)
        key = self.key()
        ids = self.begin(topic, 6)
        lines = [f"{key}:{v}" for v in ids[:3]] + [str(v) for v in ids[3:]]
        _, out, _ = self.tools.run(
            self.name, "mq-put", "-v", "-K:", topic, good=(65,),
            text=("\n".join(lines) + "\n").encode())
        self.finish(topic, ids[:3], whole_lines(out))
        self.tell("fail", topic, v=ids[3:])

    def stream(self):
        """One put, written to and answering again and again."""
        topic = self.rng.choice(TOPICS)
        process = self.tools.start(self.name, "mq-put", "-v", "-k", self.key(),
                                   topic)
        popen = process.popen
        for _ in range(self.rng.randrange(2, 30)):
            ids = self.begin(topic, self.rng.randrange(1, 20))
            lines = []
            try:
                popen.stdin.write("".join(f"{v}\n" for v in ids).encode())
                popen.stdin.flush()
                while len(lines) < len(ids):
                    line = popen.stdout.readline().decode()
                    if not line.endswith("\n"):
                        break
                    lines.append(line[:-1])
            except BrokenPipeError:
                pass
            self.finish(topic, ids, lines)
            if len(lines) < len(ids):
                break
        self.tools.end(process)


class Crowd:
    """Several at once into one partition, a batch for each message: they meet
    at its lock."""

    def __init__(self, tools, rng, numbers):
        self.tools, self.rng = tools, rng
        self.writers = [Writer(tools, rng, number) for number in numbers]

    def run(self):
        while not self.tools.stop.is_set():
            self.put()
            self.tools.stop.wait(self.rng.uniform(1, 4))

    def put(self):
        topic = self.rng.choice(TOPICS)
        started = []
        for writer in self.writers:
            ids = writer.begin(topic, 200)
            process = self.tools.start(writer.name, "mq-put", "-v", "--batch",
                                       "1", "-p", "0", topic)
            started.append((writer, ids, process))
        for _, ids, process in started:
            try:
                process.popen.stdin.write(
                    "".join(f"{v}\n" for v in ids).encode())
                process.popen.stdin.flush()
            except BrokenPipeError:
                pass
        for writer, ids, process in started:
            _, out, _ = self.tools.end(process)
            writer.finish(topic, ids, whole_lines(out))


class Reader:
    """Follows a topic without a group, again and again."""

    def __init__(self, tools, rng, number):
        self.tools, self.rng = tools, rng
        self.name, self.count = f"r{number}", 0

    def run(self):
        while not self.tools.stop.is_set():
            self.count += 1
            self.follow(f"{self.name}.{self.count}")

    def follow(self, p):
        topic = self.rng.choice(TOPICS)
        start = self.rng.choice(("-1", "-50", "-300", "end"))
        process = self.tools.start(p, "mq-get", "-F", "-o", start, "-f",
                                   "%t:%p %o %v\\n", topic)
        timer = stop_later(process, self.rng.uniform(0.3, 3))
        for lines in chunks_of_lines(process):
            self.tell(p, lines)
        timer.cancel()
        self.tools.end(process, good=(0, 1, -signal.SIGTERM))

    def tell(self, p, lines):
        places = {}
        for line in lines:
            k, o, v = line.split(" ")
            vs, os_ = places.setdefault(k, ([], []))
            vs.append(int(v))
            os_.append(int(o))
        for k, (vs, os_) in places.items():
            self.tools.history.tell(p, "ok", "poll", k=k, v=vs, o=os_)


class Housekeeper:
    """Topics made, changed and deleted; looks at the state of all."""

    def __init__(self, tools, rng, groups):
        self.tools, self.rng, self.groups = tools, rng, groups
        self.checks = self.topics = self.trims = 0

    def run_topics(self):
        while not self.tools.stop.is_set():
            self.side_topic(f"side{self.rng.randrange(3)}")

    def side_topic(self, name):
        def tool(*argv, text=b""):
            return self.tools.run("topics", *argv, text=text,
                                  good=(0, 1, 66, 73))
        made = tool("mq-topic", "create", "-p", "2", "-X", "segment.bytes=16K",
                    name)[0]
        self.topics += made == 0
        text = "".join(f"{n}:{'x' * 500}\n" for n in range(60)).encode()
        put = tool("mq-put", "-K:", name, text=text)[0]
        tool("mq-topic", "alter", "-p", "3", "-X", "mq.lease=9s", name)
        tool("mq-get", "-g", "gside", "-c", "20", name)
        status, out, _ = tool("mq-get", name)
        if (made, put, status) == (0, 0, 0) and len(whole_lines(out)) != 60:
            self.tools.complain(f"{name}: {len(whole_lines(out))} of 60")
        self.trim(name)
        while (tool("mq-topic", "delete", "--yes", name)[0] < 0
               and not self.tools.stop.is_set()):
            pass

    def places(self, name):
        """Which messages are there; None if that is not known."""
        status, out, _ = self.tools.run("topics", "mq-get", "-f", "%p %o\\n",
                                        name, good=(0, 1, 66))
        if status not in (0, 1):
            return None
        return {tuple(map(int, line.split())) for line in whole_lines(out)}

    def trim(self, name):
        """What is below the start goes, and nothing else; all of it unless
        whoever trims was killed."""
        before = self.places(name)
        offsets = [o for partition, o in before or () if partition == 0]
        if not offsets:
            return
        start = self.rng.choice(offsets)
        status, _, _ = self.tools.run("topics", self.tools.trim,
                                      self.tools.spool, name, "0", str(start))
        after = self.places(name)
        if after is None:
            return
        self.trims += status == 0
        lost = [place for place in before - after
                if place[0] != 0 or place[1] >= start]
        if lost:
            self.tools.complain(f"{name}: trimmed to {start}: {lost[:3]} lost")
        kept = [place for place in after if place[0] == 0 and place[1] < start]
        if kept and status == 0:
            self.tools.complain(f"{name}: trimmed to {start}: {kept[:3]} kept")

    def run_state(self):
        grow = ["t", "n"]
        while not self.tools.stop.is_set():
            self.watch_positions(self.rng.choice(self.groups))
            self.tools.run("state", "mq-stat", "-j")
            if grow and self.rng.random() < 0.1:
                status, _, _ = self.tools.run("state", "mq-topic", "alter",
                                              "-p", "6", grow[-1])
                del grow[len(grow) - (status == 0):]
            self.tools.stop.wait(0.2)

    def watch_positions(self, group):
        status, out, _ = self.tools.run("state", "mq-group", "show", "-j",
                                        group, good=(0, 66))
        for line in whole_lines(out) if status == 0 else ():
            row = json.loads(line)
            self.tools.history.tell(
                "state", "ok", "commit", g=group, o=row["start"],
                k=f"{row['topic']}:{row['partition']}")

    def check(self, how="-n"):
        """What creations that were killed leave behind is no damage."""
        status, out, _ = self.tools.run("fsck", "mq-fsck", how,
                                        good=(0, 1, 4), limit=300)
        self.checks += status >= 0
        for line in whole_lines(out):
            if "left over by a process that was killed" not in line:
                self.tools.complain(f"mq-fsck {how}: exit {status}: {line}")
        return status

    def run_checks(self):
        while not self.tools.stop.is_set():
            self.check()
            self.tools.stop.wait(self.rng.uniform(0.5, 3))
