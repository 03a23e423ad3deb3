"""Disks that fill up, fail or change what was written: nothing wrong is ever served, what is wrong is named, and it can be mended."""
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import threading
import time
import unittest

from every_process import BINARY, HomeTest, Node, PATIENCE_S, TYPES, every, task

HERE = pathlib.Path(__file__).resolve().parent


class FaultyNode(Node):
    """A node whose databases are on a disk that fails on demand."""

    shim, faults = None, None

    def command(self, *arguments):
        # A sanitizer wants to be loaded first, which the shim needs not.
        return ["env", "ASAN_OPTIONS=verify_asan_link_order=0", f"LD_PRELOAD={self.shim}", f"EVERY_FAULTS={self.faults}", *super().command(*arguments)]


class FailingDiskTest(HomeTest):
    def setUp(self):
        super().setUp()
        if not (compiler := shutil.which("cc") or shutil.which("gcc")):
            self.skipTest("no C compiler here to make a failing disk with")
        FaultyNode.shim = self.folder / "faults.so"
        FaultyNode.faults = self.folder / "faults"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", FaultyNode.shim, HERE / "disk_faults.c", "-ldl"], check=True)

    def fail(self, how=""):
        (self.folder / "new").write_text(how)
        os.replace(self.folder / "new", FaultyNode.faults)

    def begin(self):
        self.fail("")
        node = FaultyNode(self.home, "--fn", TYPES)
        self.nodes.append(node)
        node.wait_ready()
        self.assertEqual(node.run(task("t", "add", [1, 2]))[:2], (200, "3"))
        return node

    def assert_comes_back(self, node):
        """Once the disk is well the node is, by itself; and what it acknowledged is there after a kill."""
        self.fail("")
        deadline = time.monotonic() + PATIENCE_S
        number = 1000
        while True:
            status, body, headers = node.run(task("t", "add", [number, 1]))
            if status == 200:
                break
            number += 1
            self.assertLess(time.monotonic(), deadline, body)
        self.assertEqual(body, str(number + 1))
        while node.request("GET", "/-/healthz")[0] != 200:
            self.assertLess(time.monotonic(), deadline)
        node.kill()
        again = self.start("--fn", TYPES).wait_ready()
        after = again.run(task("t", "add", [number, 1]))
        self.assertEqual((after[2]["Every-Receipt"], after[2]["Every-Replayed"]), (headers["Every-Receipt"], "true"))
        self.assertEqual(again.run(task("t", "add", [1, 2]))[2]["Every-Replayed"], "true")

    def test_a_full_disk_fails_who_waits_for_it_by_name_and_nothing_else(self):
        node = self.begin()
        self.fail("full")
        status, body, _ = node.run(task("t", "add", [5, 6]))
        self.assertGreaterEqual(status, 400, body)
        self.assertIn("store.db", body)
        self.assertIn("full", body)
        self.assertIn("make room", body)
        self.assertEqual(node.run(task("t", "add", [1, 2]))[:2], (200, "3"))
        self.assert_comes_back(node)

    def test_on_a_full_disk_a_component_is_refused_by_name_and_taken_later(self):
        node = self.begin()
        self.fail("full")
        component = (HERE / "../../libs/wasm/tests/data/types/types.wasm").resolve().read_bytes() + b"\0\x05\x04more"
        status, body = node.load("again", component)
        self.assertGreaterEqual(status, 400, body)
        self.assertIn("blocks.db", body)
        self.assertIn("make room", body)
        self.fail("")
        self.assertEqual(node.load("again", component)[0], 200)

    def test_a_disk_that_reports_errors_is_named_and_the_node_is_unwell_until_it_is_over(self):
        for how in ("sync", "eio"):
            with self.subTest(how):
                node = self.begin()
                self.fail(how)
                status, body, _ = node.run(task("t", "add", [7, 8]))
                self.assertGreaterEqual(status, 500, body)
                self.assertIn("store.db", body)
                self.assertIn("I/O error", body)
                status, body, _ = node.request("GET", "/-/healthz")
                self.assertEqual(status, 503, body)
                self.assertIn("store.db", json.loads(body)["problem"])
                self.assertEqual(node.run(task("t", "add", [1, 2]))[:2], (200, "3"))
                self.assert_comes_back(node)
                shutil.rmtree(self.home)

    def test_a_disk_that_cannot_be_written_is_refused_at_the_start_by_name(self):
        self.begin().stop()
        self.fail("readonly")
        node = FaultyNode(self.home, "--fn", TYPES)
        self.nodes.append(node)
        self.assertNotEqual(node.process.wait(PATIENCE_S), 0)
        node.reader.join(PATIENCE_S)
        told = "\n".join(node.lines)
        self.assertIn("store.db", told)
        self.assertRegex(told, "[Rr]ead-only|readonly|cannot")


