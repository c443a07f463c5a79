#include "dissect/cda.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "dissect/dissect.h"
#include "dissect/xml.h"

namespace flikvakt::dissect {
namespace {

using partition::Take;
using partition::TakeSection;
using partition::TakeTemplate;
using partition::TakeWhole;
using pugi::xml_node;

constexpr std::string_view kNamespace = "urn:hl7-org:v3";
constexpr std::string_view kLoincOid = "2.16.840.1.113883.6.1";
constexpr std::string_view kEntryReference = "2.16.840.1.113883.10.20.22.4.122";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Of an <id>: its two halves.
std::string id_key(xml_node id) {
  return std::string(id.attribute("root").value()) + "|" + id.attribute("extension").value();
}

std::string code_of(xml_node section) {
  const xml_node code = section.child("code");
  return code.attribute("codeSystem").value() == kLoincOid ? code.attribute("code").value() : "";
}

bool has_template(xml_node element, std::string_view root) {
  for (xml_node one : element.children("templateId")) {
    if (one.attribute("root").value() == root) return true;
  }
  return false;
}

// Spelled with blanks around it as some systems do.
bool is_base64(xml_node element) {
  const std::string_view value = element.attribute("representation").value();
  const std::size_t from = std::min(value.find_first_not_of(" \t\r\n"), value.size());
  return value.substr(from, value.find_last_not_of(" \t\r\n") + 1 - from) == "B64";
}

// Says that its characters are something else than text, and has some.
bool is_file_as_text(xml_node element) {
  const std::string_view type = element.attribute("mediaType").value();
  if (type.empty() || type.starts_with("text/")) return false;
  return std::ranges::any_of(element.children(), [](xml_node child) {
    const bool is_text = child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata;
    return is_text && std::string_view(child.value()).find_first_not_of(" \t\r\n") != std::string_view::npos;
  });
}

// Everything below and with `top`.
void for_each_element(xml_node top, const std::function<void(xml_node)>& use) {
  use(top);
  for (xml_node child : top.children()) {
    if (child.type() == pugi::node_element) for_each_element(child, use);  // as deep as parse_xml let it be
  }
}

bool takes(const PartRule& rule, xml_node section) {
  const std::string code = code_of(section);
  return std::ranges::any_of(rule.takes, [&](const Take& take) {
    if (const auto* wanted = std::get_if<TakeSection>(&take)) return !code.empty() && wanted->code == code;
    if (const auto* wanted = std::get_if<TakeTemplate>(&take)) return has_template(section, wanted->root);
    return false;
  });
}

bool takes_whole(const PartRule& rule) {
  return std::ranges::any_of(rule.takes, [](const Take& take) { return std::holds_alternative<TakeWhole>(take); });
}

// A section for a part, and the sections inside it that go with it.
struct Chosen {
  xml_node section;
  std::vector<Chosen> inner;
};

std::string uuid_of(const std::string& hex) {
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

// Writes the sections of one part.
class SectionWriter {
public:
  // `foreign`: ids that stand outside the part's sections.
  SectionWriter(Job& job, std::string part, std::set<std::string> own_ids, std::set<std::string> foreign_ids,
                std::set<std::string> own_marks)
      : job_(job),
        part_(std::move(part)),
        own_ids_(std::move(own_ids)),
        foreign_ids_(std::move(foreign_ids)),
        own_marks_(std::move(own_marks)) {}

  void write(const Chosen& chosen, xml_node body) {
    xml_node component = body.append_child("component");
    xml_node section = component.append_child("section");
    for (const pugi::xml_attribute attribute : chosen.section.attributes()) {
      if (is_one_of(attribute.name(), {"ID", "classCode", "moodCode", "nullFlavor"})) section.append_copy(attribute);
    }
    for (xml_node child : chosen.section.children()) {
      const std::string_view name = child.name();
      if (name == "text") {
        write_narrative(child, section.append_child("text"));
      } else if (is_one_of(name, {"templateId", "id", "code", "title", "confidentialityCode", "languageCode", "subject",
                                  "author", "informant", "entry"})) {
        copy(child, section);
      } else if (name != "component") {
        job_.found(FindingKind::custom_data, part_);
      }
    }
    for (const Chosen& inner : chosen.inner) write(inner, section);
  }

private:
  // ---- Entries ----
  void copy(xml_node from, xml_node into) {
    if (from.type() == pugi::node_pcdata || from.type() == pugi::node_cdata) {
      into.append_child(pugi::node_pcdata).set_value(from.value());
      return;
    }
    if (from.type() != pugi::node_element) return;
    const std::string_view prefix = prefix_of(from.name());
    if (!prefix.empty() && prefix != "sdtc") {
      job_.found(FindingKind::custom_data, part_);
      return;
    }
    const std::string_view name = from.name();
    if (name == "reference" && from.attribute("value")) return copy_reference(from, into);
    xml_node to = into.append_child(from.name());
    copy_attributes(from, to);
    if (name == "id") return cut_id(from, to);
    if (is_base64(from)) return gate(from, to);
    if (is_file_as_text(from)) throw Refused(RefusalReason::unsupported, "a file in " + part_);  // PART-33
    for (xml_node child : from.children()) copy(child, to);
  }

  void copy_attributes(xml_node from, xml_node to) {
    for (const pugi::xml_attribute attribute : from.attributes()) {
      const std::string_view name = attribute.name(), prefix = prefix_of(name);
      if (name == "xmlns" || prefix == "xmlns") continue;
      if (prefix.empty() || prefix == "xsi" || prefix == "sdtc")
        to.append_copy(attribute);
      else
        job_.found(FindingKind::custom_data, part_);
    }
  }

  // A pointer into narrative: kept when it points into this part.
  void copy_reference(xml_node from, xml_node into) {
    const std::string_view value = from.attribute("value").value();
    if (value.starts_with('#') && own_marks_.contains(std::string(value.substr(1)))) {
      into.append_child("reference").append_attribute("value").set_value(from.attribute("value").value());
    } else {
      job_.found(FindingKind::cut_reference, part_);
    }
  }

  // SPEC PART-30: an id that stands outside the part, too, or one that only refers, means nothing in the part.
  void cut_id(xml_node from, xml_node to) {
    const std::string key = id_key(from);
    const bool only_refers = has_template(from.parent(), kEntryReference) && !own_ids_.contains(key);
    if (from.attribute("nullFlavor") || (!foreign_ids_.contains(key) && !only_refers)) return;
    job_.found(FindingKind::cut_reference, part_);
    to.remove_attributes();
    to.append_attribute("root").set_value(uuid_of(job_.token(part_, key)).c_str());
  }

  // SPEC PART-33
  void gate(xml_node from, xml_node to) {
    const std::string where = "a file in " + part_;
    job_.found(FindingKind::embedded_document, where);
    std::string text = from.text().get();
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    const Result<Bytes> file = from_base64(text);
    if (!file) throw Refused(RefusalReason::damaged, where);
    const Bytes gated = gate_embedded(job_, from.attribute("mediaType").value(), *file, where);
    to.remove_attribute("integrityCheck");
    to.attribute("representation").set_value("B64");
    to.append_child(pugi::node_pcdata).set_value(to_base64(gated).c_str());
  }

  // ---- Narrative ----
  void write_narrative(xml_node from, xml_node to) {
    job_.found(FindingKind::narrative, part_);
    copy_narrative(from, to);
  }
  void copy_narrative(xml_node from, xml_node to) {
    for (xml_node child : from.children()) {
      if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        to.append_child(pugi::node_pcdata).set_value(child.value());
        continue;
      }
      if (child.type() != pugi::node_element) continue;
      if (std::string_view(child.attribute("revised").value()) == "delete") {
        job_.found(FindingKind::tracked_change, part_);
        continue;
      }
      xml_node into = to;
      if (is_one_of(child.name(),
                    {"content",   "br",   "sub",  "sup",     "footnote", "footnoteRef", "renderMultiMedia",
                     "paragraph", "list", "item", "caption", "table",    "thead",       "tbody",
                     "tfoot",     "tr",   "th",   "td",      "col",      "colgroup",    "linkHtml"})) {
        into = to.append_child(child.name());
        copy_narrative_attributes(child, into);
      } else {
        job_.found(FindingKind::custom_data, part_);
      }
      copy_narrative(child, into);
    }
  }
  void copy_narrative_attributes(xml_node from, xml_node to) {
    for (const pugi::xml_attribute attribute : from.attributes()) {
      const std::string_view name = attribute.name();
      if (is_one_of(name, {"ID", "listType", "colspan", "rowspan"})) to.append_copy(attribute);
      if (!is_one_of(name, {"referencedObject", "IDREF"})) continue;
      if (own_marks_.contains(attribute.value()))
        to.append_copy(attribute);
      else
        job_.found(FindingKind::cut_reference, part_);
    }
  }

  Job& job_;
  const std::string part_;
  const std::set<std::string> own_ids_;
  const std::set<std::string> foreign_ids_;
  const std::set<std::string> own_marks_;
};

class CdaDivider {
public:
  CdaDivider(Job& job, xml_node document) : job_(job), document_(document) {}

