"""The original's command line: `homestar …` through a link of that name, `every start` and its fellows, and a database of the original brought over.

What tests/data/homestar holds was printed by homestar 0.3.0."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import dag_cbor
from content_test import StandIn
from every_process import BINARY, PATIENCE_S, TOP, TYPES, HomeTest, every, free_port

GOLDEN = TOP / "tests/data/homestar"
DATABASE = TOP / "libs/store/tests/data/homestar.db"
TYPES_CID = "bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"
LINKED_CID, LINKED = "bafkreigf3oxcezq263nrripwo3nyfj7ppxsg2j6dujr2q4xqar4lbwm7yq", bytes([0, 1, 0xFE, 0xFF])
SEED = "A" * 43 + "="
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
STOP_WITHIN_S = 5


def golden(name):
    return (GOLDEN / name).read_text()


def timeless(text):
    return TIME.sub("2026-01-01 00:00:00", text)


@contextlib.contextmanager
def occupied(port):
    """Has somebody listen on a port of both loopback addresses: us, or whoever does already."""
    with contextlib.ExitStack() as stack:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_server((address, port), family=family))
        yield


class HomestarCase(HomeTest):
    """A folder with a link `homestar`, a HOME of its own, and processes that are ended after the test."""

    def setUp(self):
        super().setUp()
        self.program = self.folder / "bin/homestar"
        self.program.parent.mkdir()
        self.program.symlink_to(BINARY)
        self.place = self.folder / "place"
        self.place.mkdir()
        self.ports = {name: free_port() for name in ("rpc", "webserver", "metrics")}
        self.processes = []
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("XDG_", "HOMESTAR__", "DATABASE_")) and name != "NO_COLOR"}
        self.environment["HOME"] = str(self.folder / "user")

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE_S)
        for pid_file in self.folder.rglob("homestar.pid"):
            if (pid := pid_file.read_text()).isdigit():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        super().tearDown()

    def homestar(self, *words, code=0, input=None, **environment):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE_S, cwd=self.place,
                              input=input, stdin=subprocess.DEVNULL if input is None else None, env=self.environment | environment)
        self.assertEqual(done.returncode, code, f"homestar {words}:\n{done.stdout}{done.stderr}")
        return done

    def every(self, *words, code=0):
        done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE_S, cwd=self.place,
                              stdin=subprocess.DEVNULL, env=self.environment)
        self.assertEqual(done.returncode, code, f"every {words}:\n{done.stdout}{done.stderr}")
        return done

    def write_settings(self, kubo=None, key='keypair_config = "random"'):
        ipfs = f"port = {kubo}" if kubo else ""
        return self.write("settings.toml", f"""
