"""Walks of everybody who is no individual: team, authority and care unit, desk, provider, coach, administrator, log reviewer; what each may, and what
is refused to them. README.md says what a walk and a way are."""
import contextlib
import datetime
import io
import shlex
import unittest

import scene  # first: it puts the demo's folder on the path
import clients
import portal
import visitor
import wire
from cast import period, recipient

TEMPLATE = "Jag låter Konsultation Tresjöarna läsa mitt läkarutlåtande inför mötet."
TEMPLATE_IN_ENGLISH = "I let Konsultation Tresjöarna read my medical certificate before the meeting."
NEWCOMERS = [scene.NEWCOMER, "196408233234"]  # official test numbers that nobody has yet
UNKNOWN = "198112189876"  # one that nobody ever has


def day(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


class Roles(scene.PortalTest):
    @classmethod
    def prepare(cls, scene):
        """A form to print, and what providers hold of some people."""
        cast = scene.cast
        made = scene.gateway.apply("template.json", [
            {"kind": "register_template", "id": "$form", "disclosers": [cast.id("region")],
             "recipients": [{"kind": "team", "id": cast.id("team")}], "flikar": ["lakarutlatande"], "purpose": "konsultation",
             "rights": ["read"], "days": 90, "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e",
             "texts": [{"language": "sv", "name": "Inför mötet", "text": TEMPLATE},
                       {"language": "en", "name": "Before the meeting", "text": TEMPLATE_IN_ENGLISH}]}])
        cast.ids.update(made)

    def described(self):
        return {"newcomers": NEWCOMERS, "unknown": UNKNOWN, "template": {"sv": TEMPLATE, "en": TEMPLATE_IN_ENGLISH}}

    def walk(self, name, number, whos=("",), script="roles.mjs", needs_script=False, most=None, **more):
        """The same walk in several ways, each with another person where there are enough."""
        ways = scene.ways(number)
        if needs_script:
            ways = [way for way in ways if way["javascript"]] or [{**ways[0], "javascript": True}]
        if most:
            ways = ways[:most]
        plays = [{"walk": name, "way": way, "who": whos[n % len(whos)], "round": n, **more} for n, way in enumerate(ways)]
        self.play(script, plays, **self.described())

    # ---- What the walks ask

    def person(self, who):
        return getattr(self.scene.cast, who)

    def answer_opened(self, who, to, flikar, purpose, disclosers, rights=("read",), kontrakt=None):
        """By the person's own device: a fullmakt; its id."""
        cast, (kind, key) = self.scene.cast, to
        more = {"rights": sorted(rights), **({"kontrakt": kontrakt} if kontrakt else {})}
        self.scene.story.sign(self.person(who), "opened", "De får läsa det här om mig.", disclosers, recipient(kind, cast.id(key)), flikar, purpose, **more)
        return self.scene.story.fullmakter["opened"]

    def answer_referred(self, who, focus="illness"):
        case = wire.new_id()
        self.person(who).act({"kind": "sign_referral", "id": case, "team": self.scene.cast.id("team"), "focus": focus, "meetings": [],
                              "referred_by": self.scene.cast.id("region"), "triage": day(-2)})
        return case

    def answer_kontrakt(self, who):
        """Two parts: one that runs, with milestones, and one that has not begun."""
        number = self.scene.cast.people[who]["number"]
        symbol = f"$kontrakt-{who}-{wire.new_id()[:8]}"
        parts = [{"insats": "Arbetsprövning", "provider": self.scene.cast.id("insats"), "area": "karriar", **period(40), "goals": "Fyra timmar om dagen"}]
        made = self.scene.gateway.apply(f"{symbol[1:]}.json", [
            {"kind": "register_kontrakt", "id": symbol, "person": {"number": number}, "parts": parts, "goals": "Tillbaka i arbete på halvtid",
             "milestones": [{"text": "Ett studiebesök är gjort", "due": day(10)}, {"text": "En praktikplats är hittad", "due": day(30)}]}])
        return made[symbol]

    def answer_end_kontrakt(self, id):
        self.scene.gateway.apply(f"end-{id}.json", [{"kind": "end_kontrakt", "id": id}])

    def answer_deposited(self, who, staff, flik, title, kind="text"):
        media_type, content = {"text": ("text/plain", "Ett påhittat dokument.\n".encode()),
                               "odt": ("application/vnd.oasis.opendocument.text", b"PK\x03\x04" + bytes(60))}[kind]
        facts = {"flik": flik, "title": title, "author": "Saga Hittelund", "date": day(-3), "media_type": media_type}
        return self.person(staff).deposit(self.scene.cast.people[who]["number"], facts, content)

    def answer_granted(self, who, request, flikar, to, disclosers, purpose):
        """The person answers a request with a fullmakt of a part."""
        cast, id, text = self.scene.cast, wire.new_id(), "Det här ger jag."
        terms = cast.terms(text, disclosers, recipient(to[0], cast.id(to[1])), flikar, purpose, valid_to=period(20)["valid_to"])
        self.person(who).act({"kind": "sign_fullmakt", "id": id, "text": text, "terms": terms, "request": request}, widens=True)
        return id

    def answer_handle(self, staff, who):
        return self.person(staff).handle(self.scene.cast.people[who]["number"])

    def answer_fetch(self, cookies, path, language, fields=None):
        """What somebody gets who sends by hand, in a browser's session: a page for a path, or for fields that were put together, signed
        where that is asked for."""
        hand = visitor.Visitor(self.scene.origin, self.scene.gateway.pki / "ca.pem")
        hand.cookies = {one["name"]: one["value"] for one in cookies}
        hand.speak(language)
        page = hand.get(path) if fields is None else hand.post(path, fields)
        if any(one.action == "/staff/sign/demo" for one in page.read().forms):
            page = hand.submit(page, "/staff/sign/demo")
        hand.close()
        return {"status": page.status, "headers": [list(one) for one in page.headers if one[0].lower() != "date"], "text": page.body.decode("utf-8", "replace")}

    def answer_lift_all(self, who):
        person = self.person(who)
        for one in person.overview()["sparrar"]:
            if one["in_force"]:
                person.act({"kind": "lift_sparr", "id": one["id"]}, widens=True)

    def answer_own_page(self):
        """The provider's page in the catalogue, as it was."""
        with contextlib.redirect_stdout(io.StringIO()):
            portal.something_to_find(self.scene.story)

    def answer_listing(self, who, person, purpose):
        """What the same staff member is shown at the API's door, where they come with the organisation's client certificate."""
        listing = clients.expect(self.person(who).list(self.scene.cast.people[person]["number"], purpose), "listing")
        return {one["flik"]: sorted(document["title"] for document in one["documents"]) for one in listing["flikar"]}

    def answer_door(self, who):
        """The status of a look at the API's door, with the organisation's certificate and its word for the staff member."""
        staff = self.person(who)
        staff.close()
        try:
            return staff.ask("GET", "/v1/cases").status
        except OSError:
            return 0

    def answer_flikvakt(self, line, key="alice", second=None, words=None, extra=(), sealed=True):
        """Runs a command as a page shows it, on this gateway, with the administrator's own key."""
        shown = shlex.split(line)
        if shown[0] != "flikvakt":
            raise ValueError(f"no command: {line}")
        values = {"DATA": str(self.scene.gateway.data), "KEYFILE": str(self.scene.gateway.folder / f"{key}.key"), **(words or {})}
        ran = [values.get(word, word) for word in shown[1:]] + list(extra)
        if second:
            ran += ["--second", str(self.scene.gateway.folder / f"{second}.key")]
        code, out, err = self.scene.gateway.run(*ran, sealed=sealed)
        return {"code": code, "out": out, "err": err}

    def answer_proposed(self, words):
        """What Alice proposes, and another administrator is to approve: the id."""
        return self.scene.gateway.must(*words, *self.of_alice())["proposal"]

    def of_alice(self):
        return ("--administrator", self.scene.gateway.folder / "alice.key", "--data", self.scene.gateway.data)

    def answer_registry(self):
        return self.scene.gateway.must("registry", "show", *self.of_alice())

    def answer_status(self):
        return self.scene.gateway.must("status", "--data", self.scene.gateway.data, sealed=False)

    def answer_log_size(self):
        note = self.scene.cast.anyone.checkpoint()
        return int(note.split("\n")[1])

    # ---- The walks

    def test_a_team_member_reads_asks_and_deposits(self):
        self.walk("team", 20, ["alex", "charlie"])

    def test_a_lead_takes_up_cases(self):
        self.walk("lead", 21, ["ellis", "mio"])

    def test_a_place_in_a_team_takes_two_and_ends_with_one(self):
        self.walk("roster", 22, ["nova", "alex"])

    def test_a_care_unit_deposits_and_asks(self):
        self.walk("care_unit", 23, ["charlie", "ellis"])

    def test_what_a_person_takes_back_is_entered_by_anybody(self):
        self.walk("on_word", 24, ["mio", "nova"])

    def test_a_person_joins_at_a_desk_with_the_help_of_two(self):
        self.walk("join", 25, needs_script=True, most=len(NEWCOMERS))

    def test_papers_at_the_desk(self):
        self.walk("papers", 26, ["alex", "charlie"])

    def test_a_provider_sees_its_few_flikar_and_nothing_else(self):
        self.walk("provider", 27, ["ellis", "mio"])

    def test_a_provider_writes_its_page_and_others_find_it(self):
        self.walk("catalogue", 28, ["nova", "alex"])

    def test_a_coach_sees_what_was_opened_and_the_path(self):
        self.walk("coach", 29, ["charlie", "ellis"])

    def test_a_refusal_reveals_nothing_and_offers_the_next_step(self):
        self.walk("explain", 30, ["mio", "nova"])

    def test_the_path_is_a_picture_and_a_text(self):
        self.walk("path", 31, ["alex", "charlie"])

    def test_log_reviewers_see_acts_and_no_document(self):
        self.walk("reviewer", 33, ["ellis", "mio"])

    def test_administrators_look_and_act_by_command(self):
        self.walk("administrator", 34, ["nova", "alex"], script="administration.mjs")

    def test_administrators_end_access_by_the_command_of_the_page(self):
        self.walk("ending", 35, ["charlie", "ellis"], script="administration.mjs")

    def test_staff_come_with_their_organisations_certificate_and_go_with_it(self):
        self.walk("certificate", 37, script="administration.mjs")

    def test_few_clicks(self):
        self.walk("few_clicks", 36, ["mio", "nova"], script="clicks.mjs")


if __name__ == "__main__":
    unittest.main()
