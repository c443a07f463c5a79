// The words of partition: what a source file is divided by, what is found in it, what became of it. Shared by the
// gateway, which orders, and by `flikvakt-partition`, which parses (spec/partition.md). Pure values with a JSON form
// (base/json.h).
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace flikvakt::partition {

// ---- What a part takes of the file
// ------------------------------------------------------------------------------------

struct TakePages {  // PDF; the first page is 1, both ends are in
  static constexpr std::string_view kKind = "pages";
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const TakePages&) const = default;
};
struct TakeBookmark {  // PDF: from the bookmark of this title to the next one of its level or above
  static constexpr std::string_view kKind = "bookmark";
  std::string title;
  bool operator==(const TakeBookmark&) const = default;
};
struct TakeHeading {  // PDF: from a line that is this heading alone to the next heading that the plan names
  static constexpr std::string_view kKind = "heading";
  std::string text;
  bool operator==(const TakeHeading&) const = default;
};
struct TakeSection {  // FHIR document, CDA: a section by its code; the system of codes is LOINC's
  static constexpr std::string_view kKind = "section";
  std::string code;
  bool operator==(const TakeSection&) const = default;
};
struct TakeTemplate {  // CDA: a section by the root of its template
  static constexpr std::string_view kKind = "template";
  std::string root;
  bool operator==(const TakeTemplate&) const = default;
};
struct TakeResources {  // FHIR bundle: by type, and where it is given, by a code of `category`
  static constexpr std::string_view kKind = "resources";
  std::string type;
  std::optional<std::string> category;
  bool operator==(const TakeResources&) const = default;
};
struct TakeWhole {  // the file as one part; only where it is no journal: text, an image, a letter, or by hand
  static constexpr std::string_view kKind = "whole";
  bool operator==(const TakeWhole&) const = default;
};
using Take = std::variant<TakePages, TakeBookmark, TakeHeading, TakeSection, TakeTemplate, TakeResources, TakeWhole>;

struct PartRule {
  std::string name;  // what the order calls the part: the code of a flik type, as a rule
  std::vector<Take> takes;
  bool operator==(const PartRule&) const = default;
};

// ---- What is found
// ----------------------------------------------------------------------------------------------------

enum class FindingKind {
  // PDF
  attachment,
  javascript,
  launch_action,
  older_revision,
  hidden_layer,
  invisible_text,  // text that the page does not paint
  covered_text,    // text that is painted and cannot be seen: beneath a bar, white on white, outside the page
  covered_image,   // an image of which a part is covered, cropped or masked away
  rare_image,      // of a coding whose insides are not looked into
  annotation,
  form_value,
  bookmark,
  structure,  // tags, alternative texts, replacement texts
  replaced_font,
  // PDF and all that follow
  metadata,
  thumbnail,
  trailing_data,
  // office files
  tracked_change,
  comment,
  hidden_text,
  embedded_object,
  author,
  macro,
  external_link,
  custom_data,
  // images
  exif,
  location,
  // text
  invisible_character,
  // FHIR, CDA
  narrative,
  cut_reference,
  embedded_document,
  person_in_header,
  markup_comment,
};
BOOST_DESCRIBE_ENUM(FindingKind, attachment, javascript, launch_action, older_revision, hidden_layer, invisible_text,
                    covered_text, covered_image, rare_image, annotation, form_value, bookmark, structure, replaced_font,
                    metadata, thumbnail, trailing_data, tracked_change, comment, hidden_text, embedded_object, author,
                    macro, external_link, custom_data, exif, location, invisible_character, narrative, cut_reference,
                    embedded_document, person_in_header, markup_comment)

// What becomes of a finding.
enum class Action {
  strip,    // it is in no part
  flatten,  // what can be seen of it stays, as part of the page or as an image of the page; what cannot be seen is gone
  replace,  // something that says less stands in its place
  refuse,   // the whole file is refused
};
BOOST_DESCRIBE_ENUM(Action, strip, flatten, replace, refuse)

struct FindingRule {
  FindingKind finding = FindingKind::attachment;
  Action action = Action::refuse;
  bool operator==(const FindingRule&) const = default;
};

// The actions that a policy may choose of, the default first; never empty. SPEC PART-20.
std::vector<Action> actions_for(FindingKind kind);
// Of a policy: its rule for the kind, or the default.
Action action_for(const std::vector<FindingRule>& policy, FindingKind kind);
// invalid: two rules of one kind, or an action that the kind does not allow.
Result<void> check_policy(const std::vector<FindingRule>& policy);

// ---- The order
// --------------------------------------------------------------------------------------------------------

struct Order {
  std::string media_type;       // as announced; the bytes must bear it out
  std::vector<PartRule> parts;  // none: only the plan's table of contents and the findings are wanted
  std::vector<FindingRule> policy;
  std::string token_seed;        // base64url, 32 bytes: tokens in parts are derived of it and mean nothing outside
  std::int64_t preview_dpi = 0;  // 0: none; else every part that has pages comes with a PNG of each (PART-60)
  bool operator==(const Order&) const = default;
};

