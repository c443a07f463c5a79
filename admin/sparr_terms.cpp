#include "admin/sparr_terms.h"

#include <algorithm>

#include "admin/suggest.h"

namespace flikvakt::admin {

namespace {

constexpr std::string_view kWhat[] = {"--flik", "--document", "--dated", "--everything"};

// "2026-01-01..2026-03-31"
Outcome<void> add_dates(json::object& terms, const std::string& text) {
  const std::size_t at = text.find("..");
  if (at == text.npos) return usage_failure("--dated: expected two days like 2026-01-01..2026-03-31");
  terms["target"] = "dates";
  terms["from"] = TRY(day_of("--dated", text.substr(0, at)));
  terms["to"] = TRY(day_of("--dated", text.substr(at + 2)));
  return {};
}

}  // namespace

std::vector<Option> sparr_options() {
  return {
      optional_option("--flik", "CODE", "block the whole flik"),
      optional_option("--document", "ID", "block one document"),
      optional_option("--dated", "FROM..TO", "block documents of these days, like 2026-01-01..2026-03-31"),
      flag_option("--everything", "block all documents"),
      repeated_option("--against", "KIND=ID", "only for organisation=, unit=, team= or staff=; else for everyone"),
      optional_option("--until", "TIME", "until then, or the beginning of that day (UTC); else until it is lifted")};
}

bool says_sparr(const Arguments& arguments) {
  const auto is_there = [&](std::string_view option) { return arguments.has(std::string(option)); };
  return std::ranges::any_of(kWhat, is_there) || arguments.has("--against") || arguments.has("--until");
}

Outcome<json::object> sparr_terms(const Arguments& arguments) {
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
  if (const auto until = arguments.find("--until")) terms["until"] = TRY(time_of("--until", *until));
  return terms;
}

Outcome<void> check_flik(const json::value& catalogue, const std::string& code) {
  const json::value* found = catalogue.is_object() ? catalogue.get_object().if_contains("flik_types") : nullptr;
  std::vector<std::string> known;
  for (const json::value& type : found && found->is_array() ? found->get_array() : json::array()) {
    if (const json::value* one = type.is_object() ? type.get_object().if_contains("code") : nullptr;
        one && one->is_string())
      known.emplace_back(one->get_string());
  }
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
