"""Who moves the starts of logs in a storm, beside readers and groups."""
from clients import TOPICS
from tools import whole_lines

PARTITIONS = 4


class Trimmer:
    """Reads what it is about to trim: so its places are known."""

    def __init__(self, tools, rng):
        self.tools, self.rng = tools, rng
        self.count = self.trims = 0

    def run(self):
        while not self.tools.stop.is_set():
            self.count += 1
            self.trim(f"trim.{self.count}", self.rng.choice(TOPICS),
                      str(self.rng.randrange(PARTITIONS)))
            self.tools.stop.wait(self.rng.uniform(0.1, 0.6))

    def trim(self, p, topic, partition):
        history, k = self.tools.history, f"{topic}:{partition}"
        _, out, _ = self.tools.run(
            p, "mq-get", "-p", partition, "-c",
            str(self.rng.choice((10, 100, 300))), "-f", "%o %v\\n", topic)
        places = [tuple(map(int, line.split())) for line in whole_lines(out)]
        if not places:
            return
        history.tell(p, "ok", "poll", k=k, o=[o for o, _ in places],
                     v=[v for _, v in places])
        start = self.rng.choice(places)[0]
        history.tell(p, "invoke", "trim", k=k, o=start)
        status, _, _ = self.tools.run(p, self.tools.trim, self.tools.spool,
                                      topic, partition, str(start), good=(0,))
        history.tell(p, "ok" if status == 0 else "info", "trim", k=k, o=start)
        self.trims += status == 0
