"""Results from one machine to another, verified and forgotten, on the built binary. Two homes are two machines."""
import base64
import hashlib
import json
import pathlib
import subprocess
import unittest

from every_process import BINARY, FUNCTIONS, HomeTest, every, free_port, memory_bound

MATH = FUNCTIONS / "math.wasm"
SUBTRACT = FUNCTIONS / "subtract.wasm"
CHAIN = {"tasks": [
    {"run": {"name": "sum", "input": {"func": "add", "args": [3.1, 5.2]}}},
    {"run": {"name": "less", "input": {"func": "subtract", "args": ["{{needs.sum.output}}", 4.4]}}},
]}
SEVEN = """(component
  (core module $m (func (export "seven") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func (export "seven") (result s32) (canon lift (core func $i "seven"))))
"""


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def sections(data):
    """Offsets after the header and after each block of a CAR."""
    length, at = read_varint(data, 0)
    at += length
    yield at
    while at < len(data):
        length, at = read_varint(data, at)
        at += length
        yield at


def raw_block(content):
    cid = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
    return varint(len(cid) + len(content)) + cid + content, "b" + base64.b32encode(cid).decode().lower().rstrip("=")


class SharingCase(HomeTest):
    def setUp(self):
        super().setUp()
        self.workflow = self.write("chain.json", CHAIN)
        self.car = self.folder / "run.car"
        self.near = self.machine("near")
        self.far = self.machine("far")

    def machine(self, name, trusted=()):
        home = self.folder / name
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "homestar.toml").write_text(f"[every]\nipfs = \"embedded\"\ntrusted_keys = {json.dumps(list(trusted))}\n")
        return home

    def did(self, home):
        return json.loads(every("keys", "show", "--home", home, "--json").stdout)["did"]

    def run_chain(self, home):
        return json.loads(every("run", self.workflow, "--home", home, "--fn", MATH, "--fn", SUBTRACT, "--json").stdout)

    def export(self, home, *what):
        return json.loads(every("car", "export", *what, "-o", self.car, "--home", home, "--json").stdout)

    def import_car(self, home, *arguments, file=None):
        return json.loads(every("car", "import", file or self.car, "--home", home, "--json", *arguments).stdout)

    def replayed(self, home):
        return [task["replayed"] for task in self.run_chain(home)["tasks"]]


