"""Guests that mean harm, singly and a hundred at once beside good work: each ends by its own limit and says so, good calls are all answered rightly,
and the node stays what it was: healthy, bounded, with the workers it had."""
import http.client
import json
import os
import pathlib
import signal
import threading
import time

import hostile_components as made
from every_process import HomeTest, PATIENCE_S, TYPES, memory_bound, task

AT_ONCE = 100
SHORT = 300  # milliseconds; for what would never end

# Function → arguments after the number, time limit or none, status, code, what the error says.
ENDS = {
    "spin-for-ever": ([], SHORT, 504, "timeout", "it reached the time limit of 300 ms"),
    "sleep-for-ever": ([], None, 200, None, None),
    "sleep-again-and-again": ([], SHORT, 504, "timeout", "it reached the time limit of 300 ms"),
    "recurse-for-ever": ([], None, 422, "resource_exhausted", "it reached the stack limit of 1048576 bytes"),
    "catch-a-refused-allocation": ([], None, 422, "resource_exhausted", "it reached the memory limit of 1073741824 bytes"),
    "grow-a-table": ([], None, 422, "resource_exhausted", "table elements"),
    "trap-at-once": ([], None, 500, "guest_trap", "the guest stopped itself"),
    "divide-by-zero": ([], None, 500, "guest_trap", "divided an integer by zero"),
    "read-beyond-memory": ([], None, 500, "guest_trap", "outside its memory"),
    "call-nothing": ([], None, 500, "guest_trap", "null pointer"),
    "hoard-handles": ([], None, 500, "guest_trap", "store handle limit exceeded"),
    "a-handle-there-is-not": ([], None, 500, "guest_trap", "unknown handle index 4711"),
    "log-what-is-no-text": ([], None, 500, "guest_trap", "invalid utf-8"),
    "log-beyond-memory": ([], None, 500, "guest_trap", "out of bounds"),
    "log-a-level-there-is-not": ([], None, 500, "guest_trap", "unexpected discriminant: 77"),
    "eighty-mebibytes-of-bytes": ([], None, 422, "resource_exhausted", "its result is larger than the limit of 67108864 bytes"),
    "eighty-mebibytes-of-text": ([], None, 422, "resource_exhausted", "its result is larger than the limit of 67108864 bytes"),
    "ten-million-strings": ([], None, 422, "resource_exhausted", "128 MiB of this node's memory"),
    "sixteen-million-tuples": ([], None, 422, "resource_exhausted", "128 MiB of this node's memory"),
    "text-that-is-none": ([], None, 500, "guest_trap", "utf-8"),
    "text-beyond-memory": ([], None, 500, "guest_trap", "out of bounds"),
    "a-list-longer-than-memory": ([], None, 500, "guest_trap", "out of bounds"),
    "a-list-of-lists-longer-than-memory": ([], None, 500, "guest_trap", "out of bounds"),
    "a-list-off-its-alignment": ([], None, 500, "guest_trap", "aligned"),
    "result-nowhere": ([], None, 500, "guest_trap", "out of bounds"),
    "result-off-its-alignment": ([], None, 500, "guest_trap", "aligned"),
    "no-case": ([], None, 500, "guest_trap", "discriminant"),
    "no-character": ([], None, 500, "guest_trap", "not a Unicode scalar value"),
    "realloc-traps": (["text"], None, 500, "guest_trap", "the guest stopped itself"),
    "realloc-points-nowhere": (["text"], None, 500, "guest_trap", "beyond end of memory"),
    "realloc-is-odd": ([[1, 2]], None, 500, "guest_trap", "not aligned"),
    "realloc-spins": (["text"], SHORT, 504, "timeout", "it reached the time limit of 300 ms"),
    "post-return-traps": ([], None, 500, "guest_trap", "the guest stopped itself"),
    "post-return-spins": ([], SHORT, 504, "timeout", "it reached the time limit of 300 ms"),
    "hoard-streams": ([], None, 500, "guest_trap", "handle limit exceeded"),
    "hoard-waitable-sets": ([], None, 500, "guest_trap", "handle limit exceeded"),
    "fill-the-heap": ([], None, 422, "resource_exhausted", "memory"),
    "grow-many-tables": ([], None, 422, "resource_exhausted", "table elements"),
    "four-gibibytes-from-the-start": ([], None, 422, "resource_exhausted", "it reached the memory limit of 1073741824 bytes"),
    "yield-for-ever": ([], None, 500, "guest_trap", "waits for something that never comes"),
    "wait-for-nothing": ([], None, 500, "guest_trap", "deadlock"),
    "start-spins": ([], SHORT, 504, "timeout", "it reached the time limit of 300 ms"),
    "start-traps": ([], None, 500, "guest_trap", "the guest stopped itself"),
    "start-eats-memory": ([], None, 422, "resource_exhausted", "it reached the memory limit of 1073741824 bytes"),
}
# Ended, too, but with more said and done about them below: they take time or memory on purpose.
FLOODS = {
    "flood-the-log": "more than 10000 log lines",
    "log-sixty-four-mebibytes": None,
    "a-mebibyte-a-time-to-stderr": "more than 4 MiB of log lines",
}


