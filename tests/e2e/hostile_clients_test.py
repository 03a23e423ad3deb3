"""Clients that mean harm, or know no better: each gets its answer or is cut off, memory stays bounded, and others are served all the while."""
import http.client
import json
import os
import pathlib
import random
import socket
import sys
import threading
import time
import unittest

from every_process import HomeTest, PATIENCE_S, TYPES, free_port, memory_bound, task

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import web_socket  # noqa: E402

MIB = 1 << 20


class HostileCase(HomeTest):
    def serve(self, limits="", *arguments):
        self.home.mkdir(mode=0o700)
        (self.home / "homestar.toml").write_text(f'[every]\nipfs = "embedded"\nlimits = {{ {limits} }}\n')
        self.metrics_port = free_port()
        self.node = self.start("--fn", TYPES, *arguments, metrics_port=self.metrics_port).wait_ready()
        self.serves()
        return self.node

    def serves(self):
        """A good request, among all this, in good time."""
        begin = time.monotonic()
        self.assertEqual(self.node.run(task("sum", "add", [3, 5]))[:2], (200, "8"))
        self.assertEqual(self.ask("GET", "/health", port=self.node.runtime_port)[0], 200)
        self.assertEqual(self.ask("GET", "/metrics", port=self.metrics_port)[0], 200)
        self.assertLess(time.monotonic() - begin, 20)

    def memory_mib(self, what="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.node.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) // 1024
        raise AssertionError(f"no {what}")

    def ask(self, method, path, body=None, headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.node.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers or ({} if body is None else {"Content-Type": "application/json"}))
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def connect(self, port=None, text=b""):
        link = socket.create_connection(("127.0.0.1", port or self.node.port), timeout=PATIENCE_S)
        self.addCleanup(link.close)
        link.sendall(text)
        return link

    def raw(self, text, port=None):
        """The status of the first answer to bytes as they are; 0 when the connection just ended."""
        link = self.connect(port, text)
        link.shutdown(socket.SHUT_WR)
        try:
            answer = link.recv(4096)
        except ConnectionResetError:
            return 0
        return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


class ConnectionsTest(HostileCase):
    def test_idle_and_half_open_connections_keep_nobody_out(self):
        self.serve("connections = 50")
        before = self.memory_mib()
        held = [self.connect(text=text) for text in (b"", b"GET / HTTP/1.1\r\nHos") for _ in range(100)]
        for port in (self.node.runtime_port, self.metrics_port):
            held += [self.connect(port) for _ in range(100)]
        for _ in range(5):
            self.serves()
        self.assertLess(self.memory_mib() - before, memory_bound(60))
        for link in held:
            link.close()
        self.serves()

    def test_slow_bodies_hold_up_nobody(self):
        self.serve("connections = 50")
        head = b"POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
        links = [self.connect(text=head) for _ in range(40)]
        stop = threading.Event()

        def drip():
            while not stop.is_set():
                for link in links:
                    link.send(b" ")
                time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            for _ in range(5):
                self.serves()
        finally:
            stop.set()
            thread.join()

    def test_endless_bodies_and_headers_are_cut_off(self):
        self.serve("body_bytes = 1048576")
        before = self.memory_mib()
        link = self.connect(text=b"POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(2000):
                link.sendall(piece)
        except OSError:
            pass
        self.assertIn(b" 413 ", link.recv(100))
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 200_000), 431)
        self.assertEqual(self.raw(b"GET /" + b"x" * 50_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414)
        self.assertEqual(self.raw(b"POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999999\r\n\r\n"), 413)
        self.serves()
        self.assertLess(self.memory_mib() - before, memory_bound(60))

    def test_what_is_no_http_is_answered_or_ended(self):
        self.serve()
        chance = random.Random(1)
        for port in (self.node.port, self.node.runtime_port, self.metrics_port):
            for text in (b"\x16\x03\x01\x02\x00\x01", b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                         b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                         b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                         b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
                         *(chance.randbytes(chance.randrange(1, 400)) for _ in range(50))):
                status = self.raw(text, port)
                self.assertTrue(status == 0 or 400 <= status < 600, (text, status))
            self.serves()

    def test_who_does_not_read_an_answer_does_not_keep_it(self):
        self.serve()
        body = json.dumps({"v": [7] * 2_000_000}).encode()
        request = b"POST /echoBytes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        links = [self.connect(text=request + body) for _ in range(8)]
        self.serves()
        for link in links:
            link.close()
        self.serves()


class DocumentsTest(HostileCase):
    def test_deep_huge_and_odd_documents(self):
        self.serve()
        for body in (b"[" * 1_000_000, b'{"a":' * 200_000, b'{"tasks":' + b"[" * 100_000, b"[" + b"0," * 2_000_000 + b"0]", b'{"tasks":[' + b"0," * 500_000 + b"0]}",
                     b'"' + b"x" * 5_000_000 + b'"', b"1e999999999", b"-" * 1000, b'{"tasks":[]}', b'{"a":1,"a":2}', b'"\\ud800"', b"\xff\xfe", b"nul"):
            for path in ("/run", "/workflow", "/-/workflows", "/-/runs", "/echoBytes"):
                status, text, _ = self.ask("POST", path, body)
                self.assertTrue(400 <= status < 500, (path, body[:30], status, text[:200]))
        for body in (b"\x9b" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8, b"\x81" * 100_000, b"\xbf\xff", b"\xa1\x61\x61", b"\xd8\x2a" * 1000):
            status, text, _ = self.ask("POST", "/-/workflows", body, {"Content-Type": "application/cbor"})
            self.assertTrue(400 <= status < 500, (body[:10], status, text[:200]))
        self.serves()
        self.assertLess(self.memory_mib("VmHWM"), memory_bound(1000))

    def test_many_tasks_are_run_or_refused_and_others_go_on(self):
        self.serve()
        many = json.dumps({"tasks": [task(f"t{i}", "add", [i, 1]) for i in range(20_000)]}).encode()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.ask("POST", "/run", many)))
        thread.start()
        for _ in range(3):
            self.serves()
        thread.join()
        self.assertEqual(answers[0][:2], (200, b"20000"))
        # More than a body may hold.
        self.assertEqual(self.ask("POST", "/run", b'{"tasks":[' + b" " * (65 * MIB))[0], 413)
        self.serves()

    def test_more_runs_than_there_may_be_are_told_to_come_back(self):
        self.serve("active_runs = 1")
        loop = json.dumps({"tasks": [task("sum", "add", [1, 1])] * 1}).encode()
        seen = set()

        def ask():
            for i in range(40):
                status, _, headers = self.ask("POST", f"/run?fresh=1&i={i}", loop)
                seen.add((status, headers.get("Retry-After")))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(seen, {(200, None), (503, "1")})
        self.assertIn((200, None), seen)


