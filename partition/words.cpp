#include "partition/words.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "partition/limits.h"

namespace flikvakt::partition {

// SPEC PART-20
std::vector<Action> actions_for(FindingKind kind) {
  using enum FindingKind;
  switch (kind) {
    case attachment:
    case javascript:
    case launch_action:
    case older_revision:
    case hidden_layer:
    case invisible_text:
    case bookmark:
    case structure:
    case metadata:
    case thumbnail:
    case trailing_data:
    case tracked_change:
    case comment:
    case hidden_text:
    case author:
    case external_link:
    case custom_data:
    case exif:
    case location:
    case invisible_character:
    case markup_comment:
    case person_in_header:
      return {Action::strip, Action::refuse};
    case covered_text:
    case covered_image:
    case rare_image:
      return {Action::flatten, Action::refuse};
    case annotation:
      return {Action::strip, Action::flatten, Action::refuse};
    case form_value:
      return {Action::flatten, Action::strip, Action::refuse};
    case embedded_object:
    case macro:
      return {Action::refuse, Action::strip};
    case replaced_font:
    case narrative:
    case cut_reference:
    case embedded_document:
      return {Action::replace, Action::refuse};
  }
  return {Action::refuse};
}

Action action_for(const std::vector<FindingRule>& policy, FindingKind kind) {
  const auto rule = std::ranges::find(policy, kind, &FindingRule::finding);
  return rule == policy.end() ? actions_for(kind).front() : rule->action;
}

Result<void> check_policy(const std::vector<FindingRule>& policy) {
  std::set<FindingKind> seen;
  for (const FindingRule& rule : policy) {
    const std::string name(to_json(rule.finding).get_string());
    if (!seen.insert(rule.finding).second) return fail(ErrorCode::invalid, "two rules for `" + name + "`");
    const std::vector<Action> allowed = actions_for(rule.finding);
    if (std::ranges::find(allowed, rule.action) == allowed.end()) {
      return fail(ErrorCode::invalid,
                  "`" + name + "` cannot be treated with `" + std::string(to_json(rule.action).get_string()) + "`");
    }
  }
  return {};
}

namespace {

bool is_short_text(const std::string& text) { return !text.empty() && text.size() <= 200; }

Result<void> check_take(const Take& take) {
  const auto bad = [](std::string_view what) { return fail(ErrorCode::invalid, std::string(what)); };
  if (const auto* pages = std::get_if<TakePages>(&take)) {
    if (pages->from < 1 || pages->to < pages->from || pages->to > kMostPages) return bad("pages are no range");
  } else if (const auto* bookmark = std::get_if<TakeBookmark>(&take)) {
    if (!is_short_text(bookmark->title)) return bad("a bookmark needs a title of at most 200 bytes");
  } else if (const auto* heading = std::get_if<TakeHeading>(&take)) {
    if (!is_short_text(heading->text)) return bad("a heading needs a text of at most 200 bytes");
  } else if (const auto* section = std::get_if<TakeSection>(&take)) {
    if (!is_short_text(section->code)) return bad("a section needs a code of at most 200 bytes");
  } else if (const auto* of_template = std::get_if<TakeTemplate>(&take)) {
    if (!is_short_text(of_template->root)) return bad("a template needs a root of at most 200 bytes");
  } else if (const auto* resources = std::get_if<TakeResources>(&take)) {
    if (!is_short_text(resources->type)) return bad("resources need a type");
    if (resources->category && !is_short_text(*resources->category)) return bad("a category is empty or too long");
  }
  return {};
}

}  // namespace

Result<void> check_order(const Order& order) {
  const Result<Bytes> seed = from_base64url(order.token_seed);
  if (!seed || seed->size() != 32) return fail(ErrorCode::invalid, "the seed of tokens is not 32 bytes");
  if (order.parts.size() > kMostParts) return fail(ErrorCode::invalid, "more than 64 parts");
  if (order.preview_dpi < 0 || order.preview_dpi > kMostPreviewDpi) {
    return fail(ErrorCode::invalid, "a preview has at most 100 dots per inch");
  }
  std::size_t takes = 0;
  std::set<std::string> names;
  for (const PartRule& part : order.parts) {
    if (!is_short_text(part.name)) return fail(ErrorCode::invalid, "a part needs a name of at most 200 bytes");
    if (!names.insert(part.name).second) return fail(ErrorCode::invalid, "two parts have one name");
    if (part.takes.empty()) return fail(ErrorCode::invalid, "a part takes nothing");
    takes += part.takes.size();
    for (const Take& take : part.takes) TRY_VOID(check_take(take));
  }
  if (takes > kMostTakes) return fail(ErrorCode::invalid, "the parts take more than 256 things");
  return check_policy(order.policy);
}

}  // namespace flikvakt::partition
