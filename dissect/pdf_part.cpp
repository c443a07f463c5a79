#include "dissect/pdf_part.h"

#include <algorithm>
#include <cmath>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>
#include <unordered_map>

#include "dissect/images.h"
#include "dissect/pdf_content.h"
#include "dissect/pdf_prepare.h"

namespace flikvakt::dissect {
namespace {

constexpr double kLookDpi = 72;
constexpr double kFlatDpi = 150;
// Of 255: what differs by less is one colour to the eye and to the antialiasing of two renderings.
constexpr int kSeenDifference = 8;

enum class Flat {
  no,
  pictures,  // everything but text becomes one image; text stays text
  all,       // the page becomes an image
};

std::string page_name(int page) { return "page " + std::to_string(page); }

std::unique_ptr<QPDF> open_own(BytesView file) {
  auto out = std::make_unique<QPDF>();
  out->setSuppressWarnings(true);
  out->processMemoryFile("", reinterpret_cast<const char*>(file.data()), file.size());
  return out;
}

void for_each_form(QPDFObjectHandle resources, std::set<QPDFObjGen>& seen, int depth,
                   const std::function<void(QPDFObjectHandle)>& use) {
  if (depth > 16 || !resources.isDictionary()) return;
  const auto enter = [&](QPDFObjectHandle form) {
    if (!seen.insert(form.getObjGen()).second) return;
    for_each_form(form.getDict().getKey("/Resources"), seen, depth + 1, use);
    use(form);
  };
  for (const char* kind : {"/XObject", "/Pattern"}) {
    QPDFObjectHandle all = resources.getKey(kind);
    if (!all.isDictionary()) continue;
    for (auto& [name, object] : all.getDictAsMap()) {
      if (object.isStream() && !object.isImage(false)) enter(object);
    }
  }
  QPDFObjectHandle states = resources.getKey("/ExtGState");
  if (!states.isDictionary()) return;
  for (auto& [name, state] : states.getDictAsMap()) {
    QPDFObjectHandle mask = state.isDictionary() ? state.getKey("/SMask") : QPDFObjectHandle::newNull();
    if (mask.isDictionary() && mask.getKey("/G").isStream()) enter(mask.getKey("/G"));
  }
}

// The same pages with less paint.
Bytes variant(BytesView painted, Paint paint, const std::set<int>* only = nullptr) {
  const std::unique_ptr<QPDF> file = open_own(painted);
  std::set<QPDFObjGen> seen;
  int number = 0;
  for (QPDFPageObjectHelper& page : QPDFPageDocumentHelper(*file).getAllPages()) {
    ++number;
    if (only && !only->contains(number)) continue;
    QPDFObjectHandle object = page.getObjectHandle();
    const Bytes contents = repaint(object, paint);
    object.replaceKey("/Contents", QPDFObjectHandle::newStream(file.get(), std::string(as_text(contents))));
    for_each_form(page.getAttribute("/Resources", false), seen, 0, [&](QPDFObjectHandle form) {
      form.replaceStreamData(std::string(as_text(repaint(form, paint))), QPDFObjectHandle::newNull(),
                             QPDFObjectHandle::newNull());
    });
  }
  return write_pdf(*file);
}

Bytes widened(BytesView painted) {
  const std::unique_ptr<QPDF> file = open_own(painted);
  widen_pages(*file);
  return write_pdf(*file);
}

bool differs(const Picture& a, const Picture& b, int x, int y) {
  const std::uint8_t* p = a.at(x, y);
  const std::uint8_t* q = b.at(x, y);
  return std::abs(p[0] - q[0]) >= kSeenDifference || std::abs(p[1] - q[1]) >= kSeenDifference ||
         std::abs(p[2] - q[2]) >= kSeenDifference;
}

// Whether two pictures differ anywhere inside the box, which is in points.
bool differ_in(const Picture& a, const Picture& b, const Box& box, double scale) {
  const int x0 = std::max(0, static_cast<int>(std::floor(box.x0 * scale)));
  const int y0 = std::max(0, static_cast<int>(std::floor(box.y0 * scale)));
  const int x1 = std::min(a.width, std::max(x0 + 1, static_cast<int>(std::ceil(box.x1 * scale))));
  const int y1 = std::min(a.height, std::max(y0 + 1, static_cast<int>(std::ceil(box.y1 * scale))));
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      if (differs(a, b, x, y)) return true;
    }
  }
  return false;
}

// SPEC PART-24: a character is seen when the page looks different without text there.
std::int64_t count_unseen(const std::vector<PlacedCharacter>& characters, const Picture& with, const Picture& without,
                          double scale) {
  std::int64_t unseen = 0;
  for (const PlacedCharacter& character : characters) {
    if (!leaves_ink(character.code)) continue;
    const Box box{character.x0 - kWideMargin, character.y0 - kWideMargin, character.x1 - kWideMargin,
                  character.y1 - kWideMargin};
    if (!differ_in(with, without, box, scale)) ++unseen;
  }
  return unseen;
}

