"""TypeScript and JavaScript by the built binary, for real: `every build` and what the components answer. EVERY_BINARY, EVERY_JAVASCRIPT_HOME."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[4] / "tests/e2e"))
from every_process import Node  # noqa: E402

BINARY = os.environ["EVERY_BINARY"]
INSTALLED = os.environ["EVERY_JAVASCRIPT_HOME"]  # `every toolchain install js` was run there
HOME = None  # the tools of INSTALLED, and no build records of an earlier run
DATA = pathlib.Path(__file__).parent / "data"
ARTICLE = """// @ts-ignore
import { log } from "wasi:logging/logging";
export function subtract(a: number, b: number): number {
  log("info", "guest:javascript:subtract", `${a} - ${b} = ${a - b}`);
  return a - b;
}
"""


def setUpModule():
    global HOME
    HOME = tempfile.mkdtemp(prefix="javascript-home-")
    unittest.addModuleCleanup(shutil.rmtree, HOME)
    pathlib.Path(HOME, "toolchains").symlink_to(pathlib.Path(INSTALLED, "toolchains"))


def every(*arguments, cwd=None, env=None, home=None):
    return subprocess.run([BINARY, *map(str, arguments), "--home", str(home or HOME)], cwd=cwd, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="javascript-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def build(self, path, *options, home=None):
        done = every("build", path, "--json", *options, home=home)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)[0]

    def refused(self, path, *options, **more):
        done = every("build", path, *options, **more)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def call(self, component, function, **arguments):
        given = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in arguments.items()]
        done = every("call", function, *given, "--fn", component, "--fresh", home=self.folder / "home")
        return done

    def value(self, component, function, **arguments):
        done = self.call(component, function, **arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:  # a text, as it is
            return done.stdout.removesuffix("\n")


class TypesTest(Case):
    """Each type there and back, by value; the source itself checks what kind of value it sees."""

    engine = "quickjs"
    bigints = [0, -1, 2**53 - 1, -(2**53 - 1)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copytree(DATA / "types", cls.folder / "types")
        done = every("build", cls.folder / "types/types.ts", "-o", cls.folder / "types.wasm", "--engine", cls.engine)
        assert done.returncode == 0, done.stderr

    def test_values_come_back_as_they_went(self):
        point = {"x": 1.5, "y-value": None, "level": "very-high"}
        full = {"x": -1, "y-value": 2, "level": "low"}
        for function, values in {
            "boolean": [True, False], "number": [1.5, -3, 1e300], "big": self.bigints, "text": ["", "ä😀"],
            "array": [[], [1, 2.5]], "nested": [[["a"], []]], "tuple": [[1, "x", True]],
            "s8": [[-128, 127]], "u16": [[0, 65535]], "s16": [[-32768, 32767]], "u32": [[0, 4294967295]], "s32": [[-2147483648, 2147483647]],
            "u64": [[0, 2**53 - 1]], "s64": [[-(2**53 - 1), 5]], "f32": [[1.5, -0.25]], "f64": [[1e300]],
            "record": [point, full], "enumeration": ["low", "very-high"], "optional": [None, 3], "nullable": [None, "x"],
            "optional-records": [[None, point]], "promised": [4],
        }.items():
            for value in values:
                with self.subTest(function=function, value=value):
                    self.assertEqual(self.value(self.folder / "types.wasm", function, a=value), value)

    def test_variants_results_and_absent_arguments(self):
        component = self.folder / "types.wasm"
        for value in [{"circle": 2.5}, {"polygon": [{"x": 1, "y-value": None, "level": "low"}]}]:
            self.assertEqual(self.value(component, "variant", a=value), value)
        self.assertEqual(self.value(component, "fallback"), 7)
        self.assertEqual(self.value(component, "fallback", a=8), 8)
        self.assertEqual(self.value(component, "optional"), None)
        self.assertEqual(self.value(component, "nothing", a=1), None)

    def test_text_is_encoded_and_decoded_as_utf8_also_where_the_engine_has_no_encoder(self):
        text = "aä€😀"
        encoded = list((text + "\ufffd").encode())
        bytes_, decoded = self.value(self.folder / "types.wasm", "utf8", a=text)
        self.assertEqual(decoded, text + "\ufffd")
        if isinstance(bytes_, dict):  # DAG-JSON bytes
            bytes_ = list(base64.b64decode(bytes_["/"]["bytes"] + "=="))
        self.assertEqual(bytes_, encoded)

    def test_integers_are_exact_or_refused(self):
        done = self.call(self.folder / "types.wasm", "big", a=2**53 + 1)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--engine starlingmonkey", done.stderr)

    def test_the_console_writes_one_log_line_a_line_with_level_and_stream(self):
        node = Node(self.folder / "node", "--fn", self.folder / "types.wasm")
        self.addCleanup(node.process.stdout.close)
        self.addCleanup(node.stop)
        node.wait_ready()
        status, text, _ = node.run({"run": {"name": "lines", "input": {"func": "lines", "args": []}}})
        self.assertEqual(status, 200, text)
        node.wait_for_line("workflow completed")
        said = [("debug", "stdout", "a 1"), ("info", "stdout", "said by log"), ("info", "stdout", "said by info"),
                ("warn", "stderr", "b x { y: [ 1n, null ] }"), ("warn", "stderr", "c"), ("warn", "stderr", "d"),
                ("error", "stderr", "Uint8Array(2) [ 1, 2 ]")]
        shown = [line.split(" ", 1)[1] for line in node.lines if "subject=wasm_execution" in line]
        quoted = [(level, f'"{text}"' if " " in text else text, stream) for level, stream, text in said]
        self.assertEqual(shown, [f"level={level} message={text} subject=wasm_execution category=guest:lines:{stream}" for level, text, stream in quoted])
        run = json.loads(node.request("GET", "/-/runs")[1])["runs"][0]["id"]
        kept = json.loads(node.request("GET", f"/-/runs/{run}/logs")[1])["lines"]
        self.assertEqual([(line["level"], line["category"], line["message"]) for line in kept],
                         [(level, f"guest:lines:{stream}", text) for level, stream, text in said])

    def test_an_uncaught_exception_keeps_its_class_and_message(self):
        for function, arguments, wanted in [("fails", {"a": "luck"}, "RangeError: no luck"), ("throws-text", {"a": "boom"}, "Error: throwsText threw boom"),
                                            ("fails-frozen", {}, "cold")]:
            with self.subTest(function):
                self.assertIn(wanted, self.call(self.folder / "types.wasm", function, **arguments).stderr)


@unittest.skipUnless(pathlib.Path(INSTALLED, "toolchains/js-starlingmonkey/installed").exists(), "StarlingMonkey is not installed in EVERY_JAVASCRIPT_HOME")
class StarlingMonkeyTypesTest(TypesTest):
    engine = "starlingmonkey"
    bigints = [0, 2**53 - 1]

    def test_integers_are_exact_or_refused(self):
        component = self.folder / "types.wasm"
        self.assertEqual(self.value(component, "big", a=2**63 - 1), 2**63 - 1)
        self.assertEqual(self.value(component, "s64", a=[-(2**63), 2**53 + 1]), [-(2**63), 2**53 + 1])
        self.assertEqual(self.value(component, "u64", a=[2**64 - 1]), [2**64 - 1])
        self.assertIn("a negative bigint that stands alone", self.call(component, "big", a=-1).stderr)


class GivenWitTest(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copytree(DATA / "given", cls.folder / "given")
        done = every("build", cls.folder / "given", "-o", cls.folder / "given.wasm")
        assert done.returncode == 0, done.stderr
        cls.notices = done.stderr

    def test_every_integer_arrives_whole(self):
        component = self.folder / "given.wasm"
        for values in [[0, -128, 0, -32768, 0, -2147483648], [255, 127, 65535, 32767, 4294967295, 2147483647]]:
            self.assertEqual(self.value(component, "integers", **dict(zip("abcdef", values))), values)
        self.assertEqual(self.value(component, "longs", a=2**53 - 1, b=-5), [2**53 - 1, -5])

    def test_records_flags_enumerations_and_nested_options(self):
        component = self.folder / "given.wasm"
        place = {"x-value": 1.5, "level": "very-high", "rights": ["write-all"]}
        self.assertEqual(self.value(component, "place", a=place), place)
        self.assertEqual(self.value(component, "letter", a="😀"), "😀")
        for value in [None, [None], [3]]:
            self.assertEqual(self.value(component, "deep", a=value), value)

    def test_a_result_is_returned_or_thrown(self):
        component = self.folder / "given.wasm"
        self.assertEqual(self.value(component, "check", a=5), 5)
        self.assertIn("zero", self.call(component, "check", a=0).stderr)
        self.assertIn("one", self.call(component, "check", a=1).stderr)

    def test_a_value_that_does_not_fit_is_named(self):
        self.assertIn("the result of tooLarge must be an integer from 0 to 255, not 256", self.call(self.folder / "given.wasm", "too-large").stderr)

    def test_old_names_of_types_are_read_with_a_notice(self):
        self.assertIn("float64", self.notices)


class ReproducibleTest(Case):
    def test_the_same_source_in_two_folders_built_twice_is_one_component(self):
        cids = set()
        for place in ["one", "deeper/two"]:
            self.write(f"{place}/package.json", "{}")
            source = self.write(f"{place}/src/subtract.ts", ARTICLE)
            for _ in range(2):
                built = self.build(source, "--rebuild")
                self.assertEqual(built["how"], "built")
                cids.add(built["cid"])
        self.assertEqual(len(cids), 1)
        self.assertEqual(pathlib.Path(built["file"]).parent.name, "output")
        self.assertRegex(pathlib.Path(built["file"]).name, r"^subtract-[a-z2-7]{18}\.wasm$")

    def test_a_build_is_remembered_until_the_source_changes(self):
        source = self.write("again/f.ts", "export const f = (a: number): number => a;")
        self.assertEqual(self.build(source)["how"], "built")
        self.assertEqual(self.build(source)["how"], "recorded")
        # Another kind of value, though neither the code nor the WIT says so.
        source.write_text("export const f = (a: 1 | 2): number => a;")
        self.assertEqual(self.build(source)["how"], "recorded")
        source.write_text("export const f = (a: number): number => a + 1;")
        self.assertEqual(self.build(source)["how"], "built")


class ProjectTest(Case):
    def test_a_project_of_the_first_tools_builds_as_it_is(self):
        self.write("wit/math.wit", "package fission:math@0.1.0;\nworld math { import wasi:logging/logging; export add: func(a: float64, b: float64) -> float64; }\n")
        self.write("javascript/package.json", '{ "main": "index.js", "scripts": { "build": "node index.js" } }')
        self.write("javascript/index.js", 'import { build } from "@fission-codes/homestar/wasmify";\nawait build({ entryPoint: "src/subtract.ts", outDir: "output" });\n')
        self.write("javascript/tsconfig.json", '{ "extends": "@tsconfig/recommended/tsconfig.json" }')
        self.write("javascript/src/subtract.ts", ARTICLE)
        built = self.build(self.folder / "javascript", "--release")
        self.assertEqual(pathlib.Path(built["file"]).parent, self.folder / "javascript/output")
        self.assertIn("@tsconfig/recommended/tsconfig.json", "".join(built["notices"]))
        self.assertAlmostEqual(self.value(built["file"], "subtract", a=8.3, b=4.4), 3.9)

    def test_plain_javascript_with_comments_builds(self):
        source = self.write("plain/add.mjs", "/** @param {number} a @param {number} b */\nexport const add = (a, b) => a + b;\n")
        self.assertEqual(self.value(self.build(source)["file"], "add", a=1, b=2), 3)


class MistakesTest(Case):
    """Each message alone says how to mend it."""

    def test_mistakes_in_a_source(self):
        for name, source, wanted in [
            ("syntax", "export function f( {", ["m/syntax.ts:1:", "end of file"]),
            ("wrong_type", "export function f(a: number): string { return a }", ["m/wrong_type.ts:1:40: Type 'number' is not assignable to type 'string'"]),
            ("untyped", "export function f(a: any): void {}", ["m/untyped.ts:1:19: parameter `a` of `f` has no type", "a: number"]),
            ("only_default", "export default function f(): void {}", ["export function NAME"]),
            ("overloads", "export function f(a: number): void;\nexport function f(a: string): void;\nexport function f(a: any): void {}", ["2 signatures"]),
            ("generics", "export function f<T>(a: T): void {}", ["`f` is generic", "write the type"]),
            ("package", "import x from 'left-pad';\nexport const f = (): string => x('a');", ["m/package.ts:1:15", "npm install left-pad"]),
            ("node", "import fs from 'node:fs';\nexport const f = (): number => fs.x;", ["is a part of Node.js"]),
            ("loading", "throw new Error('at once');\nexport const f = (): void => {};", ["as it was loaded", "at once"]),
            ("early_log", "import { log } from 'wasi:logging/logging';\nlog('info', 'a', 'b');\nexport const f = (): void => {};", ["call it inside of a function"]),
            ("other_wasi", "// @ts-ignore\nimport { now } from 'wasi:clocks/wall-clock';\nexport const f = (): bigint => now();", ["wasi:clocks/wall-clock", "wit/"]),
        ]:
            with self.subTest(mistake=name):
                self.write("m/package.json", "{}")
                text = self.refused(pathlib.Path(f"m/{name}.ts"), cwd=self.write(f"m/{name}.ts", source).parent.parent)
                for part in wanted:
                    self.assertIn(part, text)

    def test_worlds_that_do_not_fit(self):
        self.write("w/wit/w.wit", "package a:b;\nworld one { export f: func(); export g: func(); }\nworld two { export h: func(); }\n")
        self.write("w/package.json", "{}")
        source = self.write("w/f.ts", "export function f(): void {}")
        text = self.refused(source)
        for part in ["one", "two", "g"]:
            self.assertIn(part, text)
        self.assertIn("three", self.refused(source, "--world", "three"))
        text = self.refused(source, "--world", "one")
        self.assertIn("`g`", text)

    def test_a_world_without_wit_is_told(self):
        self.assertIn("--wit", self.refused(self.write("n/f.ts", "export function f(): void {}"), "--world", "one"))

    def test_an_unknown_engine_names_those_there_are(self):
        text = self.refused(self.write("n/f.ts", "export function f(): void {}"), "--engine", "v8")
        self.assertIn("quickjs", text)
        self.assertIn("starlingmonkey", text)

    def test_tools_that_are_missing_are_named_with_the_command_that_installs_them(self):
        source = self.write("n/f.ts", "export function f(): void {}")
        self.assertIn("apt-get install nodejs npm", self.refused(source, env={"PATH": "/nowhere", "HOME": str(self.folder)}))
        self.assertIn("every toolchain install js", self.refused(source, home=self.folder / "empty"))
        self.assertIn("every toolchain install js-starlingmonkey", self.refused(source, "--engine", "starlingmonkey"))

    def test_npm_without_a_registry_says_what_to_set(self):
        env = {**os.environ, "npm_config_registry": "http://127.0.0.1:9/", "npm_config_cache": str(self.folder / "npm"), "npm_config_fetch_retries": "0"}
        done = subprocess.run([BINARY, "toolchain", "install", "js", "--home", str(self.folder / "offline")], env=env, text=True, capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("npm cannot reach its registry", done.stderr)


if __name__ == "__main__":
    unittest.main()
