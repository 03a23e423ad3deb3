"""The node as a process: restarts, kills, two owners, hostile guests beside good work."""
import json
import os
import signal
import threading
import unittest

from every_process import FUNCTIONS, HomeTest, TYPES, every, task

MATH = FUNCTIONS / "math.wasm"


class RestartTest(HomeTest):
    def test_replays_after_a_restart_and_after_kill_9(self):
        node = self.start("--fn", MATH).wait_ready()
        status, body, headers = node.run(task("add", "add", [3.1, 5.2]))
        self.assertEqual((status, body, headers["Every-Replayed"]), (200, "8.3", "false"))
        node.kill()
        again = self.start("--fn", MATH).wait_ready()
        status, body, after = again.run(task("add", "add", [3.1, 5.2]))
        self.assertEqual((status, body, after["Every-Replayed"]), (200, "8.3", "true"))
        self.assertEqual(after["Every-Receipt"], headers["Every-Receipt"])
        self.assertFalse(any("wasm_execution" in line for line in again.lines))
        self.assertEqual(again.stop(), 0)

    def test_takes_up_a_run_that_a_kill_interrupted(self):
        node = self.start("--fn", TYPES).wait_ready()
        spinning = threading.Thread(target=lambda: self._ignore(node, [task("add", "add", [1, 2]), task("spin", "spin", [])]), daemon=True)
        spinning.start()
        node.wait_for_line("computed receipt")
        self.assertEqual(node.run(task("other", "add", [5, 6]))[1], "11")
        node.kill()
        again = self.start("--fn", TYPES).wait_ready()
        again.wait_for_line("taking up an unfinished run")
        self.assertEqual(again.run(task("add", "add", [1, 2]))[2]["Every-Replayed"], "true")

    @staticmethod
    def _ignore(node, tasks):
        try:
            node.run(*tasks)
        except OSError:
            pass


class OwnerTest(HomeTest):
    def test_refuses_a_second_owner_naming_the_first(self):
        node = self.start("--fn", MATH).wait_ready()
        second = every("dev", "--home", self.home, "--fn", MATH, check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(node.process.pid), second.stderr)
        self.assertIn(str(node.port), second.stderr)

    def test_refuses_a_taken_port_naming_it(self):
        node = self.start("--fn", MATH).wait_ready()
        second = every("dev", "--home", self.folder / "other", "--port", node.port, check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(node.port), second.stderr)
        self.assertIn("--port", second.stderr)

    def test_a_command_beside_the_owner_goes_through_it(self):
        node = self.start("--fn", MATH).wait_ready()
        workflow = self.write("add.json", {"tasks": [task("add", "add", [3.1, 5.2])]})
        first = json.loads(every("run", workflow, "--home", self.home, "--json").stdout)
        self.assertFalse(first["tasks"][0]["replayed"])
        node.wait_for_line("computed receipt")
        self.assertEqual(node.run(task("add", "add", [3.1, 5.2]))[2]["Every-Replayed"], "true")


class WorkerTest(HomeTest):
    def test_a_killed_worker_is_replaced_and_only_its_task_fails(self):
        node = self.start("--fn", TYPES, "--workers", 2).wait_ready()
        answers = []
        spin = threading.Thread(target=lambda: answers.append(node.run(task("spin", "spin", []))), daemon=True)
        spin.start()
        node.wait_for_line("starting workflow")
        before = set(node.workers())
        busy = None
        while busy is None:
            busy = next((pid for pid in before if self._cpu_ticks(pid) > 10), None)
        os.kill(busy, signal.SIGKILL)
        spin.join(120)
        status, body, _ = answers[0]
        self.assertEqual(status, 500, body)
        self.assertIn("spin", json.loads(body)["error"])
        self.assertEqual(node.run(task("add", "add", [20, 22]))[1], "42")
        self.assertIsNone(node.process.poll())

    @staticmethod
    def _cpu_ticks(pid):
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        except OSError:
            return 0

    def test_good_work_goes_on_beside_twenty_endless_guests(self):
        node = self.start("--fn", TYPES).wait_ready()
        for i in range(20):
            # Distinct instructions: the surplus key is part of what is hashed and no argument.
            body = {"tasks": [{"run": {"name": "spin", "input": {"func": "spin", "args": [], "n": i}}}]}
            threading.Thread(target=lambda body=body: self._post(node, body), daemon=True).start()
        node.wait_for_line("starting workflow")
        for i in range(40):
            self.assertEqual(node.run(task("add", "add", [i, 1]))[1], str(i + 1))
        self.assertEqual(node.stop(), 0)

    @staticmethod
    def _post(node, body):
        try:
            node.request("POST", "/run", body)
        except OSError:
            pass


class HostileGuestTest(HomeTest):
    def test_each_misbehaving_guest_ends_in_its_own_error_and_the_node_lives_on(self):
        node = self.start("--fn", TYPES).wait_ready()
        cases = [
            ("trap", ["boom"], 500, "guest_trap", "fn trap"),
            ("divide", [1, 0], 500, "guest_trap", "divide"),
            ("recurse", [10_000_000], 422, "resource_exhausted", "stack"),
            ("allocate", [4000], 422, "resource_exhausted", "memory"),
            ("repeat", [7, 200_000_000], 422, "resource_exhausted", "result"),
            ("not-a-number", [], None, None, "NaN"),
            ("infinity", [], None, None, "nfinity"),
        ]
        for func, args, status, code, text in cases:
            with self.subTest(func):
                got, body, _ = node.run(task("t", func, args))
                answer = json.loads(body)
                if status:
                    self.assertEqual(got, status, body)
                    self.assertEqual(answer["code"], code)
                self.assertGreaterEqual(got, 400)
                self.assertIn(text, answer["error"])
                self.assertEqual(answer["task"], "t")
        self.assertEqual(node.run(task("flood", "log-flood", [100_000]))[1], "100000")
        self.assertEqual(node.run(task("add", "add", [1, 1]))[1], "2")

    def test_a_time_limit_ends_an_endless_guest_naming_the_limit(self):
        node = self.start("--fn", TYPES).wait_ready()
        endless = task("spin", "spin", [])
        endless["meta"] = {"memory": 4294967296, "time": 200}
        status, body, _ = node.run(endless)
        self.assertEqual(status, 504, body)
        self.assertIn("200", json.loads(body)["error"])


if __name__ == "__main__":
    unittest.main()
