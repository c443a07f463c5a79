#include "dissect/fhir.h"

#include <algorithm>

#include "dissect/fhir_bundle.h"

namespace flikvakt::dissect {
namespace {

using partition::Take;
using partition::TakeResources;
using partition::TakeSection;
using partition::TakeWhole;

constexpr std::string_view kLoinc = "http://loinc.org";

std::vector<const Json*> items_of(const Json* value) {
  std::vector<const Json*> out;
  if (!value) return out;
  if (const Json::Array* array = value->array()) {
    for (const Json& element : *array) out.push_back(&element);
  } else {
    out.push_back(value);
  }
  return out;
}

std::set<std::string> loinc_codes(const Json& section) {
  std::set<std::string> out;
  const Json* code = section.find("code");
  for (const Json* coding : items_of(code ? code->find("coding") : nullptr)) {
    if (coding->text_of("system") == kLoinc) out.emplace(coding->text_of("code"));
  }
  return out;
}

// Codes of `category`, whatever their system.
std::set<std::string> category_codes(const Json& resource) {
  std::set<std::string> out;
  for (const Json* category : items_of(resource.find("category"))) {
    if (category->text()) out.insert(*category->text());
    for (const Json* coding : items_of(category->find("coding"))) out.emplace(coding->text_of("code"));
  }
  return out;
}
// And its texts.
std::set<std::string> categories_of(const Json& resource) {
  std::set<std::string> out = category_codes(resource);
  for (const Json* category : items_of(resource.find("category"))) {
    if (const auto text = category->text_of("text"); !text.empty()) out.emplace(text);
  }
  return out;
}

bool takes_whole(const PartRule& part) {
  return std::ranges::any_of(part.takes, [](const Take& take) { return std::holds_alternative<TakeWhole>(take); });
}

partition::Part describe(const PartRule& rule, const FhirPart& part, const Bundle& bundle) {
  partition::Part out;
  out.name = rule.name;
  out.media_type = "application/fhir+json";
  for (const std::size_t one : part.included()) out.contents.push_back(bundle.resources()[one].name());
  return out;
}

PartBytes write(const Json& bundle) {
  std::string text;
  bundle.write(text);
  return {to_bytes(as_bytes(text)), {}};
}

// ---- Bundles
// ------------------------------------------------------------------------------------------------------------------

class BundleDivider {
public:
  BundleDivider(Job& job, const Bundle& bundle) : job_(job), bundle_(bundle) {}

  void divide() {
    list_contents();
    std::set<std::size_t> taken;
    for (const PartRule& rule : job_.order().parts) {
      const std::set<std::size_t> roots = roots_of(rule);
      if (roots.empty()) continue;
      taken.insert(roots.begin(), roots.end());
      FhirPart part(job_, bundle_, rule.name, with_supporting(bundle_, roots));
      Json out{Json::Object()};
      out.set("resourceType", "Bundle");
      out.set("type", "collection");
      Json::Array entries;
      for (const std::size_t one : part.included()) entries.push_back(part.entry(one));
      out.set("entry", std::move(entries));
      job_.add_part(describe(rule, part, bundle_), write(out));
    }
    list_left_out(taken);
  }

private:
  struct Match {
    bool by_type = false;
    bool by_category = false;
  };
  static Match match(const PartRule& rule, const Resource& resource) {
    Match out;
    for (const Take& take : rule.takes) {
      const auto* wanted = std::get_if<TakeResources>(&take);
      if (!wanted || wanted->type != resource.type) continue;
      if (!wanted->category)
        out.by_type = true;
      else if (categories_of(*resource.json).contains(*wanted->category))
        out.by_category = true;
    }
    return out;
  }

  // SPEC PART-16: a part that names the category is asked before one that names the type alone.
  std::set<std::size_t> roots_of(const PartRule& rule) const {
    std::set<std::size_t> out;
    for (std::size_t one = 0; one < bundle_.resources().size(); ++one) {
      const Resource& resource = bundle_.resources()[one];
      const Match own = match(rule, resource);
      const bool other_names_it = std::ranges::any_of(job_.order().parts, [&](const PartRule& other) {
        return other.name != rule.name && match(other, resource).by_category;
      });
      if (takes_whole(rule) || own.by_category || (own.by_type && !other_names_it)) out.insert(one);
    }
    return out;
  }