class DamagedHomeCase(HomeTest):
    """A home with results in it, of which one byte or one end is changed at a time."""

    RESULTS = 12

    def setUp(self):
        super().setUp()
        self.rng = random.Random(os.environ.get("EVERY_SEED", "7"))
        self.receipts = {}
        node = self.start("--fn", TYPES).wait_ready()
        for n in range(self.RESULTS):
            status, body, headers = node.run(task("t", "add", [n, 1]), task("s", "concat", [f"{n}", "x" * 200]))
            self.assertEqual((status, body), (200, f"{n}" + "x" * 200))
            self.receipts[n] = headers["Every-Receipt"]
        self.stop(node)
        self.sound = self.folder / "sound"
        shutil.copytree(self.home, self.sound, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))

    def stop(self, node):
        node.stop()
        node.process.stdout.close()
        self.nodes.remove(node)

    def restore(self):
        shutil.rmtree(self.home)
        shutil.copytree(self.sound, self.home)

    def assert_answers_right(self, node):
        """All there is to be asked: the right answer, or an error that says what is damaged."""
        for n in range(self.RESULTS):
            status, body, headers = node.run(task("t", "add", [n, 1]), task("s", "concat", [f"{n}", "x" * 200]))
            if status == 200:
                self.assertEqual((body, headers["Every-Receipt"]), (f"{n}" + "x" * 200, self.receipts[n]))
            else:
                self.assert_names_damage(status, body)
            status, body, _ = node.request("GET", f"/-/receipts/{self.receipts[n]}")
            if status == 200:
                self.assertIn("x" * 200, body)
            elif status != 404:
                self.assert_names_damage(status, body)
        status, body, _ = node.request("GET", "/-/runs")
        if status != 200:
            return self.assert_names_damage(status, body)
        for run in json.loads(body)["runs"]:
            status, body, _ = node.request("GET", f"/-/runs/{run['id']}")
            if status != 200:
                self.assert_names_damage(status, body)

    def assert_names_damage(self, status, body):
        self.assertGreaterEqual(status, 500, body)
        told = json.loads(body)
        self.assertRegex(told["error"], "damaged|malformed|corrupt|not a database|does not hash")

    def start_or_refusal(self):
        """A node, or nothing when it refused to start and said why."""
        node = self.start("--fn", TYPES)
        try:
            return node.wait_ready()
        except AssertionError:
            self.assertGreater(node.process.wait(PATIENCE_S), 0, "\n".join(node.lines))
            node.reader.join(PATIENCE_S)
            told = "\n".join(node.lines)
            self.assertRegex(told, r"(store|blocks)\.db")
            self.assertIn("every doctor --repair", told)
            node.process.stdout.close()
            self.nodes.remove(node)
            return None

    def check_damaged_home(self):
        node = self.start_or_refusal()
        if node:
            self.assert_answers_right(node)
            self.stop(node)
        repaired = every("doctor", "--repair", "--json", "--home", self.home, check=False)
        states = {row["name"]: row["state"] for row in json.loads(repaired.stdout)}
        self.assertNotIn("damaged", states.values(), repaired.stdout)
        told = every("doctor", "--json", "--home", self.home, check=False)
        rows = {row["name"]: row for row in json.loads(told.stdout)}
        for name in ("store.db", "blocks.db", "compiled code"):
            if name in rows:
                self.assertEqual(rows[name]["state"], "ok", rows[name])
        node = self.start("--fn", TYPES).wait_ready()
        for n in range(self.RESULTS):
            status, body, headers = node.run(task("t", "add", [n, 1]), task("s", "concat", [f"{n}", "x" * 200]))
            self.assertEqual((status, body, headers.get("Every-Receipt")), (200, f"{n}" + "x" * 200, self.receipts[n]))
        self.assertEqual(node.request("GET", "/-/runs")[0], 200)
        self.stop(node)

    def sweep(self, path, flips, cuts):
        self.restore()  # what came before may have left a longer one
        size = path.stat().st_size
        for number in range(flips):
            at = size * number // flips + self.rng.randrange(max(1, size // flips))
            bit = 1 << self.rng.randrange(8)
            with self.subTest(f"{path.name} byte {at} bit {bit}"):
                self.restore()
                with path.open("r+b") as file:
                    file.seek(at)
                    byte = file.read(1)[0]
                    file.seek(at)
                    file.write(bytes([byte ^ bit]))
                self.check_damaged_home()
        for number in range(cuts):
            length = size * number // cuts
            with self.subTest(f"{path.name} cut at {length}"):
                self.restore()
                os.truncate(path, length)
                self.check_damaged_home()


