"""Walks through every page and state of the portal, in one language, and puts each into an album (album.py): looked at in a browser afterwards
(every_page.mjs, gallery.mjs)."""
import html
import re
import time

import everything
import bend
import credentials
import visitor
import wire
from everything import today


class Tour:
    def __init__(self, world, album, language):
        self.world, self.album, self.language = world, album, language
        self.rich = world.of[language]

    def parts(self):
        return (self.public, self.work_key, self.newcomer, self.empty_handed, self.person, self.person_log, self.person_gives, self.person_more, self.represents, self.long_lists, self.protected,
                self.guardian, self.team, self.colleague, self.registrar, self.papers, self.provider, self.officer, self.reviewer, self.coach, self.nobody_asks,
                self.administrator, self.by_passkey, self.by_issuer, self.person_takes)

    def all(self):
        for part in self.parts():
            part()

    def plans(self, v, person, typed):
        """What would become of a file, before it is sealed: of each way to divide one, and of each kind of file."""
        def send(how, name, content):
            sent = v.upload(v.get(person + "/deposit"), person + "/deposit", {**typed, "how": how}, name, content)
            return v.follow(sent)
        pdf = b"%PDF-1.7\n with something hidden in it"
        plan = self.look("a plan, not divided yet", send("hand", b"journal.pdf", pdf))
        self.look("a plan, wrong pages", v.submit(plan, plan.path, {"flik_0": "kartlaggning", "takes_0": "3-1"}), 422)
        plan = self.look("a plan, corrected", v.follow(v.submit(plan, plan.path, {
            "flik_0": "kartlaggning", "takes_0": "1-8", "flik_1": "ekonomi", "takes_1": "9",
            "flik_2": "rapport", "takes_2": "10", "flik_3": "arbetsformaga", "takes_3": "11"})))  # no fullmakt opens these
        self.album.saw_file(v.get(plan.path + "/pictures/0/0"))
        self.look("a plan of sections", send("whole", b"oversikt.json", b"{}"))
        self.look("a plan by a rule", send("rule:brev", b"brev.txt", b"Hej.\n"))
        plan = self.look("a plan of a letter", send("whole", b"kartlaggning.txt", b"Text.\n"))
        self.look("deposited", v.submit(plan, plan.path))
        self.look("a plan that is gone", v.get(plan.path))

    # ---- Ways of looking

    def look(self, name, page, expect=200, frame=None):
        return self.album.add(name, self.language, page, expect, self.who, frame)

    def sit_down(self, who, as_whom=None):
        """Somebody else at the browser."""
        self.who = who
        v = self.world.visitor(self.language, 10 + visitor.LANGUAGES.index(self.language))
        if as_whom:
            v.sign_in(self.world.place_of(as_whom))
        return v

    # ---- Nobody is signed in

    def public(self):
        self.who = "public"
        number = 20 + 10 * visitor.LANGUAGES.index(self.language)
        v = self.world.visitor(self.language, number)
        self.album.saw_file(v.get("/"), 303)
        page = self.look("sign-in", v.get("/sign-in"))
        self.album.keep_files(v, page)
        for why in ("expired", "signed_out", "needed", "failed", "unavailable"):
            self.look(f"sign-in, {why}", self.world.visitor(self.language, number + 1).get(f"/sign-in?why={why}"))
        self.look("sign-in refused", v.submit(page, "/sign-in/passkey", {"answer": "{}"}), 422)
        v = self.world.visitor(self.language, number + 2)
        page = v.get("/sign-in")
        self.look("to an issuer", v.submit(page, "/sign-in/issuer"))
        self.look("sign-in at an issuer refused", v.post("/sign-in/issuer", {"issuer": "no-such", "back": ""}), 422)
        self.look("back from an issuer, refused", v.get("/sign-in/return/e-id?state=none&code=none"), 422)
        self.album.saw_file(v.get("/sign-in/keys"))
        self.look("administrators sign in", v.get("/sign-in/administrator"))
        self.look("administrators sign in, refused", v.post("/sign-in/administrator", {"code": "nonsense"}), 422)
        self.look("explain", v.get("/explain"))
        self.look("accessibility", v.get("/accessibility"))
        self.look("no such page", v.get("/no/such/page"), 404)
        self.look("no such person of the demonstration", v.post("/sign-in/demo", {"number": "4711"}), 404)
        self.look("another method", v.ask("PUT", "/explain", [], b""), 405)
        self.look("a form that cannot be read", v.raw_post("/sign-in/passkey", b"answer=%GG"), 400)
        self.look("a form too large", v.raw_post("/sign-in/demo", b"a=" + b"b" * 200_000), 413)
        self.look("a form too late", v.post("/staff/review/7", {"write_note": "Det här hade jag skrivit.", "token": "old"}), 403)
        self.look("a form too late, empty", v.post("/me/sparr", {"token": "old"}), 403)
        self.album.saw_file(v.get("/me"), 303)
        self.album.saw_file(v.get(f"/language/{self.language}?back=/explain"), 303)
        self.album.saw_file(v.get("/leave"), 303)
        hurried = self.world.visitor(self.language, number + 3)
        hurried.patient = False
        for _ in range(1_000):
            page = hurried.get("/sign-in")
            if page.status == 429:
                break
        self.look("too often", page, 429)

    def work_key(self):
        """Staff whose organisation has no issuer make a passkey, and give it to their administrators."""
        self.who = "public"
        v = self.world.visitor(self.language, 24 + 10 * visitor.LANGUAGES.index(self.language))
        work = self.look("a passkey for work", v.get("/sign-in/work-key"))
        self.look("a passkey for work, failed", v.submit(work, "/sign-in/work-key", {"answer": "{}"}), None)
        work, passkey = v.get("/sign-in/work-key"), credentials.Passkey(self.world.origin)
        self.look("a passkey for work, made", v.submit(work, "/sign-in/work-key", {"answer": passkey.create(work.form("/sign-in/work-key").options)}))

    def newcomer(self):
        v = self.sit_down("newcomer", "robin")
        self.look("a key that nobody confirmed", v.get("/me"), 403)

    def empty_handed(self):
        v = self.sit_down("person", "love")
        for name, path in (("nothing open", "/me"), ("nobody has read", "/me/log"), ("no documents", "/me/documents"), ("no requests", "/me/requests"),
                           ("no path", "/me/path"), ("no proposals", "/me/proposals"), ("no representatives", "/me/representatives"),
                           ("nothing ended", "/me/fullmakter/ended"), ("nothing to take along", "/me/everything"),
                           ("nobody has read, that day", "/me/log?show=all&from=2019-01-01&to=2019-01-02")):
            self.look(name, v.get(path))

    # ---- The individual

    def person(self):
        v, r = self.sit_down("person", self.rich.key), self.rich
        self.look("who can see what", v.get("/me"))
        for name, id in r.fullmakt.items():
            self.look(f"fullmakt, {name}", v.get(f"/me/fullmakter/{id}"))
        self.look("ended", v.get("/me/fullmakter/ended"))
        self.look("documents", v.get("/me/documents"))
        for name in ("journal", "bild", "oversikt", "merit", "fil", "others", "newer"):
            page = v.get(f"/me/documents/{r.document[name]}")
            content = f"/me/documents/{r.document[name]}/content"
            self.look(f"document, {name}", page, frame=(content, v.get(content)) if "<iframe" in page.text else None)
        self.look("no such document", v.get("/me/documents/" + "0" * 32), 403)
        self.look("no such document, framed", v.get("/me/documents/" + "0" * 32 + "/content"), 403)
        self.look("a page of staff", v.get("/staff"), 403)
        self.look("path", v.get("/me/path"))
        self.look("kontrakt", v.get(f"/me/kontrakt/{r.kontrakt}"))
        self.album.saw_file(v.get("/me/reconfirm"), 303)  # nothing was restored
        self.look("requests", v.get("/me/requests"))
        for name, id in r.request.items():
            self.look(f"request, {name}", v.get(f"/me/requests/{id}"))

    def person_log(self):
        v, r = self.sit_down("person", self.rich.key + "-2"), self.rich
        self.look("who has read", v.get("/me/log"))
        for show in ("refused", "all", "documents", "consent", "requests", "cases", "kontrakt", "keys", "circumstances", "own"):
            self.look(f"who has read, {show}", v.get(f"/me/log?show={show}"))
        team = r.fullmakt["team"]
        self.look("who has read, filtered", v.get(f"/me/log?show=all&organisation={self.world.id('region')}&flik=journal&from={today(-3)}&to={today()}&fullmakt={team}&document={r.document['journal']}"))
        following = v.get(v.get("/me/log").link(r"/me/log\?.*follow=.*").replace("&amp;", "&"))
        self.look("who has read, followed", following)
        again = following.header("Refresh")
        self.look("who has read, followed on", v.get(again.split("url=")[-1].strip('"')))
        at_the_end = re.sub(r"follow=\d+", "follow=0", again.split("url=")[-1].strip('"'))
        self.look("who has read, followed to the end", v.get(at_the_end))
        entry = v.get("/me/log?show=all").link(r"/me/log/[0-9]+/receipt")
        self.album.saw_file(v.get(entry))

    def person_gives(self):
        v, r = self.sit_down("person", self.rich.key + "-3"), self.rich
        self.look("give", v.get("/me/give"))
        self.look("give by a template", v.get(f"/me/give/template/{self.world.id('mall')}"))
        give = self.look("give, chosen freely", v.get("/me/give/new"))
        for name, typed in (("recipient", {"recipient": ""}), ("flikar", {}), ("until", {"flik": "journal", "until": "2019-01-01"}),
                            ("readings", {"flik": "journal", "readings": "noll"})):
            typed = {"recipient": f"team:{self.world.id('team')}", **typed}
            self.look(f"give, wrong {name}", v.submit(give, "/me/give/new", typed), 422)
        good = {"recipient": f"team:{self.world.id('team2')}", "flik": ["journal", "rehabplan"], "readings": "5", "right": ["read", "deposit"]}
        sign = self.look("sign a fullmakt", v.submit(give, "/me/give/new", good))
        self.look("not signed", v.post("/me/sign/passkey", {**dict(sign.form("/me/sign/demo").fields), "answer": "{}"}), 409)
        sign = v.submit(give, "/me/give/new", good)
        # Something changes meanwhile.
        r.person.act({"kind": "set_sparr", "id": wire.new_id(), "terms": {"target": "dates", "from": "2001-01-01", "to": "2001-01-02", "everyone": True, "recipients": []}})
        changed = self.look("changed meanwhile", v.submit(sign, "/me/sign/demo"), 409)
        sign = v.submit(changed, "/me/give/new")
        self.look("signed", v.submit(sign, "/me/sign/demo"))
        team = r.fullmakt["team"]
        extend = self.look("extend", v.get(f"/me/fullmakter/{team}/extend"))
        self.look("extend, wrong", v.submit(extend, f"/me/fullmakter/{team}/extend"), 422)
        self.look("extend, wrong day", v.submit(extend, f"/me/fullmakter/{team}/extend", {"until": "2020-01-01"}), 422)
        coach = f"/me/fullmakter/{r.fullmakt['coach']}/extend"
        self.look("extend, too few readings", v.submit(v.get(coach), coach, {"readings": "1"}), 422)
        sign = self.look("sign an extension", v.submit(extend, f"/me/fullmakter/{team}/extend", {"flik": "ekonomi", "until": today(200), "right": "deposit"}))
        self.look("signed an extension", v.submit(sign, "/me/sign/demo"))
        self.look("resume", v.get(f"/me/fullmakter/{r.fullmakt['paused']}/resume"))
        request = v.get(f"/me/requests/{r.request['open']}")
        action = f"/me/requests/{r.request['open']}"
        self.look("request, nothing chosen", v.submit(request, action, {"flik": None, "discloser": None}), 422)
        sign = self.look("sign a part of a request", v.submit(request, action, {"flik": "lakarutlatande"}))
        self.look("signed a part of a request", v.submit(sign, "/me/sign/demo"))
        self.look("sign a request that adds", v.submit(v.get(f"/me/requests/{r.request['adds']}"), f"/me/requests/{r.request['adds']}"))
        self.look("sign a kontrakt", v.get(f"/me/kontrakt/{r.kontrakt}/sign"))
        self.look("agree to another team", v.get(f"/me/cases/{r.case['open']}/hand-over"))
        refer = self.look("refer", v.get("/me/refer"))
        self.look("refer, wrong", v.submit(refer, "/me/refer", {"team": ""}), 422)
        self.look("refer, wrong day", v.submit(refer, "/me/refer", {"team": self.world.id("team2"), "triage": "i morgon"}), 422)
        sign = self.look("sign a referral", v.submit(refer, "/me/refer", {"team": self.world.id("team2"), "triage": today(20), "referrer": self.world.id("region")}))
        self.look("signed a referral", v.submit(sign, "/me/sign/demo"))
        self.look("a form of another session", v.post("/me/sparr", {"token": "wrong", "write_x": "Skrivet"}), 403)
        self.look("a form of another session, empty", v.post("/me/sparr", {"token": "wrong"}), 403)
        self.look("a form without its act", v.submit(v.get(f"/me/fullmakter/{team}/revoke"), f"/me/fullmakter/{team}/revoke", {"act": "x"}), 400)

    def person_takes(self):
        v, r = self.sit_down("person", self.rich.key + "-4"), self.rich
        sparr = self.look("sparr", v.get("/me/sparr"))
        self.look("sparr of a document", v.get(f"/me/sparr?document={r.document['journal']}"))
        for name, typed in (("target", {"target": "x"}), ("document", {"target": "document"}), ("dates", {"target": "dates"}),
                            ("recipients", {"target": "flik", "flik": "journal", "against": "some"}), ("until", {"target": "everything", "until": "snart"}),
                            ("form", {"target": "everything", "new_id": "x"})):
            self.look(f"sparr, wrong {name}", v.submit(sparr, "/me/sparr", typed), 422)
        self.look("sparr is set", v.submit(sparr, "/me/sparr", {"target": "flik", "flik": "rapport", "against": "everyone"}))
        self.look("lift a sparr", v.get(f"/me/sparr/{r.sparr['document']}/lift"))
        for what, name in (("pause", "single"), ("revoke", "team"), ("revoke", "single")):
            id = r.fullmakt[name]
            ask = self.look(f"{what} {name}", v.get(f"/me/fullmakter/{id}/{what}"))
            self.look(f"{what}d {name}", v.submit(ask, f"/me/fullmakter/{id}/{what}"))
        self.look("revoke what is over", v.get(f"/me/fullmakter/{r.fullmakt['revoked']}/revoke"))
        for name, path in (("decline a request", f"/me/requests/{r.request['refuse']}/decline"), ("close a case", f"/me/cases/{r.case['closing']}/close"),
                           ("remove a key", f"/me/keys/{r.proposed_key}/remove"), ("stop a proposal", f"/me/proposals/{r.proposal['stopped']}/withdraw")):
            ask = self.look(name, v.get(path))
            self.look(name + ", done", v.submit(ask, path))
            self.look(name + ", twice" if "stop" in name else name + ", again", v.submit(ask, path))
        end = v.get("/me/representatives").link("/me/representatives/[0-9a-f]{32}/end")
        self.look("a representative is ended", v.submit(v.get(end), end))
        closed = v.post(f"/me/proposals/{'0' * 32}/withdraw", {"token": ask.form(path).value("token"), "act": wire.new_id()})
        self.look("an act refused", closed, closed.status)

    def person_more(self):
        v, r = self.sit_down("person", self.rich.key + "-5"), self.rich
        self.look("more", v.get("/me/more"))
        self.look("keys", v.get("/me/keys"))
        add = self.look("add a passkey", v.get("/me/keys/add"))
        self.look("add a passkey, failed", v.submit(add, "/me/keys/add", {"answer": "{}"}), 409)
        self.look("proposals", v.get("/me/proposals"))
        self.look("everything", v.get("/me/everything"))
        for file in ("overview.json", "log.csv", "log.json"):
            self.album.saw_file(v.get("/me/everything/" + file))
        page = self.look("providers", v.get("/me/providers"))
        self.look("providers, found", v.get("/me/providers?q=karri%C3%A4r&area=karriar"))
        self.look("providers, none", v.get("/me/providers?q=finnsinte"))
        self.look("providers, too long", v.get("/me/providers?q=" + "lång".encode().hex() * 40), 422)
        self.look("provider", v.get(page.link("/me/providers/[0-9a-f]{32}")))
        other = self.world.signed_in(r.key + "-5", self.language)
        keys = self.look("keys, two sessions", v.get("/me/keys"))
        self.album.saw_file(v.submit(keys, "/me/sessions/end"), 303)
        other.close()

    def represents(self):
        v = self.sit_down("person", self.rich.key)
        page = self.look("representatives", v.get("/me/representatives"))
        end = page.link("/me/representatives/[0-9a-f]{32}/end")
        self.look("end a representative", v.get(end))
        self.album.saw_file(v.submit(page, "/me/as/[0-9a-f]{32}"), 303)
        self.who = "representative"
        self.look("for another", v.get("/me"))
        self.look("for another, who has read", v.get("/me/log"))
        self.look("for another, may not", v.submit(v.get("/me/give/new"), "/me/give/new", {
            "recipient": f"team:{self.world.id('team')}", "flik": "journal", "discloser": self.world.id("region")}))
        self.album.saw_file(v.get("/me/as/self"), 303)
        v.cookies["__Host-flikvakt-acts-for"] = "1" * 32
        self.who = "person"
        self.look("for nobody any more", v.get("/me"))

    def long_lists(self):
        """More than a page shows at once."""
        v = self.sit_down("person", "flod")
        self.look("path, a long kontrakt", v.get("/me/path"))
        page = self.look("kontrakt, its first parts", v.get(f"/me/kontrakt/{self.world.long_kontrakt}"))
        self.look("kontrakt, more parts", v.get(page.link("/me/kontrakt/.*parts=2.*")))

    def protected(self):
        v = self.sit_down("person", "skyddad")
        self.look("a protected person", v.get("/me"))

    def guardian(self):
        """What takes two guardians: one signs, it waits; the other sees it in words, and signs."""
        first, second = self.sit_down("representative", "vera"), self.sit_down("representative", "vidar")
        for v, who in ((first, "vera"), (second, "vidar")):
            self.album.saw_file(v.submit(v.get("/me/representatives"), f"/me/as/{self.rich.registration[who]}"), 303)
        self.look("representatives, several", first.get("/me/representatives"))
        give = first.get("/me/give/new")
        sign = first.submit(give, "/me/give/new", {"recipient": f"organisation:{self.world.id('kommun')}", "flik": "journal", "discloser": self.world.id("region"), "until": today(40)})
        self.look("sign as one of two", sign)
        self.look("signed by one of two", first.submit(sign, "/me/sign/demo"))
        page = self.look("what waits for the second", second.get("/me/proposals"))
        sign = self.look("sign as the second", second.get(page.link("/me/proposals/[0-9a-f]{32}/approve")))
        self.look("signed by both", second.submit(sign, "/me/sign/demo"))

    # ---- Staff

    def team(self):
        v, r = self.sit_down("staff", "alva"), self.rich
        self.look("cases", v.get("/staff"))
        case = f"/staff/cases/{r.case['open']}"
        page = self.look("case", v.get(case))
        self.look("case that waits", v.get(f"/staff/cases/{r.case['waiting']}"))
        self.look("meetings, wrong", v.submit(page, case, {"what": "meetings", "meeting": ["i morgon"]}, nth=0), 422)
        self.look("meetings, set", v.submit(page, case, {"what": "meetings", "meeting": [today(9) + "T10:00"]}))
        handle = r.handle("alva")
        person = f"/staff/people/{handle}"
        flikar = self.look("person", v.get(person))
        self.look("person, a flik", v.get(flikar.link(f"{re.escape(person)}\\?purpose=.*flik=.*").replace("&amp;", "&")))
        flikar.link(f"{re.escape(person)}/documents/[0-9a-f]{{32}}\\?purpose=.*")
        one = f"{person}/documents/{r.document['utlatande']}?purpose=konsultation"
        page = v.get(one)
        content = re.search(r'<iframe[^>]* src="([^"]+)"', page.text)[1].replace("&amp;", "&")
        self.look("document for staff", page, frame=(content, v.get(content)))
        self.look("document for staff, none", v.get(f"{person}/documents/{'0' * 32}?purpose=konsultation"))
        self.look("document for staff, framed refusal", v.get(f"/staff/documents/{'0' * 32}/content?purpose=konsultation"), 403)
        self.look("path for staff", v.get(person + "/path"))
        ask = self.look("ask", v.get(person + "/ask"))
        self.look("ask for more", v.get(person + f"/ask?fullmakt={r.fullmakt['team']}"))
        self.look("ask, wrong", v.submit(ask, person + "/ask"), 422)
        self.look("ask, wrong message", v.submit(ask, person + "/ask", {
            "flik": "ekonomi", "discloser": self.world.id("kommun"), "until": today(20), "write_message": "\u202eblack"}), 422)
        self.look("asked", v.submit(ask, person + "/ask", {
            "recipient": f"team:{self.world.id('team')}", "flik": "ekonomi", "discloser": self.world.id("kommun"), "purpose": "konsultation",
            "until": today(20), "write_message": "Inför mötet."}))
        asked = self.look("requests of staff", v.get("/staff/requests"))
        withdraw = next(form.action for form in asked.read().forms if form.action.endswith("/withdraw"))
        self.look("asked a source", v.submit(v.get(person + "/ask"), person + "/ask", {
            "recipient": f"team:{self.world.id('team')}", "flik": "ekonomi", "discloser": self.world.id("kommun"), "purpose": "konsultation",
            "until": today(20), "write_message": "Beslutet från mars.", "direct": "yes"}))
        self.look("what sources are asked for", v.get("/staff/source-requests"))
        self.look("what nobody asked for, declined", v.post(f"/staff/source-requests/{'0' * 32}/decline", dict(asked.form(withdraw).fields)), 403)
        self.look("request withdrawn", v.submit(v.get("/staff/requests"), re.escape(withdraw)))
        self.look("on the person's word", v.get(person + "/on-word"))
        self.look("on the person's word, nothing", v.submit(v.get(person + "/on-word"), person + "/on-word"), 422)
        deposit = self.look("deposit", v.get(person + "/deposit"))
        typed = {"flik": "kartlaggning", "title": "Kartläggning", "author": "Alva Diktén", "date": today(-2), "others": "no"}
        for name, more, file, content in (("file", {}, b"a.txt", b""), ("kind", {}, b"a.exe", b"MZ"), ("title", {"title": " "}, b"a.txt", b"x"),
                                          ("date", {"date": "2199-01-01"}, b"a.txt", b"x"), ("answer", {"others": None}, b"a.txt", b"x"),
                                          ("number", {"others": "yes", "number": "123"}, b"a.txt", b"x")):
            self.look(f"deposit, wrong {name}", v.upload(deposit, person + "/deposit", {**typed, **more}, file, content), 422)
        self.plans(v, person, typed)
        self.look("teams of a lead", v.get("/staff/teams"))
        teams = v.get("/staff/teams")
        team = f"/staff/teams/{self.world.id('team')}"
        adding = next(i for i, form in enumerate([f for f in teams.read().forms if f.action == team]) if form.value("staff") and ("what", "add") in form.buttons and form.value("role") == "member" and len(form.fields) <= 4)
        sign = self.look("sign for staff", v.submit(teams, team, {"what": "add"}, nth=adding))
        if self.language == "sv":
            self.look("signed for staff", v.submit(sign, "/staff/sign/demo"))
        self.look("not signed for staff", v.post("/staff/sign/passkey", {**dict(sign.form("/staff/sign/demo").fields), "answer": "{}"}), None)  # who signed already gets the first answer
        self.look("propose a hand-over", v.submit(v.get(f"/staff/cases/{r.case['waiting']}"), f"/staff/cases/{r.case['waiting']}", {"what": "hand_over", "team": self.world.id("team2")}, nth=1))
        self.look("close a case as staff, unsure", v.submit(v.get(f"/staff/cases/{r.case['waiting']}"), f"/staff/cases/{r.case['waiting']}", {"what": "close"}, nth=2), 422)
        self.look("close a case as staff", v.submit(v.get(f"/staff/cases/{r.case['waiting']}"), f"/staff/cases/{r.case['waiting']}", {"what": "close", "sure": "yes"}, nth=2))
        self.look("a case refused", v.get(f"/staff/cases/{'0' * 32}"), 403)
        self.look("a page of persons", v.get("/me"), 403)
        self.look("a handle refused", v.get("/staff/people/" + "A" * 40), 403)
        self.look("notices of a team", v.get("/staff/notices"))
        self.look("case of a member", self.sit_down("staff", "jorun").get(case))

    def colleague(self):
        """Somebody who is in nothing and gets nothing."""
        v = self.sit_down("staff", "ensam")
        for name, path in (("no cases", "/staff"), ("nobody mine", "/staff/mine"), ("people", "/staff/people"), ("no requests of staff", "/staff/requests"), ("nothing asked of sources", "/staff/source-requests"), ("no notices", "/staff/notices"),
                           ("no teams", "/staff/teams"), ("the desk for helpers", "/staff/desk"), ("providers for staff", "/staff/providers")):
            self.look(name, v.get(path))
        other = self.world.visitor(self.language, 13 + visitor.LANGUAGES.index(self.language))
        other.sign_in(self.world.place_of("ensam"))
        sessions = self.look("sessions of staff", v.get("/staff/sessions"))
        self.album.saw_file(v.submit(sessions, "/staff/sessions/end"), 303)
        other.close()
        people = v.get("/staff/people")
        self.look("people, wrong number", v.submit(people, "/staff/people", {"number": "123"}), 422)
        found = v.submit(people, "/staff/people", {"number": self.world.people["skyddad"].number})
        self.album.saw_file(found, 303)
        person = self.look("a person with nothing open", v.get(found.header("Location")))
        self.look("a path with nothing open", v.get(found.header("Location") + "/path"))
        self.look("no right to review", v.get("/staff/review"), 403)
        self.look("no right to write for a provider", v.get("/staff/providers/own"), 403)
        word = v.get(found.header("Location") + "/on-word")
        self.look("entered on the person's word", v.submit(word, found.header("Location") + "/on-word", {"what": "block_flik", "flik": "journal"}))
        self.look("a provider for staff", v.get(v.get("/staff/providers").link("/staff/providers/[0-9a-f]{32}")))
        return person

    def registrar(self):
        v, r = self.sit_down("staff", "kim"), self.rich
        desk = self.look("the desk", v.get("/staff/desk"))
        self.look("the desk, wrong number", v.submit(desk, "/staff/desk/refer", {"number": "123"}), 422)
        self.look("the desk, wrong key", v.submit(desk, "/staff/desk/confirm", {"number": self.world.people["flod"].number, "thumbprint": "A" * 42}), 422)
        self.look("the desk, wrong day", v.submit(desk, "/staff/desk/refer", {
            "number": r.number, "team": self.world.id("team2"), "focus": "illness", "triage": "2026-02-30"}), 422)
        self.look("the desk, wrong proposal", v.submit(desk, "/staff/desk/proposals", {"proposal": "x"}), 422)
        join = self.look("join", v.submit(desk, "/staff/desk/join", {"number": self.world.people["flod"].number}))
        self.look("join, failed", v.submit(join, "/staff/desk/join/[A-Za-z0-9_-]+", {"answer": "{}"}), 409)
        self.look("confirm a key", v.submit(desk, "/staff/desk/confirm", {"number": self.world.people["flod"].number, "thumbprint": "A" * 43}))
        sign = self.look("a referral on paper", v.submit(desk, "/staff/desk/refer", {
            "number": self.world.people["flod"].number, "team": self.world.id("team"), "focus": "change", "triage": today(5)}))
        self.look("a referral on paper, done", v.submit(sign, "/staff/sign/demo"))
        self.look("the desk refuses", v.submit(v.submit(desk, "/staff/desk/confirm", {"number": r.number, "thumbprint": "A" * 43}), "/staff/sign/demo"), 403)
        self.who = "staff"
        v = self.sit_down("staff", "lee")
        waiting = v.submit(v.get("/staff/desk"), "/staff/desk/proposals", {"proposal": r.proposal["paper"]})
        self.album.saw_file(waiting, 303)
        second = self.look("the second of two", v.get(waiting.header("Location")))
        self.look("the second of two, of somebody else", v.submit(second, "/staff/desk/proposals/[0-9a-f]{32}", {"number": self.world.people["flod"].number}), 422)
        sign = self.look("sign as the second registrar", v.submit(second, "/staff/desk/proposals/[0-9a-f]{32}", {"number": r.number}))
        done = v.submit(sign, "/staff/sign/demo")
        self.look("signed as the second registrar", done, done.status)
        self.look("no such proposal", v.get("/staff/desk/proposals/" + "0" * 32), 403)
        v = self.sit_down("staff", "ture")
        page = self.look("teams of an officer", v.get("/staff/teams"))
        self.look("teams, removed", v.submit(page, f"/staff/teams/{self.world.id('team2')}", {"what": "remove", "staff": self.world.id("nils"), "role": "member"}), None)
        v = self.sit_down("staff", "kim")
        page = self.look("teams, the first of several pages", v.get("/staff/teams"))
        self.look("teams, one to accept", v.get(page.link(r"/staff/teams\?.*page=2.*")))

    def papers(self):
        """A fullmakt to print and to sign with a pen, and what registrars do with it."""
        v = self.sit_down("staff", "ensam")
        paper = f"/staff/desk/paper/{self.world.id('mall')}"
        self.look("a fullmakt on paper for helpers", v.get(paper))
        v = self.sit_down("staff", "kim")
        page = self.look("a fullmakt on paper", v.get(paper))
        typed = {"number": self.world.people["flod"].number}
        self.look("a fullmakt on paper, wrong number", v.upload(page, paper, {"number": "123"}, b"a.pdf", b"%PDF-1.4 x"), 422)
        self.look("a fullmakt on paper, wrong file", v.upload(page, paper, typed, b"a.txt", b"x"), 422)
        self.look("a fullmakt on paper, to sign", v.upload(page, paper, typed, b"a.pdf", b"%PDF-1.4 " + bytes(200)))

    def provider(self):
        v, r = self.sit_down("staff", "elin"), self.rich
        self.look("mine", v.get("/staff/mine"))
        handle = r.handle("elin")
        path = f"/staff/people/{handle}/path"
        page = self.look("path with a plan", v.get(path))
        self.look("person of a provider", v.get(f"/staff/people/{handle}"))
        self.look("person of a provider, a file to save", v.get(f"/staff/people/{handle}?purpose=insats&flik=rapport"))
        mark = next((form.action for form in page.read().forms if "/milestones/" in form.action), None)
        self.look("milestone, wrong day", v.submit(page, re.escape(mark), {"milestone": "1", "reached": "2199-01-01"}), 422)
        self.look("milestone reached", v.submit(page, re.escape(mark), {"milestone": "1", "reached": today(-1)}))
        self.look("no right to give up", v.post(f"/staff/people/{handle}/fullmakter/{r.fullmakt['provider']}/relinquish", {
            "token": page.form(re.escape(mark)).value("token"), "act": wire.new_id()}), 403)
        r.person.act({"kind": "pause_fullmakt", "id": r.fullmakt["provider"]})
        notices = self.look("notices", v.get("/staff/notices"))
        answer = f"/staff/notices/{r.fullmakt['provider']}"
        self.look("notice answered", v.submit(notices, answer))

    def officer(self):
        v, r = self.sit_down("staff", "noor"), self.rich
        handle = r.handle("noor")
        own = self.look("a provider's own page", v.get("/staff/providers/own"))
        self.look("a provider's own page, wrong", v.submit(own, "/staff/providers/own", {"write_sv_offers": "", "write_en_offers": ""}), 422)
        self.look("a provider's own page, wrong signs", v.submit(own, "/staff/providers/own", {"write_sv_offers": "\u202eabc"}), 422)
        self.look("a provider's own page, saved", v.submit(own, "/staff/providers/own"))
        self.look("providers, written by oneself", v.get("/staff/providers"))
        self.look("erase orders, none", v.get("/staff/erase-orders"))
        self.look("give up a fullmakt", v.get(f"/staff/people/{handle}/fullmakter/{r.fullmakt['provider']}/relinquish"))
        self.world.gateway.apply(f"end-{r.key}.json", [{"kind": "end_kontrakt", "id": r.kontrakt}])
        orders = self.look("erase orders", v.get("/staff/erase-orders"))
        self.look("erased", v.submit(orders, f"/staff/erase-orders/{r.kontrakt}"))
        self.look("path of an ended kontrakt", self.sit_down("person", r.key + "-4").get("/me/path"))

    def reviewer(self):
        v = self.sit_down("staff", "tuva")
        self.look("cases of a reviewer", v.get("/staff"))
        page = self.look("review", v.get("/staff/review"))
        act = page.link("/staff/review/[0-9]+")
        for _ in range(3):
            shown = v.get(act)
            if re.search(r'<form[^>]* action="/staff/review/', shown.text):
                break
            act = page.link("/staff/review/[0-9]+", _ + 1)
        acts = [link for link in page.read().links if re.fullmatch("/staff/review/[0-9]+", link)]
        noted = own = None
        for act in acts:
            shown = v.get(act)
            if any(form.action == act for form in shown.read().forms):
                noted = noted or (act, shown)
            else:
                own = own or shown
            if noted and own:
                break
        if own:
            self.look("review of one's own act", own)
        act, shown = noted
        self.look("review of an act", shown)
        self.look("review noted", v.submit(shown, act, {"finding": "follow_up", "write_note": "Fråga varför."}))
        self.look("review of an act that was reviewed", v.get(act))
        self.look("review, noted", v.get("/staff/review"))
        self.look("review, filtered", v.get("/staff/review?kind=open_reading&outcome=permitted"))
        self.look("review, none", v.get("/staff/review?kind=record_death"))
        self.look("sample", v.get("/staff/review/sample?seed=4711&count=5"))
        self.look("sample, none", v.get("/staff/review/sample?kind=record_death"))
        self.look("review refused", v.get("/staff/review/0"), 403)

    def coach(self):
        v, r = self.sit_down("staff", "vide"), self.rich
        self.look("mine of a coach", v.get("/staff/mine"))
        self.look("nothing asked of a provider", v.get("/staff/source-requests"))
        handle = r.handle("vide")
        ask = self.look("coach gives up", v.get(f"/staff/people/{handle}/fullmakter/{r.fullmakt['coach']}/relinquish"))
        self.look("coach gave up", v.submit(ask, f"/staff/people/{handle}/fullmakter/{r.fullmakt['coach']}/relinquish"))

    def nobody_asks(self):
        """Of forms that answer with a redirect: that they do."""
        v = self.sit_down("person", "flod")
        self.album.saw_file(v.submit(v.get("/me/more"), "/sign-out"), 303)
        v = self.world.visitor(self.language, 9)
        self.album.saw_file(v.post("/sign-in/demo", {"number": str(self.world.place_of("flod")), "back": ""}), 303)

    # ---- Administrators

    def administrator(self):
        self.who = "administrator"
        v = self.world.administrator(self.language)
        self.look("administration", v.get("/administration"))
        page = self.look("organisations", v.get("/administration/organisations"))
        for organisation in ("insats", "region", "tom"):
            self.look(f"organisation, {organisation}", v.get(f"/administration/organisations/{self.world.id(organisation)}"))
        for name in ("teams", "templates", "proposals", "health", "figures"):
            self.look(f"administration, {name}", v.get(f"/administration/{name}"))
        self.look("a template as a whole", v.get(f"/administration/templates/{self.world.id('lang')}"))
        other = self.world.administrator(self.language, "bo")
        proposals = self.look("proposals of another", other.get("/administration/proposals"))
        self.look("a proposal as a whole", other.get(proposals.link("/administration/proposals/[0-9a-f]{32}")))
        self.look("a chart that is not there", v.get("/administration/figures/readings"), 404)
        self.look("no such organisation", v.get(f"/administration/organisations/{'0' * 32}"), 403)
        return page

    # ---- Who came with a passkey or an e-ID is asked for it again, to sign

    def by_passkey(self):
        v = self.sit_down("person", self.rich.key)
        passkey = credentials.Passkey(self.world.origin)
        page = v.get("/me/keys/add")
        sign = self.look("sign a new passkey", v.submit(page, "/me/keys/add", {"answer": passkey.create(page.form("/me/keys/add").options)}))
        self.look("signed a new passkey", v.submit(sign, "/me/sign/demo"))
        v = self.sit_down("person")
        page = v.get("/sign-in")
        home = v.follow(v.submit(page, "/sign-in/passkey", {"answer": passkey.get(page.form("/sign-in/passkey").options)}))
        self.look("who can see what, by passkey", home)
        lift = v.get(f"/me/sparr/{self.rich.sparr['document']}/lift")
        self.look("sign with a passkey", lift)
        self.look("signed with a passkey", v.submit(lift, "/me/sign/passkey", {"answer": passkey.get(lift.form("/me/sign/passkey").options)}))

    def by_issuer(self):
        v = self.world.visitor(self.language, 60 + visitor.LANGUAGES.index(self.language))
        self.who = "person"
        page = v.submit(v.get("/sign-in"), "/sign-in/issuer")
        home = v.follow(v.get(self.world.issuer.come_back(page.link("https://.*"), "eid", number=self.rich.number)))
        self.look("who can see what, by e-ID", home)
        lift = self.look("sign with an e-ID", v.get(f"/me/sparr/{self.rich.sparr['dates']}/lift"))
        self.look("signed with an e-ID", v.get(self.world.issuer.come_back(lift.link("https://.*"), "eid", number=self.rich.number)))
        self.look("keys of every kind", v.get("/me/keys"))
        resume = v.get(f"/me/fullmakter/{self.rich.fullmakt['paused']}/resume")
        self.world.issuer.is_down = True
        come_back = self.world.issuer.come_back(resume.link("https://.*"), "eid", number=self.rich.number)
        page = v.get(come_back)
        self.look("not signed, the issuer is down", page, page.status)
        self.world.issuer.is_down = False
        v = self.world.visitor(self.language, 70 + visitor.LANGUAGES.index(self.language))
        self.who = "staff"
        page = self.look("to an organisation's issuer", v.submit(v.get("/sign-in"), "/sign-in/issuer", nth=1))
        come_back = self.world.issuer.come_back(page.link("https://.*"), "region", sub_id=self.world.id("kim"))
        self.look("the cases of who came by the organisation", v.follow(v.get(come_back)))
        desk = v.get("/staff/desk")
        sign = self.look("sign for staff at the issuer", v.submit(desk, "/staff/desk/refer", {
            "number": self.rich.number, "team": self.world.id("team2"), "focus": "illness"}))
        self.look("signed for staff at the issuer", v.get(self.world.issuer.come_back(sign.link("https://.*"), "region", sub_id=self.world.id("kim"))))
        sign = v.submit(v.get("/staff/desk"), "/staff/desk/refer", {"number": self.rich.number, "team": self.world.id("team2"), "focus": "illness"})
        self.look("not signed for staff at the issuer", v.get(re.sub("code=[0-9a-f]+", "code=none", self.world.issuer.come_back(
            sign.link("https://.*"), "region", sub_id=self.world.id("kim")))), None)

