// The form of corrections on the page of a plan: its rows, a flik and its pages or codes each. Pure.
#pragma once

#include "gateway/form.h"
#include "gateway/kept_drafts.h"
#include "partition/limits.h"

namespace flikvakt::gateway {

inline constexpr std::size_t kMostRows = partition::kMostParts;

// What a file of that media type is divided by; neither: it stays whole.
bool has_pages(std::string_view media_type);
bool has_codes(std::string_view media_type);

// The field of that row: "flik_0", "takes_0".
std::string row_name(std::string_view what, std::size_t row);
// "1-8, 12", as that form has it.
std::string pages_text(const std::vector<std::int64_t>& pages);

// The rows of the form, for a file of that media type.
struct ReadRows {
  std::vector<partition::PartRule> parts;
  std::string_view wrong;  // a key of words; empty: none
};
ReadRows read_rows(const Form& form, std::string_view media_type);

// Before what is not open was taken out of the report, so that the row of it can be corrected too.
std::vector<std::pair<std::string, std::string>> rows_of(const Draft& draft);

}  // namespace flikvakt::gateway