class DamageTest(DamagedHomeCase):
    def test_the_store_changed_or_cut_off_anywhere(self):
        self.sweep(self.home / "store.db", 16, 5)

    def test_the_content_changed_or_cut_off_anywhere(self):
        self.sweep(self.home / "blocks.db", 8, 4)

    def test_compiled_code_changed_or_cut_off_anywhere(self):
        for path in sorted((self.home / "cache" / "code").iterdir()):
            self.sweep(path, 3, 2)

    def test_the_log_of_a_killed_node_changed_or_cut_off_anywhere(self):
        node = self.start("--fn", TYPES).wait_ready()
        for n in range(self.RESULTS, 3 * self.RESULTS):
            self.assertEqual(node.run(task("t", "add", [n, 1]))[0], 200)
        node.kill()
        node.process.stdout.close()
        self.nodes.remove(node)
        self.assertTrue((self.home / "store.db-wal").exists())
        shutil.rmtree(self.sound)
        shutil.copytree(self.home, self.sound, ignore=shutil.ignore_patterns("*.sock"))
        self.sweep(self.home / "store.db-wal", 8, 4)

    def test_a_receipt_that_is_lost_is_made_again_with_the_same_cid(self):
        with contextlib.closing(sqlite3.connect(self.home / "store.db")) as database:
            database.execute("DELETE FROM receipts")
            database.commit()
        node = self.start("--fn", TYPES).wait_ready()
        status, body, headers = node.run(task("t", "add", [0, 1]), task("s", "concat", ["0", "x" * 200]))
        self.assertEqual((status, headers["Every-Receipt"], headers["Every-Replayed"]), (200, self.receipts[0], "false"))

    def test_a_damaged_run_that_was_under_way_is_named_and_the_node_goes_on(self):
        node = self.start("--fn", TYPES).wait_ready()
        threading.Thread(target=self.post_quietly, args=(node, task("a", "add", [100, 2]), task("b", "spin", [])), daemon=True).start()
        node.wait_for_line("computed receipt")
        self.assertEqual(node.run(task("other", "add", [500, 6]))[1], "506")
        node.kill()
        with contextlib.closing(sqlite3.connect(self.home / "store.db")) as database:
            run = database.execute("SELECT id FROM runs WHERE status = 0").fetchone()[0]
            database.execute("UPDATE runs SET name = 'other' WHERE status = 0")
            database.commit()
        again = self.start("--fn", TYPES).wait_ready()
        again.wait_for_line(f"run {run} cannot be taken up again")
        self.assertEqual(again.run(task("a", "add", [100, 2]))[2]["Every-Replayed"], "true")
        self.stop(again)
        every("doctor", "--repair", "--home", self.home, check=False)
        self.assertEqual(self.start("--fn", TYPES).wait_ready().request("GET", "/-/runs")[0], 200)

    @staticmethod
    def post_quietly(node, *tasks):
        with contextlib.suppress(OSError, http.client.HTTPException):
            node.run(*tasks)

    def test_component_content_that_is_lost_is_named_or_taken_from_the_file_again(self):
        with contextlib.closing(sqlite3.connect(self.home / "blocks.db")) as database:
            database.execute("UPDATE blocks SET bytes = zeroblob(length(bytes))")
            database.commit()
        shutil.rmtree(self.home / "cache")
        told = json.loads(every("doctor", "--json", "--home", self.home, check=False).stdout)
        content = next(row for row in told if row["name"] == "blocks.db")
        self.assertEqual((content["state"], content["install"]), ("damaged", "every doctor --repair"))
        self.assertIn("does not hash to its CID", content["found"])
        self.check_damaged_home()