  void divide() {
    const xml_node component = document_.child("component");
    if (const xml_node inside = component.child("nonXMLBody")) return divide_inside(inside.child("text"));
    body_ = component.child("structuredBody");
    if (!body_) throw Refused(RefusalReason::unsupported);
    list_contents(body_, false);
    for (const PartRule& rule : job_.order().parts) make_part(rule);
  }

private:
  // An unstructured document is the file in it; the parts are that file's.
  void divide_inside(xml_node text) {
    job_.found(FindingKind::embedded_document, "document");
    count_header();
    if (!is_base64(text)) throw Refused(RefusalReason::unsupported);
    Order order = job_.order();
    order.media_type = text.attribute("mediaType").value();
    std::string coded = text.text().get();
    std::erase_if(coded, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    const Result<Bytes> file = from_base64(coded);
    if (!file) throw Refused(RefusalReason::damaged, "document");
    Outcome inner = dissect(order, *file, job_.depth() + 1);
    for (const partition::Finding& finding : inner.report.findings) {
      job_.found(finding.kind, finding.where, finding.count);
    }
    if (inner.report.refusal) {
      const Refusal& why = *inner.report.refusal;
      throw Refused(why.reason, "document" + (why.where.empty() ? "" : ", " + why.where), why.finding);
    }
    job_.report().pages = inner.report.pages;
    for (Content& content : inner.report.contents) job_.has(std::move(content));
    for (const partition::LeftOut& left : inner.report.left_out) job_.left_out(left.what, left.reason);
    for (std::size_t i = 0; i < inner.bytes.size(); ++i) {
      job_.add_part(std::move(inner.report.parts[i]), std::move(inner.bytes[i]));
    }
  }

  bool is_named(xml_node section) const {
    return std::ranges::any_of(job_.order().parts, [&](const PartRule& rule) { return takes(rule, section); });
  }

  void list_contents(xml_node parent, bool is_taken) {
    for (xml_node component : parent.children("component")) {
      const xml_node section = component.child("section");
      if (!section) continue;
      const std::string code = code_of(section), title = text_of(section.child("title"));
      job_.has({std::string(TakeSection::kKind), code, title, 1});
      const bool named = is_taken || is_named(section) || std::ranges::any_of(job_.order().parts, takes_whole);
      const std::string known = code_only(code);
      if (!named) {
        job_.left_out("section " + (known.empty() ? std::to_string(job_.report().contents.size()) : known),
                      LeftOutReason::not_named);
      }
      list_contents(section, named);
    }
  }

  // What another part names is not in this one; what this one names inside another's stands at its top.
  void choose(const PartRule& rule, xml_node parent, bool is_inside, std::vector<Chosen>& into,
              std::vector<Chosen>& lifted) const {
    for (xml_node component : parent.children("component")) {
      const xml_node section = component.child("section");
      if (!section) continue;
      const bool own = takes(rule, section) || takes_whole(rule);
      const bool is_in = own || (is_inside && !is_named(section));
      Chosen chosen{section, {}};
      choose(rule, section, is_in, chosen.inner, lifted);
      if (is_in) (is_inside ? into : lifted).push_back(std::move(chosen));
    }
  }

  // Every element of the chosen sections but those of sections that were not chosen.
  static void for_each_own(const Chosen& chosen, const std::function<void(xml_node)>& use) {
    use(chosen.section);
    for (xml_node child : chosen.section.children()) {
      if (child.type() == pugi::node_element && std::string_view(child.name()) != "component")
        for_each_element(child, use);
    }
    for (const Chosen& inner : chosen.inner) for_each_own(inner, use);
  }

  void make_part(const PartRule& rule) {
    std::vector<Chosen> none, sections;
    choose(rule, body_, false, none, sections);
    if (sections.empty()) return;
    std::map<std::string, int> everywhere, inside;
    std::set<std::string> own_ids, own_marks, foreign;
    for_each_element(document_, [&](xml_node element) {
      if (std::string_view(element.name()) == "id") ++everywhere[id_key(element)];
    });
    for (const Chosen& chosen : sections) {
      for_each_own(chosen, [&](xml_node element) {
        if (std::string_view(element.name()) == "id") {
          ++inside[id_key(element)];
          if (!has_template(element.parent(), kEntryReference)) own_ids.insert(id_key(element));
        }
        if (const auto mark = element.attribute("ID")) own_marks.insert(mark.value());
      });
    }
    for (const auto& [key, count] : everywhere) {
      if (key != "|" && inside[key] < count) foreign.insert(key);
    }

    pugi::xml_document out;
    xml_node body = write_header(out, rule.name, sections);
    SectionWriter writer(job_, rule.name, std::move(own_ids), std::move(foreign), std::move(own_marks));
    partition::Part part;
    part.name = rule.name;
    part.media_type = job_.order().media_type;
    for (const Chosen& chosen : sections) {
      writer.write(chosen, body);
      const std::string code = code_of(chosen.section);
      part.contents.push_back("section " + (code.empty() ? text_of(chosen.section.child("title")) : code));
    }
    job_.add_part(std::move(part), {write_xml(out), {}});
  }

  void count_header() {
    std::int64_t people = 0;
    for (xml_node child : document_.children()) {
      if (is_one_of(child.name(),
                    {"recordTarget", "author", "dataEnterer", "informant", "custodian", "informationRecipient",
                     "legalAuthenticator", "authenticator", "participant", "documentationOf", "componentOf",
                     "inFulfillmentOf", "authorization", "relatedDocument"})) {
        ++people;
      }
    }
    if (people > 0) job_.found(FindingKind::person_in_header, "header", people);
  }

  static xml_node masked_id(xml_node into) {
    xml_node id = into.append_child("id");
    id.append_attribute("nullFlavor").set_value("MSK");
    return id;
  }

  void copy_plain(const char* name, xml_node into) {
    const xml_node from = document_.child(name);
    if (!from) return;
    xml_node to = into.append_child(name);
    for (const char* kept : {"value", "code", "codeSystem", "nullFlavor"}) {
      if (const auto attribute = from.attribute(kept)) to.append_copy(attribute);
    }
  }

  // SPEC PART-32: what the schema demands of a header, and nobody in it.
  xml_node write_header(pugi::xml_document& out, const std::string& part, const std::vector<Chosen>& sections) {
    count_header();
    xml_node root = out.append_child("ClinicalDocument");
    root.append_attribute("xmlns").set_value(std::string(kNamespace).c_str());
    root.append_attribute("xmlns:xsi").set_value("http://www.w3.org/2001/XMLSchema-instance");
    root.append_attribute("xmlns:sdtc").set_value("urn:hl7-org:sdtc");
    copy_plain("realmCode", root);
    xml_node type = root.append_child("typeId");
    type.append_attribute("root").set_value("2.16.840.1.113883.1.3");
    type.append_attribute("extension").set_value("POCD_HD000040");
    root.append_child("id").append_attribute("root").set_value(uuid_of(job_.token(part, "document")).c_str());
    const xml_node first = sections.front().section;
    xml_node code = root.append_child("code");
    if (const std::string loinc = code_of(first); !loinc.empty()) {
      code.append_attribute("code").set_value(loinc.c_str());
      code.append_attribute("codeSystem").set_value(std::string(kLoincOid).c_str());
    } else {
      code.append_attribute("nullFlavor").set_value("MSK");
    }
    root.append_child("title").text().set(text_of(first.child("title")).c_str());
    copy_plain("effectiveTime", root);
    copy_plain("confidentialityCode", root);
    copy_plain("languageCode", root);
    masked_id(root.append_child("recordTarget").append_child("patientRole"));
    xml_node author = root.append_child("author");
    xml_node time = author.append_child("time");
    if (const auto when = document_.child("effectiveTime").attribute("value"))
      time.append_copy(when);
    else
      time.append_attribute("nullFlavor").set_value("UNK");
    masked_id(author.append_child("assignedAuthor"));
    masked_id(root.append_child("custodian")
                  .append_child("assignedCustodian")
                  .append_child("representedCustodianOrganization"));
    return root.append_child("component").append_child("structuredBody");
  }

  Job& job_;
  const xml_node document_;
  xml_node body_;
};

}  // namespace

void divide_cda(Job& job, BytesView file) {
  pugi::xml_document document;
  const XmlRemarks remarks = parse_xml(file, document);
  const xml_node root = document.document_element();
  // Its names must mean what we read them as: the namespace is the default one, and nowhere another.
  if (std::string_view(root.name()) != "ClinicalDocument" || root.attribute("xmlns").value() != kNamespace) {
    throw Refused(RefusalReason::unsupported);
  }
  for_each_element(root, [&](xml_node element) {
    const auto given = element.attribute("xmlns");
    if (given && given.value() != kNamespace) throw Refused(RefusalReason::unsupported);
  });
  if (remarks.comments > 0) job.found(FindingKind::markup_comment, "", remarks.comments);
  CdaDivider(job, root).divide();
}

}  // namespace flikvakt::dissect
