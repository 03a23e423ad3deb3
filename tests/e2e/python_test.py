"""Python sources through the built binary. The tool is fetched once, into the build cache; what is built here is thrown away."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

from every_process import BINARY, PATIENCE_S, Node

HERE = pathlib.Path(__file__).resolve().parent / "python"
CACHE = pathlib.Path(os.environ.get("EVERY_CACHE_DIR") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "every-build")
TOOL_HOME = CACHE / "python-toolchain"


def every(*arguments, env=None, cwd=None):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE_S * 3, env={**os.environ, **(env or {})}, cwd=cwd)


def setUpModule():
    made = every("toolchain", "install", "python", "--home", TOOL_HOME)
    if made.returncode != 0:
        raise AssertionError(made.stderr)


class Workshop(unittest.TestCase):
    """A folder with a home that has the tool, and sources."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.home = cls.folder / "home"
        cls.home.mkdir(mode=0o700)
        (cls.home / "toolchains").symlink_to(TOOL_HOME / "toolchains")
        cls.environment = {"XDG_CACHE_HOME": str(cls.folder / "cache")}

    def build(self, *arguments, env=None, cwd=None, home=None):
        return every("build", *arguments, "--home", home or self.home, env={**self.environment, **(env or {})}, cwd=cwd or self.folder)

    def source(self, text, **others):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "app.py").write_text(text)
        for name, content in others.items():
            (folder / name.replace("_DOT_", ".")).write_text(content)
        return folder

    def refused(self, source, *needles, **options):
        made = self.build(source, **options)
        self.assertNotEqual(0, made.returncode, made.stdout)
        for needle in needles:
            self.assertIn(needle, made.stderr)
        return made.stderr


def wheel(folder, name, version, files, tag="py3-none-any"):
    """A wheel as pip wants it."""
    base = name.replace("-", "_")
    info = f"{base}-{version}.dist-info"
    files = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"}
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{base}-{version}-{tag}.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


