"""The log of `every dev`: the original's lines in the original's order, and what can be chosen about them."""
import json
import os
import re
import subprocess
import time
import unittest

from every_process import BINARY, FUNCTIONS, HomeTest, Node, PATIENCE_S, TOP, TYPES, every, free_port, task

ARTICLE = ["--fn", FUNCTIONS / "math.wasm", "--fn", FUNCTIONS / "subtract.wasm", "--fn", FUNCTIONS / "multiply.wasm"]
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')

SETTINGS = "running workflow with settings: Settings {\n    reuse: memo,\n    timeout: 3600s,\n}"
UNKNOWN = ("info", "workflow.init.db.check", "workflow", "workflow information not available in the database", ("cid",))
RUNNING = ("info", "workflow.run", "workflow", SETTINGS, ("cid",))
REPLAYING_RECEIPTS = ("info", "workflow.receipts", "workflow", "replaying receipts", ("receipt_cids",))
FETCHING = ("info", "fetch_rscs", "fetch", "fetching necessary resources from IPFS", ())
FETCH = ("info", "fetch_rsc", "fetch", "attempting to fetch resource from IPFS", ("rsc",))
INITIALIZING = ("info", "worker.init_workflow", "worker.run", "initializing workflow", ("workflow_cid",))
RESOLVING = ("info", "worker.resolve_receipts", "worker.run", "resolving receipts in the background", ("workflow_cid",))
STARTING = ("info", "worker.start_workflow", "worker.run", "starting workflow", ("workflow_cid",))
REPLAYING = ("info", "worker.start_workflow", "worker.run", "replaying workflow", ("workflow_cid",))
ARGUMENT = ("info", "worker.resolve_cid", "worker.run", "attempting to resolve workflow args by cid", ("workflow_cid", "cid"))
COMPUTED = ("info", "worker.receipt", "worker.run", "computed receipt", ("receipt_cid",))
COMPLETED = ("info", "worker.end_workflow", "worker.run", "workflow completed", ("workflow_cid",))


def left(count):
    return ("info", "worker.replay", "worker.run", f"{count} tasks left to run, sending last batch for workflow", ("workflow_cid",))


def guest(category, message, level="info"):
    return (level, "wasm_execution", category, message, ())


def parse(line):
    """A logfmt line as (level, subject, category, message, names of the other keys), and its fields; None for another line."""
    if not line.startswith("ts="):
        return None
    fields = {key: json.loads(value) if value.startswith('"') else value for key, value in PAIR.findall(line)}
    names = [key for key in fields if key not in ("ts", "level", "message", "subject", "category")]
    return (fields["level"], fields.get("subject"), fields.get("category"), fields["message"], tuple(names)), fields


def workflow(name):
    return json.loads((TOP / "workflows" / name).read_text())


class LogTest(HomeTest):
    def post(self, node, document, end="workflow completed"):
        """Posts a workflow; the log lines of that run, and their fields."""
        before = len(node.lines)
        status, body, _ = node.request("POST", "/run", document)
        deadline = time.monotonic() + PATIENCE_S
        while not any(f'"{end}"' in line for line in node.lines[before:]):
            self.assertLess(time.monotonic(), deadline, "\n".join(node.lines[before:]))
            time.sleep(0.01)
        parsed = [parsed for line in node.lines[before:] if (parsed := parse(line))]
        return status, body, [line for line, _ in parsed], [fields for _, fields in parsed]


