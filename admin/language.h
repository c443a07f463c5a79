// The language of what is written for people to read: Swedish, unless --language says otherwise.
#pragma once

#include "admin/command.h"

namespace flikvakt::admin {

enum class Language { sv, en };

// `what` of the command it is the language of: "the charts".
Option language_option(const std::string& what);
// A usage failure: neither.
Outcome<Language> read_language(const Arguments& arguments);

}  // namespace flikvakt::admin
