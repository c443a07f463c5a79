#!/usr/bin/python3
"""Ties spec/ to code and tests by the ids of its sentences.

A requirement in spec/*.md is a sentence with its id in bold before it: `**ENV-3** A reader MUST …`. Ids are capital
letters and a number. Code and tests cite them: `SPEC ENV-3`, `SPEC ENV-3, ENV-4`; code also `SPEC ENV-3 to ENV-7`.

Refused: a MUST without an id, an id given twice, a requirement that no test cites, a citation of what is not there, and
a range in a test: it claims sentences that nobody looked at one by one.
"""
import pathlib
import re
import subprocess
import sys

ID = r"[A-Z][A-Z0-9]{1,7}-\d+[a-z]?"
DEFINITION = re.compile(rf"\*\*({ID})\*\*")
CITATION = re.compile(rf"\bSPEC[ :]+({ID}(?:(?:,| and| to)?\s*{ID})*)")
RANGE = re.compile(r"\b([A-Z][A-Z0-9]{1,7})-(\d+)(?: to|\.\.|\s?–)(?:\s+(?://|\#)?\s*)?\1-(\d+)\b")
KEYWORD = re.compile(r"\bMUST\b")
CITING = ("*.cpp", "*.h", "*.py", "*.sql", "*.html", "*.js", "*.txt")


def blocks(text):
    """(line number, block) for each paragraph, list item and table row outside code fences and headings."""
    block, start, fenced = [], 0, False
    for number, line in enumerate(text.splitlines() + [""], 1):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        new_block = re.match(r"\s*(?:[-*]\s|\d+\.\s|\||#|\*\*)", line)
        if block and (not line.strip() or fence or fenced or new_block):
            yield start, "\n".join(block)
            block = []
        if line.strip() and not fence and not fenced and not line.startswith("#"):
            start = start if block else number
            block.append(line)


def definitions(specs):
    """({id: file:line}, complaints) of {path: text}."""
    found, complaints = {}, []
    for path, text in sorted(specs.items()):
        for number, block in blocks(text):
            where = f"{path}:{number}"
            defined = DEFINITION.findall(block)
            if not defined and KEYWORD.search(re.sub(r"`[^`]*`", "", block)):
                complaints.append(f"{where}: a MUST without an id (write **ABC-1** before the sentence)")
            for name in defined:
                if name in found:
                    complaints.append(f"{where}: {name} is already defined in {found[name]}")
                found.setdefault(name, where)
    return found, complaints


def named_in(line, known_prefix):
    """The ids that a line of code cites: behind SPEC, or with a prefix that spec/ uses."""
    named = set(known_prefix.findall(line)) if known_prefix else set()
    for citation in CITATION.findall(line):
        named |= set(re.findall(ID, citation))
    return named


def ranges(text, prefixes):
    """(line number, range) of each range of ids, also of one that goes on in the next line."""
    for match in RANGE.finditer(text):
        if match.group(1) in prefixes:
            yield text.count("\n", 0, match.start()) + 1, f"{match.group(1)}-{match.group(2)} to {match.group(1)}-{match.group(3)}"


def check(specs, sources):
    """specs, sources: {path: text}. The complaints, as lines that begin with file:line."""
    found, complaints = definitions(specs)
    prefixes = {name.rsplit("-", 1)[0] for name in found}
    known_prefix = re.compile(rf"\b(?:{'|'.join(sorted(prefixes))})-\d+[a-z]?\b") if prefixes else None
    cited = set()
    for path, text in sorted(sources.items()):
        for number, line in enumerate(text.splitlines(), 1):
            named = named_in(line, known_prefix)
            for name in sorted(named):
                if name not in found:
                    complaints.append(f"{path}:{number}: cites {name}, which spec/ does not have")
            if path.startswith("tests/"):
                cited |= named
        if path.startswith("tests/"):
            complaints += [f"{path}:{number}: a range ({which}) cites no sentence: name each id where it is tested"
                           for number, which in ranges(text, prefixes)]
    complaints += [f"{where}: no test cites {name}" for name, where in sorted(found.items()) if name not in cited]
    return complaints


def main():
    root = pathlib.Path(__file__).resolve().parent.parent

    def read(*patterns):
        listing = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=root, check=True, capture_output=True, text=True)
        paths = [path for path in listing.stdout.split("\0") if path and (root / path).exists()]
        return {path: (root / path).read_text(encoding="utf-8") for path in paths}

    sources = {path: text for path, text in read(*CITING).items() if not path.startswith("tools/")}
    complaints = check(read("spec/*.md"), sources)
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
