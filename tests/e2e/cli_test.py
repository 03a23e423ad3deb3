"""The verbs of the command line on the built binary: answers, errors that say how to mend them, exit codes."""
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import unittest

from every_process import BINARY, FUNCTIONS, HomeTest, PATIENCE_S, TOP, TYPES, every, free_port, task

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


    def test_call_json_is_the_run_as_run_json_prints_it(self):
        run = json.loads(self.every("call", "add", "b=5.2", "a=3.1", "--fn", MATH, "--json").stdout)
        self.assertEqual((run["state"], run["tasks"][0]["output"], run["tasks"][0]["func"]), ("completed", 8.3, "add"))
        failed = self.every("call", "divide", "1", "0", "--fn", MATH, "--json", check=False)
        self.assertEqual(failed.returncode, 70)
        self.assertEqual(json.loads(failed.stdout)["state"], "failed")

    def test_reads_a_workflow_from_standard_input(self):
        text = json.dumps({"tasks": [task("add", "add", [3.1, 5.2])]})
        done = subprocess.run([BINARY, "run", "-", "--fn", MATH, "--home", self.home], input=text, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual((done.returncode, done.stdout), (0, "8.3\n"), done.stderr)

    def test_shows_a_receipt_and_its_very_bytes(self):
        cid = json.loads(self.every("call", "add", "3.1", "5.2", "--fn", MATH, "--json").stdout)["tasks"][0]["receipt"]
        self.assertRegex(self.every("receipt", cid).stdout, r"(?s)receipt    " + cid + r"\nran        bafyrmi.*result     ok  8\.3\n.*issuer     none\n")
        self.assertEqual(json.loads(self.every("receipt", cid, "--json").stdout)["out"], ["ok", 8.3])
        raw = subprocess.run([BINARY, "receipt", cid, "--cbor", "--home", self.home], capture_output=True, timeout=PATIENCE_S, check=True).stdout
        digest = base64.b32encode(b"\x01\x71\x16\x20" + hashlib.sha3_256(raw).digest()).decode().lower().rstrip("=")
        self.assertEqual("b" + digest, cid)

    def test_shows_one_run_and_the_newest_by_default(self):
        self.assertEqual(self.every("runs").stdout, "Nothing has run yet.\n")
        self.every("call", "add", "1", "2", "--fn", MATH)
        self.every("call", "divide", "1", "0", "--fn", MATH, check=False)
        newest, oldest = json.loads(self.every("runs", "--json").stdout)["runs"]
        self.assertIn("not able to run fn divide", self.every("runs", "show").stdout)
        self.assertIn(newest["id"], self.every("runs", "show").stdout)
        self.assertRegex(self.every("runs", "show", oldest["id"]).stdout, r"(?ms)^add\s+add\s+ran\s.*^add\s+3\s+bafyrmi")
        self.assertEqual(json.loads(self.every("runs", "show", oldest["id"], "--json").stdout)["state"], "completed")


class DetachTest(HomeTest):
    def detach(self, workflow):
        return every("run", workflow, "--detach", "--home", self.home).stdout.strip()

    def test_hands_a_run_to_the_node_and_prints_its_id(self):
        node = self.start("--fn", MATH).wait_ready()
        workflow = self.write("add.json", {"tasks": [task("add", "add", [3.1, 5.2])]})
        run = self.detach(workflow)
        self.assertRegex(run, r"^\w+$")
        status, body, _ = node.request("GET", f"/-/runs/{run}?wait=30s")
        self.assertEqual((status, json.loads(body)["state"]), (200, "completed"), body)

    def test_cancels_a_run_that_is_under_way(self):
        node = self.start("--fn", TYPES).wait_ready()
        workflow = self.write("spin.json", {"tasks": [task("spin", "spin", [])]})
        run = self.detach(workflow)
        node.wait_for_line("starting workflow")
        self.assertIn(run, every("runs", "cancel", run, "--home", self.home).stderr)
        self.assertEqual(json.loads(every("runs", "show", run, "--json", "--home", self.home).stdout)["state"], "cancelled")

    def test_cannot_cancel_what_is_over(self):
        self.start("--fn", MATH).wait_ready()
        run = json.loads(every("call", "add", "1", "2", "--json", "--home", self.home).stdout)["id"]
        late = every("runs", "cancel", run, "--home", self.home, check=False)
        self.assertEqual(late.returncode, 73, late.stderr)
        self.assertIn("completed", late.stderr)


class CleanTest(HomeTest):
    def test_removes_receipts_and_caches_and_keeps_settings_and_keys(self):
        every("call", "add", "1", "2", "--fn", MATH, "--home", self.home)
        kept = {"homestar.toml": "", "key.pem": "secret"}
        for name, text in kept.items():
            (self.home / name).write_text(text)
        done = every("clean", "--home", self.home)
        self.assertRegex(done.stderr, r"receipts and runs: [\d.]+ \w+ at .*store.db\n")
        self.assertRegex(done.stderr, r"Working directory removed: [\d.]+ \w+;")
        self.assertFalse((self.home / "store.db").exists())
        self.assertEqual(list((self.home / "cache").iterdir()), [])
        for name, text in kept.items():
            self.assertEqual((self.home / name).read_text(), text)
        again = json.loads(every("call", "add", "1", "2", "--fn", MATH, "--json", "--home", self.home).stdout)
        self.assertFalse(again["tasks"][0]["replayed"])

    def test_says_so_when_there_is_nothing(self):
        self.assertIn("Working directory already removed", every("clean", "--home", self.home).stderr)
        self.assertFalse(self.home.exists())
        self.assertEqual(json.loads(every("clean", "--json", "--home", self.home).stdout), {"removed": [], "bytes": 0})

    def test_leaves_everything_alone_while_a_node_runs(self):
        node = self.start("--fn", MATH).wait_ready()
        node.run(task("add", "add", [1, 2]))
        done = every("clean", "--home", self.home, check=False)
        self.assertEqual(done.returncode, 73)
        self.assertIn(str(node.process.pid), done.stderr)
        self.assertEqual(node.run(task("add", "add", [1, 2]))[2]["Every-Replayed"], "true")


class InspectTest(HomeTest):
    def test_tells_functions_imports_and_cid_without_a_home(self):
        environment = {"PATH": os.environ["PATH"]}
        done = subprocess.run([BINARY, "inspect", MATH, "--json"], capture_output=True, text=True, timeout=PATIENCE_S, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        component = json.loads(done.stdout)
        self.assertTrue(component["cid"].startswith("bafkrei"))
        self.assertEqual([function["name"] for function in component["functions"]], ["add", "divide"])
        self.assertEqual(component["functions"][0]["schema"]["required"], ["a", "b"])
        self.assertEqual([entry["name"] for entry in component["imports"]], ["wasi:logging/logging"])
        self.assertIn("export add: func(a: f64, b: f64) -> f64;", component["wit"])
        self.assertTrue(component["purity"].startswith("pure: it imports nothing but logging"))

    def test_reads_the_text_format(self):
        wat = self.write("empty.wat", "(component)")
        self.assertIn("Functions:\n  none\n", every("inspect", wat, "--home", self.home).stdout)

    def test_names_an_import_that_nobody_gives(self):
        wat = self.write("odd.wat", '(component (import "acme:db/sql" (instance (export "query" (func)))))')
        done = every("inspect", wat, "--home", self.home, check=False)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("acme:db/sql", done.stderr)


class CompletionTest(unittest.TestCase):
    def complete(self, *words):
        script = ('source <("$0" completions bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _every; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "--norc", "-c", script, BINARY, *words], capture_output=True, text=True, timeout=PATIENCE_S, cwd=TOP)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_completes_verbs_options_and_values(self):
        self.assertIn("inspect", self.complete("every", "in"))
        self.assertEqual(self.complete("every", "run", "--fre"), ["--fresh"])
        self.assertEqual(self.complete("every", "runs", "sh"), ["show"])
        self.assertIn("--json", self.complete("every", "runs", "show", "--"))
        self.assertNotIn("--limit", self.complete("every", "runs", "show", "--"))
        self.assertEqual(self.complete("every", "dev", "--durability", "rel"), ["relaxed"])
        self.assertEqual(self.complete("every", "dev", "--durability", "=", "rel"), ["relaxed"])
        self.assertEqual(self.complete("every", "completions", ""), ["bash", "zsh", "fish"])

    def test_bash_completes_files_where_a_file_is_meant(self):
        self.assertIn("workflows", self.complete("every", "run", "workf"))
        self.assertIn("README.md", self.complete("every", "dev", "--fn", "READ"))
        self.assertNotIn("README.md", self.complete("every", "receipt", "READ"))

    def test_zsh_and_fish_scripts_are_sound(self):
        for shell, flags in (("zsh", "-n"), ("fish", "--no-execute")):
            if shutil.which(shell) is None:
                continue
            with self.subTest(shell):
                script = every("completions", shell).stdout
                done = subprocess.run([shell, flags, "/dev/stdin"], input=script, capture_output=True, text=True, timeout=PATIENCE_S)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


class BesideANodeTest(HomeTest):
    def test_says_that_the_node_serves_a_new_component_from_now_on(self):
        node = self.start("--fn", MATH).wait_ready()
        self.assertNotIn("serves", every("call", "add", "1", "2", "--fn", MATH, "--home", self.home).stderr)
        self.assertIn("serves the functions of", every("call", "echo-bool", "true", "--fn", TYPES, "--home", self.home).stderr)
        self.assertEqual(node.stop(), 0)


class SignalTest(HomeTest):
    def test_one_interrupt_stops_a_node_cleanly_and_without_a_word_of_trouble(self):
        node = self.start("--fn", MATH).wait_ready()
        node.wait_for_line("Local:")
        lines = len(node.lines)
        node.process.send_signal(signal.SIGINT)
        self.assertEqual(node.process.wait(PATIENCE_S), 0)
        self.assertEqual([line for line in node.lines[lines:] if "error" in line], [])

    def test_an_interrupt_while_compiling_ends_at_once(self):
        node = self.start("--fn", FUNCTIONS / "multiply.wasm")
        node.wait_for_line("Compiling")
        node.process.send_signal(signal.SIGINT)
        self.assertEqual(node.process.wait(PATIENCE_S), 130)


class StartTest(HomeTest):
    def test_serves_without_any_function_and_says_so(self):
        node = self.start().wait_ready()
        node.wait_for_line("No function is loaded")
        self.assertEqual(node.request("GET", "/")[:2], (200, "[]"))
        self.assertFalse(any("Functions parsed" in line for line in node.lines))

    def test_serves_the_good_files_and_names_what_is_wrong_with_each_bad_one(self):
        text = self.write("notes.wasm", "# Notes")
        source = self.write("hello.rs", "fn main() {}")
        odd = self.write("odd.wat", '(component (import "acme:db/sql" (instance (export "query" (func)))))')
        core = self.write("core.wat", '(module (func (export "f")))')
        node = self.start("--fn", MATH, text, source, odd, core, self.folder, "/nonexistent.wasm").wait_ready()
        node.wait_for_line("Serving 1 of 7 function files")
        for words in ("notes.wasm is not WebAssembly", "hello.rs", "acme:db/sql", "core.wat", str(self.folder), "/nonexistent.wasm"):
            self.assertTrue(any("✘" in line and words in line for line in node.lines), (words, node.lines))
        self.assertEqual(node.run(task("add", "add", [1, 2]))[1], "3")

    def test_prints_the_start_lines_in_order_and_warns_of_debug(self):
        node = self.start("--fn", MATH, "--debug").wait_ready()
        node.wait_for_line("Local:")
        wanted = ["✔ Embedded block store", "✔ Functions parsed and compiled", "--debug", "➜ Local:    http://127.0.0.1:"]
        found = iter(node.lines)
        self.assertTrue(all(any(text in line for line in found) for text in wanted), node.lines)

    def test_tells_who_has_the_port(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = every("dev", "--home", self.home, "--port", port, check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        for text in (str(port), f"(pid {os.getpid()}) listens", "--port"):
            self.assertIn(text, done.stderr)


class MistakesTest(HomeTest):
    """What a newcomer gets wrong: the exit code, what the message names, and what it says to do."""

    ADD = {"tasks": [task("t", "add", [1, 2])]}
    CASES = {
        "a missing file": (["run", "{folder}/nothing.json"], None, 66, ["nothing.json", "No such file"]),
        "a directory as workflow": (["run", "{folder}"], None, None, ["{folder}", "directory"]),
        "a component as workflow": (["run", MATH], None, 65, ["math.wasm"]),
        "bad JSON": (["run", "{folder}/file.json", "--fn", MATH], '{\n  "tasks": [,]\n}', 65, ["file.json", "line 2", "column 13"]),
        "an unknown function": (["run", "{folder}/file.json", "--fn", MATH], {"tasks": [task("t", "devide", [1, 2])]}, 64, ["devide", "divide"]),
        "an unknown function in a call": (["call", "devide", "1", "2", "--fn", MATH], None, 66, ["did you mean divide?"]),
        "a call without a component": (["call", "add", "1", "2"], None, 66, ["add", "--fn"]),
        "a missing argument": (["call", "add", "1", "--fn", MATH], None, 64, ["`b`"]),
        "an argument too many": (["call", "add", "1", "2", "3", "--fn", MATH], None, 64, ["2"]),
        "a wrong type": (["call", "add", "1", "two", "--fn", MATH], None, 64, ["b", "number"]),
        "an unknown placeholder": (["run", "{folder}/file.json", "--fn", MATH], {"tasks": [task("sum", "add", ["{{needs.smu.output}}", 2])]}, 64, ["needs.smu.output"]),
        "no tasks": (["run", "{folder}/file.json", "--fn", MATH], {"task": []}, 64, ["tasks"]),
        "a task that fails": (["call", "divide", "1", "0", "--fn", MATH], None, 70, ["not able to run fn divide"]),
        "a file that is no component": (["run", "{folder}/file.json", "--fn", "{folder}/file.json"], ADD, 65, ["file.json is not WebAssembly", "(.wasm)"]),
        "a function file that is not there": (["dev", "{folder}/nothing.wasm", "--port", "{port}"], None, 64, ["nothing.wasm"]),
        "an unknown option": (["run", "a.json", "--frehs"], None, 64, ["--frehs", "did you mean --fresh?", "every run --help"]),
        "an unknown command": (["insepct", MATH], None, 64, ["insepct", "did you mean every inspect?"]),
        "an option without its value": (["dev", "--port"], None, 64, ["--port N"]),
        "a port that is no port": (["dev", "--port", "http"], None, 64, ["--port", "65535", "http"]),
        "a CID that is none": (["receipt", "bafynonsense"], None, 65, ["bafynonsense"]),
        "a receipt that is not here": (["receipt", "bafyrmiggjz2kvx5kzniantk5cx2hrabtfyztszhwf426pe5s33ky5kzvzm"], None, 66, ["bafyrmiggj"]),
        "handing over without a node": (["run", "{folder}/file.json", "--detach"], ADD, 75, ["every dev", "--detach"]),
    }

    def test_each_mistake_has_its_exit_code_and_names_what_is_wrong(self):
        for name, (arguments, content, code, texts) in self.CASES.items():
            with self.subTest(name):
                if content is not None:
                    self.write("file.json", content)
                filled = [str(part).replace("{folder}", str(self.folder)).replace("{port}", str(free_port())) for part in arguments]
                home = [] if arguments[0] == "insepct" else ["--home", self.home]
                done = every(*filled, *home, check=False)
                self.assertNotEqual(done.returncode, 0, done.stdout)
                if code is not None:
                    self.assertEqual(done.returncode, code, done.stderr)
                for text in texts:
                    self.assertIn(text.replace("{folder}", str(self.folder)), done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
