"""Projects made, built and tested by the built binary, one class a language; CTest runs each class under its label."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from every_process import BINARY, FUNCTIONS, PATIENCE_S, Node

CACHE = pathlib.Path(os.environ.get("EVERY_CACHE_DIR") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "every-build")
# The crates that make bindings are built once, where functions/build has them.
RUST_TARGET = CACHE / "functions" / "rust-target"


class Toolchain(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="every-toolchain-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.home = self.folder / "home"

    def every(self, *arguments, folder=None, environment=None, expect=0):
        verb = arguments[0]
        home = [] if verb in ("new", "test") else ["--home", str(self.home)]
        done = subprocess.run([BINARY, *map(str, arguments), *home], cwd=folder or self.folder, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE_S * 4, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(environment or {})})
        if expect is not None:
            self.assertEqual(done.returncode, expect, f"every {arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def build(self, *arguments, **options):
        return json.loads(self.every("build", *arguments, "--json", **options).stdout)[0]

    def refused(self, *arguments, **options):
        done = self.every(*arguments, expect=None, **options)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stderr

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class General(Toolchain):
    def test_a_component_is_taken_as_it_is(self):
        built = self.build(FUNCTIONS / "subtract.wasm")
        self.assertEqual(built["how"], "as-is")
        self.assertEqual(built["file"], str((FUNCTIONS / "subtract.wasm").resolve()))

    def test_a_core_module_with_its_type_becomes_a_component(self):
        built = self.build(FUNCTIONS / "math.wasm", "--out-dir", "made")
        self.assertEqual(built["how"], "built")
        self.assertEqual([one["name"] for one in built["exports"]], ["add", "divide"])
        self.assertEqual(self.build(built["file"])["how"], "as-is")

    def test_what_language_runtimes_export_is_not_shown(self):
        self.assertEqual([one["name"] for one in self.build(FUNCTIONS / "subtract.wasm")["exports"]], ["subtract"])
        self.assertEqual([one["name"] for one in self.build(FUNCTIONS / "multiply.wasm")["exports"]], ["multiply"])

    def test_imports_are_folded_by_package_unless_all_are_wanted(self):
        folded = self.every("build", FUNCTIONS / "subtract.wasm").stdout
        self.assertRegex(folded, r"wasi:io@0\.2\.\d+ \(\d interfaces\)")
        self.assertNotIn("wasi:io/streams", folded)
        self.assertIn("wasi:io/streams", self.every("build", FUNCTIONS / "subtract.wasm", "--verbose").stdout)

    def test_text_becomes_a_component_where_it_is_asked_for(self):
        self.write("empty.wat", "(component)")
        built = self.build("empty.wat", "-o", "out/made.wasm")
        self.assertEqual((self.folder / "out/made.wasm").read_bytes()[:4], b"\0asm")
        self.assertEqual(built["how"], "built")

    def test_mistakes_say_what_to_do(self):
        self.write("module.wat", "(module)")
        self.write("README.md", "text")
        self.write("broken.wat", "(component")
        for arguments, words in (
                (["build"], "every build app.py"),
                (["build", "absent.py"], "absent.py does not exist"),
                (["build", "README.md"], ".py"),
                (["build", "module.wat"], "component-type"),
                (["build", "broken.wat"], "expected `)`"),
                (["build", "a", "b", "-o", "c"], "--out-dir"),
                (["new"], "--lang"),
                (["new", "a"], "--lang"),
                (["new", "MyName", "--lang", "cpp"], "try `my-name`"),
                (["new", "a", "--lang", "cobol"], "rust, ts, js, python"),
                (["test", "."], "expected.json"),
                (["test", "nowhere"], "does not exist"),
                (["toolchain", "install", "cobol"], "there is no toolchain `cobol`"),
                (["toolchain", "install", "js", "cobol"], "there is no toolchain `cobol`"),
                (["toolchain", "install"], "say which tools to fetch: "),
        ):
            with self.subTest(arguments):
                self.assertIn(words, self.refused(*arguments))

    def test_several_paths_are_built_and_a_failing_one_fails_all_at_the_end(self):
        self.write("empty.wat", "(component)")
        self.write("broken.wat", "(component")
        done = self.every("build", "broken.wat", "empty.wat", expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("broken.wat", done.stderr)
        self.assertTrue((self.folder / "output/empty.wasm").exists())

    def test_without_tools_the_message_names_the_package(self):
        self.write("wit/w.wit", "package a:b; world w { export f: func(); }")
        self.write("a.cpp", "")
        self.write("rust/Cargo.toml", "[package]\nname = \"a\"\n")
        nothing = {"PATH": "/nowhere", "HOME": str(self.folder), "CARGO_HOME": str(self.folder), "WASI_SDK_PATH": ""}
        self.assertIn("apt-get install clang-19", self.refused("build", "a.cpp", environment=nothing))
        if not pathlib.Path("/usr/bin/cargo").exists():
            self.assertIn("cargo and rustc are needed", self.refused("build", "rust", environment=nothing))

    def test_doctor_says_what_is_missing_and_how_to_mend_it(self):
        rows = json.loads(self.every("doctor", "--json", environment={"PATH": "/nowhere", "WASI_SDK_PATH": ""}).stdout)
        clang = next(row for row in rows if row["name"].startswith("clang"))
        self.assertEqual(clang["state"], "missing")
        self.assertIn("apt-get install", clang["install"])
        self.assertFalse(clang["needed"])

    def test_doctor_fails_when_the_home_cannot_be_used(self):
        self.home.write_text("a file, no folder")
        self.assertIn(str(self.home), self.refused("doctor"))

    def test_workflows_with_expected_results_are_tests(self):
        task = {"run": {"name": "add", "input": {"func": "add", "args": [3.1, 5.2]}}}
        self.write("w/add.json", json.dumps({"tasks": [task]}))
        self.write("w/add.expected.json", '{"result": 8.3, "results": {"add": 8.3}}')
        zero = {"run": {"name": "divide", "input": {"func": "divide", "args": [1, 0]}}}
        self.write("w/zero.json", json.dumps({"tasks": [zero]}))
        self.write("w/zero.expected.json", '{"error": {"code": "guest_trap", "task": "divide"}}')
        done = self.every("test", "w", "--fn", FUNCTIONS / "math.wasm")
        self.assertIn("2 of 2", done.stderr)
        self.write("w/zero.expected.json", '{"result": 1}')
        self.write("w/refused.json", '{"tasks": [{"run": {"name": "a", "input": {"func": "absent", "args": []}}}]}')
        self.write("w/refused.expected.json", '{"result": 1}')
        done = self.every("test", "w", "--fn", FUNCTIONS / "math.wasm", "--junit", "report.xml", "--json", expect=1)
        rows = {row["name"]: row for row in json.loads(done.stdout)}
        self.assertTrue(rows["add"]["passed"])
        self.assertIn("it failed", rows["zero"]["problems"][0])
        self.assertIn("absent", rows["refused"]["problems"][0])
        self.assertIn('failures="2"', (self.folder / "report.xml").read_text())

    def test_an_existing_folder_is_refused_and_untouched(self):
        self.write("hello/mine.txt", "mine")
        self.assertIn("exists already", self.refused("new", "hello", "--lang", "cpp"))
        self.assertEqual(os.listdir(self.folder / "hello"), ["mine.txt"])


class Cpp(Toolchain):
    def test_a_new_project_builds_and_answers(self):
        self.every("new", "hello-world", "--lang", "cpp")
        project = self.folder / "hello-world"
        built = self.build(".", "--release", folder=project)
        self.assertEqual(built["file"], str((project / "output/hello-world.wasm").resolve()))
        self.assertIn("1 of 1", self.every("test", ".", folder=project).stderr)
        again = self.build(".", "--release", folder=project)
        self.assertEqual((again["how"], again["cid"]), ("recorded", built["cid"]))

    def test_a_run_takes_a_source_as_well_as_a_component(self):
        self.every("new", "hello", "--lang", "cpp")
        self.assertIn("Hello, Ada! Hello, Ada!", self.every("run", "hello/workflows/greet.json", "--fn", "hello").stdout)
        self.assertTrue((self.folder / "hello/output/hello.wasm").exists())

    def test_a_wasi_sdk_is_used_where_it_is_named(self):
        # The parts of Debian's packages, laid out as a WASI SDK.
        for program in ("clang", "clang++"):
            stand_in = self.write(f"sdk/bin/{program}", f'#!/bin/sh\nexec {shutil.which(program + "-19")} "$@" --target=wasm32-wasi\n')
            stand_in.chmod(0o755)
        self.every("new", "hello", "--lang", "cpp")
        made = self.every("build", "hello", environment={"WASI_SDK_PATH": str(self.folder / "sdk")})
        self.assertIn("wasi-sdk", made.stderr)
        self.assertIn("1 of 1", self.every("test", "hello").stderr)

    @unittest.skipUnless(shutil.which("zig"), "zig is not installed (python3 -m pip install ziglang has it)")
    def test_zig_is_used_where_there_is_no_clang(self):
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "zig").symlink_to(shutil.which("zig"))
        self.every("new", "hello", "--lang", "cpp")
        made = self.every("build", "hello", environment={"PATH": str(bin_folder)})
        self.assertIn("zig", made.stderr)
        self.assertIn("1 of 1", self.every("test", "hello").stderr)

    def test_the_same_source_in_two_folders_is_one_component(self):
        cids = set()
        for place in ("one", "two/deeper"):
            (self.folder / place).mkdir(parents=True)
            self.every("new", "hello", "--lang", "cpp", folder=self.folder / place)
            for profile in ([], ["--release"]):
                built = self.build(".", "--rebuild", *profile, folder=self.folder / place / "hello")
                cids.add((bool(profile), built["cid"]))
                self.assertNotIn(str(self.folder).encode(), pathlib.Path(built["file"]).read_bytes())
        self.assertEqual(len(cids), 2)

    def test_a_record_serves_where_there_is_no_compiler(self):
        self.every("new", "hello", "--lang", "cpp")
        project = self.folder / "hello"
        built = self.build(".", "--export-records", "records.cbor", folder=project)
        shutil.move(project / "records.cbor", self.folder / "records.cbor")
        shutil.rmtree(project / "output")
        shutil.rmtree(self.home)
        again = self.build(".", "--import-records", self.folder / "records.cbor", folder=project)
        self.assertEqual((again["how"], again["cid"]), ("recorded", built["cid"]))

    def test_c_and_several_files_make_one_component_and_printf_is_heard(self):
        self.write("p/wit/w.wit", "package a:b;\nworld sums { export sum: func(a: s32, b: s32) -> s32; }\n")
        self.write("p/main.c", '#include "sums.h"\n#include <stdio.h>\nint plus(int, int);\n'
                               'int32_t exports_sums_sum(int32_t a, int32_t b) { printf("summing\\n"); return plus(a, b); }\n')
        self.write("p/src/plus.c", "int plus(int a, int b) { return a + b; }\n")
        self.assertEqual(self.build("p")["exports"][0]["signature"], "sum: func(a: s32, b: s32) -> s32")
        self.assertEqual(self.every("call", "sum", "3", "4", "--fn", "p/output/p.wasm").stdout.strip(), "7")

    def test_standard_output_and_error_are_log_lines_with_their_levels(self):
        self.write("wit/w.wit", "package a:b;\nworld w { export speak: func(); }\n")
        self.write("w.c", '#include "w.h"\n#include <stdio.h>\n'
                          'void exports_w_speak(void) { printf("to output\\n"); fprintf(stderr, "to error\\n"); printf("unfinished"); fflush(stdout); }\n')
        node = Node(self.folder / "node", "--fn", self.build("w.c")["file"])
        self.addCleanup(node.process.stdout.close)
        self.addCleanup(node.stop)
        node.wait_ready()
        self.assertEqual(node.run({"run": {"name": "a", "input": {"func": "speak", "args": []}}})[0], 200)
        run = json.loads(node.request("GET", "/-/runs")[1])["runs"][0]["id"]
        lines = json.loads(node.request("GET", f"/-/runs/{run}/logs")[1])["lines"]
        self.assertEqual(sorted((line["level"], line["category"], line["message"]) for line in lines),
                         [("info", "guest:speak:stdout", "to output"), ("info", "guest:speak:stdout", "unfinished"), ("warn", "guest:speak:stderr", "to error")])

    def test_old_float_names_are_read_with_a_notice(self):
        self.write("wit/w.wit", "package a:b;\nworld w { export f: func(a: float64) -> float64; }\n")
        self.write("w.c", '#include "w.h"\ndouble exports_w_f(double a) { return a; }\n')
        self.assertIn("float32 and float64 are read as f32 and f64", self.build("w.c")["notices"][0])

    def test_mistakes_say_what_to_do(self):
        source = self.write("a.cpp", "int main() {}\n")
        self.assertIn("wit/world.wit", self.refused("build", "a.cpp"))
        wit = self.write("wit/w.wit", "package a:b;\nworld w { export f: func(text: string) -> u32; }\n")
        self.assertIn("uint32_t exports_w_f(w_string_t *text);", self.refused("build", "a.cpp"))
        source.write_text('#include "w.h"\nuint32_t exports_w_f(w_string_t* text) { return texst->len; }\n')
        error = self.refused("build", "a.cpp")
        self.assertIn("a.cpp:2:", error)
        self.assertIn("does not compile", error)
        source.write_text('#include "w.h"\nuint32_t helper();\nuint32_t exports_w_f(w_string_t* text) { return helper(); }\n')
        self.assertIn("undefined symbol", self.refused("build", "a.cpp"))
        source.write_text('#include "w.h"\nuint32_t exports_w_f(w_string_t* text) { throw 1; }\n')
        self.assertIn("result<", self.refused("build", "a.cpp"))
        wit.write_text("package a:b;\nworld w { exprot f: func(); }\n")
        self.assertIn("w.wit:2:11", self.refused("build", "a.cpp"))
        wit.write_text("package a:b;\nworld one { export g: func(); }\nworld two { export h: func(); }\n")
        self.assertIn("--world one", self.refused("build", "a.cpp"))
        self.assertIn("Did you mean `one`", self.refused("build", "a.cpp", "--world", "ome"))
        self.assertFalse((self.folder / "output").exists())


class Rust(Toolchain):
    environment = {"CARGO_TARGET_DIR": str(RUST_TARGET)}

    def test_a_new_project_builds_and_answers(self):
        self.every("new", "hello-world", "--lang", "rust")
        project = self.folder / "hello-world"
        built = self.build(".", "--release", "--out-dir", "output", folder=project, environment=self.environment)
        self.assertEqual(built["imports"], ["wasi:logging/logging"])
        self.assertIn("1 of 1", self.every("test", ".", folder=project).stderr)

    def test_the_same_source_in_two_folders_is_one_component_that_names_no_folder_of_the_builder(self):
        cids = []
        for place in ("one", "two/deeper"):
            (self.folder / place).mkdir(parents=True)
            self.every("new", "hello", "--lang", "rust", folder=self.folder / place)
            project = self.folder / place / "hello"
            source = project / "src/lib.rs"
            # A panic names its file, and debug information all of them.
            source.write_text(source.read_text().replace("vec![", "assert!(times < 100);\n        vec!["))
            built = self.build(".", "--rebuild", "--out-dir", "output", folder=project, environment=self.environment)
            component = pathlib.Path(built["file"]).read_bytes()
            for name in (str(self.folder), str(pathlib.Path.home()) + "/"):
                self.assertNotIn(name.encode(), component)
            self.assertIn(b"src/lib.rs", component)
            cids.append(built["cid"])
        self.assertEqual(cids[0], cids[1])

    def test_wit_of_old_that_a_macro_reads_is_built_with_a_notice_and_stays_as_it_is(self):
        self.every("new", "sums", "--lang", "rust")
        world = "package a:b;\nworld sums { export half: func(a: float64) -> float64; }\n"
        # Beside the project, and asked for by a path that leads out of it.
        (self.folder / "sums/wit").rename(self.folder / "wit")
        shutil.rmtree(self.folder / "wit/deps", ignore_errors=True)
        wit = self.write("wit/world.wit", world)
        self.write("sums/src/lib.rs", 'wit_bindgen::generate!({ world: "sums", path: "../wit" });\nstruct C;\n'
                                      "impl Guest for C { fn half(a: f64) -> f64 { a / 2.0 } }\nexport!(C);\n")
        built = self.build("sums", "-o", "sums.wasm", environment=self.environment)
        self.assertIn("float32 and float64 are read as f32 and f64", built["notices"][0])
        self.assertEqual(built["exports"][0]["signature"], "half: func(a: f64) -> f64")
        self.assertNotIn(str(self.home).encode(), (self.folder / "sums.wasm").read_bytes())
        self.assertEqual(wit.read_text(), world)
        self.assertEqual(self.every("call", "half", "5", "--fn", "sums.wasm").stdout.strip(), "2.5")
        self.assertEqual(self.build("sums", "-o", "sums.wasm", environment=self.environment)["how"], "recorded")

    def test_mistakes_say_what_to_do(self):
        self.write("broken/Cargo.toml", "[package\n")
        self.assertIn("cargo cannot read", self.refused("build", "broken"))
        self.write("plain/Cargo.toml", '[package]\nname = "plain"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n')
        source = self.write("plain/src/lib.rs", "pub fn f() {}\n")
        self.assertIn('crate-type = ["cdylib"]', self.refused("build", "plain"))
        with open(self.folder / "plain/Cargo.toml", "a") as manifest:
            manifest.write('[lib]\ncrate-type = ["cdylib"]\n')
        self.assertIn("component-type", self.refused("build", "plain"))
        source.write_text("pub fn f() -> u32 { \"text\" }\n")
        error = self.refused("build", "plain")
        self.assertIn("src/lib.rs:1:", error)
        self.assertIn("cargo says why above", error)
        self.write("space/Cargo.toml", '[workspace]\nmembers = ["member"]\n')
        self.write("space/member/Cargo.toml", '[package]\nname = "member"\nversion = "0.1.0"\n[lib]\ncrate-type = ["cdylib"]\n')
        self.write("space/member/src/lib.rs", "")
        self.assertIn("build one of its members: member", self.refused("build", "space"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
