#!/usr/bin/python3
"""Which files of a target are compiled together: `unity_groups.py SIZE FILE…` prints `group<TAB>file` lines.

What a file keeps to itself, in an unnamed namespace or `static`, must be the only one of its name in a group; so files that
share such a name are never put together. The order of the files decides, so that a change moves few of them.
"""
import re
import sys

TOKEN = re.compile(r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*(?:.|\n)*?\*/|#[^\n]*(?:\\\n[^\n]*)*'
                   r'|[A-Za-z_]\w*|::|\S')
WORD = re.compile(r"[A-Za-z_]\w*$")
TYPES = ("struct", "class", "union", "enum", "concept")
NOT_NAMES = {"operator", "const", "noexcept", "override", "requires"}
MACRO = re.compile(r"[A-Z][A-Z0-9_]+$")  # TEST, BOOST_DESCRIBE_STRUCT …


def tokens(text):
    for match in TOKEN.finditer(text):
        token = match.group()
        if token[0] in "\"'#" or token.startswith(("//", "/*", 'R"')):
            continue
        yield token


def without_template(words):
    """What follows `template <…>`."""
    depth = 0
    for index, word in enumerate(words[1:], 1):
        depth += (word == "<") - (word == ">")
        if depth == 0:
            return words[index + 1:]
    return []


def declared(statement):
    """The name that a declaration at namespace scope declares, or None where the same one may be there twice."""
    words = without_template(statement) if statement[0] == "template" else statement
    if not words or words[0] == "namespace":
        return None
    if words[0] == "using":
        return words[1] if "=" in words else None
    if words[0] in TYPES:
        return next((word for word in words[1:] if WORD.match(word) and word not in TYPES), None)
    name, depth = None, 0
    for word in words:
        depth += (word == "<") - (word == ">")
        if depth:
            continue  # what a template is given
        if word in ("(", "=", "{", ";", "[") and name:
            return name
        if WORD.match(word) and word not in NOT_NAMES:
            name = word
    return name


def private_names(text):
    """Names at namespace scope in unnamed namespaces, and of what is `static`."""
    out, scopes, statement, depth = set(), [], [], 0
    # scopes: True for an unnamed namespace, False for a named one; depth: braces inside of a declaration.
    for token in tokens(text):
        if depth:
            depth += (token == "{") - (token == "}")
            continue
        if token == "{":
            if statement[:1] == ["namespace"] or statement[:2] == ["inline", "namespace"]:
                scopes.append(len(statement) == 1)
                statement = []
            else:
                if (any(scopes) or "static" in statement) and statement:
                    name = declared(statement + ["{"])
                    if name and not MACRO.match(name):
                        out.add(name)
                statement, depth = [], 1
        elif token == "}":
            if scopes:
                scopes.pop()
            statement = []
        elif token == ";":
            if (any(scopes) or "static" in statement) and statement:
                name = declared(statement + [";"])
                if name and not MACRO.match(name):
                    out.add(name)
            statement = []
        else:
            statement.append(token)
            if token == ")" and MACRO.match(statement[0]) and statement.count("(") == statement.count(")"):
                statement = []  # a macro that makes declarations of its own
    return out


def groups(size, files):
    made = []  # (files, names)
    for path in files:
        with open(path, encoding="utf-8") as file:
            names = private_names(file.read())
        for group, taken in made:
            if len(group) < size and not taken & names:
                group.append(path)
                taken |= names
                break
        else:
            made.append(([path], set(names)))
    return [group for group, _ in made]


if __name__ == "__main__":
    for number, group in enumerate(groups(int(sys.argv[1]), sys.argv[2:])):
        for path in group:
            print(f"{number}\t{path}")
