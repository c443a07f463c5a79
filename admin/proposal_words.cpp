#include "admin/proposal_words.h"

#include <algorithm>
#include <map>

#include "admin/json_text.h"
#include "admin/output.h"
#include "base/bytes.h"

namespace flikvakt::admin {
namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

// An act that is not here is shown by its own name: nothing is hidden for want of a line.
constexpr Words kActs[] = {
    {"paper_fullmakt", "A fullmakt that the person signed on paper"},
    {"paper_komplettering", "More in a fullmakt that stands, signed on paper"},
    {"paper_kontrakt", "The next version of a kontrakt, signed on paper"},
    {"paper_lift_sparr", "A Sparr is to be lifted, as the person signed on paper"},
    {"paper_hand_over", "Another team is to take a case over, as the person signed on paper"},
    {"paper_reconfirm", "After a restore: what the person gave counts again"},
    {"register_representative", "Somebody is to act for the person"},
    {"end_protection", "The protection of the person's identity is to end: others will see who it is"},
    {"correct_death", "The death that is recorded was wrong"},
    {"record_masking", "A document was masked for the others it is about"},
    {"sign_fullmakt", "A fullmakt"},
    {"sign_komplettering", "More in a fullmakt that stands"},
    {"sign_kontrakt", "The next version of a kontrakt"},
    {"sign_hand_over", "Another team is to take a case over"},
    {"resume_fullmakt", "A fullmakt that is paused is to count again"},
    {"lift_sparr", "A Sparr is to be lifted"},
};

constexpr Words kMembers[] = {
    {"id", "id"},
    {"person", "person (handle)"},
    {"representative", "representative (handle)"},
    {"representative_kind", "acts as"},
    {"powers", "may"},
    {"jointly", "only together with another one"},
    {"team", "team"},
    {"terms", "terms"},
    {"delta", "added"},
    {"disclosers", "may disclose"},
    {"recipients", "may receive"},
    {"flikar", "flikar"},
    {"documents", "single documents"},
    {"purpose", "purpose"},
    {"rights", "to"},
    {"valid_from", "from"},
    {"valid_to", "until"},
    {"secrecy_consent", "lifts secrecy under"},
    {"legal_ground", "legal ground of the recipient"},
    {"max_readings", "readings at most"},
    {"supersedes", "in place of"},
    {"based_on", "from the template"},
    {"request", "answers the request"},
    {"case_id", "case"},
    {"plan", "the whole plan"},
    {"version", "becomes version"},
    {"milestones", "milestones (delmål)"},
    {"due", "by"},
    {"parts", "parts"},
    {"ceiling", "may cost at most, in kronor"},
    {"language", "language"},
    {"scan_sha256", "SHA-256 of the scan"},
};
constexpr std::string_view kLeftOut[] = {"kind", "text_sha256", "previous"};
// Whose values are ids or codes that the catalogue has names for. A goal may read like the code of a flik, and is none.
constexpr std::string_view kNamed[] = {"organisation", "team",   "unit", "provider",
                                       "disclosers",   "flikar", "flik", "based_on"};

template <std::size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

template <std::size_t N>
std::string words_in(const Words (&table)[N], std::string_view name) {
  const auto found = std::ranges::find(table, name, &Words::name);
  return std::string(found == std::end(table) ? name : found->text);
}

// A long line would go on below without its mark.
constexpr std::size_t kQuotedColumns = 70;

std::vector<std::string> pieces(const std::string& line) {
  std::vector<std::string> out(1);
  std::size_t columns = 0;
  for (const char c : line) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // a character of UTF-8
    if (begins && columns++ == kQuotedColumns) {
      out.emplace_back();
      columns = 1;
    }
    out.back() += c;
  }
  return out;
}

class Names {
public:
  explicit Names(const json::value& catalogue) {
    for (const std::string_view list : {"organisations", "units", "teams"}) take(catalogue, list, "id", "name");
    take(catalogue, "flik_types", "code", "name_sv");
    for (const json::object& one : rows_of(catalogue, "templates")) {
      const std::vector<json::object> texts = rows_of(one, "texts");
      if (!texts.empty()) names_[text_of(one, "id")] = text_of(texts.front(), "name");
    }
  }

