#!/usr/bin/python3
"""Checks a receipt, or a person's whole own log, with public keys alone. Written from spec/ only (receipt.md, log-entry.md, log-proof.md,
checkpoint.md, cosignature.md, merkle.md) and sharing no code with the program. Left out: the bounds of numbers that no honest log reaches (2^53
entries or bytes, the year 9999).

    check_receipt.py FILE LOG_KEY [WITNESS_KEY …] [--quorum K]
"""
import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = b"\x01", b"\x04"
RECEIPT_BYTES, OWN_LOG_BYTES = 512 << 10, 256 << 20
LEAF_BYTES, ACT_BYTES, PERSON_BYTES = 169, 87, 120
ACT_LABEL, PERSON_LABEL = b"flikvakt/v1/log-act-commitment", b"flikvakt/v1/log-person-commitment"
READ_OWN_LOG = 6
MOST_BEHIND = 3_600_000  # milliseconds: RCPT-13
OUTCOMES = {1: "permitted", 2: "refused", 3: "recorded"}
ACTORS = {1: "system", 2: "administrator", 3: "staff", 4: "person", 5: "representative"}
LAST_KIND = 119
NO_KIND = {14, 19, 20, 48, 54, 60, 103}
FREE = {107, 108, 109, 116, 117}


class Wrong(Exception):
    """It does not hold; the message says what is wrong."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


# ---- JSON, strictly

def members(value, required, optional=()):
    need(isinstance(value, dict), "expected an object")
    need(set(required) <= set(value) <= set(required) | set(optional), f"expected the members {', '.join(required)}")
    return value


def no_duplicates(pairs):
    need(len(pairs) == len(dict(pairs)), "a member stands twice")
    return dict(pairs)


def no_constant(text):
    raise Wrong(f"not JSON: {text}")


def strict(text):
    try:
        return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant)
    except ValueError as error:
        raise Wrong(f"not JSON: {error}") from None


def of_hex(text, size):
    need(isinstance(text, str) and re.fullmatch("[0-9a-f]*", text) and len(text) == 2 * size, f"expected {size} bytes of lower-case hex")
    return bytes.fromhex(text)


def of_base64url(text, size):
    need(isinstance(text, str) and re.fullmatch("[A-Za-z0-9_-]*", text), "expected base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(len(data) == size and base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, f"expected {size} bytes of base64url")
    return data


def of_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("expected base64") from None
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def number(text):
    need(re.fullmatch("0|[1-9][0-9]{0,15}", text) and int(text) < 2**53, "expected a number")
    return int(text)


# ---- Keys, notes, proofs

def parse_key(text, kind):
    """CHK-6, COS-1: (name, key id, public key)."""
    name, shown_id, key = text.split("+", 2)
    raw = of_base64(key)
    need(raw[:1] == kind and len(raw) == 33, f"`{name}` is no key of this kind")
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]  # CHK-5, COS-2
    need(key_id.hex() == shown_id, f"the key id of `{name}` is another's")
    return name, key_id, Ed25519PublicKey.from_public_bytes(raw[1:])


def signed_by(key, signature, message, what):
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise Wrong(what) from None


def open_checkpoint(note, log, witnesses):
    """CHK-1, CHK-3, CHK-7, CHK-10, CHK-13, COS-3, COS-4, COS-6: (origin, size, root, names of the witnesses that cosigned, the newest of
    their times in seconds, or None)."""
    need("\n\n" in note and note.endswith("\n"), "no note")
    text, lines = note[:-1].rsplit("\n\n", 1)
    text += "\n"
    by_log, cosigned, newest = False, set(), None
    for line in lines.split("\n"):
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "—", "no signature line")
        data = of_base64(parts[2])
        for kind, (name, key_id, key) in [(LOG, log), *((WITNESS, witness) for witness in witnesses)]:
            if (parts[1], data[:4]) != (name, key_id):
                continue
            if kind == LOG:
                signed_by(key, data[4:], text.encode(), "the log's signature is wrong")
                by_log = True
            else:
                need(len(data) == 4 + 72, "a cosignature is not of its size")
                seconds = int.from_bytes(data[4:12], "big")
                signed_by(key, data[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode(), f"the cosignature of {name} is wrong")
                cosigned.add(name)
                newest = max(newest or 0, seconds)
    need(by_log, "the log's key did not sign the checkpoint")
    rows = text[:-1].split("\n")
    need(len(rows) == 3 and rows[0] == log[0], "not a checkpoint of this log")
    root = of_base64(rows[2])
    need(len(root) == 32, "the root is not 32 bytes")
    return rows[0], number(rows[1]), root, cosigned, newest


def parse_proof(text):
    """LPR-1, LPR-2, LPR-3, RCPT-3: (index, hashes, note)."""
    head, divider, note = text.partition("\n\n")
    lines = head.split("\n")
    need(divider and lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) > 1 and lines[1].startswith("index "), "no tlog-proof")
    hashes = [of_base64(line) for line in lines[2:]]
    need(len(hashes) <= 63 and all(len(one) == 32 for one in hashes), "a hash of the path is not 32 bytes")
    return number(lines[1][6:]), hashes, note


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    need(index < size, "the entry is beyond the checkpoint")
    at, last, out = index, size - 1, leaf
    for one in path:
        need(last > 0, "a hash of the path is left over")
        if at % 2 or at == last:
            out = node(one, out)
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            out = node(out, one)
        at, last = at >> 1, last >> 1
    need(last == 0, "a hash of the path is missing")
    return out


def check_consistency(old, new, hashes, old_root, new_root):
    """RFC 9162 section 2.1.4.2, for 0 < old < new."""
    path = list(hashes)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    need(path, "a consistency proof is empty")
    at, last = old - 1, new - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for one in path[1:]:
        need(last > 0, "a hash of a consistency proof is left over")
        if at % 2 or at == last:
            older, newer = node(one, older), node(one, newer)
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            newer = node(newer, one)
        at, last = at >> 1, last >> 1
    need(last == 0 and older == old_root and newer == new_root, f"the log of {new} entries does not begin with that of {old}")


# ---- Receipts

def open_part(shown, size, label, commitment, name):
    """RCPT-4, RCPT-5"""
    members(shown, ("opener", "plaintext"))
    opener, plaintext = of_base64url(shown["opener"], 32), of_hex(shown["plaintext"], size)
    need(hmac.compare_digest(hmac.digest(opener, label + plaintext, "sha256"), commitment), f"`{name}` is not what the leaf commits to")
    return plaintext


def read_act(part):
    """LOG-8, LOG-9"""
    need(part[0] == 1 and part[1] in ACTORS and part[3] in OUTCOMES, "the act part cannot be read")
    need(1 <= part[2] <= LAST_KIND and part[2] not in NO_KIND | FREE, "a kind of act that this checker does not know: is it too old?")
    need(part[1] in (2, 3) or part[23:39] == bytes(16), "the act part names a person")
    return {"actor": ACTORS[part[1]], "kind": part[2], "outcome": OUTCOMES[part[3]], "rule": part[4],
            "reason": int.from_bytes(part[5:7], "big"), "organisation": part[7:23].hex(), "staff": part[23:39].hex(), "act": part[39:55].hex()}


def code(padded):
    text = padded.rstrip(b"\0")
    need(all(0x21 <= one <= 0x7e for one in text), "a code is not visible ASCII")
    return text.decode()


def read_person(part):
    """LOG-10"""
    names = ("person", "actor", "fullmakt", "document", "subject")
    return {**{name: part[16 * i:16 * i + 16].hex() for i, name in enumerate(names)}, "flik": code(part[80:96]),
            "purpose": code(part[96:112]), "bytes": int.from_bytes(part[112:120], "big")}


def check_receipt(receipt, log, witnesses):
    """RCPT-1, RCPT-2, RCPT-3, RCPT-4, RCPT-5, RCPT-15, RCPT-17: what it proves."""
    members(receipt, ("format", "leaf", "proof"), ("act", "person", "withheld"))
    withheld = "withheld" in receipt
    need(not withheld or (receipt["withheld"] is True and not {"act", "person"} & set(receipt)), "withheld is not true, or a part stands beside it")
    need("act" in receipt or "person" not in receipt, "the act part is missing")
    need(receipt["format"] == "flikvakt-receipt/1", "another format")
    leaf = of_hex(receipt["leaf"], LEAF_BYTES)
    need(leaf[0] == 1, "an unknown version of a leaf")
    need(isinstance(receipt["proof"], str), "the proof is no text")
    index, path, note = parse_proof(receipt["proof"])
    origin, size, root, cosigned, newest = open_checkpoint(note, log, witnesses)
    need(root_of_path(index, size, hashlib.sha256(b"\0" + leaf).digest(), path) == root, "the entry is not in that log at that place")
    out = {"index": index, "time": int.from_bytes(leaf[1:9], "big"), "tag": leaf[9:41], "origin": origin, "size": size, "root": root,
           "cosigned": cosigned, "newest": newest}
    if withheld:
        out["withheld"] = True
    if "act" in receipt:
        out["act"] = read_act(open_part(receipt["act"], ACT_BYTES, ACT_LABEL, leaf[41:73], "act"))
    if "person" in receipt:
        out["person"] = read_person(open_part(receipt["person"], PERSON_BYTES, PERSON_LABEL, leaf[105:137], "person"))
    return out


def check_own_log(own, log, witnesses):
    """RCPT-10, RCPT-11, RCPT-12, RCPT-14: what its receipts prove, in order."""
    members(own, ("format", "asked", "tag_key", "receipts", "consistency"))
    members(own["asked"], ("id", "salt"))
    tag_key = of_base64url(own["tag_key"], 32)
    need(own["receipts"], "there is no receipt")
    out, roots, people = [], {}, set()
    for n, receipt in enumerate(own["receipts"]):
        one = check_receipt(receipt, log, witnesses)
        need("person" in one or "act" not in one, f"receipt {n}: the person part is missing")  # RCPT-15, RCPT-17
        need(hmac.digest(tag_key, n.to_bytes(8, "big"), "sha256") == one["tag"], f"receipt {n}: not the person's entry of that number")
        need(roots.setdefault(one["size"], one["root"]) == one["root"], "the log is forked")
        if out:
            need(one["index"] > out[-1]["index"], f"receipt {n}: not later in the log than the one before")
        people |= {one["person"]["person"]} if "person" in one else set()
        need(len(people) < 2, f"receipt {n}: of another person")
        out.append(one)
    for n, one in enumerate(out):  # RCPT-15, RET-2
        need("act" in one or "withheld" in one or one["time"] + 1830 * 86_400_000 <= out[-1]["time"], f"receipt {n}: too young to be pruned")
    sizes = sorted(roots)
    need(len(own["consistency"]) == len(sizes) - 1, "not one consistency proof between each checkpoint and the next")
    for old, new, proof in zip(sizes, sizes[1:], own["consistency"]):
        members(proof, ("from", "to", "hashes"))
        need((proof["from"], proof["to"]) == (old, new), "a consistency proof between other checkpoints")
        check_consistency(old, new, [of_base64url(one, 32) for one in proof["hashes"]], roots[old], roots[new])
    need("act" in out[-1], "the newest entry is not the asking for it")
    need_the_asking(out[-1]["act"], of_hex(own["asked"]["id"], 16), of_hex(own["asked"]["salt"], 16))
    return out


def need_the_asking(newest, asked, salt):
    """RCPT-14"""
    act = hashlib.sha256(b"flikvakt/v1/asking" + asked + salt).digest()[:16].hex()
    need((newest["kind"], newest["outcome"], newest["actor"], newest["act"]) == (READ_OWN_LOG, "permitted", "person", act),
         "the newest entry is not the asking for it")


def check(text, log_key, witness_keys=(), quorum=0):
    """What the file proves, one dictionary an entry; raises Wrong. Of an own log see cosigned_by() too."""
    need(len({key.split("+", 2)[2] for key in witness_keys}) == len({key.split("+")[0] for key in witness_keys}) == len(witness_keys),
         "a witness stands twice, or two have one key")
    log, witnesses = parse_key(log_key, LOG), [parse_key(key, WITNESS) for key in witness_keys]
    value = strict(text)
    need(isinstance(value, dict), "expected an object")
    most = OWN_LOG_BYTES if value.get("format") == "flikvakt-own-log/1" else RECEIPT_BYTES
    need(len(text.encode("utf-8")) <= most, f"longer than {most} bytes")
    if value.get("format") == "flikvakt-own-log/1":
        entries = check_own_log(value, log, witnesses)
    else:
        entries = [check_receipt(value, log, witnesses)]
        need("act" in entries[0] or may_be_pruned(entries[0]), "it holds no part, and is too young to have been pruned")
    covered = cosigned_by(entries, quorum)  # RCPT-13
    need(covered > 0 and (covered == len(entries) or entries[-1]["time"] - entries[covered]["time"] <= MOST_BEHIND),
         f"fewer than {quorum} of these witnesses cosigned what stands under receipt {covered}")
    return entries


def may_be_pruned(entry):
    """RCPT-15, RET-2: by the newest cosignature, else by the clock here."""
    return entry["time"] + 1830 * 86_400_000 <= 1000 * (entry["newest"] or time.time())


def cosigned_by(entries, quorum):
    """RCPT-13: how many of the first entries so many witnesses vouch for."""
    return next((n for n, one in enumerate(entries) if len(one["cosigned"]) < quorum), len(entries))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("file")
    options.add_argument("log_key")
    options.add_argument("witness_key", nargs="*")
    options.add_argument("--quorum", type=int, default=0)
    asked = options.parse_args()
    try:
        with open(asked.file, encoding="utf-8") as file:
            entries = check(file.read(), asked.log_key, asked.witness_key, asked.quorum)
    except Wrong as wrong:
        sys.exit(f"it does not hold: {wrong}")
    for entry in entries:
        shown = {name: entry[name] for name in ("origin", "index", "time", "size", "withheld", "act", "person") if name in entry}
        print(json.dumps({**shown, "cosigned": sorted(entry["cosigned"])}))
    if len(entries) > 1:
        print(f"{cosigned_by(entries, asked.quorum)} of {len(entries)} entries are under checkpoints that {asked.quorum} of these witnesses cosigned",
              file=sys.stderr)


if __name__ == "__main__":
    main()
