"""A browser without eyes, for tests that need many pages fast: keeps cookies, reads forms, sends them. What it gets can be looked at
afterwards in a real one (every_page.mjs)."""
import html.parser
import os
import pathlib
import re
import socket
import ssl
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import wire  # noqa: E402

LANGUAGES = ("sv", "en", "sv-x-latt")
FORM = "application/x-www-form-urlencoded"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Form:
    """One form of a page, filled in as the page came: what a browser would send when the button is pressed."""

    def __init__(self, attributes):
        self.action, self.method = attributes.get("action") or "", (attributes.get("method") or "get").lower()
        self.multipart = attributes.get("enctype") == "multipart/form-data"
        self.options = attributes.get("data-options")  # of a passkey ceremony
        self.fields, self.buttons = [], []

    def value(self, name):
        return next((value for known, value in self.fields if known == name), None)

    def filled(self, typed):
        """`typed`: name to a text, to a list of texts (boxes), or to None (not sent)."""
        out = [(name, value) for name, value in self.fields if name not in typed]
        for name, value in typed.items():
            out += [(name, one) for one in ([] if value is None else [value] if isinstance(value, str) else value)]
        return out


class Reader(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.links, self.title = [], [], ""
        self._form = self._select = self._area = None
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag == "title" and not self.title:
            self._in_title = True
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        if tag == "form":
            self._form = Form(of)
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag == "input" and of.get("name"):
            kind = of.get("type", "text")
            if kind == "file" or (kind in ("checkbox", "radio") and "checked" not in of):
                return
            self._form.fields.append((of["name"], of.get("value") or ""))
        if tag == "button":
            self._form.buttons.append((of.get("name"), of.get("value")))
        if tag == "select" and of.get("name"):
            self._select = (of["name"], [])
        if tag == "option" and self._select:
            self._select[1].append((of.get("value") or "", "selected" in of))
        if tag == "textarea" and of.get("name"):
            self._area = (of["name"], [])

    def handle_data(self, data):
        if self._in_title:
            self.title += data
        if self._area:
            self._area[1].append(data)

    def handle_endtag(self, tag):
        if tag == "title":
            self._in_title = False
        if tag == "form":
            self._form = None
        if tag == "select" and self._select and self._form:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            self._form.fields += [(name, value) for value in chosen]
            self._select = None
        if tag == "textarea" and self._area and self._form:
            self._form.fields.append((self._area[0], "".join(self._area[1])))
            self._area = None


class Page:
    """One answer, with what was asked."""

    def __init__(self, method, path, answer):
        self.method, self.path, self.status = method, path, answer.status
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in answer.fields]
        self.body = answer.body
        self.text = answer.body.decode("utf-8", "replace") if self.is_html() else ""
        self._read = None

    def header(self, name):
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    def is_html(self):
        return self.header("Content-Type").startswith("text/html")

    def read(self):
        if self._read is None:
            self._read = Reader(self.text)
        return self._read

    def form(self, action, nth=0):
        """The form with that action (a text, or a pattern)."""
        found = [one for one in self.read().forms if re.fullmatch(action, one.action)]
        if len(found) <= nth:
            raise AssertionError(f"{self.method} {self.path}: no form {action} on this page: {[f.action for f in self.read().forms]}\n"
                                 + re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))[:1500])
        return found[nth]

    def link(self, pattern, nth=0):
        found = [one for one in self.read().links if re.fullmatch(pattern, one)]
        if len(found) <= nth:
            raise AssertionError(f"{self.method} {self.path}: no link {pattern}: {self.read().links}")
        return found[nth]


class Visitor:
    """`origin`: https://localhost:PORT. `ca`: PEM file of whom to trust. `source`: of the addresses 127.0.0.N, since attempts are counted
    by source."""

    def __init__(self, origin, ca, language="sv", source=1):
        self.origin, self.ca, self.source = origin, str(ca), f"127.0.0.{source}"
        self.host, self.port = "localhost", urllib.parse.urlsplit(origin).port
        self.cookies, self._http, self.patient = {}, None, True
        self.agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        self.speak(language)

    def speak(self, language):
        self.language = language
        self.cookies["__Host-flikvakt-language"] = language

    def close(self):
        if self._http is not None:
            self._http.close()
            self._http = None

    def _connection(self):
        if self._http is None:
            context = ssl.create_default_context(cafile=self.ca)
            plain = socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(self.source, 0))
            self._http = wire.Http(context.wrap_socket(plain, server_hostname=self.host), f"{self.host}:{self.port}")
        return self._http

    def ask(self, method, path, fields=(), body=None):
        """One who is patient asks again when it was too often, not so fast that asking keeps it so."""
        for _ in range(60):
            page = self.ask_once(method, path, fields, body)
            if page.status != 429 or not self.patient:
                break
            time.sleep(1.3)
        return page

    def ask_once(self, method, path, fields, body):
        fields = [("User-Agent", self.agent), ("Sec-Fetch-Site", "same-origin"), *fields]
        if self.cookies:
            fields.append(("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        for attempt in range(2):
            try:
                answer = self._connection().ask(method, path, fields, body)
                break
            except (OSError, ConnectionError):
                self.close()
                if attempt or method != "GET":
                    raise
        if (answer.field("Connection") or "").lower() == "close" or not answer.complete:
            self.close()
        page = Page(method, path, answer)
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                text = rest.split(";")[0]
                if text:
                    self.cookies[key] = text
                else:
                    self.cookies.pop(key, None)
        return page

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, fields):
        return self.ask("POST", path, [("Content-Type", FORM)], urllib.parse.urlencode(fields).encode())

    def raw_post(self, path, body):
        """Bytes as they are: what no browser would send, too."""
        return self.ask("POST", path, [("Content-Type", FORM)], body)

    def submit(self, page, action, typed=None, nth=0):
        """The form of that page, with what is typed."""
        form = page.form(action, nth)
        fields = form.filled(typed or {})
        if form.method == "get":
            return self.get(form.action + "?" + urllib.parse.urlencode(fields))
        return self.post(form.action, fields)

    def upload(self, page, action, typed, name, content, media_type="application/octet-stream"):
        """`name`: of the file, as bytes of the header; quotes and ends of lines as browsers write them."""
        boundary = "----flikvakt" + os.urandom(8).hex()
        form = page.form(action)
        parts = []
        for key, value in form.filled(typed):
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'.encode() + value.encode("utf-8", "surrogatepass") + b"\r\n")
        safe = name.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b'"', b"%22")
        parts.append(f"--{boundary}\r\n".encode() + b'Content-Disposition: form-data; name="file"; filename="' + safe +
                     f'"\r\nContent-Type: {media_type}\r\n\r\n'.encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.ask("POST", form.action, [("Content-Type", f"multipart/form-data; boundary={boundary}")], body)

    def follow(self, page, most=5):
        """To where it sends us."""
        while page.status == 303 and most > 0:
            page, most = self.get(page.header("Location")), most - 1
        return page

    def sign_in(self, number, back="/"):
        """As one of the demo's people, by their place in the list."""
        return self.follow(self.post("/sign-in/demo", {"number": str(number), "back": back}))
