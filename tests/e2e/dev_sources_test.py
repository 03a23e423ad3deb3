"""`every dev` from sources: built, watched, swapped. The sources are WebAssembly text, which needs no tools."""
import os
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from every_process import PATIENCE_S, Node

ANSWER = """(component
  (core module $m (func (export "{name}") (result i32) i32.const {value}))
  (core instance $i (instantiate $m))
  (func (export "{name}") (result u32) (canon lift (core func $i "{name}"))))
"""

# Counts for about a second and then answers.
SLOW = """(component
  (core module $m (func (export "slow") (result i32) (local i64)
    (loop $again
      (local.set 0 (i64.add (local.get 0) (i64.const 1)))
      (br_if $again (i64.lt_u (local.get 0) (i64.const 1000000000))))
    i32.const {value}))
  (core instance $i (instantiate $m))
  (func (export "slow") (result u32) (canon lift (core func $i "slow"))))
"""


def save(path, text):
    path.write_text(text)


def save_by_rename(path, text):
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    os.replace(beside, path)


class DevSourcesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def source(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def node(self, *paths):
        arguments = [a for p in paths for a in ("--fn", p)]
        node = Node(self.folder / "home", *arguments).wait_ready()

        def stop():
            node.process.terminate()
            self.assertEqual(0, node.process.wait(PATIENCE_S), node.lines)
            node.process.stdout.close()

        self.addCleanup(stop)
        return node

    def assert_answers(self, node, name, value):
        self.assertEqual((200, str(value)), node.request("POST", "/" + name, {})[:2])

    def test_a_saved_change_is_served_however_it_is_saved(self):
        source = self.source("a.wat", ANSWER.format(name="answer", value=1))
        node = self.node(source)
        self.assert_answers(node, "answer", 1)
        for value, how in ((2, save), (3, save_by_rename), (4, save)):
            with self.subTest(value=value, how=how.__name__):
                before = len([line for line in node.lines if "is served anew" in line])
                how(source, ANSWER.format(name="answer", value=value))
                self.wait_for_count(node, "is served anew", before + 1)
                self.assert_answers(node, "answer", value)

    def wait_for_count(self, node, text, count):
        with node._changed:
            self.assertTrue(node._changed.wait_for(lambda: len([line for line in node.lines if text in line]) >= count, PATIENCE_S), node.lines)

    def test_a_component_that_is_replaced_is_swapped_as_well(self):
        source = self.source("a.wasm", ANSWER.format(name="answer", value=1))
        node = self.node(source)
        save_by_rename(source, ANSWER.format(name="answer", value=2))
        node.wait_for_line("is served anew")
        self.assert_answers(node, "answer", 2)

    def test_a_file_that_is_known_by_its_times_is_served_whatever_was_lost_of_it(self):
        component = self.source("a.wasm", ANSWER.format(name="answer", value=1))
        # What was changed a moment ago is not remembered.
        time.sleep(2.1)

        def start(value):
            node = Node(self.folder / "home", "--fn", component).wait_ready()
            self.assert_answers(node, "answer", value)
            node.process.terminate()
            self.assertEqual(0, node.process.wait(PATIENCE_S), node.lines)
            node.process.stdout.close()

        start(1)
        known = self.folder / "home" / "cache" / "known-files"
        self.assertEqual(1, len(known.read_text().splitlines()))
        start(1)
        for lost in ("cache/code", "blocks.db"):
            with self.subTest(lost=lost):
                for path in (self.folder / "home").glob(lost + "*"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                start(1)
        # As long as before, and with the times of before, as far as they can be set.
        times = component.stat()
        component.write_text(ANSWER.format(name="answer", value=2))
        os.utime(component, ns=(times.st_atime_ns, times.st_mtime_ns))
        start(2)

    def test_a_build_that_fails_keeps_the_last_good_one(self):
        source = self.source("a.wat", ANSWER.format(name="answer", value=1))
        node = self.node(source)
        save(source, "(component (nonsense))")
        node.wait_for_line("its last good build is still served")
        self.assert_answers(node, "answer", 1)
        save(source, ANSWER.format(name="answer", value=2))
        node.wait_for_line("is served anew")
        self.assert_answers(node, "answer", 2)

    def test_a_source_that_fails_at_the_start_is_waited_for(self):
        source = self.source("a.wat", "(component (nonsense))")
        node = self.node(source)
        self.assertTrue(any("Not able to load" in line for line in node.lines), node.lines)
        save(source, ANSWER.format(name="answer", value=5))
        node.wait_for_line("is served anew")
        self.assert_answers(node, "answer", 5)

    def test_a_source_that_goes_away_and_comes_back_is_served_again(self):
        source = self.source("a.wat", ANSWER.format(name="answer", value=1))
        node = self.node(source)
        source.unlink()
        node.wait_for_line("its last good build is still served")
        self.assert_answers(node, "answer", 1)
        save(source, ANSWER.format(name="answer", value=2))
        node.wait_for_line("is served anew")
        self.assert_answers(node, "answer", 2)

    def test_a_run_under_way_keeps_what_it_began_with(self):
        source = self.source("a.wat", SLOW.format(value=1))
        node = self.node(source)
        answers = []
        asking = threading.Thread(target=lambda: answers.append(node.request("POST", "/slow", {})[:2]))
        asking.start()
        node.wait_for_line("starting workflow")
        save(source, SLOW.format(value=2))
        node.wait_for_line("is served anew")
        asking.join()
        self.assertEqual([(200, "1")], answers)
        self.assert_answers(node, "slow", 2)

    def test_names_that_clash_are_told_and_can_be_called_by_label(self):
        node = self.node(self.source("one.wat", ANSWER.format(name="answer", value=1)), self.source("two.wat", ANSWER.format(name="answer", value=2)))
        self.assertTrue(any("answer is in more than one component" in line and "one::answer" in line and "two::answer" in line for line in node.lines), node.lines)
        for label, value in (("one", 1), ("two", 2)):
            self.assertEqual((200, str(value)), node.run({"run": {"name": "x", "input": {"func": f"{label}::answer", "args": []}}})[:2])

    def test_a_change_of_one_source_leaves_the_others_alone(self):
        first = self.source("one.wat", ANSWER.format(name="first", value=1))
        node = self.node(first, self.source("two.wat", ANSWER.format(name="second", value=2)))
        save(first, ANSWER.format(name="first", value=3))
        node.wait_for_line("one.wat is served anew")
        self.assert_answers(node, "first", 3)
        self.assert_answers(node, "second", 2)
        self.assertFalse(any("two.wat" in line and "anew" in line for line in node.lines), node.lines)


if __name__ == "__main__":
    unittest.main()
