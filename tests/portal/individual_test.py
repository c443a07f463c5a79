"""The individual's walks: README.md says what a walk and a way are."""
import hashlib
import pathlib
import unittest

import scene
import wire
from cast import period, recipient
from clients import expect

LARGE = "rontgenbilder.pdf"


class Individuals(scene.PortalTest):
    @classmethod
    def prepare(cls, scene):
        """Charlie has something large, so that a reading takes a while."""
        content = scene.made(LARGE)
        facts = {"flik": "bilder", "title": "Röntgenbilder", "author": "Bilddiagnostik", "date": "2026-08-20", "media_type": "application/pdf"}
        charlie = scene.cast.charlie
        scene.story.sign(charlie, "deposit", "Regionen får lämna in bilder.", ["region"], recipient("organisation", scene.cast.id("region")),
                         ["bilder"], "rehab", rights=["deposit"])
        scene.documents["charlie"]["bilder"] = scene.cast.maja.deposit(scene.cast.people["charlie"]["number"], facts, content)
        charlie.act({"kind": "revoke_fullmakt", "id": scene.story.fullmakter["deposit"]})
        texts = [("sv", "Inför mötet", "Teamet får läsa mitt läkarutlåtande."), ("en", "Before the meeting", "The team may read my medical certificate.")]
        scene.cast.ids = scene.gateway.apply("more.json", [
            {"kind": "register_template", "id": "$template", "disclosers": ["$region"], "recipients": recipient("team", scene.cast.id("team")),
             "flikar": ["lakarutlatande"], "purpose": "konsultation", "rights": ["read"], "days": 30, "secrecy_consent": "osl-10-1",
             "legal_ground": "gdpr-6-1-e", "texts": [{"language": language, "name": name, "text": text} for language, name, text in texts]},
            {"kind": "register_team", "id": "$team2", "organisation": "$region", "name": "Konsultation Norr", "lead": "$tuva"}])
        scene.cast.kim.act({"kind": "accept_team", "team": scene.cast.id("team2")})
        scene.versions = {}

    def walk(self, name, number, whos, **more):
        """The same walk in several ways, each of another person where there are enough."""
        ways = scene.ways(number)
        self.play("individual.mjs", [{"walk": name, "way": way, "who": whos[n % len(whos)], **more} for n, way in enumerate(ways)])

    # ---- What the walks ask

    def answer_give(self, who, flikar, purpose="konsultation"):
        """By the person's own device, as at the API's door: the team may read."""
        cast = self.scene.cast
        self.scene.story.sign(getattr(cast, who), "given", "Teamet får läsa det här om mig.", ["region"],
                              recipient("team", cast.id("team")), flikar, purpose)
        return self.scene.story.fullmakter["given"]

    def answer_take_back(self, who, fullmakt):
        getattr(self.scene.cast, who).act({"kind": "revoke_fullmakt", "id": fullmakt})

    def answer_hold(self, who, document):
        """A reading of which only the head was taken."""
        staff = getattr(self.scene.cast, who)
        self.held = wire.Http(staff.connect(receive_buffer=4096), "localhost")
        self.held.send("GET", f"/v1/documents/{document}/content?purpose=konsultation", staff.credentials())
        self.held_answer = self.held.head()

    def answer_let_go(self):
        self.held.read_body(self.held_answer)
        self.held.close()
        return {"status": self.held_answer.status, "got": len(self.held_answer.body), "size": len(self.scene.made(LARGE))}

    def answer_verify_bent_receipt(self, file):
        path = pathlib.Path(file)
        text = path.read_text(encoding="utf-8")
        at = text.index('"plaintext"') + len('"plaintext":"') + 20
        bent = path.with_suffix(".bent.json")
        bent.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:], encoding="utf-8")
        return self.scene.verify_receipt(bent)

    def answer_sha256_of_made(self, file):
        return hashlib.sha256(self.scene.made(file)).hexdigest()

    def answer_represent(self, person, who, jointly=None):
        """Two registrars of two organisations."""
        cast, id = self.scene.cast, wire.new_id()
        number = lambda key: cast.people[key]["number"]
        first = cast.ivo.act({"kind": "register_representative", "id": id, "person": cast.ivo.handle(number(person)), "representative": cast.ivo.handle(number(who)),
                              "representative_kind": "guardian" if jointly else "god_man", "powers": ["consent", "see"], **period(),
                               **({"jointly": True} if jointly else {})})
        cast.rut.act({"kind": "approve", "proposal": first["proposal"], "act": cast.rut.waiting(first["proposal"])})
        return id

    def answer_end_representatives(self, person):
        ivo = self.scene.cast.ivo
        for one in getattr(self.scene.cast, person).overview()["representatives"]:
            if one["standing"] == "active":
                ivo.act({"kind": "end_representative", "id": one["id"]})

    def answer_cases_of(self, who):
        return [one["id"] for one in expect(getattr(self.scene.cast, who).ask("GET", "/v1/cases"), "cases")["cases"]]

    def answer_propose_kontrakt(self, who):
        """The next version of the person's plan, by an administrator."""
        scene, versions = self.scene, self.scene.versions
        symbol = f"$kontrakt-of-{who}"
        part = {"insats": "Karriärcoachning", "provider": "$insats", "area": "karriar", **period(60), "goals": ""}
        if who not in versions:
            scene.cast.ids = scene.gateway.apply(f"kontrakt-{who}.json", [
                {"kind": "register_kontrakt", "id": symbol, "person": {"number": scene.cast.people[who]["number"]}, "parts": [part]}])
        versions[who] = versions.get(who, 1) + 1
        plan = {"goals": f"Praktik, version {versions[who]}", "milestones": [], "parts": [part]}
        scene.gateway.apply(f"kontrakt-{who}-{versions[who]}.json", [{"kind": "propose_kontrakt", "id": symbol, "plan": plan}])
        return versions[who]

    # ---- The walks

    def test_a_fullmakt_from_giving_to_taking_back(self):
        self.walk("consent", 0, ["alex", "nova"])

    def test_revoking_cuts_a_reading_that_is_under_way(self):
        self.walk("cut", 1, ["charlie"])

    def test_requests_are_granted_in_part_or_refused(self):
        self.walk("requests", 2, ["ellis", "mio"])

    def test_a_sparr_is_set_and_lifted(self):
        self.walk("sparr", 3, ["mio", "ellis"])

    def test_who_has_read_with_refused_attempts_and_receipts(self):
        self.walk("log", 4, ["nova", "alex"])

    def test_documents_and_previews(self):
        self.walk("documents", 5, ["milo"])

    def test_everything_to_take_along(self):
        self.walk("everything", 6, ["robin", "milo"])

    def test_languages_and_easy_read(self):
        self.walk("language", 7, ["robin"])

    def test_leaving_the_page(self):
        self.walk("leave", 8, ["love"])

    def test_signing_out_here_and_everywhere(self):
        self.walk("sign_out", 9, ["charlie", "robin"])

    def test_representatives(self):
        self.walk("representative", 10, ["ellis", "mio"], other="nova")

    def test_two_guardians(self):
        self.walk("guardians", 11, ["ellis"], second="mio", other="alex")

    def test_a_prepared_fullmakt(self):
        self.walk("template", 12, ["charlie", "nova"])

    def test_the_path_from_referral_to_the_end_of_a_case(self):
        self.walk("path", 13, ["nova", "alex"])

    def test_the_next_version_of_a_kontrakt(self):
        self.walk("kontrakt", 14, ["mio", "ellis"])


if __name__ == "__main__":
    unittest.main()
