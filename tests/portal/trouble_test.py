"""What bad luck and bad input get: sessions that end, forms of others, two tabs and two clicks, no network, the way back after leaving, absurd
sizes. A page in plain words with a way on; nothing lost, nothing done twice, nothing shown to whoever sits down next."""
import http.server
import threading
import unittest
import urllib.parse

import scene  # first: it puts the demo's folder on the path
import carried
import gateway as gateways
import visitor
import wire

SESSION = "__Host-flikvakt-session"
FRAMED = ["/sign-in", "/me", "/me/documents", "/explain"]


class Elsewhere:
    """Another site: a page that frames ours, and one with a form to ours."""

    def __init__(self, portal):
        self.portal = portal
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = outer.page(self.path).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path):
        if path == "/frames":
            frames = "".join(f'<iframe src="{self.portal}{one}"></iframe>' for one in FRAMED)
            return f"<!doctype html><title>elsewhere</title>{frames}<object data='{self.portal}/me'></object>"
        return (f"<!doctype html><title>elsewhere</title><form method='post' action='{self.portal}/me/give/new'>"
                "<input name='recipient' value='x'><button>gratis</button></form>")

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Trouble(scene.PortalTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = Elsewhere(cls.scene.origin)
        cls.addClassCleanup(cls.elsewhere.end)

    def answer_restart(self):
        """Every session ends."""
        self.scene.gateway.stop()
        self.scene.gateway.must_start()

    def answer_elsewhere(self):
        return self.elsewhere.address

    def walk(self, name, number, whos=("",), **more):
        self.play("trouble.mjs", [{"walk": name, "way": way, "who": whos[n % len(whos)]} for n, way in enumerate(scene.ways(number))], reachable=["127.0.0.1"], **more)

    # ---- In a browser

    def test_a_session_ends_while_somebody_writes(self):
        self.walk("session_over", 0)

    def test_a_session_ends_while_somebody_signs(self):
        self.walk("session_over_while_signing", 1, ["alex"])

    # SPEC PORTAL-83
    def test_two_tabs(self):
        self.walk("two_tabs", 2, ["alex"])

    def test_two_clicks(self):
        self.walk("two_clicks", 3, ["charlie"])

    def test_the_network_goes_while_something_is_signed(self):
        self.walk("no_network", 4, ["ellis"])

    def test_going_back_after_leaving_shows_nothing(self):
        self.walk("back_after_leaving", 5, ["mio", "nova"])

    def test_no_other_site_has_ours_in_a_frame_or_sends_its_forms(self):
        self.walk("framed", 6, ["nova"])

    def test_absurd_sizes(self):
        self.walk("absurd_sizes", 7, ["nova"])

    # ---- Without one

    def visitor(self, who=None, language="sv"):
        out = visitor.Visitor(self.scene.origin, self.scene.gateway.pki / "ca.pem", language)
        self.addCleanup(out.close)
        if who:
            one = self.scene.cast.people.get(who)
            name = one["name"] if one else next(name for key, _, name, _ in scene.cast.STAFF if key == who)
            page = out.get("/sign-in")
            label = f"Logga in som {name}"
            number = next(form.value("number") for form in page.read().forms if form.action == "/sign-in/demo" and self.label_of(page, form) == label)
            self.assertEqual(out.post("/sign-in/demo", {"number": number, "back": ""}).status, 303)
        return out

    @staticmethod
    def label_of(page, form):
        """What is on the button of a form of the demo's people."""
        text = page.text.split(f'name="number" value="{form.value("number")}"', 1)[1]
        return text.split("<button", 1)[1].split(">", 1)[1].split("<", 1)[0]

    def entries(self, who):
        return len(getattr(self.scene.cast, who).log())

    def test_a_cookie_that_is_not_of_this_gateway_opens_nothing(self):
        folder = self.scene.folder / "second"
        folder.mkdir(mode=0o700)
        second = gateways.Gateway(scene.PROGRAM, folder)
        self.addCleanup(second.end)
        second.found([])
        port = scene.portal.free_port(0)
        config = (second.folder / "flikvakt.toml").read_text().replace('listen_portal = "127.0.0.1:0"', f'listen_portal = "127.0.0.1:{port}"')
        second.write("flikvakt.toml", f'portal_origin = "https://localhost:{port}"\n{config}')
        second.must_start()
        code = second.must("portal", "--data", second.data, "--administrator", second.folder / "alice.key")["code"]
        there = visitor.Visitor(f"https://localhost:{port}", second.pki / "ca.pem")
        self.addCleanup(there.close)
        self.assertEqual(there.post("/sign-in/administrator", {"code": code}).header("Location"), "/administration")
        self.assertEqual(there.get("/administration").status, 200, "it opens something where it is from")
        mine = self.visitor("milo")
        real = mine.cookies[SESSION]
        forged = {"of another instance": there.cookies[SESSION], "invented": wire.base64url(bytes(32)), "short": real[:-1], "longer": real + "A", "empty": "",
                  "in other capitals": real.swapcase(), "very long": "A" * 8000, "no base64": "../../etc/passwd", "of a template": "{{7*7}}<script>"}
        for what, value in forged.items():
            with self.subTest(what):
                thief = self.visitor()
                thief.cookies[SESSION] = value
                page = thief.get("/me/more")
                self.assertEqual(page.status, 303)
                self.assertTrue(page.header("Location").startswith("/sign-in?why="), page.header("Location"))
                late = thief.post("/me/give/new", {"token": "x", "act": "y"})
                self.assertEqual(late.status, 403)
                self.assertIn("/sign-in", [link.split("?")[0] for link in late.read().links])
        with self.subTest("twice in one request"):
            thief = self.visitor()
            thief.cookies[SESSION] = f"{real}; {SESSION}={real}"
            self.assertEqual(thief.get("/me").status, 303)
        self.assertEqual(mine.get("/me").status, 200)

    def test_a_form_without_the_token_of_its_session_changes_nothing(self):
        milo, other = self.visitor("milo"), self.visitor("milo")
        fullmakt = next(one["id"] for one in self.scene.overview("milo")["fullmakter"] if one["status"] == "active")
        path = f"/me/fullmakter/{fullmakt}/revoke"
        good = dict(milo.get(path).form(path).fields)
        theirs = dict(other.get(path).form(path).fields)["token"]
        before = self.entries("milo")
        for what, change in {"none": {"token": None}, "empty": {"token": ""}, "wrong": {"token": "A" * 43}, "of another session": {"token": theirs},
                             "longer": {"token": good["token"] + "A"}, "in other capitals": {"token": good["token"].swapcase()}}.items():
            with self.subTest(f"token: {what}"):
                fields = {name: value for name, value in {**good, **change}.items() if value is not None}
                page = milo.post(path, fields)
                self.assertEqual(page.status, 403)
                self.assertTrue(page.read().links, "there is a way on")
        body = urllib.parse.urlencode(good).encode()
        for what, field in {"another site": ("Sec-Fetch-Site", "cross-site"), "a sister site": ("Sec-Fetch-Site", "same-site"),
                            "an old browser at another site": ("Origin", "https://evil.example"), "the same host without TLS": ("Origin", self.scene.origin.replace("https", "http")),
                            "another port": ("Origin", "https://localhost:1")}.items():
            with self.subTest(f"from {what}"):
                page = self.post_with(milo, path, body, [field, ("Content-Type", visitor.FORM)])
                self.assertEqual(page.status, 403)
        for what, kind in {"text": "text/plain", "JSON": "application/json", "no type": "", "a file": "multipart/form-data; boundary=x"}.items():
            with self.subTest(f"as {what}"):
                self.assertIn(self.post_with(milo, path, body, [("Sec-Fetch-Site", "same-origin"), ("Content-Type", kind)]).status, (400, 403, 415))
        kinds = [one["kind"] for one in getattr(self.scene.cast, "milo").log()]
        self.assertNotIn("revoke_fullmakt", kinds[:max(0, len(kinds) - before)])
        status = next(one["status"] for one in self.scene.overview("milo")["fullmakter"] if one["id"] == fullmakt)
        self.assertEqual(status, "active")
        pause = path.replace("revoke", "pause")
        with self.subTest("and with the right one it does"):
            self.assertEqual(milo.submit(milo.get(pause), pause).status, 200)

    def post_with(self, browser, path, body, fields):
        """As the browser's ask(), with just these fields."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        answer = browser._connection().ask("POST", path, [("Cookie", cookies), *[one for one in fields if one[1]]], body)
        if (answer.field("Connection") or "").lower() == "close":
            browser.close()
        return visitor.Page("POST", path, answer)

    def test_no_way_back_leads_to_another_site(self):
        elsewhere = ["https://evil.example/", "//evil.example/", "/\\evil.example/", "\\/evil.example", "/%2f/evil.example", "/%5cevil.example", "///evil.example",
                     "javascript:alert(1)", "/\t/evil.example", "/me/..//evil.example", "/.//evil.example", "http:evil.example", "//evil.example%2f@localhost/",
                     "/sign-in/return/e-id?state=x", "/v1/health", " //evil.example", "/me\r\nSet-Cookie: a=b", "/" + "a" * 2000, "data:text/html,x", "https:/me", "evil.example"]
        signed_in = self.visitor("love")
        for back in elsewhere:
            quoted = urllib.parse.quote(back, safe="")
            with self.subTest(back[:40]):
                page = self.visitor().get(f"/sign-in?back={quoted}")
                self.assertNotIn("evil.example", " ".join(page.read().links))
                for answer in (signed_in.get(f"/sign-in?back={quoted}"), signed_in.get(f"/language/en?back={quoted}"),
                               self.visitor().post("/sign-in/demo", {"number": "0", "back": back})):
                    self.leads_home(answer)
        with self.subTest("and to a page of ours it does"):
            self.assertEqual(self.visitor().post("/sign-in/demo", {"number": "0", "back": "/me/log"}).header("Location"), "/me/log")

    def leads_home(self, answer):
        self.assertIn(answer.status, (303, 400, 404, 414))
        where = answer.header("Location")
        if answer.status == 303:
            self.assertEqual(urllib.parse.urljoin(self.scene.origin + "/x", where).split("/")[:3], self.scene.origin.split("/")[:3], where)
            self.assertRegex(where, r"^/(?![/\\])[!-~]*$")
        self.assertNotIn("a=b", answer.header("Set-Cookie"))

    # ---- What every answer carries: of pages twice_test.py asks, of errors this

    def test_every_error_says_what_it_may_do(self):
        milo = self.visitor("milo")
        document = next(iter(self.scene.documents["milo"].values()))
        content = milo.get(f"/me/documents/{document}/content")
        carried.check(self, content, "document")
        errors = {
            "403, another's": (milo.get("/staff"), 403), "404": (milo.get("/no/such"), 404), "403, no such": (milo.get(f"/me/documents/{'a' * 32}"), 403),
            "403, no session": (self.visitor().post("/me/give/new", {}), 403), "403, no token": (milo.post("/me/give/new", {"recipient": "x"}), 403),
            "400": (milo.raw_post("/me/give/new", b"%"), 400), "413": (milo.raw_post("/me/give/new", b"a=" + b"x" * (65 << 10)), 413),
            "405": (milo.ask("PUT", "/me", [], b"x"), 405), "422": (milo.submit(milo.get("/me/give/new"), "/me/give/new", {"recipient": ""}), 422),
            "303, no session": (self.visitor().get("/me"), 303), "409": (milo.post("/me/sign/demo", {"token": milo.get("/me/give/new").form("/me/give/new").value("token"), "act": "0" * 32}), 409),
            "404, a version": (milo.get("/me/fullmakter/1"), 404),
        }
        for name, (page, status) in errors.items():
            with self.subTest(name):
                self.assertEqual(page.status, status)
                carried.check(self, page, "page")
                self.assertTrue(status == 303 or page.read().links, "there is a way on")
        with self.subTest("in the frame of a document"):
            refused = milo.get(f"/me/documents/{'a' * 32}/content")
            self.assertEqual(refused.status, 403)
            carried.check(self, refused, "frame")
        with self.subTest("429"):
            busy = self.visitor()
            busy.patient = False
            page = next(one for one in (busy.get("/sign-in") for _ in range(1_000)) if one.status == 429)
            carried.check(self, page, "page")
        for name, fields in {"431": [("Cookie", "a=" + "x" * 20000)], "414": []}.items():
            with self.subTest(name):
                one = self.visitor()
                one.cookies = {}
                page = one.ask("GET", "/" + ("x" * 3000 if name == "414" else ""), fields)
                self.assertEqual(page.status, int(name))
                carried.check(self, page, "page")


if __name__ == "__main__":
    unittest.main()
