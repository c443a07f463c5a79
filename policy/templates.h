// Is a fullmakt just what the template says that it is based on?
#pragma once

#include "policy/state.h"

namespace flikvakt::policy {

// Reason::none: it is based on no template, or has just the terms and a text of this one.
Reason check_template(const State& state, const std::optional<TemplateId>& id, const FullmaktTerms& terms,
                      const std::string& text);

}  // namespace flikvakt::policy
