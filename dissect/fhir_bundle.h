// The resources of a bundle, and how they name one another.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "dissect/exact_json.h"
#include "dissect/job.h"

namespace flikvakt::dissect {

struct Resource {
  const Json* json = nullptr;
  std::string type;
  std::string id;        // may be empty
  std::string full_url;  // may be empty
  std::string name() const { return id.empty() ? full_url : type + "/" + id; }
};

class Bundle {
public:
  // `json` must outlive it. Throws Refused: unsupported (no bundle, a type that R4 does not have), damaged, too_many.
  explicit Bundle(const Json& json);

  const std::vector<Resource>& resources() const { return resources_; }
  std::string_view type() const { return type_; }
  const Json& json() const { return json_; }

  // What a reference means; nullopt: nothing in here.
  std::optional<std::size_t> find(std::string_view reference) const;

private:
  const Json& json_;
  std::string type_;
  std::vector<Resource> resources_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

// Calls `use` with every `reference` below the value, in whatever depth.
void for_each_reference(const Json& value, const std::function<void(const std::string&)>& use);

// What `roots` need to be read: their own, and of the kinds that say who and with what (persons who act, organisations,
// places, devices, medicines) whatever these name. Never the person, never another record.
std::set<std::size_t> with_supporting(const Bundle& bundle, const std::set<std::size_t>& roots);

// Writes resources for one part: references cut to what is in it, narrative dropped, files inside through their own
// gate.
class FhirPart {
public:
  FhirPart(Job& job, const Bundle& bundle, std::string name, std::set<std::size_t> included);

  const std::set<std::size_t>& included() const { return included_; }
  Json entry(std::size_t resource);                  // {fullUrl, resource}
  Json clean(const Json& value, bool is_resource);   // any value of this part
  Json narrative(const Json& text);                  // Composition.section.text, anew
  Json left_out_reference(std::string_view target);  // what stands where a reference was cut
  std::string token(std::string_view target) const { return job_.token(name_, target); }

private:
  bool is_in_part(const std::string& reference) const;
  bool is_left_person(std::string_view type) const;
  void leave_persons(const Json::Array& contained);
  Json clean_object(const Json& whole, bool is_resource);
  std::optional<Json> cut(const Json& object);
  void clean_attachment(Json& object);
  std::string without_ids(const std::string& text);

  Job& job_;
  const Bundle& bundle_;
  const std::string name_;
  const std::set<std::size_t> included_;
  std::set<std::string, std::less<>> foreign_ids_;  // of resources that are not in the part
  std::set<std::string, std::less<>> taken_types_;  // that the part's rule names
  bool takes_whole_ = false;
  std::string container_;                              // the resource that is being written
  std::set<std::string, std::less<>> left_contained_;  // ids of people in it who stay behind
};

}  // namespace flikvakt::dissect
