"""spec/acts.schema.json and gateway/openapi.json, read by a validator that is not ours: they are sound, their examples follow them, and
so does what is really said. The demo's story is played, and every act that staff, people and `flikvakt` (through a relay before the
admin socket) send, and every JSON answer, is looked at."""
import base64
import collections
import contextlib
import hashlib
import io
import json
import pathlib
import re
import socket
import sys
import tempfile
import threading
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import clients
import gateway as demo_gateway
import story
import wire

PROGRAM = story.program()
ACTS = json.loads((ROOT / "spec" / "acts.schema.json").read_text(encoding="utf-8"))
OPENAPI = json.loads((ROOT / "gateway" / "openapi.json").read_text(encoding="utf-8"))
KINDS = [one["$ref"].rsplit("/", 1)[1] for one in ACTS["$defs"]["Act"]["oneOf"]]


def complaints(schema, value):
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in validator.iter_errors(value)]


def wrong_with_act(name, value):
    """`name`: a kind, or another definition of acts.schema.json: one complaint of the kind itself says more than one of each."""
    return complaints({**ACTS, "$ref": f"#/$defs/{name}"}, value)


def wrong_with_answer(schema, value):
    return complaints({"components": OPENAPI["components"], "allOf": [schema]}, value)


def responses(method, target):
    """What openapi.json says of the answers to a request; None for a path that it does not have."""
    for path, item in OPENAPI["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), target.partition("?")[0]) and method.lower() in item:
            return item[method.lower()]["responses"]
    return None


def follow(node):
    while "$ref" in node:
        found = OPENAPI
        for part in node["$ref"][2:].split("/"):
            found = found[part]
        node = found
    return node


# A rule without a flik for the whole file; the renewal of a connector's certificate, which has `under` in place of these.
MAY_BE_ABSENT = {"set_partition_rule": {"original"}, "enrol_connector": {"code", "jwk", "thumbprint"}}


@unittest.skipUnless(jsonschema, "python3-jsonschema is missing: ./dev test installs it")
class Schemas(unittest.TestCase):
    def test_acts_schema_is_sound_and_its_examples_follow_it(self):
        jsonschema.Draft202012Validator.check_schema(ACTS)
        self.assertEqual(len(KINDS), len(set(KINDS)))
        for name, definition in ACTS["$defs"].items():
            for example in definition.get("examples", []):
                with self.subTest(name=name):
                    self.assertEqual(wrong_with_act(name, example), [])
                    self.assertEqual(wrong_with_act("Act", example) if name in KINDS else [], [])
        self.assertEqual([kind for kind in KINDS if not ACTS["$defs"][kind].get("examples")], [])

    def test_hashes_in_examples_are_those_of_what_stands_beside_them(self):
        looked_at = 0
        for kind in KINDS:
            example = ACTS["$defs"][kind]["examples"][0]
            named = [(example["text"].encode("utf-8"), {**example.get("terms", {}), **example}["text_sha256"])] if "text" in example else []
            if "jwk" in example:
                named.append((wire.canonical(example["jwk"]), example["thumbprint"]))
            for content, digest in named:
                self.assertEqual(wire.base64url(hashlib.sha256(content).digest()), digest, kind)
                looked_at += 1
        self.assertEqual(looked_at, 9)

    def test_an_act_without_a_member_or_with_one_more_does_not_follow_it(self):
        for kind in KINDS:
            example = ACTS["$defs"][kind]["examples"][0]
            for name in set(example) - MAY_BE_ABSENT.get(kind, set()):
                with self.subTest(kind=kind, without=name):
                    self.assertTrue(wrong_with_act(kind, {key: value for key, value in example.items() if key != name}))
            self.assertTrue(wrong_with_act(kind, {**example, "more": 1}), kind)
            self.assertTrue(wrong_with_act(kind, {**example, "kind": "open_sesame"}), kind)
        self.assertTrue(complaints(ACTS, {"kind": "open_sesame"}))

    def test_the_tables_of_acts_md_name_each_act_with_the_same_direction_and_people(self):
        rows = re.findall(r"^\| (`.*?) \|(.*)\|$", (ROOT / "spec" / "acts.md").read_text(encoding="utf-8"), re.M)
        listed = {kind: {cell.strip() for cell in rest.split("|")} for kinds, rest in rows for kind in re.findall(r"`(\w+)`", kinds)}
        self.assertEqual(set(listed), set(KINDS))
        for kind, cells in listed.items():
            definition = ACTS["$defs"][kind]
            with self.subTest(kind=kind):
                said = cells & {"narrowing", "widening", "neutral"}
                self.assertEqual(said, set() if kind == "approve" else {definition["x-flikvakt-direction"]})
                self.assertLessEqual(cells & {"one", "two"}, {"two" if definition["x-flikvakt-people"] == 2 else "one"})

    def test_examples_of_the_api_follow_its_schemas(self):
        for name, schema in OPENAPI["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            for example in schema.get("examples", []):
                self.assertEqual(wrong_with_answer(schema, example), [], name)
        for path, item in OPENAPI["paths"].items():
            for method, operation in item.items():
                bodies = [operation.get("requestBody", {}), *map(follow, operation["responses"].values())]
                for body in (content for one in bodies for content in one.get("content", {}).values()):
                    shown = [body["example"]] if "example" in body else [one["value"] for one in body.get("examples", {}).values()]
                    for example in shown if body.get("schema", {}).get("format") != "binary" else []:
                        self.assertEqual(wrong_with_answer(body["schema"], example), [], f"{method} {path}")


class Relay:
    """Stands before a Unix socket and keeps what is sent to it."""

    def __init__(self, path, onward):
        self.path, self.onward, self.sent, self.lock = path, onward, [], threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.onward))
            kept = bytearray()
            with self.lock:
                self.sent.append(kept)
            threading.Thread(target=self.copy, args=(near, far, kept), daemon=True).start()
            threading.Thread(target=self.copy, args=(far, near, bytearray()), daemon=True).start()

    @staticmethod
    def copy(source, to, kept):
        with contextlib.suppress(OSError):
            while some := source.recv(65536):
                kept += some
                to.sendall(some)
            to.shutdown(socket.SHUT_WR)
        source.close()  # whoever is at its other end has closed it, and wants no more

    def bodies(self):
        """Of the requests, in order."""
        for kept in self.sent:
            rest = bytes(kept)
            while rest:
                head, _, rest = rest.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                size = int(length.group(1)) if length else 0
                if size:
                    yield json.loads(rest[:size])
                rest = rest[size:]

    def close(self):
        self.listener.close()


