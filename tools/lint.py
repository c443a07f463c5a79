#!/usr/bin/python3
"""Runs clang-tidy (.clang-tidy) on the product's .cpp files; headers are looked at through them. Called by `./dev check`.

    tools/lint.py          those that changed since this branch left origin/main; on origin/main itself, or without it, since the
                           commit before the last. What is not committed yet counts as changed
    tools/lint.py --all    every one of them: a quarter of an hour on two cores

Needs build/lint/compile_commands.json, which `./dev check` makes: the release build without precompiled headers. Exit 1 when clang-tidy complains.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ("--", "*.cpp", ":!tests", ":!bench")


def git(root, *words):
    """Output of a git command; None when it failed."""
    ran = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


def base(root):
    """The newest commit that is taken as looked at; None when there is no earlier one here."""
    head = (git(root, "rev-parse", "-q", "--verify", "HEAD") or "").strip()
    fork = (git(root, "merge-base", "HEAD", "origin/main") or "").strip()
    if fork and fork != head:
        return fork
    return (git(root, "rev-parse", "-q", "--verify", "HEAD~1") or "").strip() or None


def names(listing):
    return sorted(set(filter(None, (listing or "").split("\0"))))


def all_sources(root):
    return [name for name in names(git(root, "ls-files", "-z", *SOURCES)) if (root / name).exists()]


def changed_sources(root, since):
    new = git(root, "ls-files", "-z", "--others", "--exclude-standard", *SOURCES) or ""
    return names((git(root, "diff", "-z", "--name-only", "--diff-filter=d", since, *SOURCES) or "") + new)


def complaints(path):
    ran = subprocess.run(["clang-tidy", "--quiet", "-p", "build/lint", path], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout or ran.stderr if ran.returncode else ""


def main(argv):
    since = base(ROOT)
    if "--all" not in argv and not since:
        print("lint: no earlier commit to compare with; `./dev check --tidy` looks at every file", file=sys.stderr)
        return 0
    paths = all_sources(ROOT) if "--all" in argv else changed_sources(ROOT, since)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(complaints, paths) if text]
    print("".join(found) + f"lint: {len(found)} of {len(paths)} files have complaints", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
