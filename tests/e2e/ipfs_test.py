"""every ipfs add, cat, get and ls, and /ipfs/ on the ports of a node."""
import http.client
import json
import os
import pathlib
import subprocess
import unittest

from every_process import BINARY, HomeTest, PATIENCE_S, TYPES, every, memory_bound

VECTORS = json.loads((pathlib.Path(__file__).resolve().parents[2] / "libs/ipld/tests/data/unixfs.json").read_text())


def content_of(size):
    """The content that the vectors are of."""
    return bytes((i * 31 + (i >> 8) * 17 + 7) & 255 for i in range(size))


class IpfsCase(HomeTest):
    def ipfs(self, *arguments, content=None, check=True):
        done = subprocess.run([BINARY, "ipfs", *map(str, arguments), *(() if "--only-hash" in arguments else ("--home", str(self.home)))],
                              input=content, capture_output=True, timeout=PATIENCE_S)
        if check and done.returncode != 0:
            raise AssertionError(f"every ipfs {arguments} ended with {done.returncode}: {done.stderr.decode()}")
        return done

    def add(self, path, *arguments):
        return self.ipfs("add", *arguments, path).stdout.decode().strip()


class AddTest(IpfsCase):
    def test_gives_the_cids_of_kubo(self):
        for row in VECTORS["files"]:
            if row["size"] > 2_000_000:
                continue
            path = self.folder / "file"
            path.write_bytes(content_of(row["size"]))
            self.assertEqual(self.add(path, "--only-hash"), row["cid_v1"])
            self.assertEqual(self.add(path, "--only-hash", "--cid-version", "0"), row["cid_v0"])
            self.assertEqual(self.ipfs("add", "--only-hash", "-", content=path.read_bytes()).stdout.decode().strip(), row["cid_v1"])

    def test_prints_cids_alone_on_standard_output(self):
        path = self.write("a.txt", "hello")
        done = self.ipfs("add", path, path)
        self.assertEqual(done.stdout, b"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq\n" * 2)
        self.assertIn(b"added", done.stderr)
        self.assertEqual(self.ipfs("add", "-q", path).stderr, b"")
        told = json.loads(self.ipfs("add", "--json", path).stdout)
        self.assertEqual(told, {"name": str(path), "cid": "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", "size": 5, "dag_size": 5, "files": 1})

    def test_says_what_cannot_be_added(self):
        for arguments, text in (((self.folder / "nowhere",), "nowhere"), ((self.folder,), "-r"), ((), "name the files")):
            done = self.ipfs("add", *arguments, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(text, done.stderr.decode())
            self.assertEqual(done.stdout, b"")
        os.mkfifo(self.folder / "pipe")
        self.assertIn("pipe", self.ipfs("add", "-r", self.folder, check=False).stderr.decode())

    def test_only_hash_keeps_nothing(self):
        cid = self.add(self.write("a", "only hashed"), "--only-hash")
        done = self.ipfs("cat", cid, check=False)
        self.assertEqual(done.returncode, 66)
        self.assertIn(cid, done.stderr.decode())


class ReadTest(IpfsCase):
    def tree(self):
        tree = self.folder / "tree"
        (tree / "sub" / "empty").mkdir(parents=True)
        (tree / "a.txt").write_text("hello world")
        (tree / "sub" / "large").write_bytes(content_of(1_000_000))
        (tree / "sub" / ".hidden").write_text("hidden")
        (tree / "link").symlink_to("a.txt")
        return tree

    def test_cat_gives_back_what_was_added_and_ranges_of_it(self):
        for running in (False, True):
            if running:
                self.start("--fn", TYPES).wait_ready()
            content = content_of(3_000_000 + running)
            cid = self.ipfs("add", "-q", "-", content=content).stdout.decode().strip()
            self.assertEqual(self.ipfs("cat", cid).stdout, content)
            self.assertEqual(self.ipfs("cat", cid, "--offset", "262140", "--length", "10").stdout, content[262140:262150])
            self.assertEqual(self.ipfs("cat", "--offset", "9999999", "ipfs://" + cid).stdout, b"")

    def test_get_writes_a_directory_as_it_was(self):
        cid = self.add(self.tree(), "-r", "-q")
        out = self.folder / "out"
        told = json.loads(self.ipfs("get", cid, "-o", out, "--json").stdout)
        self.assertEqual(told, {"path": str(out), "cid": cid, "files": 2, "size": 1_000_011})
        self.assertEqual((out / "sub" / "large").read_bytes(), content_of(1_000_000))
        self.assertEqual(os.readlink(out / "link"), "a.txt")
        self.assertTrue((out / "sub" / "empty").is_dir())
        self.assertFalse((out / "sub" / ".hidden").exists())
        self.assertEqual(self.ipfs("cat", cid + "/a.txt").stdout, b"hello world")
        again = self.ipfs("get", cid, "-o", out, check=False)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("there already", again.stderr.decode())

    def test_ls_lists_a_directory(self):
        cid = self.add(self.tree(), "-r", "-q")
        listed = json.loads(self.ipfs("ls", cid, "--json").stdout)
        self.assertEqual([(entry["name"], entry["kind"]) for entry in listed["entries"]], [("a.txt", "file"), ("link", "symlink"), ("sub", "directory")])
        inner = json.loads(self.ipfs("ls", cid + "/sub", "--json").stdout)["entries"]
        self.assertEqual([(entry["name"], entry["size"]) for entry in inner if entry["kind"] == "file"], [("large", 1_000_000)])
        self.assertIn("sub/", self.ipfs("ls", cid).stdout.decode())

    def test_says_what_is_wrong(self):
        cid = self.add(self.tree(), "-r", "-q")
        for arguments, text in ((("cat", cid), "directory"), (("cat", cid + "/none"), "'none'"), (("cat", "no-cid"), "no-cid"),
                                (("ls", cid + "/a.txt/b"), "a file"), (("cat",), "name the CID")):
            done = self.ipfs(*arguments, check=False)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn(text, done.stderr.decode())


class GatewayTest(IpfsCase):
    def get(self, port, target, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request(headers.pop("method", "GET"), target, headers={key.replace("_", "-"): value for key, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def test_serves_content_on_both_ports(self):
        content = content_of(2_000_000)
        cid = self.ipfs("add", "-q", "-", content=content).stdout.decode().strip()
        node = self.start("--fn", TYPES).wait_ready()
        for port in (node.port, node.runtime_port):
            status, body, headers = self.get(port, f"/ipfs/{cid}")
            self.assertEqual((status, body), (200, content))
            self.assertEqual(headers["Content-Length"], "2000000")
            self.assertEqual(headers["Content-Security-Policy"], "sandbox; default-src 'none'")
            self.assertEqual(self.get(port, f"/ipfs/{cid}", Range="bytes=5-9")[:2], (206, content[5:10]))
            self.assertEqual(self.get(port, f"/ipfs/{cid}", method="HEAD")[0], 200)
            self.assertEqual(self.get(port, f"/ipfs/{cid}", If_None_Match=headers["ETag"])[:2], (304, b""))

    def test_serves_receipts_and_components(self):
        node = self.start("--fn", TYPES).wait_ready()
        _, _, headers = node.run({"run": {"name": "add", "input": {"func": "add", "args": [1, 2]}}})
        receipt = headers["Every-Receipt"]
        block = subprocess.run([BINARY, "receipt", receipt, "--cbor", "--home", str(self.home)], capture_output=True, timeout=PATIENCE_S).stdout
        self.assertEqual(self.get(node.runtime_port, f"/ipfs/{receipt}?format=raw")[1], block)
        shown = json.loads(self.get(node.runtime_port, f"/ipfs/{receipt}", Accept="application/vnd.ipld.dag-json")[1])
        self.assertEqual(shown["out"], ["ok", 3])
        component = json.loads(node.request("GET", "/-/functions")[1])["components"][0]["cid"]
        status, body, found = self.get(node.runtime_port, f"/ipfs/{component}")
        self.assertEqual((status, body, found["Content-Type"]), (200, TYPES.read_bytes(), "application/wasm"))

    def test_another_node_fetches_from_it(self):
        content = content_of(1_000_000)
        cid = self.ipfs("add", "-q", "-", content=content).stdout.decode().strip()
        node = self.start("--fn", TYPES).wait_ready()
        other = self.folder / "other"
        other.mkdir(mode=0o700)
        (other / "homestar.toml").write_text(f'[every]\nipfs = "embedded"\ngateways = ["http://127.0.0.1:{node.runtime_port}"]\n')
        done = subprocess.run([BINARY, "ipfs", "cat", cid, "--home", str(other)], capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.stdout, content, done.stderr)

    def test_holds_little_of_a_large_file(self):
        size = 256 << 20
        path = self.folder / "large"
        with path.open("wb") as file:
            for i in range(size >> 20):
                file.write(i.to_bytes(4, "little") * (1 << 18))
        cid = self.add(path, "-q")
        node = self.start("--fn", TYPES).wait_ready()
        connection = http.client.HTTPConnection("127.0.0.1", node.runtime_port, timeout=PATIENCE_S)
        connection.request("GET", f"/ipfs/{cid}")
        answer = connection.getresponse()
        count = 0
        while piece := answer.read(1 << 20):
            count += len(piece)
        connection.close()
        self.assertEqual(count, size)
        status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
        peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) << 10
        self.assertLess(peak, memory_bound(size), "the file is held in memory")


if __name__ == "__main__":
    unittest.main()
