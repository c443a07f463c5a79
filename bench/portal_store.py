"""The store of `./dev bench --portal`: a förbund that has grown old. Everything in it was done by whoever does it in life, over the gateway's own doors;
the many people and their readings by bench/process (`grow`). What is worst for a page is there on purpose, and who meets it is in the demo's people."""
import concurrent.futures
import json
import time

import cast
import clients
import life
import portal as demo_portal
import scenes
import servers
import wire

PEOPLE, DOCUMENTS, ENTRIES = 100_000, 100_000, 1_000_000  # by grow(), two fullmakter each
AUTHORITIES, PROVIDERS, TEAMS, STAFF, TEMPLATES = 1000, 2000, 200, 5000, 40
PARTICIPANTS, CASES = 2000, 500     # of the provider `insats`; of the team that Alva leads
STANDING, ENDED, OWN_DOCUMENTS, OWN_ENTRIES, SPARRAR, REQUESTS = 80, 80, 400, 2000, 30, 60  # of one person
NOTED = 200                         # acts to be followed up
AT_ONCE = 500                       # acts in one file
FIRST_NUMBER = 600_000              # of the participants: grow() begins at 0
UNLIMITED = "pages_per_second = 1000000\npage_burst = 1000000\nsign_in_pages_per_second = 1000000\nsign_in_page_burst = 1000000\n"
LONG = ("Under våren arbetar deltagaren deltid i butik med stöd av handledaren, och trappar upp i den takt som läkaren och deltagaren själv "
        "bedömer. Varannan vecka stämmer alla av hur det går. ")