bool overlap(const Box& a, const Box& b) {
  return std::min(a.x1, b.x1) - std::max(a.x0, b.x0) > 1 && std::min(a.y1, b.y1) - std::max(a.y0, b.y0) > 1;
}

// SPEC PART-25: an image is whole when it looks the same without everything that is painted over it or cuts it.
bool is_covered(const DrawnImages& images, const Picture& page, const Picture& whole_images, PaintedPdf::Size size) {
  if (images.is_in_form) return true;
  const double scale = page.width / size.width;
  for (std::size_t i = 0; i < images.boxes.size(); ++i) {
    const Box& box = images.boxes[i];
    if (box.x0 < -1 || box.y0 < -1 || box.x1 > size.width + 1 || box.y1 > size.height + 1) return true;
    for (std::size_t j = 0; j < i; ++j) {
      if (overlap(box, images.boxes[j])) return true;
    }
    const double edge = 1 / scale;  // the outermost pixels mix with what lies beside
    const Box inner{box.x0 + edge, size.height - box.y1 + edge, box.x1 - edge, size.height - box.y0 - edge};
    if (inner.x1 > inner.x0 && inner.y1 > inner.y0 && differ_in(page, whole_images, inner, scale)) return true;
  }
  return false;
}

// Characters of the source that stand where the painted page has none. Where, not which: a font's spelling of a
// ligature may change on the way. Both are of widened pages.
struct Unpainted {
  std::int64_t on_page = 0;
  std::int64_t beside_it = 0;
};
// Characters by where they are, so that the one that covers a point is found without looking at all.
class Places {
public:
  explicit Places(const std::vector<PlacedCharacter>& characters) : characters_(characters) {
    for (std::size_t i = 0; i < characters.size(); ++i) {
      const PlacedCharacter& one = characters[i];
      // A letter of a poster lies in no more cells than one can count.
      const std::int64_t right = std::min(cell(one.x1), cell(one.x0) + 100);
      const std::int64_t bottom = std::min(cell(one.y1), cell(one.y0) + 100);
      for (std::int64_t y = cell(one.y0); y <= bottom; ++y) {
        for (std::int64_t x = cell(one.x0); x <= right; ++x) cells_[key(x, y)].push_back(i);
      }
    }
  }
  bool has_one_at(double x, double y) const {
    const auto found = cells_.find(key(cell(x), cell(y)));
    return found != cells_.end() && std::ranges::any_of(found->second, [&](std::size_t i) {
             const PlacedCharacter& one = characters_[i];
             return x >= one.x0 - kSlack && x <= one.x1 + kSlack && y >= one.y0 - kSlack && y <= one.y1 + kSlack;
           });
  }

private:
  static constexpr double kCell = 16, kSlack = 1;  // points
  static std::int64_t cell(double at) { return static_cast<std::int64_t>(std::floor(at / kCell)); }
  static std::int64_t key(std::int64_t x, std::int64_t y) { return x * 1'000'003 + y; }
  const std::vector<PlacedCharacter>& characters_;
  std::unordered_map<std::int64_t, std::vector<std::size_t>> cells_;
};

Unpainted count_unpainted(const std::vector<PlacedCharacter>& source, const std::vector<PlacedCharacter>& painted,
                          PaintedPdf::Size size) {
  const Places places(painted);
  Unpainted out;
  for (const PlacedCharacter& one : source) {
    const double x = (one.x0 + one.x1) / 2, y = (one.y0 + one.y1) / 2;
    if (!leaves_ink(one.code) || places.has_one_at(x, y)) continue;
    const bool is_on_page =
        x > kWideMargin && x < kWideMargin + size.width && y > kWideMargin && y < kWideMargin + size.height;
    ++(is_on_page ? out.on_page : out.beside_it);
  }
  return out;
}

class PartMaker {
public:
  PartMaker(Job& job, const PdfSource& source, const std::vector<int>& pages)
      : job_(job), source_(source), pages_(pages), flats_(pages.size(), Flat::no) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
      if (source.facts.rare_images.contains(pages[i])) flats_[i] = Flat::pictures;
    }
  }

  Bytes make() {
    const Bytes painted = paint_all();
    look(painted);
    const bool is_flat = std::ranges::any_of(flats_, [](Flat flat) { return flat != Flat::no; });
    return seal(is_flat ? flatten(painted) : painted);
  }

