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
    ("milo", "Länge sjuk, vill tillbaka till arbete. Se vem som kan se vad, återkalla, svara på begäran.",
     "Long ill, wants to work again. See who can see what, take back, answer a request."),
    ("robin", "Ung, har aldrig haft ett jobb. Ett kontrakt som är slut.", "Young, never had a job. A kontrakt that has ended."),
    ("love", "Har just börjat. Ett enda dokument.", "Has just begun. One document."),
]
PARTS = {  # of staff, in the story
    "kim": ("Registrator: lägg in nycklar, papper och kallelser", "Registrar: enrols keys and paper"),
    "alva": ("Leder teamet: väntelista, medlemmar, ärenden", "Leads the team: waiting list, members, cases"),
    "tuva": ("I teamet Konsultation. Logggranskare i regionen", "In the team Konsultation. Reviews the region's log"),
    "saga": ("Logggranskare", "Log reviewer"),
    "jorun": ("I teamet Konsultation", "In the team Konsultation"),
    "elin": ("Insatsaktör: deltagare, planer, rapporter", "Provider: participants, plans, reports"),
    "noor": ("Ansvarig hos insatsaktören: sidan i katalogen", "In charge at the provider: the page in the catalogue"),
    "vide": ("Coach", "Coach"),
    "ture": ("Samordningsförbundets registrator", "Registrar of the coordination body"),
}


def pem(key):
    return key.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def demo_people(cast):
    """BS-40: persons with their device key, staff with their organisation's."""
    out = [{"name": cast.people[key]["name"], "about_sv": swedish, "about_en": english, "key": pem(getattr(cast, key).key)}
           for key, swedish, english in PEOPLE]
    names = {one["key"]: one["name"] for one in organisations()}
    for key, organisation, name, _ in STAFF:
        who, part = getattr(cast, key), PARTS.get(key)
        about = [names[organisation] + (". " + text if text else "") for text in part or ("", "")]
        staff = {"staff": who.staff, "organisation": who.organisation, "certificate": wire.base64url(who.fingerprint),
                 "assertion_key": who.key.thumbprint}
        out.append({"name": name, "about_sv": about[0], "about_en": about[1], "staff": staff, "key": pem(who.key)})
    return {"version": 1, "people": out}


def organisations():
    import documents
    return documents.load("organisations.json")


def free_port(wanted):
    """`wanted`, or any other when somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            return taken.getsockname()[1]
    raise OSError("no port is free")


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


def open_portal(gateway, story, wanted=PORT):
    """The gateway anew, with an address for browsers. Returns it."""
    something_to_answer(story)
    something_to_find(story)
    gateway.stop()
    gateway.write("data/demo-people.json", json.dumps(demo_people(story.cast), ensure_ascii=False, indent=1))
    port = free_port(wanted)
    config = (gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
    listening = f'listen_portal = "127.0.0.1:{port}"\nportal_origin = "https://localhost:{port}"'
    gateway.write("flikvakt.toml", config.replace('listen_portal = "127.0.0.1:0"', listening))
    gateway.must_start()
    return f"https://localhost:{port}/"
