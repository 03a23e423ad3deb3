"""Mistakes people make, and what each is told: what is wrong, where, and how to mend it. A row is one mistake; its words must all be there."""
import os
import pathlib
import shutil
import sys
import unittest

import python_test
from every_process import TOP, Node
from toolchain_test import RUST_TARGET, Toolchain

JAVASCRIPT = pathlib.Path(os.environ["EVERY_JAVASCRIPT_HOME"])  # `every toolchain install js` was run there

WORLD = "package my:greeter;\nworld greeter { export greet: func(name: string) -> string; }\n"
TWO_WORLDS = WORLD + "world other { export greet: func(name: string) -> string; }\n"

# As `every new` writes them, so that the crates are those that other tests have built.
TEMPLATE = TOP / "libs/toolchain/rust/template"
CARGO = (TEMPLATE / "Cargo.toml").read_text().replace("{{name}}", "greeter")
LOCK = (TEMPLATE / "Cargo.lock").read_text().replace("{{name}}", "greeter")
RUST = """wit_bindgen::generate!({ world: "greeter", path: "wit" });
struct Component;
impl Guest for Component {
    fn greet(name: String) -> String { format!("Hello, {name}") }
}
export!(Component);
"""
CPP = '#include "greeter.h"\nextern "C" void exports_greeter_greet(greeter_string_t* name, greeter_string_t* ret) { *ret = *name; }\n'
TS = "export function greet(name: string): string { return `Hello, ${name}`; }\n"
PY = 'def greet(name: str) -> str:\n    return "Hello, " + name\n'


def rust(**changed):
    return {"Cargo.toml": CARGO, "Cargo.lock": LOCK, "src/lib.rs": RUST, "wit/world.wit": WORLD, **changed}


