"""Searches files for what must not be readable in them: each marker raw and in every encoding that somebody might store."""
import base64
import os
import pathlib
import random
import subprocess

import documents


def planted(made, texts):
    """{marker: why}: names, numbers, titles, authors, lines of text, and pieces of the very bytes deposited."""
    out = {}
    for person in documents.people().values():
        out[person["name"]] = out[person["number"]] = out[documents.separated(person["number"])] = person["key"]
    for one in made:
        out[one["title"]] = out[one["author"]] = one["file"]
        content = pathlib.Path(one["path"]).read_bytes()
        place = random.Random(one["file"])
        out[piece_without_newline(content, place)] = one["file"]
        if "text" in one:
            lines = [line.strip() for line in (texts / one["text"]).read_text(encoding="utf-8").splitlines()]
            longest = sorted((line for line in lines if "{" not in line), key=len)[-2:]
            out.update({line[:60]: one["file"] for line in longest})
    return {as_bytes(marker): why for marker, why in out.items()}


def as_bytes(marker):
    return marker if isinstance(marker, bytes) else marker.encode("utf-8")


def piece_without_newline(content, place):
    while True:
        at = place.randrange(len(content) // 4, len(content) - 24)
        piece = content[at:at + 24]
        if b"\n" not in piece and len(set(piece)) > 8:
            return piece


def encodings(marker):
    """name: bytes. Of base64 only what does not depend on the neighbours."""
    out = {"raw": marker, "hex": marker.hex().encode(), "HEX": marker.hex().upper().encode()}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + marker)
        end = len(whole) if (shift + len(marker)) % 3 == 0 else (shift + len(marker)) // 3 * 4
        out[f"base64 at {shift}"] = whole[4 if shift else 0:end]
    try:
        text = marker.decode("utf-8")
        out["UTF-16LE"], out["UTF-16BE"] = text.encode("utf-16-le"), text.encode("utf-16-be")
    except UnicodeDecodeError:
        pass
    for name, data in list(out.items()):
        if name.startswith("base64"):
            out[name + " url"] = data.replace(b"+", b"-").replace(b"/", b"_")
    return out


class Scanner:
    def __init__(self, markers, folder):
        """`folder`: for the list of patterns and the control files."""
        self.markers, self.folder = markers, pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        patterns = {data for marker in markers for data in encodings(marker).values() if b"\n" not in data}
        self.patterns = self.folder / "patterns"
        self.patterns.write_bytes(b"\n".join(sorted(patterns)) + b"\n")

    def scan(self, paths):
        """Every file below `paths` in which some marker is, and how many bytes were looked at."""
        command = ["grep", "-rlaFZ", "-f", str(self.patterns), "--", *map(str, paths)]
        ran = subprocess.run(command, capture_output=True, env={**os.environ, "LC_ALL": "C"}, timeout=120)
        hits = [os.fsdecode(name) for name in ran.stdout.split(b"\0") if name]
        if ran.returncode > 1 and not any(b"No such file" in line or b"No such device" in line for line in ran.stderr.splitlines()):
            raise RuntimeError("grep: " + ran.stderr.decode("utf-8", "replace"))
        size = sum(file.stat().st_size for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
        return {"hits": hits, "bytes": size}

    def control(self):
        """Plants one marker in each encoding; gives back names of those planted and of those found."""
        folder = self.folder / "control"
        folder.mkdir(exist_ok=True)
        marker = next(iter(self.markers))
        for name, data in encodings(marker).items():
            (folder / name.replace(" ", "_")).write_bytes(random.Random(name).randbytes(5000) + data + bytes(100))
        expected = [file.name for file in folder.iterdir()]
        return expected, [pathlib.Path(name).name for name in self.scan([folder])["hits"]]
