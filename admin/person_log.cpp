#include "admin/person_log.h"

#include <algorithm>
#include <thread>

#include "admin/json_text.h"
#include "admin/reasons.h"
#include "service/log_filter.h"

namespace flikvakt::admin {
namespace {

constexpr int kTries = 60;  // a second apart, when the gateway takes no more for now

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain =
        std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~").find(c) != std::string_view::npos;
    const std::uint8_t byte = static_cast<std::uint8_t>(c);
    out += is_plain ? std::string(1, c) : "%" + to_hex(BytesView(&byte, 1));
  }
  return out;
}

// A day is the whole day: as an end it is the next one's beginning.
Outcome<std::string> time_of(const std::string& name, const std::string& text) {
  if (const auto date = parse_date(text)) {
    const std::chrono::sys_days day(*date);
    return to_rfc3339(UtcTime(name == "to" ? day + std::chrono::days(1) : day));
  }
  if (parse_rfc3339(text)) return text;
  return usage_failure("--" + name + ": expected a day like 2026-12-01, or a time like 2026-12-01T08:00:00Z");
}

Failure misfit(std::string what) {
  return Failure(ExitCode::refused, "the gateway's answers do not fit together: " + std::move(what));
}

Outcome<std::optional<std::uint64_t>> next_of(const json::object& page) {
  if (!page.contains("next")) return std::nullopt;
  return std::optional(TRY(needed_count(page, "next")));
}

// SPEC LOGV-21: newest first, below where it was asked for, and unfiltered without a gap.
Outcome<void> take(const json::object& page, bool is_all, std::uint64_t& end, FetchedLog& out) {
  for (json::object& entry : rows_of(page, "entries")) {
    const std::uint64_t number = TRY(needed_count(entry, "number"));
    if (number >= end) return misfit("an entry stands twice, or in the wrong place");
    if (is_all && number + 1 != end) return misfit("entry number " + std::to_string(end - 1) + " is missing");
    end = number;
    out.entries.push_back(std::move(entry));
  }
  return {};
}

struct Words {
  std::string_view name, sv, en;
};
constexpr Words kOutcomes[] = {
    {"permitted", "Tilläts", "Permitted"}, {"refused", "Nekades", "Refused"}, {"recorded", "Noterades", "Recorded"}};
constexpr Words kActors[] = {{"self", "Du", "You"},
                             {"system", "Systemet", "The gateway"},
                             {"administrator", "En administratör", "An administrator"},
                             {"staff", "Personal", "Staff"},
                             {"person", "En annan person", "Another person"},
                             {"representative", "Din ställföreträdare", "Your representative"}};

template <std::size_t N>
std::string word_for(const Words (&table)[N], const std::string& name, Language language) {
  const auto found = std::ranges::find(table, name, &Words::name);
  if (found == std::end(table)) return name;
  return std::string(language == Language::sv ? found->sv : found->en);
}

std::string reason_of(const json::object& entry, Language language) {
  const json::value* found = entry.if_contains("reason");
  const auto number = found ? from_json<std::uint16_t>(*found) : Result<std::uint16_t>(0);
  if (!number || *number == 0) return {};
  const auto reason = static_cast<policy::Reason>(*number);
  const std::string_view words = words_of(reason, language);
  return words.empty() ? std::to_string(*number) : std::string(words);
}

std::string member_of(const json::object& entry, std::string_view object, std::string_view name) {
  const json::value* found = entry.if_contains(object);
  return found ? text_of(*found, name) : std::string();
}

std::string number_of(const json::object& entry, std::string_view name) {
  const json::value* found = entry.if_contains(name);
  return found && found->is_number() ? to_text(*found) : std::string();
}

}  // namespace

std::vector<Option> log_filter_options() {
  return {
      optional_option("--from", "TIME", "from this day or time on"),
      optional_option("--to", "TIME", "until this day, which is the last, or this time"),
      optional_option("--group", "GROUP",
                      "readings, documents, consent, requests, cases, kontrakt, keys, circumstances, own or gateway"),
      optional_option("--kind", "KIND", "one kind of act, as --json shows it: open_reading"),
      optional_option("--outcome", "OUTCOME", "permitted, refused or recorded"),
      optional_option("--organisation", "ID", "what its staff did or tried"),
      optional_option("--flik", "CODE", "about this flik"),
      optional_option("--document", "ID", "about this document"),
      optional_option("--fullmakt", "ID", "under this fullmakt"),
  };
}