# name: (files, what is built, words, options)
MISTAKES = {
    # any language
    "a path that is not there": ({}, "ap.py", ["ap.py does not exist"]),
    "an empty folder": ({"empty/.keep": ""}, "empty", ["empty", "every new"]),
    "a language that is not known": ({"main.go": "package main"}, "main.go", ["main.go", "docs/guide/any-component.md"]),
    "a folder with two languages": ({"Cargo.toml": CARGO, "package.json": "{}"}, ".", ["Cargo.toml", "package.json"]),
    "WIT with a mistake": ({"app.py": PY, "wit/world.wit": "package my:greeter;\nworld greeter { export greet func(); }\n"}, "app.py", ["world.wit:2:", "expected"]),
    "a type in WIT that is not declared": ({"app.py": PY, "wit/world.wit": WORLD.replace("name: string", "name: strng")}, "app.py", ["world.wit:2:", "strng"]),
    "two worlds": ({"app.py": PY, "wit/world.wit": TWO_WORLDS}, "app.py", ["greeter", "other", "--world"]),
    "a world that is not there": ({"app.py": PY, "wit/world.wit": WORLD}, ["app.py", "--world", "greter"], ["greter", "greeter"]),
    "WIT that is not where it was said": ({"app.py": PY}, ["app.py", "--wit", "wat"], ["wat", "does not exist"]),
    # Rust
    "Rust: a mistake in the syntax": (rust(**{"src/lib.rs": RUST.replace("format!", "format!!")}), ".", ["src/lib.rs:4:", "greeter does not compile"]),
    "Rust: a missing export": (rust(**{"src/lib.rs": RUST.replace("fn greet", "fn gret")}), ".", ["src/lib.rs:", "greet", "greeter does not compile"]),
    "Rust: a wrong type": (rust(**{"src/lib.rs": RUST.replace("name: String", "name: u32")}), ".", ["src/lib.rs:4:", "expected", "String"]),
    "Rust: no library for components": (rust(**{"Cargo.toml": CARGO.replace('["cdylib"]', '["rlib"]')}), ".", ["Cargo.toml", "cdylib"]),
    "Rust: a broken manifest": (rust(**{"Cargo.toml": "[package\n"}), ".", ["cargo cannot read", "Cargo.toml:1:9", "expected `]`"]),
    "Rust: no WIT": ({k: v for k, v in rust().items() if not k.startswith("wit/")}, ".", ["There is no WIT in", "wit/world.wit", "world math"]),
    "Rust: another world": (rust(**{"src/lib.rs": RUST.replace('world: "greeter"', 'world: "greter"')}), ".", ["greter", "src/lib.rs:1:"]),
    # C++
    "C++: a mistake in the syntax": ({"greeter.cpp": CPP + "int x = ;\n", "wit/world.wit": WORLD}, "greeter.cpp", ["greeter.cpp:3:", "expected expression"]),
    "C++: a missing export": ({"greeter.cpp": '#include "greeter.h"\n', "wit/world.wit": WORLD}, "greeter.cpp", ["greeter", "exports_greeter_greet"]),
    "C++: a wrong type": ({"greeter.cpp": CPP.replace("greeter_string_t* name", "int name"), "wit/world.wit": WORLD}, "greeter.cpp", ["greeter.cpp:2:"]),
    "C++: no WIT": ({"greeter.cpp": CPP}, "greeter.cpp", ["greeter.cpp", "wit/", "--wit", "world math"]),
    "C++: no compiler": ({"greeter.cpp": CPP, "wit/world.wit": WORLD}, "greeter.cpp", ["clang", "apt-get install"], {"PATH": "/nowhere"}),
    # TypeScript and JavaScript
    "TypeScript: a mistake in the syntax": ({"a.ts": "export function f(: string {}\n"}, "a.ts", ["a.ts:1:"]),
    "TypeScript: a wrong type": ({"a.ts": "export function f(x: string): number { return x; }\n"}, "a.ts", ["a.ts:1:", "not assignable"]),
    "TypeScript: a type no WIT has": ({"a.ts": "export function f(when: Date): string { return '' }\n"}, "a.ts", ["a.ts:1:", "when", "Date"]),
    "TypeScript: no export": ({"a.ts": "function f(x: string): string { return x; }\n"}, "a.ts", ["a.ts", "export"]),
    "TypeScript: a misspelt import": ({"a.ts": 'import { h } from "./helpr";\nexport function f(x: string): string { return h(x); }\n', "helper.ts": "export const h = (x: string) => x;\n"}, "a.ts", ["a.ts:1:", "./helpr"]),
    "TypeScript: a package that is not installed": ({"a.ts": 'import { h } from "left-pad";\nexport function f(x: string): string { return h(x); }\n'}, "a.ts", ["a.ts:1:", "left-pad", "npm install"]),
    "TypeScript: a world without the function": ({"a.ts": "export function gret(name: string): string { return name; }\n", "wit/world.wit": WORLD}, ["a.ts", "--wit", "wit"], ["a.ts", "greet"]),
    "JavaScript: no types": ({"a.js": "export function f(x) { return x; }\n"}, "a.js", ["a.js:1:", "x", "@param"]),
    "JavaScript: no package.json and no entry": ({"web/src/deep/a.css": "", "web/package.json": '{"name": "web"}'}, "web", ["web", "package.json", "main"]),
    "JavaScript: a broken package.json": ({"web/package.json": "{"}, "web", ["package.json"]),
    "JavaScript: no Node": ({"a.ts": TS}, "a.ts", ["node", "apt-get install"], {"PATH": "/nowhere"}),
    "JavaScript: a Node that is too old": ({"a.ts": TS, "bin/node": "#!/bin/sh\necho v16.20.2\n"}, "a.ts", ["node", "v16.20.2", "18"], {"PATH": "bin:/usr/bin:/bin"}),
    # Python
    "Python: a mistake in the syntax": ({"app.py": "def f(x: str) -> str\n    return x\n"}, "app.py", ["app.py:1", "expected ':'"]),
    "Python: tabs and blanks": ({"app.py": "def f(x: str) -> str:\n    if x:\n\treturn x\n    return ''\n"}, "app.py", ["app.py:3", "tab"]),
    "Python: no type": ({"app.py": "def f(x) -> str:\n    return x\n"}, "app.py", ["app.py:1", "x", "x: float"]),
    "Python: a type no WIT has": ({"app.py": "def f(x: complex) -> str:\n    return ''\n"}, "app.py", ["app.py:1", "complex"]),
    "Python: no function": ({"app.py": "x = 1\n"}, "app.py", ["app.py", "function"]),
    "Python: a misspelt import": ({"app.py": "import jsn\n" + PY}, "app.py", ["app.py:1", "jsn", "requirements.txt"]),
    "Python: no interpreter": ({"app.py": PY}, "app.py", ["python3", "apt-get install"], {"PATH": "/nowhere"}),
}

