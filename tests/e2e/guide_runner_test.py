"""tools/guide: a page that tells the truth passes, one that does not fails with the line."""
import importlib.machinery
import importlib.util
import os
import pathlib
import tempfile
import unittest

from every_process import BINARY, FUNCTIONS, TOP

loader = importlib.machinery.SourceFileLoader("guide", str(TOP / "tools/guide"))
guide = importlib.util.module_from_spec(importlib.util.spec_from_loader("guide", loader))
loader.exec_module(guide)


def page(*lines):
    return "\n".join(lines) + "\n"


class MatchingTest(unittest.TestCase):
    def test_an_ellipsis_stands_for_text_within_a_line_and_alone_for_lines(self):
        self.assertTrue(guide.matches(["receipt bafy… made"], ["receipt bafyabc made"]))
        self.assertFalse(guide.matches(["receipt bafy… made"], ["receipt bafyabc lost"]))
        self.assertTrue(guide.matches(["a", "…", "d"], ["a", "b", "c", "d"]))
        self.assertTrue(guide.matches(["a", "…", "d"], ["a", "d"]))
        self.assertFalse(guide.matches(["a", "d"], ["a", "b", "d"]))
        self.assertFalse(guide.matches(["a", "…"], ["b", "a"]))
        self.assertFalse(guide.matches(["a.c"], ["abc"]))


class FollowingTest(unittest.TestCase):
    def follow(self, *lines):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "page.md"
            file.write_text(page(*lines))
            return guide.follow_page(file, pathlib.Path(BINARY), FUNCTIONS)

    def assert_differs(self, text, *lines):
        with self.assertRaises(guide.Differs) as caught:
            self.follow(*lines)
        self.assertIn(text, str(caught.exception))

    def test_folder_and_exported_variables_go_on_from_block_to_block(self):
        self.assertEqual(2, self.follow("```sh", "mkdir there && cd there", "export WORD=hello", "```",
                                        "```sh", "basename $PWD; echo $WORD", "```", "```output", "there", "hello", "```"))

    def test_a_wrong_output_is_named_with_its_line(self):
        self.assert_differs("line 4: shown is\n5\nprinted was\n4", "```sh", "echo $((2 + 2))", "```", "```output", "5", "```")

    def test_output_that_is_not_shown_is_a_difference(self):
        self.assert_differs("printed was\na\nb", "```sh", "echo a; echo b", "```", "```output", "a", "```")

    def test_an_unexpected_exit_code_is_a_difference(self):
        self.assert_differs("exit code 3 instead of 0", "```sh", "exit 3", "```")
        self.assert_differs("exit code 0 instead of 3", "```sh exit=3", "true", "```")
        self.assertEqual(1, self.follow("```sh exit=3", "exit 3", "```"))

    def test_a_command_that_fails_in_the_middle_fails_the_block(self):
        self.assert_differs("exit code 1", "```sh", "false", "echo after", "```")

    def test_a_page_that_runs_nothing_is_no_test(self):
        self.assert_differs("runs nothing", "# Title", "```json", "{}", "```")

    def test_a_skipped_block_says_why(self):
        self.assert_differs("reason", "```sh skip", "false", "```")

    def test_a_block_without_an_end_is_told(self):
        self.assert_differs("no end", "```sh", "true")

    def test_files_are_written_from_blocks(self):
        self.assertEqual(1, self.follow("```json file=a/b.json", "{}", "```", "```sh", "cat a/b.json", "```", "```output", "{}", "```"))

    def test_a_missing_tool_skips_the_page_and_is_named(self):
        with self.assertRaises(guide.Missing) as caught:
            self.follow("<!-- guide: needs no-such-tool -->", "```sh", "false", "```")
        self.assertIn("no-such-tool", str(caught.exception))

    def test_ports_are_moved_and_shown_as_written(self):
        self.assertEqual(1, self.follow("```sh", "echo http://localhost:3000/ | grep -v ':30[0]0'", "```", "```output", "http://localhost:3000/", "```"))

    def test_a_background_command_is_waited_for_compared_and_stopped(self):
        self.assertEqual(1, self.follow("```sh background=node ready=Local:", "every dev", "```", "```output of=node", "➜ Local: …", "```", "<!-- guide: stop node -->"))
        self.assert_differs("shown for 'node'", "```sh background=node", "echo one", "```", "```output of=node", "two", "```")


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    unittest.main()