class AddressesTest(HostileCase):
    def test_path_tricks_lead_nowhere(self):
        self.serve()
        for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/./run", "/-/../run", "/-/runs/..%2f..%2fetc%2fpasswd", "/%00", "/-/receipts/%00",
                     "/-/runs/%2e%2e", "/run%2f", "/%ff", "/%", "/%zz", "/ipfs/../../etc/passwd", "/-/runs/" + "a" * 10_000, "/\\..\\..\\", "/add/schema/../../x",
                     "http://evil.example/etc/passwd", "*", "/add?a=%ff", "/-/runs?before=%27%20OR%201=1"):
            for port in (self.node.port, self.node.runtime_port, self.metrics_port):
                status = self.raw(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", port)
                allowed = (200,) if path.startswith("/-/runs?") else ()
                self.assertTrue(400 <= status < 500 or status in allowed, (path, port, status))
        self.serves()

    def test_foreign_hosts_and_pages_get_nothing_on_any_port(self):
        self.serve()
        for port, path in ((self.node.port, "/add?a=1&b=2"), (self.node.runtime_port, "/health"), (self.metrics_port, "/metrics")):
            for headers in ({"Host": "evil.example"}, {"Host": "localhost.evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Host": ""}, {"Host": "localhost@evil.example"},
                            {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"}):
                status, text, answered = self.ask("GET", path, headers=headers, port=port)
                self.assertEqual(status, 403, (port, headers, text))
                self.assertNotIn("Access-Control-Allow-Origin", answered)
            self.assertEqual(self.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", port), 400)
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
            with self.assertRaises(web_socket.Refused) as refused:
                web_socket.WebSocket("127.0.0.1", self.node.runtime_port, headers)
            self.assertEqual(refused.exception.status, 403)


class SubscribersTest(HostileCase):
    def test_subscribers_that_never_read_are_dropped_and_others_are_told(self):
        self.serve()
        before = self.memory_mib()
        cid = json.loads(self.node.request("GET", "/-/functions")[1])["components"][0]["cid"]
        run = {"input": {"args": [{"/": {"bytes": "A" * 400_000}}], "func": "echo_bytes"}, "nnc": "", "op": "wasm/run", "rsc": "ipfs://" + cid}
        message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscribe_run_workflow", "params": [
            {"name": "big", "workflow": {"tasks": [{"cause": None, "meta": {"memory": 4294967296, "time": 100000}, "prf": [], "run": run}]}}]})
        deaf = [web_socket.WebSocket("127.0.0.1", self.node.runtime_port) for _ in range(4)]
        for link in deaf:
            for _ in range(30):
                link.send(message)
        for _ in range(3):
            self.serves()
        good = web_socket.WebSocket("127.0.0.1", self.node.runtime_port)
        good.send(message)
        self.assertIn("result", json.loads(good.receive()))
        self.assertIn("params", json.loads(good.receive()))
        good.close()
        self.assertLess(self.memory_mib() - before, memory_bound(700))
        for link in deaf:
            link.close()
        self.serves()

    def test_messages_that_are_too_large_or_no_messages_end_their_connection_alone(self):
        self.serve()
        for text in ("[" * 1_000_000, "x" * (17 * MIB)):
            link = web_socket.WebSocket("127.0.0.1", self.node.runtime_port)
            try:
                link.send(text)
                self.assertIn("error", json.loads(link.receive()))
            except (web_socket.Closed, OSError):
                pass
            link.close()
            self.serves()
        for frame in (b"\xff" * 100, b"\x81\xff" + b"\xff" * 8 + b"abcd", b"\x01\x80abcd" * 1000, os.urandom(1000)):
            link = web_socket.WebSocket("127.0.0.1", self.node.runtime_port)
            link.send_raw(frame)
            link.close()
        self.serves()


if __name__ == "__main__":
    unittest.main()
