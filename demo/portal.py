"""After the story: the portal's pages, where one may sign in as any of the invented people with a click (spec/browser-session.md)."""
import json
import socket
import time

from cryptography.hazmat.primitives import serialization

import life
import wire
from cast import STAFF, recipient
from scenes import say

PORT = 9443  # when nobody else has it
PEOPLE = [
    ("milo", "Enskild: länge sjuk, vill tillbaka till arbete. Se vem som kan se vad, återkalla, svara på en begäran.",
     "Individual: long ill, wants to work again. See who can see what, take back, answer a request."),
    ("robin", "Enskild: ung, har aldrig haft ett jobb. Ett kontrakt som är slut, och en remiss som väntar.",
     "Individual: young, never had a job. A kontrakt that has ended, and a referral that waits."),
    ("love", "Enskild: har just börjat. Ett enda dokument.", "Individual: has just begun. One document."),
]
PARTS = {  # of staff, in the order of the page: what they are, and what they can try
    "alva": ("Leder teamet Konsultation: väntelista, möten, medlemmar", "Leads the team Konsultation: waiting list, meetings, members"),
    "jorun": ("I teamet Konsultation: läsa inför mötet, be om mer", "In the team Konsultation: read before the meeting, ask for more"),
    "tuva": ("I teamet Konsultation. Logggranskare i regionen", "In the team Konsultation. Log reviewer of the region"),
    "maja": ("Vårdenhet: lämna in dokument, svara på en begäran", "Care unit: deposit documents, answer a request"),
    "nils": ("Myndighet: lämna in beslut, registrerare", "Authority: deposit decisions, registrar"),
    "kim": ("Forum och disk: hjälpa någon att gå med, remiss, papper", "Forum and desk: help somebody to join, referral, paper"),
    "lee": ("Disk hos en annan organisation: den andra av två", "Desk of another organisation: the second of two"),
    "elin": ("Insatsaktör: deltagare, deras flikar, rapporter", "Provider: participants, their flikar, reports"),
    "noor": ("Ansvarig hos insatsaktören: sidan i katalogen", "In charge at the provider: the page in the catalogue"),
    "vide": ("Coach: vägen för den som har öppnat för dig", "Coach: the path of whoever opened it to you"),
    "saga": ("Logggranskare: det som organisationens personal har gjort", "Log reviewer: what the organisation's staff did"),
    "rut": ("Registrerare, svarar för platser i team", "Registrar and roster officer"),
    "ivo": ("Registrerare, svarar för platser i team", "Registrar and roster officer"),
    "ture": ("Registrerare, svarar för platser i team", "Registrar and roster officer"),
}
ADMINISTRATOR = ("Cleo", "Administratör i samordningsförbundet: organisationer, förslag, drift och siffror. Bara titta: varje sida visar kommandot.",
                 "Administrator of the coordination body: organisations, proposals, health and figures. Look only: each page shows the command.")


def pem(key):
    return key.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def demo_people(cast, administrator=None):
    """BS-40: persons with their device key, staff with their organisation's, an administrator (id and key) with their own."""
    out = [{"name": cast.people[key]["name"], "about_sv": swedish, "about_en": english, "key": pem(getattr(cast, key).key)}
           for key, swedish, english in PEOPLE]
    names = {one["key"]: one["name"] for one in organisations()}
    of = {key: (organisation, name) for key, organisation, name, _ in STAFF}
    for key, about in PARTS.items():
        who, (organisation, name) = getattr(cast, key), of[key]
        swedish, english = (f"{text}. {names[organisation]}" for text in about)
        staff = {"staff": who.staff, "organisation": who.organisation, "certificate": wire.base64url(who.fingerprint),
                 "assertion_key": who.key.thumbprint}
        out.append({"name": name, "about_sv": swedish, "about_en": english, "staff": staff, "key": pem(who.key)})
    if administrator:
        id, key = administrator
        name, swedish, english = ADMINISTRATOR
        out.append({"name": name, "about_sv": swedish, "about_en": english, "administrator": id, "key": pem(key)})
    return {"version": 1, "people": out}


def organisations():
    import documents
    return documents.load("organisations.json")


def hold_port(wanted):
    """A socket bound to `wanted`, or to any other when somebody has it: while it is open nobody else gets the port, but the gateway can
    listen there."""
    for port in (wanted, 0):
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
            return taken
        except OSError:
            taken.close()
    raise OSError("no port is free")


def free_port(wanted):
    with hold_port(wanted) as taken:
        return taken.getsockname()[1]


