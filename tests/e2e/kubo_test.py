"""Components and receipts on a Kubo: one that is played here and can hang, stop and come back, and a real one where `ipfs` is on PATH."""
import base64
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import unittest
import urllib.parse

from every_process import FUNCTIONS, HomeTest, PATIENCE_S, TYPES, every, free_port, task

MATH = FUNCTIONS / "math.wasm"


def receipt_cid(block):
    return "b" + base64.b32encode(b"\x01\x71\x16\x20" + hashlib.sha3_256(block).digest()).decode().lower().rstrip("=")


def raw_cid(content):
    return "b" + base64.b32encode(b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()).decode().lower().rstrip("=")


def settings(port, ipfs="auto"):
    return f'[node.network.ipfs]\nport = {port}\n[every]\nipfs = "{ipfs}"\n'


class StandIn:
    """Kubo's RPC as far as publishing uses it. Keeps what it is given over stop() and start()."""

    def __init__(self):
        self.port, self.blocks, self.pinned, self.asked = free_port(), {}, set(), []
        self.changed = threading.Condition()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.server = None

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                url = urllib.parse.urlparse(self.path)
                if url.path != "/api/v0/id":
                    outer.may_answer.wait(PATIENCE_S)
                status, reply = outer.answer(url.path.removeprefix("/api/v0/"), urllib.parse.parse_qs(url.query), self.headers, body)
                reply = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                try:
                    self.wfile.write(reply)
                except BrokenPipeError:
                    pass  # the node was killed

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, call, query, headers, body):
        with self.changed:
            self.asked.append((call, {key: values[0] for key, values in query.items()}))
            self.changed.notify_all()
            if call == "id":
                return 200, {"ID": "12D3KooWstandin"}
            if call == "pin/add":
                self.pinned.update(query["arg"])
                return 200, {"Pins": query["arg"]}
            if call not in ("add", "dag/put"):
                return 500, {"Message": "block was not found locally (offline): ipld: could not find it"}
            content = self.content_of(headers, body)
            cid = receipt_cid(content) if call == "dag/put" else raw_cid(content)
            self.blocks[cid] = content
            return 200, {"Cid": {"/": cid}} if call == "dag/put" else {"Name": "file", "Hash": cid}

    @staticmethod
    def content_of(headers, body):
        boundary = headers["Content-Type"].split("boundary=")[1].encode()
        return body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--" + boundary, 1)[0]

    def calls(self, name):
        with self.changed:
            return [query for call, query in self.asked if call == name]

    def wait_for(self, *cids):
        deadline = time.monotonic() + PATIENCE_S
        with self.changed:
            while not set(cids) <= set(self.blocks):
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"Kubo never got {set(cids) - set(self.blocks)}")

    def wait_for_call(self, name, count=1):
        deadline = time.monotonic() + PATIENCE_S
        with self.changed:
            while sum(call == name for call, _ in self.asked) < count:
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"Kubo was not asked {name} {count} times")


