#include "connector/refusal_words.h"

#include <map>

#include "connector/gateway_link.h"

namespace flikvakt::connector {
namespace {

struct TwoWords {
  const char* swedish;
  const char* english;
};

// SPEC PART-2, PART-44 and what else spec/partition.md lists under Refusals.
const std::map<std::string, TwoWords, std::less<>>& words_of_reasons() {
  static const std::map<std::string, TwoWords, std::less<>> kWords{
      {"encrypted",
       {"filen är låst med lösenord: spara den utan lösenord",
        "the file is locked with a password: save it without one"}},
      {"damaged",
       {"filen är skadad: spara den på nytt, till exempel som pdf",
        "the file is damaged: save it anew, for example as a PDF"}},
      {"mislabelled",
       {"innehållet är av ett annat slag än filens ändelse eller `media_type` säger",
        "what is in it is of another kind than its extension or `media_type` says"}},
      {"polyglot",
       {"filen är av två slag samtidigt: spara den som ett", "the file is of two kinds at once: save it as one"}},
      {"too_large", {"filen är för stor: dela den", "the file is too large: divide it"}},
      {"too_many",
       {"filen har för många sidor eller delar: dela den", "the file has too many pages or parts: divide it"}},
      {"too_deep",
       {"filen är för invecklad: spara den på nytt, till exempel som pdf",
        "the file is too intricate: save it anew, for example as a PDF"}},
      {"too_costly",
       {"filen tar för lång tid att gå igenom: dela den eller spara den på nytt",
        "the file takes too long to go through: divide it or save it anew"}},
      {"has_dtd",
       {"filen har en dokumenttyp (DTD): be den som levererar systemet att ta bort den",
        "the file has a document type (DTD): ask whoever supplies the system to leave it out"}},
      {"missing_font",
       {"ett typsnitt saknas: spara filen med sina typsnitt",
        "a typeface is missing: save the file with its typefaces"}},
      {"unsupported",
       {"den här formen av filen tas inte emot: spara den i en annan",
        "this form of the file is not taken: save it in another"}},
      {"found", {"i filen finns något som inte tas emot", "the file holds something that is not taken"}},
      {"no_such_part",
       {"filen har inte så många sidor, eller inte den delen",
        "the file does not have so many pages, or not that part"}},
      {"malware",
       {"filen innehåller skadlig kod: undersök datorn som den kom från",
        "the file holds malicious code: look into the computer that it came from"}}};
  return kWords;
}

// The kinds of spec/partition.md, Findings.
const std::map<std::string, TwoWords, std::less<>>& words_of_findings() {
  static const std::map<std::string, TwoWords, std::less<>> kWords{
      {"attachment", {"bifogad fil", "attached file"}},
      {"javascript", {"skript", "script"}},
      {"launch_action", {"något som startar ett program", "something that starts a program"}},
      {"older_revision", {"äldre version", "older version"}},
      {"hidden_layer", {"dolt lager", "hidden layer"}},
      {"invisible_text", {"osynlig text", "invisible text"}},
      {"covered_text", {"övertäckt text", "covered text"}},
      {"covered_image", {"delvis dold bild", "partly hidden picture"}},
      {"rare_image", {"bild i ovanligt format", "picture in a rare format"}},
      {"annotation", {"anteckning eller markering", "note or mark"}},
      {"form_value", {"formulärfält", "form field"}},
      {"bookmark", {"bokmärke", "bookmark"}},
      {"structure", {"struktur för uppläsning", "structure for screen readers"}},
      {"replaced_font", {"typsnitt som inte följde med", "typeface that did not come along"}},
      {"metadata", {"uppgifter om filen", "facts about the file"}},
      {"thumbnail", {"miniatyrbild", "thumbnail"}},
      {"trailing_data", {"något efter filens slut", "something behind the end of the file"}},
      {"tracked_change", {"spårad ändring", "tracked change"}},
      {"comment", {"kommentar", "comment"}},
      {"hidden_text", {"dold text", "hidden text"}},
      {"embedded_object", {"inbäddat objekt (till exempel ett kalkylblad)", "embedded object (such as a spreadsheet)"}},
      {"author", {"författares namn", "name of an author"}},
      {"macro", {"makro", "macro"}},
      {"external_link", {"länk utåt", "link to the outside"}},
      {"custom_data", {"uppgifter från andra program", "other programs' data"}},
      {"exif", {"uppgifter från kameran", "facts from the camera"}},
      {"location", {"platsen där bilden togs", "the place where the picture was taken"}},
      {"invisible_character", {"osynligt tecken", "invisible character"}},
      {"narrative", {"färdig lästext", "ready-made text"}},
      {"cut_reference", {"hänvisning till något som inte följer med", "reference to something that is left out"}},
      {"embedded_document", {"inbäddat dokument", "embedded document"}},
      {"person_in_header", {"person i dokumentets huvud", "person in the header of the document"}},
      {"markup_comment", {"kommentar i koden", "comment in the code"}}};
  return kWords;
}

// One line, whatever is in it.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

RefusalWords words_of_file(const json::value& refusal) {
  const std::string reason = text_in(refusal, "reason"), finding = text_in(refusal, "finding");
  RefusalWords out{"tjänsten tar inte emot filen", "the gateway does not take the file", text_in(refusal, "where")};
  const auto found = words_of_reasons().find(reason);
  if (found != words_of_reasons().end()) {
    out.swedish += ": " + std::string(found->second.swedish);
    out.english += ": " + std::string(found->second.english);
  }
  if (finding.empty()) return out;
  const auto kind = words_of_findings().find(finding);
  out.swedish += ": " + (kind == words_of_findings().end() ? finding : kind->second.swedish);
  out.english += ": " + (kind == words_of_findings().end() ? finding : kind->second.english);
  return out;
}

}  // namespace

std::string text_of(const RefusalWords& words) {
  std::string out = one_line(words.swedish) + "\n" + one_line(words.english);
  if (!words.where.empty()) out += "\nwhere: " + one_line(words.where);
  return out;
}

std::string log_line_of(const std::string& text) {
  const std::size_t first = text.find('\n');
  if (first == text.npos) return text;
  return text.substr(first + 1, text.find('\n', first + 1) - first - 1);
}

RefusalWords words_of_problem(const json::value& problem) {
  const json::value* refusal = problem.is_object() ? problem.get_object().if_contains("refusal") : nullptr;
  if (refusal && refusal->is_object()) return words_of_file(*refusal);
  const std::string detail = text_in(problem, "detail");
  return {"tjänsten tar inte emot det: " + (detail.empty() ? "utan förklaring" : detail),
          "the gateway does not take it: " + (detail.empty() ? "it does not say why" : detail)};
}

RefusalWords words_of_no() {
  return {
      "tjänsten säger nej: det finns ingen sådan person eller flik, eller ingen fullmakt som låter organisationen "
      "lämna in där (vilket säger tjänsten aldrig)",
      "the gateway refuses: no such person or flik, or no fullmakt that lets this organisation deposit there (the "
      "gateway never says which)"};
}

}  // namespace flikvakt::connector
