// Why the gateway said no, in words for whoever asked: the codes are those of policy::Reason and policy::Rule.
#pragma once

#include <string>

#include "admin/language.h"
#include "base/json.h"
#include "policy/decision.h"

namespace flikvakt::admin {

std::string_view words_of(policy::Reason reason, Language language = Language::en);
std::string_view words_of(policy::Rule rule);
// "state_changed", as an answer has it. Empty for a word that is no reason.
std::string_view words_of_reason(std::string_view name);

// A page of a person's log as text: rule and reason in words instead of numbers.
json::value with_words(json::value page);

}  // namespace flikvakt::admin
