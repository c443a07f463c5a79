#include "dissect/pdf_prepare.h"

#include <algorithm>
#include <array>
#include <qpdf/Buffer.hh>
#include <qpdf/Pl_Buffer.hh>
#include <qpdf/QPDFAcroFormDocumentHelper.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include "dissect/pdf_content.h"
#include "dissect/pdf_fonts.h"
#include "dissect/pdf_layers.h"

namespace flikvakt::dissect {
namespace {

constexpr int kMostFormDepth = 16;
constexpr double kMostPagePoints = 14400;

std::string page_name(int page) { return "page " + std::to_string(page); }

// The text rendering modes that the contents set, as bits. What only looks like an operator, in a string, counts too.
unsigned text_modes(std::string_view contents) {
  unsigned modes = 0;
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  for (std::size_t at = contents.find("Tr"); at != contents.npos; at = contents.find("Tr", at + 2)) {
    std::size_t end = at;
    while (end > 0 && is_blank(contents[end - 1])) --end;
    if (end == 0 || end == at) continue;
    const char digit = contents[end - 1];
    if (digit >= '0' && digit <= '7') modes |= 1u << (digit - '0');
  }
  return modes;
}

void keep_keys(QPDFObjectHandle dictionary, std::initializer_list<std::string_view> kept) {
  for (const std::string& key : dictionary.getKeys()) {
    if (std::ranges::find(kept, key) == kept.end()) dictionary.removeKey(key);
  }
}

// Goes through what a page draws with. Each object once: a file may share them among pages, or tie them in knots.
class Resources {
public:
  Resources(Job& job, QPDF& source, const Layers& layers) : job_(job), source_(source), layers_(layers) {}

  void enter(int page) { page_ = page; }
  const std::set<int>& rare_pages() const { return rare_pages_; }
  unsigned modes_in_forms() const { return modes_in_forms_; }  // of the whole file

  void clean(QPDFObjectHandle resources, int depth) {
    if (depth > kMostFormDepth) throw Refused(RefusalReason::too_deep, page_name(page_));
    if (!resources.isDictionary()) return;
    for_each(resources, "/Font", [&](QPDFObjectHandle font) { clean_font(font, depth); });
    for_each(resources, "/Pattern", [&](QPDFObjectHandle pattern) {
      if (pattern.isStream()) clean_form(pattern, resources, depth);
    });
    for_each(resources, "/ExtGState", [&](QPDFObjectHandle state) {
      QPDFObjectHandle mask = state.isDictionary() ? state.getKey("/SMask") : QPDFObjectHandle::newNull();
      if (mask.isDictionary() && mask.getKey("/G").isStream()) clean_form(mask.getKey("/G"), resources, depth);
    });
    clean_objects(resources, depth);
  }

  // The contents of a page or form, without what a hidden layer holds.
  void clean_contents(QPDFObjectHandle page_or_form, QPDFObjectHandle resources) {
    if (!layers_.has_hidden()) return;
    const Bytes contents =
        without_hidden_layers(page_or_form, resources, [this](QPDFObjectHandle content) { return is_hidden(content); });
    const std::string text(as_text(contents));
    if (page_or_form.isStream()) {
      page_or_form.replaceStreamData(text, QPDFObjectHandle::newNull(), QPDFObjectHandle::newNull());
    } else {
      page_or_form.replaceKey("/Contents", QPDFObjectHandle::newStream(&source_, text));
    }
  }

private:
  void for_each(QPDFObjectHandle resources, const std::string& kind,
                const std::function<void(QPDFObjectHandle)>& clean) {
    QPDFObjectHandle all = resources.getKey(kind);
    if (!all.isDictionary()) return;
    for (auto& [name, object] : all.getDictAsMap()) {
      // What was cleaned for another page still counts for this one when it is an image.
      const bool is_new = !object.isIndirect() || seen_.insert(object.getObjGen()).second;
      if (is_new || kind == "/XObject") clean(object);
    }
  }

  bool is_hidden(QPDFObjectHandle content) {
    if (!layers_.is_hidden(content)) return false;
    job_.found(FindingKind::hidden_layer, page_name(page_));
    return true;
  }

  void clean_font(QPDFObjectHandle font, int depth) {
    if (!font.isDictionary()) return;
    if (font.getKey("/Subtype").isNameAndEquals("/Type3")) {
      QPDFObjectHandle glyphs = font.getKey("/CharProcs");
      if (glyphs.isDictionary() && layers_.has_hidden()) {
        for (auto& [name, glyph] : glyphs.getDictAsMap()) {
          if (glyph.isStream()) clean_contents(glyph, font.getKey("/Resources"));
        }
      }
      return clean(font.getKey("/Resources"), depth + 1);
    }
    if (complete_font(source_, font)) job_.found(FindingKind::replaced_font, page_name(page_));
  }

