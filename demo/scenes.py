"""The story, scene by scene. Every reading is written down, so that it can be compared with the log afterwards."""
import hashlib
import pathlib
import time

import clients
import journal
import notes
import wire
from cast import kontrakt_act, recipient
from clients import expect

LARGE = "rontgenbilder.pdf"


def say(line):
    print("·", line, flush=True)


class Story:
    def __init__(self, gateway, cast, documents):
        self.gateway, self.cast, self.made = gateway, cast, documents
        self.documents = {}    # file: id in the gateway
        self.readings = []     # what our clients received, and the size of the log before the first byte was looked at
        self.fullmakter = {}   # name: id
        self.effects = []      # what each change of a consent did to a reading, beside what it should
        self.saved = ""        # a checkpoint kept early
        self.connectors = None  # of two of the sources, where there are any
        self.by_connector = {}  # file that one of them brought: whether it was read word for word

    def before_revocation(self):
        import life
        for scene in (self.first_certificates, self.teams, self.enrolment, self.sign_fullmakter, self.paper, self.deposits, self.whole_journal, self.consultation,
                      self.provider, self.sparr, self.coach):
            scene()
        life.play(self)

    def first_certificates(self):
        """Until the revocation list is applied nobody comes in: doubt means no."""
        end = time.monotonic() + 30
        while self.cast.kim.ask("POST", "/v1/handles", body={"number": self.cast.milo.number}).status != 200:
            if time.monotonic() > end:
                raise clients.Refused("the revocation list was not applied: " + self.gateway.said())
            time.sleep(0.05)

    def teams(self):
        cast, team = self.cast, self.cast.id("team")
        cast.ture.act({"kind": "accept_team", "team": team})
        for officer, member in (("kim", "tuva"), ("lee", "jorun"), ("rut", "saga")):
            act = {"kind": "roster_add", "team": team, "staff": cast.id(member), "role": "member"}
            getattr(cast, officer).act(act)
            cast.alva.act(act)
        say("Konsultation: Alva leder; Tuva (regionen), Jorun (Försäkringskassan) och Saga (Arbetsförmedlingen) är med,"
            " var och en med ja från två sidor.")

    def enrol(self, person, key, first, second):
        act = {"person": first.handle(person.number), "jwk": key.jwk, "thumbprint": key.thumbprint}
        first.act({"kind": "propose_key", **act})
        second.act({"kind": "confirm_key", "person": second.handle(person.number), "thumbprint": key.thumbprint})

    def enrolment(self):
        cast = self.cast
        for key, first, second in (("milo", cast.kim, cast.lee), ("robin", cast.ivo, cast.rut), ("love", cast.ivo, cast.kim)):
            person = getattr(cast, key)
            self.enrol(person, person.key, first, second)
        say("Milo, Robin och Love får var sin nyckel: en registrerare intygar numret, en annan organisations registrerare bekräftar.")
        cast.ids = self.gateway.apply("kontrakt.json", [kontrakt_act(cast.milo.number)])

    def sign(self, person, name, text, *terms, **more):
        id = wire.new_id()
        person.act({"kind": "sign_fullmakt", "id": id, "text": text, "terms": self.cast.terms(text, *terms, **more)}, widens=True)
        self.fullmakter[name] = id

    def sign_fullmakter(self):
        cast = self.cast
        self.sign(cast.milo, "team", "Jag låter Konsultation Tresjöarna läsa mina dokument inför mötet.",
                  ["region", "forsakringskassan", "arbetsformedlingen", "kommun", "forbund"], recipient("team", cast.id("team")),
                  ["journal", "lakarutlatande", "arbetsformaga", "kartlaggning", "ekonomi", "anstallning", "bilder", "fhir"],
                  "konsultation")
        self.sign(cast.milo, "provider", "Jag låter Stegvis Karriär läsa min plan och mina meriter, och lämna rapporter.",
                  ["region", "arbetsformedlingen", "insats"], recipient("organisation", cast.id("insats")),
                  ["anstallning", "rapport", "rehabplan"], "insats", rights=["read", "deposit"], kontrakt=cast.id("kontrakt"))
        self.sign(cast.milo, "coach", "Jag låter min coach läsa min rehabiliteringsplan.",
                  ["region"], recipient("staff", cast.id("vide")), ["rehabplan"], "stod")
        self.sign(cast.robin, "robin", "Jag låter Försäkringskassan läsa mina meriter och beslut.",
                  ["arbetsformedlingen", "kommun"], recipient("organisation", cast.id("forsakringskassan")),
                  ["anstallning", "ekonomi"], "rehab")
        say("Milo undertecknar tre fullmakter: för teamet, för insatsaktören och för coachen. Robin en.")

    def paper(self):
        cast, text, id = self.cast, "Love Exempelgren låter Arbetsförmedlingen läsa sitt läkarutlåtande.", wire.new_id()
        scan = next(one for one in self.made if one["file"] == "fullmakt-papper.pdf")
        digest = hashlib.sha256(pathlib.Path(scan["path"]).read_bytes()).digest()
        terms = cast.terms(text, ["region"], recipient("organisation", cast.id("arbetsformedlingen")), ["lakarutlatande"], "rehab")
        first = cast.ivo.act({"kind": "paper_fullmakt", "id": id, "person": cast.ivo.handle(cast.love.number), "terms": terms,
                              "text": text, "scan_sha256": wire.base64url(digest)})
        cast.kim.act({"kind": "approve", "proposal": first["proposal"], "act": cast.kim.waiting(first["proposal"])})
        self.fullmakter["paper"] = id
        say("Love undertecknar på papper: kommunens registrerare för in det, regionens godkänner.")

    def deposits(self):
        sources = {"region": "maja", "forsakringskassan": "jorun", "arbetsformedlingen": "saga", "kommun": "nils",
                   "insats": "elin", "forbund": "alva"}
        started, total = time.monotonic(), 0
        for one in self.made:
            if "flik" not in one:
                continue  # the desk keeps the paper
            content = pathlib.Path(one["path"]).read_bytes()
            number = getattr(self.cast, one["person"]).number
            by_connector = self.connectors and self.connectors.deposit(one, number)
            self.documents[one["file"]] = by_connector or getattr(self.cast, sources[one["source"]]).deposit(number, one, content)
            total += len(content)
        say(f"{len(self.documents)} dokument inlämnade av dem som upprättat dem: {total / 1e6:.0f} MB på"
            f" {time.monotonic() - started:.1f} s.")
        self.saved = self.cast.anyone.checkpoint()
        say(f"En kontrollpunkt över loggens {notes.Checkpoint(self.saved).size} poster sparas hos oss.")

    def whole_journal(self):
        journal.play(self)

    def read(self, who, file, purpose=None, fields=()):
        """The answer; what was received is written down."""
        id = self.documents.get(file, file)
        target = f"/v1/documents/{id}/content?purpose={purpose}" if purpose else f"/v1/me/documents/{id}/content"
        http = who.http()
        http.send("GET", target, [*who.credentials(), *fields])
        answer = http.head()
        entry = int(answer.field("Flikvakt-Entry") or -1)
        size = self.size_with(entry)  # before we look at the first byte of the body
        http.read_body(answer)
        if answer.status in (200, 206):
            self.readings.append({"reading": answer.field("Flikvakt-Reading"), "log_size": size, "bytes": len(answer.body),
                                  "who": getattr(who, "label", ""), "entry": entry})
        return answer

    def size_with(self, entry):
        """A size that the log has, with that entry in it; 0 when it does not."""
        proof = self.cast.anyone.ask("GET", f"/v1/log/inclusion?index={entry}&size={entry + 1}")
        return entry + 1 if proof.status == 200 else 0

    def must_read(self, who, file, purpose=None):
        answer = self.read(who, file, purpose)
        if answer.status != 200 or not answer.body or not self.is_deposited(file, answer.body):
            raise clients.Refused(f"{file}: {answer.status_line}, {len(answer.body)} bytes")

    def is_deposited(self, file, body):
        sealed = clients.Staff.sealed.get(self.documents[file])
        if sealed is not None:
            return sealed == wire.base64url(hashlib.sha256(body).digest())
        # A connector brought it: what is sealed is the file without what is hidden in it, so its words are compared.
        dropped = next(one["path"] for one in self.made if one["file"] == file)
        read = journal.words(body)
        self.by_connector[file] = bool(read) and read == journal.words(pathlib.Path(dropped).read_bytes())
        return self.by_connector[file]

    def visible(self, who, purpose):
        listing = expect(who.list(self.cast.milo.number, purpose), "listing")
        return {flik["flik"]: [one["title"] for one in flik["documents"]] for flik in listing["flikar"]}

    def consultation(self):
        import life
        life.referral(self)
        cast = self.cast
        flikar = self.visible(cast.jorun, "konsultation")
        say("Jorun i teamet ser flikarna " + ", ".join(flikar) + ".")
        for file in ("journal-vardcentral.pdf", "lakarutlatande.pdf", "patientoversikt.json"):
            self.must_read(cast.jorun, file, "konsultation")
        self.must_read(cast.tuva, "arbetsformagebedomning.pdf", "konsultation")
        self.must_read(cast.saga, "beslut-ekonomiskt-bistand.pdf", "konsultation")
        self.must_read(cast.jorun, "meritunderlag-robin.pdf", "rehab")
        self.must_read(cast.saga, "lakarutlatande-love.pdf", "rehab")
        say("Teamet hämtar journalen och tidigare bedömningar, byte för byte som de förseglades.")

    def provider(self):
        seen = self.visible(self.cast.elin, "insats")
        if set(seen) != {"anstallning", "rapport", "rehabplan"}:
            raise clients.Refused(f"the provider sees {sorted(seen)}")
        self.must_read(self.cast.elin, "rehabiliteringsplan.pdf", "insats")
        self.refused(self.cast.elin, "journal-vardcentral.pdf", "insats")
        say("Insatsaktören ser bara " + ", ".join(sorted(seen)) + "; journalen nekas.")
        self.journal["evidence"] = journal.look(self)

    def refused(self, who, file, purpose):
        answer = self.read(who, file, purpose)
        if answer.status != 403:
            raise clients.Refused(f"{file} should be refused, but: {answer.status_line}")

    def sparr(self):
        cast, id = self.cast, wire.new_id()
        cast.milo.act({"kind": "set_sparr", "id": id, "terms": {"target": "flik", "flik": "journal", "everyone": True,
                                                                "recipients": []}})
        blocked = self.read(cast.jorun, "journal-vardcentral.pdf", "konsultation").status
        cast.milo.act({"kind": "lift_sparr", "id": id}, widens=True)
        self.must_read(cast.jorun, "journal-vardcentral.pdf", "konsultation")
        self.effects.append({"what": "Jorun läser medan Milo spärrar journalen", "expected": 403, "status": blocked})
        say("Milo spärrar journalen: teamet nekas genast. Spärren hävs och teamet kommer åt den igen.")

    def coach(self):
        self.must_read(self.cast.vide, "rehabiliteringsplan.pdf", "stod")
        self.refused(self.cast.vide, "beslut-ekonomiskt-bistand.pdf", "stod")
        say("Coachen läser planen som Milo öppnat, men nekas det ekonomiska beslutet.")

    def revocation(self):
        cast = self.cast
        cast.milo.act({"kind": "revoke_fullmakt", "id": self.fullmakter["team"]})
        self.refused(cast.jorun, "journal-vardcentral.pdf", "konsultation")
        say("Milo återkallar teamets fullmakt: nästa läsning nekas.")

    def afterwards(self):
        self.must_read(self.cast.milo, "journal-vardcentral.pdf")
        log = self.cast.milo.log()
        refused = [one for one in log if one["outcome"] == "refused"]
        say(f"Milo läser sin egen journal och sin logg: {len(log)} poster, varav {len(refused)} nekade försök.")
        for one in refused:
            say(f"    {one['time']}  {one['kind']}  {one.get('organisation', {}).get('name', '')}")
        saved = self.gateway.write("checkpoint-saved", self.saved)
        code, _, error = self.gateway.run("log", "verify", "--data", self.gateway.data, "--saved", saved)
        say("Hela loggen är omräknad och stämmer med den sparade kontrollpunkten." if code == 0 else error.strip())
        self.backup()

    def backup(self):
        folder = self.gateway.folder
        self.gateway.must("backup", "create", folder / "backup", "--keys", folder / "backup-keys", "--data", self.gateway.data)
        say("Säkerhetskopia tagen medan gatewayen går.")
