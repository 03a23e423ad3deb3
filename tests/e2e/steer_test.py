"""Runs that are paused, go on and are taken a step at a time: beside a running node, without one, and over kills."""
import json
import re
import signal
import subprocess
import threading
import time
import unittest

from every_process import BINARY, HomeTest, PATIENCE_S, TYPES, every, task

CHAIN = {"tasks": [task("a", "add", [1, 2]), task("b", "add", ["{{needs.a.output}}", 10]), task("c", "add", ["{{needs.b.output}}", 100])]}
ENDLESS = {"tasks": [task("a", "add", [1, 2]), task("bad", "spin", []), task("after", "add", ["{{needs.a.output}}", 10])]}


# Adds, and by how much more it is wrong.
MATH = """(component
  (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (i32.add (local.get 0) (local.get 1)) (i32.const {wrong}))))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))
"""


class SteerCase(HomeTest):
    def node(self, *arguments):
        return self.start("--fn", TYPES, "--workers", "1", *arguments).wait_ready()

    def runs(self, *arguments, check=True):
        return every("runs", *arguments, "--home", self.home, check=check)

    def paused(self, document=CHAIN):
        return every("run", self.write("wf.json", document), "--fn", TYPES, "--paused", "--home", self.home).stdout.strip()

    def state(self, run):
        return json.loads(self.runs("show", run, "--json").stdout)["state"]

    def newest(self, node):
        """The id of the newest run, once there is one: its record comes with its first receipt."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if runs := json.loads(node.request("GET", "/-/runs?limit=1")[1])["runs"]:
                return runs[0]["id"]
            time.sleep(0.01)
        raise AssertionError("nothing runs: " + "\n".join(node.lines))

    def wait_over(self, node, run):
        return json.loads(node.request("GET", f"/-/runs/{run}?wait=2m")[1])


class SteerTest(SteerCase):
    def test_a_run_is_taken_a_step_at_a_time(self):
        self.node()
        run = self.paused()
        self.assertEqual(self.state(run), "paused")
        self.assertIn("paused", self.runs().stdout)
        first = self.runs("step", run)
        self.assertEqual(first.stdout, "Task 'a' ran: 3\n")
        self.assertIn("Ready: b", first.stderr)
        step = json.loads(self.runs("step", run, "--task", "b", "--json").stdout)
        self.assertEqual((step["task"]["name"], step["task"]["output"], step["ready"], step["run"]["state"]), ("b", 13, ["c"], "paused"))
        last = self.runs("step", run)
        self.assertEqual(last.stdout, "Task 'c' ran: 113\n")
        self.assertIn(f"Run {run} is completed", last.stderr)

    def test_a_paused_run_goes_on_when_it_is_told_to(self):
        node = self.node()
        run = self.paused()
        self.assertIn("goes on", self.runs("resume", run).stderr)
        self.assertEqual(self.wait_over(node, run)["tasks"][2]["output"], 113)

    def test_what_is_over_cannot_be_steered_and_says_what_can_be_done(self):
        node = self.node()
        run = self.paused()
        self.runs("resume", run)
        self.wait_over(node, run)
        for how in ("pause", "resume", "step"):
            done = self.runs(how, run, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"run {run} is completed", done.stderr)
        self.assertIn("every runs fork", self.runs("resume", run, check=False).stderr)
        self.assertIn("is not known here", self.runs("pause", "nothing", check=False).stderr)

    def test_a_command_that_waits_says_that_its_run_is_paused_and_then_gets_its_answer(self):
        node = self.node()
        waiting = subprocess.Popen([BINARY, "run", str(self.write("wf.json", ENDLESS)), "--home", str(self.home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(waiting.stdout.close)
        self.addCleanup(waiting.stderr.close)
        self.addCleanup(waiting.kill)
        run = self.newest(node)
        self.runs("pause", run)
        said = waiting.stderr.readline()
        self.assertIn(f"Run {run} is paused", said)
        self.assertIn(f"every runs resume {run}", said)
        self.runs("cancel", run)
        _, rest = waiting.communicate(timeout=PATIENCE_S)
        self.assertNotEqual(waiting.returncode, 0)
        self.assertIn("cancelled", rest)

    def test_a_paused_run_stays_paused_over_kills_and_is_not_put_in_quarantine(self):
        node = self.node()
        run = self.paused()
        self.runs("step", run)
        for _ in range(5):
            node.kill()
            node = self.node()
            self.assertEqual(self.state(run), "paused")
        self.assertEqual(json.loads(node.request("GET", f"/-/runs/{run}")[1])["tasks"][0]["state"], "ok")
        self.assertIn("Task 'b' ran", self.runs("step", run).stdout)
        self.runs("resume", run)
        over = self.wait_over(node, run)
        self.assertEqual(over["state"], "completed")
        self.assertEqual([entry["replayed"] for entry in over["tasks"]], [False, False, False])

    def test_a_pause_that_is_on_disk_holds_though_the_node_died_before_it_was_told(self):
        node = self.node("--simulate-crash", "run-marked")
        status, text, _ = node.request("POST", "/-/runs", ENDLESS)
        run = json.loads(text)["id"]
        node.wait_for_line("computed receipt")
        with self.assertRaises(Exception):
            node.request("POST", f"/-/runs/{run}/pause")
        self.assertEqual(node.process.wait(PATIENCE_S), -signal.SIGKILL)
        node = self.node()
        self.assertEqual(self.state(run), "paused")

    def test_a_resumption_that_is_on_disk_holds_though_the_node_died_before_it_was_told(self):
        self.node().stop()
        run = self.paused()
        node = self.node("--simulate-crash", "run-marked")
        with self.assertRaises(Exception):
            node.request("POST", f"/-/runs/{run}/resume")
        self.assertEqual(node.process.wait(PATIENCE_S), -signal.SIGKILL)
        self.assertEqual(self.wait_over(self.node(), run)["state"], "completed")

    def test_without_a_node_runs_are_paused_and_resumed_for_the_next_one(self):
        run = self.paused()
        self.assertEqual(self.state(run), "paused")
        step = self.runs("step", run, check=False)
        self.assertNotEqual(step.returncode, 0)
        self.assertIn("every dev", step.stderr)
        resumed = self.runs("resume", run)
        self.assertIn("when a node is started", resumed.stderr)
        self.assertEqual(self.state(run), "running")
        self.runs("pause", run)
        self.assertEqual(self.state(run), "paused")
        self.runs("resume", run)
        self.assertEqual(self.wait_over(self.node(), run)["state"], "completed")

    def test_the_events_of_a_paused_run_of_an_earlier_node_say_so_until_its_end(self):
        run = self.paused()
        node = self.node()
        got = []
        reading = threading.Thread(target=lambda: got.append(node.request("GET", f"/-/runs/{run}/events")[1]))
        reading.start()
        metrics = node.request("GET", "/-/runs?limit=1")[1]
        self.assertIn('"paused"', metrics)
        self.runs("resume", run)
        reading.join(PATIENCE_S)
        self.assertFalse(reading.is_alive())
        names = re.findall(r"^event: (\w+)", got[0], re.MULTILINE)
        self.assertEqual(names[-1], "end")
        self.assertEqual(names.count("task"), 3)

    def test_a_call_begins_paused(self):
        node = self.node()
        run = every("call", "add", "20", "22", "--paused", "--home", self.home).stdout.strip()
        self.assertIn("ran: 42", self.runs("step", run).stdout)

    def test_two_who_resume_at_once_are_both_answered_and_the_tasks_run_once(self):
        node = self.node()
        run = self.paused()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(node.request("POST", f"/-/runs/{run}/resume")[0])) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(answers), {200, 409})
        self.assertIn(200, answers)
        self.wait_over(node, run)
        node.wait_for_line("workflow completed")
        self.assertEqual(sum("computed receipt" in line for line in node.lines), 3)


class ForkTest(SteerCase):
    """Runs that are made of others."""

    def completed(self, node):
        run = self.paused()
        self.runs("resume", run)
        self.wait_over(node, run)
        return run

    def test_a_fork_does_a_task_anew_with_another_argument_and_shows_the_difference(self):
        node = self.node()
        run = self.completed(node)
        done = self.runs("fork", run, "--from", "b", "--set", "b=20")
        self.assertEqual([line.split() for line in done.stdout.splitlines()],
                         [["TASK", "STATE", "BEFORE", "NOW"], ["a", "replayed", "3", "3"], ["b", "ok", "13", "23"], ["c", "ok", "113", "123"]])
        self.assertIn("done anew: b and c", done.stderr)
        self.assertIn("b: argument b: 10 → 20", done.stderr)
        made = re.search(r"Run (\w+) is made of", done.stderr).group(1)
        shown = json.loads(self.runs("show", made, "--json").stdout)
        self.assertEqual(shown["forked"], {"run": run, "task": 1})
        self.assertIn(f"made of   {run}", self.runs("show", made).stdout)
        self.assertEqual(json.loads(self.runs("show", run, "--json").stdout)["tasks"][2]["output"], 113)

    def test_a_fork_without_a_change_executes_again(self):
        node = self.node()
        run = self.completed(node)
        forked = json.loads(self.runs("fork", run, "--from", "c", "--json").stdout)
        self.assertEqual((forked["anew"], forked["changes"]), (["c"], []))
        self.assertEqual([entry["replayed"] for entry in forked["run"]["tasks"]], [True, True, False])
        before = json.loads(self.runs("show", run, "--json").stdout)
        self.assertEqual(forked["run"]["tasks"][2]["receipt"], before["tasks"][2]["receipt"])

    def test_a_component_that_was_mended_is_taken_from_a_task_on_and_not_served(self):
        wrong, right = self.write("math.wat", MATH.format(wrong=1)), self.folder / "mended" / "math.wat"
        right.parent.mkdir()
        right.write_text(MATH.format(wrong=0))
        node = self.start("--fn", wrong).wait_ready()
        done = every("run", self.write("wf.json", CHAIN), "--home", self.home, "--json")
        run = json.loads(done.stdout)
        self.assertEqual(run["tasks"][2]["output"], 116)
        forked = json.loads(self.runs("fork", run["id"], "--from", "b", "--fn", right, "--json").stdout)
        self.assertEqual([entry["output"] for entry in forked["run"]["tasks"]], [4, 14, 114])
        self.assertIn("component", forked["changes"][0]["why"][0])
        self.assertEqual(node.run(task("n", "add", [1, 1]))[1], "3", "what is served stays")

    def test_arguments_come_from_a_file_too_and_mistakes_are_told(self):
        node = self.node()
        run = self.completed(node)
        for document in ({"a": 5}, [5]):
            done = self.runs("fork", run, "--from", "a", "--args", self.write("args.json", document))
            self.assertEqual(done.stdout.split()[-4:], ["c", "ok", "113", "117"])
        for arguments, words in ((["--from", "z"], "has no task 'z'"), ([], "--from TASK is missing"), (["--from", "b", "--set", "zz=1"], "has no argument 'zz'"),
                                 (["--from", "b", "--set", "b"], "NAME=JSON"), (["--from", "b", "--set", "b=[1]"], "its type is"),
                                 (["--from", "b", "--args", str(self.folder / "none.json")], "none.json")):
            done = self.runs("fork", run, *arguments, check=False)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn(words, done.stderr)

    def test_a_failed_run_is_mended_by_a_fork_of_it(self):
        self.node()
        failing = {"tasks": [task("a", "add", [1, 2]), task("bad", "trap", ["no more"]), task("after", "add", ["{{needs.a.output}}", 10])]}
        done = every("run", self.write("wf.json", failing), "--home", self.home, "--json", check=False)
        run = json.loads(done.stdout)["id"]
        again = self.runs("fork", run, "--from", "bad", check=False)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("failed", again.stdout)

    def test_a_fork_needs_no_node_unless_it_is_left_alone(self):
        done = every("run", self.write("wf.json", CHAIN), "--fn", TYPES, "--home", self.home, "--json")
        run = json.loads(done.stdout)["id"]
        self.assertIn("123", self.runs("fork", run, "--from", "b", "--set", "1=20").stdout)
        alone = self.runs("fork", run, "--from", "b", "--detach", check=False)
        self.assertNotEqual(alone.returncode, 0)
        self.assertIn("every dev", alone.stderr)
        paused = self.runs("fork", run, "--from", "b", "--paused").stdout.strip()
        self.assertEqual(self.state(paused), "paused")

    def test_a_fork_begins_paused_and_is_stepped_through(self):
        node = self.node()
        run = self.completed(node)
        paused = self.runs("fork", run, "--from", "b", "--paused").stdout.strip()
        self.assertIn("'a' was known: 3", self.runs("step", paused).stdout)
        self.assertIn("'b' ran: 13", self.runs("step", paused).stdout)


if __name__ == "__main__":
    unittest.main()