  void clean_form(QPDFObjectHandle form, QPDFObjectHandle outer, int depth) {
    QPDFObjectHandle own = form.getDict().getKey("/Resources");
    clean_contents(form, own.isDictionary() ? own : outer);
    const std::shared_ptr<Buffer> contents = form.getStreamData(qpdf_dl_generalized);
    modes_in_forms_ |= text_modes(as_text({contents->getBuffer(), contents->getSize()}));
    for (const char* key :
         {"/Metadata", "/PieceInfo", "/StructParent", "/StructParents", "/Ref", "/OPI", "/AF", "/OC"}) {
      form.getDict().removeKey(key);
    }
    clean(own, depth + 1);
  }

  void clean_objects(QPDFObjectHandle resources, int depth) {
    QPDFObjectHandle all = resources.getKey("/XObject");
    if (!all.isDictionary()) return;
    for (auto& [name, object] : all.getDictAsMap()) {
      if (!object.isStream()) continue;
      if (is_hidden(object.getDict().getKey("/OC"))) {
        all.removeKey(name);  // an operator that names nothing paints nothing
      } else if (object.isImage(false)) {
        clean_image(object);
      } else if (!object.isIndirect() || seen_.insert(object.getObjGen()).second) {
        clean_form(object, resources, depth);
      } else {
        count_images(object, 0);
      }
    }
  }

  // A form that another page cleaned: only its images count anew, for this page.
  void count_images(QPDFObjectHandle form, int depth) {
    QPDFObjectHandle resources = form.getDict().getKey("/Resources");
    QPDFObjectHandle all = resources.isDictionary() ? resources.getKey("/XObject") : QPDFObjectHandle::newNull();
    if (depth > kMostFormDepth || !all.isDictionary()) return;
    for (auto& [name, object] : all.getDictAsMap()) {
      if (object.isImage(false))
        clean_image(object);
      else if (object.isFormXObject())
        count_images(object, depth + 1);
    }
  }

  void clean_image(QPDFObjectHandle image) {
    QPDFObjectHandle dictionary = image.getDict();
    for (const char* key : {"/Metadata", "/Alternates", "/StructParent", "/OPI", "/AF", "/OC", "/ID"}) {
      dictionary.removeKey(key);
    }
    check_size(dictionary);
    if (is_rare(dictionary.getKey("/Filter"))) rare_pages_.insert(page_);
  }

  void check_size(QPDFObjectHandle image) const {
    QPDFObjectHandle width = image.getKey("/Width"), height = image.getKey("/Height");
    if (!width.isInteger() || !height.isInteger() || width.getIntValue() <= 0 || height.getIntValue() <= 0) {
      throw Refused(RefusalReason::damaged, page_name(page_));
    }
    const auto most = static_cast<long long>(partition::kMostPixels);
    if (width.getIntValue() > most / height.getIntValue()) throw Refused(RefusalReason::too_large, page_name(page_));
  }

  static bool is_rare(QPDFObjectHandle filter) {
    static constexpr std::string_view kRare[] = {"/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF"};
    const auto is_one = [](QPDFObjectHandle name) {
      return name.isName() && std::ranges::find(kRare, name.getName()) != std::end(kRare);
    };
    if (!filter.isArray()) return is_one(filter);
    for (QPDFObjectHandle& name : filter.getArrayAsVector()) {
      if (is_one(name)) return true;
    }
    return false;
  }

