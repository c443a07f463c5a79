// The rules. Pure: state, actor, act and time in; what follows out. Nothing here reads a clock, a disk or a key.
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

// What the commit point knows of one act.
struct Moment {
  UtcTime now;                                // the sequencer's time
  ActId act;                                  // id of the act; a first act of two becomes the proposal of this id
  std::optional<std::uint64_t> seen_version;  // consent version that a widening act of a person saw
  bool clock_doubt = false;  // then only narrowing acts, AcceptClock and the gateway's own acts are permitted
  Fingerprint act_sha256{};  // of the bytes that were signed or sent; zeros: nothing was
  bool log_doubt = false;    // witnesses have not cosigned the log for too long: no staff opens a document
  std::uint64_t entry = 0;   // index of the log entry that the act gets
};

// New ids and keys that an act may use up, made durable beforehand by service/ because the rules cannot make them.
struct Prepared {
  std::optional<PersonId> person;  // for propose_key and enrol_eid, should the number be new
  std::string number;              // the twelve digits of that number
  std::vector<KeyRow> keys;        // rows of the wraps made for it (person key, log key; flik key, document key)
  struct PlannedPruning {
    std::uint64_t size = 0;  // how many entries are older
    Bytes kept;              // which of them stay, an EntrySet
    Fingerprint kept_sha256{};
    std::vector<Retention> times;  // that it was worked out with, by kind
    std::uint64_t pruned_to = 0;   // and up to where the log was pruned then
  };
  std::optional<PlannedPruning> pruning = {};  // for the approval of prune_log
  std::optional<LogKey> log_key = {};          // for init, and the approval of rotate_log_key; its seeds are in `keys`
};

// Every act goes through here, permit and refusal alike. Never throws; an error in a rule is a refusal.
Outcome evaluate(const State& state, const Actor& actor, const Act& act, const Moment& moment,
                 const Prepared& prepared = {});

// Rules 1 to 7 of spec/decision-rules.md for one document; every rule is evaluated, the lowest failing one is reported.
struct ReadRequest {
  StaffActor reader;
  DocumentId document;
  std::string purpose;
};
Decision decide_read(const State& state, const ReadRequest& request, UtcTime now);
Decision decide_own_read(const State& state, const PersonActor& reader, const DocumentId& document, UtcTime now);
// May this open reading go on? Evaluated again for every running reading after each narrowing batch. Use limits were
// counted at opening and are not counted again.
Decision decide_continue(const State& state, const Reading& reading, const Actor& reader, UtcTime now);

enum class Direction { neutral, narrowing, widening };
Direction direction_of(const Act& act);
Direction direction_of_kind(std::string_view kind);  // neutral for a kind that is none
// The same, looking through `approve` at the act that waits: a batch that narrows must reach the head file at once.
Direction direction_of(const State& state, const Act& act);

// Of somebody who comes by browser: must the user be verified afresh, over this very act? Else their session is proof
// enough. What takes away never needs it (SPEC BS-10).
bool needs_fresh_verification(const Act& act);
bool kind_needs_fresh_verification(std::string_view kind);  // true for a kind that is none

// Takes two people, whoever acts.
bool takes_two(const Act& act);
bool kind_takes_two(std::string_view kind);  // false for a kind that is none
// Becomes a Proposal: it takes two, or widens and comes from somebody who acts jointly with another (SPEC REP-9).
bool waits_for_second(const State& state, const Actor& actor, const Act& act);

}  // namespace flikvakt::policy
