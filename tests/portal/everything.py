"""A gateway with people who have everything that a page can show, and people who have nothing: for tests that look at each page and
state. Three people have everything, one for each language, so that what can be done once is done once in each."""
import contextlib
import datetime
import hashlib
import io
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
for folder in (ROOT / "demo", ROOT / "tests" / "faults"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
import cast  # noqa: E402
import clients  # noqa: E402
import credentials  # noqa: E402
import documents  # noqa: E402
import gateway as gateways  # noqa: E402
import portal  # noqa: E402
import scenes  # noqa: E402
import story  # noqa: E402
import visitor  # noqa: E402
import wire  # noqa: E402
import witness  # noqa: E402
from cast import period, recipient  # noqa: E402

PROGRAM = story.program()
DAY = 86400
MORE_KEYS = 4  # devices of somebody rich, beside the first: how much may be asked for is counted by device
# Official test numbers. Names are those of the demonstration's buttons; the product keeps none.
RICH = {"sv": ("milo", "197302889931", "Milo Låtsasberg"), "en": ("runa", "195704289999", "Runa Påhittdal"),
        "sv-x-latt": ("signe", "194608239986", "Signe Sagofors")}
OTHERS = {"love": ("200004059937", "Love Exempelgren"), "robin": ("200002292399", "Robin Påhittsson"),
          "skyddad": ("190905271474", "Vera Hemlid"), "vera": ("196408233234", "Ragna Vårdström"),
          "vidar": ("198112189876", "Vidar Vårdström"), "flod": ("191212121212", "Flora Flitberg")}
EXTRA_STAFF = [("ensam", "kommun", "Einar Ensamsson", []), ("gro", "insats", "Gro Medarbetare", ["log_reviewer"])]

# Two by two points of one colour.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001049444154789c63b0a968022206"
    "08050020de04d9004aef210000000049454e44ae426082")


