#include "dissect/pdf_fonts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <qpdf/Buffer.hh>

#include "base/characters.h"
#include "base/files.h"
#include "dissect/truetype.h"

namespace flikvakt::dissect {
namespace {

// Debian's fonts-liberation and fonts-urw-base35.
constexpr std::string_view kLiberation = "/usr/share/fonts/truetype/liberation/Liberation";
constexpr std::string_view kUrw = "/usr/share/fonts/type1/urw-base35/";

struct Face {
  std::string name;
  BytesView program;  // mapped for the life of the process
};

std::vector<Face>& faces() {
  static std::vector<Face> all;
  return all;
}

void map_face(const std::string& name, const std::string& path) {
  const Result<FileDescriptor> file = open_file(path, O_RDONLY);
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0 || status.st_size <= 0) return;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file->get(), 0);
  if (start != MAP_FAILED) faces().push_back({name, {static_cast<const std::uint8_t*>(start), size}});
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [text](std::string_view word) { return text.find(word) != text.npos; });
}

struct Style {
  std::string name;  // lower case
  std::int64_t flags = 0;
};

Style style_of(QPDFObjectHandle font) {
  Style style;
  if (QPDFObjectHandle name = font.getKey("/BaseFont"); name.isName()) style.name = lowered(name.getName());
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  if (descriptor.isDictionary() && descriptor.getKey("/Flags").isInteger()) {
    style.flags = descriptor.getKey("/Flags").getIntValue();
  }
  return style;
}

constexpr std::int64_t kFixedPitch = 1, kSerif = 2, kSymbolic = 4, kItalic = 64, kForceBold = 1 << 18;

std::string face_for(const Style& style) {
  if (has_any(style.name, {"dingbats"})) return "D050000L";
  if (style.name == "/symbol" || style.name.starts_with("/symbol,")) return "StandardSymbolsPS";
  const bool is_fixed = (style.flags & kFixedPitch) || has_any(style.name, {"courier", "mono", "consol", "typewriter"});
  const bool is_serif = (style.flags & kSerif) || has_any(style.name, {"times", "serif", "roman", "georgia", "garamond",
                                                                       "cambria", "palatino", "book", "minion"});
  const bool is_sans = has_any(style.name, {"sans", "arial", "helvetica", "calibri", "verdana"});
  const bool is_bold = (style.flags & kForceBold) || has_any(style.name, {"bold", "black", "heavy", "demi"});
  const bool is_italic = (style.flags & kItalic) || has_any(style.name, {"italic", "oblique"});
  const std::string family = is_fixed ? "Mono" : is_serif && !is_sans ? "Serif" : "Sans";
  return family + (is_bold && is_italic ? "-BoldItalic" : is_bold ? "-Bold" : is_italic ? "-Italic" : "-Regular");
}

// Where Adobe's standard encoding differs from WinAnsi: what a Type 1 font without /Encoding means by a code.
constexpr std::pair<int, std::string_view> kStandardCodes[] = {{39, "quoteright"},
                                                               {96, "quoteleft"},
                                                               {161, "exclamdown"},
                                                               {162, "cent"},
                                                               {163, "sterling"},
                                                               {164, "fraction"},
                                                               {165, "yen"},
                                                               {166, "florin"},
                                                               {167, "section"},
                                                               {168, "currency"},
                                                               {169, "quotesingle"},
                                                               {170, "quotedblleft"},
                                                               {171, "guillemotleft"},
                                                               {172, "guilsinglleft"},
                                                               {173, "guilsinglright"},
                                                               {174, "fi"},
                                                               {175, "fl"},
                                                               {177, "endash"},
                                                               {178, "dagger"},
                                                               {179, "daggerdbl"},
                                                               {180, "periodcentered"},
                                                               {182, "paragraph"},
                                                               {183, "bullet"},
                                                               {184, "quotesinglbase"},
                                                               {185, "quotedblbase"},
                                                               {186, "quotedblright"},
                                                               {187, "guillemotright"},
                                                               {188, "ellipsis"},
                                                               {189, "perthousand"},
                                                               {191, "questiondown"},
                                                               {193, "grave"},
                                                               {194, "acute"},
                                                               {195, "circumflex"},
                                                               {196, "tilde"},
                                                               {197, "macron"},
                                                               {198, "breve"},
                                                               {199, "dotaccent"},
                                                               {200, "dieresis"},
                                                               {202, "ring"},
                                                               {203, "cedilla"},
                                                               {205, "hungarumlaut"},
                                                               {206, "ogonek"},
                                                               {207, "caron"},
                                                               {208, "emdash"},
                                                               {225, "AE"},
                                                               {227, "ordfeminine"},
                                                               {232, "Lslash"},
                                                               {233, "Oslash"},
                                                               {234, "OE"},
                                                               {235, "ordmasculine"},
                                                               {241, "ae"},
                                                               {245, "dotlessi"},
                                                               {248, "lslash"},
                                                               {249, "oslash"},
                                                               {250, "oe"},
                                                               {251, "germandbls"}};

