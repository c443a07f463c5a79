// What the staff of one organisation did, for its log reviewers: who, what, when, and what came of it where staff are
// told so. Of act parts alone, so nothing of any person is in it, known here or not; and no reason of a "no", which is
// not for staff (P6). Asking is an act, decided and logged first (spec/decision-rules.md, Review).
//
// Not covered: entries are believed as the database has them; that they are the log's own is for receipts and the
// verifier.
#pragma once

#include "service/act_words.h"
#include "service/core.h"

namespace flikvakt::service {

inline constexpr std::uint32_t kMostOrganisationActs = 100;  // of one answer
// For one answer, so that it takes some milliseconds; what follows is asked for anew.
inline constexpr std::uint64_t kMostEntriesLookedThrough = 2'500;  // one after the other: 2 us each
inline constexpr std::uint64_t kMostEntriesDrawn = 400;            // from anywhere: 8 to 25 us each
inline constexpr std::uint64_t kMostEntriesOfASample = 10'000;     // in all its answers

struct OrganisationAct {
  std::uint64_t entry = 0;  // the first of the act: its name for ever
  UtcTime time;
  audit::ActKind kind{};
  std::optional<audit::Outcome> outcome;  // none: what came of it is not told to staff, who did it included
  StaffId staff;
  friend bool operator==(const OrganisationAct&, const OrganisationAct&) = default;
};

// Is what such an act came to told to whoever sent it? Else it would tell who is known here (SPEC API-42).
bool is_outcome_told(audit::ActKind kind);

struct OrganisationLogFilter {
  std::optional<UtcTime> from;  // this time and later
  std::optional<UtcTime> to;    // earlier than this time
  std::optional<audit::ActKind> kind;
  std::optional<audit::Outcome> outcome;  // leaves out what has none
  std::optional<StaffId> staff;
  bool fits(const OrganisationAct& act) const;  // but for time
  bool fits_time(UtcTime time) const { return (!from || time >= *from) && (!to || time < *to); }
};

struct OrganisationLogPage {
  std::vector<OrganisationAct> acts;  // the newest first, unless it is followed
  std::optional<std::uint64_t> next;  // `below` for what is older; none: nothing is
};

// A draw of some acts among all that fit, each as likely as any other. The same seed, filter and end of the log draw
// the same acts, in the same order; a larger sample begins with a smaller one.
struct SampleQuery {
  OrganisationLogFilter filter;
  std::uint64_t seed = 0;
  std::uint32_t count = 10;
  std::optional<std::uint64_t> end = {};  // entries before this one; none: all that there are now
  std::uint64_t drawn = 0;                // so many were drawn for earlier answers: go on behind them
};
struct OrganisationSample {
  std::vector<OrganisationAct> acts;
  std::uint64_t first = 0;  // of the entries that were drawn from
  std::uint64_t end = 0;    // behind the last of them
  std::uint64_t drawn = 0;  // with those of earlier answers
  bool is_cut = false;      // as many entries were drawn as may be, and fewer acts than asked for were among them
};

// Errors of all: denied (no log reviewer in place), invalid (a count), unavailable; corrupt, io. `done` comes once, on
// any thread. `below`: acts of entries before this one.
void read_organisation_log(Core& core, const policy::StaffActor& reviewer, OrganisationLogFilter filter,
                           std::optional<std::uint64_t> below, std::uint32_t limit,
                           std::function<void(Result<OrganisationLogPage>)> done);
// The other way: acts of entries after this one, the oldest first; `next` is `above` for what is newer, and none when
// nothing was there when it was read. For whoever follows the log: what it has is never read again. invalid, too:
// there is no such entry (yet), which is a number of another log, from before a restore.
void follow_organisation_log(Core& core, const policy::StaffActor& reviewer, std::uint64_t above, std::uint32_t limit,
                             std::function<void(Result<OrganisationLogPage>)> done);
void draw_sample(Core& core, const policy::StaffActor& reviewer, SampleQuery query,
                 std::function<void(Result<OrganisationSample>)> done);
// Those of the acts that begin with these entries, at most kMostOrganisationActs, and fit; in the order of the entries.
// What is none of the organisation's, or pruned, is left out.
void read_organisation_acts(Core& core, const policy::StaffActor& reviewer, OrganisationLogFilter filter,
                            std::vector<std::uint64_t> entries,
                            std::function<void(Result<std::vector<OrganisationAct>>)> done);
// not_found: no entry with which an act of the organisation begins.
void read_organisation_act(Core& core, const policy::StaffActor& reviewer, std::uint64_t entry,
                           std::function<void(Result<OrganisationAct>)> done);

// The numbers from 0 up to `count`, in an order that follows from the seed (SPEC REVIEW-6).
class SeededOrder {
public:
  SeededOrder(std::uint64_t seed, std::uint64_t count) : seed_(seed), count_(count) {}
  std::optional<std::uint64_t> next();  // none: all were given

private:
  const std::uint64_t seed_;
  const std::uint64_t count_;
  std::uint64_t given_ = 0;
  std::map<std::uint64_t, std::uint64_t> moved_;  // where another number than its own stands
};

}  // namespace flikvakt::service