class PublishTest(HomeTest):
    def setUp(self):
        super().setUp()
        self.kubo = StandIn()
        self.home.mkdir(mode=0o700)
        self.use(settings(self.kubo.port))

    def tearDown(self):
        self.kubo.may_answer.set()
        super().tearDown()
        if self.kubo.server:
            self.kubo.stop()

    def use(self, text):
        (self.home / "homestar.toml").write_text(text)

    def add(self, node, a, b):
        """A run; its receipt."""
        status, body, headers = node.run(task("add", "add", [a, b]))
        self.assertEqual((status, body), (200, str(a + b)))
        return headers["Every-Receipt"]

    def test_publishes_components_and_receipts(self):
        self.kubo.start()
        node = self.start("--fn", TYPES).wait_ready()
        receipt = self.add(node, 1, 2)
        component = raw_cid(TYPES.read_bytes())
        self.kubo.wait_for(component, receipt)
        self.assertEqual(self.kubo.blocks[component], TYPES.read_bytes())
        self.assertEqual(self.kubo.calls("add")[0]["cid-version"], "1")
        put = self.kubo.calls("dag/put")[0]
        self.assertEqual((put["store-codec"], put["input-codec"], put["hash"]), ("dag-cbor", "dag-cbor", "sha3-256"))
        self.assertNotIn("allow-big-block", put)
        self.kubo.wait_for_call("pin/add")
        self.assertEqual(self.kubo.calls("pin/add")[0], {"recursive": "false", "arg": receipt})
        self.assertEqual(len(self.kubo.calls("dag/put")), 1)
        self.add(node, 1, 2)
        self.kubo.wait_for(self.add(node, 2, 2))
        self.assertEqual(len(self.kubo.calls("dag/put")), 2, "a replay sends nothing")

    def test_a_kubo_that_hangs_delays_no_answer(self):
        self.kubo.start().may_answer.clear()
        node = self.start("--fn", TYPES).wait_ready()
        receipts = [self.add(node, i, 1) for i in range(20)]
        self.kubo.wait_for_call("id")
        self.assertEqual(self.kubo.blocks, {})
        self.kubo.may_answer.set()
        self.kubo.wait_for(*receipts)

    def test_loses_nothing_while_kubo_is_away(self):
        node = self.start("--fn", TYPES).wait_ready()
        early = [self.add(node, i, 1) for i in range(5)]
        self.kubo.start()
        self.kubo.wait_for(*early)
        self.kubo.stop()
        late = [self.add(node, i, 2) for i in range(100)]
        self.kubo.start()
        self.kubo.wait_for(*late)
        self.assertTrue(any("is sent when" in line or "are sent when" in line for line in node.lines), node.lines[-20:])

    def test_loses_nothing_when_the_node_is_killed_in_between(self):
        node = self.start("--fn", TYPES).wait_ready()
        before = [self.add(node, i, 1) for i in range(10)]
        node.kill()
        self.kubo.start()
        again = self.start().wait_ready()
        self.kubo.wait_for(raw_cid(TYPES.read_bytes()), *before)
        self.assertEqual(again.stop(), 0)
        # What was sent is not sent again.
        self.kubo.asked.clear()
        self.start().wait_ready()
        self.kubo.wait_for_call("id")
        self.assertEqual(self.kubo.calls("dag/put"), [])

    def test_sends_all_of_a_kill_in_mid_work(self):
        self.kubo.start().may_answer.clear()
        node = self.start("--fn", TYPES).wait_ready()
        receipts = [self.add(node, i, 1) for i in range(30)]
        self.kubo.wait_for_call("id")
        node.kill()
        self.kubo.may_answer.set()
        self.start().wait_ready()
        self.kubo.wait_for(*receipts)

    def test_never_sends_failures_and_what_they_reached(self):
        self.kubo.start()
        node = self.start("--fn", TYPES).wait_ready()
        run = json.loads(node.request("POST", "/-/workflows", {"tasks": [task("bad", "trap", ["boom"]), task("told", "echo-string", ["{{needs.bad.error}}"])]})[1])
        failure, told = (entry["receipt"] for entry in run["tasks"])
        self.assertEqual([entry["state"] for entry in run["tasks"]], ["failed", "ok"])
        self.kubo.wait_for(self.add(node, 1, 2))
        self.assertNotIn(failure, self.kubo.blocks)
        self.assertNotIn(told, self.kubo.blocks)
        self.assertIn("guest_trap", every("receipt", failure, "--json", "--home", self.home).stdout)

    def test_asks_leave_for_a_big_receipt_and_says_so(self):
        self.kubo.start()
        node = self.start("--fn", TYPES).wait_ready()
        _, _, headers = node.run(task("big", "echo-string", ["x" * (3 << 20)]))
        self.kubo.wait_for(headers["Every-Receipt"])
        self.assertEqual(self.kubo.calls("dag/put")[0]["allow-big-block"], "true")
        node.wait_for_line("no blocks of more than 2 MiB")

    def test_a_command_that_ends_sends_what_it_made(self):
        self.kubo.start()
        workflow = self.write("w.json", {"tasks": [task("add", "add", [1, 2])]})
        done = json.loads(every("run", workflow, "--fn", TYPES, "--home", self.home, "--json").stdout)
        self.assertIn(done["tasks"][0]["receipt"], self.kubo.blocks)

    def test_sends_nothing_where_the_settings_say_so(self):
        self.kubo.start()
        self.use(settings(self.kubo.port, "embedded"))
        node = self.start("--fn", TYPES).wait_ready()
        self.add(node, 1, 2)
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.kubo.asked, [])

    def test_warns_of_a_missing_kubo_only_where_one_is_asked_for(self):
        self.use(settings(self.kubo.port, "kubo"))
        self.start("--fn", TYPES).wait_ready().wait_for_line("sent when it is there")
        self.nodes[0].stop()
        self.use(settings(self.kubo.port, "auto"))
        node = self.start("--fn", TYPES).wait_ready()
        self.add(node, 1, 2)
        node.stop()
        self.assertFalse(any("sent when it is there" in line for line in node.lines), node.lines)


