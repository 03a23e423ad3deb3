"""Workflows as the original runtime's users wrote them: files in JSON and DAG-CBOR, links, nonces, every kind of `rsc`, and its guests."""
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import unittest

import dag_cbor
from content_test import StandIn
from every_process import BINARY, HomeTest, PATIENCE_S, TYPES, every

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import web_socket  # noqa: E402

COMPONENT = TYPES.read_bytes()
CID = dag_cbor.raw_cid(COMPONENT)


def instruction(func="add", args=(3, 5), nnc="", rsc="ipfs://" + CID):
    return {"input": {"args": list(args), "func": func}, "nnc": nnc, "op": "wasm/run", "rsc": rsc}


def workflow(*instructions):
    return {"tasks": [{"cause": None, "meta": {"memory": 4294967296, "time": 100000}, "prf": [], "run": run} for run in instructions]}


class WorkflowCase(HomeTest):
    def run_json(self, document, *arguments, check=True):
        done = every("run", self.write("w.json", document), "--home", self.home, "--json", *arguments, check=check)
        return json.loads(done.stdout) if done.stdout else done.stderr

    def only(self, run):
        self.assertEqual(len(run["tasks"]), 1, run)
        return run["tasks"][0]


class FormsTest(WorkflowCase):
    def test_one_workflow_is_the_same_in_every_form_and_by_every_way(self):
        document = workflow(instruction())
        document["tasks"].append({**document["tasks"][0], "run": instruction(args=[{"await/ok": {"/": dag_cbor.cid(instruction())}}, -2])})
        named = {"name": "both", "workflow": document}
        node = self.start("--fn", TYPES).wait_ready()
        first = self.run_json(document)
        self.assertEqual(first["workflow"], dag_cbor.cid(document))
        self.assertEqual([task["instruction"] for task in first["tasks"]], [dag_cbor.cid(task["run"]) for task in document["tasks"]])
        self.assertEqual(first["tasks"][1]["output"], 6)
        receipts = [task["receipt"] for task in first["tasks"]]
        runs = []
        for number, content in enumerate((dag_cbor.encode(document), dag_cbor.encode(named))):
            file = self.folder / f"w{number}.cbor"
            file.write_bytes(content)
            runs.append(json.loads(every("run", file, "--home", self.home, "--json").stdout))
            fed = subprocess.run([BINARY, "run", "-", "--home", self.home, "--json"], input=content, capture_output=True, timeout=PATIENCE_S, check=True)
            runs.append(json.loads(fed.stdout))
            for kind in ("application/cbor", "application/vnd.ipld.dag-cbor"):
                connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE_S)
                connection.request("POST", "/-/workflows", content, {"Content-Type": kind})
                answer = connection.getresponse()
                self.assertEqual(answer.status, 200)
                runs.append(json.loads(answer.read()))
                connection.close()
        self.assertEqual(runs[-1]["name"], "both")
        for run in runs:
            self.assertEqual(run["workflow"], first["workflow"])
            self.assertEqual([task["receipt"] for task in run["tasks"]], receipts)
            self.assertTrue(all(task["replayed"] for task in run["tasks"]))
        for param in (named, list(dag_cbor.encode(named))):
            socket = web_socket.WebSocket("127.0.0.1", node.runtime_port)
            socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscribe_run_workflow", "params": [param]}))
            self.assertIn("result", json.loads(socket.receive()))
            told = [json.loads(bytes(json.loads(socket.receive())["params"]["result"])) for _ in receipts]
            self.assertEqual([one["receipt_cid"]["/"] for one in told], receipts)
            socket.close()

    def test_a_file_that_is_neither_is_told_with_its_place(self):
        file = self.folder / "broken.cbor"
        file.write_bytes(dag_cbor.encode(workflow(instruction()))[:-3])
        done = every("run", file, "--home", self.home, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(file), done.stderr)

    def test_nonces_in_every_form(self):
        self.start("--fn", TYPES).wait_ready()
        seen = {}
        for nonce, hashed in (("", ""), ("1sod60ml6g26mfhsrsa0", None), ({"/": {"bytes": "oVI8XiFiec+c2XHS"}}, None),
                              ({"/": {"bytes": "AAECAwQFBgcICQoLDA0ODw"}}, None), ("000g40o40k30e209185go38e1s", None), (None, ""), (7, "")):
            task = self.only(self.run_json(workflow(instruction(nnc=nonce))))
            self.assertEqual(task["instruction"], dag_cbor.cid(instruction(nnc=nonce if hashed is None else hashed)), nonce)
            self.assertEqual(task["output"], 8)
            self.assertEqual(task["replayed"], task["instruction"] in seen, nonce)
            seen[task["instruction"]] = nonce
        for wrong in ("1SOD60ML6G26MFHSRSA0", "short", {"/": {"bytes": "AAEC"}}):
            self.assertIn("nnc", self.run_json(workflow(instruction(nnc=wrong)), check=False))

    def test_a_links_content_is_what_a_function_gets_for_bytes(self):
        kubo = StandIn()
        self.addCleanup(kubo.close)
        content = bytes([0, 1, 254, 255])
        kubo.blocks[dag_cbor.raw_cid(content)] = content
        self.home.mkdir(mode=0o700)
        (self.home / "homestar.toml").write_text(f'[node.network.ipfs]\nport = {kubo.port}\n[every]\nipfs = "kubo"\n')
        link = {"/": dag_cbor.raw_cid(content)}
        task = self.only(self.run_json(workflow(instruction("echo_bytes", [link])), "--fn", TYPES))
        self.assertEqual(task["output"], {"/": {"bytes": "AAH+/w"}})
        # What the original named it: the link is hashed, not the content.
        wire = json.loads((pathlib.Path(__file__).resolve().parents[2] / "libs/invocation/tests/data/wire.json").read_text())
        self.assertEqual([task["receipt"]], [json.loads(text)["receipt_cid"]["/"] for text in wire["cases"]["full_link_as_bytes"]["notifications"]])
        absent = {"/": dag_cbor.raw_cid(b"nobody has this")}
        self.assertIn(absent["/"], json.dumps(self.run_json(workflow(instruction("echo_bytes", [absent])), "--fn", TYPES, check=False)))