class ArticleTest(LogTest):
    maxDiff = None

    def test_first_run_replay_partial_replay_and_restart_in_the_originals_words_and_order(self):
        node = self.start(*ARTICLE).wait_ready()
        _, body, lines, fields = self.post(node, workflow("add.json"))
        self.assertEqual(body, "8.3")
        self.assertEqual(lines, [UNKNOWN, RUNNING, FETCHING, FETCH, INITIALIZING, RESOLVING, STARTING,
                                 guest("guest:rust:add", "3.1 + 5.2 = 8.3"), COMPUTED, COMPLETED])
        self.assertTrue(fields[3]["rsc"].startswith("ipfs://baf"))
        receipt = fields[8]["receipt_cid"]

        replay = [RUNNING, REPLAYING_RECEIPTS, FETCHING, INITIALIZING, RESOLVING, REPLAYING, left(0), COMPLETED]
        _, body, lines, fields = self.post(node, workflow("add.json"))
        self.assertEqual((body, lines), ("8.3", replay))
        self.assertEqual(fields[1]["receipt_cids"], receipt)

        _, body, lines, _ = self.post(node, workflow("all.json"))
        self.assertEqual(body, "5.98")
        self.assertEqual(lines, [UNKNOWN, RUNNING, FETCHING, FETCH, FETCH, FETCH, INITIALIZING, RESOLVING, STARTING, left(3),
                                 ARGUMENT, guest("guest:javascript:subtract", "8.3 - 4.4 = 3.9000000000000004"), COMPUTED,
                                 ARGUMENT, guest("guest:python:multiply", "3.9000000000000004 * 2.3 = 8.97"), COMPUTED,
                                 ARGUMENT, guest("guest:rust:divide", "8.97 / 1.5 = 5.98"), COMPUTED, COMPLETED])

        self.assertEqual(node.stop(), 0)
        again = self.start(*ARTICLE).wait_ready()
        _, body, lines, fields = self.post(again, workflow("all.json"))
        self.assertEqual((body, lines), ("5.98", replay))
        self.assertEqual(len(fields[1]["receipt_cids"].split(", ")), 4)

    def test_a_chain_that_nobody_knows_runs_task_by_task(self):
        node = self.start(*ARTICLE, "--debug").wait_ready()
        for _ in range(2):  # with --debug every run is a first run
            _, body, lines, _ = self.post(node, workflow("all.json"))
            self.assertEqual(body, "5.98")
            self.assertEqual(lines, [UNKNOWN, RUNNING, FETCHING, FETCH, FETCH, FETCH, INITIALIZING, RESOLVING, STARTING,
                                     guest("guest:rust:add", "3.1 + 5.2 = 8.3"), COMPUTED,
                                     ARGUMENT, guest("guest:javascript:subtract", "8.3 - 4.4 = 3.9000000000000004"), COMPUTED,
                                     ARGUMENT, guest("guest:python:multiply", "3.9000000000000004 * 2.3 = 8.97"), COMPUTED,
                                     ARGUMENT, guest("guest:rust:divide", "8.97 / 1.5 = 5.98"), COMPUTED, COMPLETED])

    def test_a_division_by_zero_ends_in_an_error_and_runs_again_the_next_time(self):
        node = self.start(*ARTICLE).wait_ready()
        failed = [guest("guest:rust:divide", "Division by zero error", "error"),
                  ("error", "worker.run.task.err", "worker.run", "error in running task",
                   ("err", "task", "func", "code", "cid", "workflow_cid")),
                  ("error", "worker.end_workflow", "worker.run", "workflow failed", ("workflow_cid", "err"))]
        begin = [RUNNING, FETCHING, FETCH, INITIALIZING, RESOLVING, STARTING]
        for first in ([UNKNOWN], []):
            status, body, lines, fields = self.post(node, workflow("division_by_zero.json"), end="workflow failed")
            self.assertEqual(status, 500)
            self.assertEqual(lines, first + begin + failed)
            text = "not able to run fn divide: the guest stopped itself (unreachable; in Rust usually a panic)"
            self.assertEqual([json.loads(body)["error"], fields[-2]["err"], fields[-1]["err"]], [text, text, text])

    def test_the_command_line_says_the_same_as_the_gateway(self):
        done = every("run", TOP / "workflows/division_by_zero.json", *ARTICLE[:2], "--home", self.home, check=False)
        lines = done.stderr.splitlines()
        self.assertEqual(lines[0], "error: not able to run fn divide: the guest stopped itself (unreachable; in Rust usually a panic)")
        self.assertIn("    error guest:rust:divide Division by zero error", lines)
        self.assertIn("  where it was:", lines)
        self.assertEqual(done.stderr.count("not able to run fn divide"), 1)


