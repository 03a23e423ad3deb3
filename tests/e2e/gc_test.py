"""Housekeeping on the built binary: what goes, what stays, and what a home says it keeps."""
import json
import os
import sqlite3
import subprocess
import threading
import unittest

from every_process import BINARY, FUNCTIONS, HomeTest, every, task

MATH = FUNCTIONS / "math.wasm"


def sum_of(first, second):
    return task("sum", "add", [first, second])


class Gc(HomeTest):
    def setUp(self):
        super().setUp()
        # All runs that are over are beyond this; nothing happens by itself.
        self.strict = self.write("strict.toml", "[node]\ngc_interval = 0\n[every]\nipfs = \"embedded\"\n[every.keep]\nrun_bytes = 1\n")
        self.plain = self.write("plain.toml", "[node]\ngc_interval = 0\n[every]\nipfs = \"embedded\"\n")

    def ask(self, verb, *arguments):
        return json.loads(every(*verb.split(), "--json", "--home", self.home, *arguments).stdout or "null")

    def run_once(self, number, *arguments):
        workflow = self.write("some.json", {"tasks": [sum_of(number, 0.5)]})
        return every("run", workflow, "--home", self.home, "--fn", MATH, *arguments)

    def add(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return every("ipfs", "add", "-q", path, "--home", self.home, "--config", self.plain).stdout.strip()

    def cat(self, cid, check=True):
        return subprocess.run([BINARY, "ipfs", "cat", cid, "--home", self.home, "--config", self.plain], capture_output=True, check=check).stdout

    def test_without_a_node_expired_runs_and_their_components_go_and_results_stay(self):
        self.run_once(1, "--config", self.plain)
        looked = self.ask("gc", "--config", self.plain)
        self.assertEqual((looked["runs"], looked["blocks"], looked["kept_runs"], looked["kept_results"]), (0, 0, 1, 1))
        looked = self.ask("gc", "--config", self.strict)
        self.assertEqual((looked["runs"], looked["components"], looked["kept_runs"]), (1, 1, 0))
        self.assertGreater(looked["block_bytes"], 10_000)
        self.assertEqual(len(self.ask("runs")["runs"]), 1, "nothing went yet")
        done = self.ask("gc", "--apply", "--config", self.strict)
        self.assertEqual((done["runs"], done["blocks"], done["components"]), (1, looked["blocks"], 1))
        self.assertEqual(self.ask("runs")["runs"], [])
        again = json.loads(self.run_once(1, "--json", "--config", self.plain).stdout)
        self.assertTrue(again["tasks"][0]["replayed"])
        report = every("gc", "--home", self.home, "--config", self.plain)
        self.assertIn("Nothing to remove", report.stderr)
        # What was run is known as long as the result is.
        receipt = again["tasks"][0]["receipt"]
        self.assertEqual(self.ask("verify", receipt)["same"], 1)

    def test_a_person_reads_what_would_go_and_how(self):
        self.run_once(1, "--config", self.plain)
        told = every("gc", "--home", self.home, "--config", self.strict).stderr
        self.assertIn("1 run beyond the limits of `every.keep`", told)
        self.assertIn("1 component among it", told)
        self.assertIn("`every gc --apply` removes it", told)
        told = every("gc", "--apply", "--home", self.home, "--config", self.strict).stderr
        self.assertIn("went back to the file system", told)

    def test_what_was_added_stays_until_it_is_unpinned(self):
        content = os.urandom(700_000)
        cid = self.add("photo", content)
        self.assertEqual([(pin["kind"], pin["what"]) for pin in self.ask("pin ls")["pins"]], [("added", cid)])
        self.assertEqual(self.ask("gc", "--apply", "--config", self.strict)["blocks"], 0)
        self.assertEqual(self.cat(cid), content)
        self.assertIn(cid, every("pin", "rm", cid, "--home", self.home).stderr)
        self.assertEqual(self.ask("gc", "--apply", "--config", self.strict)["blocks"], 4)
        self.assertEqual(self.cat(cid, check=False), b"")
        done = every("pin", "rm", cid, "--home", self.home, check=False)
        self.assertIn("is not pinned; `every pin ls` lists what is", done.stderr)
        done = every("pin", "add", cid, "--home", self.home, "--config", self.plain, check=False)
        self.assertIn("nor content that is here", done.stderr)

    def test_beside_a_node_what_it_serves_and_what_is_pinned_stays(self):
        node = self.start("--fn", MATH, "--config", self.strict).wait_ready()
        _, _, first = node.run(sum_of(1, 2))
        _, _, second = node.run(sum_of(3, 4))
        self.ask("pin add", second["Every-Run"])
        done = self.ask("gc", "--apply")
        self.assertEqual((done["runs"], done["components"], done["blocks"], done["kept_runs"]), (1, 0, 0, 1))
        self.assertEqual(node.request("GET", "/-/runs/" + first["Every-Run"])[0], 404)
        self.assertEqual(node.request("GET", "/-/runs/" + second["Every-Run"])[0], 200)
        self.assertEqual(node.run(sum_of(1, 2))[2]["Every-Replayed"], "true")
        self.assertEqual(node.request("GET", "/-/receipts/" + first["Every-Receipt"])[0], 200)
        node.wait_for_line("what nothing needs was dropped")

    def test_runs_expire_by_themselves_and_the_log_says_so(self):
        settings = self.write("often.toml", "[node]\ngc_interval = 1\n[every]\nipfs = \"embedded\"\n[every.keep]\nrun_bytes = 1\n")
        node = self.start("--fn", MATH, "--config", settings).wait_ready()
        _, _, headers = node.run(sum_of(1, 2))
        node.wait_for_line("runs that had become too old or too much were dropped")
        self.assertEqual(node.request("GET", "/-/runs/" + headers["Every-Run"])[0], 404)

    def test_beside_work_nothing_that_is_needed_goes(self):
        node = self.start("--fn", MATH, "--config", self.strict).wait_ready()
        stop, failures = threading.Event(), []

        def work(worker):
            number = 0
            while not stop.is_set():
                number += 1
                status, answer, _ = node.run(sum_of(worker * 1_000_000 + number, 0.25))
                if status != 200:
                    failures.append(answer)

        def add(worker):
            number = 0
            while not stop.is_set():
                number += 1
                content = os.urandom(300_000)
                cid = self.add(f"file{worker}", content)
                if self.cat(cid) != content:
                    failures.append(cid)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(3)] + [threading.Thread(target=add, args=(9,))]
        for thread in threads:
            thread.start()
        try:
            dropped = sum(self.ask("gc", "--apply")["runs"] for _ in range(3))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(dropped, 0)
        self.assertEqual(node.stop(), 0)
        report = self.ask("verify --all")
        self.assertEqual((report["different"], report["unable"]), (0, 0))

    def test_killed_in_the_middle_nothing_that_stays_is_lost_and_the_next_one_goes_on(self):
        content = os.urandom(5_000_000)
        kept = self.add("kept", content)
        for round_ in range(6):
            gone = [self.add(f"gone{n}", os.urandom(4_000_000)) for n in range(3)]
            node = self.start("--fn", MATH, "--config", self.strict).wait_ready()
            answers = [node.run(sum_of(round_ * 1000 + n, 0.5))[2]["Every-Receipt"] for n in range(40)]
            for cid in gone:
                self.ask("pin rm", cid)
            asking = subprocess.Popen([BINARY, "gc", "--apply", "--home", str(self.home)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            threading.Event().wait(0.01 * (1 + 3 * round_))
            node.kill()
            asking.kill()
            asking.wait()
            for name in ("store.db", "blocks.db"):
                with sqlite3.connect(self.home / name) as database:
                    self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(self.cat(kept), content)
            for receipt in answers:
                every("receipt", receipt, "--home", self.home, "--config", self.plain)
        done = self.ask("gc", "--apply", "--config", self.strict)
        self.assertEqual(done["kept_results"], 240)
        self.assertEqual(self.ask("gc", "--config", self.strict)["blocks"], 0)
        with sqlite3.connect(self.home / "store.db") as database:
            for table in ("runs", "tasks", "dropping"):
                self.assertEqual(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0], 0, table)
        self.assertEqual(self.cat(kept), content)

    def test_files_become_shorter(self):
        cid = self.add("big", os.urandom(20_000_000))
        before = (self.home / "blocks.db").stat().st_size
        self.ask("pin rm", cid)
        done = self.ask("gc", "--apply", "--config", self.plain)
        self.assertGreater(done["bytes_given_back"], 19_000_000)
        self.assertLess((self.home / "blocks.db").stat().st_size, before - 19_000_000)

    def test_info_tells_what_a_home_keeps_with_a_node_and_without(self):
        empty = self.ask("info")
        self.assertEqual(empty["disk"]["store"], 0)
        self.assertNotIn("store", empty)
        self.assertIsNone(empty["pid"])
        self.run_once(1, "--config", self.plain)
        self.add("file", b"hello")
        alone = self.ask("info")
        self.assertEqual({key: alone["store"][key] for key in ("runs", "unfinished", "results", "failures", "pins")},
                         {"runs": 1, "unfinished": 0, "results": 1, "failures": 0, "pins": 0})
        self.assertEqual((alone["content"]["components"], alone["content"]["roots"]), (1, 1))
        self.assertGreater(alone["disk"]["code"], 10_000)
        node = self.start("--fn", MATH, "--config", self.plain).wait_ready()
        node.run(sum_of(7, 8))
        beside = self.ask("info")
        self.assertEqual(beside["pid"], node.process.pid)
        self.assertEqual(beside["store"]["results"], 2)
        self.assertGreater(beside["disk"]["store_log"], 0)
        text = every("info", "--home", self.home).stdout
        self.assertIn("2 runs, 2 results, 0 failures", text)
        self.assertIn(f"(used by pid {node.process.pid})", text)

    def test_a_database_of_a_newer_version_is_refused_by_name(self):
        self.run_once(1, "--config", self.plain)
        for name, what in (("blocks.db", "block store"), ("store.db", "store")):
            with sqlite3.connect(self.home / name) as database:
                database.execute("PRAGMA user_version = 99")
            for verb in (["info"], ["gc"], ["runs"]):
                done = every(*verb, "--home", self.home, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"the {what} was written by a newer every (format version 99", done.stderr)


if __name__ == "__main__":
    unittest.main()