private:
  Bytes paint_all() const {
    NewPdf out;
    for (const int page : pages_) {
      out.begin_page(source_.pages.size(page));
      source_.pages.paint(page, out.context());
      out.end_page();
    }
    return std::move(out).finish();
  }

  void look(BytesView painted) {
    const Bytes without_text = variant(painted, Paint::without_text);
    const Bytes wide = widened(painted);
    const PaintedPdf with(painted), without(without_text), text(wide);
    std::vector<DrawnImages> images = images_of(painted);
    std::optional<Bytes> images_file;
    std::optional<PaintedPdf> whole_images;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const int page = static_cast<int>(i) + 1;
      const PaintedPdf::Size size = with.size(page);
      const Picture bare = without.picture(page, kLookDpi);
      look_at_text(i, text.characters(page), with.picture(page, kLookDpi), bare, size);
      if (images[i].boxes.empty() && !images[i].is_in_form) continue;
      if (!whole_images) {
        images_file = variant(painted, Paint::only_images);
        whole_images.emplace(*images_file);
      }
      if (is_covered(images[i], bare, whole_images->picture(page, kLookDpi), size)) {
        job_.found(FindingKind::covered_image, page_name(pages_[i]));
        flats_[i] = std::max(flats_[i], Flat::pictures);
      }
    }
  }

  void look_at_text(std::size_t i, const std::vector<PlacedCharacter>& characters, const Picture& with,
                    const Picture& without, PaintedPdf::Size size) {
    const int page = pages_[i];
    const Unpainted unpainted = count_unpainted(source_.wide.characters(page), characters, size);
    // Outlines are lines now, of which nobody can say any more whether something lies over them.
    const bool may_be_lines = unpainted.on_page > 0 && source_.facts.outlined_text.contains(page);
    const std::int64_t invisible = unpainted.beside_it + (may_be_lines ? 0 : unpainted.on_page);
    if (invisible > 0) job_.found(FindingKind::invisible_text, page_name(page), invisible);
    if (may_be_lines) {
      job_.found(FindingKind::covered_text, page_name(page), unpainted.on_page);
      flats_[i] = Flat::all;
    }
    const std::int64_t unseen = count_unseen(characters, with, without, with.width / size.width);
    if (unseen == 0) return;
    job_.found(FindingKind::covered_text, page_name(page), unseen);
    flats_[i] = Flat::all;
  }

  static std::vector<DrawnImages> images_of(BytesView painted) {
    const std::unique_ptr<QPDF> file = open_own(painted);
    std::vector<DrawnImages> out;
    for (QPDFPageObjectHelper& page : QPDFPageDocumentHelper(*file).getAllPages()) {
      out.push_back(find_images(page.getObjectHandle(), page.getAttribute("/Resources", false)));
    }
    return out;
  }

  Bytes flatten(BytesView painted) const {
    const Bytes only_text = variant(painted, Paint::only_text), without_text = variant(painted, Paint::without_text);
    const PaintedPdf full(painted), text(only_text), bare(without_text);
    NewPdf out;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const int page = static_cast<int>(i) + 1;
      const PaintedPdf::Size size = full.size(page);
      out.begin_page(size);
      if (flats_[i] == Flat::no) full.paint(page, out.context());
      if (flats_[i] == Flat::all) out.add_picture(full.picture(page, kFlatDpi), size);
      if (flats_[i] == Flat::pictures) {
        out.add_picture(bare.picture(page, kFlatDpi), size);
        text.paint(page, out.context());
      }
      out.end_page();
    }
    return std::move(out).finish();
  }

  // SPEC PART-22, PART-23: nothing but pages, fonts, images and what they are made of.
  static Bytes seal(BytesView painted) {
    const std::unique_ptr<QPDF> file = open_own(painted);
    file->getTrailer().removeKey("/Info");
    QPDFObjectHandle root = file->getRoot();
    for (const std::string& key : root.getKeys()) {
      if (key != "/Type" && key != "/Pages") root.removeKey(key);
    }
    for (QPDFObjectHandle& object : file->getAllObjects()) {
      if (!object.isStream()) continue;
      QPDFObjectHandle filter = object.getDict().getKey("/Filter");
      if (!filter.isNameAndEquals("/DCTDecode")) continue;
      const std::shared_ptr<Buffer> raw = object.getRawStreamData();
      const Bytes clean = strip_jpeg({raw->getBuffer(), raw->getSize()}).image;
      object.replaceStreamData(std::string(as_text(clean)), filter, object.getDict().getKey("/DecodeParms"));
    }
    QPDFWriter writer(*file);
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.setObjectStreamMode(qpdf_o_generate);
    writer.setCompressStreams(true);
    writer.write();
    const std::shared_ptr<Buffer> buffer = writer.getBufferSharedPointer();
    return Bytes(buffer->getBuffer(), buffer->getBuffer() + buffer->getSize());
  }

  Job& job_;
  const PdfSource source_;
  const std::vector<int>& pages_;
  std::vector<Flat> flats_;
};

}  // namespace

Bytes make_pdf_part(Job& job, const PdfSource& source, const std::vector<int>& pages) {
  return PartMaker(job, source, pages).make();
}

std::vector<Bytes> preview_pages(BytesView part, std::int64_t dpi) {
  const PaintedPdf painted(part);
  std::vector<Bytes> out;
  for (int page = 1; page <= painted.pages(); ++page) {
    out.push_back(png_of(painted.picture(page, static_cast<double>(dpi))));
  }
  return out;
}

}  // namespace flikvakt::dissect
