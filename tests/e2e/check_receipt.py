#!/usr/bin/python3
"""Checks a receipt, a person's whole own log, or the list of the log's keys, with public keys alone. Written from spec/ only (receipt.md,
log-entry.md, log-proof.md, checkpoint.md, cosignature.md, merkle.md; log-keys.md, jws.md, canonical-json.md) and sharing no code with the program. Left
out: the bounds of numbers that no honest log reaches (2^53 entries or bytes, the year 9999).

    check_receipt.py FILE LOG_KEY [WITNESS_KEY …] [--quorum K] [--administrator JWK_FILE …]
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import json
import re
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

LOG, WITNESS = b"\x01", b"\x04"
RECEIPT_BYTES, OWN_LOG_BYTES, LOG_KEYS_BYTES = 512 << 10, 256 << 20, 16 << 20
LOG_KEY_TABLE = 23
LEAF_BYTES, ACT_BYTES, PERSON_BYTES = 169, 87, 120
ACT_LABEL, PERSON_LABEL = b"flikvakt/v1/log-act-commitment", b"flikvakt/v1/log-person-commitment"
RECORD_LABEL = b"flikvakt/v1/log-record-commitment"
READ_OWN_LOG, APPROVE, ROTATE_LOG_KEY = 6, 49, 105
MOST_BEHIND = 3_600_000  # milliseconds: RCPT-13
OUTCOMES = {1: "permitted", 2: "refused", 3: "recorded"}
ACTORS = {1: "system", 2: "administrator", 3: "staff", 4: "person", 5: "representative"}
LAST_KIND = 136
NO_KIND = {14, 19, 20, 48, 54, 60, 103}
FREE = {108, 109, 116, 117, 120, *range(123, 130)}


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


def of_hex(text, size=None):
    need(isinstance(text, str) and re.fullmatch("([0-9a-f]{2})*", text), "expected lower-case hex")
    need(size is None or len(text) == 2 * size, f"expected {size} bytes of lower-case hex")
    return bytes.fromhex(text)


def of_utf8(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Wrong("no UTF-8") from None


def to_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def of_base64url(text, size=None):
    need(isinstance(text, str) and re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "expected base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(size in (None, len(data)) and to_base64url(data) == text, f"expected {size or 'some'} bytes of base64url")
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


def open_checkpoint(note, logs, witnesses):
    """Under any of the keys of one log. CHK-1, CHK-3, CHK-7, CHK-10, CHK-13, COS-3, COS-4, COS-6: (origin, size, root, the newest time in
    seconds of each witness that cosigned, by its name)."""
    need("\n\n" in note and note.endswith("\n"), "no note")
    text, lines = note[:-1].rsplit("\n\n", 1)
    text += "\n"
    by_log, cosigned = False, {}
    for line in lines.split("\n"):
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "—", "no signature line")
        data = of_base64(parts[2])
        for kind, (name, key_id, key) in [*((LOG, log) for log in logs), *((WITNESS, witness) for witness in witnesses)]:
            if (parts[1], data[:4]) != (name, key_id):
                continue
            if kind == LOG:
                signed_by(key, data[4:], text.encode(), "the log's signature is wrong")
                by_log = True
            else:
                need(len(data) == 4 + 72, "a cosignature is not of its size")
                seconds = int.from_bytes(data[4:12], "big")
                signed_by(key, data[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode(), f"the cosignature of {name} is wrong")
                cosigned[name] = max(cosigned.get(name, 0), seconds)
    need(by_log, "the log's key did not sign the checkpoint")
    rows = text[:-1].split("\n")
    need(len(rows) == 3 and rows[0] == logs[0][0], "not a checkpoint of this log")
    root = of_base64(rows[2])
    need(len(root) == 32, "the root is not 32 bytes")
    return rows[0], number(rows[1]), root, cosigned


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


def check_receipt(receipt, logs, witnesses):
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
    origin, size, root, cosigned = open_checkpoint(note, logs, witnesses)
    need(root_of_path(index, size, hashlib.sha256(b"\0" + leaf).digest(), path) == root, "the entry is not in that log at that place")
    out = {"index": index, "time": int.from_bytes(leaf[1:9], "big"), "tag": leaf[9:41], "origin": origin, "size": size, "root": root,
           "cosigned": set(cosigned), "times": sorted(cosigned.values(), reverse=True)}
    if withheld:
        out["withheld"] = True
    if "act" in receipt:
        part = open_part(receipt["act"], ACT_BYTES, ACT_LABEL, leaf[41:73], "act")
        out["act"], out["record"] = read_act(part), part[55:87]
    if "person" in receipt:
        out["person"] = read_person(open_part(receipt["person"], PERSON_BYTES, PERSON_LABEL, leaf[105:137], "person"))
    return out


def check_own_log(own, logs, witnesses):
    """RCPT-10, RCPT-11, RCPT-12, RCPT-14: what its receipts prove, in order."""
    members(own, ("format", "asked", "tag_key", "receipts", "consistency"))
    members(own["asked"], ("id", "salt"))
    tag_key = of_base64url(own["tag_key"], 32)
    need(own["receipts"], "there is no receipt")
    out, roots, people = [], {}, set()
    for n, receipt in enumerate(own["receipts"]):
        one = check_receipt(receipt, logs, witnesses)
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


# ---- The list of the log's keys

def parse_administrator(text):
    """JWS-16, JWS-17: (thumbprint as a `kid` has it, public key) of a JWK."""
    jwk = members(strict(text), ("kty", "crv", "x"), ("y", "kid", "use", "alg"))
    need((jwk["kty"], jwk["crv"], "y" in jwk) in (("OKP", "Ed25519", False), ("EC", "P-256", True)), "no key of an administrator")
    shown = {name: jwk[name] for name in sorted(jwk) if name in ("crv", "kty", "x", "y")}
    thumbprint = hashlib.sha256(json.dumps(shown, separators=(",", ":")).encode()).digest()
    x = of_base64url(jwk["x"], 32)
    key = (ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + x + of_base64url(jwk["y"], 32)) if "y" in jwk
           else Ed25519PublicKey.from_public_bytes(x))
    return to_base64url(thumbprint), key


def canonical(value):
    """JCS-2, JCS-3, JCS-4, JCS-5: names here are of ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def open_jws(text, typ, keys, what):
    """JWS-1, JWS-2, JWS-3, JWS-4, JWS-5, JWS-6, JWS-7, JWS-8, JWS-9, JWS-10, JWS-11, JWS-12: (kid, payload)."""
    parts = text.split(".")
    need(len(parts) == 3 and len(text) <= 65_536, f"what should be the signature of {what} is none")
    head, payload, signature = (of_base64url(part) for part in parts)
    need(all(0x21 <= one <= 0x7e and one != 0x5c for one in head), "a header of a JWS in another spelling")
    header = members(strict(of_utf8(head)), ("alg", "kid", "typ"))
    need(header["kid"] in keys, f"{what} is signed by none of the administrators who are known")
    key = keys[header["kid"]]
    need((header["typ"], header["alg"]) == (typ, "EdDSA" if isinstance(key, Ed25519PublicKey) else "ES256"), f"{what} is signed as something else")
    need(payload and len(signature) == 64, f"the signature of {what} is not of its size")
    signed = (parts[0] + "." + parts[1]).encode()
    if isinstance(key, Ed25519PublicKey):
        signed_by(key, signature, signed, f"the signature of {what} is wrong")
    else:
        halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(encode_dss_signature(*halves), signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Wrong(f"the signature of {what} is wrong") from None
    return header["kid"], payload


def milliseconds(text):
    need(isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text), "expected a time")
    try:
        return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        raise Wrong("expected a time") from None


