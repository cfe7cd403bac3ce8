"""The tools as a storm runs them, and the history that it writes of them."""
import json
import os
import signal
import subprocess
import threading
import time


LIMIT_S = 30  # for a tool that does not wait for anything


def boot_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class History:
    """One JSON line an event, appended in one write: workers write, too."""

    def __init__(self, path):
        self.path = path
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC |
                            os.O_APPEND | os.O_CLOEXEC, 0o600)

    def tell(self, p, kind, f, t=None, **event):
        event.update(t=t or boot_ns(), p=p, type=kind, f=f)
        line = json.dumps(event, separators=(",", ":")) + "\n"
        if os.write(self.file, line.encode()) != len(line):
            raise OSError(f"{self.path}: short write")


class Process:
    """A running tool: a victim until it ended."""

    def __init__(self, tools, client, argv, limit):
        self.client = client
        self.argv = argv
        self.deadline = time.monotonic() + limit
        self.spoilt = False  # a worker of it was killed
        self.is_session = False  # it settles what it leased
        self.popen = subprocess.Popen(
            [os.path.join(tools.bin, argv[0]), *argv[1:]], env=tools.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.fd = os.pidfd_open(self.popen.pid)
        self.lock = threading.Lock()

    def send(self, number):
        """False if it is over. The descriptor means this process only."""
        with self.lock:
            if self.fd < 0:
                return False
            try:
                signal.pidfd_send_signal(self.fd, number)
            except ProcessLookupError:
                return False
            return True

    def close(self):
        with self.lock:
            os.close(self.fd)
            self.fd = -1


class Tools:
    """Starts tools, knows which run, and complains of those that fail."""

    def __init__(self, binaries, spool, history):
        self.bin, self.spool, self.history = binaries, spool, history
        self.env = dict(os.environ, MQ_SPOOL=spool)
        self.lock = threading.Lock()
        self.running = set()
        self.stop = threading.Event()
        self.errors = []
        self.started = 0
        self.is_stuck = False  # something hung: nobody should wait for more

    def complain(self, text):
        with self.lock:
            self.errors.append(text)

    def start(self, client, *argv, limit=LIMIT_S):
        process = Process(self, client, argv, limit)
        with self.lock:
            self.running.add(process)
            self.started += 1
        return process

    def end(self, process, text=b"", good=(0, 1)):
        """Waits for its end; returns (status, stdout, stderr). A negative
        status means we killed it."""
        out, err = process.popen.communicate(text)
        with self.lock:
            self.running.discard(process)
        process.close()
        status = process.popen.returncode
        if status not in (*good, -signal.SIGKILL):
            self.complain(f"{' '.join(process.argv)}: exit {status}: "
                          f"{err.decode(errors='replace').strip()[:500]}")
        return status, out.decode(), err.decode(errors="replace")

    def run(self, client, *argv, text=b"", good=(0, 1), limit=LIMIT_S):
        process = self.start(client, *argv, limit=limit)
        return self.end(process, text, good)

    def victims(self):
        with self.lock:
            return list(self.running)


def whole_lines(text):
    """The lines that were written to their end."""
    return text.split("\n")[:-1]
