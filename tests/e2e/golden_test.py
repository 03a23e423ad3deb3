"""Every case the original runtime was recorded with, through the built binary: the same identifiers, the same outputs."""
import json
import pathlib
import unittest

from every_process import HomeTest, TYPES, TOP, every

DATA = TOP / "libs/invocation/tests/data"


class GoldenTest(HomeTest):
    def run_full_form(self, name, workflow):
        path = self.write(name + ".json", workflow)
        done = every("run", path, "--fn", TYPES, "--home", self.home, "--json", check=False)
        self.assertTrue(done.stdout.strip().startswith("{"), f"{name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def test_identifiers_and_receipts_equal_the_originals(self):
        golden = json.loads((DATA / "golden.json").read_text())
        self.assertGreater(len(golden["cases"]), 30)
        node = self.start("--fn", TYPES).wait_ready()
        for name, case in golden["cases"].items():
            with self.subTest(name):
                answer = self.run_full_form(name, case["workflow"])
                self.assertEqual(answer["workflow"], case["workflow_cid"])
                self.assertEqual([task["instruction"] for task in answer["tasks"]], case["instruction_cids"])
                if "receipts" not in case:
                    # The original never answered these; ours says what is wrong, unless the case says that ours can do it.
                    if "we_differ" not in case:
                        self.assertEqual(answer["tasks"][-1]["state"], "failed")
                        self.assertTrue(answer["tasks"][-1]["error"]["error"])
                    continue
                if "we_differ" in case:
                    continue
                receipts = {task["receipt"] for task in answer["tasks"]}
                for receipt in case["receipts"]:
                    self.assertIn(receipt["receipt_cid"], receipts)
        self.assertEqual(node.stop(), 0)

    def test_the_wire_captures_give_the_same_notifications_identifiers(self):
        wire = json.loads((DATA / "wire.json").read_text())
        self.start("--fn", TYPES).wait_ready()
        for name, case in wire["cases"].items():
            if "link" in name:
                continue  # needs the linked block in the node: see the runtime's test of links given for bytes
            with self.subTest(name):
                answer = self.run_full_form(name, case["workflow_text"])
                for text in case["notifications"]:
                    notification = json.loads(text)
                    self.assertEqual(answer["workflow"], notification["metadata"]["workflow"]["/"])
                    self.assertIn(notification["receipt_cid"]["/"], [task["receipt"] for task in answer["tasks"]])


if __name__ == "__main__":
    unittest.main()
