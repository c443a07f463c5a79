#include "dissect/docx_package.h"

#include <algorithm>
#include <optional>

#include "dissect/docx_seen.h"
#include "dissect/xml.h"

namespace flikvakt::dissect::docx {
namespace {

std::string_view last_step(std::string_view path) {
  const std::size_t at = path.rfind('/');
  return at == path.npos ? path : path.substr(at + 1);
}

// What an entry that stays behind is.
std::optional<FindingKind> kind_of_entry(std::string_view name) {
  if (name.find("vbaProject") != name.npos || name.find("vbaData") != name.npos) return FindingKind::macro;
  if (name.find("embeddings/") != name.npos || name.find("activeX/") != name.npos ||
      name.find("/charts/") != name.npos || name.find("/diagrams/") != name.npos) {
    return FindingKind::embedded_object;
  }
  if (name.starts_with("word/comments")) return FindingKind::comment;
  if (name == "word/people.xml") return FindingKind::author;
  if (name.starts_with("docProps/thumbnail")) return FindingKind::thumbnail;
  if (name.starts_with("docProps/")) return FindingKind::metadata;
  if (name.starts_with("customXml/")) return FindingKind::custom_data;
  return std::nullopt;
}

}  // namespace

std::string relations_name(const std::string& name) {
  const std::size_t stroke = name.rfind('/');
  return name.substr(0, stroke + 1) + "_rels/" + name.substr(stroke + 1) + ".rels";
}

const Relation* find_relation(const std::vector<Relation>& all, std::string_view id, std::string_view type) {
  const auto found = std::ranges::find_if(all, [&](const Relation& one) { return one.id == id && one.type == type; });
  return found == all.end() ? nullptr : &*found;
}

void WordPackage::check() const {
  const std::string_view types = as_text(entry("[Content_Types].xml"));
  if (!entries_.contains("word/document.xml")) throw Refused(RefusalReason::mislabelled);
  if (types.find("macroEnabled") != types.npos) job_.found(FindingKind::macro);
  if (types.find("wordprocessingml.document.main+xml") == types.npos && types.find("macroEnabled") == types.npos) {
    throw Refused(RefusalReason::mislabelled);
  }
}

void WordPackage::list_findings() const {
  for (const auto& [name, bytes] : entries_) {
    if (const auto kind = kind_of_entry(name)) job_.found(*kind);
  }
  find_authors();
}

void WordPackage::find_authors() const {
  const Bytes* core = find("docProps/core.xml");
  if (!core) return;
  pugi::xml_document xml;
  parse_xml(*core, xml);
  for (xml_node child : xml.document_element().children()) {
    const bool is_name = is_one_of(child.name(), {"dc:creator", "cp:lastModifiedBy"});
    if (is_name && !text_of(child).empty()) job_.found(FindingKind::author);
  }
}

const Bytes* WordPackage::find(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const Bytes& WordPackage::entry(const std::string& name) const {
  const Bytes* found = find(name);
  if (!found) throw Refused(RefusalReason::mislabelled);
  return *found;
}

bool WordPackage::is_picture(const std::string& path) const {
  const Bytes* file = find(path);
  if (!file) return false;
  const std::string_view text = as_text(*file);
  return text.starts_with("\x89PNG") || text.starts_with("\xff\xd8\xff");
}

std::vector<Relation> WordPackage::relations_of(const std::string& name) const {
  std::vector<Relation> out;
  const Bytes* file = find(relations_name(name));
  if (!file) return out;
  pugi::xml_document xml;
  parse_xml(*file, xml);
  for (xml_node one : xml.document_element().children("Relationship")) {
    if (std::string_view(one.attribute("TargetMode").value()) == "External") {
      job_.found(FindingKind::external_link);
      continue;
    }
    const std::string target = one.attribute("Target").value();
    out.push_back({one.attribute("Id").value(), std::string(last_step(one.attribute("Type").value())),
                   target.starts_with('/') ? target.substr(1) : "word/" + target});
  }
  return out;
}

}  // namespace flikvakt::dissect::docx
