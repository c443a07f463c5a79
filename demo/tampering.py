"""The exported log: as it is, with a line changed, and cut short, each against a checkpoint saved early."""
import base64
import json

import notes
from scenes import say


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def verify(gateway, export):
    words = ("--checkpoint", gateway.folder / "checkpoint", "--saved", gateway.folder / "checkpoint-saved", "--log-key", gateway.log_key)
    return gateway.run("log", "verify", "--export", export, *words, sealed=False)[0]


def write(path, lines):
    path.write_text("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines), encoding="utf-8")
    return path


def changed(lines):
    """An entry that the saved checkpoint covers says that somebody else did it."""
    out = json.loads(json.dumps(lines))
    leaf = out[5]["leaf"]
    out[5]["leaf"] = leaf[:-1] + ("0" if leaf[-1] != "0" else "1")
    return out


def gather(story):
    gateway, folder = story.gateway, story.gateway.folder
    export = folder / "log.jsonl"
    gateway.must("log", "export", export, "--data", gateway.data, "--checkpoint", folder / "checkpoint")
    lines = lines_of(export)
    cut = [{**lines[0], "size": lines[0]["size"] - 3}, *lines[1:-3]]
    saved, newest = notes.Checkpoint(story.saved), notes.Checkpoint((folder / "checkpoint").read_text(encoding="utf-8"))
    answer = story.cast.anyone.ask("GET", f"/v1/log/consistency?from={saved.size}&to={newest.size}")
    proof = hashes(answer)
    other = [bytes(32)] + proof[1:]
    out = {"rows": gateway.run("log", "verify", "--data", gateway.data, "--saved", folder / "checkpoint-saved")[0],
           "whole": verify(gateway, export), "changed": verify(gateway, write(folder / "changed.jsonl", changed(lines))),
           "truncated": verify(gateway, write(folder / "truncated.jsonl", cut)),
           "signed": saved.is_signed_by(gateway.log_key) and newest.is_signed_by(gateway.log_key),
           "consistent": notes.is_consistent(saved, newest, proof), "consistent_when_changed": notes.is_consistent(saved, newest, other),
           "saved_size": saved.size, "size": newest.size}
    say(f"Loggen, {newest.size} poster, exporteras och stämmer; en ändrad och en avkortad kopia avslöjas.")
    return out


def hashes(answer):
    return [base64.b64decode(text) for text in answer.json()["hashes"]]
