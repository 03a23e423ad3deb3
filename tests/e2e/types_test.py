"""Each type of WIT there and back, by value at its edges, in Rust and in C++. CTest runs each class under its label."""
import json
import pathlib
import shutil
import sys
import unittest

from every_process import Node, task
from toolchain_test import RUST_TARGET, Toolchain

HERE = pathlib.Path(__file__).resolve().parent
BIG = 2**53
POINT = {"x": 1.5, "y-value": None, "level": "very-high", "tags": []}
FULL = {"x": -0.25, "y-value": -(2**31), "level": "low", "tags": ["", "ä€😀"]}
BITS = [f"b{i}" for i in range(32)]


def octets(base64):
    return {"/": {"bytes": base64}}


# A single precision number is written with the fewest digits that give it again (docs/formats/values.md).
# A function of one parameter, and what it must give back as it came.
SAME = {
    "echo-bool": [True, False],
    "echo-u8": [0, 255], "echo-s8": [-128, 127],
    "echo-u16": [0, 65535], "echo-s16": [-32768, 32767],
    "echo-u32": [0, 2**32 - 1], "echo-s32": [-(2**31), 2**31 - 1],
    "echo-u64": [0, BIG - 1, BIG, BIG + 1, 2**63, 2**64 - 1],
    "echo-s64": [0, -1, BIG + 1, -BIG - 1, 2**63 - 1, -(2**63)],
    "echo-f32": [0, 1.5, -0.25, 0.1, 3.4028235e38, 1e-45, 16777216],
    "echo-f64": [0, 0.1, -1.5, 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, BIG - 1, -(BIG - 1), BIG * 2.0],
    "echo-char": ["a", "\u0000", "ä", "\ud7ff", "\ue000", "😀", "\U0010ffff"],
    "echo-string": ["", "a\u0000b", "ä€😀", "e\u0301", "\U0010ffff", "x" * 70_000],
    "echo-bytes": [octets(""), octets("AP8"), octets("gICA")],
    "echo-bools": [[], [True, False, True]],
    "echo-s8s": [[], [-128, 0, 127]],
    "echo-u16s": [[], [0, 65535]],
    "echo-s64s": [[], [-(2**63), BIG + 1, 2**63 - 1]],
    "echo-f32s": [[], [1.5, -0.25, 0.1]],
    "echo-chars": [[], ["a", "😀", "\u0000"]],
    "echo-strings": [[], [[]], [["a"], [], ["", "ä€😀"]]],
    "echo-tuple": [[255, -(2**63), "ä", True, "😀"], [0, 2**63 - 1, "", False, "\u0000"]],
    "echo-record": [POINT, FULL],
    "echo-variant": [{"none": None}, {"circle": 0.1}, {"polygon": []}, {"polygon": [POINT, FULL]}, {"named": ["ä", "low"]}],
    "echo-enum": ["low", "very-high"],
    "echo-flags": [[], ["read"], ["write-all"], ["read", "write-all", "run"]],
    "echo-many": [[], BITS, ["b0", "b31"], ["b7", "b8", "b15", "b16"]],
    "echo-option": [None, "", "x"],
    "echo-nested": [None, [None], [0], [2**32 - 1]],
    "echo-results": [[], [[0, None], [None, ""], [2**32 - 1, None], [None, "ä"]]],
    "echo-bare": [[[1, None], [1, None], [POINT, None]], [[None, 1], [None, "very-high"], [None, 1]]],
    "echo-deep": [[], [None, [{"circle": 2.5}, []], [{"polygon": [FULL]}, [octets(""), octets("AAE")]]]],
}
# function, arguments, result
OTHERS = [
    ("echo-params", [255, -(2**63), 0.5, "ä", octets("AQ"), FULL, {"polygon": [POINT]}, ["run"]], None),
    ("echo-params", [0, 2**63 - 1, -0.5, "", octets(""), None, {"none": None}, []], None),
    ("no-parameters", [], 2**32 - 1),
    ("answer", [[7, None]], [7, None]),
    ("bits-of-f32", [0.1], 0x3DCCCCCD), ("bits-of-f32", [-2], 0xC0000000),
    ("bits-of-f64", [0.1], 0x3FB999999999999A), ("bits-of-f64", [BIG - 1], 0x433FFFFFFFFFFFFF),
    ("f32-of-bits", [1], 1e-45), ("f64-of-bits", [0x7FEFFFFFFFFFFFFF], 1.7976931348623157e308),
    ("describe", [{"none": None}, []], "none"), ("describe", [{"circle": -7.5}, ["run", "read"]], "circle -7 r x"),
    ("describe", [{"polygon": [POINT, FULL]}, ["write-all"]], "1 - high ; 0 -2147483648 low ,ä€😀 w"),
    ("describe", [{"named": ["ä", "very-high"]}, ["read", "write-all", "run"]], "ä high r w x"),
    ("pairs#swap", [{"left": "a", "right": 2**64 - 1}, {"left": "", "right": 0}], [{"left": "", "right": 0}, {"left": "a", "right": 2**64 - 1}]),
]
# What does not fit is refused, and never cut.
REFUSED = [("echo-u8", 256), ("echo-s8", -129), ("echo-u64", 2**64), ("echo-s64", -(2**63) - 2048), ("echo-u32", 1.5), ("echo-f32", 1e39), ("echo-char", "ab"),
           ("echo-char", ""), ("echo-enum", "high"), ("echo-flags", ["write"]), ("echo-variant", {"square": 1}), ("echo-tuple", [1]), ("echo-bool", 1)]


