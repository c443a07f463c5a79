"""The life of a consent: a request, a komplettering, a pause, a removed team member, an ended kontrakt. Each scene reads a real
document before and after, and what came of it is kept: checks.py judges it."""
import hashlib
import time

import wire
from cast import period, recipient
from clients import expect
from scenes import say


def play(story):
    for scene in (request_granted_in_part, komplettering, pause, removed_member, ended_kontrakt):
        scene(story)


def seen(story, what, who, file, purpose, expected):
    """Reads, and writes down what was expected of it."""
    story.effects.append({"what": what, "expected": expected, "status": story.read(who, file, purpose).status})


def ask(story, staff, number, terms):
    id = wire.new_id()
    staff.act({"kind": "request_access", "id": id, "person": staff.handle(number), "terms": terms})
    return id


def status_of(staff, request):
    requests = expect(staff.ask("GET", "/v1/requests"), "requests")["requests"]
    return next(one["status"] for one in requests if one["id"] == request)


def request_granted_in_part(story):
    cast, lee = story.cast, story.cast.lee
    seen(story, "Lee läser Loves läkarutlåtande innan något är begärt", lee, "lakarutlatande-love.pdf", "bedomning", 403)
    to = recipient("organisation", cast.id("forsakringskassan"))
    request = ask(story, lee, cast.love.number, {
        "recipient": to[0], "disclosers": [cast.id("region")], "flikar": ["journal", "lakarutlatande"], "purpose": "bedomning",
        "rights": ["read"], "valid_to": period(30)["valid_to"], "message": "Vi behöver utlåtandet för din ansökan."})
    text = "Försäkringskassan får läsa mitt läkarutlåtande. Journalen får den inte."
    terms = cast.terms(text, ["region"], to, ["lakarutlatande"], "bedomning", valid_to=period(20)["valid_to"])
    cast.love.act({"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms, "request": request}, widens=True)
    seen(story, "Lee läser det sedan Love gett en del av det begärda", lee, "lakarutlatande-love.pdf", "bedomning", 200)
    story.effects.append({"what": "begäran", "expected": "granted_in_part", "status": status_of(lee, request)})
    say("Försäkringskassan begär journal och läkarutlåtande; Love ger läkarutlåtandet, och bara det kan läsas.")


def standing(story, person, name):
    return next(one for one in person.overview()["fullmakter"] if one["id"] == story.fullmakter[name])


def ask_for_more(story, flik):
    """The team's lead asks for one more flik in the fullmakt that stands."""
    cast, fullmakt = story.cast, standing(story, story.cast.milo, "team")
    return ask(story, cast.alva, cast.milo.number, {
        "recipient": recipient("team", cast.id("team"))[0], "disclosers": [cast.id("region")], "flikar": [flik],
        "purpose": "konsultation", "rights": ["read"], "valid_to": fullmakt["terms"]["valid_to"], "fullmakt": fullmakt["id"],
        "message": f"Vi saknar fliken {flik} inför mötet."})


def komplettering(story):
    cast, milo = story.cast, story.cast.milo
    seen(story, "Tuva läser planen före kompletteringen", cast.tuva, "rehabiliteringsplan.pdf", "konsultation", 403)
    request = ask_for_more(story, "rehabplan")
    before = standing(story, milo, "team")
    text = "Konsultation Tresjöarna får läsa också min rehabiliteringsplan."
    milo.act({"kind": "sign_komplettering", "fullmakt": before["id"], "previous": before["signed_sha256"],
              "delta": {"disclosers": [], "recipients": [], "flikar": ["rehabplan"], "documents": [], "rights": []},
              "language": "sv", "text": text, "text_sha256": wire.base64url(hashlib.sha256(text.encode()).digest()),
              "request": request}, widens=True)
    seen(story, "Tuva läser planen efter kompletteringen", cast.tuva, "rehabiliteringsplan.pdf", "konsultation", 200)
    after = standing(story, milo, "team")
    story.effects.append({"what": "revision", "expected": before["revision"] + 1, "status": after["revision"]})
    refused = ask_for_more(story, "rapport")
    milo.act({"kind": "decline_request", "id": refused})
    seen(story, "Jorun läser rapporten efter Milos nej", cast.jorun, "deltagarrapport.pdf", "konsultation", 403)
    seen(story, "Jorun läser journalen som förut", cast.jorun, "journal-vardcentral.pdf", "konsultation", 200)
    story.effects.append({"what": "fullmakten efter ett nej", "expected": True, "status": standing(story, milo, "team") == after})
    story.effects.append({"what": "den nekade begäran", "expected": "declined", "status": status_of(cast.alva, refused)})
    say("Teamet ber om två flikar till: Milo undertecknar skillnaden för den ena och säger nej till den andra.")


def pause(story):
    cast, id = story.cast, story.fullmakter["team"]
    cast.milo.act({"kind": "pause_fullmakt", "id": id})
    seen(story, "Jorun läser medan fullmakten är pausad", cast.jorun, "journal-vardcentral.pdf", "konsultation", 403)
    notices = expect(cast.jorun.ask("GET", "/v1/notices"), "notices")["notices"]
    mine = [one for one in notices if one["fullmakt"] == id]
    story.effects.append({"what": "avisering", "expected": ["paused"], "status": [one["status"] for one in mine]})
    cast.jorun.act({"kind": "acknowledge_notice", "fullmakt": id, "changed": mine[0]["changed"]})
    cast.milo.act({"kind": "resume_fullmakt", "id": id}, widens=True)
    seen(story, "Jorun läser när den gäller igen", cast.jorun, "journal-vardcentral.pdf", "konsultation", 200)
    say("Milo pausar teamets fullmakt: nekad genast, den som har läst under den får veta det; sedan gäller den igen.")


def removed_member(story):
    cast = story.cast
    seen(story, "Saga läser som medlem av teamet", cast.saga, "journal-vardcentral.pdf", "konsultation", 200)
    cast.alva.act({"kind": "roster_remove", "team": cast.id("team"), "staff": cast.id("saga")})
    seen(story, "Saga läser när hon inte är med längre", cast.saga, "journal-vardcentral.pdf", "konsultation", 403)
    team = next(one for one in cast.milo.overview()["teams"] if one["id"] == cast.id("team"))
    story.effects.append({"what": "teamet som Milo ser det", "expected": 3, "status": team["people"]})
    say(f"Saga lämnar teamet och nekas genast; Milo ser att det nu är {team['people']} i teamet.")


def ended_kontrakt(story):
    cast, elin = story.cast, story.cast.elin
    ids = story.gateway.apply("kontrakt-robin.json", [
        {"kind": "register_kontrakt", "id": "$kontrakt-robin", "person": {"number": cast.robin.number},
         "parts": [{"insats": "Jobbsökarstöd", "provider": "$insats", "area": "karriar", **period(30), "goals": "En anställning"}]}])
    kontrakt = ids["$kontrakt-robin"]
    story.sign(cast.robin, "robin-insats", "Jag låter Stegvis Karriär läsa mina meriter.", ["arbetsformedlingen"],
               recipient("organisation", cast.id("insats")), ["anstallning"], "insats", kontrakt=kontrakt)
    seen(story, "Elin läser Robins meriter medan kontraktet löper", elin, "meritunderlag-robin.pdf", "insats", 200)
    story.gateway.apply("kontrakt-slut.json", [{"kind": "end_kontrakt", "id": "$kontrakt-robin"}])
    seen(story, "Elin läser när kontraktet är slut", elin, "meritunderlag-robin.pdf", "insats", 403)
    orders = expect(elin.ask("GET", "/v1/erase-orders"), "erase orders")["erase_orders"]
    story.effects.append({"what": "raderingsuppdrag", "expected": [kontrakt], "status": [one["kontrakt"] for one in orders]})
    elin.act({"kind": "attest_erasure", "kontrakt": kontrakt})
    left = expect(elin.ask("GET", "/v1/erase-orders"), "erase orders")["erase_orders"]
    story.effects.append({"what": "raderingsuppdrag efter intyget", "expected": [], "status": left})
    say("Robins kontrakt avslutas: insatsaktören nekas genast, får i uppdrag att radera och intygar det.")


def referral(story):
    """Milo signs with the Forum's help; the case waits until the team's lead takes it up."""
    cast, case = story.cast, wire.new_id()
    triage = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))
    cast.milo.act({"kind": "sign_referral", "id": case, "team": cast.id("team"), "focus": "illness", "meetings": [],
                   "referred_by": cast.id("region"), "triage": triage})
    waiting = expect(cast.jorun.ask("GET", "/v1/cases"), "cases")["cases"]
    cast.alva.act({"kind": "accept_case", "id": case, "meetings": [wire.rfc3339(time.time() + 14 * 86400)]})
    taken = expect(cast.jorun.ask("GET", "/v1/cases"), "cases")["cases"]
    story.effects += [{"what": "ärendet före", "expected": ["waiting"], "status": [one["status"] for one in waiting]},
                      {"what": "ärendet efter", "expected": ["open"], "status": [one["status"] for one in taken]}]
    say(f"Milo remitteras av regionen till Konsultation; ärendet väntar tills Alva tar emot det. Bedömning {triage}.")
