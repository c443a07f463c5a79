"""A standing world for the fault harness: the demo's people around the real program, small documents, and things that were taken
back already. It is built once, kept as a copy, and put back before each trial.

The checks know only what a client was told: `ALLOWED` and `TAKEN_BACK` are read through the API like by anybody else.
"""
import contextlib
import hashlib
import io
import os
import pathlib
import shutil
import signal
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import cast
import scenes
import story
import wire

PROGRAM = story.program()
TEAM, REHAB, PROVIDER, COACH = "konsultation", "rehab", "insats", "stod"
DOCUMENTS = [  # name, person, flik, source, size
    ("journal", "milo", "journal", "region", 4096), ("utlatande", "milo", "lakarutlatande", "region", 200_000),
    ("plan", "milo", "rehabplan", "region", 4096), ("beslut", "milo", "ekonomi", "kommun", 4096),
    ("intyg", "milo", "anstallning", "arbetsformedlingen", 1_000_000), ("meriter", "robin", "anstallning", "arbetsformedlingen", 4096),
    ("bistand", "robin", "ekonomi", "kommun", 4096)]
SOURCES = {"region": "maja", "arbetsformedlingen": "saga", "kommun": "nils"}
# Who reads what, with what purpose: open when the world stands, and taken back before (revoked, blocked, removed, suspended).
ALLOWED = {"team": ("jorun", "journal", TEAM), "team large": ("tuva", "intyg", TEAM), "provider": ("elin", "plan", PROVIDER),
           "coach": ("vide", "plan", COACH), "robin": ("jorun", "meriter", REHAB)}
TAKEN_BACK = {"revoked": ("ivo", "plan", REHAB), "blocked": ("jorun", "bistand", REHAB), "removed from the team": ("saga", "journal", TEAM),
              "never given": ("elin", "journal", PROVIDER)}


class Violation(AssertionError):
    """What must never happen."""


def must(holds, what):
    if not holds:
        raise Violation(what)


def wrong(what):
    """Ends a program that was asked for what does not exist."""
    print(f"{pathlib.Path(sys.argv[0]).name}: {what}", file=sys.stderr)
    sys.exit(2)


def must_be_built():
    if not PROGRAM.exists():
        wrong(f"there is no program `{PROGRAM}`: run ./dev build, or name a built tree in FLIKVAKT_BUILD")


def content(name, size):
    """A PDF as far as its first bytes go, then bytes that follow from its name."""
    return b"%PDF-1.7\n" + hashlib.shake_128(name.encode()).digest(size - 9)


class World:
    """`folder` holds the instance; `restore()` puts back what `keep()` saw. One at a time uses a folder."""

    def __init__(self, folder, program=None):
        self.folder = pathlib.Path(folder)
        # Of one trial: readings of which bytes came, entries that answers named, how the gateway ended in it, whether its disk was full.
        self.received, self.entries, self.ended, self.was_full = [], [], None, False
        with contextlib.redirect_stdout(io.StringIO()):
            self.gateway, ids = story.begin(program or PROGRAM, made(self.folder / "instance"))
            self.story = scenes.Story(self.gateway, cast.Cast(self.gateway, ids), [])
            self.build()
        self.gateway.stop()
        self.keep()

    @property
    def cast(self):
        return self.story.cast

    @property
    def documents(self):
        return self.story.documents

    @property
    def fullmakter(self):
        return self.story.fullmakter

    def build(self):
        told, people = self.story, self.cast
        for scene in (told.first_certificates, told.teams, told.enrolment, told.sign_fullmakter):
            scene()
        for name, person, flik, source, size in DOCUMENTS:
            facts = {"flik": flik, "title": name, "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "application/pdf"}
            who = getattr(self.cast, SOURCES[source])
            self.documents[name] = who.deposit(getattr(self.cast, person).number, facts, content(name, size))
        told.sign(people.milo, "kommun", "Jag låter kommunen läsa min plan.", ["region"],
                  cast.recipient("organisation", people.id("kommun")), ["rehabplan"], REHAB)
        people.milo.act({"kind": "revoke_fullmakt", "id": self.fullmakter["kommun"]})
        people.robin.act({"kind": "set_sparr", "id": wire.new_id(), "terms": {"target": "flik", "flik": "ekonomi", "everyone": True,
                                                                               "recipients": []}})
        people.alva.act({"kind": "roster_remove", "team": people.id("team"), "staff": people.id("saga")})

    def keep(self):
        """The instance as it lies on disk now; nothing may be running."""
        kept = self.folder / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        copy(self.gateway.data, kept)
        shutil.copy2(self.gateway.pki / "crl.pem", self.folder / "crl.pem")

    def restore(self):
        self.end()
        shutil.rmtree(self.gateway.data, ignore_errors=True)
        copy(self.folder / "kept", self.gateway.data)
        shutil.copy2(self.folder / "crl.pem", self.gateway.pki / "crl.pem")

    def end(self):
        """No process of ours stays, no connection either."""
        if self.gateway.process is not None:
            self.gateway.stop(signal.SIGKILL)
        for one in vars(self.cast).values():
            if hasattr(one, "close"):
                with contextlib.suppress(OSError):
                    one.close()

    def read(self, who, name, purpose):
        """The answer to one opening; body as far as it came."""
        return getattr(self.cast, who).ask("GET", f"/v1/documents/{self.documents[name]}/content?purpose={purpose}")

    def opens(self, who, name, purpose):
        """True: every byte came, and they are the document's. False: refused. Anything else is an error."""
        answer = self.read(who, name, purpose)
        if answer.status == 403:
            return False
        size = next(one[4] for one in DOCUMENTS if one[0] == name)
        if answer.status == 200 and answer.complete and answer.body == content(name, size):
            return True
        raise RuntimeError(f"{who} reads {name}: {answer.status_line}, {len(answer.body)} bytes")

    def figure(self, family):
        """One without labels, of `flikvakt metrics`."""
        said = self.gateway.must("metrics", "--data", self.gateway.data, sealed=False)["metrics"]
        return next(float(line.split()[1]) for line in said.splitlines() if line.startswith(family + " "))

    def verify(self, *words):
        """Exit code and what `flikvakt log verify` said."""
        code, out, err = self.gateway.run("log", "verify", "--data", self.gateway.data, *words)
        return code, (out + err).strip()

    def log_size(self):
        """Of the log as it lies on disk; nothing runs."""
        return self.gateway.must("log", "verify", "--data", self.gateway.data)["size"]


def copy(source, target):
    """Files with their holes and times; sockets stay behind."""
    shutil.copytree(source, target, ignore=lambda folder, names: [name for name in names if (pathlib.Path(folder) / name).is_socket()])


def folder_for(name):
    """A folder of its own under the temporary files, on the disk that TMPDIR names."""
    base = pathlib.Path(os.environ.get("TMPDIR") or "/tmp") / f"flikvakt-{name}-{os.getpid()}"
    return base


def made(folder):
    folder.mkdir(mode=0o700, parents=True)
    return folder
