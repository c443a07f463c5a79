// Which entries of their own log a person asks for (spec/log-view.md). A filter looks at nothing that the answer would
// not show: what is kept back of an entry cannot be found by asking for it.
#pragma once

#include "audit/parts.h"
#include "base/time.h"
#include "service/act_words.h"

namespace flikvakt::service {

struct LogFilter {
  std::optional<UtcTime> from;  // this time and later
  std::optional<UtcTime> to;    // earlier than this time
  std::optional<audit::ActKind> kind;
  std::optional<ActGroup> group;
  std::optional<audit::Outcome> outcome;
  std::optional<OrganisationId> organisation;
  std::optional<std::string> flik;
  std::optional<DocumentId> document;
  std::optional<FullmaktId> fullmakt;

  bool is_empty() const;
  bool is_of_time_alone() const;  // nothing is asked of an entry but when it was

  static std::span<const std::string_view> names();  // of the members, as a query has them
  // Sets the member of that name from text. not_found: there is none; malformed: not what it takes, with the reason.
  Result<void> set(std::string_view name, std::string_view value);

  bool is_too_late(UtcTime time) const { return to && time >= *to; }
  bool is_too_early(UtcTime time) const { return from && time < *from; }
  // All but time, and who it was.
  bool fits(const audit::ActPart& act) const;
  bool fits(const audit::PersonPart& about) const;
  // Who it was and under which fullmakt: for the view to say whether the entry tells it.
  bool asks_who() const { return organisation || fullmakt; }
  bool fits_who(const audit::ActPart& act, const audit::PersonPart& about) const;
};

}  // namespace flikvakt::service
