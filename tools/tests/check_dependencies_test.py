import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_dependencies import ALLOWED, check, find_cycle


class Dependencies(unittest.TestCase):
    def test_edges_that_point_down_pass(self):
        self.assertEqual(check({"service/open_document.cpp": '#include "policy/evaluate.h"\n#include "store/rows.h"\n',
                                "store/rows.h": '#include "crypto/aead.h"\n#include <sqlite3.h>\n',
                                "crypto/aead.h": '#include <openssl/evp.h>\n#include "base/bytes.h"\n',
                                "tests/store/rows_test.cpp": '#include "store/rows.h"\n#include <sqlite3.h>\n'}), [])

    def test_a_forbidden_edge_is_refused_with_file_and_line(self):
        complaints = check({"policy/decide.cpp": '// rules\n#include "crypto/hash.h"\n'})
        self.assertEqual(complaints, ["policy/decide.cpp:2: policy must not depend on crypto (`crypto/hash.h`)"])

    def test_the_gateway_cannot_reach_the_store(self):
        self.assertIn("gateway must not depend on store", check({"gateway/api.cpp": '  #  include "store/rows.h"\n'})[0])

    def test_an_unknown_module_is_refused(self):
        self.assertIn("unknown module `helpers`", check({"helpers/x.h": ""})[0])
        self.assertIn("in no known module", check({"base/x.h": '#include "helpers/x.h"\n'})[0])
        self.assertIn("in no known module", check({"base/x.h": '#include "bytes.h"\n'})[0])

    def test_a_cycle_is_refused_even_when_each_edge_is_allowed(self):
        allowed = {"base": {"crypto"}, "crypto": {"base"}}
        complaints = check({"base/a.h": '#include "crypto/b.h"\n', "crypto/b.h": '#include "base/a.h"\n'}, allowed)
        self.assertIn("cycle among included modules: base → crypto → base", complaints[0])

    def test_the_list_of_allowed_edges_has_no_cycle(self):
        self.assertIsNone(find_cycle(ALLOWED))

    def test_wrapped_libraries_stay_where_they_are_wrapped(self):
        self.assertIn("openssl headers are for certs, crypto only", check({"audit/a.cpp": "#include <openssl/sha.h>\n"})[0])
        self.assertIn("sqlite headers are for store only", check({"service/a.h": "#include <sqlite3.h>\n"})[0])
        self.assertIn("sqlite headers are for store only", check({"crypto/a.h": "#include <sqlcipher/sqlite3.h>\n"})[0])

    def test_only_main_sees_the_server(self):
        self.assertEqual(check({"admin/main.cpp": '#include "gateway/server.h"\n'}), [])
        self.assertIn("admin must not depend on gateway", check({"admin/main.cpp": '#include "gateway/router.h"\n'})[0])
        self.assertIn("admin must not depend on gateway", check({"admin/keys.cpp": '#include "gateway/server.h"\n'})[0])


if __name__ == "__main__":
    unittest.main()
