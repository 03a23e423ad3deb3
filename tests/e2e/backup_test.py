"""Backing up and restoring on the built binary."""
import hashlib
import json
import os
import stat
import threading
import unittest

from every_process import FUNCTIONS, HomeTest, every, task

MATH = FUNCTIONS / "math.wasm"


def sum_of(first, second):
    return task("sum", "add", [first, second])


class Backup(HomeTest):
    def setUp(self):
        super().setUp()
        self.copy = self.folder / "monday"
        self.other = self.folder / "other"

    def run_some(self, count=3, home=None):
        for number in range(count):
            workflow = self.write("some.json", {"tasks": [sum_of(number, 0.5)]})
            every("run", workflow, "--home", home or self.home, "--fn", MATH)

    def count(self, question, home):
        return json.loads(every("query", "--json", question, "--home", home).stdout)[0]["n"]

    def refused(self, *arguments):
        done = every(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        return done

    def test_under_load_everything_acknowledged_before_is_in_the_copy_and_replays(self):
        node = self.start("--fn", MATH, "--durability", "durable").wait_ready()
        acknowledged, stop = {}, threading.Event()

        def work(worker):
            number = 0
            while not stop.is_set():
                number += 1
                status, answer, headers = node.run(sum_of(worker * 1_000_000 + number, 0.25))
                self.assertEqual(status, 200, answer)
                acknowledged[headers["Every-Run"]] = (worker * 1_000_000 + number, headers["Every-Receipt"])

        workers = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for worker in workers:
            worker.start()
        try:
            while len(acknowledged) < 200:
                self.assertTrue(all(worker.is_alive() for worker in workers))
                stop.wait(0.02)
            before = dict(acknowledged)
            report = json.loads(every("backup", self.copy, "--home", self.home, "--json").stdout)
            after = len(acknowledged)
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.assertEqual({file["name"] for file in report["files"]}, {"store.db", "blocks.db"})
        self.assertGreaterEqual(after, len(before))
        self.assertEqual(node.stop(), 0)

        every("restore", self.copy, "--home", self.other)
        rows = json.loads(every("query", "--json", "--limit", 1000000, "SELECT id FROM runs WHERE status = 'completed'", "--home", self.other).stdout)
        self.assertLessEqual(set(before), {row["id"] for row in rows})
        self.home = self.other
        restored = self.start("--fn", MATH).wait_ready()
        for run, (number, receipt) in list(before.items())[::20]:
            status, answer, _ = restored.request("GET", f"/-/runs/{run}")
            self.assertEqual(status, 200, answer)
            self.assertEqual(json.loads(answer)["tasks"][0]["receipt"], receipt)
            _, answer, headers = restored.run(sum_of(number, 0.25))
            self.assertEqual((headers["Every-Replayed"], headers["Every-Receipt"]), ("true", receipt), answer)
        self.assertEqual(restored.stop(), 0)
        # Each receipt of the copy has the content it rests on: all are computed again from what was restored.
        report = json.loads(every("verify", "--all", "--home", self.other, "--json").stdout)
        self.assertEqual((report["different"], report["unable"]), (0, 0))
        self.assertGreaterEqual(report["same"], len(before))

    def test_of_a_home_without_a_node_it_is_private_and_sha256sum_checks_it(self):
        self.run_some()
        done = every("backup", self.copy, "--home", self.home)
        self.assertIn("receipts and runs: ", done.stderr)
        self.assertIn(f"to {self.copy}", done.stderr)
        self.assertEqual(stat.S_IMODE(self.copy.stat().st_mode), 0o700)
        self.assertEqual({path.name for path in self.copy.iterdir()}, {"store.db", "blocks.db", "SHA256SUMS"})
        for line in (self.copy / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split("  ")
            self.assertEqual(hashlib.sha256((self.copy / name).read_bytes()).hexdigest(), digest)
            self.assertEqual(stat.S_IMODE((self.copy / name).stat().st_mode), 0o600)
        self.assertEqual([path.name for path in self.folder.iterdir() if ".part" in path.name], [])
        self.run_some(5)  # the home goes on
        every("restore", self.copy, "--home", self.other)
        self.assertEqual(self.count("SELECT count(*) AS n FROM receipts", self.other), 3)

    def test_after_a_crash_what_only_the_log_has_is_copied(self):
        node = self.start("--fn", MATH).wait_ready()
        self.assertEqual(node.run(sum_of(1, 2))[0], 200)
        node.kill()
        self.assertGreater((self.home / "store.db-wal").stat().st_size, 0)
        every("backup", self.copy, "--home", self.home)
        every("restore", self.copy, "--home", self.other)
        self.assertEqual(self.count("SELECT count(*) AS n FROM receipts", self.other), 1)

    def test_keys_tokens_and_settings_go_along_when_asked_for_alone(self):
        self.home.mkdir(mode=0o700)
        (self.home / "homestar.toml").write_text("[every]\nipfs = \"embedded\"\n")
        self.run_some(1)
        did = json.loads(every("keys", "show", "--home", self.home, "--json").stdout)["did"]
        every("backup", self.copy, "--home", self.home)
        self.assertNotIn("key.pem", os.listdir(self.copy))
        with_keys = self.folder / "with-keys"
        every("backup", with_keys, "--with-keys", "--home", self.home)
        self.assertLessEqual({"key.pem", "homestar.toml"}, set(os.listdir(with_keys)))
        every("restore", with_keys, "--home", self.other)
        self.assertEqual(json.loads(every("keys", "show", "--home", self.other, "--json").stdout)["did"], did)
        self.assertEqual(stat.S_IMODE((self.other / "key.pem").stat().st_mode), 0o600)
        third = self.folder / "third"
        every("restore", with_keys, "--without-keys", "--home", third)
        self.assertNotIn("key.pem", os.listdir(third))

    def test_overwrites_nothing(self):
        self.run_some(1)
        self.copy.mkdir()
        done = self.refused("backup", self.copy, "--home", self.home)
        self.assertIn(f"{self.copy} is there already", done.stderr)
        self.copy.rmdir()
        every("backup", self.copy, "--home", self.home)
        self.run_some(1, self.other)
        done = self.refused("restore", self.copy, "--home", self.other)
        self.assertIn("it has", done.stderr)
        self.assertEqual(self.count("SELECT count(*) AS n FROM receipts", self.other), 1)

    def test_a_home_that_a_node_owns_is_not_restored_into(self):
        self.run_some(1)
        every("backup", self.copy, "--home", self.home)
        node = self.start("--fn", MATH).wait_ready()
        done = self.refused("restore", self.copy, "--home", self.home)
        self.assertIn(str(node.process.pid), done.stderr)
        node.stop()

    def test_what_is_damaged_restores_nothing(self):
        self.run_some(2)
        every("backup", self.copy, "--home", self.home)
        store = bytearray((self.copy / "store.db").read_bytes())
        store[len(store) // 2] ^= 1
        (self.copy / "store.db").write_bytes(store)
        done = self.refused("restore", self.copy, "--home", self.other)
        self.assertIn("store.db is not what was backed up", done.stderr)
        # A sum that fits does not make a database of it.
        (self.copy / "store.db").write_bytes(store[:8192])
        sums = [line for line in (self.copy / "SHA256SUMS").read_text().splitlines() if "store.db" not in line]
        sums.append(hashlib.sha256(store[:8192]).hexdigest() + "  store.db")
        (self.copy / "SHA256SUMS").write_text("\n".join(sums) + "\n")
        done = self.refused("restore", self.copy, "--home", self.other)
        self.assertIn(f"{self.copy}/store.db cannot be used, and nothing was restored", done.stderr)
        self.assertEqual([path.name for path in self.other.iterdir()], ["owner.lock"])

    def test_says_why_there_is_nothing_to_copy(self):
        done = self.refused("backup", self.copy, "--home", self.home)
        self.assertIn("nothing is kept at", done.stderr)
        done = self.refused("restore", self.folder, "--home", self.other)
        self.assertIn("is no backup", done.stderr)
        self.run_some(1)
        every("query", "SELECT 1", "--home", self.home)  # leaves an empty log
        node = self.start("--fn", MATH, "--durability", "memory").wait_ready()
        done = self.refused("backup", self.copy, "--home", self.home)
        self.assertIn("--durability memory", done.stderr)
        self.assertFalse(self.copy.exists())
        node.stop()


if __name__ == "__main__":
    unittest.main()
