"""A person's own log, their fullmakter and the whole log as files for others, written by the real program after the demo's story, and read
by programs that are not ours: Python's csv, poppler, and the JSON Schema of HL7 FHIR R4 (spec/log-view.md)."""
import contextlib
import csv
import io
import json
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "e2e")]
import cast
import commands
import gateway
import story

PROGRAM = story.program()
R4 = json.loads((ROOT / "tests" / "e2e" / "fhir-r4.schema.json").read_text(encoding="utf-8"))
PATIENT_READ = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
# FindUsageResponse of dumonitor-openapi-v2.yaml in e-gov/AJ (spec/log-view.md, LOGV-26).
USAGE = {"type": "object", "properties": {
    "totalUsages": {"type": "integer"},
    "usages": {"type": "array", "items": {
        "type": "object", "required": ["logtime", "action", "receiverCode", "receiverSystem"], "additionalProperties": False,
        "properties": {name: {"type": "string", "minLength": 1} for name in
                       ("logtime", "action", "receiverCode", "receiverName", "receiverSystem")}}}},
    "required": ["totalUsages", "usages"], "additionalProperties": False}


def complaints(schema, value):
    validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in validator.iter_errors(value)]


def wrong_resource(resource):
    """By the schema of its own type: one complaint of that says more than one of each."""
    return complaints({"definitions": R4["definitions"], "$schema": R4["$schema"], "$ref": f"#/definitions/{resource['resourceType']}"}, resource)


def codes(concept):
    return {(one["system"], one["code"]) for one in concept.get("coding", [])}


