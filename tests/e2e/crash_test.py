"""Kills the node at every named point and at random times under load, and checks after each restart that nothing acknowledged is missing,
that what was not finished goes on and ends the same, and that no task with a committed receipt runs again.

As a test: a kill at every point and a few at random. By hand: crash_test.py --kills 1000 [--seed N] [--durability relaxed] [--jobs N]
"""
import argparse
import base64
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from every_process import BINARY, Node, PATIENCE_S, TYPES, every, free_port, task

# As every_core's table has them; the test compares with what the binary says.
POINTS = ["run-admitted", "run-recorded", "task-starting", "task-done", "batch-begun", "batch-applied", "batch-committed",
          "task-told", "run-answering", "run-answered", "run-marked", "run-resuming"]
# Passed by whatever is posted to /run; the others by durable accepts and by resumptions only.
UNDER_LOAD = [point for point in POINTS if point not in ("run-recorded", "run-marked", "run-resuming")]
POSTERS = 3
# A long run begins a home anew after so many: what a start looks through grows with what was kept.
KILLS_OF_A_HOME = 100


def cid_text(raw):
    return "b" + base64.b32encode(raw).decode().rstrip("=").lower()


class Home:
    """A home that nodes come and go in, and what was promised about it."""

    def __init__(self, folder, rng, *arguments):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "home"
        self.rng = rng
        self.arguments = ["--fn", TYPES, "--workers", "1", *arguments]
        self.acknowledged = {}  # run → (tasks, body, receipt of the answer, whether that was known)
        self.receipts = {}  # workflow's text → receipt of its answer, the same for ever
        self.next_number = 0
        self.lock = threading.Lock()
        self.kills = 0

    def start(self, *arguments):
        return Node(self.home, *self.arguments, *arguments)

    def committed_receipts(self):
        """CIDs of the receipts on disk, read from a copy while no node runs. The databases must be sound as the kill left them."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for pattern in ("store.db*", "blocks.db*"):
            for path in self.home.glob(pattern):
                shutil.copy(path, copy / path.name)
        self.check_integrity(copy)
        if not (copy / "store.db").exists():
            return set()
        with contextlib.closing(sqlite3.connect(copy / "store.db")) as database:
            if database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'receipts'").fetchone()[0] == 0:
                return set()
            return {cid_text(cid) for (cid,) in database.execute("SELECT cid FROM receipts")}

    def check_integrity(self, folder):
        for path in (folder / "store.db", folder / "blocks.db"):
            if not path.exists():
                continue
            with contextlib.closing(sqlite3.connect(path)) as database:
                answer = database.execute("PRAGMA integrity_check").fetchall()
            assert answer == [("ok",)], f"{path.name}: {answer}"

    def workflow(self):
        """A chain of two to five tasks, some of them known from before."""
        with self.lock:
            first = self.rng.randrange(max(1, self.next_number)) if self.rng.random() < 0.3 else self.next_number
            self.next_number += 1
            length = self.rng.randint(2, 5)
        tasks = [task("t0", "add", [first, 1])]
        for i in range(1, length):
            tasks.append(task(f"t{i}", "add", [f"{{{{needs.t{i - 1}.output}}}}", i]))
        return tasks, str(first + 1 + sum(range(1, length)))

    def post(self, node, tasks, expected):
        """Posts a workflow; remembers what was acknowledged. False when the node went away."""
        try:
            status, body, headers = node.run(*tasks)
        except (OSError, http.client.HTTPException):
            return False
        if status == 503:
            return False
        assert (status, body) == (200, expected), f"{status} {body}, expected {expected}"
        self.promise(json.dumps(tasks), headers["Every-Receipt"])
        with self.lock:
            self.acknowledged[headers["Every-Run"]] = (tasks, body, headers["Every-Receipt"], headers["Every-Replayed"])
        return True

    def promise(self, workflow, receipt):
        with self.lock:
            known = self.receipts.setdefault(workflow, receipt)
        assert known == receipt, f"another receipt for the same workflow: {known}, {receipt}"

    def load(self, node):
        """Starts clients that post until the node is gone. Their failures come out of join()."""
        problems = []

        def posting():
            try:
                while self.post(node, *self.workflow()):
                    pass
            except Exception as problem:  # told by the thread that waits
                problems.append(problem)

        threads = [threading.Thread(target=posting, daemon=True) for _ in range(POSTERS)]
        for thread in threads:
            thread.start()

        def join():
            for thread in threads:
                thread.join(PATIENCE_S)
                assert not thread.is_alive(), "a request was never answered, not even by the end of the node"
            if problems:
                raise problems[0]

        return join

    def expect_death(self, node):
        node.process.wait(PATIENCE_S)
        assert node.process.returncode == -signal.SIGKILL, f"ended with {node.process.returncode}:\n" + "\n".join(node.lines[-20:])
        node.process.stdout.close()
        self.kills += 1

    def check(self, sample=None):
        """Restarts; all that was promised must be there. out: the node, running"""
        committed = self.committed_receipts()
        node = self.start().wait_ready()
        self.wait_for_unfinished(node)
        promised = list(self.acknowledged.items())
        for run, (tasks, body, receipt, replayed) in promised if sample is None else self.rng.sample(promised, min(sample, len(promised))):
            status, text, _ = node.request("GET", f"/-/runs/{run}")
            # The record of a run whose results were all known is written behind its answer (ARCHITECTURE.md); all others are promised.
            assert status == 200 or (status == 404 and replayed == "true"), f"the acknowledged run {run} is missing: {text}"
            if status == 200:
                record = json.loads(text)
                assert record["state"] == "completed", text
                assert record["tasks"][-1]["receipt"] == receipt, text
            status, text, _ = node.request("GET", f"/-/receipts/{receipt}")
            assert status == 200, f"the acknowledged receipt {receipt} is missing: {text}"
            status, again, headers = node.run(*tasks)
            assert (status, again, headers["Every-Receipt"], headers["Every-Replayed"]) == (200, body, receipt, "true"), f"{again} {headers}"
        # The log is written by a thread of its own: its last line shows that those before are there.
        number = self.next_number
        self.next_number += 1
        assert node.run(task("last", "add", [number, 1_000_000]))[1] == str(number + 1_000_000)
        self.wait_for_end_lines(node)
        for line in node.lines:
            if "computed receipt" in line:
                receipt = line.split("receipt_cid=")[1].split()[0]
                assert receipt not in committed, f"a task with a committed receipt ran again: {line}"
        return node

    def wait_for_end_lines(self, node):
        node.wait_for_line("workflow completed")
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            begun = sum("starting workflow" in line or "replaying workflow" in line for line in list(node.lines))
            ended = sum('"workflow completed"' in line or '"workflow failed"' in line for line in list(node.lines))
            if begun == ended:
                return
            time.sleep(0.01)
        raise AssertionError("runs that never end:\n" + "\n".join(node.lines[-20:]))

    def wait_for_unfinished(self, node):
        """Unfinished runs go on by themselves and complete."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            runs = json.loads(node.request("GET", "/-/runs?limit=200")[1])["runs"]
            states = {run["state"] for run in runs}
            if states <= {"completed"}:
                return
            assert states <= {"completed", "running"}, [run for run in runs if run["state"] not in ("completed", "running")]
            assert time.monotonic() < deadline, "runs that do not end: " + str([run for run in runs if run["state"] == "running"])
            time.sleep(0.01)

    def stop(self, node):
        code = node.stop()
        assert code == 0, f"ended with {code}:\n" + "\n".join(node.lines[-20:])
        node.process.stdout.close()
        self.check_integrity(self.home)