def number_of(person):
    """As bench_number() of bench/process/grow.cpp makes it."""
    import datetime
    day = datetime.date(1900, 1, 2) + datetime.timedelta(days=person // 20)
    digits = f"{day:%Y%m%d}{980 + person % 20}"
    total = 0
    for place, digit in enumerate(digits[2:]):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return digits + str(-total % 10)


def long_text(most):
    return (LONG * (most // len(LONG) + 1))[:most].rstrip()


class Patient:
    """A person whose acts come as fast as the gateway takes one person's (API-5)."""

    def __init__(self, person):
        self.person, self.number = person, person.number

    def act(self, act, **more):
        while True:
            try:
                return self.person.act(act, **more)
            except clients.Refused as error:
                if " 429 " not in str(error):
                    raise
                time.sleep(0.5)


class Store:
    """Makes it; `scale` shrinks what there are many of, but for `people`, where that is given."""

    def __init__(self, folder, scale, people=None, say=print):
        self.scale, self.say = scale, say
        self.grown_people = people or self.some(PEOPLE)
        ours = cast.clients_of_pki
        cast.clients_of_pki = lambda: ours() + [f"p{i}={self.provider_name(i)}={self.number(i)}" for i in range(self.some(PROVIDERS))]
        try:
            self.server = servers.FlikvaktServer(folder / "gateway", {0, 1}, threads=2, name="portal")
        finally:
            cast.clients_of_pki = ours
        self.gateway, self.told = self.server.gateway, self.server.told
        self.cast = self.told.cast
        self.began = time.monotonic()

    def some(self, count, least=3):
        return max(least, int(count * self.scale))

    @staticmethod
    def provider_name(i):
        return f"Insatsaktör {i:04d} Exempel AB"

    @staticmethod
    def number(i):
        return f"{900_000 + i:06d}-{i % 10_000:04d}"

    def lap(self, what):
        now = time.monotonic()
        self.say(f"· {what}: {now - self.began:.0f} s", flush=True)
        self.began = now

    def apply(self, name, acts):
        for place in range(0, len(acts), AT_ONCE):
            self.cast.ids = self.gateway.apply(f"{name}-{place}.json", acts[place:place + AT_ONCE])

    def make(self):
        config = self.gateway.folder / "flikvakt.toml"
        config.write_text(config.read_text() + UNLIMITED)
        self.registry()
        self.people()
        self.one_person()
        self.reviews()
        self.server.add_grown("--people", self.grown_people, "--fullmakter", 2, "--documents", self.some(DOCUMENTS), "--bytes", 1024)
        self.lap("grown: people, fullmakter, documents")
        self.readings()
        self.notes()
        people = demo_portal.demo_people(self.cast)
        people["people"] += [self.staff_who("granskare"), self.staff_who("ombud")]
        self.gateway.write("data/demo-people.json", json.dumps(people, ensure_ascii=False, indent=1))
        text = config.read_text()
        port = demo_portal.free_port(0)
        listening = f'listen_portal = "127.0.0.1:{port}"\nportal_origin = "https://localhost:{port}"'
        config.write_text(text.replace('listen_portal = "127.0.0.1:0"', listening))
        world = {"people": [one["name"] for one in people["people"]], "known": self.known()}
        self.server.stop()
        self.gateway.write("world.json", json.dumps(world, ensure_ascii=False, indent=1))
        self.server.start()

    # ---- The registry

    def registry(self):
        acts, of = [], {"kind": "register_staff"}
        for i in range(self.some(AUTHORITIES)):
            acts.append({"kind": "register_organisation", "id": f"$o{i}", "name": f"Myndigheten för exempel {i:04d} i Påhittköping",
                         "number": self.number(5000 + i), "organisation_kind": ("authority", "municipality", "region")[i % 3]})
        for i in range(self.some(PROVIDERS)):
            organisation = {"organisation": f"$p{i}"}
            acts += [
                {"kind": "register_organisation", "id": f"$p{i}", "name": self.provider_name(i), "number": self.number(i),
                 "organisation_kind": "provider"},
                {"kind": "register_certificate", **organisation, "certificate_file": f"pki/p{i}.pem", "issuer_file": "pki/ca.pem"},
                {"kind": "register_assertion_key", **organisation, "key_file": f"pki/p{i}-staff.jwk"},
                {"kind": "register_staff", "id": f"$ps{i}", **organisation, "name": f"Ansvarig {i:04d}", "roles": ["registrar"]},
                {"kind": "register_authorisation", "id": f"$pa{i}", **organisation, "areas": ["karriar", "rehab", "arbetstraning"][: 1 + i % 3],
                 **cast.period()}]
        acts += [{**of, "id": f"$s{i}", "organisation": "$region", "name": f"Medarbetare {i:04d} Exempelsson", "roles": []}
                 for i in range(self.some(STAFF))]
        acts += [{**of, "id": "$granskare", "organisation": "$kommun", "name": "Gro Granskare", "roles": ["log_reviewer"]},
                 {**of, "id": "$ombud", "organisation": "$region", "name": "Ola Rosteransvarig", "roles": ["roster_officer"]}]
        acts += [{"kind": "register_unit", "id": f"$u{i}", "organisation": "$region", "name": f"Vårdcentralen Exempel {i:03d}"} for i in range(self.some(STAFF // 20))]
        acts += [{"kind": "register_team", "id": f"$t{i}", "organisation": "$forbund", "name": f"Konsultation Exempel {i:03d}", "lead": "$alva"}
                 for i in range(self.some(TEAMS))]
        acts += [{"kind": "register_template", "id": f"$m{i}", "disclosers": ["$region", "$kommun"], "recipients": [{"kind": "team", "id": "$team"}],
                  "flikar": ["journal", "ekonomi"], "purpose": "konsultation", "rights": ["read"], "days": 180, "secrecy_consent": "osl-10-1",
                  "legal_ground": "gdpr-6-1-e", "texts": [{"language": language, "name": f"Möte {i:02d}", "text": long_text(8000)} for language in ("sv", "en")]}
                 for i in range(self.some(TEMPLATES))]
        self.apply("registry", acts)
        self.lap(f"registry, {len(acts)} acts of two administrators")
        for i in range(self.some(TEAMS)):
            self.cast.ture.act({"kind": "accept_team", "team": self.cast.id(f"t{i}")})
        self.in_turns(self.entry, range(self.some(PROVIDERS)))
        self.lap("teams, entries of providers")

    def staff_who(self, symbol):
        """One of those whom the demo does not have, as BS-40 has staff."""
        organisation = {"granskare": "kommun", "ombud": "region"}[symbol]
        who = clients.Staff(self.gateway, organisation, self.cast.id(organisation), self.cast.id(symbol))
        staff = {"staff": who.staff, "organisation": who.organisation, "certificate": wire.base64url(who.fingerprint),
                 "assertion_key": who.key.thumbprint}
        return {"name": symbol, "about_sv": "", "about_en": "", "staff": staff, "key": demo_portal.pem(who.key)}

    def entry(self, i):
        who = clients.Staff(self.gateway, f"p{i}", self.cast.id(f"p{i}"), self.cast.id(f"ps{i}"))
        who.act({"kind": "set_provider_entry", "areas": ["karriar"], "texts": [
            {"language": "sv", "offers": f"Stöd nummer {i}. " + long_text(500), "for_whom": long_text(300), "steps": long_text(300),
             "place": f"Exempelgatan {i}, Påhittköping", "contact": "Telefon 0123-45 67 89"},
            {"language": "en", "offers": f"Support number {i}. " + long_text(500), "for_whom": long_text(300), "steps": "", "place": "", "contact": ""}]})
        who.close()

    def in_turns(self, act, items):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for _ in pool.map(act, items):
                pass

    # ---- People of the provider, and cases of the team

    def join(self, one):
        """Each at the desk of another provider: one organisation enrols no more than one in 20 seconds (API-45)."""
        i, person = one
        desk = i % self.some(PROVIDERS)
        first = clients.Staff(self.gateway, f"p{desk}", self.cast.id(f"p{desk}"), self.cast.id(f"ps{desk}"))
        second = clients.Staff(self.gateway, self.cast.lee.label, self.cast.lee.organisation, self.cast.lee.staff)
        self.told.enrol(person, person.key, first, second)
        first.close()
        second.close()

    def people(self):
        numbers = [number_of(FIRST_NUMBER + i) for i in range(self.some(PARTICIPANTS))]
        people = [clients.Person(self.gateway, number) for number in numbers]
        self.in_turns(self.join, list(enumerate(people)))
        self.apply("kontrakt", [
            {"kind": "register_kontrakt", "id": f"$k{i}", "person": {"number": person.number}, "goals": "Tillbaka i arbete",
             "parts": [{"insats": "Karriärcoachning", "provider": "$insats", "area": "karriar", **cast.period(20 + i % 300), "goals": long_text(400)}],
             "milestones": [{"text": "En praktikplats är hittad", "due": cast.period(60)["valid_to"][:10]}]} for i, person in enumerate(people)])
        self.lap("participants and their kontrakt")
        cases = self.some(CASES)
        for i, person in enumerate(people):
            self.told.sign(person, f"participant-{i}", "Jag låter insatsaktören läsa min plan.", ["region"],
                           cast.recipient("organisation", self.cast.id("insats")), ["rehabplan"], "insats", kontrakt=self.cast.id(f"k{i}"))
            if i < cases:
                person.act({"kind": "sign_referral", "id": wire.new_id(), "team": self.cast.id("team"), "focus": "illness", "meetings": [],
                            "referred_by": self.cast.id("region")})
            person.close()
        self.lap("their fullmakter and cases")

    # ---- Somebody with much of everything

    def one_person(self):
        milo, told = Patient(self.cast.milo), self.told
        part = {"provider": "$insats", "area": "karriar", **cast.period(90), "goals": long_text(450)}  # an act has at most 64 KiB as it is signed
        self.apply("long-kontrakt", [
            {"kind": "register_kontrakt", "id": "$long", "person": {"number": milo.number}, "goals": long_text(2000),
             "parts": [{"insats": f"Insats {i}: {long_text(60)}", **part} for i in range(36)],
             "milestones": [{"text": f"Delmål {i}: {long_text(100)}", "due": cast.period(30 + i)["valid_to"][:10]} for i in range(100)]}])
        everybody = [f"o{i}" for i in range(min(45, self.some(AUTHORITIES)))]
        for i in range(self.some(STANDING) + self.some(ENDED)):
            name = f"milo-{i}"
            to = [one for symbol in everybody[: 1 + i % 45] for one in cast.recipient("organisation", self.cast.id(symbol))]
            to.sort(key=lambda one: one["id"])
            told.sign(milo, name, "Jag låter dem läsa min journal.", ["region", "kommun", "forsakringskassan"], to,
                      ["journal", "lakarutlatande", "ekonomi", "anstallning"][: 1 + i % 4], "konsultation")
            if i >= self.some(STANDING):
                milo.act({"kind": "revoke_fullmakt", "id": told.fullmakter[name]})
        told.sign(milo, "team", "Jag låter Konsultation läsa mina dokument.", ["region", "kommun"], cast.recipient("team", self.cast.id("team")),
                  ["journal", "lakarutlatande", "rehabplan"], "konsultation")
        told.sign(milo, "insats", "Jag låter insatsaktören läsa min plan.", ["region", "insats"],
                  cast.recipient("organisation", self.cast.id("insats")), ["rehabplan"], "insats", rights=["read", "deposit"], kontrakt=self.cast.id("kontrakt"))
        told.sign(milo, "coach", "Jag låter min coach läsa min plan.", ["region"], cast.recipient("staff", self.cast.id("vide")), ["rehabplan"], "stod")
        self.lap("one person's kontrakt and fullmakter")
        for i in range(self.some(OWN_DOCUMENTS)):
            facts = {"flik": ["journal", "rehabplan", "ekonomi", "lakarutlatande"][i % 4], "title": f"Handling {i}: {LONG[:120]}", "author": "Maja Fiktelius",
                     "date": f"2026-{1 + i % 10:02d}-{1 + i % 28:02d}", "media_type": "text/plain"}
            self.last_document = self.cast.maja.deposit(milo.number, facts, f"Anteckning {i}\n".encode())
        case = wire.new_id()
        milo.act({"kind": "sign_referral", "id": case, "team": self.cast.id("team"), "focus": "illness", "meetings": [], "referred_by": self.cast.id("region")})
        self.cast.alva.act({"kind": "accept_case", "id": case, "meetings": [wire.rfc3339(time.time() + (1 + i) * 86400) for i in range(20)]})
        self.case = case
        for i in range(self.some(SPARRAR)):
            milo.act({"kind": "set_sparr", "id": wire.new_id(), "terms": {"target": "flik", "flik": "bilder", "everyone": False,
                                                                         "recipients": cast.recipient("organisation", self.cast.id(everybody[i % len(everybody)]))}})
        for i in range(self.some(REQUESTS)):
            self.request = life.ask(told, self.cast.elin, milo.number, {
                "recipient": cast.recipient("organisation", self.cast.id("insats"))[0], "disclosers": sorted(self.cast.id(one) for one in everybody[:15]),
                "flikar": ["journal", "lakarutlatande"], "purpose": "insats", "rights": ["read"], "valid_to": wire.rfc3339(time.time() + 30 * 86400),
                "message": long_text(1800)})
        self.lap("one person's documents, case, spärrar, requests")

    def readings(self):
        """Of one document of one person, and of many of many: by the kommun."""
        import bench
        paths = [self.server.paths[4096]]
        bench.load(self.server, paths, ["-c", 4, "-n", self.some(OWN_ENTRIES // 2), "-w", "0", "-d", "120"])
        self.server.stop()
        grown = self.server.in_process("grow", "--people", 0, "--documents", 0, "--entries", self.some(ENTRIES))
        self.say(f"· log of {grown['log_size']} entries", flush=True)
        self.server.start()
        self.lap("readings")

    def reviews(self):
        """Something of every staff member for the reviewers to look at."""
        for who in ("jorun", "saga", "nils", "elin", "vide"):
            for _ in range(20):
                clients.expect(getattr(self.cast, who).ask("GET", "/v1/notices"), "notices")

    def notes(self):
        """What the kommun's reviewer found of acts of Nils."""
        reviewer = clients.Staff(self.gateway, "kommun", self.cast.id("kommun"), self.cast.id("granskare"))
        last = self.server.log_size() - 1
        for i in range(2 * self.some(NOTED)):  # every second entry is the gateway's own, of a reading that ended
            reviewer.act({"kind": "note_review", "entry": last - i, "finding": "follow_up", "note": f"Fråga varför, nummer {i}"})

    def known(self):
        """Ids that addresses of pages hold."""
        milo, told, ids = self.cast.milo, self.told, self.cast.id
        return {"fullmakt": told.fullmakter["milo-44" if "milo-44" in told.fullmakter else "team"], "document": self.last_document, "case": self.case,
                "request": self.request, "kontrakt": ids("long"), "provider": ids("p0"), "organisation": ids("region"), "template": ids("m0"),
                "team": ids("team"), "handle_forbund": self.cast.alva.handle(milo.number), "handle_insats": self.cast.elin.handle(milo.number),
                "handle_kommun": self.cast.ivo.handle(milo.number), "staff": ids("s0")}