  using Counts = std::map<std::pair<std::string, std::string>, std::int64_t>;
  static void count(const Resource& resource, const std::set<std::string>& categories, Counts& counts) {
    if (categories.empty()) ++counts[{resource.type, ""}];
    for (const std::string& category : categories) ++counts[{resource.type, category}];
  }
  void list_contents() {
    Counts counts;
    for (const Resource& one : bundle_.resources()) count(one, categories_of(*one.json), counts);
    for (const auto& [what, number] : counts) {
      job_.has({std::string(TakeResources::kKind), what.first, what.second, number});
    }
  }
  void list_left_out(const std::set<std::size_t>& taken) {
    Counts counts;
    for (std::size_t one = 0; one < bundle_.resources().size(); ++one) {
      if (taken.contains(one)) continue;
      const Resource& resource = bundle_.resources()[one];
      std::set<std::string> codes;
      for (const std::string& category : category_codes(*resource.json)) codes.insert(code_only(category));
      count(resource, codes, counts);
    }
    for (const auto& [what, number] : counts) {
      const std::string category = what.second.empty() ? "" : " " + what.second;
      job_.left_out(std::to_string(number) + " " + what.first + category, LeftOutReason::not_named);
    }
  }

  Job& job_;
  const Bundle& bundle_;
};

// ---- Documents
// ----------------------------------------------------------------------------------------------------------------

class DocumentDivider {
public:
  DocumentDivider(Job& job, const Bundle& bundle) : job_(job), bundle_(bundle) {
    if (bundle.resources().empty() || bundle.resources().front().type != "Composition") {
      throw Refused(RefusalReason::damaged);
    }
    composition_ = bundle.resources().front().json;
  }

  void divide() {
    list_contents(*composition_, 0);
    for (const PartRule& rule : job_.order().parts) make_part(rule);
  }

private:
  static bool takes(const PartRule& rule, const std::set<std::string>& codes) {
    return std::ranges::any_of(rule.takes, [&](const Take& take) {
      const auto* wanted = std::get_if<TakeSection>(&take);
      return wanted && codes.contains(wanted->code);
    });
  }
  bool is_named(const std::set<std::string>& codes) const {
    return std::ranges::any_of(job_.order().parts, [&](const PartRule& rule) { return takes(rule, codes); });
  }
  bool takes_all() const { return std::ranges::any_of(job_.order().parts, takes_whole); }

  void list_contents(const Json& parent, int depth, bool parent_is_named = false) {
    if (depth > 16) throw Refused(RefusalReason::too_deep);
    for (const Json* section : items_of(parent.find("section"))) {
      const std::set<std::string> codes = loinc_codes(*section);
      const std::string code = codes.empty() ? "" : *codes.begin();
      job_.has({std::string(TakeSection::kKind), code, std::string(section->text_of("title")), 1});
      const bool named = is_named(codes) || parent_is_named || takes_all();
      if (!named) {
        const std::string known = code_only(code);
        job_.left_out("section " + (known.empty() ? std::to_string(job_.report().contents.size()) : known),
                      LeftOutReason::not_named);
      }
      list_contents(*section, depth + 1, named);
    }
  }

  // The sections of a part, the outermost first: what another part names is not in them.
  struct Chosen {
    const Json* section = nullptr;
    std::vector<Chosen> inner;
  };
  void choose(const PartRule& rule, const Json& parent, bool is_inside, std::vector<Chosen>& into,
              std::vector<Chosen>& lifted) const {
    for (const Json* section : items_of(parent.find("section"))) {
      const std::set<std::string> codes = loinc_codes(*section);
      const bool own = takes(rule, codes) || takes_whole(rule);
      const bool is_in = own || (is_inside && !is_named(codes));
      Chosen chosen{section, {}};
      choose(rule, *section, is_in, chosen.inner, lifted);
      if (!is_in) continue;
      (is_inside ? into : lifted).push_back(std::move(chosen));
    }
  }

  void collect(const Chosen& chosen, std::set<std::size_t>& roots) const {
    for (const Json* entry : items_of(chosen.section->find("entry"))) {
      const std::optional<std::size_t> target = bundle_.find(entry->text_of("reference"));
      if (target && *target != 0) roots.insert(*target);  // 0 is the composition itself
    }
    for (const Chosen& inner : chosen.inner) collect(inner, roots);
  }

