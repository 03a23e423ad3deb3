"""The layer check says no where it should: a copy of the tree's table with one offence each."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]


class CheckLayersTest(unittest.TestCase):
    def check(self, path, text, table=None):
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder)
            (top / "cmake").mkdir()
            shutil.copy(TOP / "cmake/EveryLibrary.cmake", top / "cmake")
            if table:
                (top / "cmake/EveryLibrary.cmake").write_text(table)
            file = top / path
            file.parent.mkdir(parents=True)
            file.write_text(text)
            done = subprocess.run([sys.executable, TOP / "tools/check_layers.py", top], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_accepts_a_declared_edge(self):
        self.assertEqual(self.check("libs/store/src/a.cc", '#include "every/ipld/cid.h"\n')[0], 0)

    def test_refuses_a_sibling(self):
        code, text = self.check("libs/store/src/a.cc", '#include "every/wasm/executor.h"\n')
        self.assertEqual(code, 1)
        self.assertIn("store may not include every/wasm/", text)

    def test_refuses_the_gateway_a_look_at_the_store(self):
        self.assertEqual(self.check("libs/gateway/src/a.cc", '#include "every/store/store.h"\n')[0], 1)

    def test_refuses_wasmtime_outside_of_wasm(self):
        self.assertEqual(self.check("libs/runtime/src/a.cc", "#include <wasmtime.h>\n")[0], 1)

    def test_refuses_fakes_in_the_product(self):
        self.assertEqual(self.check("libs/runtime/src/a.cc", '#include "every/wasm/testing/fake_executor.h"\n')[0], 1)

    def test_finds_a_cycle_in_the_table(self):
        table = 'set(EVERY_ALLOWED_core "ipld")\nset(EVERY_ALLOWED_ipld "core")\n'
        code, text = self.check("libs/core/src/a.cc", "\n", table)
        self.assertEqual(code, 1)
        self.assertIn("cycle core -> ipld -> core", text)


if __name__ == "__main__":
    unittest.main()
