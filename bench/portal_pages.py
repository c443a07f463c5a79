"""`./dev bench --portal`: what the portal's pages cost with 10^5 people in the store, and how long they are.

Each page is fetched many times over one connection that is kept alive, by whoever it is for. Its time is taken by the load generator, from the
request to the last byte, on loopback; and by the gateway itself (`flikvakt_page_seconds`), which leaves out what a page waits for the tick. A page
that leaves on the tick (P6) is judged by the gateway's own measure, as refusals would be if they counted: they are shown apart.
"""
import json
import re
import socket
import ssl
import subprocess
import tempfile
import time

import figures
import portal_store
import servers
import wire
from figures import Goal

LOAD = servers.BUILD / "bench" / "mtlsload"
MOST_MS, MOST_KIB = Goal(at_most=20.0), Goal(at_most=100.0)
BUCKET = re.compile(r'^flikvakt_page_seconds_bucket\{le="([^"]+)"\} ([0-9]+)$', re.M)
BASELINE = "explain: a page of words alone"


def pages(known):
    """(what, who, path): every page that shows something, with the worst that the store has for it."""
    milo = [("/me", "overview"), ("/me?page=7", "overview, last of them"), ("/me/fullmakter/ended", "ended fullmakter"), (f"/me/fullmakter/{known['fullmakt']}", "a fullmakt of many"),
            ("/me/log", "who has read"), ("/me/log?show=all", "log, everything"), ("/me/log?show=refused", "log, what was refused"),
            ("/me/log?show=kontrakt&find_organisation=region", "log, a rare kind"), ("/me/documents", "documents"),
            (f"/me/documents/{known['document']}", "a document"), ("/me/requests", "requests"), (f"/me/requests/{known['request']}", "a request"),
            ("/me/path", "path of a long kontrakt"), ("/me/path?words=whole", "path, whole words"), (f"/me/kontrakt/{known['kontrakt']}", "a long kontrakt"),
            ("/me/more", "more"), ("/me/representatives", "representatives"), ("/me/keys", "keys"), ("/me/proposals", "proposals"), ("/me/everything", "everything"),
            ("/me/give", "give, templates"), (f"/me/give/template/{known['template']}", "give, a template"), ("/me/give/new", "give, free"),
            (f"/me/fullmakter/{known['fullmakt']}/extend", "extend"), (f"/me/fullmakter/{known['fullmakt']}/revoke", "revoke, the question"), ("/me/sparr", "spärr"),
            ("/me/refer", "refer"), ("/me/providers", "catalogue"), ("/me/providers?q=rehab+st%C3%B6d", "catalogue, searched"), (f"/me/providers/{known['provider']}", "a provider")]
    out = [(BASELINE, None, "/explain"), ("sign in", None, "/sign-in"), ("accessibility", None, "/accessibility")]
    out += [(f"person with much: {what}", "Milo", path) for path, what in milo]
    out += [(f"person with little: {what}", "Love", path) for path, what in (("/me", "overview"), ("/me/log", "who has read"))]
    lead = [("/staff", "500 cases"), ("/staff?page=12", "500 cases, further back"), (f"/staff/cases/{known['case']}", "a case"), ("/staff/mine", "mine"),
            (f"/staff/people/{known['handle_forbund']}", "a person's flikar"), (f"/staff/people/{known['handle_forbund']}/path", "a person's path"),
            (f"/staff/people/{known['handle_forbund']}/ask", "ask"), (f"/staff/people/{known['handle_forbund']}/deposit", "deposit"),
            (f"/staff/people/{known['handle_forbund']}/on-word", "on a person's word"), ("/staff/people", "look a person up"), ("/staff/teams", "teams"),
            ("/staff/teams?find_staff=medarbetare+0042", "teams, somebody looked for"), ("/staff/notices", "notices"), ("/staff/erase-orders", "erase orders"), ("/staff/desk", "desk")]
    out += [(f"team lead: {what}", "Alva", path) for path, what in lead]
    provider = [("/staff/mine", "2,000 participants"), ("/staff/mine?page=2", "2,000 participants, further back"), (f"/staff/people/{known['handle_insats']}", "a participant"),
                (f"/staff/people/{known['handle_insats']}/path", "a participant's path"), ("/staff/requests", "requests"), ("/staff/providers", "catalogue")]
    out += [(f"provider: {what}", "Elin", path) for path, what in provider]
    out += [("provider: own entry", "Noor", "/staff/providers/own"), ("registrar: desk", "Kim", "/staff/desk"), ("roster officer: teams", "ombud", "/staff/teams")]
    reviewer = [("/staff/review", "the newest acts"), ("/staff/review?kind=begin_deposit", "a kind that is rare"), ("/staff/review?found=follow_up", "to be followed up"),
                ("/staff/review?below=300000", "long ago"), ("/staff/review/sample", "a sample"), ("/staff/review/sample?kind=begin_deposit", "a sample of what is rare")]
    out += [(f"reviewer of most acts: {what}", "granskare", path) for path, what in reviewer]
    out += [(f"reviewer of few acts: {what}", "Saga", path) for path, what in reviewer if "found" not in path]
    administrator = [("/administration", "start"), ("/administration/organisations", "3,000 organisations"), ("/administration/organisations?q=exempel+0042", "organisations, searched"),
                     (f"/administration/organisations/{known['organisation']}", "an organisation with 5,000 staff"), ("/administration/teams", "200 teams"),
                     ("/administration/templates", "templates"), (f"/administration/templates/{known['template']}", "a template"), ("/administration/proposals", "proposals"),
                     ("/administration/health", "health"), ("/administration/figures", "figures")]
    return out + [(f"administrator: {what}", "administrator", path) for path, what in administrator]


