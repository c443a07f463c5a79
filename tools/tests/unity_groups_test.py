import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import unity_groups

FILE = """#include "a.h"
using outside::name;
namespace fs = std::filesystem;
namespace flikvakt {
static int counted = 0;
int shown(int of) { return of; }
namespace {
// int commented();
constexpr char kText[] = "int quoted() {";
struct Held : Base {
  int member;
};
BOOST_DESCRIBE_STRUCT(Held, (), (member))
Error malformed(std::string_view what) { int local = 1; return fail(what); }
enum class Kind { first };
using Table = std::map<int, Held>;
template <typename T>
std::vector<T> listed(const T& one) { return {one}; }
TEST(Suite, IsNoName) { }
std::string announced();
const std::function<void()> kCalled = [] {};
}  // namespace
}  // namespace flikvakt
"""


class PrivateNames(unittest.TestCase):
    def test_are_those_of_unnamed_namespaces_and_statics(self):
        self.assertEqual(unity_groups.private_names(FILE),
                         {"counted", "kText", "Held", "malformed", "Kind", "Table", "listed", "announced", "kCalled"})

    def test_of_a_file_without_any(self):
        self.assertEqual(unity_groups.private_names("namespace a { int b() { return 1; } }"), set())


class Groups(unittest.TestCase):
    def grouped(self, size, *texts):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, text in enumerate(texts):
                path = pathlib.Path(folder) / f"{number}.cpp"
                path.write_text(text, encoding="utf-8")
                paths.append(str(path))
            return [[int(pathlib.Path(path).stem) for path in group] for group in unity_groups.groups(size, paths)]

    def test_files_with_a_name_in_common_are_apart(self):
        one, other = "namespace { int a() { return 1; } }", "namespace { int b() { return 1; } }"
        self.assertEqual(self.grouped(6, one, one, other), [[0, 2], [1]])

    def test_no_group_is_larger_than_was_asked_for(self):
        self.assertEqual(self.grouped(2, "", "", ""), [[0, 1], [2]])


if __name__ == "__main__":
    unittest.main()
