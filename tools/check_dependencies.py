#!/usr/bin/python3
"""Holds the modules to the one direction of docs/ARCHITECTURE.md: refuses an edge that is not listed here, an unknown
module, a cycle among modules, and OpenSSL or SQLite headers outside the modules that wrap them.

Adding an edge is a decision: change ALLOWED here and say why in docs/decisions/. tests/ may include anything of ours.
"""
import pathlib
import re
import subprocess
import sys

ALLOWED = {
    "base": set(),
    "crypto": {"base"},
    "policy": {"base"},
    "audit": {"crypto", "base"},
    "store": {"crypto", "base"},
    # What the gateway links of partition: words, frames, how the child is run. No parser.
    "partition": {"base"},
    # The parsers of foreign bytes. Nothing may depend on them but their own program, `flikvakt-partition`.
    "dissect": {"partition", "crypto", "base"},
    "service": {"policy", "audit", "store", "crypto", "base"},
    "web": {"base"},
    # No store: the gateway reaches rows and documents through service/ only, so no byte leaves without its log entry.
    "gateway": {"partition", "service", "policy", "web", "crypto", "base"},
    "witness": {"audit", "crypto", "base"},
    # No store, no policy, no service: what runs at a partner knows nothing of how the gateway decides.
    "connector": {"witness", "audit", "crypto", "base"},
    "certs": {"crypto", "base"},
    "admin": {"witness", "service", "policy", "audit", "store", "certs", "crypto", "base"},
}
# main.cpp builds every component in order and names the concrete ones: it alone may see both sides.
# The witness's server speaks the gateway's HTTP: these two headers, which know nothing of what the gateway serves.
ALLOWED_FILES = {"admin/main.cpp": {"gateway/connector_hub.h", "gateway/sent_acts.h", "gateway/server.h"},
                 "witness/server.cpp": {"gateway/http_server.h", "gateway/problem.h"},
                 "connector/local_api.cpp": {"gateway/http_server.h", "gateway/problem.h"}}
# Folders of C++ that stand outside the product's modules.
FREE = {"tests", "bench", "build", "cmake"}
WRAPPED = {"openssl": {"crypto", "certs"}, "sqlite": {"store"}}

OURS = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SYSTEM = re.compile(r"^\s*#\s*include\s+[<\"](openssl|sqlcipher|sqlite3)\b")


def includes(text):
    """(line number, path, library) of every include: path for ours, library for a wrapped one."""
    for number, line in enumerate(text.splitlines(), 1):
        system = SYSTEM.match(line)
        if system:
            yield number, None, "openssl" if system.group(1) == "openssl" else "sqlite"
        elif ours := OURS.match(line):
            yield number, ours.group(1), None


def find_cycle(edges):
    """A cycle in {module: modules}, as a list that ends where it began; None when there is none."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        path.append(module)
        for target in sorted(edges.get(module, ())):
            if cycle := visit(target):
                return cycle
        path.pop()
        done.add(module)
        return None

    return next((cycle for module in sorted(edges) if (cycle := visit(module))), None)


def check(files, allowed=None):
    """files: {path: text}. The complaints, as lines that begin with file:line."""
    allowed = ALLOWED if allowed is None else allowed
    complaints, edges = [], {}
    for path, text in sorted(files.items()):
        module = path.split("/")[0] if "/" in path else ""
        if module in FREE:
            continue
        if module not in allowed:
            complaints.append(f"{path}:1: unknown module `{module}`: list it in tools/check_dependencies.py")
            continue
        for number, target_path, library in includes(text):
            where = f"{path}:{number}"
            if library:
                if module not in WRAPPED[library]:
                    complaints.append(f"{where}: {library} headers are for {', '.join(sorted(WRAPPED[library]))} only")
                continue
            target = target_path.split("/")[0] if "/" in target_path else ""
            if target not in allowed:
                complaints.append(f"{where}: `{target_path}` is in no known module (write \"module/file.h\")")
            elif target_path in ALLOWED_FILES.get(path, ()):
                continue
            elif target != module:
                edges.setdefault(module, set()).add(target)
                if target not in allowed[module]:
                    complaints.append(f"{where}: {module} must not depend on {target} (`{target_path}`)")
    for what, graph in (("included", edges), ("allowed", allowed)):
        if cycle := find_cycle(graph):
            complaints.append(f"tools/check_dependencies.py:1: cycle among {what} modules: {' → '.join(cycle)}")
    return complaints


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    listing = subprocess.run(["git", "ls-files", "-z", "*.cpp", "*.h"], cwd=root, check=True, capture_output=True, text=True)
    paths = [path for path in listing.stdout.split("\0") if path and (root / path).exists()]
    complaints = check({path: (root / path).read_text(encoding="utf-8") for path in paths})
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