def order_in(body):
    """What is sent as it is, or signed; None for a body that holds no act."""
    if "jws" in body:
        payload = body["jws"].split(".")[1]
        body = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return body if "act" in body else None


@unittest.skipUnless(jsonschema, "python3-jsonschema is missing: ./dev test installs it")
@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class WhatTheStorySays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.where, cls.said, cls.callers, cls.relay = pathlib.Path(folder.name), [], set(), None
        cls.listen_in()
        with contextlib.redirect_stdout(io.StringIO()):
            gateway, ids = story.begin(PROGRAM, cls.where)
            cls.addClassCleanup(gateway.stop)
            story.perform(gateway, ids, cls.where, check=False)
        for caller in cls.callers:
            caller.close()

    @classmethod
    def listen_in(cls):
        """Every request of a client is kept with its answer, and administrators go through the relay."""
        ask, administrators = clients.Caller.ask, demo_gateway.Gateway.administrators

        def kept(caller, method, target, fields=(), body=None):
            answer = ask(caller, method, target, fields, body)
            cls.said.append((method, target, body, answer))
            cls.callers.add(caller)
            return answer

        def relayed(gateway):
            if cls.relay is None:
                cls.relay = Relay(cls.where / "relay.sock", gateway.data / "admin.sock")
                cls.addClassCleanup(cls.relay.close)
            keys = administrators(gateway)
            return (*keys[:keys.index("--data")], "--socket", cls.relay.path, "--gateway-name", gateway.name)

        clients.Caller.ask, demo_gateway.Gateway.administrators = kept, relayed
        cls.addClassCleanup(setattr, clients.Caller, "ask", ask)
        cls.addClassCleanup(setattr, demo_gateway.Gateway, "administrators", administrators)

    def orders(self):
        sent = [body for _, _, body, _ in self.said if isinstance(body, dict)]
        return [order for order in map(order_in, [*sent, *self.relay.bodies()]) if order]

    def test_every_act_follows_the_schema(self):
        kinds = collections.Counter()
        for order in self.orders():
            kind = order["act"]["kind"]
            kinds[kind] += 1
            with self.subTest(kind=kind):
                self.assertIn(kind, KINDS)
                self.assertEqual(wrong_with_act(kind, order["act"]), [])
                self.assertEqual(wrong_with_act("Order", order), [])
        self.assertGreaterEqual(len(kinds), 30, sorted(kinds))
        self.assertGreaterEqual(set(kinds), {"register_certificate", "approve", "paper_fullmakt", "sign_fullmakt", "set_sparr"})
        print(f"counts: {sum(kinds.values())} acts of {len(kinds)} kinds follow spec/acts.schema.json", flush=True)

    def test_every_answer_follows_its_schema(self):
        seen = collections.Counter()
        for method, target, _, answer in self.said:
            kind = (answer.field("Content-Type") or "").partition(";")[0]
            if not kind.endswith("json") or "/content" in target and answer.status < 300:
                continue
            described = responses(method, target)
            with self.subTest(request=f"{method} {target}", status=answer.status):
                self.assertIsNotNone(described)
                content = follow(described[str(answer.status)])["content"][kind]
                self.assertEqual(wrong_with_answer(content["schema"], answer.json()), [])
            seen[method, re.sub(r"[0-9a-f]{32}", "{id}", target.partition("?")[0]), answer.status] += 1
        self.assertGreaterEqual({target for _, target, _ in seen}, {"/v1/me", "/v1/me/log", "/v1/cases", "/v1/requests", "/v1/notices"})
        print(f"counts: {sum(seen.values())} answers to {len(seen)} kinds of requests follow gateway/openapi.json", flush=True)


if __name__ == "__main__":
    unittest.main()
