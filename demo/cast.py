"""Who takes part: the act files that administrators apply, and the clients of everyone in the story."""
import datetime
import hashlib

import clients
import documents
import wire

FLIK_TYPES = [
    ("journal", "Journal", "Medical record", "Vårdens anteckningar om dig", "highly_sensitive"),
    ("lakarutlatande", "Läkarutlåtande", "Medical certificate", "Läkares utlåtanden till myndigheter", "highly_sensitive"),
    ("arbetsformaga", "Arbetsförmåga", "Work ability", "Bedömningar av vad du orkar och kan", "sensitive"),
    ("kartlaggning", "Kartläggning", "Assessment", "Kartläggning och förstabedömning", "sensitive"),
    ("ekonomi", "Ekonomi", "Livelihood", "Beslut om ekonomiskt bistånd", "sensitive"),
    ("anstallning", "Anställning", "Employment", "Anställningar, intyg och meriter", "ordinary"),
    ("rehabplan", "Rehabiliteringsplan", "Rehabilitation plan", "Planen som du är med och gör", "sensitive"),
    ("rapport", "Rapporter", "Reports", "Rapporter från insatsaktörer", "sensitive"),
    ("bilder", "Bilder", "Images", "Röntgen och andra bilder", "highly_sensitive"),
    ("fhir", "Patientöversikt", "Patient summary", "Sammanfattning ur journalen i FHIR", "highly_sensitive"),
]

# Symbol, organisation, name, roles. In each organisation but the provider the first is registrar and roster officer.
OFFICER = ["roster_officer", "registrar"]
STAFF = [
    ("kim", "region", "Kim Registrén", OFFICER), ("maja", "region", "Maja Fiktelius", []),
    ("tuva", "region", "Tuva Lekander", ["log_reviewer"]),
    ("lee", "forsakringskassan", "Lee Inskrivare", OFFICER), ("jorun", "forsakringskassan", "Jorun Sagner", []),
    ("rut", "arbetsformedlingen", "Rut Ombudsdotter", OFFICER), ("saga", "arbetsformedlingen", "Saga Hittelund", ["log_reviewer"]),
    ("ivo", "kommun", "Ivo Registrell", OFFICER), ("nils", "kommun", "Nils Tänkberg", ["registrar"]),
    ("elin", "insats", "Elin Exempelius", []),
    ("ture", "forbund", "Ture Samordell", OFFICER), ("alva", "forbund", "Alva Diktén", []),
    ("vide", "forbund", "Vide Stödström", []),
    ("noor", "insats", "Noor Påhittsson", ["roster_officer"]),
]


def clients_of_pki():
    return [f"{one['key']}={one['name']}={one['number']}" for one in documents.load("organisations.json")]


def registry_acts():
    acts = [{"kind": "register_issuer", "certificate_file": "pki/ca.pem"}]
    for one in documents.load("organisations.json"):
        of = {"organisation": "$" + one["key"]}
        acts += [
            {"kind": "register_organisation", "id": "$" + one["key"], "name": one["name"], "number": one["number"],
             "organisation_kind": one["kind"]},
            {"kind": "register_certificate", **of, "certificate_file": f"pki/{one['key']}.pem", "issuer_file": "pki/ca.pem"},
            {"kind": "register_assertion_key", **of, "key_file": f"pki/{one['key']}-staff.jwk"},
            *({"kind": "register_unit", "id": f"$unit-{one['key']}", **of, "name": unit} for unit in one["units"])]
    acts += [{"kind": "register_staff", "id": "$" + key, "organisation": "$" + of, "name": name, "roles": roles}
             for key, of, name, roles in STAFF]
    acts += [{"kind": "register_flik_type", "code": code, "name_sv": swedish, "name_en": english, "description": description,
              "sensitivity": level} for code, swedish, english, description, level in FLIK_TYPES]
    acts.append({"kind": "register_team", "id": "$team", "organisation": "$forbund", "name": "Konsultation Tresjöarna",
                 "lead": "$alva"})
    acts.append({"kind": "register_authorisation", "id": "$authorisation", "organisation": "$insats", "areas": ["karriar"],
                 **period()})
    return acts


def period(days=180):
    today = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    form = "%Y-%m-%dT%H:%M:%SZ"
    return {"valid_from": (today - datetime.timedelta(days=1)).strftime(form),
            "valid_to": (today + datetime.timedelta(days=days)).strftime(form)}


def kontrakt_act(number):
    return {"kind": "register_kontrakt", "id": "$kontrakt", "person": {"number": number},
            "parts": [{"insats": "Karriärcoachning", "provider": "$insats", "area": "karriar", **period(90),
                       "goals": "Praktik på halvtid före sommaren"}],
            "goals": "Tillbaka i arbete på halvtid",
            "milestones": [{"text": "En praktikplats är hittad", "due": period(60)["valid_to"][:10]}]}


def recipient(kind, id):
    return [{"kind": kind, "id": wire.base64url(bytes.fromhex(id))}]


class Cast:
    """Everyone as a client, by symbol; `id` gives any symbol's id."""

    def __init__(self, gateway, ids):
        self.gateway, self.ids = gateway, ids
        self.people = documents.people()
        for key, organisation, _, _ in STAFF:
            setattr(self, key, self.staff(key, organisation))
        for key, person in self.people.items():
            setattr(self, key, clients.Person(gateway, person["number"]))
        self.anyone = clients.Anyone(gateway)

    def staff(self, key, organisation):
        return clients.Staff(self.gateway, organisation, self.id(organisation), self.id(key))

    def id(self, symbol):
        return self.ids["$" + symbol]

    def terms(self, text, disclosers, to, flikar, purpose, **more):
        out = {"disclosers": sorted(self.id(key) for key in disclosers), "recipients": to, "flikar": sorted(flikar),
               "documents": [], "purpose": purpose, "rights": ["read"], **period(), "secrecy_consent": "osl-10-1",
               "legal_ground": "gdpr-6-1-e", "language": "sv", "text_sha256": wire.base64url(sha256(text))}
        return {**out, **more}


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).digest()