class ResourcesTest(WorkflowCase):
    def test_content_is_known_by_its_cid_however_rsc_says_it(self):
        self.start("--fn", TYPES).wait_ready()
        spellings = ["ipfs://" + CID, f"http://127.0.0.1:8080/ipfs/{CID}", f"https://ipfs.io/ipfs/{CID}", f"https://{CID}.ipfs.dweb.link/",
                     f"http://{CID}.ipfs.localhost:8080/"]
        seen = set()
        for rsc in spellings:
            task = self.only(self.run_json(workflow(instruction(rsc=rsc))))
            self.assertEqual(task["output"], 8, rsc)
            # Hashed as it stands: another spelling is another instruction.
            self.assertEqual(task["instruction"], dag_cbor.cid(instruction(rsc=rsc)))
            self.assertEqual(task["component"], CID)
            seen.add(task["instruction"])
        self.assertEqual(len(seen), len(spellings))
        linked = self.only(self.run_json(workflow(instruction(rsc={"/": CID}))))
        self.assertEqual(linked["instruction"], dag_cbor.cid(instruction()))
        self.assertTrue(linked["replayed"])

    def test_what_names_no_content_is_refused(self):
        for rsc, why in (("https://example.org/add.wasm", "#sha256="), ("ftp://example.org/x", "taken are"), (f"ipfs://{CID}/below", "path"),
                         (f"http://127.0.0.1/a.wasm#cid={CID}", "https://")):
            told = json.dumps(self.run_json(workflow(instruction(rsc=rsc)), "--fn", TYPES, check=False))
            self.assertIn(why, told, rsc)