  Json write_section(FhirPart& part, const Chosen& chosen) {
    Json out{Json::Object()};
    const Json& section = *chosen.section;
    for (const char* name : {"title", "code"}) {
      if (const Json* member = section.find(name)) out.set(name, part.clean(*member, false));
    }
    if (const Json* text = section.find("text"); text && text->find("div")) out.set("text", part.narrative(*text));
    for (const char* name : {"mode", "orderedBy", "entry", "emptyReason"}) {
      if (const Json* member = section.find(name)) out.set(name, part.clean(*member, false));
    }
    Json::Array inner;
    for (const Chosen& one : chosen.inner) inner.push_back(write_section(part, one));
    if (!inner.empty()) out.set("section", std::move(inner));
    // cmp-1: a section has text, entries or sections.
    if (!out.find("text") && !out.find("entry") && !out.find("section")) {
      Json text{Json::Object()};
      text.set("status", "empty");
      text.set("div", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>-</p></div>");
      out.set("text", std::move(text));
    }
    return out;
  }

  // SPEC PART-32: of the composition only what every composition must have.
  Json write_composition(FhirPart& part, const std::vector<Chosen>& sections) {
    const Json& first = *sections.front().section;
    Json out{Json::Object()};
    out.set("resourceType", "Composition");
    out.set("id", part.token("composition"));
    if (const Json* language = composition_->find("language")) out.set("language", *language);
    out.set("status", composition_->find("status") ? *composition_->find("status") : Json("final"));
    Json type{Json::Object()};
    type.set("text", "-");
    out.set("type", first.find("code") ? part.clean(*first.find("code"), false) : type);
    out.set("subject", part.left_out_reference("subject"));
    out.set("date", composition_->find("date") ? *composition_->find("date") : Json("1970-01-01"));
    out.set("author", Json::Array{part.left_out_reference("author")});
    const std::string_view title = first.text_of("title");
    out.set("title", title.empty() ? std::string("-") : std::string(title));
    if (const Json* how = composition_->find("confidentiality")) out.set("confidentiality", *how);
    Json::Array written;
    for (const Chosen& section : sections) written.push_back(write_section(part, section));
    out.set("section", std::move(written));
    return out;
  }

  void make_part(const PartRule& rule) {
    std::vector<Chosen> sections, lifted;
    choose(rule, *composition_, false, sections, lifted);
    sections.insert(sections.end(), std::make_move_iterator(lifted.begin()), std::make_move_iterator(lifted.end()));
    if (sections.empty()) return;
    std::set<std::size_t> roots;
    for (const Chosen& chosen : sections) collect(chosen, roots);
    FhirPart part(job_, bundle_, rule.name, with_supporting(bundle_, roots));

    Json composition{Json::Object()};
    const std::string name = part.token("composition");
    composition.set("fullUrl", "urn:uuid:" + uuid_of(name));
    composition.set("resource", write_composition(part, sections));
    Json::Array entries{std::move(composition)};
    for (const std::size_t one : part.included()) entries.push_back(part.entry(one));
    Json identifier{Json::Object()};
    identifier.set("system", "urn:ietf:rfc:3986");
    identifier.set("value", "urn:uuid:" + uuid_of(part.token("document")));
    Json out{Json::Object()};
    out.set("resourceType", "Bundle");
    out.set("identifier", std::move(identifier));
    out.set("type", "document");
    out.set("timestamp",
            bundle_.json().find("timestamp") ? *bundle_.json().find("timestamp") : Json("1970-01-01T00:00:00Z"));
    out.set("entry", std::move(entries));
    partition::Part described = describe(rule, part, bundle_);
    for (const Chosen& chosen : sections) {
      const std::set<std::string> codes = loinc_codes(*chosen.section);
      described.contents.push_back("section " + (codes.empty() ? std::string("-") : *codes.begin()));
    }
    job_.add_part(std::move(described), write(out));
  }

  static std::string uuid_of(const std::string& hex) {
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20, 12);
  }

  Job& job_;
  const Bundle& bundle_;
  const Json* composition_ = nullptr;
};

}  // namespace

void divide_fhir(Job& job, BytesView file) {
  const Json json = parse_exact_json(as_text(file));
  const Bundle bundle(json);
  static constexpr std::string_view kGathered[] = {"collection", "searchset", "transaction",
                                                   "batch",      "history",   "message"};
  if (bundle.type() == "document") return DocumentDivider(job, bundle).divide();
  if (std::ranges::find(kGathered, bundle.type()) == std::end(kGathered)) throw Refused(RefusalReason::unsupported);
  BundleDivider(job, bundle).divide();
}

}  // namespace flikvakt::dissect
