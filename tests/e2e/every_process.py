"""Runs the built binary for the tests in this folder. EVERY_BINARY and EVERY_FUNCTIONS come from CTest."""
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("EVERY_BINARY", str(TOP / "build/release/every"))
SANITIZED = bool(os.environ.get("EVERY_SANITIZE"))
FUNCTIONS = pathlib.Path(os.environ.get("EVERY_FUNCTIONS", TOP / "build/functions"))
TYPES = TOP / "libs/wasm/tests/data/types/types.wasm"
# Sanitized builds and busy machines are slow; nothing here measures time, this only ends what hangs.
PATIENCE_S = 180


def free_port():
    """One that no other test is given meanwhile: below those the system gives to whoever asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def task(name, func, args):
    return {"run": {"name": name, "input": {"func": func, "args": args}}}


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(self.path)


class Node:
    """`every dev` in a home of its own."""

    tls, token = None, None  # an ssl.SSLContext, and how this test shows who it is to a node that asks

    def __init__(self, home, *arguments, port=None, runtime_port=None, metrics_port=0, tls=None, token=None):
        self.port = port or free_port()
        self.runtime_port = runtime_port or free_port()
        self.tls, self.token = tls, token
        self.home = home
        self.lines = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(self.command("dev", "--home", home, "--port", self.port, "--runtime-port", self.runtime_port, "--metrics-port", metrics_port, *arguments),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def command(self, *arguments):
        return [BINARY, *map(str, arguments)]

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def wait_ready(self):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError("every dev ended: " + "\n".join(self.lines))
            try:
                self.request("GET", "/-/healthz")
                return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError("every dev does not answer: " + "\n".join(self.lines))

    def wait_for_line(self, text):
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while not any(text in line for line in self.lines):
                if not self._changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"no line with {text!r} in:\n" + "\n".join(self.lines))

    def request(self, method, path, body=None):
        if self.tls:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=self.tls)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            headers = {} if body is None else {"Content-Type": "application/json"}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace"), dict(answer.getheaders())
        finally:
            connection.close()

    def run(self, *tasks, query=""):
        return self.request("POST", "/run" + query, {"tasks": list(tasks)})

    def load(self, label, content):
        """Gives the node a component, as its user."""
        connection = UnixConnection(pathlib.Path(self.home) / "every.sock")
        try:
            connection.request("POST", f"/-/components?label={label}", content, {"Content-Type": "application/wasm"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def workers(self):
        """Pids of the node's child processes."""
        pids = []
        for entry in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += [int(pid) for pid in (entry / "children").read_text().split()]
        return pids

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE_S)
        return self.process.returncode


def every(*arguments, check=True):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    if check and done.returncode != 0:
        raise AssertionError(f"every {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


class HomeTest(unittest.TestCase):
    """A test with a home directory and nodes that are ended after it."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="every-e2e-")
        self.home = pathlib.Path(self._folder.name) / "home"
        self.folder = pathlib.Path(self._folder.name)
        self.nodes = []

    def tearDown(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.process.kill()
            node.process.wait(PATIENCE_S)
            node.process.stdout.close()
        self._folder.cleanup()

    def start(self, *arguments, **options):
        node = Node(self.home, *arguments, **options)
        self.nodes.append(node)
        return node

    def write(self, name, document):
        path = self.folder / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path


def first_number(text):
    found = re.search(r"\d+", text)
    return int(found.group(0)) if found else None


def memory_bound(value):
    """What a process may hold at most. A sanitizer keeps what is freed and shadows the rest: with one there is no bound."""
    return float("inf") if SANITIZED else value
