"""Browsers without eyes that go to an issuer and come back, each from an address of its own: the gateway slows a source that signs in too
often, and sums what failed by source."""
import http.client
import itertools
import pathlib
import re
import ssl
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import visitor

SESSION = "__Host-flikvakt-session"
ANYBODY = ssl._create_unverified_context()


def words(language, key, _known={}):
    """What stands under a key of the catalogue, in one line and without marks."""
    if language not in _known:
        text = (visitor.ROOT / "web" / "words" / f"{language}.txt").read_text(encoding="utf-8")
        joined = re.sub(r"\n  +", " ", text)
        _known[language] = dict(re.findall(r"^([\w.]+) = (.*)$", joined, re.MULTILINE))
    return re.sub(r"\[(.+?)\]\(.+?\)", r"\1", _known[language][key]).replace("**", "")


def plain(page):
    """What a page says, in one line."""
    text = re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[-1])
    for entity, character in (("&quot;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return re.sub(r"\s+", " ", text)


def ask_elsewhere(url):
    """(status, Location, body) of another site, without following."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPSConnection(address.hostname, address.port, context=ANYBODY, timeout=60)
    try:
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location"), answer.read()
    finally:
        connection.close()


class Traveller(visitor.Visitor):
    _sources = (f"127.77.{a}.{b}" for a, b in itertools.product(range(256), range(1, 255)))

    def __init__(self, gateway, language="sv"):
        super().__init__(f"https://localhost:{gateway.ports['portal']}", gateway.pki / "ca.pem", language)
        self.source = next(self._sources)

    def address_at(self, page):
        """Where a page sends somebody who goes on to an issuer."""
        return next(one for one in page.read().links if one.startswith("https://127.0.0.1:"))

    def leave_for(self, issuer, back="/me"):
        """The issuer's address, from the sign-in page."""
        page = self.post("/sign-in/issuer", {"issuer": issuer, "back": back})
        return self.address_at(page)

    def ask_issuer(self, url, **more):
        """What the issuer sends back to: a path of the portal with its query."""
        status, location, body = ask_elsewhere(url + "&" + urllib.parse.urlencode(more))
        if status != 302:
            raise AssertionError(f"the issuer answers {status}: {body[:300]}")
        address = urllib.parse.urlsplit(location)
        return f"{address.path}?{address.query}"

    def sign_in_at(self, issuer, **more):
        return self.get(self.ask_issuer(self.leave_for(issuer), **more))

    def is_in(self):
        return SESSION in self.cookies
