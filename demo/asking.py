"""What cannot be told apart (P6), and what one alone cannot do (P8)."""
import json
import socket

import clients
import wire
from cast import recipient
from scenes import say


def plain(answer):
    return {"status_line": answer.status_line, "fields": answer.fields, "body": answer.body}


def content(document, purpose):
    return f"/v1/documents/{document}/content?purpose={purpose}"


def refusals(story):
    cast, ids = story.cast, story.documents
    erased = shred(story)
    cast.milo.act({"kind": "set_sparr", "id": wire.new_id(), "terms": {"target": "document", "everyone": True, "recipients": [],
                                                                        "document": ids["deltagarrapport.pdf"]}})
    plan = content(ids["rehabiliteringsplan.pdf"], "insats")
    closed = next(one["reading"] for one in story.readings)
    asks = {
        "unknown document": (cast.jorun, content(wire.new_id(), "konsultation")),
        "revoked": (cast.jorun, content(ids["journal-vardcentral.pdf"], "konsultation")),
        "not your team": (cast.lee, content(ids["arbetsformagebedomning.pdf"], "konsultation")),
        "blocked": (cast.elin, content(ids["deltagarrapport.pdf"], "insats")),
        "erased": (cast.jorun, content(erased, "rehab")),
        "another purpose": (cast.elin, plan.replace("insats", "rehab")),
        "unknown reading": (cast.jorun, f"/v1/readings/{wire.new_id()}/content"),
        "closed reading": (cast.jorun, f"/v1/readings/{closed}/content"),
    }
    answers, seconds = {}, {}
    for name, (who, target) in asks.items():
        tries = [who.ask("GET", target) for _ in range(3)]
        answers[name], seconds[name] = plain(tries[0]), [one.seconds for one in tries]
    answers["with If-None-Match"] = plain(cast.jorun.ask("GET", asks["revoked"][1], [("If-None-Match", "*")]))
    answers["with Range"] = plain(cast.jorun.ask("GET", asks["revoked"][1], [("Range", "bytes=999999999-")]))
    same = {"refusals": answers, "HEAD": heads(cast, plan), "listings": listings(cast)}
    say(f"{len(answers)} olika skäl att neka, ett enda svar.")
    permitted = story.read(cast.elin, "rehabiliteringsplan.pdf", "insats", [("If-None-Match", "*")])
    return {"same": same, "seconds": seconds, "permitted_fields": permitted.fields if permitted.status == 200 else ["ETag: no answer"]}


def shred(story):
    """Robin's decision is erased: two administrators."""
    document = story.documents["beslut-robin.pdf"]
    story.gateway.apply("shred.json", [{"kind": "shred", "scope": "document", "document": document}])
    return document


def heads(cast, permitted):
    return {"permitted": plain(cast.elin.ask("HEAD", permitted)), "unknown": plain(cast.elin.ask("HEAD", content(wire.new_id(), "insats")))}


def listings(cast):
    """Nobody known, somebody without anything for us, and a handle that is another organisation's."""
    bodies = {"unknown person": {"person": cast.elin.handle("191212121212")}, "nothing to see": {"person": cast.elin.handle(cast.love.number)},
              "another's handle": {"person": cast.lee.handle(cast.milo.number)}}
    return {name: plain(cast.elin.ask("POST", "/v1/listings", body={**body, "purpose": "insats"})) for name, body in bodies.items()}


def alone(story):
    cast, out = story.cast, {}
    thief = clients.Person(story.gateway, cast.love.number)
    cast.nils.act({"kind": "propose_key", "person": cast.nils.handle(cast.love.number), "jwk": thief.key.jwk,
                   "thumbprint": thief.key.thumbprint})
    confirm = {"kind": "confirm_key", "person": cast.ivo.handle(cast.love.number), "thumbprint": thief.key.thumbprint}
    out["same_organisation"] = cast.ivo.try_act(confirm).status
    seen = cast.love.overview()["consent_version"]
    signs = sign_act(story, "Jag låter alla läsa allt.")
    out["sign_alone"] = thief.try_act(signs, seen_version=seen).status
    paper = cast.nils.act({**sign_act(story, "På papper."), "kind": "paper_fullmakt", "person": cast.nils.handle(cast.love.number),
                           "scan_sha256": wire.base64url(bytes(32))})
    out["paper_alone"] = approve(cast.nils, paper["proposal"])
    out["other_act"] = approve(cast.kim, paper["proposal"], flikar=["journal", "lakarutlatande"])
    out["waiting_act"] = approve(cast.kim, paper["proposal"])
    answer = thief.try_act({"kind": "revoke_fullmakt", "id": story.fullmakter["paper"]})
    out["revoke_alone"] = answer.json().get("status", answer.status)
    out["sign_confirmed"] = cast.love.act(sign_act(story, "Jag låter kommunen läsa mitt utlåtande."), widens=True)["status"]
    gateway = story.gateway
    act = gateway.write("administrator-signs.json", json.dumps({"acts": [sign_act(story, "Som administratör.")]}))
    out["administrator_signs"] = gateway.run("apply", act, *gateway.administrators())[0]
    out["administrator_reads"] = admin_get(gateway, content(story.documents["journal-vardcentral.pdf"], "konsultation"))
    say("En registrerare ensam ger en nyckel som bara kan ta tillbaka; två i samma organisation räcker inte; den som godkänner något annat"
        " än det som väntar nekas; administratören kan varken skriva under eller läsa.")
    return out


def approve(who, proposal, **other_terms):
    """Status of approving what waits, or the same with other terms."""
    act = who.waiting(proposal)
    act["terms"].update(other_terms)
    return who.try_act({"kind": "approve", "proposal": proposal, "act": act}).status


def sign_act(story, text):
    cast = story.cast
    terms = cast.terms(text, ["region"], recipient("organisation", cast.id("kommun")), ["lakarutlatande"], "rehab")
    return {"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms}


def admin_get(gateway, target):
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(gateway.ports["admin"])
    http = wire.Http(stream, "localhost")
    answer = http.ask("GET", target)
    http.close()
    return answer.status
