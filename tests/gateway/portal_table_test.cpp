// The portal's pages as tests/portal/pages.txt lists them for the tests in a browser: whoever adds a page is told to
// let it be looked at there (tests/portal/README.md).
#include <fstream>

#include "gateway/api_routes.h"
#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {
namespace {

std::set<std::string> listed() {
  std::ifstream file(std::string(FLIKVAKT_SOURCE_DIR) + "/tests/portal/pages.txt");
  std::set<std::string> out;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') out.insert(line);
  }
  return out;
}

TEST(PortalTable, EveryPageIsInTheListOfThoseThatAreLookedAtInABrowser) {
  PortalWorld portal;
  Portal::Options options;
  options.sessions = &portal.sessions();
  const ApiRoutes routes(*portal.world.core, {}, {}, 0, nullptr, options);
  std::set<std::string> served;
  for (const Router::Declared& one : routes.persons().declared()) {
    if (one.pattern.starts_with("/v1/")) continue;
    served.insert(std::string(to_string(one.method)) + " " + std::string(one.pattern) + " " +
                  std::string(to_string(one.access)));
  }
  EXPECT_GT(served.size(), 100u);
  EXPECT_EQ(served, listed());
}

}  // namespace
}  // namespace flikvakt::gateway::test
