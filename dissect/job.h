// One file being divided: the order, what was found so far, what came out. The parsers of this module share it.
//
// A refusal unwinds the parser that finds it, from however deep, as libraries' own complaints do: it is thrown, here
// alone, and caught in dissect(). Everything a parser made until then is dropped.
#pragma once

#include <exception>

#include "partition/limits.h"
#include "partition/words.h"

namespace flikvakt::dissect {

using partition::Action;
using partition::Content;
using partition::FindingKind;
using partition::LeftOutReason;
using partition::Order;
using partition::Outcome;
using partition::PartBytes;
using partition::PartRule;
using partition::Refusal;
using partition::RefusalReason;
using partition::Report;

// At most so many bytes, cut between characters.
std::string cut_to(std::string text, std::size_t most);

// A code of the file where it is one in form, else empty: what is told of a file that is left out, and kept in the log,
// is none of its words.
std::string code_only(std::string_view text);

class Refused : public std::exception {
public:
  explicit Refused(RefusalReason reason, std::string where = {}, std::optional<FindingKind> finding = std::nullopt)
      : refusal_{reason, cut_to(std::move(where), partition::kMostPlaceBytes), finding} {}
  const char* what() const noexcept override { return "the file is refused"; }
  const Refusal& refusal() const { return refusal_; }

private:
  Refusal refusal_;
};

class Job {
public:
  // `depth`: 0 for the file itself, 1 for a file inside it.
  Job(const Order& order, int depth) : order_(order), depth_(depth) {}

  const Order& order() const { return order_; }
  int depth() const { return depth_; }
  Outcome& outcome() { return outcome_; }
  Report& report() { return outcome_.report; }

  // Something was found: what the policy does with it. Throws Refused when that is to refuse (SPEC PART-21).
  Action found(FindingKind kind, std::string where = {}, std::int64_t count = 1);

  void has(Content content);                              // its words cut to kMostWordBytes; too_many beyond the limit
  void left_out(std::string what, LeftOutReason reason);  // none of the file's words (SPEC PART-6)
  // `part` describes `bytes`; its size is set here. Throws Refused(too_large) when all parts together are over the
  // limit.
  void add_part(partition::Part part, PartBytes bytes);

  // Opaque in the part, different in every part and every deposit (SPEC PART-31).
  std::string token(std::string_view part, std::string_view target) const;

  // The rule that takes the file whole, when there is one.
  const PartRule* whole() const;

private:
  const Order& order_;
  const int depth_;
  Outcome outcome_;
  std::size_t out_bytes_ = 0;
};

}  // namespace flikvakt::dissect