Outcome<std::string> log_filters(const Arguments& arguments) {
  std::string out;
  for (const std::string_view name : service::LogFilter::names()) {
    const auto given = arguments.find("--" + std::string(name));
    if (!given) continue;
    const bool is_time = name == "from" || name == "to";
    const std::string value = is_time ? TRY(time_of(std::string(name), *given)) : *given;
    out += (out.empty() ? "" : "&") + std::string(name) + "=" + encoded(value);
  }
  return out;
}

std::string newest_time(const FetchedLog& log) {
  return log.entries.empty() ? text_of(log.begins, "time") : text_of(log.entries.front(), "time");
}

Outcome<FetchedLog> fetch_log(const std::function<Result<json::value>(const std::string&)>& ask,
                              const std::string& filters) {
  const std::string fixed = "limit=100" + (filters.empty() ? "" : "&" + filters);
  FetchedLog out;
  out.filters = filters;
  std::optional<std::uint64_t> below;
  std::uint64_t end = 0;
  do {
    const json::value answer = TRY(ask(fixed + (below ? "&below=" + std::to_string(*below) : "")));
    if (!answer.is_object()) return misfit("no object");
    const json::object& page = answer.get_object();
    if (!below) {
      out.total = end = TRY(needed_count(page, "total"));
      if (page.contains("begins")) out.begins = TRY(needed_object(page, "begins"));
    }
    TRY_VOID(take(page, filters.empty(), end, out));
    const std::optional<std::uint64_t> next = TRY(next_of(page));
    if (next && (*next > end || (below && *next >= *below) || *next == 0)) return misfit("it does not go on");
    below = next;
  } while (below);
  if (filters.empty() && end != 0) return misfit("entry number " + std::to_string(end - 1) + " is missing");
  return out;
}

Outcome<FetchedLog> fetch_log(PersonClient& client, const std::string& filters) {
  const auto ask = [&](const std::string& query) -> Result<json::value> {
    for (int left = kTries;; --left) {
      Result<json::value> answer = client.log(query);
      if (answer || answer.error().code != ErrorCode::unavailable || left == 0) return answer;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  };
  FetchedLog out = TRY(fetch_log(ask, filters));
  out.gateway = client.gateway_name();
  return out;
}

LogNames::LogNames(const json::value& catalogue, const json::value& overview, Language language) : language_(language) {
  for (const json::object& row : rows_of(catalogue, "flik_types"))
    flikar_[text_of(row, "code")] = text_of(row, language == Language::sv ? "name_sv" : "name_en");
  for (const json::object& row : rows_of(overview, "fullmakter")) {
    const json::value* terms = row.if_contains("terms");
    if (!terms) continue;
    const std::string from = text_of(*terms, "valid_from").substr(0, 10),
                      to = text_of(*terms, "valid_to").substr(0, 10);
    fullmakter_[text_of(row, "id")] = text_of(*terms, "purpose") + ", " + from + "–" + to;
  }
}

std::string LogNames::flik(const std::string& code) const {
  const auto found = flikar_.find(code);
  return found == flikar_.end() || found->second.empty() ? code : found->second;
}

std::string LogNames::fullmakt(const std::string& id) const {
  const auto found = fullmakter_.find(id);
  return found == fullmakter_.end() ? std::string() : found->second;
}

LogLine log_line(const json::object& entry, const LogNames& names) {
  const bool swedish = names.language() == Language::sv;
  LogLine out;
  out.number = number_of(entry, "number");
  out.entry = number_of(entry, "entry");
  out.time = text_of(entry, "time");
  out.action = member_of(entry, "action", swedish ? "sv" : "en");
  out.outcome = word_for(kOutcomes, text_of(entry, "outcome"), names.language());
  out.why = reason_of(entry, names.language());
  out.who = word_for(kActors, text_of(entry, "actor"), names.language());
  out.organisation = member_of(entry, "organisation", "name");
  out.unit = member_of(entry, "unit", "name");
  out.staff = text_of(entry, "staff");
  out.flik = names.flik(text_of(entry, "flik"));
  out.title = text_of(entry, "title");
  out.document = text_of(entry, "document");
  out.purpose = text_of(entry, "purpose");
  out.fullmakt_id = text_of(entry, "fullmakt");
  out.fullmakt = names.fullmakt(out.fullmakt_id);
  out.bytes = number_of(entry, "bytes");
  for (std::string LogLine::*member :
       {&LogLine::time, &LogLine::action, &LogLine::outcome, &LogLine::who, &LogLine::organisation, &LogLine::unit,
        &LogLine::staff, &LogLine::flik, &LogLine::title, &LogLine::document, &LogLine::purpose, &LogLine::fullmakt,
        &LogLine::fullmakt_id})
    out.*member = on_one_line(std::move(out.*member));
  return out;
}

}  // namespace flikvakt::admin
