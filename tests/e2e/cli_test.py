"""The verbs of the command line on the built binary: answers, errors that say how to mend them, exit codes."""
import json
import unittest

from every_process import FUNCTIONS, HomeTest, TYPES, every, free_port, task

MATH = FUNCTIONS / "math.wasm"


class RunVerbTest(HomeTest):
    def every(self, *arguments, check=True):
        return every(*arguments, "--home", self.home, check=check)

    def test_prints_the_answer_as_the_gateway_would(self):
        workflow = self.write("add.json", {"tasks": [task("add", "add", [3.1, 5.2])]})
        done = self.every("run", workflow, "--fn", MATH)
        self.assertEqual(done.stdout.strip(), "8.3")

    def test_json_says_for_each_task_what_it_is_and_whether_it_was_replayed(self):
        workflow = self.write("two.json", {"tasks": [task("a", "add", [1, 2]), task("b", "divide", ["{{needs.a.output}}", 2])]})
        first = json.loads(self.every("run", workflow, "--fn", MATH, "--json").stdout)
        second = json.loads(self.every("run", workflow, "--fn", MATH, "--json").stdout)
        self.assertEqual([entry["output"] for entry in first["tasks"]], [3, 1.5])
        self.assertEqual([entry["replayed"] for entry in first["tasks"]], [False, False])
        self.assertEqual([entry["replayed"] for entry in second["tasks"]], [True, True])
        for entry, again in zip(first["tasks"], second["tasks"]):
            self.assertTrue(entry["instruction"].startswith("bafyrmi"))
            self.assertEqual((entry["instruction"], entry["receipt"]), (again["instruction"], again["receipt"]))

    def test_fresh_runs_again(self):
        workflow = self.write("add.json", {"tasks": [task("add", "add", [1, 2])]})
        self.every("run", workflow, "--fn", MATH)
        again = json.loads(self.every("run", workflow, "--fn", MATH, "--fresh", "--json").stdout)
        self.assertFalse(again["tasks"][0]["replayed"])

    def test_lists_what_ran(self):
        workflow = self.write("add.json", {"tasks": [task("add", "add", [1, 2])]})
        self.every("run", workflow, "--fn", MATH)
        self.assertIn("completed", self.every("runs").stdout)

    def test_calls_one_function_with_typed_arguments(self):
        self.assertEqual(self.every("call", "add", "3.1", "-5", "--fn", MATH).stdout.strip(), "-1.9")
        self.assertEqual(json.loads(self.every("call", "echo-point", '{"x":1,"y":2}', "--fn", TYPES).stdout), {"x": 1, "y": 2})


class MistakesTest(HomeTest):
    CASES = {
        "a missing file": (["run", "{folder}/nothing.json"], None, 66, "nothing.json"),
        "bad JSON": (["run", "{folder}/file.json", "--fn", MATH], "{", 65, "file.json"),
        "an unknown function": (["run", "{folder}/file.json", "--fn", MATH], {"tasks": [task("t", "devide", [1, 2])]}, 64, "devide"),
        "a missing argument": (["call", "add", "1", "--fn", MATH], None, 64, "b"),
        "a wrong type": (["call", "add", "1", "two", "--fn", MATH], None, 64, "b"),
        "an unknown placeholder": (["run", "{folder}/file.json", "--fn", MATH], {"tasks": [task("t", "add", ["{{needs.x.output}}", 2])]}, 64, "needs.x.output"),
        "a task that fails": (["call", "divide", "1", "0", "--fn", MATH], None, 70, "not able to run fn divide"),
        "a file that is no component": (["run", "{folder}/file.json", "--fn", "{folder}/file.json"], {"tasks": [task("t", "add", [1, 2])]}, None, "file.json"),
        "a function file that is not there": (["dev", "{folder}/nothing.wasm", "--port", "{port}"], None, 64, "nothing.wasm"),
    }

    def test_each_mistake_has_its_exit_code_and_names_what_is_wrong(self):
        for name, (arguments, content, code, text) in self.CASES.items():
            with self.subTest(name):
                if content is not None:
                    self.write("file.json", content)
                filled = [str(part).replace("{folder}", str(self.folder)).replace("{port}", str(free_port())) for part in arguments]
                done = every(*filled, "--home", self.home, check=False)
                self.assertNotEqual(done.returncode, 0, done.stdout)
                if code is not None:
                    self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
