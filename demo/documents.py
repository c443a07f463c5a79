#!/usr/bin/python3
"""Makes the demo's documents: everything that documents.json lists, into a given folder.

    demo/documents.py FOLDER

People, organisations and texts are invented; the numbers in people.json are official test numbers. The same input
gives the same bytes. Needs python3-reportlab, python3-pil and fonts-liberation.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import images
import letter

HERE = pathlib.Path(__file__).resolve().parent


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def people():
    return {person["key"]: person for person in load("people.json")}


def separated(number):
    """The written form: YYYYMMDD-NNNN."""
    return f"{number[:8]}-{number[8:]}"


def filled_in(text, person):
    return (text.replace("{namn}", person["name"]).replace("{personnummer}", separated(person["number"]))
            .replace("{nummer}", person["number"]))


def write_fhir(document, person, path):
    bundle = json.loads(filled_in((HERE / "texts" / document["text"]).read_text(encoding="utf-8"), person))
    path.write_text(json.dumps(bundle, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_letter(document, person, path):
    text = filled_in((HERE / "texts" / document["text"]).read_text(encoding="utf-8"), person)
    letter.write_pdf(letter.parse(text), document, f"{person['name']}, {separated(person['number'])}", path)


def write_scan(document, person, path):
    text = filled_in((HERE / "texts" / document["text"]).read_text(encoding="utf-8"), person)
    images.write_scan(letter.parse(text), document, path)


def write_image_series(document, person, path):
    images.write_series(document, f"{person['name']}  {separated(person['number'])}", path)


MAKERS = {"letter": write_letter, "scan": write_scan, "image_series": write_image_series, "fhir": write_fhir}


def make_all(folder):
    """Writes every document; gives back documents.json with `path` added."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    everyone, documents = people(), load("documents.json")
    for document in documents:
        path = folder / document["file"]
        MAKERS[document["maker"]](document, everyone[document["person"]], path)
        document["path"] = str(path)
    return documents


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    for made in make_all(sys.argv[1]):
        print(made["path"])
