"""A world in which every organisation can be refused for every cause: the standing world of world.py and what that takes.

A `Desk` is one organisation's system; `Desk.asks()` says how it asks so that the gateway refuses for each cause.
"""
import json
import ssl
import time

import many
import world  # first of these: it says where the demo's modules lie
import clients
import wire
from cast import recipient

READERS = {"region": "maja", "forsakringskassan": "lee", "arbetsformedlingen": "rut", "kommun": "nils", "insats": "elin",
           "forbund": "ture"}
UNKNOWN_NUMBER = "191212121212"  # an official test number that nobody here has
ASSERTION_SECONDS = 240
SHORT_SECONDS = 6  # long enough to be signed on a busy machine
READING_SECONDS = 600  # well within the life of an open reading
NAMED = [("given", "love", "bilder"), ("ended", "milo", "arbetsformaga"), ("resting", "milo", "kartlaggning"),
         ("running", "milo", "fhir"), ("gone", "milo", "rapport"), ("short", "robin", "anstallning")]
FACTS = {"author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "application/pdf"}


class Refusing(world.World):
    def build(self):
        super().build()
        people = self.cast
        self.add_staff()
        everyone = [recipient("organisation", id)[0] for id in sorted(people.id(key) for key in READERS)]
        for name, person, flik in NAMED:
            ends = time.time() + SHORT_SECONDS
            more = {"valid_to": wire.rfc3339(ends)} if name == "short" else {}
            to = recipient("staff", people.id("vide")) if name == "given" else everyone
            self.give(getattr(people, person), name, to, flik, **more)
        self.give(people.robin, "barred", everyone, "ekonomi")
        for name, person, flik in NAMED:
            number, facts = getattr(people, person).number, {"flik": flik, "title": name, **FACTS}
            self.documents[name] = people.maja.deposit(number, facts, world.content(name, 4096))
        people.milo.act({"kind": "revoke_fullmakt", "id": self.fullmakter["ended"]})
        people.milo.act({"kind": "pause_fullmakt", "id": self.fullmakter["resting"]})
        self.gateway.apply("shred.json", [{"kind": "shred", "scope": "document", "document": self.documents["gone"]}])
        time.sleep(max(0, ends + 0.5 - time.time()))  # the short one, the last of them, runs out

    def add_staff(self):
        """One in each organisation who was suspended."""
        acts = [{"kind": "register_staff", "id": "$off-" + key, "organisation": "$" + key, "name": "Sune Avstängd", "roles": []}
                for key in READERS]
        acts += [{"kind": "suspend", "noun": "staff", "id": "$off-" + key} for key in READERS]
        self.cast.ids = self.gateway.apply("suspended.json", acts)

    def give(self, person, name, to, flik, **more):
        """A fullmakt for what the region and the municipality have in this flik."""
        text, id = f"Jag låter {len(to)} parter läsa {flik}.", wire.new_id()
        terms = self.cast.terms(text, ["region", "kommun"], to, [flik], world.REHAB, **more)
        person.act({"kind": "sign_fullmakt", "id": id, "text": text, "terms": terms}, widens=True)
        self.fullmakter[name] = id


def anew(who):
    """On a new connection: the last one may have idled too long."""
    who.close()
    return who


class Desk:
    """One organisation's system: its connections and credentials."""

    keys = tuple(READERS)

    def __init__(self, made, loop, key, connections=1):
        self.made, self.loop, self.key, self.reader = made, loop, key, getattr(made.cast, READERS[key])
        self.source, self.connections = f"127.0.1.{1 + self.keys.index(key)}", connections
        self.assertions, self.assertions_end, self.readings_end = {}, 0, 0
        self.nobody = wire.new_id()  # signed for like a colleague, and no one
        self.other = made.cast.lee if key != "forsakringskassan" else made.cast.rut
        people = made.cast
        anew(self.reader), anew(self.other)
        self.handles = {name: self.reader.handle(number) for name, number in
                        (("nobody", UNKNOWN_NUMBER), ("love", people.love.number), ("milo", people.milo.number))}
        self.handles["another's"] = self.other.handle(people.milo.number)

    def connect(self, count=None):
        gateway = self.made.gateway
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(gateway.pki / "ca.pem")
        context.load_cert_chain(gateway.pki / f"{self.key}.pem", gateway.pki / f"{self.key}.key")
        return [many.Line(self.loop, gateway.ports["api"], context, self.source) for _ in range(count or self.connections)]

    def bearer(self, staff):
        now = time.time()
        if now > self.assertions_end:
            self.assertions, self.assertions_end = {}, now + ASSERTION_SECONDS
        if staff not in self.assertions:
            self.assertions[staff] = clients.Staff(self.made.gateway, self.key, self.reader.organisation, staff).credentials()
        return self.assertions[staff]

    def reading(self, fields=()):
        """The name of a reading of somebody else's: read to its end, and so closed, or only begun."""
        target = f"/v1/documents/{self.made.documents['plan']}/content?purpose={world.COACH}"
        return anew(self.made.cast.vide).ask("GET", target, fields).field("Flikvakt-Reading")

    def own_closed_reading(self):
        target = f"/v1/documents/{self.made.documents['running']}/content?purpose={world.REHAB}"
        return anew(self.reader).ask("GET", target).field("Flikvakt-Reading") or self.reading()

    def refresh_readings(self):
        if time.time() > self.readings_end:
            self.readings_end = time.time() + READING_SECONDS
            self.closed, self.theirs = self.own_closed_reading(), self.reading([("Range", "bytes=0-9")])

    def send(self, method, target, body=None, staff=None):
        body = None if body is None else json.dumps(body).encode()
        return many.request(method, target, self.bearer(staff or self.reader.staff), body)

    def open(self, document, purpose=world.REHAB, staff=None):
        return self.send("GET", f"/v1/documents/{document}/content?purpose={purpose}", staff=staff)

    def range(self, reading):
        return self.send("GET", f"/v1/readings/{reading}/content")

    def list(self, handle):
        return self.send("POST", "/v1/listings", {"person": self.handles[handle], "purpose": world.REHAB})

    def narrow(self, handle, every):
        named = [] if every else [wire.new_id()]
        act = {"kind": "paper_narrowing", "person": self.handles[handle], "revoke": named, "revoke_all": every}
        return self.send("POST", "/v1/acts", wire.envelope(act, self.made.gateway.name))

    def make_handle(self, number):
        return self.send("POST", "/v1/handles", {"number": number})

    def asks(self):
        """(group, cause): the request. Within a group requests differ in what they name and in nothing else."""
        documents, ids, known = self.made.documents, self.made.cast.ids, self.made.cast.love.number
        self.refresh_readings()
        return {
            ("open", "unknown document"): lambda: self.open(wire.new_id()),
            ("open", "given to another"): lambda: self.open(documents["given"]),
            ("open", "revoked"): lambda: self.open(documents["ended"]),
            ("open", "paused"): lambda: self.open(documents["resting"]),
            ("open", "expired"): lambda: self.open(documents["short"]),
            ("open", "blocked"): lambda: self.open(documents["bistand"]),
            ("open", "not your team"): lambda: self.open(documents["journal"], world.TEAM),
            ("open", "another purpose"): lambda: self.open(documents["running"], "stod"),
            ("open", "erased"): lambda: self.open(documents["gone"]),
            ("open", "suspended staff"): lambda: self.open(documents["running"], staff=ids["$off-" + self.key]),
            ("open", "unknown staff"): lambda: self.open(documents["running"], staff=self.nobody),
            ("range", "unknown reading"): lambda: self.range(wire.new_id()),
            ("range", "closed reading"): lambda: self.range(self.closed),
            ("range", "another's reading"): lambda: self.range(self.theirs),
            ("list", "unknown person"): lambda: self.list("nobody"),
            ("list", "nothing to see"): lambda: self.list("love"),
            ("list", "another's handle"): lambda: self.list("another's"),
            ("narrow", "unknown person"): lambda: self.narrow("nobody", False),
            ("narrow", "known person"): lambda: self.narrow("love", False),
            ("narrow", "unknown person, everything"): lambda: self.narrow("nobody", True),
            ("narrow", "known person, everything"): lambda: self.narrow("love", True),
            ("handle", "unknown person"): lambda: self.make_handle(UNKNOWN_NUMBER),
            ("handle", "known person"): lambda: self.make_handle(known),
        }


def numbers_of_the_dead(start):
    """Valid numbers that nobody has any more: born in the 1890s, with the last four of official test numbers."""
    for n in range(start, start + 36_000):
        digits = f"{90 + n % 10:02}{1 + n // 10 % 12:02}{1 + n // 120 % 28:02}{980 + n // 3360 % 20}"
        doubled = "".join(str(int(digit) * (2 - at % 2)) for at, digit in enumerate(digits))
        yield f"18{digits}{-sum(map(int, doubled)) % 10}"


class Registrars(Desk):
    """Proposes keys: for a number that is known, and each time for another one that is not. An organisation may do so 50 times at
    once, then once in 20 seconds (API-45)."""

    keys = ("forsakringskassan", "arbetsformedlingen", "kommun", "forbund")

    def __init__(self, made, loop, key, connections=1):
        super().__init__(made, loop, key, connections)
        self.numbers = numbers_of_the_dead(8000 * self.keys.index(key))

    def propose(self, handle):
        fresh = wire.Key()
        act = {"kind": "propose_key", "person": handle, "jwk": fresh.jwk, "thumbprint": fresh.thumbprint}
        return self.send("POST", "/v1/acts", wire.envelope(act, self.made.gateway.name))

    def asks(self):
        unknown = self.reader.handle(next(self.numbers))
        return {("key", "unknown person"): lambda: self.propose(unknown),
                ("key", "known person"): lambda: self.propose(self.handles["love"])}