class RepairTest(DamagedHomeCase):
    """The command itself."""

    def damage_rows(self):
        with contextlib.closing(sqlite3.connect(self.home / "store.db")) as database:
            database.execute("UPDATE receipts SET block = zeroblob(10) WHERE rowid <= 2")
            database.execute("UPDATE runs SET name = 'other' WHERE rowid = (SELECT max(rowid) FROM runs)")
            database.commit()

    def test_without_damage_there_is_nothing_to_do(self):
        before = (self.home / "store.db").read_bytes()
        rows = json.loads(every("doctor", "--repair", "--json", "--home", self.home, check=False).stdout)
        self.assertEqual({row["state"] for row in rows[:4]}, {"ok"})
        self.assertEqual((self.home / "store.db").read_bytes(), before)
        self.assertFalse((self.home / "damaged").exists())

    def test_damage_is_told_with_the_command_and_an_exit_code(self):
        self.damage_rows()
        done = every("doctor", "--home", self.home, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("2 damaged rows in receipts", done.stderr)
        self.assertIn("1 damaged row in runs", done.stderr)
        self.assertIn("every doctor --repair", done.stderr)

    def test_what_is_mended_is_told_and_the_damaged_file_is_kept(self):
        self.damage_rows()
        damaged = (self.home / "store.db").read_bytes()
        done = every("doctor", "--repair", "--home", self.home, check=False)
        self.assertIn("3 damaged rows", done.stderr)
        self.assertIn("computed again", done.stderr)
        kept = [path for path in (self.home / "damaged").iterdir() if not path.name.endswith("-wal")]
        self.assertEqual([path.read_bytes() for path in kept], [damaged])
        again = json.loads(every("doctor", "--repair", "--json", "--home", self.home, check=False).stdout)
        self.assertEqual(next(row for row in again if row["name"] == "store.db")["state"], "ok")

    def test_a_home_in_use_is_left_alone_and_its_node_is_named(self):
        node = self.start("--fn", TYPES).wait_ready()
        done = every("doctor", "--repair", "--home", self.home, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing was repaired", done.stderr)
        self.assertIn(str(node.process.pid), done.stderr)
        rows = json.loads(every("doctor", "--json", "--home", self.home, check=False).stdout)
        self.assertEqual(next(row for row in rows if row["name"] == "store.db")["state"], "ok")

    def test_others_are_kept_from_reading(self):
        os.chmod(self.home / "store.db", 0o644)
        rows = json.loads(every("doctor", "--json", "--home", self.home, check=False).stdout)
        self.assertEqual(next(row for row in rows if row["name"] == "permissions")["state"], "damaged")
        every("doctor", "--repair", "--home", self.home, check=False)
        self.assertEqual((self.home / "store.db").stat().st_mode & 0o777, 0o600)

    def test_killed_in_the_middle_a_repair_loses_nothing(self):
        # Enough of it that a kill finds it at work.
        with contextlib.closing(sqlite3.connect(self.home / "store.db")) as database:
            run = database.execute("SELECT id FROM runs LIMIT 1").fetchone()[0]
            database.executemany("INSERT INTO logs (run, task, time, level, category, message, seal) VALUES (?, 0, 0, 2, 'c', ?, 0)",
                                 [(run, "x" * 500)] * 20_000)
            database.execute("UPDATE receipts SET block = zeroblob(10) WHERE rowid = 1")
            database.commit()
        for delay in [self.rng.random() * 0.6 for _ in range(8)]:
            repair = subprocess.Popen([BINARY, "doctor", "--repair", "--home", self.home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                repair.wait(delay)
            repair.kill()
            repair.wait()
        self.check_damaged_home()
        self.assertEqual([path for path in self.home.iterdir() if ".salvage" in path.name or path.name.endswith(".repaired")], [])
        node = self.start("--fn", TYPES).wait_ready()
        self.assertGreaterEqual(len(json.loads(node.request("GET", "/-/runs?limit=200")[1])["runs"]), self.RESULTS)


if __name__ == "__main__":
    unittest.main()
