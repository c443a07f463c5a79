"""Scenes of load.py in which nobody asks much and everything takes long: strangers, silent and slow connections, a held disk."""
import json
import time

import crowds
import flooding
import many
import refusing
import world
import wire
from measuring import Others, entries, probes, resident

HELD_READS = 150


def strangers(made, long):
    """What they fail at makes one entry for each source and minute, whatever they do."""
    sources, crowd = 5, crowds.Strangers(made, 40, 5).start()
    before = entries(made)
    time.sleep(0.5)
    crowd.on.set()
    time.sleep(65 if long else 0.5)
    during, probed = Others(made, 10).beside(crowd, 4 if long else 1, 5 if long else 1), probes(made)
    figures, got = during.figures(), crowd.finish()
    minutes = 2  # at most, begun ones too
    return {"others": figures, "strangers": {str(key): count for key, count in got.items()}, "narrowing acts": probed,
            "entries beside the others'": entries(made) - before - 2 * len(during.answers),  # an opening and a closing each
            "at most": minutes * (sources + 1) + 2}  # what the probes do


def idle(made, long):
    """Silent connections on both listeners, more than there is room for when `long`."""
    count, others = (5000 if long else 100), Others(made, 10)
    empty = resident(made)
    silent = [crowds.Crowd(made, listener, count, base).start() for listener, base in (("api", 5), ("portal", 6))]
    while not all(crowd.on.is_set() for crowd in silent):
        others.loop.run(0.5)
    out = {"opened": sum(one.opened.value for one in silent), "turned away": sum(one.refused.value for one in silent)}
    out["memory of each, bytes"] = (resident(made) - empty) // max(1, out["opened"])
    others.is_flooded = True
    others.loop.run(10 if long else 1)
    out |= {"others": others.figures(), "narrowing acts": probes(made)}
    return {**out, "crowds": [crowd.finish() for crowd in silent]}


def readers(made, count):
    """Connections on which a large document was asked for and of which nothing is read."""
    target = f"/v1/documents/{made.documents['intyg']}/content?purpose={world.TEAM}"
    out = []
    for _ in range(count):
        who = made.cast.tuva
        out.append(who.connect(receive_buffer=4096))
        out[-1].sendall(many.request("GET", target, who.credentials()))
    return out


def read_up(stream):
    """What still comes, to the end."""
    stream.settimeout(40)
    size = 0
    try:
        while got := stream.recv(1 << 16):
            size += len(got)
    except OSError:
        pass
    stream.close()
    return size


def slow(made, long):
    count = 60 if long else 8
    crowd, reading = crowds.Slow(made, count), readers(made, count)
    others = Others(made, 10)
    others.loop.run(5 if long else 1)
    out = {"others": others.figures(), "narrowing acts": probes(made), "vanished": crowd.vanished}
    started = time.monotonic()
    act = {"kind": "revoke_fullmakt", "id": made.fullmakter["team"]}
    out["revocation of what is being read"] = made.cast.milo.try_act(act).status
    out["its ms"] = round((time.monotonic() - started) * 1000, 1)
    size = next(one[4] for one in world.DOCUMENTS if one[0] == "intyg")
    got = [read_up(one) for one in reading]
    out["readers"] = {"count": count, "whole": sum(one >= size for one in got), "most bytes": max(got)}
    if long:
        crowd.loop.run(14)
        out["left after 14 s"] = crowd.left()
    crowd.close()
    return out


def queue(made, long):
    """The disk holds everything up while reads queue; a revocation that comes last is carried out before them."""
    loop = many.Loop()
    desk = refusing.Desk(made, loop, "forbund", 1 + HELD_READS)
    lines, answers = desk.connect(), []
    target, more = made.documents["running"], 1 + HELD_READS
    held = made.bend.hold_after(lambda: lines[0].ask(desk.open(target), answers.append))
    for line in lines[1:]:
        line.ask(desk.open(target), answers.append)
    loop.run(1)
    milo = made.cast.milo
    act = {"kind": "revoke_fullmakt", "id": made.fullmakter["running"]}
    device = flooding.Device(made.gateway, milo.number, milo.key)
    device.http().send("POST", "/v1/acts", [flooding.clients.JSON], signed(device, act))
    loop.run(20 if long else 1.5)
    end = time.monotonic() + 60
    while made.figure("flikvakt_queue_commands") < HELD_READS + 1 and time.monotonic() < end:
        loop.run(0.2)  # on a busy machine the revocation may be on its way yet
    early = len(answers)
    made.bend.let_go()
    answer = device.connection.read_body(device.connection.head())
    device.close()
    revoked = {"status": answer.status, "entry": answer.json().get("entry")}
    end = time.monotonic() + 60
    while len(answers) < more and time.monotonic() < end:
        loop.run(0.1)
    statuses = [one.status if one else "lost" for one in answers]
    loop.close()
    return {"held": held, "answered while held": early, "revocation": revoked,
            "reads": {str(status): statuses.count(status) for status in set(statuses)}, "narrowing acts": probes(made)}


def signed(device, act):
    sent = wire.envelope(act, device.gateway.name)
    return json.dumps({"jws": device.key.sign("flikvakt-act+jws", sent)}).encode()
