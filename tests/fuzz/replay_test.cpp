// The seeds and the regressions of every fuzz target, given to it as libFuzzer would: one test a file, in every build.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "base/files.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

struct Target {
  std::string name;
  std::function<void(BytesView)> run;
};

const std::vector<Target>& targets() {
#define FLIKVAKT_LIST(name) Target{#name, name},
  static const std::vector<Target> all = {FLIKVAKT_FUZZ_TARGETS(FLIKVAKT_LIST)};
#undef FLIKVAKT_LIST
  return all;
}

std::filesystem::path folder_of(const std::string& kind, const Target& target) {
  return std::filesystem::path(FLIKVAKT_SOURCE_DIR) / "tests" / "fuzz" / kind / target.name;
}

class Replay : public testing::Test {
public:
  Replay(const Target& target, std::filesystem::path file) : target_(target), file_(std::move(file)) {}
  void TestBody() override {
    const Result<Bytes> input = read_file(file_, 64 * 1024);
    ASSERT_TRUE(input) << file_;
    EXPECT_NO_THROW(target_.run(*input)) << file_;
  }

private:
  const Target& target_;
  const std::filesystem::path file_;
};

// In the order of names, so that it is the same everywhere.
void register_all(const Target& target, const std::string& kind) {
  const std::filesystem::path folder = folder_of(kind, target);
  if (!std::filesystem::is_directory(folder)) return;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  for (const std::filesystem::path& file : files) {
    const std::string name = kind + "/" + file.filename().string();
    testing::RegisterTest(("Fuzz_" + target.name).c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&target, file]() -> testing::Test* { return new Replay(target, file); });
  }
}

const bool kRegistered = [] {
  for (const Target& target : targets()) {
    register_all(target, "seeds");
    register_all(target, "regressions");
  }
  return true;
}();

TEST(FuzzReplay, EveryTargetHasSeedsAndTakesWhatIsNoSeed) {
  EXPECT_TRUE(kRegistered);
  for (const Target& target : targets()) {
    EXPECT_TRUE(std::filesystem::is_directory(folder_of("seeds", target))) << target.name;
    EXPECT_NO_THROW(target.run({})) << target.name;
    for (unsigned choice = 0; choice < 256; ++choice) {
      const Bytes input(40, static_cast<std::uint8_t>(choice));
      EXPECT_NO_THROW(target.run(input)) << target.name << " " << choice;
    }
  }
}

}  // namespace
}  // namespace flikvakt::fuzz