def today(days=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def at(days):
    return wire.rfc3339(time.time() + days * DAY)


def digest(data):
    return wire.base64url(hashlib.sha256(data).digest())


def long_template(id, region="$region", team="$team"):
    return {"kind": "register_template", "id": id, "disclosers": [region], "recipients": [{"kind": "team", "id": team}], "flikar": ["journal"],
            "purpose": "konsultation", "rights": ["read"], "days": 30, "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e",
            "texts": [{"language": "sv", "name": "En lång text", "text": "Jag låter teamet läsa min journal inför mötet.\n" * 150}]}


class Everything:
    """`origin`, `ca` and `place_of(key)` are what a browser needs; `ids` what a tour needs. One for each `rich` person in `of`."""

    def __init__(self, folder, languages=visitor.LANGUAGES, letters=False):
        self.folder, self.letters, self.languages = pathlib.Path(folder), letters, languages
        (self.folder / "gateway").mkdir(mode=0o700)
        self.gateway = gateways.Gateway(PROGRAM, self.folder / "gateway")
        self.of, self.issuer, self.visitors = {}, None, []

    def start(self):
        """All of it; quiet."""
        with contextlib.redirect_stdout(io.StringIO()):
            self.found()
            self.enrol_others()
            for language in self.languages:
                self.of[language] = Rich(self, language).make()
            self.make_others()
            self.register_issuers()
            self.propose()
            self.open_portal()
        return self

    def stop(self):
        for one in self.visitors:
            one.close()
        self.gateway.end()
        if self.issuer:
            self.issuer.stop()

    # ---- The registry, and everybody as a client

    def found(self):
        self.gateway.found(cast.clients_of_pki())
        self.gateway.be_witnessed(witness.Witness(PROGRAM, self.folder / "witness", self.gateway.log_key).start())
        self.gateway.must_start()
        acts = cast.registry_acts()
        at_place = next(i for i, act in enumerate(acts) if act["kind"] == "register_flik_type")
        acts[at_place:at_place] = [{"kind": "register_staff", "id": "$" + key, "organisation": "$" + of, "name": name, "roles": roles}
                                   for key, of, name, roles in EXTRA_STAFF]
        acts += [{"kind": "set_telling", "code": "bilder", "tells_blocked": True},
                 {"kind": "register_team", "id": "$team2", "organisation": "$forbund", "name": "Konsultation Norr", "lead": "$vide"},
                 {"kind": "register_organisation", "id": "$tom", "name": "Region Ingenstans", "number": "232100-9999", "organisation_kind": "region"},
                 {"kind": "register_team", "id": "$team3", "organisation": "$region", "name": "Konsultation Väst", "lead": "$tuva"}]
        self.ids = self.gateway.apply("setup.json", acts)
        self.cast = cast.Cast(self.gateway, self.ids)
        for key, organisation, _, _ in EXTRA_STAFF:
            setattr(self.cast, key, self.cast.staff(key, organisation))
        self.people = {key: clients.Person(self.gateway, number) for key, number, _ in RICH.values()}
        self.people |= {key: clients.Person(self.gateway, number) for key, (number, _) in OTHERS.items()}
        self.cast.milo = self.people["milo"]
        told = scenes.Story(self.gateway, self.cast, [])
        told.first_certificates()
        told.teams()
        self.story = told
        self.cast.ture.act({"kind": "accept_team", "team": self.id("team2")})
        self.ids |= self.gateway.apply("template.json", [
            {"kind": "register_template", "id": "$mall", "disclosers": ["$region", "$forsakringskassan"],
             "recipients": [{"kind": "team", "id": "$team"}], "flikar": ["journal", "lakarutlatande"], "purpose": "konsultation",
             "rights": ["read"], "days": 90, "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e",
             "texts": [{"language": "sv", "name": "Inför första mötet", "text": "Jag låter Konsultation Tresjöarna läsa min journal och mina läkarutlåtanden inför mötet."},
                       {"language": "en", "name": "Before the first meeting", "text": "I let Konsultation Tresjöarna read my journal and my medical certificates before the meeting."}]}])
        self.cast.ids = self.ids
        self.ids |= self.gateway.apply("long.json", [long_template("$lang")])
        self.cast.ids = self.ids
        self.cast.ture.act({"kind": "set_partition_rule", "document_type": "brev", "version": 1, "name": "Brev", "media_type": "text/plain",
                            "parts": [{"flik": "kartlaggning", "takes": [{"kind": "whole", "name": ""}]}], "findings": []})
        self.cast.noor.act({"kind": "set_provider_entry", "areas": ["karriar"], "texts": [
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
        # One is in the team on one side's word only.
        self.cast.ivo.act({"kind": "roster_add", "team": self.id("team"), "staff": self.id("nils"), "role": "member"})

    def id(self, symbol):
        return self.ids["$" + symbol]

    def enrol_others(self):
        c, people = self.cast, self.people
        for key in ("love", "skyddad", "vera", "vidar", "flod"):
            self.story.enrol(people[key], people[key].key, c.kim, c.lee)
        robin = people["robin"]
        c.kim.act({"kind": "propose_key", "person": c.kim.handle(robin.number), "jwk": robin.key.jwk, "thumbprint": robin.key.thumbprint})
        c.ivo.act({"kind": "protect_identity", "person": c.ivo.handle(people["skyddad"].number), "alias": "Deltagare 17"})

    def make_others(self):
        people = self.people
        act = cast.kontrakt_act(people["flod"].number)
        act["id"], act["goals"] = "$long", "Ett långt mål, i många steg.\n" * 60
        act["parts"] = [{**act["parts"][0], "insats": f"Steg {number}", "goals": "Ett mål med många ord. " * (60 if number == 1 else 1)} for number in range(1, 12)]
        self.long_kontrakt = self.gateway.apply("long-kontrakt.json", [act])["$long"]
        for key in ("vera", "vidar", "flod", "skyddad"):  # so that figures are of enough people to be told
            people[key].act({"kind": "sign_referral", "id": wire.new_id(), "team": self.id("team"), "focus": "illness", "meetings": []})

    def represents(self, person, by, kind, powers, jointly=False):
        c, id = self.cast, wire.new_id()
        act = {"kind": "register_representative", "id": id, "representative_kind": kind, "powers": powers,
               "valid_from": at(-0.01), "valid_to": at(200), "person": c.kim.handle(self.people[person].number),
               "representative": c.kim.handle(self.people[by].number)}
        if jointly:
            act["jointly"] = True
        self.approved(c.kim, c.lee, act)
        return id

    def approved(self, first, second, act):
        waiting = first.act(act)["proposal"]
        second.act({"kind": "approve", "proposal": waiting, "act": second.waiting(waiting)})

    def register_issuers(self):
        """An e-ID, and the region's own sign-on."""
        self.issuer = credentials.Issuer(self.folder)
        self.gateway.apply("issuers.json", [self.issuer.act("eid", "E-legitimationen"), self.issuer.act("region", "Region Påhittköping", self.id("region"))])
        self.gateway.write("client.key", credentials.pem_of(credentials.ec.generate_private_key(credentials.ec.SECP256R1())).decode())

    def propose(self):
        """What waits for a second administrator: of the registry, and of a person."""
        path = self.gateway.write("proposals.json", json.dumps({"acts": [
            {"kind": "set_retention", "act_kind": "list_documents", "days": 2000},
            {"kind": "register_organisation", "id": "$ny", "name": "Vårdcentralen Nyby", "number": "559000-0014", "organisation_kind": "association"},
            long_template("$lang2", self.id("region"), self.id("team")),
            {"kind": "shred", "scope": "person", "person": {"number": self.people["flod"].number}}]}, ensure_ascii=False))
        self.gateway.must("apply", path, "--administrator", self.gateway.folder / "alice.key", "--data", self.gateway.data, "--ids", self.gateway.folder / "proposed.json")

    # ---- The portal

    def open_portal(self):
        """Anew, with an address for browsers, and everybody behind a button."""
        everybody = self.demo_people()
        people = [{"name": name, "about_sv": "Uppdiktad för testerna", "about_en": "Made up for the tests", "key": portal.pem(device)}
                  for _, device, name in everybody]
        self.places = {key: place for place, (key, _, _) in enumerate(everybody)}
        for key, organisation, name, _ in [*cast.STAFF, *EXTRA_STAFF]:
            who = getattr(self.cast, key)
            self.places[key] = len(people)
            people.append({"name": name, "about_sv": organisation, "about_en": organisation, "key": portal.pem(who.key),
                           "staff": {"staff": who.staff, "organisation": who.organisation, "certificate": wire.base64url(who.fingerprint),
                                     "assertion_key": who.key.thumbprint}})
        self.gateway.stop()
        self.gateway.write("data/demo-people.json", json.dumps({"version": 1, "people": people}, ensure_ascii=False))
        port = portal.free_port(0)
        self.origin, self.ca = f"https://localhost:{port}", self.gateway.pki / "ca.pem"
        config = (self.gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
        listening = (f'listen_portal = "127.0.0.1:{port}"\nportal_origin = "{self.origin}"\n'
                     'portal_client_key = "client.key"\n'
                     'portal_contact = "Samordningsförbundet Tresjöarna\\nExempelgatan 1, Påhittköping\\nTelefon 0123-45 67 00"')
        self.gateway.write("flikvakt.toml", config.replace('listen_portal = "127.0.0.1:0"', listening))
        self.gateway.must_start()

    def demo_people(self):
        """Name here, device key and name of each person behind a button; of a rich one each device has one."""
        out = [(key, self.people[key].key, name) for key, name in [(key, name) for key, _, name in RICH.values()] + [(key, name) for key, (_, name) in OTHERS.items()]]
        for rich in self.of.values():
            out += [(f"{rich.key}-{number}", device, rich.name) for number, device in enumerate(rich.more_keys, 2)]
        return out

    def place_of(self, key):
        return self.places[key]

    def visitor(self, language="sv", source=1):
        self.visitors.append(visitor.Visitor(self.origin, self.ca, language, source))
        return self.visitors[-1]

    def signed_in(self, key, language="sv"):
        out = self.visitor(language, 2)
        page = out.sign_in(self.place_of(key))
        if page.status not in (200, 403):
            raise AssertionError(f"signing in as {key}: {page.status} {page.path}")
        return out

    def code_of(self, administrator="alice"):
        got = self.gateway.must("portal", "--administrator", self.gateway.folder / f"{administrator}.key", "--data", self.gateway.data)
        return got["code"]

    def administrator(self, language="sv", name="alice"):
        out = self.visitor(language, 3)
        page = out.follow(out.submit(out.get("/sign-in/administrator"), "/sign-in/administrator", {"code": self.code_of(name)}))
        if not page.path.startswith("/administration"):
            raise AssertionError(f"an administrator's code: {page.status} {page.path}")
        return out


class Rich:
    """Somebody with everything. Ids by name."""

    def __init__(self, world, language):
        self.world, self.language = world, language
        self.key, self.number, self.name = RICH[language]
        self.fullmakt, self.document, self.request, self.sparr, self.case, self.proposal = {}, {}, {}, {}, {}, {}

    def make(self):
        c = self.cast = self.world.cast
        self.person = self.world.people[self.key]
        self.world.story.enrol(self.person, self.person.key, c.kim, c.lee)
        # While nobody is a recipient yet, so that any two registrars may do it.
        removed = wire.Key()
        self.world.story.enrol(self.person, removed, c.kim, c.lee)
        self.person.act({"kind": "remove_key", "thumbprint": removed.thumbprint})
        self.more_keys = [wire.Key() for _ in range(MORE_KEYS)]
        for key in self.more_keys:
            self.world.story.enrol(self.person, key, c.kim, c.lee)
        self.world.represents("skyddad", self.key, "ombud", ["see"])
        self.registration = {}
        for guardian in ("vera", "vidar"):
            self.registration[guardian] = self.world.represents(self.key, guardian, "guardian", ["see", "consent"], jointly=True)
        symbol = "kontrakt-" + self.key
        act = cast.kontrakt_act(self.number)
        act["id"] = "$" + symbol
        act["milestones"] = [{"text": "Ett första studiebesök är gjort", "due": today(10)}, *act["milestones"]]
        self.kontrakt = self.world.gateway.apply(symbol + ".json", [act])["$" + symbol]
        self.make_fullmakter()
        self.make_deposits()
        self.make_case()
        self.make_readings()
        self.make_sparrar()
        self.make_requests()
        self.make_keys()
        self.make_proposals()
        return self

    def handle(self, of):
        """This person, as that staff member's organisation knows them."""
        return self.cast.__dict__[of].handle(self.number)

    def make_deposits(self):
        c = self.cast
        letters = {"journal": "journal-vardcentral.pdf", "lakarutlatande": "lakarutlatande.pdf", "rehabplan": "rehabiliteringsplan.pdf"}
        made = [("journal", "region", "maja", "journal", "Journalanteckningar, Vårdcentralen Lindängen", "application/pdf"),
                ("utlatande", "region", "maja", "lakarutlatande", "Läkarutlåtande om hälsotillstånd", "application/pdf"),
                ("plan", "region", "maja", "rehabplan", "Rehabiliteringsplan", "application/pdf"),
                ("bild", "region", "maja", "bilder", "Röntgen höger handled", "image/png"),
                ("oversikt", "region", "maja", "fhir", "Patientöversikt (FHIR)", "application/fhir+json"),
                ("merit", "arbetsformedlingen", "saga", "anstallning", "Anställningshistorik och meriter", "text/plain"),
                ("beslut", "kommun", "nils", "ekonomi", "Beslut om ekonomiskt bistånd", "text/plain"),
                ("fil", "insats", "elin", "rapport", "Deltagarrapport, vecka 44–46", "application/vnd.oasis.opendocument.text")]
        all_of = {one["file"]: one for one in documents.load("documents.json")}
        people = documents.people()
        for name, _, who, flik, title, media_type in made:
            content = {"text/plain": b"Ett p\xc3\xa5hittat dokument.\n", "image/png": PNG,
                       "application/fhir+json": b'{"resourceType": "Bundle", "type": "document", "entry": []}',
                       "application/vnd.oasis.opendocument.text": b"PK\x03\x04" + bytes(60)}.get(media_type)
            if media_type == "application/pdf":
                one = all_of[letters[flik]]
                path = self.world.folder / one["file"]
                if not path.exists():
                    documents.write_letter(one, people[one["person"]], path)
                content = path.read_bytes()
            facts = {"flik": flik, "title": title, "author": "Anna Läkare", "date": today(-30), "media_type": media_type}
            self.deposit(name, who, facts, content)
        one = {"flik": "arbetsformaga", "author": "Anna Läkare", "date": today(-20), "media_type": "text/plain"}
        self.deposit("others", "maja", {**one, "title": "Anhörigsamtal"}, b"Om tva.\n", others=["flod"])
        self.deposit("newer", "maja", {**one, "title": "Bedömning av arbetsförmåga, rättad", "replaces": self.deposit(
            "older", "maja", {**one, "title": "Bedömning av arbetsförmåga"}, b"Forst.\n")}, b"Sedan.\n")

        # Of one document only, and that can be named now.
        self.sign("single", "Försäkringskassan får läsa ett enda dokument.", ["kommun"], recipient("organisation", c.id("forsakringskassan")), [], "bedomning",
                  documents=[self.document["beslut"]])

    def deposit(self, name, who, facts, content, others=()):
        """As clients.Staff.deposit, with other people whom the document concerns."""
        staff, id = getattr(self.cast, who), wire.new_id()
        facts = {**facts, "size": len(content), "sha256": digest(content), "other_subjects": []}
        staff.act({"kind": "begin_deposit", "id": id, "person": staff.handle(self.number), "facts": facts,
                   "other_subjects": [staff.handle(self.world.people[key].number) for key in others]})
        sent = staff.ask("PUT", f"/v1/deposits/{id}/content", [("Content-Type", facts["media_type"])], content)
        self.document[name] = clients.expect(sent, "deposit")["document"]
        return self.document[name]

    def sign(self, name, text, disclosers, to, flikar, purpose, more=None, **terms):
        id = wire.new_id()
        act = {"kind": "sign_fullmakt", "id": id, "text": text, "terms": self.cast.terms(text, disclosers, to, flikar, purpose, **terms)}
        self.person.act({**act, **(more or {})}, widens=True)
        self.fullmakt[name] = id
        return id

    def make_fullmakter(self):
        c = self.cast
        team, forsakringskassan = recipient("team", c.id("team")), recipient("organisation", c.id("forsakringskassan"))
        everyone = ["region", "forsakringskassan", "arbetsformedlingen", "kommun", "forbund"]
        self.sign("team", "Jag låter Konsultation Tresjöarna läsa mina dokument inför mötet.", everyone, team,
                  ["journal", "lakarutlatande", "arbetsformaga", "kartlaggning", "bilder", "fhir"], "konsultation")
        self.sign("provider", "Jag låter Stegvis Karriär läsa min plan och mina meriter, och lämna rapporter.",
                  ["region", "arbetsformedlingen", "insats"], recipient("organisation", c.id("insats")),
                  ["anstallning", "rapport", "rehabplan"], "insats", rights=["deposit", "read"], kontrakt=self.kontrakt)
        self.sign("coach", "Min coach får läsa min plan, tio gånger.", ["region"], recipient("staff", c.id("vide")), ["rehabplan"], "stod",
                  max_readings=10)
        self.sign("paused", "Kommunen får läsa mina meriter.", ["arbetsformedlingen"], recipient("organisation", c.id("kommun")),
                  ["anstallning"], "rehab")
        self.person.act({"kind": "pause_fullmakt", "id": self.fullmakt["paused"]})
        self.sign("waits", "Arbetsförmedlingen får läsa mitt läkarutlåtande nästa månad.", ["region"],
                  recipient("organisation", c.id("arbetsformedlingen")), ["lakarutlatande"], "rehab", valid_from=at(20), valid_to=at(90))
        self.sign("exhausted", "Arbetsförmedlingen får läsa beslutet en gång.", ["kommun"],
                  recipient("organisation", c.id("arbetsformedlingen")), ["ekonomi"], "bedomning", max_readings=1)
        self.sign("revoked", "Försäkringskassan får läsa mina bilder.", ["region"], forsakringskassan, ["bilder"], "bedomning")
        self.person.act({"kind": "revoke_fullmakt", "id": self.fullmakt["revoked"]})
        self.sign("relinquished", "Saga får läsa min plan.", ["region"], recipient("staff", c.id("saga")), ["rehabplan"], "stod")
        c.saga.act({"kind": "relinquish_fullmakt", "id": self.fullmakt["relinquished"]})
        old = self.sign("superseded", "Försäkringskassan får läsa min journal.", ["region"], forsakringskassan, ["journal"], "rehab")
        self.sign("newer", "Försäkringskassan får läsa min journal och mitt läkarutlåtande.", ["region"], forsakringskassan,
                  ["journal", "lakarutlatande"], "rehab", supersedes=old)
        # On paper, by registrars of two organisations.
        text, id = "Kommunen får läsa min rehabiliteringsplan.", wire.new_id()
        terms = c.terms(text, ["region"], recipient("organisation", c.id("kommun")), ["rehabplan"], "rehab")
        self.world.approved(c.kim, c.lee, {"kind": "paper_fullmakt", "id": id, "person": c.kim.handle(self.number), "terms": terms,
                                           "text": text, "scan_sha256": digest(b"papper")})
        self.fullmakt["paper"] = id

    def make_case(self):
        c = self.cast
        for name, team, referred in (("open", "team", True), ("waiting", "team", True), ("closing", "team", False)):
            id = wire.new_id()
            act = {"kind": "sign_referral", "id": id, "team": c.id(team), "focus": "illness" if name == "open" else "livelihood", "meetings": [],
                   "triage": today(7)}
            if referred:
                act["referred_by"] = c.id("region")
            self.person.act(act)
            self.case[name] = id
        c.alva.act({"kind": "accept_case", "id": self.case["open"], "meetings": [at(14)]})
        c.alva.act({"kind": "accept_case", "id": self.case["closing"], "meetings": []})
        c.alva.act({"kind": "propose_hand_over", "id": self.case["open"], "team": c.id("team2")})
        plan = cast.kontrakt_act(self.number)
        parts = [{**part, "provider": c.id("insats")} for part in plan["parts"]]
        self.world.gateway.apply(f"plan-{self.key}.json", [
            {"kind": "propose_kontrakt", "id": self.kontrakt, "plan": {
                "goals": "Tillbaka i arbete på heltid, i min egen takt", "parts": parts, "milestones": plan["milestones"]}}])
        c.elin.act({"kind": "reach_milestone", "kontrakt": self.kontrakt, "milestone": 0, "reached": today(-1)})

    def read(self, who, name, purpose):
        return getattr(self.cast, who).ask("GET", f"/v1/documents/{self.document[name]}/content?purpose={purpose}").status

    def make_readings(self):
        self.statuses = [self.read(*one) for one in (
            ("jorun", "journal", "konsultation"), ("jorun", "utlatande", "konsultation"), ("tuva", "journal", "konsultation"),
            ("elin", "plan", "insats"), ("elin", "merit", "insats"), ("vide", "plan", "stod"), ("saga", "beslut", "bedomning"),
            ("elin", "journal", "insats"), ("vide", "beslut", "stod"))]

    def make_sparrar(self):
        c = self.cast
        for name, terms in (("dates", {"target": "dates", "from": "2019-01-01", "to": "2020-12-31", "everyone": True, "recipients": []}),
                            ("document", {"target": "document", "document": self.document["bild"], "everyone": True, "recipients": [], "until": at(30)}),
                            ("some", {"target": "flik", "flik": "ekonomi", "everyone": False,
                                      "recipients": recipient("organisation", c.id("arbetsformedlingen"))})):
            id = wire.new_id()
            self.person.act({"kind": "set_sparr", "id": id, "terms": terms})
            self.sparr[name] = id

    def ask(self, name, staff, terms):
        id = wire.new_id()
        who = getattr(self.cast, staff)
        who.act({"kind": "request_access", "id": id, "person": who.handle(self.number), "terms": terms})
        self.request[name] = id

    def make_requests(self):
        c = self.cast
        provider = {"recipient": recipient("organisation", c.id("insats"))[0], "disclosers": [c.id("region")],
                    "flikar": ["journal", "lakarutlatande"], "purpose": "insats", "rights": ["deposit", "read"], "valid_to": at(30),
                    "message": "Hej! Vi behöver se läkarutlåtandet för att kunna planera praktiken.\nHälsningar Elin"}
        self.ask("open", "elin", provider)
        self.ask("refuse", "elin", {**provider, "flikar": ["bilder"], "message": ""})
        standing = next(one for one in self.person.overview()["fullmakter"] if one["id"] == self.fullmakt["team"])
        self.ask("adds", "alva", {"recipient": recipient("team", c.id("team"))[0], "disclosers": [c.id("region")], "flikar": ["rehabplan"],
                                  "purpose": "konsultation", "rights": ["read"], "valid_to": standing["terms"]["valid_to"],
                                  "fullmakt": standing["id"], "message": "Vi saknar planen inför mötet."})
        self.ask("declined", "elin", {**provider, "flikar": ["ekonomi"], "message": ""})
        self.person.act({"kind": "decline_request", "id": self.request["declined"]})
        self.ask("withdrawn", "elin", {**provider, "flikar": ["fhir"], "message": ""})
        c.elin.act({"kind": "withdraw_request", "id": self.request["withdrawn"]})

    def make_keys(self):
        c = self.cast
        proposed = wire.Key()
        c.kim.act({"kind": "propose_key", "person": c.kim.handle(self.number), "jwk": proposed.jwk, "thumbprint": proposed.thumbprint})
        self.proposed_key = proposed.thumbprint

    def make_proposals(self):
        c = self.cast
        for name, text in (("paper", "Arbetsförmedlingen får läsa min journal."), ("stopped", "Försäkringskassan får läsa min plan.")):
            terms = c.terms(text, ["region"], recipient("organisation", c.id("arbetsformedlingen")), ["journal"], "rehab")
            self.proposal[name] = c.kim.act({"kind": "paper_fullmakt", "id": wire.new_id(), "person": c.kim.handle(self.number), "terms": terms,
                                             "text": text, "scan_sha256": digest(b"annat")})["proposal"]
