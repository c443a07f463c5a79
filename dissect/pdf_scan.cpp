#include "dissect/pdf_scan.h"

#include <algorithm>
#include <map>
#include <qpdf/QPDFOutlineDocumentHelper.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

namespace flikvakt::dissect {
namespace {

constexpr int kMostNesting = 64;

std::string name_of(QPDFObjectHandle dictionary, const std::string& key) {
  QPDFObjectHandle value = dictionary.getKey(key);
  return value.isName() ? value.getName() : std::string();
}

// How often each kind was met.
using Tally = std::map<FindingKind, std::int64_t>;

void look_at_action(const std::string& kind, Tally& tally) {
  static constexpr std::string_view kHarmless[] = {"/GoTo", "/URI", "/Named"};
  if (kind == "/JavaScript") {
    ++tally[FindingKind::javascript];
  } else if (std::ranges::find(kHarmless, kind) == std::end(kHarmless)) {
    ++tally[FindingKind::launch_action];
  }
}

bool is_action_kind(const std::string& name) {
  static constexpr std::string_view kActions[] = {
      "/GoToR", "/GoToE",      "/GoToDp",     "/Launch",    "/Thread",     "/Sound",           "/Movie",
      "/Hide",  "/Named",      "/SubmitForm", "/ResetForm", "/ImportData", "/SetOCGState",     "/Rendition",
      "/Trans", "/GoTo3DView", "/GoTo",       "/URI",       "/JavaScript", "/RichMediaExecute"};
  return std::ranges::find(kActions, name) != std::end(kActions);
}

void look_at_annotation(const std::string& kind, Tally& tally) {
  static constexpr std::string_view kCarriers[] = {"/FileAttachment", "/Sound", "/Movie",
                                                   "/Screen",         "/3D",    "/RichMedia"};
  if (kind == "/Widget") {
    ++tally[FindingKind::form_value];
  } else if (std::ranges::find(kCarriers, kind) != std::end(kCarriers)) {
    ++tally[FindingKind::attachment];
  } else {
    ++tally[FindingKind::annotation];
  }
}

void look_at_dictionary(QPDFObjectHandle dictionary, Tally& tally) {
  const std::string type = name_of(dictionary, "/Type");
  if (const std::string kind = name_of(dictionary, "/S"); is_action_kind(kind)) look_at_action(kind, tally);
  if (dictionary.hasKey("/JS") && name_of(dictionary, "/S") != "/JavaScript") ++tally[FindingKind::javascript];
  if (type == "/EmbeddedFile" || (dictionary.hasKey("/EF") && type != "/Filespec")) ++tally[FindingKind::attachment];
  if (dictionary.hasKey("/Metadata") || dictionary.hasKey("/PieceInfo")) ++tally[FindingKind::metadata];
  if (dictionary.hasKey("/Thumb")) ++tally[FindingKind::thumbnail];
  if (dictionary.hasKey("/ActualText") || dictionary.hasKey("/Alt")) ++tally[FindingKind::structure];
  if (dictionary.hasKey("/Alternates")) ++tally[FindingKind::hidden_layer];
  if (dictionary.hasKey("/Rect") && dictionary.getKey("/Subtype").isName()) {
    look_at_annotation(name_of(dictionary, "/Subtype"), tally);
  }
}

// One object with what lies directly in it; what it refers to is met on its own. Depth is bounded by hand: a file
// decides it.
void look_into(QPDFObjectHandle object, Tally& tally, int depth) {
  if (depth > kMostNesting) throw Refused(RefusalReason::too_deep);
  if (object.isStream()) object = object.getDict();
  if (object.isArray()) {
    for (int i = 0; i < object.getArrayNItems(); ++i) {
      QPDFObjectHandle item = object.getArrayItem(i);
      if (!item.isIndirect()) look_into(item, tally, depth + 1);
    }
  } else if (object.isDictionary()) {
    look_at_dictionary(object, tally);
    for (auto& [key, value] : object.getDictAsMap()) {
      if (!value.isIndirect()) look_into(value, tally, depth + 1);
    }
  }
}

// A revision ends with `startxref`, a number and `%%EOF`. A linearised file has two such ends from the start.
std::int64_t revisions(std::string_view text) {
  static constexpr std::string_view kWord = "startxref";
  std::int64_t count = 0;
  for (std::size_t at = text.find(kWord); at != text.npos; at = text.find(kWord, at + kWord.size())) {
    std::size_t next = text.find_first_not_of(" \t\r\n", at + kWord.size());
    next = text.find_first_not_of("0123456789", next);
    next = next == text.npos ? next : text.find_first_not_of(" \t\r\n", next);
    if (next != text.npos && text.substr(next).starts_with("%%EOF")) ++count;
  }
  return count;
}

bool has_trailing_data(std::string_view text) {
  const std::size_t end = text.rfind("%%EOF");
  return end != text.npos && text.find_first_not_of(std::string_view(" \t\r\n\0", 5), end + 5) != text.npos;
}

void scan_file(Job& job, QPDF& source, std::string_view text) {
  const std::int64_t own = source.isLinearized() ? 2 : 1;
  if (const std::int64_t all = revisions(text); all > own) job.found(FindingKind::older_revision, "", all - own);
  if (has_trailing_data(text)) job.found(FindingKind::trailing_data);
}

void scan_roots(Job& job, QPDF& source, Tally& tally) {
  QPDFObjectHandle root = source.getRoot();
  if (root.hasKey("/Collection"))
    throw Refused(RefusalReason::unsupported);  // a folder of files, and no pages of its own
  QPDFObjectHandle form = root.getKey("/AcroForm");
  if (form.isDictionary() && form.hasKey("/XFA")) throw Refused(RefusalReason::unsupported);  // pages made by a program
  if (source.getTrailer().hasKey("/Info")) ++tally[FindingKind::metadata];
  if (root.hasKey("/StructTreeRoot")) ++tally[FindingKind::structure];
  if (root.hasKey("/Outlines")) job.found(FindingKind::bookmark);
}

}  // namespace

std::unique_ptr<QPDF> open_pdf(Job& job, BytesView file) {
  (void)job;
  auto source = std::make_unique<QPDF>();
  source->setSuppressWarnings(true);
  source->setAttemptRecovery(false);  // what is put together again may be an older revision
  try {
    source->processMemoryFile("", reinterpret_cast<const char*>(file.data()), file.size());
  } catch (const QPDFExc& why) {
    const bool is_locked = why.getErrorCode() == qpdf_e_password || why.getErrorCode() == qpdf_e_unsupported;
    throw Refused(is_locked ? RefusalReason::encrypted : RefusalReason::damaged);
  }
  if (source->isEncrypted()) throw Refused(RefusalReason::encrypted);
  const std::size_t pages = QPDFPageDocumentHelper(*source).getAllPages().size();
  if (pages == 0) throw Refused(RefusalReason::damaged);
  if (pages > partition::kMostPages) throw Refused(RefusalReason::too_many, "pages");
  if (source->anyWarnings()) throw Refused(RefusalReason::damaged);
  return source;
}

void scan_for_findings(Job& job, QPDF& source, BytesView file) {
  Tally tally;
  scan_file(job, source, as_text(file));
  scan_roots(job, source, tally);
  for (QPDFObjectHandle& object : source.getAllObjects()) look_into(object, tally, 0);
  if (source.anyWarnings()) throw Refused(RefusalReason::damaged);
  for (const auto& [kind, count] : tally) job.found(kind, "", count);
}

namespace {

// Points from the upper edge at which a destination begins.
double top_of(QPDFOutlineObjectHelper& outline, QPDFPageObjectHelper page) {
  QPDFObjectHandle destination = outline.getDest();
  if (destination.isDictionary()) destination = destination.getKey("/D");
  if (!destination.isArray() || destination.getArrayNItems() < 3) return 0;
  const std::string kind = destination.getArrayItem(1).isName() ? destination.getArrayItem(1).getName() : "";
  const int index = kind == "/XYZ" ? 3 : kind == "/FitH" || kind == "/FitBH" ? 2 : -1;
  if (index < 0 || index >= destination.getArrayNItems() || !destination.getArrayItem(index).isNumber()) return 0;
  const QPDFObjectHandle::Rectangle box = page.getCropBox().getArrayAsRectangle();
  return std::max(0.0, box.ury - destination.getArrayItem(index).getNumericValue());
}

class OutlineReader {
public:
  explicit OutlineReader(QPDF& source) {
    int number = 0;
    for (QPDFPageObjectHelper& page : QPDFPageDocumentHelper(source).getAllPages()) {
      pages_[page.getObjectHandle().getObjGen()] = ++number;
    }
  }
  void read(std::vector<QPDFOutlineObjectHelper> level, int depth, std::vector<Bookmark>& out) {
    if (depth > kMostNesting) throw Refused(RefusalReason::too_deep);
    for (QPDFOutlineObjectHelper& outline : level) {
      if (out.size() >= partition::kMostContents) throw Refused(RefusalReason::too_many, "bookmarks");
      QPDFObjectHandle page = outline.getDestPage();
      const auto found = page.isIndirect() ? pages_.find(page.getObjGen()) : pages_.end();
      if (found != pages_.end()) {
        out.push_back({outline.getTitle(), depth, {found->second, top_of(outline, QPDFPageObjectHelper(page))}});
      }
      read(outline.getKids(), depth + 1, out);
    }
  }

private:
  std::map<QPDFObjGen, int> pages_;
};

}  // namespace

std::vector<Bookmark> read_bookmarks(QPDF& source) {
  std::vector<Bookmark> out;
  QPDFOutlineDocumentHelper outlines(source);
  if (outlines.hasOutlines()) OutlineReader(source).read(outlines.getTopLevelOutlines(), 0, out);
  return out;
}

}  // namespace flikvakt::dissect
