import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_docs import check


class Documents(unittest.TestCase):
    def test_links_that_lead_somewhere_pass(self):
        files = {"README.md": "[a](docs/A.md#two-words) [b](https://example.org/x) [c](docs) [d](#top)\n# Top\n",
                 "docs/A.md": "## Two `words`\n[up](../README.md) `[not](a link)`\n"}
        self.assertEqual(check(files), [])

    def test_a_link_that_leads_nowhere_is_refused(self):
        self.assertEqual(check({"docs/A.md": "x\n[gone](B.md)\n"}), ["docs/A.md:2: the link `B.md` leads nowhere"])
        self.assertIn("leads to no heading", check({"docs/A.md": "[x](#gone)\n# Here\n"})[0])

    def test_machine_paths_are_refused(self):
        for path in ("/w" + "ork/main/x", "/r" + "oot/.cache", "/tmp/b" + "ash_jobs"):
            self.assertIn("somebody's machine", check({"dev": f"cd {path}\n"})[0])
        self.assertEqual(check({"a.py": "url = base + '/network/x'\nimport tests.work.x\n"}), [])

    def test_key_material_is_refused(self):
        pem = "-----BEGIN PRIVATE" + " KEY-----"
        self.assertIn("a private key", check({"certs/x.pem": f"{pem}\nMC4CAQAwBQYDK2VwBCIEIB\n"})[0])
        self.assertIn("a private key", check({"tests/store/x.cpp": f'"{pem}\\nMC4CAQAwBQYDK2VwBCIEIB"\n'})[0])
        self.assertEqual(check({"certs/pem.cpp": f'constexpr auto kHeader = "{pem}";\n'}), [])
        self.assertEqual(check({"tests/crypto/vectors/x.pem": f"{pem}\nMC4CAQAwBQYDK2VwBCIEIB\n"}), [])
        self.assertIn("JWK", check({"docs/k.json": '{"d": "' + "A" * 43 + '"}'})[0])

    def test_swedish_words_take_swedish_plurals(self):
        self.assertIn("the plurals are", check({"policy/a.h": "// all fliks of a person\n"})[0])
        self.assertEqual(check({"policy/a.h": "// flikar, fullmakter, a fullmaktskomplettering, flik's\n"}), [])

    def test_a_noun_without_a_word_in_the_glossary_is_refused(self):
        header = "struct Sparr {\n  static constexpr std::uint16_t kTable = 36;\n};\n"
        self.assertEqual(check({"policy/a.h": header, "docs/GLOSSARY.md": "| Sparr | spärr |\n"}), [])
        self.assertEqual(check({"policy/a.h": header, "docs/GLOSSARY.md": "| Flik |\n"}),
                         ["policy/a.h:1: `Sparr` is not in docs/GLOSSARY.md"])

    def test_a_command_that_the_program_does_not_have_is_refused(self):
        admin = """out.push_back(make("log verify", "Check it", {}));  return {"serve",\n "Run it"};
          add_standing(out, "unit", "unit", "id of the unit");  make(words + " suspend", "Suspend it");"""
        for text in ("`flikvakt log verify --data d`", "Do:\n\n    flikvakt serve x.toml\n", "`flikvakt unit suspend ID`", "a flikvakt",
                     "```\nflikvakt serve\n```", "`flikvakt log verify|verify`", "`flikvakt key slot v1`", "/var/lib/flikvakt here"):
            self.assertEqual(check({"docs/A.md": text, "admin/commands_log.cpp": admin}), [], text)
        for text in ("`flikvakt log show`", "x:\n\n    flikvakt start\n", "`flikvakt unit remove`", "`flikvakt suspend`", "`flikvakt log`",
                     "`flikvakt log verify|show`"):
            self.assertIn("there is no command", " ".join(check({"docs/A.md": text, "admin/commands_log.cpp": admin})), text)

    def test_a_source_file_that_a_text_names_is_here(self):
        files = {"policy/acts_paper.cpp": "", "policy/acts.h": ""}
        self.assertEqual(check({**files, "docs/A.md": "`policy/acts_*.cpp`, `policy/acts.h:12`, `elsewhere/x.h`, `data/keys`"}), [])
        self.assertEqual(check({**files, "docs/A.md": "\n`policy/rules.h`"}), ["docs/A.md:2: there is no `policy/rules.h`"])
        self.assertEqual(len(check({**files, "docs/A.md": "`policy/rule_*.cpp`"})), 1)

    def test_a_page_that_is_named_is_here(self):
        files = {"docs/A.md": "", "docs/B.md": "see A.md, docs/A.md and ../spec/tls.md\n", "spec/tls.md": ""}
        self.assertEqual(check({**files, "policy/a.h": "// tls.md, spec/tls.md\n"}), [])
        self.assertEqual(check({**files, "policy/a.cpp": "c.md = 1;  // A.md\n"}), [], "code names no page")
        for text in ("design.md", "docs/tls.md", "/README.md"):
            self.assertEqual(check({**files, "policy/a.h": f"// as {text} says\n"}), [f"policy/a.h:1: there is no `{text}`"])

    def test_a_word_of_the_glossary_that_is_said_to_be_in_the_code_is_there(self):
        def glossary(names, heading="in code"):
            return {"docs/GLOSSARY.md": f"| {heading} | Swedish |\n|---|---|\n| {names} | x |\n", "policy/a.h": code}

        code = "enum class Place { roster_officer };\nclass LoggedPermit;\nvoid reconfirm();  // a coach, AccessRequest\n"
        self.assertEqual(check(glossary("LoggedPermit, roster officer, re-confirm")), [])
        self.assertEqual(check(glossary("coach, AccessRequest", "later in code")), [])
        self.assertEqual(check(glossary("LoggedPermit, coach")),
                         ["docs/GLOSSARY.md:3: `coach` is in no code: it belongs in the table Later"])
        for name in ("AccessRequest", "loggedPermit ticket", "Permit", "officer of the day"):
            self.assertEqual(len(check(glossary(name))), 1, name)


if __name__ == "__main__":
    unittest.main()
