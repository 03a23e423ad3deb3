"""Content from elsewhere, settings and keys, on the built binary. A Kubo and a gateway are played by HTTP servers here."""
import base64
import hashlib
import http.server
import json
import pathlib
import re
import threading
import urllib.parse

from every_process import HomeTest, TYPES, every

QUIET = "[every]\nipfs = \"embedded\"\n"


def raw_cid(content):
    binary = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(binary).decode().lower().rstrip("=")


class ContentCase(HomeTest):
    def setUp(self):
        super().setUp()
        self.homes = 0

    def new_home(self, settings=QUIET):
        self.homes += 1
        home = self.folder / f"home{self.homes}"
        home.mkdir(mode=0o700)
        (home / "homestar.toml").write_text(settings)
        return home

    def workflow(self, *tasks):
        return self.write("w.json", {"tasks": list(tasks)})


class StandIn:
    """Kubo's RPC and a trustless gateway, as far as the node uses them. Blocks by the text of their CIDs."""

    def __init__(self, failures=0):
        self.blocks, self.asked, self.written, self.failures = {}, [], [], failures
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.answer(self)

            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        url = urllib.parse.urlparse(handler.path)
        if url.path.startswith("/api/v0/") and url.path != "/api/v0/block/get":
            # What is published is not looked at here: kubo_test.py.
            self.written.append(url.path)
            handler.send_error(404)
            return
        self.asked.append(f"{handler.command} {handler.path}")
        if url.path.startswith("/ipfs/"):
            wanted, missing = url.path.removeprefix("/ipfs/"), (404, b"not here")
        else:
            wanted = dict(urllib.parse.parse_qsl(url.query)).get("arg")
            missing = 500, json.dumps({"Message": f"block was not found locally (offline): ipld: could not find {wanted}"}).encode()
        status, reply = (200, self.blocks[wanted]) if wanted in self.blocks else missing
        if self.failures:
            self.failures -= 1
            status, reply = 503, b"busy"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class FetchTest(ContentCase):
    def setUp(self):
        super().setUp()
        self.component = TYPES.read_bytes()
        self.cid = raw_cid(self.component)

    def serve(self, **options):
        server = StandIn(**options)
        self.addCleanup(server.close)
        return server

    def kubo_settings(self, port, ipfs="auto", more=""):
        return f'[node.network.ipfs]\nport = {port}\n[every]\nipfs = "{ipfs}"\n{more}'

    def run_it(self, home, check=True):
        meta = {"memory": 4294967296, "time": 100000}
        run = {"op": "wasm/run", "rsc": "ipfs://" + self.cid, "nnc": "", "input": {"func": "add", "args": [1, 2]}}
        path = self.write("w.json", {"tasks": [{"run": run, "cause": None, "meta": meta, "prf": []}]})
        return every("run", path, "--home", home, "--workers", "0", check=check)

    def test_fetches_a_component_from_a_kubo_and_keeps_it(self):
        kubo = self.serve()
        kubo.blocks[self.cid] = self.component
        home = self.new_home(self.kubo_settings(kubo.port))
        self.assertEqual(self.run_it(home).stdout.strip(), "3")
        self.assertTrue(any(line.startswith("POST /api/v0/block/get?arg=" + self.cid) for line in kubo.asked), kubo.asked)
        kubo.close()
        self.assertEqual(every("run", self.folder / "w.json", "--fresh", "--home", home).stdout.strip(), "3")

    def test_fetches_from_a_gateway_what_no_kubo_has(self):
        gateway = self.serve()
        gateway.blocks[self.cid] = self.component
        home = self.new_home(self.kubo_settings(1, more=f'gateways = ["http://127.0.0.1:{gateway.port}"]\n'))
        self.assertEqual(self.run_it(home).stdout.strip(), "3")
        self.assertEqual(gateway.asked, [f"GET /ipfs/{self.cid}?format=raw"])

    def test_tries_again_when_a_server_is_busy(self):
        kubo = self.serve(failures=2)
        kubo.blocks[self.cid] = self.component
        self.assertEqual(self.run_it(self.new_home(self.kubo_settings(kubo.port))).stdout.strip(), "3")
        self.assertEqual(len(kubo.asked), 3)

    def test_never_runs_what_does_not_hash_to_its_cid(self):
        kubo = self.serve()
        kubo.blocks[self.cid] = self.component + b"\0"
        done = self.run_it(self.new_home(self.kubo_settings(kubo.port)), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertIn("does not hash", done.stderr)

    def test_says_what_is_missing_when_nobody_has_it_or_answers(self):
        for port in (self.serve().port, 1):
            done = self.run_it(self.new_home(self.kubo_settings(port)), check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(self.cid, done.stderr)

    def test_asks_nobody_when_the_settings_say_so(self):
        kubo = self.serve()
        kubo.blocks[self.cid] = self.component
        done = self.run_it(self.new_home(self.kubo_settings(kubo.port, "embedded")), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(kubo.asked + kubo.written, [])


class ConfigTest(ContentCase):
    def test_shows_what_is_in_force_and_where_it_comes_from(self):
        home = self.new_home("[node.network.ipfs]\nport = 5002\n")
        shown = json.loads(every("config", "show", "--json", "--home", home).stdout)
        self.assertEqual(shown["node.network.ipfs.port"], {"value": 5002, "from": f"{home}/homestar.toml:2", "effect": True})
        self.assertEqual(shown["every.port"]["from"], "built in")

    def test_checks_a_file_and_names_line_and_key(self):
        home = self.new_home("")
        bad = self.write("bad.toml", "[node.network.ipfs]\n\nport = \"many\"\n")
        done = every("config", "check", bad, "--home", home, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"{bad}:3: node.network.ipfs.port must be", done.stderr)
        odd = every("config", "check", self.write("odd.toml", "[node.network.ipfs]\nprt = 1\n"), "--home", home)
        self.assertRegex(odd.stderr, re.escape("did you mean node.network.ipfs.port?"))

    def test_keeps_one_key_for_a_home_and_its_owner(self):
        home = self.new_home()
        first = json.loads(every("keys", "show", "--json", "--home", home).stdout)
        self.assertRegex(first["peer_id"], "^12D3KooW")
        self.assertEqual(json.loads(every("keys", "show", "--json", "--home", home).stdout), first)
        self.assertEqual((pathlib.Path(home) / "key.pem").stat().st_mode & 0o777, 0o600)
