"""A gateway that has connectors, and connectors, as the real programs: what the tests of connectors share."""
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "e2e")]
import cast
import clients
import connectors
import gateway
import scenes
import story
import wire
from connectors import free_port

PROGRAM = story.program()
CONNECTOR = connectors.program(PROGRAM)
OK, USAGE, NAME, ROUTE, PROXY, PROXY_LOGIN, NOT_THE_GATEWAY = 0, 2, 10, 11, 12, 13, 14
CLOCK, NOT_ENROLLED, CERTIFICATE_EXPIRED, NOT_ACCEPTED, CODE_REFUSED, CODE_EXPIRED, END_TO_END_OFF = 15, 16, 17, 18, 19, 20, 21
LOG_FORKED, DISK, CAPTIVE = 22, 23, 24
PDF = b"%PDF-1.4\n% uppgift\n"


def wait_until(what, holds, seconds=30, every=0.02):
    end = time.monotonic() + seconds
    while True:
        got = holds()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} seconds: {what}")
        time.sleep(every)


class World:
    """One gateway; Milo gave the team a fullmakt that names the region as discloser of `journal` and others."""

    def __init__(self, folder, configuration="", certificate_minutes=None, address="127.0.0.1", names=()):
        self.folder = pathlib.Path(folder)
        (self.folder / "gateway").mkdir(mode=0o700)
        self.gateway = gateway.Gateway(PROGRAM, self.folder / "gateway")
        self.api, self.portal = free_port(), free_port()
        self.host = names[0] if names else "localhost"
        made = self.gateway
        made.write("flikvakt.toml", gateway.CONFIGURATION.replace('listen_api = "127.0.0.1:0"', f'listen_api = "{address}:{self.api}"')
                   .replace('listen_portal = "127.0.0.1:0"', f'listen_portal = "{address}:{self.portal}"')
                   + f'connectors = "connectors"\nconnector_api = "https://{self.host}:{self.api}"\nconnector_trust = "pki/ca.pem"\n'
                   + "connector_witness_seconds = 1\n"
                   + (f"connector_certificate_minutes = {certificate_minutes}\n" if certificate_minutes else "") + configuration)
        made.found(cast.clients_of_pki()) if not names else self.found(names)
        made.must("connector", "init", made.folder / "connectors", sealed=False)

    def found(self, names):
        """As Gateway.found, with names of its own in the server's certificate."""
        words = [word for name in names for word in ("--server-name", name)]
        real = self.gateway.must

        def must(*given, **more):
            return real(*given, *(words if given[:2] == ("pki", "dev") else []), **more)
        self.gateway.must = must
        try:
            self.gateway.found(cast.clients_of_pki())
        finally:
            self.gateway.must = real

    def begin(self):
        made = self.gateway
        made.must_start()
        made.must("issuer", "add", made.folder / "connectors" / "ca.pem", *made.administrators())
        self.ids = made.apply("setup.json", cast.registry_acts())
        return self

    def people(self):
        """Clients at the gateway from outside; needs that its address is reached from here."""
        self.cast = cast.Cast(self.gateway, self.ids)
        self.story = scenes.Story(self.gateway, self.cast, [])
        self.story.first_certificates()
        self.story.teams()
        self.story.enrolment()
        cast_, team = self.cast, self.cast.id("team")
        self.story.sign(cast_.milo, "team", "Jag låter teamet läsa.", ["region", "kommun"], cast.recipient("team", team),
                        ["journal", "lakarutlatande", "ekonomi"], "konsultation")
        return self

    def code(self, organisation="region", staff="maja", name="Region, sal A", end_to_end=False, valid=None, connector=None):
        made = self.gateway
        words = ["organisation", "enrol", "--organisation", self.ids["$" + organisation], "--staff", self.ids["$" + staff], "--name", name,
                 *made.administrators()]
        words += ["--end-to-end"] if end_to_end else []
        words += ["--valid", valid] if valid else []
        words += ["--connector", connector] if connector else []
        return made.must(*words)

    def connectors(self):
        return {one["id"]: one for one in self.gateway.must("connector", "list", "--data", self.gateway.data, sealed=False)["connectors"]}

    def stop(self):
        self.gateway.end()


