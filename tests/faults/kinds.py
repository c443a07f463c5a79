"""The kinds of act that are made to fail, one function each: it prepares in a running world what the act needs and returns what is to be
sent, and how a client sees afterwards whether it is in force."""
import hashlib
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Callable

from world import ALLOWED, REHAB, TEAM, content, must  # first: it finds demo/

import cast
import faults as demo_faults
import notes
import wire

NARROWS, WIDENS, NEITHER = "narrows", "widens", "neither"
REFUSED = re.compile(r"the gateway answered (403|409|422|429|503|507)\b")  # what the tool says of a clear no
FACTS = {"flik": "journal", "title": "tillägg", "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "application/pdf"}


@dataclass
class Trial:
    """`send` gives True (acknowledged), False (a clear no); it raises OSError when nothing is known. Sending again sends the same
    bytes. `holds`: it is in force. `changes`: which of world.ALLOWED may end by it."""
    direction: str  # what widens and got a no must not have happened; what narrows has the disk's reserve
    send: Callable[[], bool]
    holds: Callable[[], bool]
    changes: set = field(default_factory=set)
    again: bool = True  # sent again after the restart it must be acknowledged
    is_command: bool = False  # the calls are not the gateway's but those of a command beside it
    ends_with: tuple = ()  # exit codes with which the gateway may end in this act
    start: Callable[[], int | None] | None = None  # how it is started again, if not as usual: an exit code, or None when it serves


def staff_act(world, who, act):
    body = wire.envelope(act, who.gateway.name)
    return lambda: yes(world, who.ask("POST", "/v1/acts", body=body))


def person_act(world, person, act, widens=False):
    seen = person.overview()["consent_version"] if widens else None
    body = {"jws": person.key.sign("flikvakt-act+jws", wire.envelope(act, person.gateway.name, seen))}
    return lambda: yes(world, person.ask("POST", "/v1/acts", body=body))


def administrators(world, *acts):
    """By the `flikvakt` command, with two keys; what it takes back it may take back twice."""
    gateway = world.gateway

    def send():
        path = gateway.write("acts.json", json.dumps({"acts": acts}))
        code, out, err = gateway.run("apply", path, *gateway.administrators(), "--ids", gateway.folder / "ids.json")
        if code == 0:
            world.entries += [one["entry"] for one in json.loads(out)["acts"]]
            return True
        if REFUSED.search(err):
            return False
        raise ConnectionError(f"apply: {code}: {err}")
    return send


def yes(world, answer):
    if answer.status in (200, 201):
        entry = answer.json().get("entry")
        if entry is not None:
            world.entries.append(entry)  # the log after the restart must have it
        return True
    if answer.status in (403, 409, 422, 429, 503, 507):
        return False
    raise AssertionError(f"an answer that says nothing clear: {answer.status_line} {answer.body[:200]!r}")


def opens(world, name):
    return world.opens(*ALLOWED[name])


def closed(world, *names):
    return lambda: not any(opens(world, name) for name in names)


# --- the person ---

def revoke(world):
    act = {"kind": "revoke_fullmakt", "id": world.fullmakter["team"]}
    return Trial(NARROWS, person_act(world, world.cast.milo, act), closed(world, "team", "team large"), {"team", "team large"})


def pause(world):
    act = {"kind": "pause_fullmakt", "id": world.fullmakter["provider"]}
    return Trial(NARROWS, person_act(world, world.cast.milo, act), closed(world, "provider"), {"provider"})


def resume(world):
    world.cast.milo.act({"kind": "pause_fullmakt", "id": world.fullmakter["coach"]})
    act = {"kind": "resume_fullmakt", "id": world.fullmakter["coach"]}
    return Trial(WIDENS, person_act(world, world.cast.milo, act, widens=True), lambda: opens(world, "coach"), {"coach"})


def set_sparr(world):
    act = {"kind": "set_sparr", "id": wire.new_id(), "terms": {"target": "flik", "flik": "rehabplan", "everyone": True, "recipients": []}}
    return Trial(NARROWS, person_act(world, world.cast.milo, act), closed(world, "provider", "coach"), {"provider", "coach"})


def lift_sparr(world):
    id = wire.new_id()
    world.cast.milo.act({"kind": "set_sparr", "id": id, "terms": {"target": "flik", "flik": "rehabplan", "everyone": True, "recipients": []}})
    act = person_act(world, world.cast.milo, {"kind": "lift_sparr", "id": id}, widens=True)
    return Trial(WIDENS, act, lambda: opens(world, "coach"), {"provider", "coach"})


def sign_fullmakt(world):
    people, text = world.cast, "Jag låter kommunen läsa mitt utlåtande."
    terms = people.terms(text, ["region"], cast.recipient("organisation", people.id("kommun")), ["lakarutlatande"], REHAB)
    act = person_act(world, people.milo, {"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms}, widens=True)
    return Trial(WIDENS, act, lambda: world.opens("ivo", "utlatande", REHAB))


def sign_referral(world):
    id, jorun = wire.new_id(), world.cast.jorun
    act = {"kind": "sign_referral", "id": id, "team": world.cast.id("team"), "focus": "illness", "meetings": []}
    return Trial(NEITHER, person_act(world, world.cast.milo, act), lambda: id in {one["id"] for one in jorun.ask("GET", "/v1/cases").json()["cases"]})


def remove_key(world):
    robin = world.cast.robin
    act = {"kind": "remove_key", "thumbprint": robin.key.thumbprint}
    return Trial(NARROWS, person_act(world, robin, act), lambda: robin.ask("GET", "/v1/me").status != 200, again=False)


def open_own(world):
    milo, id = world.cast.milo, world.documents["journal"]
    return Trial(NEITHER, lambda: whole(world, milo.ask("GET", f"/v1/me/documents/{id}/content"), "journal", 4096), lambda: True)


# --- staff ---

def roster_remove(world):
    act = {"kind": "roster_remove", "team": world.cast.id("team"), "staff": world.cast.id("jorun")}
    return Trial(NARROWS, staff_act(world, world.cast.alva, act), closed(world, "team"), {"team"})


def roster_add(world):
    act = {"kind": "roster_add", "team": world.cast.id("team"), "staff": world.cast.id("lee"), "role": "member"}
    world.cast.lee.act(act)
    return Trial(WIDENS, staff_act(world, world.cast.alva, act), lambda: world.opens("lee", "journal", TEAM))


def propose_key(world):
    kim, robin, key = world.cast.kim, world.cast.robin, wire.Key()
    act = {"kind": "propose_key", "person": kim.handle(robin.number), "jwk": key.jwk, "thumbprint": key.thumbprint}
    return Trial(WIDENS, staff_act(world, kim, act), lambda: key.thumbprint in keys_of(robin))


def confirm_key(world):
    kim, lee, robin, key = world.cast.kim, world.cast.lee, world.cast.robin, wire.Key()
    kim.act({"kind": "propose_key", "person": kim.handle(robin.number), "jwk": key.jwk, "thumbprint": key.thumbprint})
    act = {"kind": "confirm_key", "person": lee.handle(robin.number), "thumbprint": key.thumbprint}
    return Trial(WIDENS, staff_act(world, lee, act), lambda: keys_of(robin).get(key.thumbprint) is True)


def keys_of(person):
    return {one["thumbprint"]: one["status"] == "active" for one in person.overview()["keys"]}


def enrol_person(world):
    """A person whom nobody here knew: keys of their own are made. What was proposed can be confirmed."""
    kim, lee, key, number = world.cast.kim, world.cast.lee, wire.Key(), "198507099805"
    act = {"kind": "propose_key", "person": kim.handle(number), "jwk": key.jwk, "thumbprint": key.thumbprint}
    confirm = {"kind": "confirm_key", "person": lee.handle(number), "thumbprint": key.thumbprint}
    return Trial(WIDENS, staff_act(world, kim, act), lambda: lee.try_act(confirm).status == 200)


def approve_paper(world):
    people, text = world.cast, "Love Exempelgren låter kommunen läsa."
    terms = people.terms(text, ["region"], cast.recipient("organisation", people.id("arbetsformedlingen")), ["lakarutlatande"], REHAB)
    act = {"kind": "paper_fullmakt", "id": wire.new_id(), "person": people.ivo.handle(people.milo.number), "terms": terms, "text": text,
           "scan_sha256": wire.base64url(bytes(32))}
    proposal = people.ivo.act(act)["proposal"]
    approval = {"kind": "approve", "proposal": proposal, "act": people.kim.waiting(proposal)}
    return Trial(WIDENS, staff_act(world, people.kim, approval), lambda: world.opens("rut", "utlatande", REHAB))


def paper_narrowing(world):
    ivo = world.cast.ivo
    act = {"kind": "paper_narrowing", "person": ivo.handle(world.cast.milo.number), "revoke": [], "revoke_all": True}
    names = set(ALLOWED) - {"robin"}
    return Trial(NARROWS, staff_act(world, ivo, act), closed(world, *names), names)


def begin_deposit(world):
    """What was announced is taken in."""
    maja, id, body = world.cast.maja, wire.new_id(), content("tillägg", 50)
    facts = {**FACTS, "size": 50, "sha256": wire.base64url(hashlib.sha256(body).digest()), "other_subjects": []}
    act = {"kind": "begin_deposit", "id": id, "person": maja.handle(world.cast.milo.number), "facts": facts, "other_subjects": []}
    return Trial(NEITHER, staff_act(world, maja, act), lambda: take_in(maja, id, body).status == 201)


def take_in(maja, deposit, body):
    return maja.ask("PUT", f"/v1/deposits/{deposit}/content", [("Content-Type", "application/pdf")], body)


def deposit(world, flik="journal", size=70_000):
    """The content; the announcement stands. What is acknowledged is read by the team."""
    maja, id, body = world.cast.maja, wire.new_id(), content("tillägg", size)
    facts = {**FACTS, "flik": flik, "size": size, "sha256": wire.base64url(hashlib.sha256(body).digest()), "other_subjects": []}
    maja.act({"kind": "begin_deposit", "id": id, "person": maja.handle(world.cast.milo.number), "facts": facts, "other_subjects": []})
    made = {}

    def send():
        answer = take_in(maja, id, body)
        if yes(world, answer):
            made.update(answer.json())
            return True
        return False

    def holds():
        if not made:
            return False
        answer = world.cast.jorun.ask("GET", f"/v1/documents/{made['document']}/content?purpose={TEAM}")
        return answer.status == 200 and answer.body == body
    return Trial(NEITHER, send, holds)


def deposit_first(world):
    """The first document of a flik: the key of the flik is made too."""
    return deposit(world, "bilder", 200)


# --- readings ---

def whole(world, answer, name, size):
    if answer.status in (200, 206):
        world.received.append(answer.field("Flikvakt-Reading"))
        if not answer.complete:
            raise ConnectionError("the body ended early")
        if answer.body != content(name, size):
            raise AssertionError("other bytes than the document's")
        return True
    return yes(world, answer)


def open_reading(world):
    return Trial(NEITHER, lambda: whole(world, world.read(*ALLOWED["team"]), "journal", 4096), lambda: opens(world, "team"))


def open_large(world):
    return Trial(NEITHER, lambda: whole(world, world.read(*ALLOWED["team large"]), "intyg", 1_000_000), lambda: opens(world, "team large"))


def logged(world, kind, outcome):
    """How many such entries the person's log has."""
    return sum((one["kind"], one["outcome"]) == (kind, outcome) for one in world.cast.milo.log())


def refused_reading(world):
    """A refusal is acknowledged too: it has its entry."""
    before = logged(world, "open_reading", "refused")

    def send():
        answer = world.read("elin", "journal", "insats")
        assert answer.status != 200, "a reading that was never given"
        return answer.status == 403

    def holds():
        return logged(world, "open_reading", "refused") > before and not world.opens("elin", "journal", "insats")
    return Trial(NEITHER, send, holds, again=False)


def list_documents(world):
    before = logged(world, "list_documents", "permitted")
    send = lambda: yes(world, world.cast.jorun.list(world.cast.milo.number, TEAM))
    return Trial(NEITHER, send, lambda: logged(world, "list_documents", "permitted") > before)


# --- administrators and the program itself ---

def end_authorisation(world):
    act = {"kind": "end_authorisation", "id": "$authorisation"}
    return Trial(NARROWS, administrators(world, act), closed(world, "provider"), {"provider"})


def end_kontrakt(world):
    return Trial(NARROWS, administrators(world, {"kind": "end_kontrakt", "id": "$kontrakt"}), closed(world, "provider"), {"provider"})


def suspend_staff(world):
    act = {"kind": "suspend", "noun": "staff", "id": world.cast.id("jorun")}
    return Trial(NARROWS, administrators(world, act), closed(world, "team", "robin"), {"team", "robin"})


def suspend_organisation(world):
    act = {"kind": "suspend", "noun": "organisation", "id": world.cast.id("insats")}
    return Trial(NARROWS, administrators(world, act), lambda: provider_is_out(world), {"provider"})


def shred(world):
    act = {"kind": "shred", "scope": "document", "document": world.documents["journal"]}
    return Trial(NARROWS, administrators(world, act), closed(world, "team"), {"team"})


def rotate_keys(world):
    """On the command's own: the gateway is stopped. Afterwards one of the two master keys starts it."""
    gateway, key, done = world.gateway, world.gateway.data / "master-key", []
    gateway.stop()
    before = world.log_size()

    def start():
        must(not done or world.log_size() > before, "the rotation was acknowledged and has no entry")
        code = gateway.start()
        for other in [key.with_name("master-key.new"), *sorted(key.parent.glob("master-key.old-*"))]:
            if code is not None and other.exists():
                key.replace(key.with_name("master-key.aside"))
                other.replace(key)
                code = gateway.start()
        return code
    send = by_command(world, ["keys", "rotate", "--data", gateway.data, "--administrator", gateway.folder / "alice.key"])
    return Trial(NEITHER, lambda: noted(send(), done), lambda: True, again=False, start=start)


# --- the log's keys: commands on a gateway that is stopped ---

def keys_of_log(world):
    return world.cast.anyone.ask("GET", "/v1/log/keys").json()["keys"]


def change_of_log_keys(world, words, expected):
    """`expected`: the statuses of all keys afterwards. Whatever came of it, those sign that the list says, and what did not get into the
    log is done again."""
    gateway = world.gateway
    command = by_command(world, ["keys", *words, "--data", gateway.data, "--administrator", gateway.folder / "alice.key", "--second",
                                 gateway.folder / "bo.key"])

    def holds():
        return [one["status"] for one in keys_of_log(world)] == expected

    def send():
        if gateway.process is None:
            return command()
        if holds():
            return True  # it had got there, and the command that was killed could not say so
        gateway.stop()
        told = command()
        gateway.must_start()
        return told

    def start():
        code = gateway.start()
        if code is None:
            newest = notes.Checkpoint(world.cast.anyone.checkpoint())
            for one in keys_of_log(world):
                signs = one["status"] in ("current", "retiring")
                must(newest.is_signed_by(one["key"]) == signs, f"key {one['generation']} is {one['status']}, the checkpoint says otherwise")
        return code
    return Trial(NEITHER, send, holds, start=start)


def rotate_log_key(world):
    world.saved.append(world.cast.anyone.checkpoint())
    world.gateway.stop()
    return change_of_log_keys(world, ["rotate-log-key"], ["retiring", "current"])


def retire_log_key(world):
    """The one that is retiring is given up, which waits for no thirty days; rows and wraps change as when it is retired in good time."""
    rotation = rotate_log_key(world)
    must(rotation.send() is True, "the log gets no new key to begin with")
    return change_of_log_keys(world, ["retire-log-key", "--compromised"], ["compromised", "current"])


def noted(is_yes, done):
    if is_yes:
        done.append(is_yes)
    return is_yes


def register_staff(world):
    act = {"kind": "register_staff", "id": "$extra", "organisation": "$kommun", "name": "Ny Handläggare", "roles": []}
    return Trial(WIDENS, administrators(world, act), lambda: is_registered(world, act["name"]), again=False)


def is_registered(world, name):
    code, out, err = world.gateway.run("registry", "show", "--data", world.gateway.data)
    must(code == 0, f"registry show: {code}: {err}")
    return name in out


def apply_crl(world):
    """A new list that names the provider's certificate, found by the gateway itself."""
    def send():
        demo_faults.write_crl(world.gateway, 30 * 86400, revoked=[world.cast.elin.pem])
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if world.gateway.process.poll() is not None:
                raise ConnectionError("it has ended")
            if world.gateway.said().count("is applied") > 1 and provider_is_out(world):
                return True
            time.sleep(0.02)
        return False
    return Trial(NARROWS, send, lambda: provider_is_out(world), {"provider"}, again=False)


def provider_is_out(world):
    try:
        return world.read(*ALLOWED["provider"]).status in (401, 403)
    except OSError:
        return world.gateway.process is not None and world.gateway.process.poll() is None


def start_up(world):
    """Recovery after a kill, with a reading open and an unfinished deposit."""
    deposit(world)
    world.cast.jorun.http().send("GET", f"/v1/documents/{world.documents['intyg']}/content?purpose={TEAM}", world.cast.jorun.credentials())
    world.cast.jorun.http().head()
    world.gateway.stop(signal.SIGKILL)

    def send():
        world.ended = world.gateway.start()
        return world.ended is None
    return Trial(NEITHER, send, lambda: True, again=False, ends_with=(1,))


def stop(world):
    """Exit code 0: everything is written down, the stop too; but a full disk does not hold it up (sequencer.cpp)."""
    before, done = int(world.cast.anyone.checkpoint().split("\n")[1]), []

    def start():
        must(not done or world.was_full or world.log_size() > before, "it stopped well and the stop has no entry")
        return world.gateway.start()

    def send():
        world.gateway.process.send_signal(signal.SIGTERM)
        return noted(wait(world) == 0, done)
    return Trial(NEITHER, send, lambda: True, again=False, ends_with=(0,), start=start)


def wait(world):
    world.ended = world.gateway.process.wait(timeout=world.gateway.patience)
    world.gateway.process = None
    return world.ended


def by_command(world, words, root=None):
    """A command that writes itself, on the failing disk too."""
    gateway = world.gateway
    command = [gateway.program, *map(str, words), "--passphrase-file", str(gateway.folder / "words"), "--json"]
    on_disk = {**gateway.environment, **({"FLIKVAKT_SHIM_ROOT": str(root)} if root else {})}

    def send():
        ran = subprocess.run(command, env={**os.environ, **on_disk}, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        if ran.returncode not in (0, 1, 3, -signal.SIGKILL):
            raise AssertionError(f"{words[:2]} ended with {ran.returncode}: {ran.stderr[-500:]!r}")
        return ran.returncode == 0
    return send


def back_up(world):
    """What has the backup's name is a whole backup."""
    gateway = world.gateway
    folder = gateway.folder / "backups" / str(time.monotonic_ns())
    folder.parent.mkdir(exist_ok=True)
    keys = folder.with_suffix(".keys")
    send = by_command(world, ["backup", "create", folder, "--keys", keys, "--data", gateway.data], folder.parent)

    def holds():
        return folder.exists() and gateway.run("backup", "verify", folder, "--keys", keys, "--master-key", gateway.data / "master-key")[0] == 0

    def start():
        if folder.exists() and keys.exists() and not holds():
            raise AssertionError("a backup that has its name is not whole")
        return gateway.start()
    return Trial(NEITHER, send, holds, again=False, is_command=True, start=start)


ALL = [revoke, pause, resume, set_sparr, lift_sparr, sign_fullmakt, sign_referral, remove_key, open_own, roster_remove, roster_add,
       propose_key, confirm_key, enrol_person, approve_paper, paper_narrowing, begin_deposit, deposit, deposit_first, open_reading,
       open_large, refused_reading, list_documents, end_authorisation, end_kontrakt, suspend_staff, suspend_organisation, shred,
       rotate_keys, rotate_log_key, retire_log_key, register_staff, apply_crl, start_up, stop, back_up]
KINDS = {one.__name__: one for one in ALL}