class WebTest(WorkflowCase):
    """Components at https:// addresses. The server's certificate is given to the node as the system's."""

    def setUp(self):
        super().setUp()
        certificate, key = self.folder / "web.pem", self.folder / "web.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        self.files = {"/pub/types.wasm": COMPONENT}
        self.asked = asked = []
        files = self.files

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                content = files.get(self.path)
                self.send_response(302 if self.path == "/pub/moved" else 200 if content else 404)
                self.send_header("Location", "/pub/types.wasm")
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.site = f"https://localhost:{server.server_address[1]}"
        os.environ["SSL_CERT_FILE"] = str(certificate)
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        self.hash = hashlib.sha256(COMPONENT).hexdigest()

    def run_from(self, address, *arguments, check=True):
        return self.run_json(workflow(instruction(rsc=address)), *arguments, check=check)

    def test_is_fetched_once_where_that_is_allowed_and_named_by_its_hash(self):
        trust = ["--trust-url", self.site + "/pub"]
        for fragment in (f"sha256={self.hash}", f"cid={CID}"):
            rsc = f"{self.site}/pub/types.wasm#{fragment}"
            task = self.only(self.run_from(rsc, *trust))
            self.assertEqual((task["output"], task["component"]), (8, CID))
            self.assertEqual(task["instruction"], dag_cbor.cid(instruction(rsc=rsc)))
        # What is here already needs neither the web nor leave.
        self.assertEqual(self.only(self.run_from(f"{self.site}/pub/types.wasm?again#cid={CID}"))["output"], 8)
        self.assertEqual(self.asked, ["/pub/types.wasm"])

    def test_is_not_fetched_without_leave(self):
        for trust in ([], ["--trust-url", self.site + "/pu"], ["--trust-url", self.site + "/pub/types"], ["--trust-url", "https://localhost/"]):
            told = json.dumps(self.run_from(f"{self.site}/pub/types.wasm#sha256={self.hash}", *trust, check=False))
            self.assertIn(f"--trust-url {self.site}/", told)
        self.assertEqual(self.asked, [])
        (self.home / "homestar.toml").write_text(f'[every]\nipfs = "embedded"\ntrusted_urls = ["{self.site}"]\n')
        self.assertEqual(self.only(self.run_from(f"{self.site}/pub/types.wasm#sha256={self.hash}"))["output"], 8)

    def test_is_not_used_when_it_is_other_content(self):
        self.files["/pub/types.wasm"] = COMPONENT + b"\0"
        told = json.dumps(self.run_from(f"{self.site}/pub/types.wasm#sha256={self.hash}", "--trust-url", self.site, check=False))
        self.assertIn("other content than its hash says", told)

    def test_says_what_is_not_there_and_follows_nobody(self):
        for path, why in (("/pub/nosuch.wasm", "there is no"), ("/pub/moved", "elsewhere now")):
            told = json.dumps(self.run_from(f"{self.site}{path}#sha256={self.hash}", "--trust-url", self.site, check=False))
            self.assertIn(why, told)
        self.assertEqual(self.asked, ["/pub/nosuch.wasm", "/pub/moved"])

    def test_believes_no_server_it_does_not_know(self):
        os.environ["SSL_CERT_FILE"] = "/dev/null"
        told = json.dumps(self.run_from(f"{self.site}/pub/types.wasm#sha256={self.hash}", "--trust-url", self.site, check=False))
        self.assertIn("certificate", told)
        self.assertEqual(self.asked, [])

    def test_a_trusted_address_is_https(self):
        done = every("run", self.write("w.json", workflow(instruction())), "--home", self.home, "--trust-url", "http://localhost/", check=False)
        self.assertIn("https://HOST/PATH/", done.stderr)


GUEST = """
(component
  (import "homestar:host/helpers@{version}" (instance $helpers
    (type $record (record (field "seconds" u64) (field "milliseconds" u32) (field "nanoseconds" u32)))
    (export "time" (type $time (eq $record)))
    (export "get-current-time" (func (result $time)))
    (export "print" (func (param "msg" string)))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (core module $Memory (memory (export "memory") 1) (data (i32.const 64) "told"))
  (core instance $memory (instantiate $Memory))
  (core func $time (canon lower (func $helpers "get-current-time") (memory $memory "memory")))
  (core func $print (canon lower (func $helpers "print") (memory $memory "memory")))
  (core func $now (canon lower (func $clock "now")))
  (core func $draw (canon lower (func $random "get-random-u64")))
  (core module $Main
    (import "host" "time" (func $time (param i32)))
    (import "host" "print" (func $print (param i32 i32)))
    (import "host" "now" (func $now (result i64)))
    (import "host" "draw" (func $draw (result i64)))
    (import "memory" "memory" (memory 1))
    (func (export "seconds") (param i32) (result i64)
      (call $print (i32.const 64) (i32.const 4))
      (call $time (i32.const 0))
      (drop (call $now))
      (i64.add (i64.load (i32.const 0)) (i64.extend_i32_u (local.get 0))))
    (func (export "draw") (result i64) (call $draw)))
  (core instance $main (instantiate $Main
    (with "host" (instance (export "time" (func $time)) (export "print" (func $print)) (export "now" (func $now)) (export "draw" (func $draw))))
    (with "memory" (instance $memory))))
  (func (export "seconds") (param "more" u32) (result u64) (canon lift (core func $main "seconds")))
  (func (export "draw") (result u64) (canon lift (core func $main "draw"))))
"""


class GuestsTest(WorkflowCase):
    """Guests of 2024: the original's own host interface in both versions, and WASI 0.2.0."""

    def test_helpers_and_wasi_of_2024_are_there_and_give_the_same_on_every_run(self):
        for version in ("0.0.1", "0.1.1"):
            guest = self.write(f"guest-{version}.wat", GUEST.format(version=version))
            self.assertEqual(every("call", "seconds", "7", "--fn", guest, "--home", self.folder / version).stdout.strip(), "7")
            drawn = {every("call", "draw", "--fn", guest, "--home", self.folder / f"{version}-{i}").stdout for i in range(2)}
            self.assertEqual(len(drawn), 1)

    def test_what_a_guest_prints_is_in_its_log(self):
        node = self.start("--fn", self.write("guest.wat", GUEST.format(version="0.1.1"))).wait_ready()
        self.assertEqual(node.request("GET", "/seconds?more=7")[1], "7")
        node.wait_for_line("told")


if __name__ == "__main__":
    unittest.main()