# Sources whose tools are not installed, and the command that installs them.
WITHOUT_TOOLS = {
    "Python": ({"app.py": PY}, "app.py", "every toolchain install python"),
    "TypeScript": ({"a.ts": TS}, "a.ts", "every toolchain install js"),
}


class Mistakes(Toolchain):
    def setUp(self):
        super().setUp()
        self.home.mkdir(mode=0o700)

    def lay_out(self, name, files):
        folder = self.folder / "".join(c if c.isalnum() else "-" for c in name)
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if path.startswith("bin/"):
                file.chmod(0o755)
        folder.mkdir(exist_ok=True)
        return folder

    def told(self, name, files, arguments, environment=None):
        arguments = [arguments] if isinstance(arguments, str) else arguments
        return self.refused("build", *arguments, folder=self.lay_out(name, files), environment={"CARGO_TARGET_DIR": str(RUST_TARGET), **(environment or {})})

    def test_each_is_told_what_is_wrong_where_and_how_to_mend_it(self):
        python_test.setUpModule()
        (self.home / "toolchains").mkdir()
        for tools, language in ((JAVASCRIPT, "js"), (python_test.TOOL_HOME, "python")):
            (self.home / "toolchains" / language).symlink_to(tools / "toolchains" / language)
        only = os.environ.get("EVERY_MISTAKE", "")
        for name, (files, arguments, words, *environment) in MISTAKES.items():
            with self.subTest(name):
                if only not in name:
                    continue
                message = self.told(name, files, arguments, *environment)
                if only or os.environ.get("EVERY_MISTAKES_SHOWN"):
                    print(f"--- {name}\n{message}", flush=True)
                for word in words:
                    self.assertIn(word, message)
                self.assertNotIn("internal error", message.lower())

    def test_tools_that_are_not_installed_are_told_with_their_command(self):
        for name, (files, arguments, words) in WITHOUT_TOOLS.items():
            with self.subTest(name):
                self.assertIn(words, self.told(name, files, arguments))

    def test_a_node_that_runs_builds_what_failed_once_its_tools_are_installed(self):
        source = self.lay_out("node", {"a.ts": TS}) / "a.ts"
        node = Node(self.home, "--fn", source)
        self.addCleanup(node.process.stdout.close)
        self.addCleanup(node.stop)
        node.wait_ready()
        self.assertTrue(any("every toolchain install js" in line for line in node.lines), node.lines)
        (self.home / "toolchains").mkdir(exist_ok=True)
        shutil.copytree(JAVASCRIPT / "toolchains/js", self.home / "toolchains/js", symlinks=True)
        # They are there, so nothing is fetched; the rest is as after fetching.
        self.every("toolchain", "install", "js")
        node.wait_for_line("a.ts is served anew")
        self.assertEqual((200, "Hello, Ada"), node.request("POST", "/greet", {"name": "Ada"})[:2])

    @unittest.skipIf(pathlib.Path("/usr/bin/cargo").exists(), "/usr/bin has a cargo, which is found without PATH")
    def test_rust_without_cargo_is_told_what_to_install(self):
        message = self.told("rust", rust(), ".", {"PATH": "/nowhere", "HOME": str(self.folder), "CARGO_HOME": str(self.folder)})
        for word in ("cargo and rustc are needed", "rustup target add wasm32-unknown-unknown"):
            self.assertIn(word, message)


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