def at_the_end(world, album):
    """What only time brings: forty days later the month is over, and much has ended. Nothing else can be looked at after it."""
    kim = world.cast.kim
    kim.act({"kind": "record_death", "person": kim.handle(world.people["flod"].number), "died": today(-1)})
    world.gateway.apply("closed.json", [{"kind": "suspend", "noun": "provider_entry", "id": world.id("insats")}])
    for language in world.languages:
        tour = Tour(world, album, language)
        tour.look("nothing can be shown", tour.sit_down("person", "flod").get("/me"), 403)
        v = tour.sit_down("staff", "noor")
        tour.look("a provider's own page, closed", v.get("/staff/providers/own"))
        v.close()
    machine = bend.Bend(world.folder)
    machine.clock(40 * everything.DAY)
    world.gateway.stop()
    world.gateway.environment = {**machine.environment(), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with machine.commands_follow():
        world.gateway.must_start()
        world.gateway.must("clock", "accept", "--administrator", world.gateway.folder / "alice.key", "--data", world.gateway.data)
        world.gateway.stop()
        world.gateway.must_start()
        for _ in range(600):
            if (world.gateway.data / "figures").exists():
                break
            time.sleep(0.05)
        administrators = {}
        for language in world.languages:
            tour = Tour(world, album, language)
            tour.who = "administrator"
            v = administrators[language] = world.administrator(language)
            page = tour.look("administration, figures in time", v.get("/administration/figures"))
            album.looks[-1]["images"] = {}
            for place, path in enumerate(re.findall(r'<img class="chart" src="([^"]+)"', page.text)):
                path = html.unescape(path)
                answer = album.saw_file(v.get(path))
                file = album.save(f"chart-{language}-{place}.svg", answer.body)
                album.looks[-1]["images"][path] = {"file": file, "headers": answer.headers}
            tour.look("administration, health in time", v.get("/administration/health"))
            tour.look("administration in time", v.get("/administration"))
            tour.look("administration, proposals in time", v.get("/administration/proposals"))
            v = tour.sit_down("person", world.of[language].key)
            tour.look("who can see what, in time", v.get("/me"))
            tour.look("ended, in time", v.get("/me/fullmakter/ended"))
            tour.look("requests, in time", v.get("/me/requests"))
        (world.gateway.data / "figures").write_bytes(b"not what it was")
        for language, v in administrators.items():
            tour = Tour(world, album, language)
            tour.who = "administrator"
            tour.look("administration, figures that cannot be read", v.get("/administration/figures"))
