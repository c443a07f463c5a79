// spec/log-entry.md lists the numbers of audit/act_kind.h.
#include "audit/act_kind.h"

#include <gtest/gtest.h>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <map>
#include <regex>

#include "base/files.h"

namespace flikvakt::audit {
namespace {

using Kinds = std::map<unsigned, std::string>;

// The indented lines under the heading: numbers and names in turn.
Kinds on_the_page() {
  const Bytes bytes = read_file(FLIKVAKT_SOURCE_DIR "/spec/log-entry.md", 1u << 20).value();
  const std::string page(as_text(bytes));
  const std::string listed = page.substr(page.find("\n## Act kinds\n"));
  const std::regex pair(R"((\d+) ([a-z_]+)(?=  |\n))");
  Kinds out;
  for (std::sregex_iterator one(listed.begin(), listed.end(), pair), end; one != end; ++one) {
    out.emplace(std::stoul((*one)[1]), (*one)[2]);
  }
  return out;
}

Kinds in_code() {
  Kinds out;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<ActKind>>(
      [&](auto one) { out.emplace(static_cast<unsigned>(one.value), one.name); });
  return out;
}

// SPEC LOG-8
TEST(ActKinds, AreThoseOfThePage) {
  EXPECT_EQ(on_the_page(), in_code()) << "spec/log-entry.md, Act kinds, and audit/act_kind.h differ";
}

}  // namespace
}  // namespace flikvakt::audit