def open_shown(shown, kind, logs, witnesses, quorum, what):
    """LKEY-12: what a receipt with its record proves, of an act of an administrator; the record stands in `record`."""
    members(shown, ("receipt", "record"))
    out = check_receipt(shown["receipt"], logs, witnesses)
    need(len(out["cosigned"]) >= quorum, f"fewer than {quorum} of these witnesses cosigned the entry in which it was {what}")
    act = out.get("act", {})
    need((act.get("kind"), act.get("outcome"), act.get("actor")) == (kind, "permitted", "administrator"), f"no entry in which a key was {what}")
    members(shown["record"], ("opener", "plaintext"))
    opener, plaintext = of_base64url(shown["record"]["opener"], 32), of_hex(shown["record"]["plaintext"])
    need(hmac.compare_digest(hmac.digest(opener, RECORD_LABEL + plaintext, "sha256"), out["record"]), "the record is not what the entry commits to")
    out["record"] = strict(of_utf8(plaintext))
    need(isinstance(out["record"], dict), "the record is no object")
    return out


def rows_of_keys(record):
    """LKEY-12: (generation, raw key, from) of the rows that an act put, and whether it is the current one."""
    puts = record.get("puts")
    need(isinstance(puts, list), "the record says nothing of what it changed")
    rows = [put["row"] for put in puts if isinstance(put, dict) and put.get("table") == LOG_KEY_TABLE and isinstance(put.get("row"), dict)]
    need(all(isinstance(row.get(name), int) for row in rows for name in ("generation", "from")), "the record holds a key that is none")
    return {(row["generation"], of_base64url(row.get("checkpoint_key"), 32), row["from"]): row.get("status") == "current" for row in rows}