def kill_at(home, point, time_n):
    """A node that dies at the n-th passing of a point, under load."""
    node = home.start("--simulate-crash", f"{point}:{time_n}")
    try:
        node.wait_ready()
    except AssertionError:
        home.expect_death(node)  # at a point of the start itself
        return
    join = home.load(node)
    home.expect_death(node)
    join()


def kill_at_random(home, node):
    join = home.load(node)
    time.sleep(home.rng.random() * 0.25)  # not a wait for anything: when the kill comes is the experiment
    node.process.send_signal(signal.SIGKILL)
    home.expect_death(node)
    join()


class CrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="every-crash-")
        self.addCleanup(folder.cleanup)
        seed = random.randrange(1 << 32)
        print(f"seed {seed}", file=sys.stderr)
        self.home = Home(folder.name, random.Random(seed))

    def test_the_binary_names_its_points(self):
        done = every("dev", "--home", self.home.home, "--simulate-crash", "nowhere", check=False)
        self.assertEqual(done.returncode, 64)
        for point in POINTS:
            self.assertIn(point, done.stderr)

    def test_nothing_promised_is_lost_by_a_kill_at_any_point(self):
        for point in UNDER_LOAD:
            n = self.home.rng.randint(1, 10)
            with self.subTest(point=point, n=n):
                kill_at(self.home, point, n)
                self.home.stop(self.home.check(sample=5))
        self.assertEqual(self.home.kills, len(UNDER_LOAD))

    def test_nothing_promised_is_lost_by_kills_at_random(self):
        for _ in range(3):
            kill_at_random(self.home, self.home.start().wait_ready())
            self.home.stop(self.home.check(sample=5))

    def test_relaxed_keeps_what_was_promised_through_kills_too(self):
        self.home.arguments += ["--durability", "relaxed"]
        for point in ("task-told", "batch-committed"):
            kill_at(self.home, point, self.home.rng.randint(1, 10))
            self.home.stop(self.home.check(sample=5))
        kill_at_random(self.home, self.home.start().wait_ready())
        self.home.stop(self.home.check(sample=5))

    def test_in_memory_nothing_is_kept_and_nothing_is_written(self):
        node = self.home.start("--durability", "memory").wait_ready()
        self.assertEqual(node.run(task("t", "add", [1, 2]))[1:2], ("3",))
        self.assertEqual(node.run(task("t", "add", [1, 2]))[2]["Every-Replayed"], "true")
        self.assertEqual(list(self.home.home.glob("*.db*")), [])
        self.kill(node)
        again = self.home.start("--durability", "memory").wait_ready()
        self.assertEqual(again.run(task("t", "add", [1, 2]))[2]["Every-Replayed"], "false")
        self.kill(again)

    def start_endless_run(self, *arguments):
        """A node in whose home a run is recorded whose second task never ends."""
        node = self.home.start(*arguments).wait_ready()
        threading.Thread(target=self.post_quietly, args=(node, task("good", "add", [1, 2]), task("bad", "spin", [])), daemon=True).start()
        node.wait_for_line("computed receipt")
        # What is answered later was committed later.
        self.assertEqual(node.run(task("other", "add", [5, 6]))[1], "11")
        return node

    def kill(self, node):
        node.process.send_signal(signal.SIGKILL)
        self.home.expect_death(node)

    @staticmethod
    def post_quietly(node, *tasks):
        with contextlib.suppress(OSError, http.client.HTTPException):
            node.run(*tasks)

    def test_a_run_that_takes_the_node_down_three_times_is_left_alone(self):
        home = self.home
        self.kill(self.start_endless_run())
        for point in ("task-starting", "run-resuming", "task-starting"):
            home.expect_death(home.start("--simulate-crash", point))
        node = home.start().wait_ready()
        node.wait_for_line("is in quarantine")
        states = [run["state"] for run in json.loads(node.request("GET", "/-/runs")[1])["runs"]]
        self.assertEqual(states, ["completed", "quarantined"])
        self.assertEqual(node.run(task("good", "add", [1, 2]))[2]["Every-Replayed"], "true")
        home.stop(node)

    def test_a_clean_stop_is_nothing_a_run_is_blamed_for(self):
        config = self.home.folder / "quick.toml"
        config.write_text("[node]\nshutdown_timeout = 1\n")
        node = self.start_endless_run("--config", config)
        for _ in range(4):
            self.assertEqual(node.stop(), 0)
            node.process.stdout.close()
            node = self.home.start("--config", config).wait_ready()
            node.wait_for_line("taking up an unfinished run")
        self.kill(node)

    def test_a_run_without_a_receipt_yet_goes_on_after_a_clean_stop(self):
        config = self.home.folder / "quick.toml"
        config.write_text("[node]\nshutdown_timeout = 1\n")
        node = self.home.start("--config", config).wait_ready()
        threading.Thread(target=self.post_quietly, args=(node, task("bad", "spin", [])), daemon=True).start()
        node.wait_for_line("starting workflow")
        self.assertEqual(node.stop(), 0)
        again = self.home.start("--config", config).wait_ready()
        again.wait_for_line("taking up an unfinished run")
        self.kill(again)


