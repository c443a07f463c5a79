// Filters of content streams: the operators that paint, sorted, so that a page can be painted without some of them.
#pragma once

#include <functional>
#include <qpdf/QPDFObjectHandle.hh>
#include <set>
#include <vector>

#include "base/bytes.h"

namespace flikvakt::dissect {

// Which of a page's paint is kept. State operators always are, so that what stays is where it was.
enum class Paint { without_text, only_text, only_images };

// The contents of a page, or of a form, without the rest. `only_images` also drops clips and the graphics states that
// make an image fainter, so that each image is seen whole.
Bytes repaint(QPDFObjectHandle page_or_form, Paint paint);

// The same without what lies in an optional content group that is not shown. `is_hidden` is asked with the property
// list of a marked-content sequence that names one, and with an XObject.
Bytes without_hidden_layers(QPDFObjectHandle page_or_form, QPDFObjectHandle resources,
                            const std::function<bool(QPDFObjectHandle)>& is_hidden);

// Where images are drawn, in the space of the page: x0, y0, x1, y1. `is_in_form`: at least one lies in a form, so its
// place is not known.
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
struct DrawnImages {
  std::vector<Box> boxes;
  bool is_in_form = false;
};
DrawnImages find_images(QPDFObjectHandle page, QPDFObjectHandle resources);

}  // namespace flikvakt::dissect
