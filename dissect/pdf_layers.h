// Optional content (ISO 32000-1, 8.11): which groups a viewer shows when the file is opened.
#pragma once

#include <qpdf/QPDF.hh>
#include <set>

namespace flikvakt::dissect {

class Layers {
public:
  explicit Layers(QPDF& source);
  // Of a group (OCG) or a membership (OCMD); anything else is shown.
  bool is_hidden(QPDFObjectHandle content) const;
  bool has_hidden() const { return !hidden_.empty(); }

private:
  bool is_shown(QPDFObjectHandle expression, int depth) const;  // of a visibility expression
  std::set<QPDFObjGen> hidden_;
};

}  // namespace flikvakt::dissect
