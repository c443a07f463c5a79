"""The log as evidence: a checkpoint that a witness cosigned, receipts that hold without the gateway, and a log that somebody
with every key wrote anew."""
import json
import time

import clients
import notes
from scenes import say


def play(story):
    return {"cosigned": cosigned(story), "receipts": receipts(story), "rewritten": rewritten(story)}


def wait_for(what, look, seconds=30):
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise clients.Refused(f"{what}: not within {seconds} seconds")
        time.sleep(0.1)
    return found


def cosigned_beyond(story, entry):
    """The note of a checkpoint that covers the entry and that the witness has cosigned."""
    def newest():
        note = story.cast.anyone.checkpoint()
        checkpoint = notes.Checkpoint(note)
        return note if checkpoint.size > entry and checkpoint.is_cosigned_by(story.gateway.witness.key) else None
    return wait_for(f"a cosigned checkpoint beyond entry {entry}", newest)


def cosigned(story):
    note = cosigned_beyond(story, story.cast.milo.log()[0]["entry"])
    story.gateway.write("checkpoint-cosigned", note)
    checkpoint, witness = notes.Checkpoint(note), story.gateway.witness
    other = witness.key[:-5] + ("A" if witness.key[-5] != "A" else "B") + witness.key[-4:]
    out = {"size": checkpoint.size, "by_log": checkpoint.is_signed_by(story.gateway.log_key),
           "by_witness": checkpoint.is_cosigned_by(witness.key),
           "by_stranger": checkpoint.is_cosigned_by(other)}
    say(f"Ett vittne, som någon annan driver, undertecknar loggens kontrollpunkter: nu över {checkpoint.size} poster.")
    return out


def verify(story, name, receipt):
    """Exit code and answer of `flikvakt verify-receipt`, which asks nobody: it has the file and two public keys."""
    gateway = story.gateway
    file = gateway.write(name, json.dumps(receipt))
    code, out, _ = gateway.run("verify-receipt", file, "--log-key", gateway.log_key, "--witness", gateway.witness.key, "--quorum", 1,
                               sealed=False)
    return code, json.loads(out) if code == 0 else {}


def with_other_outcome(receipt):
    """With another outcome: one digit of the act part (spec/log-entry.md, LOG-8)."""
    act = receipt["act"]
    plain = act["plaintext"]
    return {**receipt, "act": {**act, "plaintext": plain[:7] + ("1" if plain[7] != "1" else "2") + plain[8:]}}


def receipts(story):
    cast = story.cast
    revoked = next(one for one in cast.milo.log() if one["kind"] == "revoke_fullmakt" and one["outcome"] == "permitted")
    read = next(one for one in reversed(story.readings) if one["who"] == "insats")
    cosigned_beyond(story, max(revoked["entry"], read["entry"]))
    own = clients.expect(cast.milo.ask("GET", f"/v1/me/log/{revoked['entry']}/receipt"), "Milo's receipt")
    theirs = clients.expect(cast.elin.ask("GET", f"/v1/receipts/{read['entry']}"), "the provider's receipt")
    out = {"strangers": cast.jorun.ask("GET", f"/v1/receipts/{read['entry']}").status}
    for name, receipt in (("own", own), ("theirs", theirs)):
        out[name], said = verify(story, f"{name}.receipt", receipt)
        out[name + "_says"] = said.get("act", {}).get("kind")
        out[name + "_names_person"] = "person" in said
        out[name + "_changed"], _ = verify(story, f"{name}-changed.receipt", with_other_outcome(receipt))
    say("Milo har kvitto på sin återkallelse och insatsaktören på sin läsning: de håller utan gatewayen, med loggens och vittnets nycklar."
        " Ändrade på ett ställe gör de det inte.")
    return out


def rewritten(story):
    """On the machine as it was in the morning, with every key, another day is written. Its own checks find nothing amiss."""
    witness_saw, other = notes.Checkpoint((story.gateway.folder / "checkpoint-cosigned").read_text(encoding="utf-8")), story.gateway.set_aside
    other.must_start()
    try:
        other.apply("another-day.json", [{"kind": "register_flik_type", "code": "annat", "name_sv": "Annat", "name_en": "Other",
                                          "description": "–", "sensitivity": "ordinary"}])
        size = notes.Checkpoint(clients.Anyone(other).checkpoint()).size
        alarm = wait_for("the alarm of a log that was written anew", lambda: [line for line in other.said().splitlines() if "ALARM: witness" in line])
        alone = other.run("log", "verify", "--data", other.data)[0]
        against = other.run("log", "verify", "--data", other.data, "--saved", story.gateway.folder / "checkpoint-cosigned")[0]
    finally:
        other.stop()
    say(f"Någon med alla nycklar skriver om dagen i en kopia från i morse: för sig själv stämmer den, men vittnet, som sett {witness_saw.size} poster,"
        f" medundertecknar inte, och dess kontrollpunkt avslöjar den (exit {against}).")
    return {"size": size, "seen": witness_saw.size, "alarm": alarm[0], "alone": alone, "against": against}
