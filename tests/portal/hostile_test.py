"""Hostile names, titles, messages and file names (hostile.py) wherever the product takes text: refused at the door with a clear message, or shown
as text to the letter, on a phone's width, with nothing run, nothing asked of anybody else, and nothing added to a header or a table.
"""
import collections
import concurrent.futures
import contextlib
import csv
import hashlib
import html
import io
import json
import pathlib
import re
import tempfile
import time
import unittest
import urllib.parse

import everything
import hostile
import scene
import clients
import wire
from album import Album
from cast import period, recipient
from every_page_test import PAGES_A_WALK, Described
from everything import at, today

STRINGS = hostile.strings()
MARKED = [hostile.marked(number, text) for number, text in enumerate(STRINGS)]
ALL = list(range(len(STRINGS)))
# Names and titles are taken as they are, and shown without what moves a cursor or turns text around; what somebody writes at length is refused
# with it (policy/terms.h, is_text).
PLAIN = [number for number in ALL if hostile.is_text(STRINGS[number])]
NUMBERS = ["197302889931", "200002292399", "200004059937", "195704289999", "194608239986", "196408233234", "198112189876", "191212121212", "190901219931",
           "190905271474"]
EACH = 50  # strings to each person
WRITING = 12  # at once
MOST_PEOPLE = 10 if scene.LONG else 3  # whose other pages are looked at
LETTERS_IN_BRIEF = 60  # gateway/portal_names.cpp
ACCEPTED = 40  # of the teams, which work then


def pieces_of(path):
    """Of an address the lists of which it names a page by number."""
    return [name for name, value in urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query) if value.isdigit()]


