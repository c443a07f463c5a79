"""The portal as browsers meet it: the real gateway on a data directory made as the demo makes it. README.md says how tests use it.

Scene     starts everything once (gateway, witness, relay), and ends it by process id.
PortalTest  a TestCase with a scene for its class; play() runs a script of this folder in node, and makes a subtest of each check.
"""
import contextlib
import fcntl
import hashlib
import io
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "demo")]
import cast
import clients
import documents
import gateway
import life
import portal
import relay
import scenes
import story
import wire
import witness
from cast import recipient

PROGRAM = story.program()
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")  # the first takes a third of the time
LONG = os.environ.get("FLIKVAKT_LONG") == "1"
NPM_SECONDS = 120
PLAY_SECONDS = 600
# npm's codes for what a machine without network or registry says; all else is a fault of ours.
UNREACHABLE = re.compile(r"code (E[A-Z]*(?:NOTFOUND|AGAIN|CONN\w+|TIMEDOUT|TIMEOUT|UNREACH|PROTO)|E[45]\d\d|E?NOTCACHED|\w*CERT\w*)\b")

# Invented people beside the demo's three: official test numbers. Each has a device key, a journal and a läkarutlåtande from the region,
# nothing opened to anybody, and is on the page of people.
OTHERS = {
    "alex": ("Alex Tänkelund", "195704289999"),
    "charlie": ("Charlie Sagberg", "194608239986"),
    "ellis": ("Ellis Påhittner", "190905271474"),
    "mio": ("Mio Diktholm", "190901219931"),
    "nova": ("Nova Tolvansson", "191212121212"),
}
NEWCOMER = "202107919967"  # nobody knows this number yet
OTHERS_DOCUMENTS = [("journal", "journal.txt", 3, "Journalanteckningar"), ("lakarutlatande", "lakarutlatande-love.txt", 1, "Kort läkarutlåtande")]

LANGUAGES, SIZES, SCRIPT = ("sv", "en"), ("phone", "desktop"), (True, False)
WAYS = [{"language": language, "size": size, "javascript": script} for language, size, script in itertools.product(LANGUAGES, SIZES, SCRIPT)]


# Neighbours have little in common: whatever one way hides the next may show.
IN_TURN = [WAYS[place] for place in (0, 7, 2, 5, 4, 3, 6, 1)]


def ways(number):
    """In what ways walk `number` is walked: one, so that eight walks in a row cover all eight; with --long all of them."""
    return WAYS if LONG else [IN_TURN[number % len(IN_TURN)]]


def fetch():
    """npm ci, unless what the lock file names is there. One file of tests fetches, another that runs beside it waits."""
    lock_file = HERE / "package-lock.json"
    with lock_file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        installed = HERE / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < lock_file.stat().st_mtime:
            fetch_anew()
            installed.touch()


def fetch_anew():
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is not here, and what drives the browser was not fetched before")
    try:
        ran = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest("npm could not fetch what drives the browser in time") from None
    if ran.returncode == 0:
        return
    if code := UNREACHABLE.search(ran.stderr):
        raise unittest.SkipTest(f"npm could not reach its registry ({code.group(1)})")
    raise AssertionError(ran.stderr)


def need_a_browser():
    if not PROGRAM.exists():
        raise unittest.SkipTest(f"{PROGRAM} is missing: run ./dev build")
    for needed, found in (("node", shutil.which("node")), ("chromium-headless-shell", CHROMIUM), ("certutil", shutil.which("certutil"))):
        if not found:
            raise unittest.SkipTest(f"{needed} is not here: nobody opened the portal in a browser")
    fetch()


