"""tools/packages.txt and packages-test.txt name what the Python of this tree imports: on a machine that has more, nobody would notice."""
import ast
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def tracked_python():
    listing = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / path for path in listing.split("\0") if path and (ROOT / path).exists()]


def imported(path):
    """Top-level names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def package_of(module):
    """The Debian package that a module is of; None when it is not installed from one."""
    found = importlib.util.find_spec(module)
    if found is None or not found.origin:
        return None
    ran = subprocess.run(["dpkg", "-S", found.origin], capture_output=True, text=True, check=False)
    return ran.stdout.split(":")[0] if ran.returncode == 0 else None


class Packages(unittest.TestCase):
    def test_every_import_that_is_not_pythons_or_ours_is_of_a_listed_package(self):
        lists = [(ROOT / "tools" / name).read_text(encoding="utf-8") for name in ("packages.txt", "packages-test.txt")]
        listed = set(re.findall(r"^[a-z0-9.+-]+", "\n".join(lists), re.M))
        files = tracked_python()
        foreign = {name for path in files for name in imported(path)} - {path.stem for path in files} - sys.stdlib_module_names
        self.assertGreaterEqual(foreign, {"cryptography", "OpenSSL", "reportlab", "PIL"})
        self.assertEqual({name: package_of(name) for name in foreign if package_of(name) not in listed}, {})


if __name__ == "__main__":
    unittest.main()
