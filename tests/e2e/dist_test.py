"""The packages of tools/dist: what is in them, and that what they install runs."""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from every_process import BINARY, TOP

DIST = TOP / "tools/dist"


class DistTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if subprocess.run([BINARY, "--version"], capture_output=True, env={"ASAN_OPTIONS": "help=1", "PATH": "/usr/bin"}, text=True).stderr:
            raise unittest.SkipTest("a sanitized binary is not for packages")
        cls.folder = tempfile.TemporaryDirectory(prefix="every-dist-")
        cls.output = pathlib.Path(cls.folder.name) / "dist"
        done = subprocess.run([DIST, "--binary", BINARY, "--output", cls.output], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def one(self, pattern):
        found = list(self.output.glob(pattern))
        self.assertEqual(len(found), 1, pattern)
        return found[0]

    def runs(self, binary):
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, self.version)

    def is_manual(self, text):
        self.assertIn(".TH EVERY 1", text)
        self.assertFalse(re.search("@[A-Z]+@", text))
        for verb in ("dev", "run", "keys token", "completions"):
            self.assertTrue(f".SS {verb}\n" in text, verb)
        self.assertTrue("\\-\\-token\\-file FILE" in text)
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=text, capture_output=True, text=True, check=True)
            self.assertEqual(done.stderr, "")

    def is_hardened(self, service):
        """As systemd itself judges it: 0 is the most, 10 the least."""
        if shutil.which("systemd-analyze") is None:
            return
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", service], capture_output=True, text=True)
        if done.returncode == 0:  # older ones cannot do this
            self.assertLess(float(re.search(r"exposure level for \S+: (\d+\.\d+)", done.stdout).group(1)), 2.0)
        verified = subprocess.run(["systemd-analyze", "verify", "--man=no", service], capture_output=True, text=True).stderr
        self.assertEqual([line for line in verified.splitlines() if "every.service" in line and "not executable" not in line], [])

    def test_the_archive_holds_the_binary_and_its_manual(self):
        with tempfile.TemporaryDirectory() as folder, tarfile.open(self.one("every-*-linux-*.tar.gz")) as tar:
            tar.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(folder)
            top = next(pathlib.Path(folder).iterdir())
            self.runs(top / "bin/every")
            self.is_manual((top / "share/man/man1/every.1").read_text())
            for name in ("bash/every", "zsh/_every", "fish/every.fish"):
                self.assertIn("every", (top / "share/completions" / name).read_text())

    def test_the_debian_package_holds_a_hardened_service_and_starts_nothing(self):
        if shutil.which("dpkg-deb") is None:
            self.skipTest("dpkg-deb is not installed")
        package = self.one("every_*.deb")
        control = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
        self.assertRegex(control, r"Depends: libc6 \(>= 2\.\d+\)\n")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
            root = pathlib.Path(folder)
            self.runs(root / "usr/bin/every")
            service = (root / "usr/lib/systemd/system/every.service").read_text()
            for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes"):
                self.assertIn(line, service)
            self.is_manual(gzip.decompress((root / "usr/share/man/man1/every.1.gz").read_bytes()).decode())
            script = root / "usr/share/bash-completion/completions/every"
            subprocess.run(["bash", "-n", script], check=True)
            self.is_hardened(root / "usr/lib/systemd/system/every.service")
        names = subprocess.run(["dpkg-deb", "--info", package], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("postinst", names)

    def test_the_npm_package_carries_the_binary_and_runs_nothing(self):
        with tarfile.open(self.one("every-*-npm-*.tgz")) as tar:
            names = tar.getnames()
            package = json.load(tar.extractfile("package/package.json"))
        self.assertIn("package/bin/every", names)
        self.assertEqual(package["bin"], {"every": "bin/every"})
        self.assertNotIn("scripts", package)
        if shutil.which("npm") is None:
            self.skipTest("npm is not installed: its installation is not tried")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "install", "--global", "--offline", "--prefix", folder, self.one("every-*-npm-*.tgz")],
                           check=True, capture_output=True)
            self.runs(pathlib.Path(folder) / "bin/every")

    def test_the_same_binary_gives_the_same_packages(self):
        again = pathlib.Path(self.folder.name) / "again"
        subprocess.run([DIST, "--binary", BINARY, "--output", again], capture_output=True, check=True)
        for path in sorted(self.output.iterdir()):
            self.assertEqual(path.read_bytes(), (again / path.name).read_bytes(), path.name)

    def test_refuses_a_binary_that_needs_more_than_libc(self):
        needy = shutil.which("git") or shutil.which("bash")
        done = subprocess.run([DIST, "--binary", needy, "--output", self.output / "no"], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("link them statically", done.stderr)