  // "Region Ett (32 hex)"; what has no name stays as it is.
  std::string of(const std::string& id) const {
    const auto found = names_.find(id);
    return on_one_line(found == names_.end() || found->second.empty() ? id : found->second + " (" + id + ")");
  }

private:
  void take(const json::value& catalogue, std::string_view list, std::string_view key, std::string_view name) {
    for (const json::object& row : rows_of(catalogue, list)) names_[text_of(row, key)] = text_of(row, name);
  }

  std::map<std::string, std::string> names_;
};

// Recipients carry their id as base64url.
std::string recipient_words(const json::value& recipient, const Names& names) {
  const Result<Bytes> id = from_base64url(text_of(recipient, "id"));
  return text_of(recipient, "kind") + " " + names.of(id ? to_hex(*id) : text_of(recipient, "id"));
}

bool is_recipient(const json::value& value) {
  return value.is_object() && value.get_object().size() == 2 && !text_of(value, "kind").empty() &&
         !text_of(value, "id").empty();
}

class Page {
public:
  explicit Page(const Names& names) : names_(names) {}

  void object(const json::object& shown, std::size_t indent) {
    for (const auto& [name, value] : shown) {
      const bool is_empty = value.is_null() || (value.is_array() && value.get_array().empty());
      if (is_empty || is_one_of(kLeftOut, name)) continue;
      member(std::string(name), value, indent);
    }
  }

  void line(std::size_t indent, const std::string& text) { out_ += std::string(indent, ' ') + text + "\n"; }
  std::string text() && { return std::move(out_); }

private:
  void member(const std::string& name, const json::value& value, std::size_t indent) {
    const std::string words = words_in(kMembers, name) + ":";
    if (name == "text" && value.is_string()) return quoted(words, std::string(value.get_string()), indent);
    if (!value.is_object() && !value.is_array()) return line(indent, words + " " + scalar(name, value));
    line(indent, words);
    if (value.is_object()) return object(value.get_object(), indent + 2);
    elements(name, value.get_array(), indent + 2);
  }

  void elements(const std::string& name, const json::array& shown, std::size_t indent) {
    std::size_t number = 0;
    for (const json::value& element : shown) {
      if (is_recipient(element)) {
        line(indent, recipient_words(element, names_));
      } else if (element.is_object()) {
        line(indent, std::to_string(++number) + ".");
        object(element.get_object(), indent + 2);
      } else {
        line(indent, scalar(name, element));
      }
    }
  }

  // What the person read keeps its lines, each marked: it cannot look like something that this program says.
  void quoted(const std::string& words, const std::string& text, std::size_t indent) {
    line(indent, words);
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      for (const std::string& piece : pieces(on_one_line(text.substr(from, end - from)))) line(indent, "| " + piece);
      from = end + 1;
    }
  }

  std::string scalar(const std::string& name, const json::value& value) const {
    if (!value.is_string()) return to_text(value);
    const std::string text(value.get_string());
    if (is_one_of(kNamed, name)) return names_.of(text);
    if (name != "scan_sha256") return on_one_line(text);
    const Result<Bytes> hash = from_base64url(text);
    return hash ? to_hex(*hash) : on_one_line(text);
  }

  const Names& names_;
  std::string out_;
};

}  // namespace

std::string proposal_in_words(const json::object& proposal, const json::value& catalogue) {
  const Names names(catalogue);
  const json::value* act = proposal.if_contains("act");
  const json::value whole(proposal);
  Page page(names);
  page.line(0, words_in(kActs, act ? text_of(*act, "kind") : ""));
  const std::string staff = text_of(whole, "staff"), role = text_of(whole, "role");
  if (!staff.empty()) {
    page.line(2, "proposed by: staff " + on_one_line(staff) + " of " + names.of(text_of(whole, "organisation")));
  }
  if (!role.empty()) page.line(2, "signed already by: representative " + on_one_line(role));
  page.line(2, "waits until: " + on_one_line(text_of(whole, "expires")));
  if (act && act->is_object()) page.object(act->get_object(), 2);
  return std::move(page).text();
}

}  // namespace flikvakt::admin
