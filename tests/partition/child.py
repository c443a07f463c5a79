"""Speaks with `flikvakt-partition` as spec/partition.md says ("Pipes"), with no code of ours between."""
import base64
import json
import os
import pathlib
import resource
import struct
import subprocess
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FLIKVAKT_BUILD", ROOT / "build" / "release"))
PROGRAM = BUILD / "admin" / "flikvakt-partition"
DATA = ROOT.parent / "shared" / "data"
SEED = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")

PDF = "application/pdf"
FHIR = "application/fhir+json"
XML = "application/xml"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


@dataclass
class Answer:
    status: int
    report: dict
    parts: dict = field(default_factory=dict)     # name: bytes
    previews: dict = field(default_factory=dict)  # name: [bytes]
    seconds: float = 0.0

    @property
    def refusal(self):
        return (self.report.get("refusal") or {}).get("reason")

    def finding_kinds(self):
        return {finding["kind"] for finding in self.report["findings"]}

    def pages(self):
        return {part["name"]: part["pages"] for part in self.report["parts"]}


def pages(first, last):
    return {"kind": "pages", "from": first, "to": last}


def section(code):
    return {"kind": "section", "code": code}


def resources(kind, category=None):
    return {"kind": "resources", "type": kind, **({"category": category} if category else {})}


WHOLE = {"kind": "whole"}


def order(media_type, parts, policy=(), preview_dpi=0):
    """parts: {name: [take, …]}; policy: {finding: action}."""
    return {"media_type": media_type, "parts": [{"name": name, "takes": takes} for name, takes in parts.items()],
            "policy": [{"finding": finding, "action": action} for finding, action in dict(policy).items()],
            "token_seed": SEED, "preview_dpi": preview_dpi}


def frame(ordered, file):
    text = json.dumps(ordered, ensure_ascii=False).encode()
    return b"FVO1" + struct.pack(">IQ", len(text), len(file)) + text + file


def run(program, sent, timeout=120):
    """(status, what it said, seconds)."""
    began = time.monotonic()
    process = subprocess.run([str(program)], input=sent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
                             timeout=timeout, check=False)
    return process.returncode, process.stdout, time.monotonic() - began


def partition(media_type, file, parts, policy=(), preview_dpi=0):
    status, said, seconds = run(PROGRAM, frame(order(media_type, parts, policy, preview_dpi), file))
    if status != 0:
        return Answer(status, {"findings": [], "parts": [], "left_out": []}, seconds=seconds)
    magic, text_bytes, body_bytes = struct.unpack(">4sIQ", said[:16])
    assert magic == b"FVA1" and len(said) == 16 + text_bytes + body_bytes, "the answer is no frame"
    report, body = json.loads(said[16:16 + text_bytes]), said[16 + text_bytes:]
    answer = Answer(status, report, seconds=seconds)
    for part in report["parts"]:
        answer.parts[part["name"]], body = body[:part["size"]], body[part["size"]:]
        answer.previews[part["name"]] = []
        for size in part["previews"]:
            answer.previews[part["name"]].append(body[:size])
            body = body[size:]
    assert body == b"", "bytes of no part"
    return answer


def children_peak_bytes():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
