#!/usr/bin/python3
"""Lints the OpenAPI description of the gateway against the national REST API profile and our own promises.

Descriptions are in English in `description` and in Swedish beside it in `x-description-sv`: of the API, every operation,
parameter and response. Every operation has a unique operationId; every JSON body, in and out, has an example; every
error is application/problem+json with the schema Problem; nothing in a path or query looks like a person's number. No schema
is vague: an object names its members, an array says what it holds; every schema of components is used.
"""
import json
import pathlib
import re
import sys

PLACES = ("gateway/openapi.json", "spec/openapi.json")
METHODS = ("get", "put", "post", "delete", "head", "patch")
PERSON_NUMBER = re.compile(r"person.?n(umme|umbe)?r|samordningsn|\bssn\b|identity.?number|(?<![0-9a-f])\d{6,8}[-+]?\d{4}(?![0-9a-f])", re.I)
PATH = re.compile(r"^(/([a-z0-9-]+|\{[a-z_]+\}))+$")


class Linter:
    def __init__(self, document):
        self.document = document
        self.complaints = []
        self.operation_ids = set()

    def complain(self, where, what):
        self.complaints.append(f"{where}: {what}")

    def resolve(self, node, where):
        """Follows a local $ref."""
        seen = set()
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if not reference.startswith("#/") or reference in seen:
                self.complain(where, f"cannot follow `{reference}`")
                return {}
            seen.add(reference)
            node = self.document
            for part in reference[2:].split("/"):
                node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
            if node is None:
                self.complain(where, f"`{reference}` does not exist")
                return {}
        return node

    def check_references(self, node, where="#"):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                self.resolve(node, where)
            for key, value in node.items():
                self.check_references(value, f"{where}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self.check_references(value, f"{where}/{index}")

    def check_schema(self, schema, where):
        """A schema from which somebody could write a client says what is in it, all the way down. References are not followed."""
        if not isinstance(schema, dict) or "$ref" in schema:
            return
        kind, members = schema.get("type"), schema.get("properties", {})
        if kind == "object" and "additionalProperties" not in schema and not members:
            self.complain(where, "an object without `properties` says nothing")
        if kind == "array" and not schema.get("items"):
            self.complain(where, "an array without `items` says nothing")
        if missing := sorted(set(schema.get("required", [])) - set(members)):
            self.complain(where, f"required and not among the properties: {', '.join(missing)}")
        for name, member in members.items():
            self.check_schema(member, f"{where}/{name}")
        if "items" in schema:
            self.check_schema(schema["items"], f"{where}[]")
        for choice in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(choice, []):
                self.check_schema(one, where)

    def check_components(self):
        schemas = self.document.get("components", {}).get("schemas", {})
        used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(self.document)))
        for name, schema in schemas.items():
            self.check_schema(schema, name)
            if name not in used:
                self.complain(name, "nothing refers to it")

    def check_languages(self, node, where):
        for name, language in (("description", "English"), ("x-description-sv", "Swedish")):
            if not str(node.get(name, "")).strip():
                self.complain(where, f"no description in {language} (`{name}`)")

    def check_content(self, content, where):
        for media_type, body in content.items():
            if not media_type.endswith("json"):
                continue
            schema = self.resolve(body.get("schema", {}), where)
            if not schema:
                self.complain(where, f"{media_type} has no schema")
            self.check_schema(body.get("schema", {}), where)
            if "example" not in body and not body.get("examples") and not ({"example", "examples"} & schema.keys()):
                self.complain(where, f"{media_type} has no example")

    def check_response(self, method, status, response, where):
        self.check_languages(response, where)
        if method == "head":  # its responses have no body
            return
        content = response.get("content", {})
        self.check_content(content, where)
        if re.match(r"[45]|default", str(status)):
            problem = content.get("application/problem+json", {}).get("schema", {}).get("$ref")
            if set(content) != {"application/problem+json"} or problem != "#/components/schemas/Problem":
                self.complain(where, "an error is application/problem+json with #/components/schemas/Problem")

    def check_parameter(self, parameter, where):
        self.check_languages(parameter, where)
        told = {key: value for key, value in parameter.items() if key not in ("description", "x-description-sv")}
        if parameter.get("in") in ("path", "query") and PERSON_NUMBER.search(json.dumps(told)):
            self.complain(where, "a person's number does not belong in a path or query")

    def check_operation(self, path, method, operation, shared):
        where = f"{method.upper()} {path}"
        operation_id = operation.get("operationId")
        if not operation_id or operation_id in self.operation_ids:
            self.complain(where, "operationId is missing or not unique")
        self.operation_ids.add(operation_id)
        self.check_languages(operation, where)
        parameters = [self.resolve(parameter, where) for parameter in shared + operation.get("parameters", [])]
        for parameter in parameters:
            self.check_parameter(parameter, f"{where} parameter `{parameter.get('name')}`")
        declared = {parameter.get("name") for parameter in parameters if parameter.get("in") == "path"}
        if declared != set(re.findall(r"\{(\w+)\}", path)):
            self.complain(where, "the parameters in the path and the declared ones differ")
        if "requestBody" in operation:
            self.check_content(self.resolve(operation["requestBody"], where).get("content", {}), f"{where} request")
        responses = operation.get("responses", {})
        if not any(str(status).startswith("2") for status in responses):
            self.complain(where, "no response says what success looks like")
        if not any(re.match(r"[45]|default", str(status)) for status in responses):
            self.complain(where, "no response says what failure looks like")
        for status, response in responses.items():
            self.check_response(method, status, self.resolve(response, where), f"{where} {status}")

    def run(self):
        if not str(self.document.get("openapi", "")).startswith("3.1"):
            self.complain("openapi", "expected version 3.1")
        self.check_languages(self.document.get("info", {}), "info")
        self.check_references(self.document)
        self.check_components()
        if not self.document.get("paths"):
            self.complain("paths", "none")
        for path, item in self.document.get("paths", {}).items():
            if not PATH.match(path):
                self.complain(path, "paths are lower case, words joined by hyphens")
            if PERSON_NUMBER.search(path):
                self.complain(path, "a person's number does not belong in a path")
            for method in METHODS:
                if method in item:
                    self.check_operation(path, method, item[method], item.get("parameters", []))
        return list(dict.fromkeys(self.complaints))


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found = [place for place in PLACES if (root / place).exists()]
    if not found:
        print(f"no OpenAPI description yet ({' or '.join(PLACES)})", file=sys.stderr)
        return 0
    try:
        complaints = Linter(json.loads((root / found[0]).read_text(encoding="utf-8"))).run()
    except ValueError as error:
        complaints = [f"not JSON: {error}"]
    for complaint in complaints:
        print(f"{found[0]}: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
