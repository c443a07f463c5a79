#include "dissect/pdf_render.h"

#include <cairo-pdf.h>
#include <poppler.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "base/utf8.h"
#include "dissect/images.h"
#include "dissect/job.h"

namespace flikvakt::dissect {

void Release::operator()(_PopplerDocument* document) const { g_object_unref(document); }
void Release::operator()(_PopplerPage* page) const { g_object_unref(page); }

namespace {

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error(cairo_status_to_string(status));
}

cairo_status_t append(void* to, const unsigned char* data, unsigned int size) {
  auto* out = static_cast<Bytes*>(to);
  if (out->size() + size > partition::kMostOutputBytes) return CAIRO_STATUS_WRITE_ERROR;
  out->insert(out->end(), data, data + size);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

PaintedPdf::PaintedPdf(BytesView file) {
  GBytes* bytes = g_bytes_new_static(file.data(), file.size());
  GError* error = nullptr;
  document_.reset(poppler_document_new_from_bytes(bytes, nullptr, &error));
  g_bytes_unref(bytes);
  if (error) g_error_free(error);
  if (!document_) throw Refused(RefusalReason::damaged);
  pages_ = poppler_document_get_n_pages(document_.get());
}

std::unique_ptr<_PopplerPage, Release> PaintedPdf::open(int page) const {
  std::unique_ptr<_PopplerPage, Release> out(poppler_document_get_page(document_.get(), page - 1));
  if (!out) throw Refused(RefusalReason::damaged, "page " + std::to_string(page));
  return out;
}

PaintedPdf::Size PaintedPdf::size(int page) const {
  Size out;
  poppler_page_get_size(open(page).get(), &out.width, &out.height);
  return out;
}

void PaintedPdf::paint(int page, cairo_t* on) const {
  poppler_page_render_for_printing(open(page).get(), on);
  check(cairo_status(on));
}

Picture PaintedPdf::picture(int page, double dpi) const {
  const Size points = size(page);
  Picture out;
  const double most = std::sqrt(static_cast<double>(partition::kMostPixels) / (points.width * points.height));
  const double scale = std::min(dpi / 72, most);
  out.width = std::max(1, static_cast<int>(points.width * scale));
  out.height = std::max(1, static_cast<int>(points.height * scale));
  out.stride = out.width * 4;
  out.pixels.assign(static_cast<std::size_t>(out.stride) * static_cast<std::size_t>(out.height), 0xff);
  Surface surface(
      cairo_image_surface_create_for_data(out.pixels.data(), CAIRO_FORMAT_RGB24, out.width, out.height, out.stride));
  check(cairo_surface_status(surface.get()));
  const std::unique_ptr<cairo_t, Release> context(cairo_create(surface.get()));
  cairo_scale(context.get(), out.width / points.width, out.height / points.height);
  paint(page, context.get());
  cairo_surface_finish(surface.get());
  return out;
}

std::vector<PlacedCharacter> PaintedPdf::characters(int page) const {
  const auto opened = open(page);
  const std::unique_ptr<char, decltype(&g_free)> text(poppler_page_get_text(opened.get()), g_free);
  PopplerRectangle* rectangles = nullptr;
  guint count = 0;
  std::vector<PlacedCharacter> out;
  if (!text || !poppler_page_get_text_layout(opened.get(), &rectangles, &count)) return out;
  const std::unique_ptr<PopplerRectangle, decltype(&g_free)> owned(rectangles, g_free);
  std::string_view rest = text.get();
  for (guint i = 0; i < count && !rest.empty(); ++i) {
    const std::optional<Character> character = first_character(rest);
    const std::size_t used = character ? character->bytes : 1;
    const PopplerRectangle& place = rectangles[i];
    out.push_back({character ? character->code : U'?', place.x1, place.y1, place.x2, place.y2});
    rest.remove_prefix(used);
  }
  return out;
}

bool leaves_ink(char32_t code) {
  if (code <= 0x20 || (code >= 0x7f && code <= 0xa0) || code == 0xad) return false;
  if ((code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f)) return false;
  return code != 0x2060 && code != 0x3000 && code != 0xfeff && code != 0x205f && code != 0x1680;
}

namespace {

void append_utf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xe0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3f)),
            static_cast<char>(0x80 | (code & 0x3f))};
  } else {
    out += {static_cast<char>(0xf0 | (code >> 18)), static_cast<char>(0x80 | ((code >> 12) & 0x3f)),
            static_cast<char>(0x80 | ((code >> 6) & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
  }
}

}  // namespace

std::vector<PlacedLine> lines_of(const std::vector<PlacedCharacter>& characters) {
  std::vector<PlacedLine> out;
  std::optional<PlacedLine> line;
  const auto end_line = [&] {
    if (line && !line->text.empty() && line->text.back() == ' ') line->text.pop_back();
    if (line && !line->text.empty()) out.push_back(std::move(*line));
    line.reset();
  };
  for (const PlacedCharacter& character : characters) {
    if (character.code == U'\n') {
      end_line();
      continue;
    }
    if (!line) line = PlacedLine{"", character.y0};
    if (leaves_ink(character.code)) {
      line->top = std::min(line->top, character.y0);
      append_utf8(line->text, character.code);
    } else if (!line->text.empty() && line->text.back() != ' ') {
      line->text += ' ';
    }
  }
  end_line();
  std::ranges::stable_sort(out, {}, &PlacedLine::top);
  return out;
}

NewPdf::NewPdf() : surface_(cairo_pdf_surface_create_for_stream(append, &out_, 595, 842)) {
  check(cairo_surface_status(surface_.get()));
  cairo_pdf_surface_restrict_to_version(surface_.get(), CAIRO_PDF_VERSION_1_5);
}

void NewPdf::begin_page(PaintedPdf::Size size) {
  cairo_pdf_surface_set_size(surface_.get(), size.width, size.height);
  context_.reset(cairo_create(surface_.get()));
}

void NewPdf::add_picture(const Picture& picture, PaintedPdf::Size size) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height));
  check(cairo_surface_status(surface.get()));
  cairo_surface_flush(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < picture.height; ++y) {
    std::memcpy(cairo_image_surface_get_data(surface.get()) + static_cast<std::ptrdiff_t>(y) * stride, picture.at(0, y),
                static_cast<std::size_t>(picture.stride));
  }
  cairo_surface_mark_dirty(surface.get());
  auto* jpeg = new Bytes(jpeg_of(picture));
  check(cairo_surface_set_mime_data(
      surface.get(), CAIRO_MIME_TYPE_JPEG, jpeg->data(), jpeg->size(),
      [](void* bytes) { delete static_cast<Bytes*>(bytes); }, jpeg));
  cairo_save(context_.get());
  cairo_scale(context_.get(), size.width / picture.width, size.height / picture.height);
  cairo_set_source_surface(context_.get(), surface.get(), 0, 0);
  cairo_paint(context_.get());
  cairo_restore(context_.get());
}

void NewPdf::end_page() {
  check(cairo_status(context_.get()));
  context_.reset();
  cairo_surface_show_page(surface_.get());
}

Bytes NewPdf::finish() && {
  cairo_surface_finish(surface_.get());
  check(cairo_surface_status(surface_.get()));
  surface_.reset();
  return std::move(out_);
}

Bytes png_of(const Picture& picture) {
  Bytes pixels = picture.pixels;
  Surface surface(cairo_image_surface_create_for_data(pixels.data(), CAIRO_FORMAT_RGB24, picture.width, picture.height,
                                                      picture.stride));
  check(cairo_surface_status(surface.get()));
  Bytes out;
  check(cairo_surface_write_to_png_stream(surface.get(), append, &out));
  return out;
}

}  // namespace flikvakt::dissect