def read_order(entry, administrators, what):
    """LKEY-16: (who signed, the order)."""
    need("evidence" in entry["record"], f"nobody signed {what}")
    text = of_base64url(entry["record"]["evidence"]).decode("ascii", "replace")
    kid, payload = open_jws(text, "flikvakt-admin+jws", administrators, what)
    order = members(strict(of_utf8(payload)), ("id", "audience", "issued", "expires", "act"), ("seen_version",))
    need(canonical(order) == payload, f"{what} is not canonical")
    need(order["id"] == entry["act"]["act"], f"{what} was signed for another act")
    need(milliseconds(order["expires"]) > entry["time"], f"{what} had expired")
    return kid, order


def check_orders(key, origin, raw, announced, logs, witnesses, quorum, administrators):
    """LKEY-16: the thumbprints of the two keys that ordered it."""
    need("proposed" in key, "nothing shows who proposed it")
    proposed = open_shown(key["proposed"], ROTATE_LOG_KEY, logs, witnesses, quorum, "proposed")
    need(proposed["index"] < key["from"], "it was proposed after it was approved")
    first, proposal = read_order(proposed, administrators, "its proposal")
    second, approval = read_order(announced, administrators, "its approval")
    need(first != second, "one administrator alone proposed and approved it")
    need(proposal["audience"] == approval["audience"], "the two orders are for different gateways")
    act = members(proposal["act"], ("kind", "origin", "checkpoint_key", "head_key", "compromised"))
    of_base64url(act["head_key"], 32)
    need(act["kind"] == "rotate_log_key" and isinstance(act["compromised"], bool), "what was proposed is no new key of the log")
    need(act["origin"] == origin, "the administrators ordered a key of another log")
    need(of_base64url(act["checkpoint_key"], 32) == raw, "the administrators ordered another key")
    need(approval["act"] == {"kind": "approve", "proposal": proposal["id"], "act": act}, "what was approved is not what was proposed")
    return [first, second]


def check_statuses(keys):
    """LKEY-11: which status each key has, and up to which sizes."""
    retiring = 0
    for n, (key, later) in enumerate(zip(keys, [*keys[1:], None])):
        name, status = f"key {n + 1}", key["status"]
        need(status in ("current", "retiring", "retired", "compromised"), f"{name} has no status")
        need((status == "current") == (later is None), f"{name}: the last key, and no other, is current")
        retiring += status == "retiring"
        need(retiring < 2, "two keys are retiring")
        need(("to" in key) == (status in ("retired", "compromised")), f"{name}: `to` stands beside a key that signs no more, and no other")
        need(all(isinstance(key[one], int) and not isinstance(key[one], bool) for one in ("from", "to") if one in key), f"{name}: no size")
        need(n > 0 or key["from"] == 0, f"{name} is not from the beginning")
        need(later is None or key["from"] < later["from"], f"key {n + 2} was not announced after the one before")
        need("to" not in key or key["to"] >= later["from"], f"{name} ended before the next one was announced")


def check_log_keys(value, known, witnesses, quorum, administrators=None):
    """LKEY-11, LKEY-12, LKEY-15, LKEY-16: of each key later than the newest of those that are known, who cosigned what announces it, and who
    ordered it. `known`: as they are written; `administrators`: by thumbprint, or None."""
    need(quorum > 0, "without a quorum of witnesses no later key can be proven")
    need(administrators is None or len(administrators) > 1, "a key takes two administrators, and fewer are known")
    members(value, ("format", "origin", "keys"))
    need(isinstance(value["keys"], list), "the keys are no list")
    logs, raws, newest = [], [], None
    for n, key in enumerate(value["keys"]):
        members(key, ("generation", "key", "status", "from", "since"), ("to", "proposed", "announced"))
        need(key["generation"] == n + 1, "the generations are not 1, 2, 3 …")
        logs.append(parse_key(key["key"], LOG))
        need(logs[-1][0] == value["origin"], f"key {n + 1} is of another log")
        raws.append(of_base64(key["key"].split("+", 2)[2])[1:])
        need(raws[-1] not in raws[:-1], f"key {n + 1} was a key of this log before")
        newest = n if key["key"] in known else newest
    check_statuses(value["keys"])
    need(newest is not None, "none of the keys that are known is one of this log's")
    out = []
    for before, key, raw_before, raw in [*zip(value["keys"], value["keys"][1:], raws, raws[1:])][newest:]:
        need("announced" in key, f"nothing shows that the log announced key {key['generation']}")
        announced = open_shown(key["announced"], APPROVE, logs, witnesses, quorum, "announced")
        need(announced["index"] == key["from"], "it was announced in another entry")
        rows = rows_of_keys(announced["record"])
        need(rows.get((key["generation"], raw, key["from"])) is True, "its announcement names another key, or another generation")
        need(rows.get((before["generation"], raw_before, before["from"])) is False, "its announcement does not replace the key before it")
        by = check_orders(key, value["origin"], raw, announced, logs, witnesses, quorum, administrators) if administrators is not None else []
        out.append({"generation": key["generation"], "key": key["key"], "cosigned": announced["cosigned"], "ordered_by": by})
    return out