class Browsers:
    """Cookies of those who are signed in, and a connection for each look."""

    def __init__(self, server, world):
        self.server, self.names, self.cookies = server, world["people"], {None: ""}
        self.context = ssl.create_default_context(cafile=str(server.pki / "ca.pem"))

    def ask(self, method, path, fields=(), body=None):
        plain = socket.create_connection(("127.0.0.1", self.server.portal_port()), 60)
        http = wire.Http(self.context.wrap_socket(plain, server_hostname="localhost"), "localhost")
        try:
            return http.ask(method, path, fields, body)
        finally:
            http.close()

    def signed_in(self, who):
        if who not in self.cookies:
            path, form = ("/sign-in/administrator", f"code={self.code()}") if who == "administrator" else ("/sign-in/demo", f"number={self.place_of(who)}&back=")
            answer = self.ask("POST", path, [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")], form.encode())
            if answer.status != 303:
                raise RuntimeError(f"{who} could not sign in: {answer.status_line}")
            cookies = [field.partition(":")[2].strip().split(";")[0] for field in answer.fields if field.lower().startswith("set-cookie:")]
            self.cookies[who] = "; ".join(one for one in cookies if not one.endswith("="))
        return self.cookies[who]

    def place_of(self, who):
        return next(i for i, name in enumerate(self.names) if name == who or name.startswith(who + " "))

    def code(self):
        gateway = self.server.gateway
        return gateway.must("portal", "--data", gateway.data, "--administrator", gateway.folder / "alice.key")["code"]

    def look(self, who, path):
        return self.ask("GET", path, [("Cookie", self.signed_in(who))] if who else [])


class Server:
    """A store that portal_store made, served."""

    def __init__(self, gateway):
        self.gateway, self.pki = gateway, gateway.pki

    def portal_port(self):
        return self.gateway.ports["portal"]

    def times(self):
        """Of the pages so far: counts by the limits of the buckets, in ms."""
        ran = subprocess.run([self.gateway.program, "metrics", "--data", str(self.gateway.data)], capture_output=True, text=True, check=True)
        return {limit: int(count) for limit, count in BUCKET.findall(ran.stdout)}


def at_most(before, after):
    """In how many ms 99 of 100 pages between two looks at the buckets were made, as far as they say; None: more than the last says."""
    count = after["+Inf"] - before["+Inf"]
    for limit, number in after.items():
        if limit != "+Inf" and number - before[limit] >= 0.99 * count:
            return float(limit) * 1000
    return None


def load(server, cookie, path, count, status=200):
    words = ["taskset", "-c", "1", LOAD, "--json", "--pid", server.gateway.process.pid, "--ca", server.pki / "ca.pem", "--cert", server.pki / "kommun.pem", "--key",
             server.pki / "kommun.key", "--sni", "localhost", "-c", "1", "-n", count, "-w", "0", "-d", "300", "--expect", status]
    if cookie:
        words += ["-H", f"Cookie: {cookie}"]
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as listed:
        listed.write(path + "\n")
        listed.flush()
        ran = subprocess.run([str(word) for word in [*words, "-P", listed.name, f"https://127.0.0.1:{server.portal_port()}"]], capture_output=True, text=True,
                             timeout=400, check=False)
    if not ran.stdout.strip():
        raise RuntimeError(f"mtlsload: {ran.stderr.strip()}")
    return json.loads(ran.stdout.strip().splitlines()[-1])


def measure_page(server, browsers, what, who, path, count):
    looked = browsers.look(who, path)
    if looked.status != 200 or not (looked.field("Content-Type") or "").startswith("text/html"):
        raise RuntimeError(f"{what}: {path}: {looked.status_line}")
    before = server.times()
    ran = load(server, browsers.signed_in(who) if who else "", path, count)
    made = at_most(before, server.times())
    waits = ran["latency"]["p50_us"] > 15_000 and made is not None and made * 1000 < ran["latency"]["p50_us"] / 2  # for the tick
    return {"page": what, "path": path, "kib": len(looked.body) / 1024, "p50_ms": ran["latency"]["p50_us"] / 1000, "p99_ms": ran["latency"]["p99_us"] / 1000,
            "made_ms": made, "on_tick": waits, "cpu_us": ran["server_cpu_us_per_req"], "failed": figures.failures(ran), "count": ran["requests"]}


def judge(found):
    """Each page's time, and its length; and what all of them come to."""
    base = next(one["cpu_us"] for one in found if one["page"] == BASELINE)
    for one in found:
        one["cpu_ratio"] = one["cpu_us"] / base
        one["judged_ms"] = one["made_ms"] if one["on_tick"] else one["p99_ms"]
        one["met"] = one["judged_ms"] is not None and MOST_MS.is_met(one["judged_ms"]) and MOST_KIB.is_met(one["kib"])
    slowest = max(found, key=lambda one: one["judged_ms"] or float("inf"))
    longest = max(found, key=lambda one: one["kib"])
    return [figures.judged(f"slowest page at p99: {slowest['page']}", slowest["judged_ms"], "ms", MOST_MS),
            figures.judged(f"longest page: {longest['page']}", longest["kib"], "KiB", MOST_KIB),
            figures.judged("pages that miss a goal", sum(not one["met"] for one in found), f"of {len(found)}", Goal(at_most=0))]


def show(found):
    print(f"{'':64}{'KiB':>7}{'p50 ms':>9}{'p99 ms':>9}{'made ms':>9}{'CPU µs':>9}{'ratio':>7}")
    for one in found:
        made = "> 100" if one["made_ms"] is None else f"≤ {one['made_ms']:g}"
        tick = " on the tick" if one["on_tick"] else ""
        print(f"{one['page']:64}{one['kib']:7.1f}{one['p50_ms']:9.2f}{one['p99_ms']:9.2f}{made:>9}{one['cpu_us']:9.0f}{one['cpu_ratio']:7.1f}"
              f" {figures.mark(one['met'])}{tick}")


def opened(folder, given):
    """The store in that folder: made there unless it is."""
    world = folder / "gateway" / "world.json"
    if not world.exists():
        store = portal_store.Store(folder, given.scale, given.people)
        store.make()
        gateway = store.gateway
    else:
        gateway = servers.reopened(folder / "gateway")
        gateway.patience = 600
        gateway.must_start()
    return Server(gateway), json.loads(world.read_text())


def wait_for_certificates(browsers):
    """Until the revocation list is applied no staff come in: doubt means no."""
    end = time.monotonic() + 60
    while browsers.look("Alva", "/staff/notices").status != 200:
        if time.monotonic() > end:
            raise RuntimeError("the revocation list was not applied")
        time.sleep(0.1)


def measure(given, folder, stack):
    server, world = opened(folder, given)
    stack.callback(lambda: server.gateway.stop())
    servers.pin(server.gateway.process.pid, {0})
    browsers = Browsers(server, world)
    wait_for_certificates(browsers)
    found = []
    for what, who, path in pages(world["known"]):
        if given.only in what:
            found.append(measure_page(server, browsers, what, who, path, given.requests))
    refused = browsers.look("Love", "/staff")
    if refused.status != 403:
        raise RuntimeError(f"a page of staff to a person: {refused.status_line}")
    ran = load(server, browsers.signed_in("Love"), "/staff", 20, status=403)
    judged = judge(found) if any(one["page"] == BASELINE for one in found) else []
    judged.append(figures.judged("a refusal, p50: it leaves on the tick", ran["latency"]["p50_us"] / 1000, "ms"))
    return {"pages": found, "figures": judged, "logs": {}}
