// Decisions as lines of JSON, for those who decide without this code (tests/cedar) and for the kept corpus.
//
// A file begins with a line {"world": [[table, body], …]}. Each later line is a case that stands on it:
//   {"name": …, "rows": [[table, body], …],      rows put over those of the world
//    "request": {"reader": {…}, "document": …, "purpose": …}, "time": …,
//    "expected": {"rule": 0, "fullmakt": …},     what must come out, in a kept case; rule 0: permitted
//    "product": {…}}                             what decide_read() said; not in a kept case
#pragma once

#include "policy/evaluate.h"

namespace flikvakt::policy::test {

struct CaseLine {
  std::string name;
  State state;
  ReadRequest request;
  UtcTime time;
  json::value expected;  // null: none
};

// Rows of every noun, but of those that no rule of a reading looks at (case_lines.cpp names them).
json::value world_line(const State& world);
json::value case_line(const State& world, const CaseLine& one);
json::value answer(const Decision& decision);

// The cases of a file, with their world. Members of a row that the file does not have, because it is older than they
// are, get the value that a new row has; one that is not known is an error.
struct CaseFile {
  State world;
  std::vector<CaseLine> cases;
};
Result<CaseFile> read_cases(const std::string& path);

// {table: {member: …}}: what the rows of world_line() are made of, absent optional members too.
json::value shapes();

}  // namespace flikvakt::policy::test
