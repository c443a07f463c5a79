#include "admin/language.h"

namespace flikvakt::admin {

Option language_option(const std::string& what) {
  return optional_option("--language", "LANGUAGE", "of " + what + ": sv (default) or en");
}

Outcome<Language> read_language(const Arguments& arguments) {
  const std::string written = arguments.find("--language").value_or("sv");
  if (written != "sv" && written != "en") return usage_failure("--language: expected sv or en");
  return written == "sv" ? Language::sv : Language::en;
}

}  // namespace flikvakt::admin
