"""Questions in SQL on the built binary."""
import csv
import io
import json
import unittest

from every_process import FUNCTIONS, HomeTest, every, task

MATH = FUNCTIONS / "math.wasm"


class Query(HomeTest):
    def setUp(self):
        super().setUp()
        self.workflow = self.write("sums.json", {"tasks": [task("one", "add", [1, 2]), task("two", "add", ["{{needs.one.output}}", 0.5])]})

    def run_workflow(self):
        return json.loads(every("run", self.workflow, "--home", self.home, "--fn", MATH, "--json").stdout)

    def ask(self, question, *options):
        return json.loads(every("query", "--json", question, *options, "--home", self.home).stdout)

    def refused(self, *arguments):
        done = every("query", *arguments, "--home", self.home, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def test_views_say_what_the_node_says(self):
        self.run_workflow()
        self.run_workflow()
        runs = self.ask("SELECT * FROM runs ORDER BY accepted")
        self.assertEqual([(run["status"], run["tasks"], run["error"]) for run in runs], [("completed", 2, None)] * 2)
        self.assertRegex(runs[0]["accepted"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
        self.assertGreaterEqual(runs[0]["seconds"], 0)
        shown = json.loads(every("runs", "show", runs[0]["id"], "--home", self.home, "--json").stdout)
        self.assertEqual(runs[0]["workflow"], shown["workflow"])
        tasks = self.ask(f"SELECT task, status, instruction, receipt, replayed FROM tasks WHERE run = '{runs[0]['id']}' ORDER BY task")
        self.assertEqual([(row["task"], row["status"], row["instruction"], row["receipt"], row["replayed"]) for row in tasks],
                         [(row["task"], "ok", row["instruction"], row["receipt"], 0) for row in shown["tasks"]])
        self.assertEqual(self.ask("SELECT sum(replayed) AS n FROM tasks"), [{"n": 2}])
        receipts = self.ask("SELECT cid, result, provenance, standing, run FROM receipts ORDER BY number")
        self.assertEqual([json.loads(row["result"]) for row in receipts], [3, 3.5])
        self.assertEqual({row["cid"] for row in receipts}, {row["receipt"] for row in shown["tasks"]})
        self.assertEqual({(row["provenance"], row["standing"], row["run"]) for row in receipts}, {("local", "as it came", runs[0]["id"])})
        component = shown["tasks"][0]["component"]
        self.assertEqual(self.ask("SELECT cid FROM components"), [{"cid": component}])
        self.assertIn({"cid": component}, self.ask("SELECT cid FROM blocks"))  # smaller than a chunk: one raw block
        self.assertGreater(self.ask("SELECT sum(bytes) AS n FROM blocks")[0]["n"], 10000)

    def test_beside_a_running_node_the_newest_is_seen(self):
        node = self.start("--fn", MATH).wait_ready()
        for number in range(3):
            self.assertEqual(node.run(task("sum", "add", [number, 0.125]))[0], 200)
            self.assertEqual(self.ask("SELECT count(*) AS n FROM receipts"), [{"n": number + 1}])
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.ask("SELECT count(*) AS n FROM receipts"), [{"n": 3}])

    def test_failures_and_log_lines_are_there(self):
        every("run", self.write("bad.json", {"tasks": [task("bad", "nothing-like-it", [1])]}), "--home", self.home, "--fn", MATH, check=False)
        self.run_workflow()
        self.assertEqual(self.ask("SELECT DISTINCT level FROM logs WHERE level IS NULL"), [])
        self.assertEqual(self.ask("SELECT count(*) AS n FROM failures WHERE result IS NULL"), [{"n": 0}])

    def test_tables_csv_and_the_limit(self):
        self.run_workflow()
        table = every("query", "SELECT task, status, error FROM tasks ORDER BY task", "--home", self.home).stdout.splitlines()
        self.assertEqual([line.split() for line in table], [["task", "status", "error"], ["0", "ok", "-"], ["1", "ok", "-"]])
        text = every("query", "--csv", "SELECT 1 AS a, 'x,\"y' AS b, NULL AS c UNION ALL SELECT 2, 'z', 0.1", "--home", self.home).stdout
        self.assertEqual(list(csv.reader(io.StringIO(text))), [["a", "b", "c"], ["1", 'x,"y', ""], ["2", "z", "0.1"]])
        self.assertEqual(every("query", "--json", "SELECT 8.3 AS a, 'x\"' AS \"b\"\"\", x'00ff' AS c, 9e999 AS d", "--home", self.home).stdout,
                         '[\n{"a":8.3,"b\\"":"x\\"","c":"00ff","d":null}\n]\n')
        done = every("query", "SELECT task FROM tasks", "--limit", 1, "--home", self.home)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("more rows than these 1", done.stderr)
        self.assertEqual(self.ask("SELECT * FROM tasks WHERE run = ''"), [])

    def test_mistakes_are_told_with_what_there_is(self):
        self.run_workflow()
        for question, words in (("SELECT nam FROM runs", "no such column: nam"), ("SELECT * FROM run", "no such table: run"),
                                ("DELETE FROM runs", "it is a view"), ("DELETE FROM main.runs", "not authorized"), ("SELECT block FROM main.receipts", "prohibited"),
                                ("SELECT 1; SELECT 2", "more than one statement"), ("", "no statement")):
            told = self.refused(question)
            self.assertIn(words, told)
            self.assertIn("receipts (number, cid, instruction", told)
        self.assertIn("took longer", self.refused("--timeout", 1, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"))
        self.assertEqual(self.ask("SELECT count(*) AS n FROM runs"), [{"n": 1}])

    def test_without_a_question_it_lists_the_views(self):
        self.assertIn("nothing is recorded at", self.refused())
        self.run_workflow()
        views = json.loads(every("query", "--json", "--home", self.home).stdout)
        self.assertEqual(list(views), ["runs", "tasks", "receipts", "failures", "logs", "conflicts", "attestations", "quarantine", "blocks", "components"])
        self.assertIn("accepted", views["runs"])
        self.assertIn("runs  ", every("query", "--home", self.home).stdout)


if __name__ == "__main__":
    unittest.main()