class TimeoutLineTest(LogTest):
    def test_the_settings_are_those_in_force(self):
        config = self.write("short.toml", "[every.limits]\nrun_time = 90\n")
        node = self.start("--fn", TYPES, "--config", config).wait_ready()
        document = {"tasks": [task("a", "add", [1, 2])]}
        before = len(node.lines)
        node.request("POST", "/run?fresh=1", document)
        node.wait_for_line("workflow completed")
        settings = [line for line in node.lines[before:] if "with settings" in line]
        self.assertEqual(len(settings), 1)
        self.assertIn(r"{\n    reuse: fresh,\n    timeout: 90s,\n}", settings[0])


class ChoiceTest(LogTest):
    def lines_of(self, *arguments, env=None):
        """Whole output of a node that ran one good and one failing task."""
        port = free_port()
        process = subprocess.Popen([BINARY, "dev", "--home", self.folder / f"home-{port}", "--port", str(port), "--fn", FUNCTIONS / "math.wasm", *arguments],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**{key: value for key, value in os.environ.items() if key not in ("RUST_LOG", "EVERY_LOG")}, **(env or {})})
        node = Node.__new__(Node)
        node.port, node.process, node.lines = port, process, []
        try:
            node.wait_ready()
            node.run(task("a", "add", [1, 2]))
            node.run(task("d", "divide", [1, 0]))
        finally:
            process.terminate()
            out, err = process.communicate(timeout=PATIENCE_S)
        return out.splitlines(), err

    def test_json_lines_have_the_same_keys(self):
        lines, _ = self.lines_of("--log-format", "json")
        records = [json.loads(line) for line in lines]
        self.assertEqual(records[0]["message"], "workflow information not available in the database")
        self.assertEqual(list(records[0]), ["ts", "level", "message", "subject", "category", "cid"])

    def test_pretty_lines_say_it_to_a_person_and_have_no_colours_in_a_pipe(self):
        lines, err = self.lines_of("--log-format", "pretty")
        self.assertTrue(any(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} info  guest:rust:add 1 \+ 2 = 3", line) for line in lines), lines)
        self.assertTrue(any(line.strip().startswith("│ not able to run fn divide") for line in lines), lines)
        self.assertNotIn("\x1b", "".join(lines) + err)

    def test_levels_are_chosen_by_option_and_environment(self):
        lines, _ = self.lines_of("--log-level", "error", "--guest-log-level", "off")
        self.assertEqual([parse(line)[0][1] for line in lines], ["worker.run.task.err", "worker.end_workflow"])
        lines, err = self.lines_of(env={"RUST_LOG": "off,worker.receipt=info,libp2p=debug"})
        self.assertEqual([parse(line)[0][3] for line in lines], ["computed receipt"])
        self.assertIn("RUST_LOG: `libp2p=debug`: nothing here is called libp2p", err)
        lines, _ = self.lines_of(env={"RUST_LOG": "debug", "EVERY_LOG": "off"})
        self.assertEqual(lines, [])

    def test_a_level_that_is_none_is_refused(self):
        done = every("dev", "--home", self.home, "--log-level", "loud", check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("loud", done.stderr)


class ReaderTest(LogTest):
    FLOOD = {"tasks": [task("flood", "log-flood", [5000])]}

    def test_a_closed_output_neither_ends_nor_holds_up_the_node(self):
        silent = subprocess.Popen([BINARY, "dev", "--home", self.home, "--port", str(other := free_port()), "--fn", TYPES],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            silent.stdout.close()
            reader = Node.__new__(Node)
            reader.port, reader.process, reader.lines = other, silent, []
            reader.wait_ready()
            for i in range(3):
                self.assertEqual(reader.request("POST", "/run?fresh=1", self.FLOOD)[1], "5000")
            self.assertIsNone(silent.poll())
        finally:
            silent.terminate()
            self.assertEqual(silent.wait(PATIENCE_S), 0)

    def test_a_reader_that_takes_nothing_does_not_hold_up_the_node_or_its_end(self):
        process = subprocess.Popen([BINARY, "dev", "--home", self.home, "--port", str(port := free_port()), "--fn", TYPES],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            node = Node.__new__(Node)
            node.port, node.process, node.lines = port, process, []
            node.wait_ready()
            for i in range(8):
                self.assertEqual(node.request("POST", "/run?fresh=1", self.FLOOD)[1], "5000")
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE_S), 0)
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
