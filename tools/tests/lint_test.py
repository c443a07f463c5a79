import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import lint


class ChangedSources(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "-q", "-b", "main")

    def git(self, *words):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=self.root, check=True, capture_output=True)

    def write(self, *paths):
        for path in paths:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(path)

    def commit(self, *paths):
        self.write(*paths)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "x")

    def changed(self):
        return lint.changed_sources(self.root, lint.base(self.root))

    def test_without_an_earlier_commit_there_is_nothing_to_compare_with(self):
        self.assertIsNone(lint.base(self.root))
        self.commit("base/a.cpp")
        self.assertIsNone(lint.base(self.root))
        self.assertEqual(lint.all_sources(self.root), ["base/a.cpp"])

    def test_on_main_the_last_commit_and_what_is_not_committed_yet_count(self):
        self.commit("base/a.cpp", "base/old.cpp", "base/gone.cpp")
        (self.root / "base/gone.cpp").unlink()
        self.commit("base/b.cpp", "base/b.h", "tests/base/b_test.cpp")
        self.write("policy/new.cpp")
        (self.root / "base/a.cpp").write_text("changed")
        self.assertEqual(self.changed(), ["base/a.cpp", "base/b.cpp", "policy/new.cpp"])

    def test_on_a_branch_all_its_commits_count(self):
        self.commit("base/a.cpp")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit("base/b.cpp")
        self.commit("base/c.cpp")
        self.assertEqual(self.changed(), ["base/b.cpp", "base/c.cpp"])
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(self.changed(), ["base/c.cpp"])


if __name__ == "__main__":
    unittest.main()
