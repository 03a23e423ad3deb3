"""Why a task ran again, or did not, on the built binary."""
import json
import unittest

from every_process import FUNCTIONS, HomeTest, every, task

MATH = FUNCTIONS / "math.wasm"

SUM = """(component
  (core module $m (func (export "sum") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
  (core instance $i (instantiate $m))
  (func (export "sum") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "sum"))))
"""


def chain(first):
    return {"tasks": [task("t1", "add", [first, 2]), task("t2", "add", ["{{needs.t1.output}}", 1]),
                      task("t3", "add", ["{{needs.t2.output}}", 1])]}


class Why(HomeTest):
    def execute(self, workflow, *options):
        path = self.write("workflow.json", workflow)
        return every("run", path, "--home", self.home, "--fn", MATH, *options)

    def ask(self, *words, check=True):
        return every("why", *words, "--home", self.home, check=check)

    def test_names_the_argument_that_differs_and_the_run_before(self):
        self.execute({"tasks": [task("a", "add", [1, 2])]})
        self.execute({"tasks": [task("a", "add", [1, 3])]})
        newest, oldest = json.loads(every("runs", "--json", "--home", self.home).stdout)["runs"]
        text = self.ask(newest["id"], "a").stdout
        self.assertIn("task a ran again because its argument args[1] (2 → 3) changed.", text)
        self.assertIn(f"nearest before: task a of run {oldest['id']}", text)
        told = json.loads(self.ask(newest["id"], "0", "--json").stdout)
        self.assertEqual(told["reason"], "changed")
        self.assertEqual(told["changes"][0]["earlier"]["run"], oldest["id"])
        difference = told["changes"][0]["differences"][0]
        self.assertEqual([difference[key] for key in ("field", "path", "before", "after")], ["argument", "args[1]", "2", "3"])

    def test_follows_what_is_awaited_to_where_the_change_began(self):
        self.execute(chain(1))
        self.execute(chain(5))
        self.assertIn("task t3 ran again because it awaits task t2, which awaits task t1, and there the argument args[0] (1 → 5) changed", self.ask("t3").stdout)

    def test_a_hit_names_the_receipt_and_who_made_it(self):
        first = json.loads(self.execute(chain(1), "--json").stdout)
        self.execute(chain(1))
        text = self.ask("t2").stdout
        self.assertIn(f"its result was known from task t2 of run {first['id']}", text)
        self.assertIn(first["tasks"][1]["receipt"], text)
        self.assertEqual(len(self.ask().stdout.splitlines()), 3)

    def test_says_that_a_receipt_was_forgotten_though_it_was_made_again_since(self):
        receipt = json.loads(self.execute({"tasks": [task("a", "add", [1, 2])]}, "--json").stdout)["tasks"][0]["receipt"]
        every("forget", receipt, "--home", self.home)
        self.execute({"tasks": [task("a", "add", [1, 2])]})
        self.assertIn("had been forgotten", self.ask("a").stdout)

    def test_names_another_component(self):
        source = self.write("sum.wat", SUM)
        workflow = self.write("sum.json", {"tasks": [task("s", "sum", [1, 2])]})
        every("run", workflow, "--fn", source, "--home", self.home)
        self.write("sum.wat", SUM.replace("i32.add", "i32.add nop"))
        every("run", workflow, "--fn", source, "--home", self.home)
        told = json.loads(self.ask("s", "--json").stdout)
        self.assertEqual(told["sentence"], "task s ran again because its component changed")
        difference = told["changes"][0]["differences"][0]
        self.assertEqual(difference["field"], "component")
        self.assertNotEqual(difference["before"], difference["after"])

    def test_explains_beside_the_answer_and_before_it(self):
        self.execute(chain(1))
        foreseen = self.execute(chain(2), "--explain-only").stdout
        self.assertIn("would run again because its argument args[0] (1 → 2) changed", foreseen)
        self.assertEqual(len(json.loads(every("runs", "--json", "--home", self.home).stdout)["runs"]), 1, "nothing ran")
        done = self.execute(chain(2), "--explain")
        self.assertEqual(done.stdout.strip(), "6")
        self.assertIn("ran again because its argument args[0] (1 → 2) changed", done.stderr)
        told = json.loads(self.execute(chain(2), "--explain", "--json").stdout)
        self.assertEqual([why["reason"] for why in told["why"]], ["hit", "hit", "hit"])

    def test_answers_beside_a_running_node(self):
        node = self.start("--fn", MATH).wait_ready()
        self.execute(chain(1))
        self.execute(chain(1))
        self.assertIn("did not run: its result was known", self.ask("t1").stdout)
        node.stop()
        self.assertIn("did not run: its result was known", self.ask("t1").stdout)

    def test_names_the_tasks_there_are(self):
        self.execute(chain(1))
        refused = self.ask("t9", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("has no task 't9'; it has t1, t2, t3", refused.stderr)
        unknown = self.ask("06h1p7oorb5fpkei2gjr19crus", "t1", check=False)
        self.assertIn("is not known here", unknown.stderr)

    def test_says_that_nothing_has_run(self):
        self.assertIn("nothing has run yet", self.ask(check=False).stderr)


if __name__ == "__main__":
    unittest.main()