@unittest.skipUnless(shutil.which("ipfs"), "no Kubo (`ipfs`) on PATH")
class RealKuboTest(HomeTest):
    """Against a Kubo of this test's own: offline, on free ports."""

    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, IPFS_PATH=str(self.folder / "kubo"))
        self.api, self.gateway = free_port(), free_port()
        self.ipfs("init")
        self.ipfs("config", "Addresses.API", f"/ip4/127.0.0.1/tcp/{self.api}")
        self.ipfs("config", "Addresses.Gateway", f"/ip4/127.0.0.1/tcp/{self.gateway}")
        self.ipfs("config", "--json", "Addresses.Swarm", "[]")
        self.ipfs("config", "--json", "Gateway.NoFetch", "true")
        self.daemon = None
        self.home.mkdir(mode=0o700)
        (self.home / "homestar.toml").write_text(settings(self.api))

    def tearDown(self):
        self.stop_kubo()
        super().tearDown()

    def ipfs(self, *arguments, content=None, check=True):
        done = subprocess.run(["ipfs", *map(str, arguments)], input=content, capture_output=True, env=self.environment, timeout=PATIENCE_S)
        if check and done.returncode != 0:
            raise AssertionError(f"ipfs {arguments}: {done.stderr.decode()}")
        return done.stdout

    def start_kubo(self):
        self.daemon = subprocess.Popen(["ipfs", "daemon", "--offline"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.daemon.stdout:
            if "Daemon is ready" in line:
                threading.Thread(target=self.daemon.stdout.read, daemon=True).start()
                return
        raise AssertionError("the Kubo of this test does not start")

    def stop_kubo(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(PATIENCE_S)
            self.daemon.stdout.close()
            self.daemon = None

    def wait_until_kubo_has(self, cid):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = self.ipfs("block", "stat", "--offline", cid, check=False)
            if cid.encode() in found:
                return
            time.sleep(0.1)
        raise AssertionError(f"Kubo never got {cid}")

    def run_add(self, node, a, b):
        status, body, headers = node.run(task("add", "add", [a, b]))
        self.assertEqual((status, body), (200, str(a + b)))
        return headers["Every-Receipt"]

    def test_shows_receipts_and_components(self):
        self.start_kubo()
        node = self.start("--fn", TYPES, "--fn", FUNCTIONS / "subtract.wasm").wait_ready()
        receipt = self.run_add(node, 1, 2)
        self.wait_until_kubo_has(receipt)
        shown = json.loads(self.ipfs("dag", "get", receipt))
        self.assertEqual(shown["out"], ["ok", 3])
        self.assertEqual(shown, json.loads(every("receipt", receipt, "--json", "--home", self.home).stdout))
        for entry in json.loads(node.request("GET", "/-/functions")[1])["components"]:
            self.wait_until_kubo_has(entry["cid"])
        self.assertEqual(self.ipfs("cat", raw_cid(TYPES.read_bytes())), TYPES.read_bytes())
        big = node.run(task("big", "echo-string", ["x" * (3 << 20)]))[2]["Every-Receipt"]
        self.wait_until_kubo_has(big)
        self.assertEqual(json.loads(self.ipfs("dag", "get", big))["out"][1], "x" * (3 << 20))

    def test_loses_nothing_when_kubo_is_restarted_and_its_garbage_is_collected(self):
        self.start_kubo()
        node = self.start("--fn", TYPES).wait_ready()
        receipts = [self.run_add(node, i, 1) for i in range(20)]
        self.wait_until_kubo_has(receipts[-1])
        self.stop_kubo()
        receipts += [self.run_add(node, i, 2) for i in range(20)]
        self.start_kubo()
        self.wait_until_kubo_has(receipts[-1])
        node.stop()
        self.ipfs("repo", "gc")
        for receipt in receipts:
            self.assertEqual(json.loads(self.ipfs("dag", "get", receipt))["out"][0], "ok")
        self.assertEqual(self.ipfs("cat", raw_cid(TYPES.read_bytes())), TYPES.read_bytes())

    def test_gives_files_and_directories_the_same_cids(self):
        tree = self.folder / "tree"
        (tree / "sub" / "empty").mkdir(parents=True)
        for name, size in (("empty", 0), ("one", 1), ("chunk", 262144), ("more", 262145), ("large", 3_000_000)):
            (tree / name).write_bytes(bytes(i * 31 % 251 for i in range(size)))
        (tree / "sub" / ".hidden").write_text("hidden")
        (tree / "sub" / "ünïcode name").write_text("text")
        (tree / "link").symlink_to("sub/nowhere")
        many = self.folder / "many"
        many.mkdir()
        for i in range(5000):
            (many / f"file-{i:06d}-with-a-rather-long-name-for-an-entry").write_text(str(i))
        for path in (tree / "empty", tree / "one", tree / "chunk", tree / "more", tree / "large", tree, many):
            for version in ("1", "0"):
                for hidden in ([], ["--hidden"]):
                    theirs = self.ipfs("add", "-r", "-n", "-Q", f"--cid-version={version}", *hidden, path).decode().strip()
                    ours = every("ipfs", "add", "-r", "--only-hash", "-q", "--cid-version", version, *hidden, path).stdout.strip()
                    self.assertEqual(ours, theirs, f"{path.name}, version {version} {hidden}")

    def test_reads_what_kubo_has(self):
        self.start_kubo()
        (self.folder / "file").write_bytes(os.urandom(1_000_000))
        cid = self.ipfs("add", "-Q", "--cid-version=1", self.folder / "file").decode().strip()
        every("ipfs", "get", cid, "-o", self.folder / "copy", "--home", self.home)
        self.assertEqual((self.folder / "copy").read_bytes(), (self.folder / "file").read_bytes())


if __name__ == "__main__":
    unittest.main()
