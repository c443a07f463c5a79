#include "admin/sparr_terms.h"

#include <algorithm>

#include "admin/json_text.h"
#include "admin/suggest.h"

namespace flikvakt::admin {

namespace {

constexpr std::string_view kWhat[] = {"--flik", "--document", "--dated", "--everything"};

// "2026-01-01..2026-03-31"
Outcome<void> add_dates(json::object& terms, const std::string& text) {
  const std::size_t at = text.find("..");
  if (at == text.npos) return usage_failure("--dated: expected two days like 2026-01-01..2026-03-31");
  const std::string from = TRY(day_of("--dated", text.substr(0, at)));
  const std::string to = TRY(day_of("--dated", text.substr(at + 2)));
  if (from > to) return usage_failure("--dated: `" + from + "` is after `" + to + "`");
  terms["target"] = "dates";
  terms["from"] = from;
  terms["to"] = to;
  return {};
}

Outcome<std::string> until_of(const std::string& text, UtcTime now) {
  const std::string until = TRY(end_of("--until", text));
  if (TRY(parse_rfc3339(until)) <= now) return usage_failure("--until: `" + text + "` has passed");
  return until;
}

}  // namespace

std::vector<Option> sparr_options(const std::string& before) {
  std::vector<Option> out{
      optional_option("--flik", "CODE", "block the whole flik"),
      optional_option("--document", "ID", "block one document"),
      optional_option("--dated", "FROM..TO", "block documents of these days, like 2026-01-01..2026-03-31"),
      flag_option("--everything", "block all documents"),
      repeated_option("--against", "KIND=ID", "only for organisation=, unit=, team= or staff=; else for everyone"),
      optional_option("--until", "TIME", "it ends then, or at the end of that day (UTC); else when it is lifted")};
  for (Option& option : out) option.help.insert(0, before);
  return out;
}

bool says_sparr(const Arguments& arguments) {
  const auto is_there = [&](std::string_view option) { return arguments.has(std::string(option)); };
  return std::ranges::any_of(kWhat, is_there) || arguments.has("--against") || arguments.has("--until");
}

Outcome<json::object> sparr_terms(const Arguments& arguments, UtcTime now) {
  const auto is_there = [&](std::string_view option) { return arguments.has(std::string(option)); };
  if (std::ranges::count_if(kWhat, is_there) != 1)
    return usage_failure("expected one of --flik CODE, --document ID, --dated FROM..TO and --everything");
  json::object terms{{"target", "everything"}};
  if (const auto flik = arguments.find("--flik")) {
    terms["target"] = "flik";
    terms["flik"] = *flik;
  } else if (arguments.has("--document")) {
    terms["target"] = "document";
    terms["document"] = TRY(arguments.id<DocumentId>("--document")).text();
  } else if (const auto days = arguments.find("--dated")) {
    TRY_VOID(add_dates(terms, *days));
  }
  json::array recipients;
  for (const std::string& one : arguments.all("--against")) recipients.push_back(TRY(recipient_of("--against", one)));
  terms["everyone"] = recipients.empty();
  terms["recipients"] = std::move(recipients);
  if (const auto until = arguments.find("--until")) terms["until"] = TRY(until_of(*until, now));
  return terms;
}

std::string sparr_in_words(const json::object& terms) {
  const std::string target = text_of(terms, "target");
  std::string out = "a Sparr on everything";
  if (target == "flik" || target == "document") out = "a Sparr on the " + target + " " + text_of(terms, target);
  if (target == "dates") out = "a Sparr on documents dated " + text_of(terms, "from") + " to " + text_of(terms, "to");
  const std::size_t some = rows_of(terms, "recipients").size();
  out += some == 0 ? ", against everyone"
                   : ", only against " + std::to_string(some) + (some == 1 ? " recipient" : " recipients");
  const std::string until = text_of(terms, "until");
  return out + (until.empty() ? ", until it is lifted" : ", until " + until);
}

Outcome<void> check_flik(const json::value& catalogue, const std::string& code) {
  std::vector<std::string> known;
  for (const json::object& type : rows_of(catalogue, "flik_types")) known.push_back(text_of(type, "code"));
  if (std::ranges::find(known, code) != known.end()) return {};
  const std::optional<std::string> meant = nearest(code, known);
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  return Failure(
      ExitCode::refused,
      "there is no flik `" + code + "`" + (meant ? "; did you mean `" + *meant + "`?" : "") + ": nothing was set",
      "the flikar are: " + all);
}

}  // namespace flikvakt::admin