// An encoding of WinAnsi's, with the standard one's differences before the font's own where the font means the standard
// one.
QPDFObjectHandle latin_encoding(QPDFObjectHandle font) {
  QPDFObjectHandle given = font.getKey("/Encoding");
  const bool is_type1 = font.getKey("/Subtype").isNameAndEquals("/Type1");
  if (given.isName()) return given;
  std::map<std::int64_t, std::string> names;
  QPDFObjectHandle base = given.isDictionary() ? given.getKey("/BaseEncoding") : QPDFObjectHandle::newNull();
  if (is_type1 && !base.isName()) {
    for (const auto& [code, name] : kStandardCodes) names[code] = "/" + std::string(name);
  }
  if (given.isDictionary() && given.getKey("/Differences").isArray()) {
    std::int64_t code = 0;
    for (QPDFObjectHandle& item : given.getKey("/Differences").getArrayAsVector()) {
      if (item.isInteger()) code = item.getIntValue();
      if (item.isName()) names[code++] = item.getName();
    }
  }
  QPDFObjectHandle differences = QPDFObjectHandle::newArray();
  for (const auto& [code, name] : names) {
    differences.appendItem(QPDFObjectHandle::newInteger(code));
    differences.appendItem(QPDFObjectHandle::newName(name));
  }
  QPDFObjectHandle out = QPDFObjectHandle::newDictionary();
  out.replaceKey("/Type", QPDFObjectHandle::newName("/Encoding"));
  out.replaceKey("/BaseEncoding", base.isName() ? base : QPDFObjectHandle::newName("/WinAnsiEncoding"));
  out.replaceKey("/Differences", differences);
  return out;
}

bool has_program(QPDFObjectHandle font) {
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  if (!descriptor.isDictionary()) return false;
  return std::ranges::any_of(std::array{"/FontFile", "/FontFile2", "/FontFile3"},
                             [&](const char* key) { return descriptor.getKey(key).isStream(); });
}

// SPEC PART-28
void check_program(QPDFObjectHandle font) {
  QPDFObjectHandle program = font.getKey("/FontDescriptor").getKey("/FontFile2");
  if (!program.isStream()) return;
  const std::shared_ptr<Buffer> data = program.getStreamData(qpdf_dl_generalized);
  const BytesView bytes{data->getBuffer(), data->getSize()};
  // An OpenType font with outlines of another kind may stand here, too; those have no such tables.
  if (!as_text(bytes).starts_with("OTTO") && !is_whole_truetype(bytes)) throw Refused(RefusalReason::damaged, "font");
}

QPDFObjectHandle program_stream(QPDF& source, const Face& face) {
  return QPDFObjectHandle::newStream(&source, std::string(as_text(face.program)));
}

void embed(QPDF& source, QPDFObjectHandle font, const Face& face, const Style& style) {
  const bool is_latin = !face.name.starts_with("D0") && !face.name.starts_with("Standard");
  QPDFObjectHandle descriptor = QPDFObjectHandle::newDictionary();
  descriptor.replaceKey("/Type", QPDFObjectHandle::newName("/FontDescriptor"));
  descriptor.replaceKey("/FontName", QPDFObjectHandle::newName("/" + face.name));
  descriptor.replaceKey("/Flags", QPDFObjectHandle::newInteger(is_latin ? (style.flags & ~kSymbolic) | 32 : kSymbolic));
  descriptor.replaceKey("/FontBBox", QPDFObjectHandle::parse("[-600 -400 2000 1200]"));
  descriptor.replaceKey("/ItalicAngle", QPDFObjectHandle::newInteger(0));
  descriptor.replaceKey("/Ascent", QPDFObjectHandle::newInteger(905));
  descriptor.replaceKey("/Descent", QPDFObjectHandle::newInteger(-212));
  descriptor.replaceKey("/CapHeight", QPDFObjectHandle::newInteger(716));
  descriptor.replaceKey("/StemV", QPDFObjectHandle::newInteger(80));
  if (QPDFObjectHandle old = font.getKey("/FontDescriptor"); old.isDictionary() && old.hasKey("/MissingWidth")) {
    descriptor.replaceKey("/MissingWidth", old.getKey("/MissingWidth"));
  }
  if (is_latin) {
    descriptor.replaceKey("/FontFile2", program_stream(source, face));
    font.replaceKey("/Encoding", latin_encoding(font));
    font.replaceKey("/Subtype", QPDFObjectHandle::newName("/TrueType"));
  } else {
    descriptor.replaceKey("/FontFile", program_stream(source, face));
    font.replaceKey("/Subtype", QPDFObjectHandle::newName("/Type1"));
  }
  font.replaceKey("/FontDescriptor", source.makeIndirectObject(descriptor));
}

}  // namespace

void map_typefaces() {
  if (!faces().empty()) return;
  for (const std::string_view family : {"Sans", "Serif", "Mono"}) {
    for (const std::string_view style : {"-Regular", "-Bold", "-Italic", "-BoldItalic"}) {
      const std::string name = std::string(family) + std::string(style);
      map_face(name, std::string(kLiberation) + name + ".ttf");
    }
  }
  for (const std::string_view name : {"D050000L", "StandardSymbolsPS"}) {
    map_face(std::string(name), std::string(kUrw) + std::string(name) + ".t1");
  }
}

bool complete_font(QPDF& source, QPDFObjectHandle font) {
  const QPDFObjectHandle subtype = font.getKey("/Subtype");
  if (QPDFObjectHandle(subtype).isNameAndEquals("/Type3")) return false;
  if (QPDFObjectHandle(subtype).isNameAndEquals("/Type0")) {
    QPDFObjectHandle descendants = font.getKey("/DescendantFonts");
    const bool is_whole = descendants.isArray() && descendants.getArrayNItems() == 1 &&
                          descendants.getArrayItem(0).isDictionary() && has_program(descendants.getArrayItem(0));
    if (!is_whole) throw Refused(RefusalReason::missing_font);
    check_program(descendants.getArrayItem(0));
    return false;
  }
  if (has_program(font)) {
    check_program(font);
    return false;
  }
  const Style style = style_of(font);
  const auto face = std::ranges::find(faces(), face_for(style), &Face::name);
  if (face == faces().end()) throw Refused(RefusalReason::missing_font);
  embed(source, font, *face, style);
  return true;
}

}  // namespace flikvakt::dissect