class Scene:
    """`folder`: empty, mode 0700. `prepare`: called with the scene when its people and documents are there, before the portal has its
    address: it may act, deposit, and change `configuration` (lines of flikvakt.toml)."""

    def __init__(self, folder, prepare=None):
        self.folder = pathlib.Path(folder)
        (self.folder / "gateway").mkdir(mode=0o700)
        self.gateway = gateway.Gateway(PROGRAM, self.folder / "gateway")
        self.gateway.found(cast.clients_of_pki())
        self.witness = witness.Witness(PROGRAM, self.folder / "witness", self.gateway.log_key).start()
        self.relay = relay.Relay(lambda: self.gateway.ports["portal"])
        self.configuration = ""
        try:
            self.play_the_story(prepare)
        except BaseException:
            self.end()
            raise

    def play_the_story(self, prepare):
        self.gateway.be_witnessed(self.witness)
        self.gateway.must_start()
        ids = self.gateway.apply("setup.json", cast.registry_acts())
        self.story = scenes.Story(self.gateway, cast.Cast(self.gateway, ids), documents.make_all(self.folder / "documents"))
        self.cast = self.story.cast
        with contextlib.redirect_stdout(io.StringIO()):
            self.story.before_revocation()
            for key, (name, number) in OTHERS.items():
                self.join(key, name, number)
            portal.something_to_answer(self.story)
            portal.something_to_find(self.story)
        self.documents = {"milo": {}, "robin": {}, "love": {}, **{key: {} for key in OTHERS}}
        for one in self.story.made:
            if "flik" in one:
                self.documents[one["person"]].setdefault(one["flik"], self.story.documents[one["file"]])
        for key in OTHERS:
            self.deposit_for(key)
        if prepare:
            prepare(self)
        self.open_for_browsers()

    def join(self, key, name, number):
        """A person whom the story does not know, with a device key."""
        person = clients.Person(self.gateway, number)
        self.cast.people[key] = {"key": key, "name": name, "number": number, "language": "sv"}
        setattr(self.cast, key, person)
        self.story.enrol(person, person.key, self.cast.kim, self.cast.lee)

    def deposit_for(self, key):
        """By a fullmakt to deposit (DEP-2) that is taken back when it has served."""
        person, flikar = getattr(self.cast, key), [flik for flik, _, _, _ in OTHERS_DOCUMENTS]
        self.story.sign(person, "deposit", "Regionen får lämna in det här om mig.", ["region"], recipient("organisation", self.cast.id("region")),
                        flikar, "rehab", rights=["deposit"])
        for flik, text, pages, title in OTHERS_DOCUMENTS:
            facts = {"flik": flik, "title": title, "author": "Maja Fiktelius, specialistläkare", "date": "2026-10-02",
                     "media_type": "application/pdf", "source": "region", "text": text, "pages": pages, "person": key}
            path = self.folder / "documents" / f"{key}-{flik}.pdf"
            documents.write_letter(facts, self.cast.people[key], path)
            self.documents[key][flik] = self.cast.maja.deposit(self.cast.people[key]["number"], facts, path.read_bytes())
        person.act({"kind": "revoke_fullmakt", "id": self.story.fullmakter["deposit"]})

    def open_for_browsers(self):
        people = portal.demo_people(self.cast)
        for key in OTHERS:
            one = self.cast.people[key]
            people["people"].append({"name": one["name"], "about_sv": "Uppdiktad för testerna", "about_en": "Made up for the tests",
                                     "key": portal.pem(getattr(self.cast, key).key)})
        self.gateway.stop()
        self.gateway.write("data/demo-people.json", json.dumps(people, ensure_ascii=False, indent=1))
        self.relay.start()
        self.origin = f"https://localhost:{self.relay.port}"
        config = (self.gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
        # What stands before the first [[witness]] table belongs to the file's own keys.
        self.gateway.write("flikvakt.toml", f'portal_origin = "{self.origin}"\n{self.configuration}{config}')
        self.gateway.must_start()
        self.home = self.folder / "home"
        trust(self.home, self.gateway.pki / "ca.pem")

    def end(self):
        """Nothing of the run stays behind."""
        with contextlib.ExitStack() as all_of_it:
            all_of_it.callback(self.witness.stop)
            all_of_it.callback(self.gateway.stop)
            if self.relay.port is not None:
                all_of_it.callback(self.relay.stop)

    def described(self):
        """What a script is told."""
        who = {key: {"name": one["name"], "number": one["number"]} for key, one in self.cast.people.items()}
        staff = {key: {"name": name, "organisation": organisation} for key, organisation, name, _ in cast.STAFF}
        return {"origin": self.origin, "chromium": CHROMIUM, "words": str(ROOT / "web" / "words"), "people": who, "staff": staff,
                "organisations": {one["key"]: one["name"] for one in portal.organisations()}, "newcomer": NEWCOMER,
                "ids": {key.lstrip("$"): wire.base64url(bytes.fromhex(id)) for key, id in self.cast.ids.items()},
                "hex_ids": {key.lstrip("$"): id for key, id in self.cast.ids.items()},
                "flikar": {code: {"sv": swedish, "en": english} for code, swedish, english, _, _ in cast.FLIK_TYPES},
                "documents": self.documents, "folder": str(self.folder)}

    def made(self, file):
        """The bytes of a document of the demo's."""
        return pathlib.Path(next(one["path"] for one in self.story.made if one["file"] == file)).read_bytes()

    def hang_up(self):
        """Connections that nobody used for a while: the gateway may have ended them."""
        for one in vars(self.cast).values():
            if isinstance(one, clients.Caller):
                one.close()

    # ---- What a script may ask, as `await ask("read", {…})`

    def read(self, who, document, purpose=None):
        """The status of a reading at the API's door: `who` is staff, or without a purpose the person."""
        return self.story.read(getattr(self.cast, who), document, purpose).status

    def act(self, who, act):
        """Status and body of an act of staff, or one of a person's that does not widen; `person` as a key stands for the handle."""
        actor = getattr(self.cast, who)
        if act.get("person") in self.cast.people:
            act = {**act, "person": actor.handle(self.cast.people[act["person"]]["number"])}
        answer = actor.try_act(act)
        return {"status": answer.status, "body": answer.json() if answer.body else None}

    def overview(self, who):
        return getattr(self.cast, who).overview()

    def log(self, who):
        return getattr(self.cast, who).log()

    def request(self, who, person, flikar, purpose, to, disclosers=("region",)):
        """Staff ask a person for more; the request's id."""
        kind, key = to
        return life.ask(self.story, getattr(self.cast, who), self.cast.people[person]["number"], {
            "recipient": recipient(kind, self.cast.id(key))[0], "disclosers": [self.cast.id(one) for one in disclosers],
            "flikar": sorted(flikar), "purpose": purpose, "rights": ["read"], "valid_to": wire.rfc3339(time.time() + 30 * 86400),
            "message": "Hej! Vi behöver se mer för att kunna planera.\nHälsningar"})

    def status_of(self, who, request):
        return life.status_of(getattr(self.cast, who), request)

    def verify_receipt(self, file):
        """What `flikvakt verify-receipt` says of a file that a browser saved, of an entry that the witness has cosigned."""
        code, out, err = self.gateway.run("verify-receipt", file, "--log-key", self.gateway.log_key, "--witness", self.witness.key,
                                          "--quorum", 1, sealed=False)
        return {"code": code, "said": json.loads(out) if code == 0 else err}

    def witnessed(self, seconds=30):
        """Waits until the witness has cosigned all that is in the log now."""
        # A checkpoint may be older than what was done just now.
        size, end = self.gateway.must("status", "--data", self.gateway.data, sealed=False)["log"]["size"], time.monotonic() + seconds
        while self.cast.anyone.ask("GET", "/v1/health").json()["cosigned"]["size"] < size:
            if time.monotonic() > end:
                raise AssertionError(f"no witness cosigned the log of {size} entries within {seconds} seconds")
            time.sleep(0.05)

    def sha256(self, file):
        return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()

    def verify_log(self):
        """Exit code and words of `flikvakt log verify`: every signature and every row, again from the beginning."""
        code, out, err = self.gateway.run("log", "verify", "--data", self.gateway.data)
        return {"code": code, "said": (out + err)[-2000:]}

    def code_of_administrator(self, name="alice"):
        """What `flikvakt portal` gives an administrator to sign in with."""
        return self.gateway.must("portal", "--data", self.gateway.data, "--administrator", self.gateway.folder / f"{name}.key")

    def cut_network(self):
        self.relay.cut()

    def mend_network(self):
        self.relay.mend()

    ASKS = {"read", "act", "overview", "log", "request", "status_of", "verify_receipt", "witnessed", "sha256", "verify_log", "code_of_administrator",
            "cut_network", "mend_network"}


def trust(home, ca):
    """A home whose browsers trust this CA, and nobody else more than they do anyway."""
    database = home / ".pki" / "nssdb"
    database.mkdir(mode=0o700, parents=True)
    run = lambda *words: subprocess.run(["certutil", "-d", f"sql:{database}", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    run("-N", "--empty-password")
    run("-A", "-n", "the scene's CA", "-t", "C,,", "-i", str(ca))


class PortalTest(unittest.TestCase):
    """Has `scene` for the class. `prepare(scene)` may be overridden; what a script asks is answered by `answer_<what>` of the test, or else by
    the scene."""

    maxDiff = None
    told = 0

    @classmethod
    def prepare(cls, scene):
        pass

    @classmethod
    def setUpClass(cls):
        need_a_browser()
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-portal-")
        cls.addClassCleanup(folder.cleanup)
        cls.scene = Scene(folder.name, cls.prepare)
        cls.addClassCleanup(cls.scene.end)
        cls.told, cls.began = 0, time.monotonic()

    @classmethod
    def tearDownClass(cls):
        print(f"\ncounts: {cls.__name__}: {cls.told} checks in {time.monotonic() - cls.began:.0f} s", flush=True)

    def play(self, script, plays, seconds=PLAY_SECONDS, **more):
        """Runs a script; `plays` is a list of {"walk": name, "way": {...}, ...}, each of which it walks in one browser."""
        checks = 0
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            environment = {**os.environ, "HOME": str(self.scene.home), "XDG_CONFIG_HOME": str(self.scene.home), "XDG_CACHE_HOME": str(self.scene.home),
                           "XDG_DATA_HOME": str(self.scene.home)}
            if isinstance(self.scene, Scene):  # what a script sends beside the browser
                environment["NODE_EXTRA_CA_CERTS"] = str(self.scene.gateway.pki / "ca.pem")
            process = subprocess.Popen(["node", HERE / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                       encoding="utf-8", env=environment, start_new_session=True)
            watchdog = threading.Timer(seconds, end_of, [process])
            watchdog.start()
            ended = False
            try:
                self.send(process, {**self.scene.described(), "long": LONG, "plays": plays, **more})
                for line in process.stdout:
                    message = json.loads(line)
                    if "ask" in message:
                        self.send(process, self.answered(message))
                    elif "ended" in message:
                        ended = message["ended"] == checks
                    else:
                        checks += 1
                        with self.subTest(message["name"]):
                            self.assertTrue(message["ok"], message.get("why") or "it does not hold")
                process.wait(timeout=60)
            finally:
                watchdog.cancel()
                end_of(process)
                process.stdout.close()
                process.stdin.close()
            errors.seek(0)
            self.assertTrue(ended and checks, f"{script} ended with {process.returncode} after {checks} checks: {errors.read()[-4000:]}")
        type(self).told += checks

    def send(self, process, value):
        process.stdin.write(json.dumps(value, ensure_ascii=False) + "\n")
        process.stdin.flush()

    def answered(self, message):
        what, words = message["ask"], message.get("with") or {}
        self.scene.hang_up()
        try:
            own = getattr(self, f"answer_{what}", None)
            if own is None and what not in Scene.ASKS:
                raise LookupError(f"nobody answers `{what}`")
            return {"answer": (own or getattr(self.scene, what))(**words)}
        except Exception as error:  # the script fails, with this as its reason
            return {"fault": f"{type(error).__name__}: {error}"}


def end_of(process):
    """The script and its browser; the browser goes when the script is asked to."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
