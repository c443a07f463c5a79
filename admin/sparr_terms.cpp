#include "admin/sparr_terms.h"

#include <algorithm>

#include "admin/suggest.h"

namespace flikvakt::admin {

std::vector<Option> sparr_options() {
  return {
      optional_option("--flik", "CODE", "the whole flik, against everyone"),
      optional_option("--document", "ID", "one document, against everyone"),
      flag_option("--everything", "all documents, against everyone"),
      optional_option("--until", "TIME", "until then, or the beginning of that day (UTC); else until it is lifted")};
}

bool says_sparr(const Arguments& arguments) {
  return arguments.has("--flik") || arguments.has("--document") || arguments.has("--everything") ||
         arguments.has("--until");
}

Outcome<json::object> sparr_terms(const Arguments& arguments) {
  json::object terms{{"everyone", true}, {"recipients", json::array()}};
  const int said = arguments.has("--flik") + arguments.has("--document") + arguments.has("--everything");
  if (said != 1) return usage_failure("expected one of --flik CODE, --document ID and --everything");
  if (const auto flik = arguments.find("--flik")) {
    terms["target"] = "flik";
    terms["flik"] = *flik;
  } else if (arguments.has("--document")) {
    terms["target"] = "document";
    terms["document"] = TRY(arguments.id<DocumentId>("--document")).text();
  } else {
    terms["target"] = "everything";
  }
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