def something_to_answer(story):
    """A request that waits for Milo."""
    cast = story.cast
    life.ask(story, cast.elin, cast.milo.number, {
        "recipient": recipient("organisation", cast.id("insats"))[0], "disclosers": [cast.id("region")],
        "flikar": ["journal", "lakarutlatande"], "purpose": "insats", "rights": ["read"],
        "valid_to": wire.rfc3339(time.time() + 30 * 86400),
        "message": "Hej Milo! Vi behöver se läkarutlåtandet för att kunna planera praktiken.\nHälsningar Elin"})
    say("Elin ber Milo om mer; begäran väntar på svar i portalen.")


def something_to_find(story):
    """The provider's page in the catalogue."""
    story.cast.noor.act({"kind": "set_provider_entry", "areas": ["karriar"], "texts": [
        {"language": "sv", "offers": "Karriärcoachning en till en, och praktik hos arbetsgivare som vi känner.",
         "for_whom": "Dig som har varit sjukskriven länge och vill börja i din egen takt.",
         "steps": "Ett första samtal. Sedan ses vi en gång i veckan i tolv veckor. Du bestämmer vad vi får veta.",
         "place": "Påhittköping, Exempelgatan 1. Hiss och ramp. Det går också på distans.",
         "contact": "Telefon 0123-45 67 89, vardagar 9 till 15."},
        {"language": "en", "offers": "Career coaching, one to one, and work practice with employers whom we know.",
         "for_whom": "You who have been on sick leave for long and want to begin at your own pace.",
         "steps": "A first talk. Then we meet once a week for twelve weeks. You decide what we may know.",
         "place": "Påhittköping, Exempelgatan 1. Lift and ramp. Also at a distance.",
         "contact": "Telephone 0123-45 67 89, weekdays 9 to 15."}]})
    say("Noor skriver insatsaktörens sida i katalogen.")


def something_to_read(story):
    """Milo opens a part anew to the team that lost it; the journal stays closed."""
    cast = story.cast
    story.sign(cast.milo, "team-again", "Jag låter Konsultation Tresjöarna läsa mina bedömningar och min plan, men inte journalen.",
               ["region", "forsakringskassan", "arbetsformedlingen"], recipient("team", cast.id("team")),
               ["lakarutlatande", "arbetsformaga", "kartlaggning", "rehabplan"], "konsultation")
    say("Milo ger teamet en ny fullmakt, utan journalen.")


def something_to_take_up(story):
    """Another case on the team's waiting list."""
    cast = story.cast
    cast.robin.act({"kind": "sign_referral", "id": wire.new_id(), "team": cast.id("team"), "focus": "livelihood", "meetings": [],
                    "referred_by": cast.id("kommun")})
    say("Robin remitteras av kommunen och väntar på teamet.")


def something_to_approve(gateway):
    """An organisation that one administrator proposes and another one is to approve."""
    gateway.must("organisation", "add", "--name", "Praktikverkstan Exempel AB", "--number", "559000-0014", "--kind", "provider",
                 "--administrator", gateway.folder / "alice.key", "--data", gateway.data)
    say("Alice föreslår en ny organisation; en annan administratör ska godkänna.")


def one_more_administrator(gateway):
    """With a key that the page of the demo's people can have: those of Alice and Bo are in sealed files. The id and the key."""
    key = wire.Key()
    gateway.write("cleo.jwk", json.dumps(key.jwk))
    ids = gateway.apply("cleo.json", [{"kind": "register_administrator", "id": "$cleo", "name": ADMINISTRATOR[0], "key_file": "cleo.jwk"}])
    return ids["$cleo"], key


def address_of(port):
    return f"https://localhost:{port}/"


def open_portal(gateway, story, wanted=PORT):
    """The gateway anew, with an address for browsers and its people. Returns it."""
    something_to_answer(story)
    something_to_find(story)
    something_to_read(story)
    something_to_take_up(story)
    something_to_approve(gateway)
    people = demo_people(story.cast, one_more_administrator(gateway))
    gateway.stop()
    gateway.write("data/demo-people.json", json.dumps(people, ensure_ascii=False, indent=1))
    port = free_port(wanted)
    config = (gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
    listening = (f'listen_portal = "127.0.0.1:{port}"\nportal_origin = "https://localhost:{port}"\n'
                 'portal_contact = "Samordningsförbundet Tresjöarna\\nTelefon 0123-45 67 00"')
    gateway.write("flikvakt.toml", config.replace('listen_portal = "127.0.0.1:0"', listening))
    gateway.must_start()
    return address_of(port)