def same(found, wanted):
    """Equal by value: 3 and 3.0 are one number, but no bool is a number, and whole numbers count exactly."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    return found == wanted


class Types:
    """The same world and the same values for each language."""

    def setUp(self):
        super().setUp()
        shutil.copytree(HERE / "types/wit", self.folder / "wit")
        shutil.copytree(HERE / "types" / self.language, self.folder / self.language)
        self.environment = {"CARGO_TARGET_DIR": str(RUST_TARGET)}

    def start(self, *components):
        arguments = [argument for component in components for argument in ("--fn", component)]
        node = Node(self.folder / "node", *arguments)
        self.addCleanup(node.process.stdout.close)
        self.addCleanup(node.stop)
        return node.wait_ready()

    def test_every_type_goes_there_and_back(self):
        built = self.build(self.source, "-o", "types.wasm", environment=self.environment)
        node = self.start(built["file"])
        cases = [(function, [value], value) for function, values in SAME.items() for value in values]
        cases += [(function, arguments, arguments if function == "echo-params" else result) for function, arguments, result in OTHERS]
        tasks = [{"run": {"name": f"task{i}", "input": {"func": function, "args": arguments}}} for i, (function, arguments, _) in enumerate(cases)]
        status, text, _ = node.request("POST", "/-/workflows", {"tasks": tasks})
        self.assertEqual(status, 200, text)
        results = [task["output"] for task in json.loads(text)["tasks"]]
        for (function, arguments, wanted), found in zip(cases, results, strict=True):
            with self.subTest(function=function, arguments=str(arguments)[:200]):
                self.assertTrue(same(found, wanted), f"{str(found):.300} instead of {str(wanted):.300}")
        self.check_negative_zero(node)
        self.check_refusals(node)

    def check_negative_zero(self, node):
        """JSON has none, so it is made there and looked at there."""
        for bits, width in ((2**63, "f64"), (2**31, "f32")):
            status, text, _ = node.run(task("made", f"{width}-of-bits", [bits]), task("same", f"echo-{width}", ["{{needs.made.output}}"]),
                                       task("bits", f"bits-of-{width}", ["{{needs.same.output}}"]))
            self.assertEqual((status, text), (200, str(bits)))

    def check_refusals(self, node):
        for function, value in REFUSED:
            with self.subTest(refused=function, value=value):
                status, text, _ = node.run(task("t", function, [value]))
                self.assertEqual(status, 400, text)
        status, text, _ = node.run(task("t", "answer", [[None, "no"]]))
        self.assertEqual((status, json.loads(text)["details"]["err"]), (422, "no"))
        status, text, _ = node.request("POST", "/nothing", {"a": True})
        self.assertEqual(status, 200, text)
        self.assertIn(text, ("null", ""))


class Rust(Types, Toolchain):
    language = "rust"
    source = "rust"


class Cpp(Types, Toolchain):
    language = "cpp"
    source = "cpp/types.cpp"


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
