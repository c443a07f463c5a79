#include "dissect/pdf_layers.h"

#include <algorithm>

#include "dissect/job.h"

namespace flikvakt::dissect {
namespace {

std::string name_of(QPDFObjectHandle dictionary, const std::string& key) {
  QPDFObjectHandle value = dictionary.getKey(key);
  return value.isName() ? value.getName() : std::string();
}

std::vector<QPDFObjectHandle> items_of(QPDFObjectHandle value) {
  if (value.isArray()) return value.getArrayAsVector();
  if (value.isDictionary()) return {value};
  return {};
}

}  // namespace

Layers::Layers(QPDF& source) {
  QPDFObjectHandle properties = source.getRoot().getKey("/OCProperties");
  if (!properties.isDictionary()) return;
  QPDFObjectHandle shown = properties.getKey("/D");
  if (!shown.isDictionary()) return;
  if (name_of(shown, "/BaseState") == "/OFF") {
    for (QPDFObjectHandle& group : items_of(properties.getKey("/OCGs"))) hidden_.insert(group.getObjGen());
    for (QPDFObjectHandle& group : items_of(shown.getKey("/ON"))) hidden_.erase(group.getObjGen());
  }
  for (QPDFObjectHandle& group : items_of(shown.getKey("/OFF"))) hidden_.insert(group.getObjGen());
}

bool Layers::is_hidden(QPDFObjectHandle content) const {
  if (!content.isDictionary()) return false;
  if (name_of(content, "/Type") != "/OCMD") return hidden_.contains(content.getObjGen());
  if (QPDFObjectHandle expression = content.getKey("/VE"); expression.isArray()) return !is_shown(expression, 0);
  const std::vector<QPDFObjectHandle> groups = items_of(content.getKey("/OCGs"));
  if (groups.empty()) return false;
  const auto is_off = [this](QPDFObjectHandle group) { return hidden_.contains(group.getObjGen()); };
  const std::string rule = name_of(content, "/P");
  if (rule == "/AllOn") return std::ranges::any_of(groups, is_off);
  if (rule == "/AnyOff") return std::ranges::none_of(groups, is_off);
  if (rule == "/AllOff") return !std::ranges::all_of(groups, is_off);
  return std::ranges::all_of(groups, is_off);  // AnyOn
}

bool Layers::is_shown(QPDFObjectHandle expression, int depth) const {
  if (depth > 16) throw Refused(RefusalReason::too_deep);
  if (expression.isDictionary()) return !hidden_.contains(expression.getObjGen());
  const std::vector<QPDFObjectHandle> items = items_of(expression);
  if (items.empty() || !QPDFObjectHandle(items.front()).isName()) return true;
  const std::string word = QPDFObjectHandle(items.front()).getName();
  const auto holds = [&](QPDFObjectHandle item) { return is_shown(item, depth + 1); };
  const std::span<const QPDFObjectHandle> rest = std::span(items).subspan(1);
  if (word == "/Not") return rest.empty() || !holds(rest.front());
  if (word == "/Or") return std::ranges::any_of(rest, holds);
  return std::ranges::all_of(rest, holds);
}

}  // namespace flikvakt::dissect