class World(everything.Everything):
    """Ten people; a registry of hostile names; to each person their share of hostile titles, messages, goals and insatser."""

    def __init__(self, folder):
        super().__init__(folder, languages=())
        config = (self.gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
        self.gateway.write("flikvakt.toml", "requests_per_second = 100000\nrequest_burst = 100000\n" + config)
        self.names = {}  # place: numbers of the strings that stand there
        self.refusals = collections.defaultdict(dict)  # place: number: status and body
        self.kontrakt, self.documents = {}, {}

    def start(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.found()
            self.people = {f"p{place}": clients.Person(self.gateway, number) for place, number in enumerate(NUMBERS)}
            for person in self.people.values():
                self.story.enrol(person, person.key, self.cast.kim, self.cast.lee)
            self.name_everything()
            for place, (key, person) in enumerate(self.people.items()):
                for who in ("alva", "maja", "ture"):
                    getattr(self.cast, who).close()  # what is idle for long the gateway ends
                self.fill(place, key, person)
            self.write_to_all()
            self.register_issuers()
            self.open_portal()
        return self

    # ---- The registry: what administrators name

    def name_everything(self):
        acts, of = [], self.names
        # Every string is somebody's title and message (fill), and a name of one kind or another; with --long of every kind.
        kinds = ("staff", "organisation", "unit", "team", "flik", "area", "template")
        for place, kind in enumerate(kinds):
            of[kind] = ALL if scene.LONG else ALL[place::len(kinds)]
        of["template"] = [n for n in of["template"] if n in set(PLAIN)]
        acts += [{"kind": "register_staff", "id": f"$s{n}", "organisation": "$kommun", "name": MARKED[n], "roles": []}
                 for n in of["staff"]]
        acts += [{"kind": "register_organisation", "id": f"$o{n}", "name": MARKED[n], "number": f"16{n:010}", "organisation_kind": "authority"}
                 for n in of["organisation"]]
        acts += [{"kind": "register_unit", "id": f"$u{n}", "organisation": "$kommun", "name": MARKED[n]} for n in of["unit"]]
        acts += [{"kind": "register_team", "id": f"$t{n}", "organisation": "$forbund", "name": MARKED[n], "lead": "$alva"} for n in of["team"]]
        acts += [{"kind": "register_flik_type", "code": f"f{n}", "name_sv": MARKED[n], "name_en": MARKED[n], "description": MARKED[n], "sensitivity": "ordinary"}
                 for n in of["flik"]]
        acts += [{"kind": "register_authorisation", "id": f"$a{n}", "organisation": "$insats", "areas": [MARKED[n]], **period()} for n in of["area"]]
        acts += [{"kind": "register_template", "id": f"$m{n}", "disclosers": ["$region"], "recipients": [{"kind": "team", "id": "$team"}], "flikar": ["journal"],
                  "purpose": "konsultation", "rights": ["read"], "days": 9, "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e",
                  "texts": [{"language": "sv", "name": MARKED[n], "text": "Mallens text: " + MARKED[n]}]} for n in of["template"]]
        self.ids |= self.gateway.apply("hostile.json", acts)
        self.cast.ids = self.ids
        self.cast.ture.close()
        for n in of["team"][:ACCEPTED]:
            self.cast.ture.act({"kind": "accept_team", "team": self.ids[f"$t{n}"]})

    # ---- A person's: what staff write of them

    def fill(self, place, key, person):
        c, share = self.cast, range(place * EACH, (place + 1) * EACH)
        mine = list(share)
        parts = [{"insats": MARKED[n], "provider": "$insats", "area": "karriar", **period(60), "goals": MARKED[n]} for n in mine[:10]]
        self.names["kontrakt", key] = mine
        kontrakt = self.gateway.apply(f"kontrakt-{key}.json", [{
            "kind": "register_kontrakt", "id": "$k" + key, "person": {"number": person.number}, "parts": parts, "goals": "\n".join(MARKED[n] for n in mine[10:28]),
            "milestones": [{"text": MARKED[n], "due": today(20)} for n in mine[28:]]}])["$k" + key]
        text = "Får läsa."
        for to, flikar, purpose, more in ((recipient("team", c.id("team")), ["journal"], "konsultation", {}),
                                          (recipient("organisation", self.ids[f"$o{self.names['organisation'][place]}"]), ["journal"], "rehab", {}),
                                          (recipient("staff", self.ids[f"$s{self.names['staff'][place]}"]), ["journal"], "stod", {}),
                                          (recipient("organisation", c.id("insats")), ["journal", "rapport"], "insats",
                                           {"kontrakt": kontrakt, "rights": ["deposit", "read"]})):
            terms = c.terms(text, ["region", "insats"], to, flikar, purpose, **more)
            person.act({"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms}, widens=True)
        case = wire.new_id()
        person.act({"kind": "sign_referral", "id": case, "team": c.id("team"), "focus": "illness", "meetings": []})
        c.alva.act({"kind": "accept_case", "id": case, "meetings": []})
        self.names["document", key], self.names["message", key] = [], []
        self.kontrakt[key] = kontrakt

    def write_to_all(self):
        """Answers that may not tell who is known leave on a tick, and deposits wait for the disk: many write at once. Of one staff member at most
        200 requests stand (REQ-4)."""
        def some(part):
            depositor, asker = self.cast.staff("maja", "region"), self.cast.staff(("elin", "noor", "gro")[part % 3], "insats")
            for n in range(part, len(STRINGS), WRITING):
                self.deposit(depositor, f"p{n // EACH}", n)
                self.ask(asker, f"p{n // EACH}", n)
            depositor.close()
            asker.close()

        with concurrent.futures.ThreadPoolExecutor(WRITING) as together:
            list(together.map(some, range(WRITING)))

    def deposit(self, staff, key, n):
        """As the API's depositor does it: a title and an author of somebody's choosing."""
        content = f"Dokument {n}.\n".encode()
        facts = {"flik": "journal", "title": MARKED[n], "author": MARKED[n], "date": today(-3), "media_type": "text/plain", "size": len(content),
                 "sha256": wire.base64url(hashlib.sha256(content).digest()), "other_subjects": []}
        id = wire.new_id()
        answer = staff.try_act({"kind": "begin_deposit", "id": id, "person": staff.handle(self.people[key].number), "facts": facts, "other_subjects": []})
        if answer.status not in (200, 201):
            self.refusals["title"][n] = (answer.status, answer.body.decode())
            return
        sent = staff.ask("PUT", f"/v1/deposits/{id}/content", [("Content-Type", "text/plain")], content)
        self.documents[n] = clients.expect(sent, "deposit")["document"]
        self.names["document", key].append(n)

    def ask(self, staff, key, n):
        c = self.cast
        terms = {"recipient": recipient("organisation", c.id("insats"))[0], "disclosers": [c.id("region")], "flikar": ["bilder"], "purpose": "insats",
                 "rights": ["read"], "valid_to": at(30), "message": MARKED[n]}
        answer = staff.try_act({"kind": "request_access", "id": wire.new_id(), "person": staff.handle(self.people[key].number), "terms": terms})
        if answer.status not in (200, 201):
            self.refusals["message"][n] = (answer.status, answer.body.decode())
        else:
            self.names["message", key].append(n)

    def make_others(self):
        pass

    def demo_people(self):
        return [(key, self.people[key].key, MARKED[ALL[place]]) for place, key in enumerate(self.people)]


class Hostile(scene.PortalTest):
    @classmethod
    def setUpClass(cls):
        scene.need_a_browser()
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-portal-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.told, cls.began = 0, time.monotonic()
        cls.world = World(cls.folder)
        cls.addClassCleanup(cls.world.stop)
        cls.world.start()
        cls.scene = Described(cls.world, cls.folder)

    def visit(self, place, language="sv"):
        return self.world.signed_in(f"p{place}", language)

    # ---- At the door

    def test_texts_that_would_move_or_turn_are_refused_and_nothing_else_is(self):
        self.assertEqual(len(set(STRINGS)), 500)
        self.assertGreater(len(ALL) - len(PLAIN), 25)
        self.assertEqual({}, self.world.refusals["title"])
        refused = self.world.refusals["message"]
        self.assertEqual(sorted(refused), sorted(set(ALL) - set(PLAIN)))
        self.assertEqual({status for status, _ in refused.values()}, {403}, "at the door of the API: the answer that says nothing of a person")
        # In the form whoever wrote it is told, and has it still, without what turns it.
        w = self.world
        v, handle = w.signed_in("elin", "sv"), w.cast.elin.handle(NUMBERS[7])
        ask = v.get(f"/staff/people/{handle}/ask")
        typed = {"recipient": f"organisation:{w.id('insats')}", "flik": "bilder", "discloser": w.id("region"), "purpose": "insats", "until": today(20)}
        for n in sorted(refused) if scene.LONG else sorted(refused)[::4]:
            with self.subTest(n):
                page = v.submit(ask, f"/staff/people/{handle}/ask", {**typed, "write_message": MARKED[n]})
                if "\0" in STRINGS[n]:
                    self.assertEqual(page.status, 400)
                    continue
                self.assertEqual(page.status, 422)
                self.assertIn("vänder, gömmer eller flyttar text", page.text)
                self.assertEqual(hostile.shown(page.form(f"/staff/people/{handle}/ask").value("write_message")), hostile.shown(MARKED[n]))

    # ---- In the browser

    # SPEC PORTAL-21
    def test_every_string_stands_in_the_pages_as_text(self):
        self.album, self.expected = Album(self.folder / "album"), {}
        of, w = self.world.names, self.world
        anybody = w.visitor("sv", 40)
        front = anybody.get("/sign-in")
        self.album.keep_files(anybody, front)
        self.look("sign-in", front, ALL[:10])
        for place in range(10):
            key, v = f"p{place}", self.visit(place)
            documents = of["document", key]
            self.look_through(f"{key} documents", v, "/me/documents", documents)
            if place >= MOST_PEOPLE:
                continue
            self.look_through(f"{key} requests", v, "/me/requests", of["message", key])
            self.look_through(f"{key} kontrakt", v, f"/me/kontrakt/{w.kontrakt[key]}", of["kontrakt", key])
            for name, path in (("everything", "/me/everything"), ("path", "/me/path"), ("overview", "/me"), ("log", "/me/log?show=all"), ("sparr", "/me/sparr"),
                               ("document", f"/me/documents/{w.documents[documents[place]]}")):
                self.look(f"{key} {name}", v.get(path))
            self.look(f"{key} request", v.get(v.get("/me/requests").link("/me/requests/[0-9a-f]{32}")))
            v.close()
        self.giving()
        self.staff_and_administrators()
        self.catalogue()
        # The same words stand in other languages' pages.
        self.look("en documents", self.visit(1, "en").get("/me/documents"), of["document", "p1"], language="en")
        self.look("latt requests", self.visit(2, "sv-x-latt").get("/me/requests"), language="sv-x-latt")
        self.album.write(w.origin)
        self.assertEqual(sorted(set().union(*self.expected.values())), ALL, "each string is looked for somewhere")
        texts = [hostile.shown(text) for text in STRINGS]
        plays = []
        for size in ("phone", "desktop") if scene.LONG else ("phone",):
            groups, together = {}, []
            for number, look in enumerate(self.album.looks):
                groups.setdefault(look["name"], []).append(number)
            for name, looks in groups.items():  # a list of several pages is looked at in one walk
                if together and len(together) + len(looks) > PAGES_A_WALK:
                    plays.append((size, together))
                    together = []
                together = together + looks
            plays.append((size, together))
        self.play("hostile.mjs", [{"walk": "strings", "way": {"language": "sv", "size": size, "javascript": True}, "looks": looks,
                                   "expected": self.expected, "texts": texts} for size, looks in plays], 3600, album=str(self.album.folder))

    def look(self, name, page, *numbers, language="sv"):
        self.album.add(name, language, page, None, "")
        self.assertIn(page.status, (200, 422), name)
        self.expected.setdefault(name, [])
        self.expected[name] = sorted(set(self.expected[name]).union(*numbers))
        return page

    def look_through(self, name, v, path, *numbers, most=None):
        """All pages of a list, and of each other list of the page while that one is at its beginning: whatever has more of it is followed. `most`: so
        many pages of a long one, of which less is expected then."""
        waiting, seen, of_others = [path], set(), len(pieces_of(path))
        while waiting and (scene.LONG or most is None or len(seen) < most):
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            page = self.look(name, v.get(path))
            further = [html.unescape(href) for href in re.findall(r'rel="next" href="([^"]+)"', page.text)]
            waiting += [href for href in further if len(pieces_of(href)) == of_others + 1]
        if not waiting:
            self.look(name, page, *numbers)
            self.album.looks.pop()

    def giving(self):
        """A fullmakt of hostile names, from the form to its end."""
        of, w, v = self.world.names, self.world, self.visit(0)
        self.look_through("give", v, "/me/give", of["template"])
        template = of["template"][3]
        self.look("template", v.get(f"/me/give/template/{w.ids[f'$m{template}']}"), [template])
        give = self.look("give new", v.get("/me/give/new"))
        flikar, disclosers = of["flik"][:20], of["organisation"][20:38]
        typed = {"recipient": f"organisation:{w.ids['$o%d' % of['organisation'][12]]}", "flik": [f"f{n}" for n in flikar],
                 "discloser": [w.ids[f"$o{n}"] for n in disclosers], "purpose": "rehab", "right": "read", "until": today(60)}
        sign = self.look("sign", v.submit(give, "/me/give/new", typed), flikar, disclosers)
        stood = set(self.revocable(v))
        self.look("signed", v.submit(sign, "/me/sign/demo"))
        signed = set(self.revocable(v)) - stood
        self.assertEqual(len(signed), 1, "others of theirs are looked at by staff")
        one = signed.pop()
        self.look_through("overview with it", v, "/me")
        ask = self.look("revoke", v.get(one))
        self.look("revoked", v.submit(ask, one))
        for name, path in (("log filters", "/me/log"), ("refer", "/me/refer")):
            self.look(name, v.get(path))

    @staticmethod
    def revocable(v):
        """On all pages of the overview."""
        waiting, seen, out = ["/me"], set(), []
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            page = v.get(path)
            out += [link for link in page.read().links if "fullmakter" in link and link.endswith("/revoke")]
            waiting += [html.unescape(href) for href in re.findall(r'rel="next" href="([^"]+)"', page.text)]
        return out

    def staff_and_administrators(self):
        of, w = self.world.names, self.world
        alva, elin = w.signed_in("alva", "sv"), w.signed_in("elin", "sv")
        for place in range(3):
            key = f"p{place}"
            person = f"/staff/people/{w.cast.alva.handle(NUMBERS[place])}"
            self.look_through(f"staff {key}", alva, person + "?purpose=konsultation", of["document", key])
            self.look_through(f"path of {key}", elin, f"/staff/people/{w.cast.elin.handle(NUMBERS[place])}/path")
        for name in ("ask", "deposit", "on-word"):
            self.look(f"staff {name}", alva.get(f"{person}/{name}"))
        self.look_through("mine", elin, "/staff/mine", most=4)
        self.look_through("teams", alva, "/staff/teams", of["team"][:ACCEPTED], most=4)
        self.look("desk", w.signed_in("kim", "sv").get("/staff/desk"))
        self.look("review", self.reviewer().get("/staff/review"))
        v = w.administrator("sv")
        in_brief = [n for n in of["area"] if len(MARKED[n]) <= LETTERS_IN_BRIEF]  # of longer ones a list has the beginning
        self.look_through("organisations", v, "/administration/organisations", of["organisation"], most=4)
        self.look_through("an organisation", v, f"/administration/organisations/{w.id('kommun')}", of["staff"], of["unit"], most=8)
        self.look_through("a provider", v, f"/administration/organisations/{w.id('insats')}", in_brief, most=4)
        self.look_through("all teams", v, "/administration/teams", of["team"], most=4)
        self.look_through("templates", v, "/administration/templates", of["template"], most=4)

    def reviewer(self):
        return self.world.signed_in("tuva", "sv")

    def catalogue(self):
        """What a provider says of itself: eight strings an answer, five answers, some of them at a time."""
        w = self.world
        noor, readers = w.cast.noor, [self.visit(place) for place in range(5)]
        chunk = 8
        texts = [PLAIN[start:start + chunk] for start in range(0, len(PLAIN), chunk)]
        rounds = [texts[start:start + 5] for start in range(0, len(texts), 5)]
        for number, answers in enumerate(rounds):
            said = dict(zip(("offers", "for_whom", "steps", "place", "contact"), ("\n".join(MARKED[n] for n in one) for one in answers)))
            said = {"for_whom": "", "steps": "", "place": "", "contact": "", **said}
            noor.close()
            noor.act({"kind": "set_provider_entry", "areas": ["karriar"], "texts": [{"language": "sv", **said}]})
            self.look(f"provider {number}", readers[number % 5].get(f"/me/providers/{w.id('insats')}"), *answers)
        self.look("providers", readers[0].get("/me/providers"))
        self.look("provider's own", w.signed_in("noor", "sv").get("/staff/providers/own"), *rounds[-1])

    # ---- What comes back of what was asked

    def test_what_is_asked_comes_back_as_it_was_and_changes_nothing_of_the_page(self):
        """Words of a search, each in the page it brings: the same page as for a harmless word, with just that word in its field."""
        visits = [self.visit(place) for place in range(10)]
        harmless = self.skeleton(visits[0].get("/me/providers?q=hej"))
        numbers = range(len(STRINGS)) if scene.LONG else range(0, len(STRINGS), 5)
        for place, n in enumerate(numbers):
            page = visits[place % 10].get("/me/providers?q=" + urllib.parse.quote(STRINGS[n]))
            with self.subTest(n):
                if any(ord(one) < 0x20 or ord(one) == 0x7f for one in STRINGS[n]):  # no address has that
                    self.assertEqual((page.status, page.is_html()), (400, True))
                    continue
                self.assertEqual(page.status, 200)
                self.assertEqual(self.skeleton(page), harmless)
                field = next(form for form in page.read().forms if form.action == "/me/providers").value("q")
                self.assertEqual(hostile.shown(field), hostile.shown(STRINGS[n]))

    def skeleton(self, page):
        """Tags and names of attributes, without what is found."""
        text = re.sub(r'<ul class="rows">.*?</ul>', "", page.text, flags=re.DOTALL)
        return re.findall(r"</?([a-z0-9]+)", re.sub(r'"[^"]*"', '""', text))

    def test_of_what_a_browser_calls_itself_only_what_is_known_is_shown(self):
        android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
        for agent, said in ((MARKED[0], "Okänd webbläsare"), ("<svg onload=canary()>", "Okänd webbläsare"), (android, "Chrome på Android"),
                            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1", "Safari på iPhone"),
                            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge på Windows")):
            with self.subTest(said, agent=agent):
                v = self.world.visitor("sv", 50)
                v.agent = agent
                v.sign_in(self.world.place_of("p3"))
                text = html.unescape(v.get("/me/keys").text)
                self.assertIn(f"<bdi>{said}</bdi>", text)
                self.assertNotIn(agent, text)

    # ---- Bytes that are no text, and too much of it

    def test_bytes_that_are_no_text_are_refused_with_a_page(self):
        v = self.visit(4)
        token = v.get("/me/more").form("/sign-out").value("token").encode()
        for raw in hostile.BROKEN_BYTES:
            with self.subTest(raw):
                escaped = b"".join(b"%%%02x" % byte for byte in raw)
                page = v.raw_post("/me/sparr", b"token=" + token + b"&target=flik&flik=" + escaped)
                self.assertEqual((page.status, page.is_html()), (400, True))
                page = v.get("/me/providers?q=" + escaped.decode())
                self.assertEqual(page.status, 400)
                plain = v.raw_post("/me/sparr", b"token=" + token + b"&flik=" + raw)
                self.assertEqual((plain.status, plain.is_html()), (400, True))

    def test_halves_of_characters_are_refused_at_the_door_of_the_api(self):
        maja = self.world.cast.maja
        handle = maja.handle(NUMBERS[0])
        for lone in hostile.LONE_SURROGATES:
            with self.subTest(lone):
                facts = {"flik": "journal", "title": "HERE", "author": "x", "date": today(), "media_type": "text/plain", "size": 1,
                         "sha256": wire.base64url(bytes(32)), "other_subjects": []}
                order = wire.envelope({"kind": "begin_deposit", "id": wire.new_id(), "person": handle, "facts": facts, "other_subjects": []}, self.world.gateway.name)
                body = json.dumps(order).replace("HERE", lone).encode()
                answer = maja.ask("POST", "/v1/acts", [("Content-Type", "application/json")], body)
                self.assertEqual(answer.status, 400, answer.body)
                self.assertEqual(answer.json()["status"], 400)

    def test_what_is_too_long_is_refused_and_what_just_fits_is_not(self):
        w = self.world
        handle, elin = w.cast.elin.handle(NUMBERS[5]), w.signed_in("elin", "sv")
        ask = elin.get(f"/staff/people/{handle}/ask")
        typed = {"recipient": f"organisation:{w.id('insats')}", "flik": "bilder", "discloser": w.id("region"), "purpose": "insats", "until": today(20)}
        for message, status in (("å" * 1000, 200), ("å" * 1000 + "b", 422), ("b" * 50_000, 422), ("ord " * 400, 200)):
            with self.subTest(message[:10], bytes=len(message.encode())):
                page = elin.submit(ask, f"/staff/people/{handle}/ask", {**typed, "write_message": message, "new_id": wire.new_id(), "act": wire.new_id()})
                self.assertEqual(page.status, status)
                if status == 422:
                    self.assertEqual(page.form(f"/staff/people/{handle}/ask").value("write_message"), message)
        deposit = elin.get(f"/staff/people/{handle}/deposit")
        fields = {"flik": "rapport", "author": "Elin", "date": today(), "others": "no"}
        for title, status in (("å" * 100, 303), ("å" * 100 + "b", 422), ("b" * 10_000, 422), ("😀" * 50, 303)):
            with self.subTest(title[:10], bytes=len(title.encode())):
                page = elin.upload(deposit, f"/staff/people/{handle}/deposit", {**fields, "title": title, "act": wire.new_id()}, b"a.txt", b"x")
                self.assertEqual(page.status, status)
        self.assertEqual(elin.get("/staff/people/" + "A" * 600).status, 404)
        self.assertIn(elin.get("/staff/providers?q=" + "a" * 15_000).status, (414, 400, 431, 422))

    def test_files_of_any_name_are_taken_or_refused_with_a_page(self):
        """The name of a file that is sent says what kind it is, and nothing more: it is kept nowhere."""
        w = self.world
        staff = {who: w.signed_in(who, "sv") for who in ("elin", "noor")}
        numbers = range(len(STRINGS)) if scene.LONG else range(0, len(STRINGS), 6)
        handle = w.cast.elin.handle(NUMBERS[6])
        form = {who: v.get(f"/staff/people/{handle}/deposit") for who, v in staff.items()}
        taken = 0
        for place, n in enumerate(numbers):
            who = ("elin", "noor")[place % 2]
            name = f"namn{n}x".encode() + STRINGS[n].encode() + (b".txt" if place % 2 else b"") if place % 4 else STRINGS[n].encode()
            page = staff[who].upload(form[who], f"/staff/people/{handle}/deposit", {
                "flik": "rapport", "title": f"Fil {n}", "author": "Elin", "date": today(), "others": "no", "act": wire.new_id()}, name, b"x\n")
            with self.subTest(n):
                self.assertIn(page.status, (303, 400, 422), name)
                taken += page.status == 303
                page = staff[who].follow(page)
                self.assertTrue(page.is_html())
                self.assertNotIn(f"namn{n}x", page.text)
        self.assertGreater(taken, len(numbers) // 4)

    # ---- Headers and tables

    # SPEC PORTAL-5
    def test_downloads_have_the_headers_that_they_should_whatever_their_titles(self):
        known = {"date", "cache-control", "x-content-type-options", "content-type", "content-disposition", "content-security-policy", "strict-transport-security",
                 "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "content-length", "connection"}
        visits = [self.visit(place) for place in range(10)]
        numbers = sorted(self.world.documents)
        for n in numbers if scene.LONG else numbers[::4]:
            page = visits[n // EACH].get(f"/me/documents/{self.world.documents[n]}/content?use=save")
            with self.subTest(n):
                self.assertEqual(page.status, 200)
                names = [name.lower() for name, _ in page.headers]
                self.assertEqual(len(names), len(set(names)))
                self.assertLessEqual(set(names), known)
                self.assertEqual(page.body, f"Dokument {n}.\n".encode())
                field = page.header("Content-Disposition")
                self.assertRegex(field, r"\Aattachment; filename=\"[A-Za-z0-9 ._~-]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+\Z")
                name = urllib.parse.unquote(field.split("filename*=UTF-8''")[1], errors="strict")
                self.assertTrue(name.endswith(".txt"))
                self.assertFalse(set(name) & set("/\\\n\r\0"), name)
                self.assertNotIn("\ufffd", name.replace(STRINGS[n], ""))
                begin = MARKED[n].encode()[:120].decode("utf-8", "ignore")
                self.assertEqual(hostile.shown(name.removesuffix(".txt")), hostile.shown(re.sub(r"[/\\\n]", " ", begin)))

    def test_the_log_as_a_table_has_a_title_in_one_cell_that_is_no_formula(self):
        seen = set()
        for place in range(10):
            page = self.visit(place).get("/me/everything/log.csv")
            self.assertEqual(page.status, 200)
            rows = list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"), newline=""), strict=True))
            self.assertEqual({len(row) for row in rows}, {9})
            for cell in (cell for row in rows for cell in row):
                self.assertNotRegex(cell, r"\A[ \"]*[=+\-@\t\r−＝＋－＠]")
                seen |= {n for n, text in hostile.unmarked(cell) if hostile.shown(text.replace("'", "")) == hostile.shown(STRINGS[n].replace("'", ""))}
        self.assertGreater(len(seen), 400)

    def test_the_overview_and_the_log_as_data_hold_every_title_to_the_letter(self):
        for place in range(10):
            key, v = f"p{place}", self.visit(place)
            overview = json.loads(v.get("/me/everything/overview.json").body)
            titles = {title for title in self.texts_in(overview) if title.startswith("Hq")}
            self.assertLessEqual({MARKED[n] for n in self.world.names["document", key]}, titles)

    def texts_in(self, value):
        if isinstance(value, dict):
            return [text for one in value.values() for text in self.texts_in(one)]
        if isinstance(value, list):
            return [text for one in value for text in self.texts_in(one)]
        return [value] if isinstance(value, str) else []


if __name__ == "__main__":
    unittest.main()