class Connector(connectors.Program):
    """One connector in a folder of its own. `before`: words before the program, such as `ip netns exec …`."""

    def __init__(self, world, folder, end_to_end=False, more="", before=(), gateway=None, witness=True):
        super().__init__(PROGRAM, folder, before)
        self.world, self.drop = world, self.folder / "deposit"
        for flik in ("journal", "ekonomi", "lakarutlatande"):
            (self.drop / flik).mkdir(parents=True)
        self.configure(end_to_end, more, gateway, witness)

    def configure(self, end_to_end=False, more="", gateway=None, witness=True):
        gateway = gateway or f"https://{self.world.host}:{self.world.portal}"
        name = self.folder.name
        (self.folder / "connector.toml").write_text(
            f'gateway = "{gateway}"\nstate = "state"\nmode = "{"end-to-end" if end_to_end else "direct"}"\nready_file = "ready"\n'
            + (f'witness = "{name}.example/w1"\n' if witness else "") + more
            + '\n[deposit]\nfolder = "deposit"\nauthor = "Region Norrån"\nsettled_milliseconds = 150\n', encoding="utf-8")

    def must_enrol(self, **how):
        return super().must_enrol(self.world.code(**how)["code"])

    def ends(self, seconds=10):
        """The exit code, when it ends by itself."""
        code = self.process.wait(timeout=seconds)
        self.process = None
        return code

    def put(self, name, content, flik="journal", person=None, title=None, sidecar=None):
        """As a well-behaved system does: the file, then its sidecar."""
        person = person if person is not None else self.world.cast.milo.number
        (self.drop / flik / name).write_bytes(content)
        says = sidecar or {"person": person, "title": title or name, "date": "2026-11-20"}
        (self.drop / flik / (name + ".json")).write_text(says if isinstance(says, str) else json.dumps(says), encoding="utf-8")

    def receipt(self, name, flik="journal"):
        file = self.drop / "done" / flik / (name + ".receipt.json")
        return json.loads(file.read_text()) if file.exists() else None

    def reason(self, name, flik="journal"):
        file = self.drop / "refused" / flik / (name + ".reason")
        return file.read_text().strip() if file.exists() else None

    def doctor(self, *words):
        started = time.monotonic()
        ran = self.run("doctor", "--json", *words)
        self.doctor_seconds = time.monotonic() - started
        says = json.loads(ran.stdout)
        return ran.returncode, {one["layer"]: one for one in says["findings"]}


def fetch(staff, document, purpose="konsultation"):
    return staff.ask("GET", f"/v1/documents/{document}/content?purpose={purpose}")


def titles(staff, number, purpose="konsultation"):
    listing = clients.expect(staff.list(number, purpose), "listing")
    return [one["title"] for flik in listing["flikar"] for one in flik["documents"]]


def ask_source(world, staff, flik="journal", source="region", message="Inför mötet", number=None):
    """Heta linjen, as a member of the team: the id of the request."""
    made = wire.new_id()
    terms = {"recipient": cast.recipient("team", world.cast.id("team"))[0], "disclosers": [world.cast.id(source)], "flikar": [flik],
             "purpose": "konsultation", "rights": ["read"], "valid_to": cast.period(30)["valid_to"], "message": message}
    answer = staff.try_act({"kind": "ask_source", "id": made, "person": staff.handle(number or world.cast.milo.number), "terms": terms})
    return made, answer


def source_requests(staff):
    return {one["id"]: one for one in clients.expect(staff.ask("GET", "/v1/source-requests"), "source requests")["source_requests"]}