class Progress:
    """What a long run has come to, told now and then and at the end."""

    def __init__(self, kills):
        self.wanted, self.kills, self.acknowledged = kills, 0, 0
        self.began = time.monotonic()
        self.places = collections.Counter()
        self.lock = threading.Lock()

    def note(self, place, acknowledged):
        with self.lock:
            self.kills += 1
            self.acknowledged += acknowledged
            self.places[place] += 1
            if self.kills % 25 == 0:
                print(f"{self.kills} of {self.wanted} kills, {self.acknowledged} runs acknowledged, {self.seconds():.0f} s", flush=True)

    def seconds(self):
        return time.monotonic() - self.began

    def summary(self, seed):
        print(f"passed: {self.kills} kills in {self.seconds():.0f} s, {self.acknowledged} acknowledged runs, nothing lost; seed {seed}")
        for place, kills in sorted(self.places.items()):
            print(f"  {kills:5}  {place}")


def kill_in_one_home(kills, seed, durability, progress):
    """Kills at points and at random, a restart and a check after each, and all that was ever promised at the end."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="every-crash-") as folder:
        home = Home(folder, rng, "--durability", durability)
        node = None  # the one that runs, checked
        while home.kills < kills:
            before = len(home.acknowledged)
            if rng.random() < 0.5:
                # The node that was checked is the one to be killed: starts are most of what this takes.
                place = "at random"
                kill_at_random(home, node or home.start().wait_ready())
            else:
                if node:
                    home.stop(node)
                point = rng.choice(UNDER_LOAD)
                place = f"at {point}"
                kill_at(home, point, rng.randint(1, 40))
            last = home.kills == kills
            node = home.check(sample=None if last or home.kills % 25 == 0 else 5)
            progress.note(place, len(home.acknowledged) - before)
        home.stop(node)


def long_run(options):
    progress = Progress(options.kills)
    seeds = random.Random(options.seed)
    shares = [min(KILLS_OF_A_HOME, options.kills - begun) for begun in range(0, options.kills, KILLS_OF_A_HOME)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        homes = [pool.submit(kill_in_one_home, share, seeds.randrange(1 << 32), options.durability, progress) for share in shares]
        try:
            for home in homes:
                home.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            print(f"failed after {progress.kills} kills; seed {options.seed}", flush=True)
            raise
    progress.summary(options.seed)


if __name__ == "__main__":
    if "--kills" in sys.argv:
        parser = argparse.ArgumentParser()
        parser.add_argument("--kills", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
        parser.add_argument("--durability", default="durable", choices=["durable", "relaxed"])
        parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) // 2), help="homes at once")
        long_run(parser.parse_args())
    else:
        unittest.main()
