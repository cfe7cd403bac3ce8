"""What strikes the tools of a storm: kills, stops, and deleted side files."""
import os
import signal
import threading
import time

SIDE_FILES = ("control", "positions")  # of each partition


class Nemesis:
    def __init__(self, tools, rng, topics):
        self.tools, self.rng, self.topics = tools, rng, topics
        self.kills = self.stops = self.deleted = 0

    def threads(self):
        return [threading.Thread(target=work) for work in
                (self.kill_often, self.stop_often, self.delete_often,
                 self.watch)]

    def kill_often(self):
        while not self.tools.stop.wait(self.rng.uniform(0.002, 0.016)):
            victims = self.tools.victims()
            if victims:
                self.kill(self.rng.choice(victims))

    def kill(self, victim):
        if "--" in victim.argv and self.rng.random() < 0.3:
            self.kills += self.kill_worker(victim)
            return
        if victim.is_session:
            self.tools.history.tell(victim.client, "info", "session")
        self.kills += victim.send(signal.SIGKILL)

    def kill_worker(self, victim):
        pid = victim.popen.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children",
                      encoding="ascii") as file:
                child = int(self.rng.choice(file.read().split()))
            fd = os.pidfd_open(child)
        except (OSError, IndexError, ValueError):
            return False
        try:
            if parent_of(child) != pid:
                return False
            victim.spoilt = True
            self.tools.history.tell(victim.client, "info", "worker")
            signal.pidfd_send_signal(fd, signal.SIGKILL)
            return True
        except OSError:
            return False
        finally:
            os.close(fd)

    def stop_often(self):
        """At most 0.4 s: what holds a lock meanwhile blocks others."""
        while not self.tools.stop.wait(self.rng.uniform(0.05, 0.6)):
            victims = self.tools.victims()
            if victims:
                self.pause(self.rng.choice(victims))

    def pause(self, victim):
        history = self.tools.history
        name = f"{victim.client}.stop"
        history.tell(name, "info", "stop")
        if victim.send(signal.SIGSTOP):
            self.stops += 1
            time.sleep(self.rng.choice((0.01, 0.05, 0.1, 0.4)))
            victim.send(signal.SIGCONT)
        history.tell(name, "info", "cont")

    def delete_often(self):
        while not self.tools.stop.wait(self.rng.uniform(0.2, 1.5)):
            topic = os.path.join(self.tools.spool, "topics",
                                 self.rng.choice(self.topics))
            paths = [os.path.join(topic, "doorbell"),
                     os.path.join(self.tools.spool, "commit")]
            paths += [os.path.join(topic, partition, name)
                      for partition in os.listdir(topic)
                      if partition.isdigit() for name in SIDE_FILES]
            paths = [path for path in paths if os.path.exists(path)]
            try:
                os.unlink(self.rng.choice(paths))
                self.deleted += 1
            except (FileNotFoundError, IndexError):
                pass  # somebody renames it, or there is none

    def watch(self):
        """Nothing may hang: who runs for too long is told of and killed."""
        while not self.tools.stop.wait(1):
            self.kill_the_late()

    def kill_the_late(self):
        """One that hangs ends the storm: others would wait for it, too."""
        for process in self.tools.victims():
            if time.monotonic() > process.deadline:
                self.tools.complain(f"{' '.join(process.argv)} hung")
                self.tools.is_stuck = True
        if self.tools.is_stuck:
            self.tools.stop.set()
            for process in self.tools.victims():
                process.send(signal.SIGKILL)


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return int(file.read().rsplit(") ", 1)[1].split()[1])
