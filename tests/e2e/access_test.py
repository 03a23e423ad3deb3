"""A node that other machines may use: tokens and TLS on every port, and the command line as its client."""
import http.client
import json
import pathlib
import ssl
import subprocess
import sys
import unittest

from every_process import HomeTest, PATIENCE_S, TYPES, every, free_port, task

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import web_socket  # noqa: E402

HEALTH = '{"jsonrpc":"2.0","method":"health","id":1}'
HEALTHY = '{"jsonrpc":"2.0","result":{"healthy":true},"id":1}'


class AccessTest(HomeTest):
    def make_token(self, name="tokens"):
        file = self.folder / name
        return file, every("keys", "token", "--token-file", file).stdout.strip()

    def make_certificate(self, name="node", names="IP:127.0.0.1,DNS:localhost,DNS:node.example"):
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=every", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        return certificate, key

    def workflow(self):
        return self.write("w.json", {"tasks": [task("sum", "add", [3, 5])]})

    def refused(self, *arguments):
        done = every(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stderr

    def exchange(self, port, path="/", headers=None, body=None, tls=None):
        kind = http.client.HTTPConnection if tls is None else http.client.HTTPSConnection
        connection = kind("127.0.0.1", port, timeout=PATIENCE_S, **({} if tls is None else {"context": tls}))
        connection.request("GET" if body is None else "POST", path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, dict(answer.getheaders())


class TokenTest(AccessTest):
    def test_a_foreign_host_needs_a_token_file_and_says_how_to_make_one(self):
        told = self.refused("dev", "--home", self.home, "--host", "0.0.0.0", "--port", "0")
        self.assertIn("every keys token --token-file FILE", told)
        self.assertIn("--token-file", self.refused("dev", "--home", self.home, "--config", self.write(
            "s.toml", '[node.network.webserver]\nv4_host = "0.0.0.0"\n'), "--port", "0", "--runtime-port", "0"))

    def test_a_token_file_is_for_this_user_alone(self):
        file, _ = self.make_token()
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        file.chmod(0o644)
        self.assertIn(f"chmod 600 {file}", self.refused("dev", "--home", self.home, "--token-file", file, "--port", "0"))

    def test_tokens_are_added_and_each_lets_in(self):
        file, first = self.make_token()
        _, second = self.make_token()
        self.assertEqual(file.read_text().split(), [first, second])
        node = self.start("--token-file", file, token=second).wait_ready()
        for token, status in ((first, 200), (second, 200), (first[:-1], 401), ("", 401)):
            self.assertEqual(self.exchange(node.port, "/-/healthz", {"Authorization": f"Bearer {token}"})[0], status, token)

    def test_every_port_asks_for_the_token(self):
        file, token = self.make_token()
        metrics_port = free_port()
        node = self.start("--host", "0.0.0.0", "--token-file", file, "--fn", TYPES, token=token, metrics_port=metrics_port).wait_ready()
        bearer = {"Authorization": f"Bearer {token}"}
        for port, path in ((node.port, "/"), (node.runtime_port, "/health"), (metrics_port, "/metrics")):
            status, text, headers = self.exchange(port, path)
            self.assertEqual(status, 401, path)
            self.assertTrue(headers["WWW-Authenticate"].startswith("Bearer"), path)
            self.assertIn("--token-file", json.loads(text)["error"])
            self.assertEqual(self.exchange(port, path, bearer)[0], 200, path)
            self.assertEqual(self.exchange(port, path, {**bearer, "Host": "evil.example"})[0], 403, path)
            self.assertEqual(self.exchange(port, path, {**bearer, "Host": f"192.0.2.7:{port}"})[0], 200, path)
        kind = {"Content-Type": "application/json"}
        self.assertEqual(self.exchange(node.runtime_port, "/", kind, HEALTH)[0], 401)
        self.assertEqual(self.exchange(node.runtime_port, "/", {**kind, **bearer}, HEALTH)[1], HEALTHY)
        with self.assertRaises(web_socket.Refused) as refused:
            web_socket.WebSocket("127.0.0.1", node.runtime_port)
        self.assertEqual(refused.exception.status, 401)
        for socket in (web_socket.WebSocket("127.0.0.1", node.runtime_port, bearer),
                       web_socket.WebSocket("127.0.0.1", node.runtime_port, target=f"/?access_token={token}")):
            socket.send(HEALTH)
            self.assertEqual(socket.receive(), HEALTHY)
            socket.close()
        # In an address only a WebSocket may carry it: addresses are kept in too many places.
        self.assertEqual(self.exchange(node.port, f"/?access_token={token}")[0], 401)
        self.assertNotIn(token, "\n".join(node.lines))
        self.assertTrue(any("unencrypted" in line for line in node.lines))

    def test_the_owner_needs_no_token(self):
        file, token = self.make_token()
        self.start("--token-file", file, "--fn", TYPES, token=token).wait_ready()
        self.assertEqual(every("run", self.workflow(), "--home", self.home).stdout.strip(), "8")


class TlsTest(AccessTest):
    def start_secure(self, *arguments, **options):
        self.certificate, key = self.make_certificate()
        self.file, self.token = self.make_token()
        self.tls = ssl.create_default_context(cafile=self.certificate)
        return self.start("--host", "0.0.0.0", "--token-file", self.file, "--tls-cert", self.certificate, "--tls-key", key, *arguments,
                          tls=self.tls, token=self.token, **options).wait_ready()

    def test_every_port_speaks_tls(self):
        metrics_port = free_port()
        node = self.start_secure("--fn", TYPES, metrics_port=metrics_port)
        bearer = {"Authorization": f"Bearer {self.token}"}
        for port, path in ((node.port, "/"), (node.runtime_port, "/health"), (metrics_port, "/metrics")):
            self.assertEqual(self.exchange(port, path, bearer, tls=self.tls)[0], 200, path)
            self.assertEqual(self.exchange(port, path, {**bearer, "Host": f"node.example:{port}"}, tls=self.tls)[0], 200, path)
            self.assertEqual(self.exchange(port, path, tls=self.tls)[0], 401, path)
            status, text, _ = self.exchange(port, path, bearer)
            self.assertEqual((status, "https://" in text), (400, True), path)
        socket = web_socket.WebSocket("127.0.0.1", node.runtime_port, bearer, tls=self.tls)
        socket.send(HEALTH)
        self.assertEqual(socket.receive(), HEALTHY)
        socket.close()
        self.assertTrue(any("https://127.0.0.1:" in line for line in node.lines))
        self.assertTrue(any("Network" in line and "https://node.example:" in line for line in node.lines), node.lines)
        self.assertFalse(any("unencrypted" in line for line in node.lines))
        self.assertEqual(node.stop(), 0)

    def test_verbs_ask_a_node_elsewhere(self):
        node = self.start_secure()
        elsewhere = ["--node", f"https://127.0.0.1:{node.port}", "--token-file", self.file, "--tls-ca", self.certificate]
        self.assertEqual(every("run", self.workflow(), "--fn", TYPES, *elsewhere).stdout.strip(), "8")
        self.assertEqual(every("call", "add", "3", "5", *elsewhere).stdout.strip(), "8")
        run = json.loads(every("run", self.workflow(), "--json", *elsewhere).stdout)
        self.assertTrue(run["tasks"][0]["replayed"])
        self.assertIn(run["id"], every("runs", *elsewhere).stdout)
        self.assertIn("sum", every("runs", "show", run["id"], *elsewhere).stdout)
        receipt = run["tasks"][0]["receipt"]
        self.assertIn(receipt, every("receipt", receipt, *elsewhere).stdout)
        self.assertEqual(json.loads(every("verify", receipt, "--json", *elsewhere).stdout)["same"], 1)
        self.assertEqual(json.loads(every("forget", receipt, "--json", *elsewhere).stdout)["receipts"], 1)
        self.assertFalse(json.loads(every("run", self.workflow(), "--json", *elsewhere).stdout)["tasks"][0]["replayed"])
        self.assertIn("No component", every("verify", "--quarantined", *elsewhere).stderr)
        added = every("ipfs", "add", "-q", self.workflow(), *elsewhere).stdout.strip()
        self.assertEqual(every("ipfs", "cat", added, *elsewhere).stdout, self.workflow().read_text())
        detached = every("run", self.workflow(), "--detach", *elsewhere).stdout.strip()
        self.assertIn(detached, every("runs", *elsewhere).stdout)

    def test_each_mistake_says_what_to_do(self):
        node = self.start_secure()
        secure, plain = f"https://127.0.0.1:{node.port}", f"http://127.0.0.1:{node.port}"
        other, _ = self.make_token("other")
        trust = ["--tls-ca", self.certificate]
        told = self.refused("runs", "--node", secure, *trust)
        self.assertIn("asks for a token", told)
        self.assertIn("--token-file", told)
        self.assertIn("none of this node's", self.refused("runs", "--node", secure, *trust, "--token-file", other))
        self.assertIn("--tls-ca", self.refused("runs", "--node", secure, "--token-file", self.file))
        self.assertIn("use https://", self.refused("runs", "--node", plain, "--token-file", self.file))
        self.assertIn("http://HOST:PORT", self.refused("runs", "--node", "node.example"))
        self.assertIn("no node answers at http://127.0.0.1:1", self.refused("runs", "--node", "http://127.0.0.1:1"))
        self.assertIn("--home is about one here", self.refused("runs", "--node", secure, "--home", self.home))
        self.assertIn("none is named", self.refused("runs", "--token-file", self.file, "--home", self.home))

    def test_a_certificate_needs_its_own_key(self):
        certificate, key = self.make_certificate("a")
        _, other = self.make_certificate("b")
        self.assertIn("--tls-key FILE", self.refused("dev", "--home", self.home, "--tls-cert", certificate, "--port", "0"))
        told = self.refused("dev", "--home", self.home, "--tls-cert", certificate, "--tls-key", other, "--port", "0")
        self.assertIn("does not belong to the certificate", told)
        key.chmod(0o644)
        self.assertIn(f"chmod 600 {key}", self.refused("dev", "--home", self.home, "--tls-cert", certificate, "--tls-key", key, "--port", "0"))

    def test_a_plain_node_tells_a_tls_client(self):
        node = self.start().wait_ready()
        self.assertIn(f"use http://127.0.0.1:{node.port}", self.refused("runs", "--node", f"https://127.0.0.1:{node.port}"))
        # Without tokens, components come from the node's own user alone.
        told = self.refused("run", self.workflow(), "--fn", TYPES, "--node", f"http://127.0.0.1:{node.port}")
        self.assertIn("--token-file", told)


if __name__ == "__main__":
    unittest.main()
