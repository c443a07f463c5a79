"""Plays the rest of the story while gathering the evidence that checks.py judges."""
import pathlib
import socket

import asking
import documents
import evidence
import faults
import markers
import scenes
import tampering
import wire
from scenes import say


def play(story):
    """Evidence for each promise, under its name."""
    out = {}
    scanner = markers.Scanner(markers.planted(story.made, pathlib.Path(documents.HERE) / "texts"), story.gateway.folder / "scan")
    if story.connectors is not None:
        out["connectors"] = story.connectors.evidence(scanner, story.by_connector)
        story.connectors.stop()  # from here on the gateway is stopped, broken and put back
    older = faults.copy_rows(story.gateway, "rows-before-revocation")
    out["P2"] = slow_transfer(story)
    story.afterwards()
    out["P8"] = asking.alone(story)
    out["P6"] = asking.refusals(story)
    out["P7"] = faults.doubt(story)
    out["P5"] = readable(story, scanner)
    out["P3"] = faults.put_back(story, older)
    unwritable = faults.unwritable(story)
    story.gateway.stop()
    out["P5"]["stopped"] = scanner.scan(places(story))
    out["P7"]["without_key"] = faults.without_key(story)
    story.gateway.must_start()
    out["evidence"] = evidence.play(story)
    out["P4"] = tampering.gather(story)
    out["P1"] = logged(story, unwritable)
    out["consent"] = story.effects
    out["journal"] = story.journal["evidence"]
    return out


def slow_transfer(story):
    """A team member downloads 25 MB, slowly; Milo revokes; what still comes after the acknowledgement is counted."""
    cast, id = story.cast, story.documents[scenes.LARGE]
    stream = cast.jorun.connect(receive_buffer=16 * 1024)
    buffer = stream.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    slow = wire.Http(stream, "localhost")
    slow.send("GET", f"/v1/documents/{id}/content?purpose=konsultation", cast.jorun.credentials())
    answer = slow.head()
    if answer.status != 200:
        raise RuntimeError(f"the large document: {answer.status_line}")
    size, before = int(answer.field("Content-Length")), 0
    while before < 1_000_000:
        before += len(slow.some())
    revoked = cast.milo.act({"kind": "revoke_fullmakt", "id": story.fullmakter["team"]})
    after = 0
    while got := slow.some():
        after += len(got)
    slow.close()
    next_read = story.read(cast.jorun, scenes.LARGE, "konsultation")
    say(f"Milo återkallar medan Jorun hämtar {size / 1e6:.0f} MB: {before} byte hann fram före kvittensen ({revoked['time']}),"
        f" {after} efter; nästa läsning nekas.")
    mine = [one for one in cast.milo.log() if one.get("subject") == answer.field("Flikvakt-Reading")]
    return {"before": before, "after": after, "receive_buffer": buffer, "size": size, "complete": before + after >= size,
            "next_status": next_read.status, "closed": [one.get("bytes", 0) for one in mine if one["kind"] == "close_reading"]}


def places(story):
    folder = story.gateway.folder
    return [folder / "data", folder / "backup", folder / "backup-keys", folder / "witness", story.gateway.log]


def readable(story, scanner):
    expected, found = scanner.control()
    return {"markers": len(scanner.markers), "control_expected": expected, "control_found": found,
            "running": scanner.scan(places(story))}


def logged(story, unwritable):
    entries = [entry for key in ("milo", "robin", "love") for entry in getattr(story.cast, key).log()]
    exported = {}
    for line in tampering.lines_of(story.gateway.folder / "log.jsonl")[1:]:
        exported[line["index"]] = line.get("act", {})
    return {"readings": story.readings, "entries": entries, "exported": exported, "unwritable": unwritable}
