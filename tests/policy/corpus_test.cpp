// The kept cases (tests/cedar/corpus), decided by the product and by the reference; tests/cedar decides them in Cedar.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/policy/case_lines.h"
#include "tests/policy/reference_decide.h"

namespace flikvakt::policy::test {
namespace {

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(FLIKVAKT_SOURCE_DIR "/tests/cedar/corpus")) {
    if (entry.path().extension() == ".jsonl") out.push_back(entry.path());
  }
  return out;
}

json::value answer_of(const std::pair<int, std::optional<FullmaktId>>& reference) {
  json::object out{{"rule", reference.first}};
  if (reference.second) out.emplace("fullmakt", reference.second->text());
  return out;
}

TEST(KeptCases, AreDecidedByProductAndReferenceAsTheySay) {
  std::size_t count = 0;
  for (const std::filesystem::path& path : files()) {
    const Result<CaseFile> file = read_cases(path);
    ASSERT_TRUE(file) << path << ": " << file.error().message;
    for (const CaseLine& one : file->cases) {
      EXPECT_EQ(answer(decide_read(one.state, one.request, one.time)), one.expected) << one.name;
      EXPECT_EQ(answer_of(Reference(one.state, one.request, one.time).decide()), one.expected) << one.name;
      ++count;
    }
  }
  std::cout << "counts: " << count << " kept cases\n";
  EXPECT_GE(count, 90u);
}

}  // namespace
}  // namespace flikvakt::policy::test