def wrong_patient_read(event, bundle):
    """IHE BALP, IHE.BasicAudit.PatientRead and its parent IHE.BasicAudit.Read (input/fsh/PatientRead.fsh of IHE/ITI.BasicAudit)."""
    out = []

    def must(holds, what):
        if not holds:
            out.append(what)

    def agents(system, code):
        return [one for one in event["agent"] if (system, code) in codes(one["type"])]

    def entities(code):
        return [one for one in event["entity"]
                if (one["type"]["system"], one["type"]["code"]) == ("http://terminology.hl7.org/CodeSystem/audit-entity-type", code)]
    must((event["type"]["system"], event["type"]["code"]) == ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest"), "type")
    must(("http://hl7.org/fhir/restful-interaction", "read") in {(one["system"], one["code"]) for one in event["subtype"]}, "subtype")
    must(event["action"] == "R" and event["outcome"] == "0" and event["recorded"], "action, outcome, recorded")
    client, server = agents(DCM, "110152"), agents(DCM, "110153")
    must(len(client) == 1 and client[0].get("who") and client[0].get("network"), "agent:client")
    must(len(server) == 1 and server[0].get("who") and server[0].get("network"), "agent:server")
    user = agents("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")
    must(len(user) <= 1 and all(one["requestor"] is True and one["who"] and "network" not in one for one in user), "agent:user")
    data, patient = entities("2"), entities("1")
    must(len(data) == 1 and data[0].get("what") and data[0]["role"]["code"] in ("3", "4", "20"), "entity:data")
    must(len(patient) == 1 and patient[0]["role"]["code"] == "1", "entity:patient")
    must(patient and bundle.get(patient[0]["what"].get("reference"), {}).get("resourceType") == "Patient", "entity:patient.what")
    must(event["source"].get("observer"), "source")
    return out


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Exports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        where = cls.folder = pathlib.Path(folder.name)
        with contextlib.redirect_stdout(io.StringIO()):
            cls.gateway, ids = story.begin(PROGRAM, where)
            cls.addClassCleanup(cls.gateway.stop)
            cls.told = story.perform(cls.gateway, ids, where, check=False)
        cls.profiles = commands.write_profiles(cls.gateway, cls.told)
        cls.files = 0

    @classmethod
    def new_file(cls):
        cls.files += 1
        return cls.folder / f"export-{cls.files}"

    def exported(self, form, *words):
        """What the file holds, and what was said. A person's log is read no faster than the gateway allows: where it says so, again."""
        out, end = self.new_file(), time.monotonic() + 60
        while True:
            try:
                said = self.gateway.must("person", "log", "--export", form, "--out", out, "--profile", self.profiles["milo"], *words)
                return out.read_bytes(), said
            except gateway.CommandFailed as refused:
                if "answered 429" not in str(refused) or time.monotonic() > end:
                    raise
            time.sleep(1)

    def bundle(self, text):
        whole = json.loads(text)
        self.assertEqual(complaints({**R4, "$ref": "#/definitions/Bundle"}, {**whole, "entry": []}), [])
        self.assertEqual(whole["type"], "collection")
        resources = {one["fullUrl"]: one["resource"] for one in whole["entry"]}
        self.assertEqual(len(resources), len(whole["entry"]), "each has an address of its own")
        for urn, resource in resources.items():
            self.assertRegex(urn, r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
            self.assertEqual(wrong_resource(resource), [], resource)
        for reference in re.findall(r'"reference": ?"([^"]+)"', text):
            self.assertIn(reference, resources, "what is referred to is there")
        return resources

    def test_csv(self):
        """SPEC LOGV-21, LOGV-22, LOGV-24"""
        text, said = self.exported("csv")
        self.assertTrue(text.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True))
        self.assertEqual((rows[0][0], len(rows) - 1), ("nummer", said["entries"]))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        self.assertEqual([int(row[0]) for row in rows[1:]], list(range(said["total"] - 1, -1, -1)), "no entry is missing")
        self.assertTrue(all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row))
        acts = {row[2] for row in rows}
        self.assertTrue({"Läsning av ett dokument", "En fullmakt undertecknas", "En fullmakt återkallas"} <= acts, acts)
        self.assertIn("Nekades", {row[3] for row in rows})
        english = list(csv.reader(io.StringIO(self.exported("csv", "--language", "en")[0].decode("utf-8-sig"), newline="")))
        self.assertIn("Reading of a document", {row[2] for row in english})

    def test_json_and_its_lines(self):
        """SPEC LOGV-20, LOGV-21"""
        whole, lines = json.loads(self.exported("json")[0]), self.exported("jsonl")[0].decode().splitlines()
        head, entries = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
        self.assertEqual((whole["format"], head["format"]), ("flikvakt-person-log/1",) * 2)
        self.assertEqual(head["entries"], len(entries))
        self.assertEqual((whole["begins"], head["begins"]), (head["begins"], {"entry": entries[-1]["entry"], "time": entries[-1]["time"]}))
        self.assertEqual(entries[-len(whole["entries"]):], whole["entries"], "the same, but for what was added meanwhile")
        self.assertEqual(stat.S_IMODE((self.folder / f"export-{self.files}").stat().st_mode), 0o600)

    def test_filters(self):
        """SPEC LOGV-3"""
        every = json.loads(self.exported("json")[0])["entries"]
        refused = json.loads(self.exported("json", "--outcome", "refused")[0])
        self.assertEqual(refused["filters"], "outcome=refused")
        self.assertEqual(refused["entries"], [one for one in every if one["outcome"] == "refused"])
        self.assertTrue(refused["entries"])
        readings = json.loads(self.exported("json", "--group", "readings", "--from", "2020-01-01", "--to", "2099-12-31")[0])["entries"]
        self.assertEqual(readings, [one for one in every if one["group"] == "readings"])
        self.assertEqual(json.loads(self.exported("json", "--to", "2020-01-01")[0])["entries"], [])

    def test_pdf(self):
        """SPEC LOGV-25"""
        text, said = self.exported("pdf")
        out = self.new_file()
        out.write_bytes(text)
        info = subprocess.run(["pdfinfo", out], capture_output=True, text=True, check=True).stdout
        pages = int(re.search(r"^Pages: +(\d+)$", info, re.M).group(1))
        shown = subprocess.run(["pdftotext", "-layout", out, "-"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(shown, r"Loggen börjar: \d{4}-\d\d-\d\dT")
        self.assertEqual(re.findall(r"Sida (\d+) av (\d+)", shown), [(str(page + 1), str(pages)) for page in range(pages)])
        numbers = [int(number) for number in re.findall(r"^[\f ]*(\d+) +\d{4}-\d\d-\d\dT[\d:.]+Z ", shown, re.M)]
        self.assertEqual(numbers, list(range(said["total"] - 1, -1, -1)))
        for words in ("Läsning av ett dokument", "Nekades", "Ändamål: ", "Försäkringskassan" if "Försäkringskassan" in shown else "återkallas"):
            self.assertIn(words, shown)

    def test_usage_protocol(self):
        """SPEC LOGV-26"""
        usage = json.loads(self.exported("usage")[0])
        if jsonschema:
            self.assertEqual(complaints(USAGE, usage), [])
        every = json.loads(self.exported("json")[0])["entries"]
        with_receiver = [one for one in every if "organisation" in one]
        self.assertEqual([(one["logtime"], one["receiverName"]) for one in usage["usages"]],
                         [(one["time"], one["organisation"]["name"]) for one in with_receiver])
        self.assertEqual(usage["totalUsages"], len(with_receiver))
        times = [one["logtime"] for one in usage["usages"]]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertTrue(any("(Nekades)" in one["action"] for one in usage["usages"]))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is missing: ./dev test installs it")
    def test_audit_events(self):
        """SPEC LOGV-30, LOGV-31, LOGV-32"""
        text, said = self.exported("fhir")
        resources = self.bundle(text.decode("utf-8"))
        events = [one for one in resources.values() if one["resourceType"] == "AuditEvent"]
        self.assertEqual(len(events), said["entries"])
        claiming = [one for one in events if "meta" in one]
        self.assertEqual({profile for one in claiming for profile in one["meta"]["profile"]}, {PATIENT_READ})
        for event in claiming:
            self.assertEqual(wrong_patient_read(event, resources), [], event)
        every = json.loads(self.exported("json")[0])["entries"][-len(events):]
        opened = [one for one in every if one["kind"] in ("open_reading", "open_own_document") and one["outcome"] == "permitted"
                  and ("organisation" in one or one["actor"] == "self")]
        self.assertEqual(len(claiming), len(opened), "each that could, does")
        self.assertGreater(len(opened), 0)
        damaged = json.loads(json.dumps(claiming[0]))
        damaged["agent"] = damaged["agent"][1:]
        self.assertNotEqual(wrong_patient_read(damaged, resources), [], "the check can fail")
        self.assertNotEqual(wrong_resource({**claiming[0], "extra": 1}), [], "and so can the schema's")
        self.assertNotIn(self.told.cast.milo.number, text.decode())
        named = self.exported("fhir", "--with-number")[0].decode()
        self.assertEqual(named.count(re.sub(r"\D", "", self.told.cast.milo.number)), 1, "in the Patient alone")

    @unittest.skipUnless(jsonschema, "python3-jsonschema is missing: ./dev test installs it")
    def test_consents(self):
        """SPEC LOGV-30, LOGV-32, LOGV-33"""
        out = self.new_file()
        self.gateway.must("person", "consents", "--out", out, "--profile", self.profiles["milo"])
        resources = self.bundle(out.read_text(encoding="utf-8"))
        consents = {urn: one for urn, one in resources.items() if one["resourceType"] == "Consent"}
        log = self.bundle(self.exported("fhir")[0].decode("utf-8"))
        patient, = (urn for urn, one in resources.items() if one["resourceType"] == "Patient")
        self.assertIn(patient, log, "two files fetched with one key fit together")
        overview = self.told.cast.milo.overview()
        for fullmakt in overview["fullmakter"]:
            urn = "urn:uuid:" + re.sub(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", r"\1-\2-\3-\4-\5", fullmakt["id"])
            consent = consents.pop(urn)
            with self.subTest(status=fullmakt["status"]):
                self.assertEqual(consent["status"] == "active", fullmakt["in_force"])
                self.assertEqual(consent["provision"]["type"], "permit")
                self.assertEqual([one["coding"][0]["code"] for one in consent["provision"].get("code", [])], fullmakt["terms"]["flikar"])
                self.assertEqual(consent["provision"]["period"], {"start": fullmakt["terms"]["valid_from"], "end": fullmakt["terms"]["valid_to"]})
                roles = [one["role"]["coding"][0]["code"] for one in consent["provision"]["actor"]]
                given_up = fullmakt.get("relinquished", [])
                self.assertEqual(roles.count("IRCP"), len([one for one in fullmakt["terms"]["recipients"] if one not in given_up]))
                self.assertEqual(roles.count("CST"), len(fullmakt["terms"]["disclosers"]))
        self.assertEqual(len(consents), len(overview["sparrar"]))
        self.assertEqual({one["provision"]["type"] for one in consents.values()}, {"deny"} if consents else set())
        self.assertNotIn(re.sub(r"\D", "", self.told.cast.milo.number), out.read_text(encoding="utf-8"))

    @unittest.skipUnless(jsonschema, "python3-jsonschema is missing: ./dev test installs it")
    def test_the_whole_log_as_audit_events(self):
        """SPEC LOGV-34"""
        out, lines = self.new_file(), self.new_file()
        data = ("--data", self.gateway.data)
        said = self.gateway.must("log", "export", out, "--format", "fhir", *data)
        self.gateway.must("log", "export", lines, *data)
        entries = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()][1:]
        events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(said["entries"], len(events))
        for entry, event in zip(entries, events):
            self.assertEqual(wrong_resource(event), [], event)
            self.assertEqual((event["id"], event["recorded"]), (f"entry-{entry['index']}", entry["time"]))
            self.assertEqual(event["subtype"][-1]["code"], entry["act"]["kind"])
            self.assertEqual(event["outcome"] == "4", entry["act"]["outcome"] == "refused")
            self.assertFalse({"entity", "meta"} & set(event))
        code, _, err = self.gateway.run("log", "export", self.new_file(), "--format", "fhir", "--checkpoint", self.new_file(), *data)
        self.assertEqual(code, 2, err)

    def test_staff_are_named_when_two_administrators_say_so(self):
        """SPEC LOGV-11"""
        milo, elin = self.told.cast.milo, self.told.cast.elin

        def reads():
            self.gateway.must("fetch", self.told.documents["rehabiliteringsplan.pdf"], "--profile", self.profiles["elin"], "--purpose",
                              "insats", "--out", self.new_file(), sealed=False)
            return next(one for one in milo.log() if one["kind"] == "open_reading")
        code, _, err = self.gateway.run("log", "naming", "--staff", "perhaps", *self.gateway.administrators())
        self.assertEqual(code, 2, err)
        before = reads()
        self.assertNotIn("staff", before)
        self.gateway.must("log", "naming", "--staff", "yes", *self.gateway.administrators())
        named = reads()
        self.assertEqual(named["organisation"]["id"], elin.organisation)
        self.assertTrue(named["staff"])
        again = {one["entry"]: one for one in milo.log()}
        self.assertNotIn("staff", again[before["entry"]], "who worked unnamed stays so")
        self.assertIn(named["staff"], self.exported("csv")[0].decode("utf-8-sig"))
        self.gateway.must("log", "naming", "--staff", "no", *self.gateway.administrators())
        self.assertNotIn(named["staff"], self.exported("csv")[0].decode("utf-8-sig"))

    def test_what_gets_no_file(self):
        """SPEC LOGV-20"""
        taken = self.new_file()
        taken.write_text("kept", encoding="utf-8")
        log = ("person", "log", "--profile", self.profiles["milo"])
        for words, code in ((("--export", "csv", "--out", taken), 1), (("--export", "xml", "--out", self.new_file()), 2),
                            (("--export", "csv"), 2), (("--out", self.new_file()), 2),
                            (("--export", "csv", "--out", self.new_file(), "--page", 2), 2),
                            (("--export", "csv", "--out", self.new_file(), "--language", "no"), 2),
                            (("--export", "csv", "--out", self.new_file(), "--outcome", "denied"), 1),
                            (("--export", "csv", "--out", self.new_file(), "--from", "yesterday"), 2)):
            with self.subTest(words=words):
                got, _, err = self.gateway.run(*log, *words)
                self.assertEqual(got, code, err)
        self.assertEqual(taken.read_text(encoding="utf-8"), "kept")
        self.assertFalse((self.folder / f"export-{self.files}").exists())

    def test_a_page_says_where_the_log_begins_and_how_to_go_on(self):
        """SPEC LOGV-1"""
        log = ("person", "log", "--profile", self.profiles["milo"], "--limit", 2)
        code, out, err = self.gateway.run(*log)
        self.assertEqual(code, 0, err)
        page = json.loads(out)
        self.assertIn(f"the log begins at {page['begins']['time']}", err)
        self.assertIn(f"--below {page['next']}", err)
        older = json.loads(self.gateway.run(*log, "--below", page["next"])[1])
        self.assertEqual(older["entries"][0]["number"], page["next"] - 1)


if __name__ == "__main__":
    unittest.main()
