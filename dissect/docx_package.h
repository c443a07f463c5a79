// The package that a Word document is (ISO/IEC 29500-2): its entries, what rides along in them, and how one names
// another.
#pragma once

#include <string>
#include <vector>

#include "dissect/zip.h"

namespace flikvakt::dissect::docx {

// What types of relationships begin with, and the namespace of the ids by which a text names one.
inline constexpr std::string_view kRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

struct Relation {
  std::string id;
  std::string type;  // the last step of its type
  std::string path;
};

// The entry in which the relations of the entry `name` stand.
std::string relations_name(const std::string& name);

// Null: there is none.
const Relation* find_relation(const std::vector<Relation>& all, std::string_view id, std::string_view type);

class WordPackage {
public:
  WordPackage(Job& job, ZipEntries entries) : job_(job), entries_(std::move(entries)) {}

  void check() const;          // throws Refused(mislabelled): it is none
  void list_findings() const;  // what rides along beside the text, and who wrote it

  const Bytes* find(const std::string& name) const;   // null: there is none
  const Bytes& entry(const std::string& name) const;  // throws Refused(mislabelled): there is none
  bool is_picture(const std::string& path) const;     // one that can be kept

  // Those of the entry `name` that stay inside the package; the others are said to the job.
  std::vector<Relation> relations_of(const std::string& name) const;

private:
  void find_authors() const;

  Job& job_;
  const ZipEntries entries_;
};

}  // namespace flikvakt::dissect::docx