  Job& job_;
  QPDF& source_;
  const Layers& layers_;
  std::set<QPDFObjGen> seen_;
  std::set<int> rare_pages_;
  unsigned modes_in_forms_ = 0;
  int page_ = 0;
};

// qpdf makes appearances by filters that a stream has until it is read: they are read here, into the stream itself.
void fix_appearance(QPDFObjectHandle annotation) {
  QPDFObjectHandle looks = annotation.getKey("/AP");
  QPDFObjectHandle look = looks.isDictionary() ? looks.getKey("/N") : QPDFObjectHandle::newNull();
  if (!look.isStream()) return;
  const std::shared_ptr<Buffer> data = look.getStreamData(qpdf_dl_generalized);
  look.replaceStreamData(std::string(as_text({data->getBuffer(), data->getSize()})), QPDFObjectHandle::newNull(),
                         QPDFObjectHandle::newNull());
}

// What of its annotations becomes part of the page; the others go.
void keep_annotations(Job& job, const Layers& layers, QPDFObjectHandle page) {
  QPDFObjectHandle annotations = page.getKey("/Annots");
  if (!annotations.isArray()) return page.removeKey("/Annots");
  const bool keeps_forms = action_for(job.order().policy, FindingKind::form_value) == Action::flatten;
  const bool keeps_others = action_for(job.order().policy, FindingKind::annotation) == Action::flatten;
  QPDFObjectHandle kept = QPDFObjectHandle::newArray();
  for (QPDFObjectHandle& annotation : annotations.getArrayAsVector()) {
    if (!annotation.isDictionary() || layers.is_hidden(annotation.getKey("/OC"))) continue;
    const bool is_form = annotation.getKey("/Subtype").isNameAndEquals("/Widget");
    const bool is_note = annotation.getKey("/Subtype").isNameAndEquals("/Popup");
    if (!(is_form ? keeps_forms : keeps_others && !is_note)) continue;
    fix_appearance(annotation);
    kept.appendItem(annotation);
  }
  page.replaceKey("/Annots", kept);
}

void check_box(QPDFPageObjectHelper& page, int number) {
  QPDFObjectHandle box = page.getCropBox();
  if (!box.isRectangle()) throw Refused(RefusalReason::damaged, page_name(number));
  const QPDFObjectHandle::Rectangle edges = box.getArrayAsRectangle();
  const double width = edges.urx - edges.llx, height = edges.ury - edges.lly;
  if (!(width >= 1) || !(height >= 1)) throw Refused(RefusalReason::damaged, page_name(number));
  if (width > kMostPagePoints || height > kMostPagePoints) throw Refused(RefusalReason::too_large, page_name(number));
}

}  // namespace

namespace {

unsigned modes_of(QPDFPageObjectHelper& page) {
  Pl_Buffer contents("contents");
  page.pipeContents(&contents);
  const std::shared_ptr<Buffer> buffer = contents.getBufferSharedPointer();
  return text_modes(as_text({buffer->getBuffer(), buffer->getSize()}));
}

}  // namespace

PageFacts prepare_pages(Job& job, QPDF& source) {
  const Layers layers(source);
  QPDFPageDocumentHelper document(source);
  document.pushInheritedAttributesToPage();
  QPDFAcroFormDocumentHelper form(source);
  if (form.hasAcroForm()) form.generateAppearancesIfNeeded();
  std::vector<QPDFPageObjectHelper> pages = document.getAllPages();
  for (QPDFPageObjectHelper& page : pages) keep_annotations(job, layers, page.getObjectHandle());
  document.flattenAnnotations(0, an_hidden | an_no_view);

  Resources resources(job, source, layers);
  std::vector<unsigned> modes;
  int number = 0;
  for (QPDFPageObjectHelper& page : pages) {
    resources.enter(++number);
    check_box(page, number);
    QPDFObjectHandle object = page.getObjectHandle();
    resources.clean_contents(object, object.getKey("/Resources"));
    resources.clean(object.getKey("/Resources"), 0);
    keep_keys(object, {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Resources", "/UserUnit"});
    modes.push_back(modes_of(page));
  }
  keep_keys(source.getRoot(), {"/Type", "/Pages"});
  source.getTrailer().removeKey("/Info");
  if (source.anyWarnings()) throw Refused(RefusalReason::damaged);

  PageFacts facts;
  facts.rare_images = resources.rare_pages();
  for (const int page : facts.rare_images) job.found(FindingKind::rare_image, page_name(page));
  for (int page = 1; page <= number; ++page) {
    // A form is painted on more than one page: its modes count for all.
    const unsigned all = modes[static_cast<std::size_t>(page) - 1] | resources.modes_in_forms();
    if (all & ((1u << 1) | (1u << 5))) facts.outlined_text.insert(page);
  }
  return facts;
}

void widen_pages(QPDF& source) {
  for (QPDFPageObjectHelper& page : QPDFPageDocumentHelper(source).getAllPages()) {
    QPDFObjectHandle::Rectangle box = page.getCropBox().getArrayAsRectangle();
    box = {box.llx - kWideMargin, box.lly - kWideMargin, box.urx + kWideMargin, box.ury + kWideMargin};
    page.getObjectHandle().replaceKey("/MediaBox", QPDFObjectHandle::newFromRectangle(box));
    page.getObjectHandle().removeKey("/CropBox");
  }
}

Bytes write_pdf(QPDF& source) {
  QPDFWriter writer(source);
  writer.setOutputMemory();
  writer.setDeterministicID(true);
  writer.setObjectStreamMode(qpdf_o_disable);
  writer.setCompressStreams(false);  // read once more, here, and dropped
  writer.setDecodeLevel(qpdf_dl_none);
  writer.write();
  const std::shared_ptr<Buffer> buffer = writer.getBufferSharedPointer();
  return Bytes(buffer->getBuffer(), buffer->getBuffer() + buffer->getSize());
}

}  // namespace flikvakt::dissect