class HostileGuestCase(HomeTest):
    SHARED = "all guests of its worker together"
    SOURCES = {"host": made.with_host, "plain": made.plain, "lies": made.lies, "tricks": made.memory_tricks}
    ALONE = made.each_alone()

    def serve(self, *arguments):
        for name, text in ({name: make() for name, make in self.SOURCES.items()} | self.ALONE).items():
            arguments += ("--fn", self.write(f"{name}.wat", text))
        self.node = self.start("--fn", TYPES, *arguments).wait_ready()
        self.good = 0
        self.good_problems = []
        self.done_with_good = threading.Event()
        return self.node

    def memory_mib(self, pid, what="VmHWM"):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) // 1024
        return 0

    def call(self, func, number, more=(), time_ms=None):
        wanted = task("t", func, [number, *more])
        if time_ms:
            wanted["meta"] = {"memory": 4294967296, "time": time_ms}
        status, body, _ = self.node.run(wanted)
        return status, body

    def check(self, func, answer):
        more, time_ms, status, code, words = ENDS[func]
        # Many at once may want more memory than there is for them before they come to what they would do with it.
        if answer[0] == 422 and self.SHARED in answer[1]:
            return
        self.assertEqual(answer[0], status, answer[1])
        if code is None:
            return
        told = json.loads(answer[1])
        self.assertEqual(told["code"], code)
        self.assert_names(func, told["error"])
        self.assertIn(words, told["error"])
        self.assertEqual(told["task"], "t")

    def assert_names(self, func, text):
        """Whichever way the name is spelled."""
        self.assertIn(func.replace("-", ""), text.replace("-", "").lower())

    def good_calls(self):
        """Good work, one call after another until it is told to end; each answer must be right."""
        while not self.done_with_good.is_set():
            number = 1_000_000 + self.good
            try:
                answer = self.node.run(task("good", "add", [number, 1]))
            except OSError as problem:
                self.good_problems.append(repr(problem))
                return
            if answer[:2] != (200, str(number + 1)):
                self.good_problems.append(answer[:2])
            self.good += 1

    def beside_good_work(self, calls):
        """Makes all calls at once. out: their answers, once good calls came and went meanwhile"""
        self.done_with_good.clear()
        good = threading.Thread(target=self.good_calls, daemon=True)
        good.start()
        answers = [None] * len(calls)

        def one(at):
            answers[at] = self.call(*calls[at])

        threads = [threading.Thread(target=one, args=(at,), daemon=True) for at in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        wanted = self.good + 3  # beside them, and after
        while self.good < wanted and good.is_alive():
            time.sleep(0.01)
        self.done_with_good.set()
        good.join(PATIENCE_S)
        self.assertEqual(self.good_problems, [])
        self.assertGreater(self.good, 3)
        self.assertNotIn(None, answers, "a call was never answered")
        return answers

    def assert_well(self, workers):
        self.assertIsNone(self.node.process.poll())
        self.assertEqual(self.node.request("GET", "/-/healthz")[0], 200)
        self.assertEqual(len(self.node.workers()), workers)


class HostileGuestsTest(HostileGuestCase):
    def test_each_alone_ends_by_its_own_limit_and_says_so(self):
        self.serve("--workers", 2)
        for func, (more, time_ms, *_) in ENDS.items():
            with self.subTest(func):
                self.check(func, self.call(func, 1, more, time_ms))
        for func, words in FLOODS.items():
            with self.subTest(func):
                self.assertEqual(self.call(func, 64), (200, "64"))
                if words:
                    self.node.wait_for_line(words)
        status, body = self.call("eat-memory", 1)
        self.assertEqual((status, json.loads(body)["code"]), (422, "resource_exhausted"), body)
        self.assertIn("it reached the memory limit of 1073741824 bytes", body)
        self.assertEqual(self.call("good", 41), (200, "42"))
        self.assert_well(2)
        self.assertLess(self.memory_mib(self.node.process.pid), memory_bound(400))

    def test_a_hundred_of_each_kind_at_once_beside_good_work(self):
        self.serve("--workers", 2)
        for func, (more, time_ms, *_) in ENDS.items():
            with self.subTest(func):
                for answer in self.beside_good_work([(func, number, more, time_ms) for number in range(AT_ONCE)]):
                    self.check(func, answer)
        self.assert_well(2)
        self.assertLess(self.memory_mib(self.node.process.pid), memory_bound(600))

    def test_a_hundred_of_all_kinds_mixed_beside_good_work(self):
        self.serve("--workers", 2)
        kinds = list(ENDS)
        calls = [(kinds[n % len(kinds)], n, *ENDS[kinds[n % len(kinds)]][:2]) for n in range(3 * AT_ONCE)]
        for (func, *_), answer in zip(calls, self.beside_good_work(calls)):
            self.check(func, answer)
        self.assert_well(2)

    def test_a_hundred_that_never_end_keep_no_good_work_waiting(self):
        self.serve("--workers", 2)
        for number in range(AT_ONCE):
            threading.Thread(target=self.quietly, args=("spin-for-ever", number), daemon=True).start()
        deadline = time.monotonic() + PATIENCE_S
        while json.loads(self.node.request("GET", "/-/healthz")[1])["active_runs"] < AT_ONCE:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        for number in range(50):
            self.assertEqual(self.call("good", number), (200, str(number + 1)))
        self.assertEqual(json.loads(self.node.request("GET", "/-/healthz")[1])["active_runs"], AT_ONCE)
        self.assertEqual(self.node.stop(), 0)

    def quietly(self, *call):
        try:
            self.call(*call)
        except (OSError, http.client.HTTPException):
            pass

    def test_a_hundred_that_eat_all_memory_end_by_name_and_take_no_more_than_the_machine_has_for_them(self):
        self.home.mkdir(mode=0o700)
        (self.home / "homestar.toml").write_text("[every]\nlimits = { guest_memory = 1073741824 }\n")
        self.serve("--workers", 2)
        for status, body in self.beside_good_work([("eat-memory", number) for number in range(AT_ONCE)]):
            self.assertEqual((status, json.loads(body)["code"]), (422, "resource_exhausted"), body)
            self.assertRegex(body, f"memory limit of 1073741824 bytes|{self.SHARED}")
        # What each worker may have is half of that. It gives memory back in pieces, and what is not a guest's comes on top.
        for pid in self.node.workers():
            self.assertLess(self.memory_mib(pid), memory_bound(1536))
        self.assert_well(2)

    def test_a_hundred_floods_leave_the_node_small(self):
        self.serve("--workers", 2)
        for func in FLOODS:
            with self.subTest(func):
                for answer in self.beside_good_work([(func, number + 20) for number in range(AT_ONCE)]):
                    self.assertEqual(answer[0], 200, answer[1])
        for status, body in self.beside_good_work([("flood-the-log-for-ever", number, (), SHORT) for number in range(AT_ONCE)]):
            self.assertEqual((status, json.loads(body)["code"]), (504, "timeout"), body)
        self.assert_well(2)
        self.assertLess(self.memory_mib(self.node.process.pid), memory_bound(900))


class LostWorkerTest(HostileGuestCase):
    def test_a_worker_killed_or_stopped_under_hostile_guests_is_replaced_and_good_work_goes_on(self):
        self.serve("--workers", 2)
        for how in (signal.SIGKILL, signal.SIGSTOP):
            with self.subTest(how.name):
                killed = threading.Event()

                def kill(how=how, killed=killed):
                    for pid in self.node.workers():
                        os.kill(pid, how)
                    killed.set()

                threading.Timer(0.3, kill).start()
                calls = [("spin-for-ever", 10_000 * how + number, [], 2000) for number in range(50)]
                for status, body in self.beside_good_work(calls):
                    told = json.loads(body)
                    # By its limit; by the loss of its worker, or of one worker after another.
                    self.assertIn((status, told["code"]), ((504, "timeout"), (500, "guest_trap"), (503, "unavailable")), body)
                    self.assert_names("spin-for-ever", told["error"])
                self.assertTrue(killed.is_set())
                self.assertEqual(self.call("good", how), (200, str(how + 1)))
        deadline = time.monotonic() + PATIENCE_S
        while len(self.node.workers()) != 2:
            self.assertLess(time.monotonic(), deadline, self.node.workers())
            time.sleep(0.01)
        self.assert_well(2)


class HostileBinaryTest(HostileGuestCase):
    SOURCES, ALONE = {"plain": made.plain}, {}

    def load(self, label, content):
        return self.node.load(label, content if isinstance(content, bytes) else content.encode())

    def assert_refused(self, label, content, status, words):
        got, body = self.load(label, content)
        self.assertEqual(got, status, body[:1000])
        self.assertIn(words, json.loads(body)["error"])
        self.assertIn(label, json.loads(body)["error"])

    def test_what_is_too_much_of_anything_is_refused_by_name(self):
        self.serve()
        cases = {
            "no-such-import": (made.importing("acme:secret/things@1.0.0"), 501, "acme:secret/things@1.0.0"),
            "no-such-function": (made.importing("wasi:random/random@0.2.0"), 501, "wasi:random/random@0.2.0"),
            "parameters": (made.many_parameters(100_000), 400, "parameters size is out of bounds"),
            "nesting": (made.deep_type(1000), 400, "nesting"),
            "unfolding": (made.deep_type(30, 4), 400, "type size"),
            "components-as-text": (made.deep_components(1000), 400, "nesting"),
            "a-long-name": (made.long_name(1 << 20), 400, "string size"),
            "memory": (made.plain().replace("(memory 1)", "(memory 65537)"), 400, "memory"),
            "nothing": (b"", 400, ""),
            "junk": (b"\0asm\x0d\0\x01\0" + b"\xff" * 1000, 400, "failed to parse"),
            "a-module": ("(module)", 400, "component-type"),
        }
        for label, (content, status, words) in cases.items():
            with self.subTest(label):
                self.assert_refused(label, content, status, words)
        self.assertEqual(self.call("good", 1), (200, "2"))
        self.assert_well(os.cpu_count())
        self.assertLess(self.memory_mib(self.node.process.pid), memory_bound(300))

    def test_components_in_components_in_components_harm_nobody(self):
        self.serve()
        for depth in (1000, 10_000):
            status, body = self.load(f"deep{depth}", made.deep_binary_components(depth))
            self.assertIn(status, (200, 400, 422), body)
        self.assertEqual(self.call("good", 1), (200, "2"))
        self.assert_well(os.cpu_count())

    def test_ten_thousand_exports_are_served(self):
        self.serve()
        self.assertEqual(self.load("many", made.many_exports(10_000))[0], 200)
        self.assertEqual(self.node.run(task("t", "f9999", []))[:2], (200, "1"))
        self.assertIn("f9999", [name for name, _ in json.loads(self.node.request("GET", "/")[1])])

    def test_a_component_cut_off_anywhere_is_refused_and_never_half_taken(self):
        self.serve()
        whole = made.component_bytes()
        for size in range(0, len(whole), 3):
            with self.subTest(size):
                status, body = self.load(f"cut{size}", whole[:size])
                # What is left of it may be a component in itself, without the function.
                self.assertIn(status, (200, 400), body)
                if status == 200:
                    self.assertNotIn("bomb", json.loads(body)["functions"])
        self.assertEqual(self.load("whole", whole)[0], 200)
        self.assertEqual(self.node.run(task("t", "bomb", []))[:2], (200, "1"))

    def test_a_component_with_any_byte_changed_is_refused_or_runs_within_its_limits(self):
        self.serve()
        whole = made.component_bytes()
        for at in range(len(whole)):
            with self.subTest(at):
                status, body = self.load(f"changed{at}", whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
                self.assertIn(status, (200, 400, 422, 501), body)
        self.assertEqual(self.call("good", 1), (200, "2"))
        self.assert_well(os.cpu_count())

    def test_compile_bombs_are_cut_off_by_name_while_good_work_goes_on(self):
        self.serve("--workers", 2)
        # Of a few kilobytes each; size is not what makes them.
        bombs = [made.compile_bomb(1000, 3000 + n) for n in range(3)] + [made.compile_bomb(300, 1000)]
        answers = [None] * len(bombs)

        def load(at):
            answers[at] = self.load(f"bomb{at}", bombs[at])

        self.done_with_good.clear()
        threads = [threading.Thread(target=load, args=(at,), daemon=True) for at in range(len(bombs))]
        for thread in threads:
            thread.start()
        good = threading.Thread(target=self.good_calls, daemon=True)
        good.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        self.done_with_good.set()
        good.join(PATIENCE_S)
        self.assertEqual(self.good_problems, [])
        self.assertGreater(self.good, 10)
        for at, (status, body) in enumerate(answers):
            self.assertIn(status, (422, 504), body)
            self.assertIn(f"bomb{at}", json.loads(body)["error"])
            self.assertRegex(body, "processor time than the limit of|more than its limit of")
        # Asked for again, it is not compiled again: the answer is there at once.
        self.assertEqual(self.load("bomb0", bombs[0]), answers[0])
        self.assert_well(2)

    def test_a_stop_does_not_wait_for_a_compile_bomb(self):
        self.serve()
        loading = threading.Thread(target=self.load_quietly, args=("bomb", made.compile_bomb(300, 1000)), daemon=True)
        before = len(self.node.workers())
        loading.start()
        deadline = time.monotonic() + PATIENCE_S
        while len(self.node.workers()) == before:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.assertEqual(self.node.stop(), 0)
        loading.join(PATIENCE_S)
        self.assertFalse(loading.is_alive())

    def load_quietly(self, *what):
        try:
            self.load(*what)
        except (OSError, http.client.HTTPException):
            pass


if __name__ == "__main__":
    import unittest
    unittest.main()
