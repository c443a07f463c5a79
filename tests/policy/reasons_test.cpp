// spec/reasons.md names every reason and rule of policy/decision.h.
#include <gmock/gmock.h>

#include "policy/decision.h"
#include "tests/policy/markdown_table.h"

namespace flikvakt::policy {
namespace {

using Numbered = std::vector<std::pair<std::string, std::string>>;  // number, name

template <class Enum>
Numbered in_code() {
  Numbered out;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>(
      [&](auto one) { out.emplace_back(std::to_string(static_cast<unsigned>(one.value)), one.name); });
  return out;
}

Numbered on_the_page(const std::string& heading) {
  Numbered out;
  for (const flikvakt::test::Row& row : flikvakt::test::table_under("spec/reasons.md", heading)) {
    out.emplace_back(row.at(0), row.at(1));
  }
  return out;
}

// SPEC REASON-1
TEST(Reasons, AreThoseOfThePage) {
  EXPECT_EQ(on_the_page("## Reasons"), in_code<Reason>())
      << "spec/reasons.md lists other reasons than policy/decision.h";
}

// SPEC REASON-1
TEST(Rules, AreThoseOfThePage) {
  EXPECT_EQ(on_the_page("## Rules"), in_code<Rule>()) << "spec/reasons.md lists other rules than policy/decision.h";
}

}  // namespace
}  // namespace flikvakt::policy
