import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_openapi import Linter


def both(english, swedish):
    return {"description": english, "x-description-sv": swedish}


GOOD = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1", **both("An API", "Ett API")},
    "paths": {"/flikvakt/v1/documents/{document_id}": {"get": {
        "operationId": "open_document", **both("Opens", "Öppnar"),
        "parameters": [{"name": "document_id", "in": "path", **both("Which", "Vilken")}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": False}, "example": {}}}},
        "responses": {"200": {**both("Bytes", "Byte"), "content": {"application/octet-stream": {}}},
                      "403": {"$ref": "#/components/responses/Refused"}}}}},
    "components": {
        "schemas": {"Problem": {"type": "object", "properties": {"status": {"type": "integer"}}, "example": {"status": 403}}},
        "responses": {"Refused": {**both("No", "Nej"), "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}}}}


class OpenApi(unittest.TestCase):
    def complaints(self, change=lambda document, operation: None):
        document = copy.deepcopy(GOOD)
        change(document, document["paths"]["/flikvakt/v1/documents/{document_id}"]["get"])
        return "\n".join(Linter(document).run())

    def refused(self, change, complaint):
        self.assertIn(complaint, self.complaints(change))

    def test_a_good_description_passes(self):
        self.assertEqual(self.complaints(), "")

    def test_operation_ids_are_required_and_unique(self):
        self.refused(lambda d, o: o.pop("operationId"), "operationId is missing")
        self.refused(lambda d, o: d["paths"].update({"/v1/x": {"get": {**o, "parameters": []}}}), "operationId is missing or not unique")

    def test_both_languages_are_required(self):
        self.refused(lambda d, o: o.pop("x-description-sv"), "no description in Swedish")
        self.refused(lambda d, o: d["info"].pop("description"), "info: no description in English")

    def test_examples_are_required(self):
        self.refused(lambda d, o: o["requestBody"]["content"]["application/json"].pop("example"), "has no example")
        self.refused(lambda d, o: d["components"]["schemas"]["Problem"].pop("example"), "403: application/problem+json has no example")

    def test_errors_are_problem_details(self):
        other = {**both("No", "Nej"), "content": {"application/json": {"schema": {"type": "object"}, "example": {}}}}
        self.refused(lambda d, o: o["responses"].update({"404": other}), "404: an error is application/problem+json")

    def test_person_numbers_stay_out_of_urls(self):
        query = {"name": "personnummer", "in": "query", **both("No", "Nej")}
        self.refused(lambda d, o: o["parameters"].append(query), "a person's number does not belong")
        self.refused(lambda d, o: d["paths"].update({"/v1/19121212-1212": {}}), "a person's number does not belong")

    def test_vague_schemas_are_refused(self):
        def with_schema(schema):
            return lambda d, o: o["requestBody"]["content"]["application/json"].update(schema=schema)

        self.refused(with_schema({"type": "object"}), "an object without `properties` says nothing")
        self.refused(with_schema({"type": "object", "properties": {"a": {"type": "array"}}}), "request/a: an array without `items`")
        self.refused(with_schema({"type": "array", "items": {"type": "object"}}), "request[]: an object without `properties`")
        self.refused(with_schema({"anyOf": [{"type": "object"}]}), "an object without `properties`")
        self.refused(with_schema({"type": "object", "required": ["b"], "properties": {"a": {"type": "string"}}}), "not among the properties: b")
        self.refused(lambda d, o: d["components"]["schemas"]["Problem"].pop("properties"), "Problem: an object without `properties`")

    def test_definitions_that_nothing_uses_are_refused(self):
        self.refused(lambda d, o: d["components"]["schemas"].update({"Old": {"type": "string"}}), "Old: nothing refers to it")

    def test_dangling_references_are_refused(self):
        self.refused(lambda d, o: d["components"]["responses"].clear(), "does not exist")

    def test_undeclared_path_parameters_are_refused(self):
        self.refused(lambda d, o: o["parameters"].clear(), "the declared ones differ")


if __name__ == "__main__":
    unittest.main()
