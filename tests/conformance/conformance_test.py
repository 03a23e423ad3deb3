"""The cases against the built binary, and tests of what judges them."""
import pathlib
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "e2e"))

import conformance  # noqa: E402
from every_process import HomeTest, TYPES  # noqa: E402


class ConformanceTest(HomeTest):
    def test_answers_as_the_original_but_where_a_case_says_why_not(self):
        node = self.start("--fn", TYPES).wait_ready()
        problems, count = conformance.run_files(conformance.all_files(), node.runtime_port, "ours")
        self.assertEqual(problems, [])
        self.assertGreater(count, 120)


class JudgeTest(HomeTest):
    def judge(self, text):
        file = self.write("one.case", text)
        node = self.start().wait_ready()
        return conformance.run_files([file], node.runtime_port, "ours")[0]

    def test_notices_another_reply(self):
        problems = self.judge('case x\n> {"jsonrpc":"2.0","method":"health","id":1}\n< {"jsonrpc":"2.0","result":{"healthy":false},"id":1}\n')
        self.assertEqual(len(problems), 1)
        self.assertIn("one.case:3", problems[0])

    def test_notices_a_reply_where_none_is_wanted(self):
        self.assertEqual(len(self.judge('case x\n> {"jsonrpc":"2.0","method":"health","id":1}\n< nothing\n')), 1)

    def test_asks_why_the_two_differ(self):
        with self.assertRaisesRegex(ValueError, "why"):
            self.judge("case x\n> {}\nours < a\noriginal < b\n")


if __name__ == "__main__":
    unittest.main()