// malformed, invalid: the reason, in words that an administrator can act on.
Result<void> check_order(const Order& order);

// ---- The outcome
// ------------------------------------------------------------------------------------------------------

// Why a file was refused, as the depositor is told.
enum class RefusalReason {
  encrypted,
  damaged,
  mislabelled,  // the bytes are not of the announced media type
  polyglot,     // a file of two kinds in one
  too_large,
  too_deep,
  too_many,    // pages, entries, findings
  too_costly,  // more memory or time than a deposit may take
  has_dtd,
  missing_font,
  unsupported,   // of the right kind, of a form that is not taken
  found,         // a finding that the policy refuses
  no_such_part,  // the order names what the file does not have
  malware,
};
BOOST_DESCRIBE_ENUM(RefusalReason, encrypted, damaged, mislabelled, polyglot, too_large, too_deep, too_many, too_costly,
                    has_dtd, missing_font, unsupported, found, no_such_part, malware)

struct Refusal {
  RefusalReason reason = RefusalReason::damaged;
  std::string where;                   // "page 3", "section 8716-3"; empty: the file
  std::optional<FindingKind> finding;  // of `found`
  bool operator==(const Refusal&) const = default;
};

struct Finding {
  FindingKind kind = FindingKind::attachment;
  std::string where;
  std::int64_t count = 0;
  Action action = Action::strip;
  bool operator==(const Finding&) const = default;
};

// What the file has that a depositor can point at: bookmarks, sections, types of resources.
struct Content {
  std::string kind;        // the kKind of the Take that names it
  std::string name;        // title, code, type
  std::string words;       // as people read it, from the file: title of a section; may be empty
  std::int64_t count = 0;  // resources; or the page on which it begins
  bool operator==(const Content&) const = default;
};

struct Part {
  std::string name;
  std::string media_type;
  std::int64_t size = 0;
  std::vector<std::int64_t> pages;     // of the source, PDF only
  std::vector<std::string> contents;   // codes or ids of what it holds, in the order of the source; none for PDF
  std::vector<std::int64_t> previews;  // bytes of each PNG, in the order of the part's pages
  bool operator==(const Part&) const = default;
};

// Why something is in no part.
enum class LeftOutReason {
  not_named,    // no rule takes it
  shared_page,  // two headings or bookmarks claim the page: it is in neither until somebody says so by number
  not_open,     // a part: nothing lets the depositor deposit in that flik. Said by the gateway, never by the child
};
BOOST_DESCRIBE_ENUM(LeftOutReason, not_named, shared_page, not_open)

struct LeftOut {
  std::string what;  // "page 3", a code, a type with its count
  LeftOutReason reason = LeftOutReason::not_named;
  bool operator==(const LeftOut&) const = default;
};

struct Report {
  std::optional<Refusal> refusal;  // then nothing else is said but the findings so far
  std::int64_t pages = 0;          // PDF
  std::vector<Content> contents;
  std::vector<Part> parts;
  std::vector<LeftOut> left_out;
  std::vector<Finding> findings;
  bool operator==(const Report&) const = default;
};

BOOST_DESCRIBE_STRUCT(TakePages, (), (from, to))
BOOST_DESCRIBE_STRUCT(TakeBookmark, (), (title))
BOOST_DESCRIBE_STRUCT(TakeHeading, (), (text))
BOOST_DESCRIBE_STRUCT(TakeSection, (), (code))
BOOST_DESCRIBE_STRUCT(TakeTemplate, (), (root))
BOOST_DESCRIBE_STRUCT(TakeResources, (), (type, category))
BOOST_DESCRIBE_STRUCT(TakeWhole, (), ())
BOOST_DESCRIBE_STRUCT(PartRule, (), (name, takes))
BOOST_DESCRIBE_STRUCT(FindingRule, (), (finding, action))
BOOST_DESCRIBE_STRUCT(Order, (), (media_type, parts, policy, token_seed, preview_dpi))
BOOST_DESCRIBE_STRUCT(Refusal, (), (reason, where, finding))
BOOST_DESCRIBE_STRUCT(Finding, (), (kind, where, count, action))
BOOST_DESCRIBE_STRUCT(Content, (), (kind, name, words, count))
BOOST_DESCRIBE_STRUCT(Part, (), (name, media_type, size, pages, contents, previews))
BOOST_DESCRIBE_STRUCT(LeftOut, (), (what, reason))
BOOST_DESCRIBE_STRUCT(Report, (), (refusal, pages, contents, parts, left_out, findings))

// The bytes of a part, and of its preview.
struct PartBytes {
  Bytes document;
  std::vector<Bytes> previews;
};

// Report and bytes together: parts[i] describes bytes[i].
struct Outcome {
  Report report;
  std::vector<PartBytes> bytes;
};

}  // namespace flikvakt::partition
