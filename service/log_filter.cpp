#include "service/log_filter.h"

#include <algorithm>

#include "base/json.h"

namespace flikvakt::service {
namespace {

constexpr std::string_view kNames[] = {"from",         "to",   "kind",     "group",   "outcome",
                                       "organisation", "flik", "document", "fullmakt"};

Error expected(std::string_view name, std::string_view what) {
  return fail(ErrorCode::malformed, "`" + std::string(name) + "`: expected " + std::string(what));
}

template <class T>
Result<void> keep(std::optional<T>& member, std::string_view name, std::string_view what, const Result<T>& parsed) {
  if (!parsed) return expected(name, what);
  member = *parsed;
  return {};
}

template <class T>
Result<T> found(const std::optional<T>& one) {
  return one ? Result<T>(*one) : fail(ErrorCode::malformed, "not known");
}

Result<std::string> parse_code(std::string_view text) {
  const audit::EntryCode code = TRY(audit::EntryCode::parse(text));
  if (text.empty()) return fail(ErrorCode::malformed, "empty");
  return code.text();
}

// None is no id: it would find what has none.
template <class AnyId>
Result<AnyId> parse_id(std::string_view text) {
  const AnyId id = TRY(AnyId::parse(text));
  return id.is_none() ? Result<AnyId>(fail(ErrorCode::malformed, "none")) : id;
}

Result<audit::Outcome> parse_outcome(std::string_view text) {
  return from_json<audit::Outcome>(json::value(json::string(text)));
}

}  // namespace

std::span<const std::string_view> LogFilter::names() { return kNames; }

bool LogFilter::is_empty() const { return !from && !to && is_of_time_alone(); }

bool LogFilter::is_of_time_alone() const {
  return !kind && !group && !outcome && !organisation && !flik && !document && !fullmakt;
}

Result<void> LogFilter::set(std::string_view name, std::string_view value) {
  if (std::ranges::find(kNames, name) == std::end(kNames)) return fail(ErrorCode::not_found, "no filter of this name");
  if (name == "from") return keep(from, name, "a time of RFC 3339", parse_rfc3339(value));
  if (name == "to") return keep(to, name, "a time of RFC 3339", parse_rfc3339(value));
  if (name == "kind") return keep(kind, name, "a kind of act", found(audit::act_kind_named(value)));
  if (name == "group") return keep(group, name, "a group of acts", found(act_group_named(value)));
  if (name == "outcome") return keep(outcome, name, "permitted, refused or recorded", parse_outcome(value));
  if (name == "organisation") return keep(organisation, name, "32 hex digits", parse_id<OrganisationId>(value));
  if (name == "document") return keep(document, name, "32 hex digits", parse_id<DocumentId>(value));
  if (name == "fullmakt") return keep(fullmakt, name, "32 hex digits", parse_id<FullmaktId>(value));
  return keep(flik, name, "the code of a flik type", parse_code(value));
}

bool LogFilter::fits(const audit::ActPart& act) const {
  if (kind && act.kind != *kind) return false;
  if (group && words_of(act.kind).group != *group) return false;
  return !outcome || act.outcome == *outcome;
}

bool LogFilter::fits(const audit::PersonPart& about) const {
  if (flik && about.flik.text() != *flik) return false;
  return !document || about.document == *document;
}

bool LogFilter::fits_who(const audit::ActPart& act, const audit::PersonPart& about) const {
  if (organisation && act.organisation != *organisation) return false;
  return !fullmakt || about.fullmakt == *fullmakt;
}

}  // namespace flikvakt::service
