// Prints cases (tests/policy/case_lines.h) with what the product decides, for tests/cedar/play.mjs:
//
//   policy_cases --seed N --count N    random worlds of tests/policy/random_world.h
//   policy_cases --kept FILE           those of a kept file, with every member that a row has now
//   policy_cases --shapes              what the rows are made of, as one JSON object
#include <iostream>

#include "tests/policy/case_lines.h"
#include "tests/policy/random_world.h"

namespace flikvakt::policy::test {
namespace {

int print_random(unsigned seed, int count) {
  const World valid;
  std::cout << world_line(valid.state) << "\n";
  Dice dice(seed);
  for (int number = 0; number < count; ++number) {
    World world = valid;
    const ReadRequest request = random_world(world, dice);
    const std::string name = "seed " + std::to_string(seed) + ", world " + std::to_string(number);
    std::cout << case_line(valid.state, {name, world.state, request, world.now, {}}) << "\n";
  }
  return std::cout.flush() ? 0 : 1;
}

int print_kept(const std::string& path) {
  const Result<CaseFile> file = read_cases(path);
  if (!file) {
    std::cerr << path << ": " << file.error().message << "\n";
    return 1;
  }
  std::cout << world_line(file->world) << "\n";
  for (const CaseLine& one : file->cases) std::cout << case_line(file->world, one) << "\n";
  return 0;
}

}  // namespace
}  // namespace flikvakt::policy::test

int main(int argc, char** argv) {
  using namespace flikvakt::policy::test;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "--seed" && words[2] == "--count")
    return print_random(static_cast<unsigned>(std::stoul(words[1])), std::stoi(words[3]));
  if (words.size() == 2 && words[0] == "--kept") return print_kept(words[1]);
  if (words == std::vector<std::string>{"--shapes"}) {
    std::cout << shapes() << "\n";
    return 0;
  }
  std::cerr << "usage: policy_cases --seed N --count N | --kept FILE | --shapes\n";
  return 2;
}