def check(text, log_key, witness_keys=(), quorum=0, administrators=None):
    """What the file proves, one dictionary an entry, or a later key of the log; raises Wrong. Of an own log see cosigned_by() too.
    `administrators`: JWKs, as text."""
    need(len({key.split("+", 2)[2] for key in witness_keys}) == len({key.split("+")[0] for key in witness_keys}) == len(witness_keys),
         "a witness stands twice, or two have one key")
    logs, witnesses = [parse_key(log_key, LOG)], [parse_key(key, WITNESS) for key in witness_keys]
    value = strict(text)
    need(isinstance(value, dict), "expected an object")
    most = {"flikvakt-own-log/1": OWN_LOG_BYTES, "flikvakt-log-keys/1": LOG_KEYS_BYTES}.get(value.get("format"), RECEIPT_BYTES)
    need(len(text.encode("utf-8")) <= most, f"longer than {most} bytes")
    if value.get("format") == "flikvakt-log-keys/1":
        pinned = None if administrators is None else [parse_administrator(one) for one in administrators]
        need(pinned is None or len(dict(pinned)) == len(pinned), "an administrator stands twice")
        return check_log_keys(value, [log_key], witnesses, quorum, None if pinned is None else dict(pinned))
    need(administrators is None, "administrators go with the list of the log's keys")
    if value.get("format") == "flikvakt-own-log/1":
        entries = check_own_log(value, logs, witnesses)
    else:
        entries = [check_receipt(value, logs, witnesses)]
    covered = cosigned_by(entries, quorum)  # RCPT-13
    need(covered > 0 and (covered == len(entries) or entries[-1]["time"] - entries[covered]["time"] <= MOST_BEHIND),
         f"fewer than {quorum} of these witnesses cosigned what stands under receipt {covered}")
    for n, one in enumerate(entries):
        need({"act", "withheld"} & set(one) or may_be_pruned(one, quorum), f"receipt {n} holds no part, and is too young to have been pruned")
    return entries


def may_be_pruned(entry, quorum):
    """RCPT-15, RET-2: by the newest time that a quorum vouches for, else by the clock here."""
    times, needed = entry["times"], max(quorum, 1)
    if times and len(times) < needed:
        return False
    return entry["time"] + 1830 * 86_400_000 <= 1000 * (times[needed - 1] if times else time.time())


def cosigned_by(entries, quorum):
    """RCPT-13: how many of the first entries so many witnesses vouch for."""
    return next((n for n, one in enumerate(entries) if len(one["cosigned"]) < quorum), len(entries))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("file")
    options.add_argument("log_key")
    options.add_argument("witness_key", nargs="*")
    options.add_argument("--quorum", type=int, default=0)
    options.add_argument("--administrator", action="append", help="file with the JWK of an administrator who is known")
    asked = options.parse_args()

    def read(name):
        with open(name, encoding="utf-8") as file:
            return file.read()
    try:
        administrators = asked.administrator and [read(one) for one in asked.administrator]
        entries = check(read(asked.file), asked.log_key, asked.witness_key, asked.quorum, administrators)
    except Wrong as wrong:
        sys.exit(f"it does not hold: {wrong}")
    if not all("index" in entry for entry in entries):
        for entry in entries:
            print(json.dumps({**entry, "cosigned": sorted(entry["cosigned"])}))
        return
    for entry in entries:
        shown = {name: entry[name] for name in ("origin", "index", "time", "size", "withheld", "act", "person") if name in entry}
        print(json.dumps({**shown, "cosigned": sorted(entry["cosigned"])}))
    if len(entries) > 1:
        print(f"{cosigned_by(entries, asked.quorum)} of {len(entries)} entries are under checkpoints that {asked.quorum} of these witnesses cosigned",
              file=sys.stderr)


if __name__ == "__main__":
    main()
