"""What the scenes of load.py measure: how others fare, whether taking back gets through, what the log and the memory come to."""
import os
import pathlib
import time

import flooding
import many
import refusing
import world
from OpenSSL import SSL

OTHERS = ("region", "forsakringskassan", "arbetsformedlingen", "forbund")


def percentile(values, part):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2) if ordered else None


def spread(values):
    return {"count": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99), "most": percentile(values, 1)}


def entries(made):
    made.cast.anyone.close()  # it may have idled too long
    return int(made.cast.anyone.checkpoint().split("\n")[1])


def resident(made):
    """Bytes of memory that the gateway has."""
    return int(pathlib.Path(f"/proc/{made.gateway.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def stored(made):
    return sum(one.stat().st_size for one in made.gateway.data.rglob("*") if one.is_file())


class Others:
    """Four organisations that read what they may, each `rate` times a second; milliseconds from when each was due."""

    def __init__(self, made, rate):
        self.loop, self.made, self.answers = many.Loop(), made, []
        self.is_flooded = False
        pools = [flooding.Pool(refusing.Desk(made, self.loop, key, 4)) for key in OTHERS]
        start = time.monotonic_ns() + 10**7
        for n, pool in enumerate(pools):
            self.loop.every(1 / rate, lambda due, pool=pool: self.ask(pool, due), start + n * 10**9 // (len(pools) * rate))

    def ask(self, pool, due):
        flooded = self.is_flooded
        target = self.made.documents["running"]
        pool.ask(lambda: pool.desk.open(target), lambda seen: self.answered(flooded, seen), due)

    def answered(self, flooded, seen):
        right = seen is not None and seen.status == 200 and seen.body == world.content("running", 4096)
        self.answers.append((flooded, right, seen.milliseconds() if seen else None))

    def beside(self, flood, windows, seconds, also=()):
        """Alone and beside the flood, in turn."""
        for _ in range(windows):
            for flooded in (False, True):
                self.is_flooded = flooded
                for one in (flood, *also):
                    (one.on.set if flooded else one.on.clear)()
                self.loop.run(seconds)
        return self

    def figures(self):
        """The last that is asked of these."""
        self.loop.close()
        out = {}
        for name, which in (("alone", False), ("beside", True)):
            these = [(right, ms) for flooded, right, ms in self.answers if flooded == which]
            out[name] = {**spread([ms for right, ms in these if right]), "errors": sum(not right for right, _ in these)}
        if out["alone"]["count"] and out["beside"]["count"]:
            out["ratio of p99"] = round(out["beside"]["p99"] / out["alone"]["p99"], 2)
        return out


def probes(made):
    """A person's revocation and an administrator's suspension, now, on connections of their own."""
    milo, gateway, out = made.cast.milo, made.gateway, {}
    started = time.monotonic()
    device = flooding.Device(gateway, milo.number, milo.key)
    try:
        out["person"] = device.try_act({"kind": "revoke_fullmakt", "id": made.fullmakter["ended"]}).status
        device.close()
    except (OSError, SSL.Error) as error:
        out["person"] = type(error).__name__
    out["person ms"], started = round((time.monotonic() - started) * 1000, 1), time.monotonic()
    try:
        gateway.apply("probe.json", [{"kind": "suspend", "noun": "staff", "id": made.cast.id("off-region")}])
        out["administrator"] = 200
    except RuntimeError as error:
        out["administrator"] = str(error)
    return {**out, "administrator ms": round((time.monotonic() - started) * 1000, 1)}


def colleague(made, count):
    """Asks, when it is called, as another staff member of the flooding organisation, to take something back on paper, again and again."""
    ivo, milo = made.cast.ivo, made.cast.milo
    act = {"kind": "paper_narrowing", "person": ivo.handle(milo.number), "revoke": [made.fullmakter["resting"]], "revoke_all": False}
    ivo.close()

    def ask():
        took, refused = [], 0
        for _ in range(count):
            started = time.monotonic()
            refused += ivo.try_act(act).status != 200
            took.append((time.monotonic() - started) * 1000)
            time.sleep(0.1)
        milo.close()
        stands = next(one["status"] for one in milo.overview()["fullmakter"] if one["id"] == made.fullmakter["resting"])
        return {"a colleague": {"not acknowledged": refused + (stands != "revoked"), **spread(took)}}
    return ask
