"""The packaged binary where nothing else is: in a root of libc alone, and in those of EVERY_BARE_ROOTS (made by tools/bare-root)."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from every_process import BINARY, Node, PATIENCE_S, TYPES, free_port, task

ENTER = 'mount --bind /dev "$0/dev" && exec chroot "$0" /bin/every "$@"'


def unshared(*command):
    """A command with mounts and processes of its own, as root or as root of a user namespace."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", *command]


def may_unshare():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "proc").mkdir()
        (root / "dev").mkdir()
        return subprocess.run(unshared(f"--mount-proc={root}/proc", "sh", "-c", 'mount --bind /dev "$0/dev"', root), capture_output=True).returncode == 0


def libraries(binary):
    """The files the binary is loaded with."""
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", listed)]


@unittest.skipUnless(shutil.which("unshare") and may_unshare(), "this machine lets nobody make a root of its own (unshare, mount)")
class BareRootTest(unittest.TestCase):
    def prepare(self, root):
        for folder in ("proc", "dev", "tmp", "bin"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy2(BINARY, root / "bin/every")
        shutil.copy2(TYPES, root / "tmp/types.wasm")
        (root / "tmp/w.json").write_text(json.dumps({"tasks": [task("sum", "add", [3, 5])]}))

    def enter(self, root, *arguments):
        return unshared(f"--mount-proc={root}/proc", "sh", "-c", ENTER, root, *map(str, arguments))

    def run_in(self, root, *arguments):
        return subprocess.run(self.enter(root, *arguments), capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)

    def works_in(self, root):
        self.prepare(root)
        self.assertIn("every", self.run_in(root, "--version").stdout)
        done = self.run_in(root, "run", "/tmp/w.json", "--fn", "/tmp/types.wasm", "--home", "/tmp/home")
        self.assertEqual(done.stdout.strip(), "8", done.stderr)
        node = Dev(self, root)
        try:
            node.wait_ready()
            status, body, headers = node.run(task("sum", "add", [3, 5]))
            self.assertEqual((status, body, headers["Every-Replayed"]), (200, "8", "true"))
            self.assertEqual(node.run(task("more", "add", [30, 5]))[1], "35")
        finally:
            node.process.kill()
            node.process.wait(PATIENCE_S)
            node.process.stdout.close()

    def test_needs_libc_and_nothing_else(self):
        with tempfile.TemporaryDirectory(prefix="every-bare-") as folder:
            root = pathlib.Path(folder)
            for library in libraries(BINARY):
                place = root / library.relative_to("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(library, place)
            self.works_in(root)
            self.assertLess(len(libraries(BINARY)), 6)

    def test_runs_in_bare_distributions(self):
        roots = [pathlib.Path(root) for root in os.environ.get("EVERY_BARE_ROOTS", "").split(":") if root]
        if not roots:
            self.skipTest("EVERY_BARE_ROOTS names none; tools/bare-root makes them")
        for root in roots:
            with self.subTest(root), tempfile.TemporaryDirectory(dir=root.parent) as folder:
                copy = pathlib.Path(folder) / "root"
                subprocess.run(["cp", "-a", "--reflink=auto", root, copy], check=True)
                self.works_in(copy)


class Dev(Node):
    """`every dev` in a root."""

    def __init__(self, test, root):
        self.test, self.root = test, root
        super().__init__("/tmp/home", "--fn", "/tmp/types.wasm", port=free_port())

    def command(self, *arguments):
        return self.test.enter(self.root, *arguments)


if __name__ == "__main__":
    unittest.main()