[node.network]
{key}
[node.network.rpc]
port = {self.ports["rpc"]}
[node.network.webserver]
port = {self.ports["webserver"]}
[node.network.metrics]
port = {self.ports["metrics"]}
[node.network.ipfs]
{ipfs}
[every]
ipfs = "{"kubo" if kubo else "embedded"}"
""")

    def launch(self, program, *words):
        process = subprocess.Popen([program, *map(str, words)], cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.processes.append(process)
        self.wait_for(lambda: self.answers(), lambda: process.poll() is not None and process.communicate()[0])
        return process

    def start_homestar(self, *words, **settings):
        return self.launch(self.program, "start", "-c", self.write_settings(**settings), *words)

    def ask(self, port, method, path, body=None, address="127.0.0.1"):
        """Status and text."""
        connection = http.client.HTTPConnection(address, port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Host": "localhost", "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def health(self):
        return self.ask(self.ports["rpc"], "GET", "/-/healthz", address="::1")[1]

    def answers(self):
        try:
            return "healthy" in self.health()
        except OSError:
            return False

    def wait_for(self, holds, failed=lambda: False):
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if problem := failed():
                raise AssertionError(f"it ended: {problem}")
            self.assertLess(time.monotonic(), deadline, "it does not come")
            time.sleep(0.02)

    def rpc(self, *more):
        return ["-p", str(self.ports["rpc"]), *more]

    def expect_golden(self, name, text):
        """Byte for byte, but for ports (of five digits) and times."""
        wanted = golden(name).replace("13030", str(self.ports["rpc"]))
        self.assertEqual(timeless(text), timeless(wanted))


class WordsTest(HomestarCase):
    """What needs no node."""

    def test_help_is_the_originals(self):
        self.assertEqual(self.homestar("--help").stdout, golden("help/homestar.txt"))
        self.assertEqual(self.homestar("help").stdout, golden("help/homestar.txt"))
        self.assertEqual(self.homestar(code=2).stderr, golden("help/homestar.txt"))
        for verb in ("init", "start", "stop", "ping", "node", "info"):
            self.assertEqual(self.homestar(verb, "--help").stdout, golden(f"help/{verb}.txt"))
            self.assertEqual(self.homestar("help", verb).stdout, golden(f"help/{verb}.txt"))
        self.assertEqual(self.homestar("init", "-h").stdout, golden("help/init.short.txt"))

    def test_help_of_run_names_one_kind_of_file_more(self):
        added = "            - DAG-CBOR (.cbor)\n"
        text = self.homestar("run", "--help").stdout
        self.assertIn(added, text)
        self.assertEqual(text.replace(added, ""), golden("help/run.txt"))

    def test_version_is_the_originals(self):
        self.assertEqual(self.homestar("-V").stdout, "homestar 0.3.0\n")
        self.assertEqual(self.homestar("--version").stdout, "homestar 0.3.0\n")

    def test_wrong_use_ends_with_2_and_the_originals_first_line(self):
        for words, line in ((["pign"], "error: unrecognized subcommand"), (["start", "--bogus"], "error: unexpected argument found"),
                            (["run"], "error: one or more required arguments were not provided"),
                            (["ping", "-p", "x"], "error: invalid value for one of the arguments"),
                            (["init", "--key-type", "x"], "error: one of the values isn't valid for an argument")):
            self.assertEqual(self.homestar(*words, code=2).stderr.splitlines()[0], line)

    def test_info_has_the_originals_columns(self):
        lines = re.sub(r"\x1b\[\d+m", "", self.homestar("info").stdout).splitlines()
        wanted = re.sub(r"\x1b\[\d+m", "", golden("info.txt")).splitlines()
        self.assertEqual(lines[1].strip("│ "), wanted[1].strip("│ "))
        self.assertEqual([cell.strip() for cell in lines[3].split("│")], [cell.strip() for cell in wanted[3].split("│")])
        self.assertEqual([cell.strip() for cell in lines[5].split("│")][1], "0.3.0")

    def test_colours_can_be_turned_off(self):
        self.assertIn("\x1b[37m", self.homestar("info").stdout)
        self.assertNotIn("\x1b", self.homestar("info", NO_COLOR="1").stdout)
        self.assertNotIn("\x1b", self.every("info").stdout)


class InitTest(HomestarCase):
    def init(self, name, *words, code=0):
        done = self.homestar("init", *words, code=code)
        for stream, text in (("out", done.stdout), ("err", done.stderr)):
            file = GOLDEN / f"{name}.{stream}.txt"
            self.assertEqual(text, file.read_text() if file.exists() else "", f"{name}.{stream}.txt")

    def test_prints_the_settings_the_original_prints(self):
        seeded = ("--dry-run", "--key-seed", SEED)
        self.assertEqual(self.homestar("init", *seeded, "--key-type", "ed25519").stdout, golden("init_seed.toml"))
        self.assertEqual(self.homestar("init", *seeded, "--key-type", "secp256k1").stdout, golden("init_secp.toml"))

    def test_writes_says_and_refuses_as_the_original(self):
        key = ("--key-type", "ed25519", "--key-seed", SEED, "-o", "settings.toml")
        self.init("init_write", *key)
        file = self.place / "settings.toml"
        self.assertEqual(file.read_text(), golden("init_seed.toml"))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600, "a seed is a secret")
        self.init("init_exists", *key, code=1)
        self.homestar("init", "--force", "--quiet", *key)
        self.init("init_no_type", code=1)
        self.init("init_no_key", "--key-type", "ed25519", code=1)
        self.init("init_bad_seed", "--key-type", "ed25519", "--key-seed", "bogus", "--dry-run", code=1)

    def test_makes_a_key_file_once(self):
        words = ("--key-type", "ed25519", "--key-file", "node.pem", "-o", "keyed.toml")
        self.init("init_key_file", *words)
        self.assertEqual((self.place / "keyed.toml").read_text(), golden("init_keyed.toml"))
        key = self.place / "node.pem"
        made = key.read_bytes()
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.init("init_key_again", *words, "--force")
        self.assertEqual(key.read_bytes(), made)
        self.init("init_secp", "--key-type", "secp256k1", "--key-file", "new.der", "-o", "k.toml", code=1)
        self.assertFalse((self.place / "k.toml").exists())

    def test_a_refused_init_leaves_no_key(self):
        (self.place / "there.toml").write_text("")
        self.homestar("init", "--key-type", "ed25519", "--key-file", "new.pem", "-o", "there.toml", code=1)
        self.assertFalse((self.place / "new.pem").exists())

    def test_writes_where_the_original_does(self):
        self.homestar("init", "--key-type", "ed25519", "--key-seed")
        text = (self.folder / "user/.config/homestar/settings.toml").read_text()
        self.assertEqual(re.sub('seed = "[^"]+"', f'seed = "{SEED}"', text), golden("init_seed.toml"))

    def test_every_init_needs_no_key(self):
        self.every("init", "--output", "mine.toml")
        self.assertIn('keypair_config = "random"', (self.place / "mine.toml").read_text())
        self.assertEqual(self.every("config", "check", "mine.toml").returncode, 0)

    def test_what_init_writes_is_read_without_a_warning(self):
        self.every("init", "--output", "mine.toml", "--key-seed", "random")
        done = self.every("config", "show", "--config", "mine.toml")
        self.assertEqual(done.stderr, "")


class NodeTest(HomestarCase):
    def setUp(self):
        super().setUp()
        self.kubo = StandIn()
        self.addCleanup(self.kubo.close)
        self.kubo.blocks[TYPES_CID] = TYPES.read_bytes()
        self.kubo.blocks[LINKED_CID] = LINKED
        for name in ("chain.json", "link.json"):
            shutil.copy(GOLDEN / name, self.place)

    def stop(self, process):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        return time.monotonic() - began

    def test_ping_node_and_run_answer_as_the_original(self):
        self.start_homestar(kubo=self.kubo.port, key=f'keypair_config = {{ random_seed = {{ key_type = "ed25519", seed = "{SEED}" }} }}')
        self.expect_golden("ping.txt", self.homestar("ping", *self.rpc()).stdout)
        self.expect_golden("run_chain_first.txt", self.homestar("run", *self.rpc("-n", "chained"), "chain.json").stdout)
        self.wait_for(lambda: '"active_runs":0' in self.health())
        self.expect_golden("run_chain_again.txt", self.homestar("run", *self.rpc("-n", "chained"), "chain.json").stdout)
        self.expect_golden("run_link.txt", self.homestar("run", *self.rpc(), "link.json").stdout)
        node = re.sub(r"\x1b\[\d+m", "", self.homestar("node", *self.rpc()).stdout)
        # A node without peers listens nowhere for them: a box without the rows of addresses.
        self.assertEqual(node.splitlines()[3:8], [
            "│ +------------------------------------------------------+ │",
            "│ | peer_id                                              | │",
            "│ +------------------------------------------------------+ │",
            f"│ | {self.peer_id()} | │",
            "│ +------------------------------------------------------+ │"])
        wanted = re.sub(r"\x1b\[\d+m", "", golden("node.txt")).splitlines()
        self.assertEqual(node.splitlines()[:3], wanted[:3])
        self.assertEqual(node.splitlines()[-7:], wanted[-7:])

    def peer_id(self):
        answer = subprocess.run([BINARY, "keys", "show", "--json", "--config", self.folder / "settings.toml", "--home", self.folder / "any"],
                                capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return json.loads(answer.stdout)["peer_id"]

    def test_runs_cbor_too_and_says_why_a_file_is_none(self):
        self.start_homestar(kubo=self.kubo.port)
        (self.place / "chain.cbor").write_bytes(dag_cbor.encode(json.loads((self.place / "chain.json").read_text())))
        self.expect_golden("run_chain_first.txt", self.homestar("run", *self.rpc("-n", "chained"), "chain.cbor").stdout)
        error = self.homestar("run", *self.rpc(), "nofile.json", code=1).stderr
        self.assertTrue(error.startswith(golden("run_nofile.err.txt").rstrip("\n")), error)
        self.assertIn("╰─▶", error)
        (self.place / "wf.yaml").write_text("tasks: []")
        self.assertIn("unsupported workflow file type: yaml", self.homestar("run", *self.rpc(), "wf.yaml", code=1).stderr)
        (self.place / "short.json").write_text('{"tasks": [{"run": {"name": "a", "input": {"func": "f", "args": []}}}]}')
        self.homestar("run", *self.rpc(), "short.json", code=1)

    def test_stop_says_nothing_and_leaves_nothing(self):
        process = self.start_homestar()
        done = self.homestar("stop", *self.rpc())
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertEqual(process.wait(STOP_WITHIN_S), 0)
        self.assertFalse(self.answers())

    def test_without_a_node_every_verb_ends_with_1_and_says_what_to_do(self):
        for words in (["ping"], ["stop"], ["node"], ["run", "chain.json"]):
            error = self.homestar(*words, *self.rpc(), code=1).stderr
            self.assertTrue(error.startswith("Error:   × "), error)
            self.assertIn("refused", error.replace("\n  │", ""))
            self.assertIn("homestar start", error.replace("\n  │", ""))

    def test_a_server_that_never_answers_is_waited_for_as_long_as_asked(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            words = ("ping", "--host", "127.0.0.1", "-p", str(silent.getsockname()[1]), "--timeout", "200ms")
            self.assertIn("no answer in time", self.homestar(*words, code=1).stderr)

    def test_stops_in_time_at_a_signal_with_work_under_way(self):
        process = self.start_homestar(kubo=self.kubo.port)
        spin = json.loads((self.place / "chain.json").read_text())
        spin["tasks"] = spin["tasks"][:1]
        spin["tasks"][0]["run"]["input"] = {"func": "spin", "args": []}
        self.homestar("run", *self.rpc(), self.write("spin.json", spin))
        self.wait_for(lambda: '"active_runs":1' in self.health())
        self.assertLess(self.stop(process), STOP_WITHIN_S + 1)

    def test_a_second_node_is_told_who_has_the_home_or_the_port(self):
        first = self.start_homestar()
        error = self.homestar("start", "-c", self.folder / "settings.toml", code=1).stderr
        self.assertIn(str(first.pid), error)
        error = self.homestar("start", "-c", self.folder / "settings.toml", "--db", "other.db", code=1).stderr
        self.assertIn(f"port {self.ports['rpc']} is taken", error.replace("\n  │", ""))
        self.assertIn(f"(pid {first.pid})", error.replace("\n  │", ""))

    def test_serves_the_runtime_on_its_ports(self):
        self.start_homestar()
        health = self.ask(self.ports["webserver"], "POST", "/", '{"jsonrpc":"2.0","method":"health","id":1}')[1]
        self.assertEqual(json.loads(health)["result"], {"healthy": True})
        self.assertIn("homestar_", self.ask(self.ports["metrics"], "GET", "/metrics")[1])

    def test_has_the_originals_ports_where_nobody_names_others(self):
        settings = ""
        for key, port in (("rpc", 3030), ("webserver", 1337), ("metrics", 4000)):
            with occupied(port):
                error = self.homestar("start", "-c", self.write("some.toml", settings + '[every]\nipfs = "embedded"\n'), code=1).stderr
            self.assertIn(f"port {port} is taken", error.replace("\n  │", ""))
            settings += f"[node.network.{key}]\nport = {self.ports[key]}\n"


class DaemonTest(HomestarCase):
    def daemonize(self, *words, code=0):
        return self.homestar("start", "-c", self.write_settings(), "--daemonize", "--daemon_dir", self.place, *words, code=code)

    def test_leaves_a_live_node_with_pid_and_log(self):
        done = self.daemonize()
        self.assertEqual(done.stdout + done.stderr, "")
        pid = int((self.place / "homestar.pid").read_text())
        os.kill(pid, 0)
        self.homestar("ping", *self.rpc())
        logs = list(self.place.glob("homestar.log.????-??-??"))
        self.assertEqual(len(logs), 1)
        self.assertIn("The home is", logs[0].read_text())
        self.assertTrue((self.place / "homestar.db.every").is_dir(), "a daemon's database is in its folder")
        self.homestar("stop", *self.rpc())
        self.assertFalse((self.place / "homestar.pid").exists(), "stop returns when the node is gone")
        self.daemonize()

    def test_a_second_one_names_the_first(self):
        self.daemonize()
        pid = (self.place / "homestar.pid").read_text()
        error = self.daemonize(code=1).stderr
        self.assertIn(f"(pid {pid})", error)
        self.assertEqual((self.place / "homestar.pid").read_text(), pid)

    def test_tells_why_it_cannot_start(self):
        with socket.create_server(("::1", self.ports["rpc"]), family=socket.AF_INET6):
            error = self.daemonize(code=1).stderr.replace("\n  │", "")
        self.assertIn(f"port {self.ports['rpc']} is taken", error)
        self.assertFalse((self.place / "homestar.pid").exists())

    def test_refuses_a_folder_that_is_not_there(self):
        error = self.homestar("start", "-d", "--daemon_dir", "nowhere", code=1).stderr
        self.assertIn("nowhere", error)

    def test_survives_the_terminal_that_started_it(self):
        self.daemonize()
        pid = int((self.place / "homestar.pid").read_text())
        self.assertEqual(os.getsid(pid), pid, "a session of its own")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), str(self.place.resolve()))


class EveryFaceTest(HomestarCase):
    def start_every(self, *words):
        self.write_settings()
        return self.launch(BINARY, "start", "--home", self.home, "--config", self.folder / "settings.toml", *words)

    def test_speaks_to_the_home_and_to_the_port(self):
        process = self.start_every("--fn", TYPES)
        home = ("--home", self.home)
        self.assertIn("pong", self.every("ping", *home).stdout)
        self.assertIn("pong", self.every("ping", "--port", self.ports["rpc"]).stdout)
        self.assertEqual(json.loads(self.every("node", "--json", *home).stdout)["pid"], process.pid)
        self.assertEqual(self.every("call", "add", "2", "3", *home).stdout, "5\n")
        self.assertIn("Stopped the node", self.every("stop", *home).stderr)
        self.assertEqual(process.wait(STOP_WITHIN_S), 0)
        error = self.every("stop", *home, code=75).stderr
        self.assertIn("every start", error)

    def test_a_run_has_the_name_it_was_given(self):
        workflow = self.write("sum.json", {"tasks": [{"run": {"name": "a", "input": {"func": "add", "args": [2, 3]}}}]})
        every("run", workflow, "--fn", TYPES, "--name", "my sum & more", "--home", self.home)
        self.assertIn("my sum & more", every("runs", "--home", self.home).stdout)

    def test_a_home_that_is_named_is_meant_whatever_the_environment_says(self):
        self.environment["DATABASE_PATH"] = str(self.place / "homestar.db")
        self.start_every()
        self.every("stop", "--home", self.home)
        self.assertFalse((self.place / "homestar.db.every").exists())

    def test_stops_dev_over_its_home(self):
        node = self.start().wait_ready()
        self.every("stop", "--home", self.home)
        self.assertEqual(node.process.wait(PATIENCE_S), 0)

    def test_nobody_stops_dev_over_its_port(self):
        node = self.start().wait_ready()
        self.assertEqual(node.request("POST", "/-/stop")[0], 403)
        self.assertEqual(node.request("GET", "/-/healthz")[0], 200)


class ImportTest(HomestarCase):
    FLOAT = "bafyrmig4f6ytos67aojqzpdjl52ont26e3naoitkxka4n7ftpwosezqpmi"
    OF_FLOAT = "bafyrmidw37dq2pra2ouzg7a2ae6623mn4apkl6p2urrjpzu62tz6cw7j7y"  # what echo_f64(2.5) gave the original
    QUIET = '[every]\nipfs = "embedded"\n'

    def setUp(self):
        super().setUp()
        shutil.copy(DATABASE, self.place / "homestar.db")
        self.quiet = ("--home", self.home, "--config", self.write("quiet.toml", self.QUIET))
        self.workflow = self.write("float.json", {"tasks": [{"cause": None, "meta": {"memory": 4294967296, "time": 100000}, "prf": [], "run": {
            "input": {"args": [2.5], "func": "echo_f64"}, "nnc": "", "op": "wasm/run", "rsc": f"ipfs://{TYPES_CID}"}}]})

    def run_float(self):
        done = every("run", self.workflow, "--fn", TYPES, "--json", *self.quiet)
        return json.loads(done.stdout)["tasks"][0]

    def test_brings_receipts_and_workflows_over(self):
        done = self.every("import", "homestar.db", *self.quiet)
        self.assertIn("8 receipts and 6 workflows", done.stderr)
        self.assertEqual(json.loads(self.every("receipt", self.FLOAT, "--json", *self.quiet).stdout)["out"], ["ok", 2.0])
        runs = self.every("runs", *self.quiet).stdout
        self.assertIn("three", runs)
        broken = next(line.split()[0] for line in runs.splitlines() if "broken" in line)
        shown = self.every("runs", "show", broken, *self.quiet).stdout
        self.assertIn("echo_f64", shown)
        self.assertIn("1 of its 2 tasks", shown)
        again = self.every("import", "homestar.db", *self.quiet)
        self.assertIn("8 receipts and 6 workflows were here before", again.stderr)

    def test_what_came_over_is_not_used_by_itself_and_the_same_comes_out(self):
        self.every("import", "homestar.db", *self.quiet)
        task = self.run_float()
        self.assertFalse(task["replayed"])
        self.assertEqual(task["receipt"], self.OF_FLOAT)

    def test_what_came_over_is_used_at_a_persons_word(self):
        self.every("import", "homestar.db", "--trust", *self.quiet)
        task = self.run_float()
        self.assertTrue(task["replayed"])
        self.assertEqual(task["receipt"], self.OF_FLOAT)

    def test_counts_as_json(self):
        counts = json.loads(self.every("import", "homestar.db", "--json", *self.quiet).stdout)
        self.assertEqual((counts["receipts"], counts["workflows"], counts["refused"]), (8, 6, 0))

    def test_says_what_is_no_database(self):
        self.assertIn("none.db", self.every("import", "none.db", *self.quiet, code=66).stderr)
        (self.place / "text.db").write_text("x" * 5000)
        self.assertIn("cannot be read as a database", self.every("import", "text.db", *self.quiet, code=65).stderr)

    def test_start_takes_the_database_over_once_and_answers_from_it(self):
        process = self.start_homestar("--db", "homestar.db")
        self.assertIn(self.OF_FLOAT, self.homestar("run", *self.rpc(), self.workflow).stdout)
        self.homestar("stop", *self.rpc())
        self.assertIn("Brought over 8 receipts and 6 workflows", process.communicate(timeout=PATIENCE_S)[0])
        again = self.start_homestar("--db", "homestar.db")
        self.homestar("stop", *self.rpc())
        self.assertNotIn("Brought over", again.communicate(timeout=PATIENCE_S)[0])


if __name__ == "__main__":
    import unittest
    unittest.main()