class TypesTest(Workshop):
    """One component for all its tests: a build takes a while."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wheels = cls.folder / "wheels"
        wheels.mkdir()
        wheel(wheels, "greeting-words", "1.2", {"greeting_words/__init__.py": "HELLO = 'Hello '\n"})
        cls.index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        cls.builds = []
        for name in ("first", "second/deeper"):
            place = cls.folder / name / "types"
            shutil.copytree(HERE / "types", place)
            # Another place, another time, another cache, another home's folder, and nothing taken from the record.
            made = every("build", "app.py", "--rebuild", "--json", "--home", cls.home, cwd=place,
                         env={**cls.index, "XDG_CACHE_HOME": str(cls.folder / name / "cache"), "HOME": str(cls.folder / name)})
            if made.returncode != 0:
                raise AssertionError(made.stderr)
            cls.builds.append((made, json.loads(made.stdout)[0]))
        cls.node = cls.enterClassContext(running(Node(cls.folder / "node", "--fn", cls.builds[0][1]["file"])))

    def call(self, function, /, **arguments):
        return self.node.request("POST", "/" + function, arguments)

    def result(self, function, /, **arguments):
        status, text, _ = self.call(function, **arguments)
        self.assertEqual(200, status, text)
        return json.loads(text)

    def test_the_same_source_gives_the_same_cid_in_two_folders(self):
        (first_made, first), (_, second) = self.builds
        self.assertEqual(("built", "built"), (first["how"], second["how"]))
        self.assertNotIn("another machine may get another CID", first_made.stderr)
        self.assertEqual(first["cid"], second["cid"])

    def test_an_unchanged_source_is_not_built_again_even_with_no_packages_to_be_had(self):
        place = self.folder / "third"
        shutil.copytree(HERE / "types", place)
        made = every("build", place, "--json", "--home", self.home, env={"PIP_NO_INDEX": "1", "XDG_CACHE_HOME": str(self.folder / "first" / "cache")})
        self.assertEqual(0, made.returncode, made.stderr)
        self.assertEqual(("recorded", self.builds[0][1]["cid"]), (json.loads(made.stdout)[0]["how"], json.loads(made.stdout)[0]["cid"]))

    def test_nothing_is_left_beside_the_source(self):
        self.assertEqual({"app.py", "shapes.py", "requirements.txt", "output"}, set(os.listdir(self.folder / "first" / "types")))

    def test_a_build_tool_in_requirements_is_named_and_not_bundled(self):
        self.assertIn("requirements.txt names componentize-py==0.11.1, a tool: it is not bundled, and componentize-py 0.25.1 builds this", self.builds[0][0].stderr)

    def test_plain_values_go_there_and_back(self):
        values = {"a": -(2**63), "b": 255, "c": True, "d": "hé\u0000🙂", "e": [0, 255], "f": [1, -2], "g": [7, "x"], "h": {"x": 1.5, "y-label": "q", "tags": ["t"]},
                  "i": [["k", 1], ["l", 2]], "j": [1.5, 2.25]}
        answer = self.result("ints", **values)
        self.assertEqual({"/": {"bytes": "AP8"}}, answer[4])
        self.assertEqual([v for k, v in values.items() if k != "e"], answer[:4] + answer[5:])

    def test_a_field_that_is_left_out_has_its_default(self):
        self.assertEqual({"x": 1.5, "y-label": "q", "tags": []}, self.result(
            "ints", a=1, b=1, c=False, d="", e=[], f=[], g=[1, ""], h={"x": 1.5, "y-label": "q"}, i=[], j=[])[7])

    def test_enums_flags_unions_and_literals_go_there_and_back(self):
        for colour, shape, perms, size, char in (("red", {"circle": {"radius": 2.5}}, ["read", "write"], "small", "é"),
                                                 ("dark-green", {"square": {"side": 1.5}}, ["write"], "extra-large", "🙂"),
                                                 ("red", {"nothing": None}, [], "small", "x")):
            with self.subTest(shape=shape):
                answer = self.result("paint", colour=colour, shape=shape, perms=perms, size=size, ch=char, f=0.5)
                self.assertEqual([colour, perms, size, char, 0.5], [answer[0], *answer[2:]])
                self.assertEqual(next(iter(shape)), answer[1] if isinstance(answer[1], str) else next(iter(answer[1])))

    def test_unions_of_plain_types_go_there_and_back(self):
        for value in ({"int": 5}, {"str": "x"}, {"bool": True}):
            with self.subTest(value=value):
                self.assertEqual(value, self.result("either", v=value))

    def test_a_parameter_with_a_default_may_be_left_out(self):
        self.assertEqual(7, self.result("multiply", a=3.5))
        self.assertEqual(14, self.result("multiply", a=3.5, b=4))

    def test_keyword_only_parameters_and_nested_dicts(self):
        self.assertEqual([["d", [None, 3]], ["x", [2]]], sorted(self.result("count", numbers=[["x", 1]], deep=[["d", [None, 3]]])))
        self.assertEqual([["x", [6]]], self.result("count", numbers=[["x", 1]], step=5, deep=[]))

    def test_ok_is_the_answer_and_err_is_an_error(self):
        self.assertEqual(0.25, self.result("divide", a=1, b=4))
        status, text, _ = self.call("divide", a=1, b=0)
        self.assertNotEqual(200, status)
        self.assertEqual("division by zero", json.loads(text)["details"]["err"])

    def test_a_package_is_in_the_component(self):
        self.assertEqual((200, "Hello Gary"), self.call("greet", name="Gary")[:2])

    def test_logging_has_its_levels_and_print_is_info(self):
        self.result("levels")
        for line in ("to standard error", "unfinished"):  # the last ones; no answer waits for the log
            self.node.wait_for_line(line)
        lines = [line for line in self.node.lines if "wasm_execution" in line]
        for level, number in (("info", 20), ("warn", 30), ("error", 40), ("error", 50)):
            self.assertTrue(any(f"level={level} " in line and f"at {number}" in line and "guest:python:levels" in line for line in lines), (level, lines))
        self.assertTrue(any("level=warn" in line and "to standard error" in line and "guest:levels:stderr" in line for line in lines), lines)
        self.assertTrue(any("level=info" in line and "unfinished" in line and "guest:levels:stdout" in line for line in lines), lines)

    def test_an_exception_says_its_own_line_and_the_users_place(self):
        status, text, _ = self.call("boom", x=3)
        self.assertNotEqual(200, status)
        self.assertIn("KeyError: 3", json.loads(text)["error"])
        self.assertIn('File \\"app.py\\", line', text)
        self.assertNotIn("every_guest", text)

    def test_a_result_of_another_type_than_the_hint_is_told(self):
        status, text, _ = self.call("lie", x=3)
        self.assertNotEqual(200, status)
        self.assertIn("TypeError: the result of lie must be a str, and is 3", json.loads(text)["error"])


class running:
    def __init__(self, node):
        self.node = node

    def __enter__(self):
        return self.node.wait_ready()

    def __exit__(self, *_):
        self.node.process.terminate()
        self.node.process.wait(PATIENCE_S)
        self.node.process.stdout.close()


class ArticleTest(Workshop):
    def test_a_project_of_the_articles_time_builds_as_it_is_and_answers(self):
        place = self.folder / "project"
        shutil.copytree(HERE / "article", place)
        made = self.build("python", "--release", "--json", cwd=place)
        self.assertEqual(0, made.returncode, made.stderr)
        self.assertIn("float64", made.stderr)
        built = json.loads(made.stdout)[0]
        self.assertEqual(place / "python" / "output" / "multiply.wasm", pathlib.Path(built["file"]))
        with running(Node(self.folder / "node", "--fn", built["file"])) as node:
            self.assertEqual((200, "8.75"), node.request("POST", "/multiply", {"a": 2.5, "b": 3.5})[:2])
            self.assertTrue(any("guest:python:multiply" in line and "2.5 * 3.5 = 8.75" in line for line in node.lines), node.lines)


class EditTest(Workshop):
    """What `every dev` makes of a saved source, with a tool that waits, is what `every build` makes of it."""

    VERSIONS = [f'import json\nimport helper\n\nPLACES = {{"a": {n}, "b": "{n * "x"}"}}\n\ndef tell(name: str) -> str:\n    return json.dumps(PLACES) + helper.word() + name\n' for n in (1, 2, 3)]

    def test_an_edit_gives_the_component_that_a_build_gives(self):
        folder = self.source(self.VERSIONS[0])
        (folder / "helper.py").write_text('def word() -> str:\n    return "one"\n')
        with running(Node(self.home, "--fn", folder / "app.py")) as node:
            for number, text in enumerate(self.VERSIONS[1:], 1):
                (folder / "app.py").write_text(text)
                wanted = f'"a": {number + 1}'
                self.wait_for(node, lambda: wanted in node.request("POST", "/tell", {"name": "Ada"})[1])
                self.wait_for(node, lambda: sum("is served anew" in line for line in node.lines) >= number)
                served = [line.rsplit(" ", 1)[1] for line in node.lines if "is served anew" in line][-1]
                home = self.folder / f"alone-{number}"
                home.mkdir(mode=0o700)
                (home / "toolchains").symlink_to(TOOL_HOME / "toolchains")
                built = json.loads(self.build(folder / "app.py", "--json", "-o", self.folder / "alone.wasm", home=home).stdout)[0]
                self.assertEqual(("built", served), (built["how"], built["cid"]))
            (folder / "app.py").write_text(self.VERSIONS[0].replace("PLACES", "1 / 0\nPLACES", 1))
            node.wait_for_line("app.py:4: ZeroDivisionError")
            (folder / "helper.py").write_text('def word() -> str:\n    return "two"\n')
            (folder / "app.py").write_text(self.VERSIONS[0])
            self.wait_for(node, lambda: "two" in node.request("POST", "/tell", {"name": "Ada"})[1])
        # The tool that waits ends with the node.
        self.assertEqual([], [p for p in self.folder.glob("**/cache/**/warm.so")])

    def wait_for(self, node, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, node.lines)
            time.sleep(0.1)


class MistakesTest(Workshop):
    GOOD = "def add(a: float, b: float) -> float:\n    return a + b\n"

    def test_a_syntax_error_has_its_line(self):
        folder = self.source("def add(a: float)\n    return a\n")
        self.refused(folder, "app.py:1: this is not valid Python: expected ':'")

    def test_a_parameter_without_type_is_named(self):
        self.refused(self.source("\ndef add(a, b: float) -> float:\n    return a + b\n"), "app.py:2: the parameter a of add has no type; write for example a: float")

    def test_a_type_that_wit_lacks_is_named(self):
        self.refused(self.source("def add(a: set[int]) -> float:\n    return 1\n"), "app.py:1: the parameter a of add has the type set[int]", "list[T]")

    def test_a_world_that_is_not_there_is_told_with_those_that_are(self):
        folder = self.source(self.GOOD, math_DOT_wit="package a:b;\nworld math { export add: func(a: f64, b: f64) -> f64; }\n")
        made = self.build(folder, "--world", "maths")
        self.assertNotEqual(0, made.returncode)
        self.assertIn("math", made.stderr)

    def test_a_missing_export_is_named(self):
        folder = self.source(self.GOOD, math_DOT_wit="package a:b;\nworld math { export add: func(a: f64, b: f64) -> f64; export divide: func(a: f64, b: f64) -> f64; }\n")
        self.refused(folder, "divide")

    def test_a_class_without_wit_is_told(self):
        self.refused(self.source("import wit_world\nclass WitWorld(wit_world.WitWorld):\n    def add(self, a, b):\n        return 1\n"), "no WIT", "--wit")

    def test_an_import_of_nothing_is_named(self):
        self.refused(self.source("import numpy\n" + self.GOOD), "app.py:1: imports numpy", "requirements.txt")

    def test_an_exception_while_the_module_loads_has_its_place(self):
        error = self.refused(self.source("PRICES = {}\nPRICE = PRICES['x']\n" + self.GOOD), "app.py:2: KeyError: 'x'", "top level runs when the component is built")
        self.assertNotIn("every_guest", error)

    def test_the_tool_that_is_not_installed_is_told_with_its_command(self):
        self.refused(self.source(self.GOOD), "componentize-py 0.25.1 is needed to build Python and is not installed; install it with: every toolchain install python",
                     home=self.folder / "empty")

    def test_no_python_in_path_is_told_with_the_command_that_installs_it(self):
        self.refused(self.source(self.GOOD), "python3 is needed to build Python", "apt-get install python3", env={"PATH": "/nonexistent"})

    def test_a_package_with_compiled_parts_is_refused_by_name(self):
        wheels = self.folder / "compiled"
        wheels.mkdir()
        wheel(wheels, "fastmath", "1.0", {"fastmath.so": ""}, tag="cp314-cp314-linux_x86_64")
        self.refused(self.source(self.GOOD, requirements_DOT_txt="fastmath==1.0\n"), "requirements.txt names fastmath==1.0, which cannot go into a component", "compiled parts",
                     env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)})

    def test_packages_without_a_connection_are_told(self):
        self.refused(self.source(self.GOOD, requirements_DOT_txt="idna==3.10\n"), "the package index cannot be reached", "build once with a connection",
                     env={"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull, "no_proxy": "*", "PIP_PROXY": ""})


class InstallTest(Workshop):
    def test_installing_without_a_connection_is_told(self):
        made = every("toolchain", "install", "python", "--home", self.folder / "new",
                     env={"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "no_proxy": "*", "PIP_NO_CACHE_DIR": "1"})
        self.assertNotEqual(0, made.returncode)
        self.assertIn("the package index cannot be reached", made.stderr)
        self.assertEqual([], [p.name for p in (self.folder / "new" / "toolchains").iterdir()])


if __name__ == "__main__":
    sys.exit(unittest.main())
