// Pages painted: poppler reads, cairo writes. Resources of both have one owner here.
#pragma once

#include <cairo.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

struct _PopplerDocument;
struct _PopplerPage;

namespace flikvakt::dissect {

struct Release {
  void operator()(_PopplerDocument* document) const;
  void operator()(_PopplerPage* page) const;
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, Release>;

// Pixels as cairo keeps them: 4 bytes each, blue first, the fourth unused.
struct Picture {
  int width = 0;
  int height = 0;
  int stride = 0;  // bytes of a row
  Bytes pixels;
  const std::uint8_t* at(int x, int y) const { return pixels.data() + static_cast<std::size_t>(y) * stride + x * 4; }
};

// A character and where it stands, in points from the page's upper left corner.
struct PlacedCharacter {
  char32_t code = 0;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
struct PlacedLine {
  std::string text;
  double top = 0;
};

class PaintedPdf {
public:
  explicit PaintedPdf(BytesView file);  // which must outlive it. Throws when poppler cannot read it.
  int pages() const { return pages_; }

  struct Size {
    double width = 0, height = 0;  // points, turned as /Rotate says
  };
  Size size(int page) const;  // the first page is 1, here and below
  Picture picture(int page, double dpi) const;
  void paint(int page, cairo_t* on) const;
  std::vector<PlacedCharacter> characters(int page) const;

private:
  std::unique_ptr<_PopplerPage, Release> open(int page) const;
  std::unique_ptr<_PopplerDocument, Release> document_;
  int pages_ = 0;
};

// The characters as lines, from the top; blanks are single.
std::vector<PlacedLine> lines_of(const std::vector<PlacedCharacter>& characters);

// Whether a character leaves ink: blanks, soft hyphens and what has no width do not.
bool leaves_ink(char32_t code);

// A PDF that is being painted.
class NewPdf {
public:
  NewPdf();
  NewPdf(NewPdf&&) = delete;  // cairo writes to where it is
  void begin_page(PaintedPdf::Size size);
  cairo_t* context() { return context_.get(); }
  void add_picture(const Picture& picture, PaintedPdf::Size size);  // fills the page, as JPEG
  void end_page();
  Bytes finish() &&;

private:
  Bytes out_;
  Surface surface_;
  std::unique_ptr<cairo_t, Release> context_;
};

Bytes png_of(const Picture& picture);

}  // namespace flikvakt::dissect
