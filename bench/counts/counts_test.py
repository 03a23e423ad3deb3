#!/usr/bin/env python3
"""tools/counts on a made-up binary and a made-up valgrind: what it says of counts that grew, shrank or were never taken."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

COUNTS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "counts"

BINARY = """#!/bin/sh
case $1 in
  --key) echo 'made-up 1.0' ;;
  --list) printf 'encode\\nplan\\n' ;;
esac
"""
# Writes what NAME.count holds as callgrind would; without such a file as if the mark were not found.
VALGRIND = """#!/bin/sh
for word; do
  case $word in --callgrind-out-file=*) out=${word#*=} ;; esac
  name=$word
done
case $name in crash) exit 3 ;; esac
printf 'summary: 1\\n\\ntotals: %s\\n' "$(cat "$(dirname "$0")/$name.count" 2>/dev/null || echo 0)" > "$out"
"""


class CountsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="every-counts-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.program("binary", BINARY)
        self.program("valgrind", VALGRIND)
        self.counted(encode=1000, plan=2000)

    def program(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def counted(self, **counts):
        for name, count in counts.items():
            (self.folder / f"{name}.count").write_text(str(count))

    def run_counts(self, *arguments, path=None):
        done = subprocess.run([sys.executable, COUNTS, "--binary", self.folder / "binary", "--baseline", self.folder / "counts.json", *arguments],
                              capture_output=True, text=True, env={**os.environ, "PATH": path or f"{self.folder}:{os.environ['PATH']}"})
        return done.returncode, done.stdout + done.stderr

    def baseline(self):
        return json.loads((self.folder / "counts.json").read_text())

    def test_what_was_written_is_what_is_compared_with(self):
        self.assertEqual(self.run_counts("--update")[0], 0)
        self.assertEqual(self.baseline(), {"made-up 1.0": {"encode": 1000, "plan": 2000}})
        code, text = self.run_counts()
        self.assertEqual(code, 0, text)
        self.assertIn("+0.0%", text)

    def test_more_instructions_than_before_fail_and_are_named(self):
        self.run_counts("--update")
        self.counted(plan=2070)
        code, text = self.run_counts()
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"plan +2,070 +2,000 +\+3.5% MORE")
        self.assertNotRegex(text, r"encode .*MORE")

    def test_a_little_more_and_much_less_pass(self):
        self.run_counts("--update")
        self.counted(encode=500, plan=2050)
        code, text = self.run_counts()
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"encode .*-50.0% fewer")

    def test_another_compiler_is_not_judged_and_says_so(self):
        (self.folder / "counts.json").write_text(json.dumps({"other 2.0": {"encode": 1, "plan": 1}}))
        code, text = self.run_counts()
        self.assertEqual(code, 0, text)
        self.assertIn("NOT JUDGED: there are no counts of made-up 1.0 to compare with, only of: other 2.0", text)

    def test_updating_keeps_the_counts_of_other_compilers(self):
        (self.folder / "counts.json").write_text(json.dumps({"other 2.0": {"encode": 1}}))
        self.run_counts("--update")
        self.assertEqual(set(self.baseline()), {"other 2.0", "made-up 1.0"})

    def test_updating_one_workload_keeps_the_others(self):
        self.run_counts("--update")
        self.counted(encode=1, plan=3000)
        self.run_counts("--update", "plan")
        self.assertEqual(self.baseline()["made-up 1.0"], {"encode": 1000, "plan": 3000})

    def test_nothing_counted_is_no_count(self):
        (self.folder / "plan.count").unlink()
        code, text = self.run_counts()
        self.assertEqual(code, 1, text)
        self.assertIn("callgrind counted nothing of plan", text)

    def test_work_that_fails_is_no_count(self):
        self.program("binary", BINARY.replace("plan", "crash"))
        code, text = self.run_counts()
        self.assertEqual(code, 1, text)
        self.assertIn("crash failed under valgrind", text)

    def test_a_workload_nobody_knows_is_refused(self):
        code, text = self.run_counts("palm")
        self.assertEqual(code, 2, text)
        self.assertIn("there are encode, plan", text)

    def test_without_valgrind_it_is_skipped(self):
        (self.folder / "valgrind").unlink()
        code, text = self.run_counts(path=str(self.folder))
        self.assertEqual(code, 77, text)


if __name__ == "__main__":
    unittest.main()
