#!/usr/bin/python3
"""Looks through the tracked files for what readers would stumble over and what must never be committed: relative links
of *.md that lead nowhere, pages (*.md) and source files that are named and not here, paths of somebody's machine, key
material, English plurals of the four Swedish words, nouns of policy/ that docs/GLOSSARY.md does not explain, names that it
says are in the code and are not (those stand in its table "Later" until they are), and `flikvakt` commands that the program
does not have.
"""
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
# Brackets keep these patterns from finding themselves.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:w[o]rk|r[o]ot|h[o]me/\w+)/|/tmp/b[a]sh_")
PEM_KEY = re.compile(r"-----B[E]GIN [A-Z ]*PRIVATE KEY-----[\s\\nr\"']*[A-Za-z0-9+/=]{20}")
JWK_KEY = re.compile(r"[\"']d\\?[\"']\s*:\s*\\?[\"'][A-Za-z0-9_-]{40}")
NOUN = re.compile(r"^struct (\w+) \{\n  static constexpr std::uint16_t kTable", re.M)
COMMENT = re.compile(r"//.*")
PAGE = re.compile(r"(?<![\w./-])[\w./-]+\.md\b")
CELL = re.compile(r"^\| ([^|]+) \|", re.M)
IN_CODE = "in code"  # heads the first column of a table of names that exist
# A command is made of its name and its summary; standing verbs are made for each noun that add_standing() is given.
COMMAND = re.compile(r'[({]\s*"([a-z][a-z-]*(?: [a-z][a-z-]*)?)",\s*"[A-Z]')
STANDING_NOUN = re.compile(r'\badd_standing\(\w+, "([a-z-]+)"')
STANDING_VERB = re.compile(r'\bwords \+ " ([a-z-]+)"')
CODE_SPAN = re.compile(r"```.*?```|`[^`\n]*`|^ {4,}\S.*$", re.M | re.S)
SOURCE = re.compile(r"`(([a-z]+)/[\w*./-]+\.(?:cpp|h|py|json|service))[`:]")
USE = re.compile(r"(?<![\w./=-])flikvakt (?![\w ]* v\d)([a-z][a-z-]*)(?: ([a-z][a-z|-]*))?")  # labels of keys end in v1
ENGLISH_PLURAL = re.compile(r"\b(fullmakts|fliks|sparrs|spärrs|kontrakts|spaerr\w*)\b", re.I)


def slug(heading):
    """The anchor of a Markdown heading, as code hosts make it."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", lambda match: match.group(1) or "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", lambda match: "\n" * match.group().count("\n"), text, flags=re.S)


def anchors(text):
    return {slug(heading) for heading in re.findall(r"^#+\s+(.*)$", text, re.M)}


def check_links(path, text, files):
    for match in LINK.finditer(without_code(text)):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        file, _, anchor = target.partition("#")
        found = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        if found not in files and not any(name.startswith(found + "/") for name in files):
            yield match.start(), f"the link `{target}` leads nowhere"
        elif anchor and found.endswith(".md") and anchor not in anchors(files[found]):
            yield match.start(), f"the link `{target}` leads to no heading"


def check_pages(path, text, files):
    """Pages are named by their path here, or by their file name alone. Links are looked at elsewhere."""
    names = {os.path.basename(name) for name in files}
    if path.endswith((".cpp", ".h")):  # `md` may be a member there: only comments name pages
        text = re.sub(r"^(?!//).*?(?=//|$)", lambda code: " " * len(code.group()), text, flags=re.M)
    for match in PAGE.finditer(LINK.sub(lambda link: " " * len(link.group()), text)):
        beside = os.path.normpath(os.path.join(os.path.dirname(path), match.group()))
        if match.group() not in files and match.group() not in names and beside not in files:
            yield match.start(), f"there is no `{match.group()}`"


def check_text(path, text):
    searches = [(MACHINE_PATH, "a path of somebody's machine")]
    if not path.startswith("tests/crypto/"):  # vectors of the key readers are keys
        searches += [(PEM_KEY, "a private key"), (JWK_KEY, "a private key (JWK)")]
    if not path.startswith(("demo/texts/", "tools/")):
        searches.append((ENGLISH_PLURAL, "the plurals are fullmakter, flikar, spärrar, kontrakt"))
    for pattern, what in searches:
        for match in pattern.finditer(text):
            yield match.start(), f"{what}: `{match.group()[:24]}`"


def check_glossary(path, text, glossary):
    for match in NOUN.finditer(text):
        if not re.search(rf"\b{match.group(1)}\b", glossary):
            yield match.start(), f"`{match.group(1)}` is not in docs/GLOSSARY.md"


def check_names(text, code):
    """Names of the glossary that are in no code. `code`: without comments, which speak of what is to come, too."""
    tables = re.finditer(rf"^\| {IN_CODE} \|.*\n\|[-|]+\|\n((?:\|.*\n?)*)", text, re.M)
    for table in tables:
        for cell in CELL.finditer(table.group(1)):
            for name in cell.group(1).split(", "):
                words = r"[ _-]?".join(map(re.escape, re.split("[ -]", name)))
                if not re.search(rf"(?<![A-Za-z]){words}(?![a-z])", code, 0 if name[0].isupper() else re.I):
                    yield table.start(1) + cell.start(), f"`{name}` is in no code: it belongs in the table Later"


def check_sources(text, files):
    folders = {path.split("/")[0] for path in files}
    for match in SOURCE.finditer(text):
        if match.group(2) in folders and not fnmatch.filter(files, match.group(1)):
            yield match.start(), f"there is no `{match.group(1)}`"


def commands(files):
    """Names of the commands of `flikvakt`, from the sources of admin/."""
    sources = [text for path, text in files.items() if re.fullmatch(r"admin/\w+\.cpp", path)]
    nouns, verbs = ({name for text in sources for name in pattern.findall(text)} for pattern in (STANDING_NOUN, STANDING_VERB))
    return ({name for text in sources for name in COMMAND.findall(text)} | {f"{noun} {verb}" for noun in nouns for verb in verbs})


def check_commands(text, known):
    for span in CODE_SPAN.finditer(text):
        for use in USE.finditer(span.group()):
            group, words = use.group(1), (use.group(2) or "").split("|")
            for word in words if group not in known else ():
                if f"{group} {word}" not in known:
                    yield span.start() + use.start(), f"there is no command `{use.group()}`"
                    break


def check(files):
    """files: {path: text} of every tracked text file. The complaints, as lines that begin with file:line."""
    complaints, known = [], commands(files)
    code = "\n".join(COMMENT.sub("", text) for path, text in files.items()
                     if path.endswith((".h", ".cpp")) and not path.startswith("tests/"))
    for path, text in sorted(files.items()):
        found = list(check_text(path, text))
        if not path.startswith(("tests/", "tools/")):
            found += check_pages(path, text, files)
        if path.endswith(".md"):
            found += [*check_links(path, text, files), *check_commands(text, known), *check_sources(text, files)]
        if path == "docs/GLOSSARY.md":
            found += check_names(text, code)
        if path.startswith("policy/"):
            found += check_glossary(path, text, files.get("docs/GLOSSARY.md", ""))
        complaints += [f"{path}:{text.count(chr(10), 0, offset) + 1}: {what}" for offset, what in sorted(found)]
    return complaints


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True)
    files = {}
    for path in listing.stdout.split("\0"):
        if path and (root / path).is_file():
            data = (root / path).read_bytes()
            files[path] = "" if b"\0" in data else data.decode("utf-8", errors="replace")
    complaints = check(files)
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