class SharingTest(SharingCase):
    def test_a_run_is_replayed_elsewhere_when_its_key_is_trusted(self):
        run = self.run_chain(self.near)
        report = self.export(self.near, run["id"])
        self.assertEqual((report["receipts"], report["attested"], report["roots"]), (2, 2, [run["workflow"]]))
        self.machine("far", [self.did(self.near)])
        report = self.import_car(self.far)
        self.assertEqual((report["receipts"], report["usable"]), (2, 2))
        self.assertEqual(self.replayed(self.far), [True, True])

    def test_a_stranger_is_readable_and_not_used(self):
        run = self.run_chain(self.near)
        self.export(self.near, run["id"])
        done = every("car", "import", self.car, "--home", self.far)
        self.assertIn("2 results, 0 of them used", done.stderr)
        self.assertIn(self.did(self.near), done.stderr, "who to trust is said")
        shown = every("receipt", run["tasks"][0]["receipt"], "--home", self.far).stdout
        self.assertIn("8.3", shown)
        self.assertIn("nobody trusted attests it", shown)
        self.assertEqual(self.replayed(self.far), [False, False])

    def test_trust_takes_it_at_ones_word(self):
        self.export(self.near, self.run_chain(self.near)["id"])
        self.assertEqual(self.import_car(self.far, "--trust")["usable"], 2)
        self.assertEqual(self.replayed(self.far), [True, True])

    def test_a_key_that_is_trusted_later_counts_for_what_is_here(self):
        self.export(self.near, self.run_chain(self.near)["id"])
        self.import_car(self.far)
        self.machine("far", [self.did(self.near)])
        self.assertEqual(self.replayed(self.far), [True, True])

    def test_a_verified_import_is_used(self):
        receipt = self.run_chain(self.near)["tasks"][1]["receipt"]
        self.export(self.near, receipt)
        self.import_car(self.far)
        report = json.loads(every("verify", "--all", "--home", self.far, "--json").stdout)
        self.assertEqual((report["same"], report["now_trusted"], report["different"]), (2, 2, 0))
        self.assertEqual(self.replayed(self.far), [True, True])

    def test_the_bytes_are_the_same_each_time_and_go_through_pipes(self):
        run = self.run_chain(self.near)["id"]
        self.export(self.near, run)
        piped = subprocess.run([BINARY, "car", "export", run, "-o", "-", "--home", self.near], capture_output=True, check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(piped.stdout, self.car.read_bytes())
        done = subprocess.run([BINARY, "car", "import", "-", "--home", self.far, "--trust", "--json"], input=piped.stdout, capture_output=True, check=True)
        self.assertEqual(json.loads(done.stdout)["usable"], 2)
        third = self.machine("third")
        script = f"'{BINARY}' car import <(cat '{self.car}') --trust --json --home '{third}'"
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(json.loads(done.stdout)["usable"], 2)

    def test_a_running_node_takes_part(self):
        self.home = self.near
        node = self.start("--fn", MATH, "--fn", SUBTRACT).wait_ready()
        _, body, headers = node.run(*CHAIN["tasks"])
        self.export(self.near, headers["Every-Run"])
        self.home = self.far
        other = self.start("--fn", MATH, "--fn", SUBTRACT).wait_ready()
        self.assertEqual(self.import_car(self.far, "--trust")["usable"], 2)
        _, again, headers = other.run(*CHAIN["tasks"])
        self.assertEqual((again, headers["Every-Replayed"]), (body, "true"))
        status, _, _ = other.request("POST", "/-/car/import", {"file": str(self.car)})
        self.assertEqual(status, 403, "not over the network")

    def test_a_component_is_content_like_any_other(self):
        cid = json.loads(every("inspect", MATH, "--json").stdout)["cid"]
        self.run_chain(self.near)
        report = self.export(self.near, cid)
        self.assertEqual((report["receipts"], report["roots"]), (0, [cid]))
        self.import_car(self.far)
        full = {"name": "w", "workflow": {"tasks": [{"cause": None, "meta": {"memory": 4294967296, "time": 100000}, "prf": [],
                "run": {"rsc": f"ipfs://{cid}", "op": "wasm/run", "nnc": "", "input": {"func": "add", "args": [1, 2]}}}]}}
        answer = json.loads(every("run", self.write("full.json", full), "--home", self.far, "--json").stdout)
        self.assertEqual(answer["tasks"][0]["output"], 3)


class LyingFilesTest(SharingCase):
    def setUp(self):
        super().setUp()
        self.machine("far", [self.did(self.near)])
        self.export(self.near, self.run_chain(self.near)["id"])
        self.data = self.car.read_bytes()

    def refused(self, data, *words):
        self.car.write_bytes(data)
        done = every("car", "import", self.car, "--home", self.far, check=False)
        self.assertNotEqual(done.returncode, 0, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.replayed(self.far), [False, False])

    def test_a_file_that_is_cut_off(self):
        self.refused(self.data[:-10], "cut off", "byte", str(self.car))

    def test_a_changed_byte(self):
        at = list(sections(self.data))[-2] + 60
        self.refused(self.data[:at] + bytes([self.data[at] ^ 1]) + self.data[at + 1:], "does not hash to its CID")

    def test_a_forged_attestation(self):
        offsets = list(sections(self.data))
        _, at = read_varint(self.data, offsets[-2])
        block = bytearray(self.data[at + 36:])
        self.assertEqual(block[0], 0xA5, "the last block is an attestation")
        sig = bytes(block).index(b"\x63sig\x58\x40") + 6
        block[sig] ^= 1
        cid = b"\x01\x71\x16\x20" + hashlib.sha3_256(block).digest()
        self.refused(self.data[:offsets[-2]] + varint(len(cid) + len(block)) + cid + bytes(block), "forged", self.did(self.near))

    def test_what_is_no_car(self):
        for data in (b"", b"hello, this is not a CAR"):
            self.car.write_bytes(data)
            done = every("car", "import", self.car, "--home", self.far, check=False)
            self.assertEqual(done.returncode, 65, done.stderr)
            self.assertIn("not a CAR", done.stderr)

    def test_a_file_that_is_not_there(self):
        done = every("car", "import", self.folder / "nothing.car", "--home", self.far, check=False)
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("nothing.car", done.stderr)

    def test_a_large_file_passes_in_little_memory(self):
        chunk = bytes(1 << 20)
        large = self.folder / "large.car"
        header, count = list(sections(self.data))[0], 400
        with large.open("wb") as file:
            file.write(self.data[:header])
            for number in range(count):
                block, cid = raw_block(number.to_bytes(4, "big") + chunk)
                file.write(block)
        self.home = self.far
        node = self.start().wait_ready()
        report = self.import_car(self.far, file=large)
        self.assertEqual(report["blocks"], count)
        status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        self.assertLess(peak, memory_bound(350_000), "kB at most, of a file of 420 MB")
        status, _, _ = node.request("GET", "/-/healthz")
        self.assertEqual(status, 200)
        out = self.folder / "one.car"
        every("car", "export", cid, "-o", out, "--home", self.far)
        self.assertEqual(out.read_bytes().count(chunk), 1)


class VerifyTest(SharingCase):
    def test_what_is_true_stays_true(self):
        run = self.run_chain(self.near)
        done = every("verify", run["id"], "--home", self.near)
        self.assertIn("2 the same", done.stderr)
        done = every("verify", "--all", "--sample", "100%", "--home", self.near, "--json")
        self.assertEqual(json.loads(done.stdout)["same"], 2)

    def test_a_false_result_is_an_alarm(self):
        """A result is made false where it is kept, as a disk or a bug might: the store's own checks are passed."""
        seven = self.write("seven.wat", SEVEN)
        receipt = self.false_result(seven)
        done = every("verify", "--all", "--home", self.near, check=False)
        self.assertEqual(done.returncode, 76, done.stderr)
        self.assertIn("integrity alarm", done.stderr)
        self.assertIn("quarantine", done.stderr)
        refused = every("call", "seven", "--fn", seven, "--home", self.near, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("quarantine", refused.stderr)
        listed = json.loads(every("verify", "--quarantined", "--home", self.near, "--json").stdout)["components"]
        self.assertEqual([entry["kept"] for entry in listed], [receipt])
        every("forget", listed[0]["component"], "--home", self.near)
        every("verify", "--release", listed[0]["component"], "--home", self.near)
        self.assertEqual(every("call", "seven", "--fn", seven, "--home", self.near).stdout.strip(), "7")

    def false_result(self, component):
        """Has another node say 8 at its word, so that it is believed."""
        other = self.write("eight.wat", SEVEN)
        answer = json.loads(every("call", "seven", "--fn", other, "--home", self.far, "--json").stdout)
        every("car", "export", answer["id"], "-o", self.car, "--home", self.far)
        data = self.car.read_bytes()
        # The receipt's block: its value 7 becomes 8, and its name follows. Attestations name the old one and fall away.
        out, offsets, new = data[:next(sections(data))], list(sections(data)), None
        for begin, end in zip(offsets, offsets[1:]):
            _, at = read_varint(data, begin)
            cid, block = data[at:at + 36], data[at + 36:end]
            if block[:5] == b"\xa5ciss" and b"cout\x82bok\x07" in block:
                block = block.replace(b"cout\x82bok\x07", b"cout\x82bok\x08")
                cid = b"\x01\x71\x16\x20" + hashlib.sha3_256(block).digest()
                new = "b" + base64.b32encode(cid).decode().lower().rstrip("=")
            elif block[:5] == b"\xa5ciss":
                continue
            out += varint(len(cid) + len(block)) + cid + block
        self.car.write_bytes(out)
        report = self.import_car(self.near, "--trust")
        self.assertEqual(report["usable"], 1, report)
        self.assertEqual(every("call", "seven", "--fn", component, "--home", self.near).stdout.strip(), "8", "it is believed")
        return new


class ForgetTest(SharingCase):
    def test_what_is_forgotten_runs_again(self):
        run = self.run_chain(self.near)
        receipt = run["tasks"][0]["receipt"]
        report = json.loads(every("forget", receipt, "--dependants", "--home", self.near, "--json").stdout)
        self.assertEqual(report, {"receipts": 2, "dependants": 1, "already": 0})
        self.assertIn("8.3", every("receipt", receipt, "--home", self.near).stdout)
        self.assertEqual(self.replayed(self.near), [False, False])
        self.assertEqual(self.replayed(self.near), [True, True])

    def test_a_running_node_forgets_at_once(self):
        self.home = self.near
        node = self.start("--fn", MATH, "--fn", SUBTRACT).wait_ready()
        node.run(CHAIN["tasks"][0])
        _, _, headers = node.run(CHAIN["tasks"][0])
        self.assertEqual(headers["Every-Replayed"], "true")
        every("forget", headers["Every-Receipt"], "--home", self.near)
        _, _, headers = node.run(CHAIN["tasks"][0])
        self.assertEqual(headers["Every-Replayed"], "false")

    def test_mistakes_say_what_to_do(self):
        for arguments, word in ((("forget", "bafyrmiabc"), "CID"),
                                (("verify",), "--all"),
                                (("verify", "--all", "--sample", "2000"), "5%"),
                                (("verify", "--release", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"), "quarantine"),
                                (("car", "export", "x"), "-o"),
                                (("car", "export", "-o", "f.car"), "what to export"),
                                (("car", "export", "nonsense", "-o", "f.car"), "every runs")):
            done = every(*arguments, "--home", self.near, check=False)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn(word, done.stderr, arguments)


if __name__ == "__main__":
    unittest.main()
