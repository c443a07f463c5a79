"""What HL7 FHIR R4 demands of a part: shapes of bundles, compositions and references, invariants, primitive types, written from the
specification, with no code of ours; and HL7's own schema, as far as the tree has it."""
import functools
import json
import pathlib
import re

import jsonschema

# HL7's own schema of the data types and of a few resources; the tree has it for its exports.
SCHEMA = pathlib.Path(__file__).resolve().parents[1] / "e2e" / "fhir-r4.schema.json"
# Members that are of one type wherever they stand.
TYPES = {"coding": "Coding", "extension": "Extension", "modifierExtension": "Extension", "meta": "Meta", "identifier": "Identifier", "name": "HumanName",
         "telecom": "ContactPoint", "address": "Address", "valueCodeableConcept": "CodeableConcept", "valueQuantity": "Quantity", "valuePeriod": "Period",
         "effectivePeriod": "Period", "period": "Period", "attachment": "Attachment", "note": "Annotation"}

SUPPORTING = {"Practitioner", "PractitionerRole", "Organization", "Location", "Device", "Medication", "Substance"}
REQUIRED = {  # elements of cardinality 1..1 and 1..*
    "Observation": ["status", "code"], "Condition": ["subject"], "Procedure": ["status", "subject"],
    "MedicationRequest": ["status", "intent", "subject"], "Immunization": ["status", "vaccineCode", "patient"],
    "Encounter": ["status", "class"], "DiagnosticReport": ["status", "code"],
    "Claim": ["status", "type", "use", "patient", "created", "provider", "priority", "insurance"],
    "Composition": ["status", "type", "date", "author", "title"], "DocumentReference": ["status", "content"],
}
ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
DATE_TIME = re.compile(r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$")


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for element in value:
            yield from references(element)


def empties(value, path="Bundle"):
    """FHIR: no empty objects, arrays or strings."""
    if isinstance(value, (dict, list, str)) and len(value) == 0:
        yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from empties(member, f"{path}.{name}")
    elif isinstance(value, list):
        for element in value:
            yield from empties(element, path)


def names_of(entry):
    resource = entry["resource"]
    return {entry.get("fullUrl"), f"{resource['resourceType']}/{resource.get('id')}", f"urn:uuid:{resource.get('id')}"}


def complaints(bundle):
    out = [f"empty: {path}" for path in empties(bundle)]
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in ("collection", "document"):
        return out + ["no bundle"]
    names = set().union(*map(names_of, bundle["entry"]))
    for entry in bundle["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        out += [f"{kind} lacks {name}" for name in REQUIRED.get(kind, []) if name not in resource]
        if "id" in resource and not ID.match(resource["id"]):
            out.append(f"{kind}: no id: {resource['id']}")
        if "text" in resource:
            out.append(f"{kind} has narrative")
        out += [f"{kind} refers to {one['reference']}" for one in references(resource)
                if one["reference"] not in names and not one["reference"].startswith("#")]
        if not entry.get("fullUrl"):
            out.append(f"{kind} has no fullUrl")
    if bundle["type"] == "document":
        out += document_complaints(bundle)
    return out


@functools.cache
def validator(kind):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema = {"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": f"#/definitions/{kind}"}
    return jsonschema.validators.validator_for(schema)(schema)


def of_one_type(value, name=""):
    """(type, value) of every data type in a resource that its name tells: people have names of parts, others a word."""
    if isinstance(value, dict):
        if name in TYPES:
            yield TYPES[name], value
        if isinstance(value.get("reference"), str):
            yield "Reference", value
        for inner_name, member in value.items():
            yield from of_one_type(member, inner_name)
    elif isinstance(value, list):
        for element in value:
            yield from of_one_type(element, name)


def schema_complaints(bundle):
    """By HL7's schema: the bundle without its resources, the resources of types that it has, and data types in the others."""
    bare = {**bundle, "entry": [{name: member for name, member in entry.items() if name != "resource"} for entry in bundle["entry"]]}
    asked = [("Bundle", bare)]
    for entry in bundle["entry"]:
        resource = entry["resource"]
        known = resource["resourceType"] in ("Patient", "Organization")
        asked += [(resource["resourceType"], resource)] if known else of_one_type(resource)
    return [f"{kind}: {'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for kind, value in asked for one in validator(kind).iter_errors(value)]


def document_complaints(bundle):
    out = []
    if not {"system", "value"} <= set(bundle.get("identifier", {})):
        out.append("bdl-9: a document has an identifier")
    if not DATE_TIME.match(bundle.get("timestamp", "")):
        out.append("bdl-10: a document has a date")
    composition = bundle["entry"][0]["resource"]
    if composition["resourceType"] != "Composition":
        return out + ["bdl-11: a document begins with a composition"]
    if not DATE_TIME.match(composition["date"]):
        out.append("the composition has no date")

    def look(section):
        if not {"text", "entry", "section"} & set(section):
            out.append("cmp-1: a section has text, entries or sections")
        if "emptyReason" in section and "entry" in section:
            out.append("cmp-2: a reason for being empty, and entries")
        if "text" in section and section["text"].get("status") not in ("generated", "extensions", "additional", "empty"):
            out.append("a narrative without status")
        for inner in section.get("section", []):
            look(inner)
    for section in composition.get("section", []):
        look(section)
    return out
