#include "gateway/portal_plan_form.h"

#include <algorithm>
#include <charconv>

#include "base/characters.h"

namespace flikvakt::gateway {
namespace {

std::vector<std::string_view> between_commas(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trim_blanks(text.substr(0, comma));
    if (!one.empty()) out.push_back(one);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

std::optional<std::int64_t> page_number(std::string_view text) {
  text = trim_blanks(text);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool is_page = error == std::errc() && end == text.data() + text.size() && out > 0;
  return is_page ? std::optional(out) : std::nullopt;
}

// "3" or "1-8".
std::optional<partition::Take> pages_take(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::int64_t> from = page_number(text.substr(0, dash));
  const std::optional<std::int64_t> to = dash == std::string_view::npos ? from : page_number(text.substr(dash + 1));
  if (!from || !to || *to < *from) return std::nullopt;
  return partition::TakePages{*from, *to};
}

// "8716-3" is a section's code, "Observation" or "Observation:laboratory" are resources, numbers and stops a template.
std::optional<partition::Take> code_take(std::string_view text) {
  const bool is_resource = text.front() >= 'A' && text.front() <= 'Z';
  if (text.size() > 200) return std::nullopt;
  if (is_resource) {
    const std::size_t colon = text.find(':');
    partition::TakeResources out{std::string(text.substr(0, colon)), {}};
    if (colon != std::string_view::npos) out.category = std::string(text.substr(colon + 1));
    return out;
  }
  if (text.find('.') != std::string_view::npos) return partition::TakeTemplate{std::string(text)};
  return partition::TakeSection{std::string(text)};
}

// A take as the form has it; empty: the form has no word for it.
std::string text_of(const partition::Take& take) {
  if (const auto* section = std::get_if<partition::TakeSection>(&take)) return section->code;
  if (const auto* of_template = std::get_if<partition::TakeTemplate>(&take)) return of_template->root;
  const auto* resources = std::get_if<partition::TakeResources>(&take);
  if (!resources) return {};
  return resources->type + (resources->category ? ":" + *resources->category : "");
}

}  // namespace

bool has_pages(std::string_view media_type) { return media_type == "application/pdf"; }
bool has_codes(std::string_view media_type) { return media_type.ends_with("json") || media_type.ends_with("xml"); }

std::string row_name(std::string_view what, std::size_t row) { return std::string(what) + "_" + std::to_string(row); }

std::string pages_text(const std::vector<std::int64_t>& pages) {
  std::string out;
  for (std::size_t i = 0; i < pages.size();) {
    std::size_t end = i + 1;
    while (end < pages.size() && pages[end] == pages[end - 1] + 1) ++end;
    if (!out.empty()) out += ", ";
    out += std::to_string(pages[i]);
    if (end - i > 1) out += "-" + std::to_string(pages[end - 1]);
    i = end;
  }
  return out;
}

ReadRows read_rows(const Form& form, std::string_view media_type) {
  ReadRows out;
  for (std::size_t row = 0; row < kMostRows; ++row) {
    const std::string flik(form.text(row_name("flik", row)));
    const std::vector<std::string_view> words = between_commas(form.text(row_name("takes", row)));
    if (flik.empty()) {
      if (!words.empty()) return {{}, "deposit_plan.wrong_flik"};
      continue;
    }
    std::vector<partition::Take> takes;
    for (const std::string_view word : words) {
      const auto take = has_pages(media_type)   ? pages_take(word)
                        : has_codes(media_type) ? code_take(word)
                                                : std::nullopt;
      if (!take) return {{}, has_pages(media_type) ? "deposit_plan.wrong_pages" : "deposit_plan.wrong_codes"};
      takes.push_back(*take);
    }
    if (takes.empty() && has_pages(media_type)) return {{}, "deposit_plan.wrong_pages"};
    if (takes.empty()) takes.emplace_back(partition::TakeWhole{});
    const auto same = std::ranges::find(out.parts, flik, &partition::PartRule::name);
    if (same == out.parts.end())
      out.parts.push_back({flik, std::move(takes)});
    else
      same->takes.insert(same->takes.end(), takes.begin(), takes.end());
  }
  if (out.parts.empty()) return {{}, "deposit_plan.wrong_empty"};
  return out;
}

std::vector<std::pair<std::string, std::string>> rows_of(const Draft& draft) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const partition::Part& part : draft.outcome.report.parts) {
    if (has_pages(draft.facts.media_type)) {
      out.emplace_back(part.name, pages_text(part.pages));
      continue;
    }
    std::string codes;
    const auto rule = std::ranges::find(draft.order.parts, part.name, &partition::PartRule::name);
    if (rule != draft.order.parts.end()) {
      for (const partition::Take& take : rule->takes) codes += (codes.empty() ? "" : ", ") + text_of(take);
    }
    out.emplace_back(part.name, codes);
  }
  return out;
}

}  // namespace flikvakt::gateway
