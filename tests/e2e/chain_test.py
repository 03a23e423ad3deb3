"""One workflow through all four languages: an order with a list, options, a variant, an enum, bytes and 64-bit integers, each step changing all of it."""
import os
import pathlib
import shutil
import sys
import unittest

import python_test
from toolchain_test import RUST_TARGET, Toolchain

HERE = pathlib.Path(__file__).resolve().parent / "chain"
JAVASCRIPT = pathlib.Path(os.environ["EVERY_JAVASCRIPT_HOME"])  # `every toolchain install js` was run there


def setUpModule():
    python_test.setUpModule()


class Chain(Toolchain):
    def test_a_value_goes_through_typescript_python_rust_and_cpp(self):
        project = self.folder / "chain"
        shutil.copytree(HERE, project)
        toolchains = self.home / "toolchains"
        toolchains.mkdir(parents=True)
        self.home.chmod(0o700)
        for home, names in ((JAVASCRIPT, ("js",)), (python_test.TOOL_HOME, ("python",))):
            for name in names:
                (toolchains / name).symlink_to(home / "toolchains" / name)
        components = []
        for source in ("typescript/order.ts", "python/app.py", "rust", "cpp/order.cpp"):
            built = self.build(source, "-o", f"output/{len(components)}.wasm", folder=project, environment={"CARGO_TARGET_DIR": str(RUST_TARGET)})
            components += ["--fn", built["file"]]
        self.assertIn("1 of 1", self.every("test", "workflows", *components, folder=project).stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
