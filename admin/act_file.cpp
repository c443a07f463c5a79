#include "admin/act_file.h"

#include <algorithm>

#include "base/characters.h"
#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLargestActFile = 16u << 20;

Outcome<std::string> read_text(const std::filesystem::path& file, std::size_t max_bytes) {
  const Result<Bytes> bytes = read_file(file, max_bytes);
  if (!bytes) return usage_failure(bytes.error().message);
  return std::string(as_text(*bytes));
}

Failure in_file(const std::filesystem::path& file, const Error& error, std::string_view expected) {
  return usage_failure("`" + file.string() + "`: expected " + std::string(expected) + " (" + error.message + ")");
}

Outcome<crypto::Certificate> read_certificate(const std::filesystem::path& file) {
  const std::string pem = TRY(read_text(file, crypto::kMaxCertificateBytes));
  // A chain file begins with the leaf; that one is meant.
  static constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  const std::size_t end = pem.find(kEnd);
  const std::size_t size = end == pem.npos ? pem.size() : end + kEnd.size();
  Result<crypto::Certificate> parsed = crypto::Certificate::parse_pem(std::string_view(pem).substr(0, size));
  if (!parsed) return in_file(file, parsed.error(), "a certificate in PEM");
  return *parsed;
}

// Takes a text member out of the act.
std::optional<std::string> take_text(json::object& act, std::string_view name) {
  const json::value* found = act.if_contains(name);
  if (!found || !found->is_string()) return std::nullopt;
  std::string out(found->get_string());
  act.erase(name);
  return out;
}

void merge(json::object& act, json::object fields) {
  for (auto& [name, value] : fields) {
    if (!act.contains(name)) act.emplace(name, value);
  }
}

void replace_symbols(json::value& value, Symbols& symbols) {
  if (value.is_string() && is_symbol(value.get_string())) {
    value = json::string(symbols.id_of(std::string(value.get_string())));
  } else if (value.is_array()) {
    for (json::value& element : value.get_array()) replace_symbols(element, symbols);
  } else if (value.is_object()) {
    for (auto& member : value.get_object()) replace_symbols(member.value(), symbols);
  }
}

Outcome<void> replace_number(json::value& person, const Expander& expander) {
  if (!person.is_object()) return {};
  const json::value* number = person.get_object().if_contains("number");
  if (!number || !number->is_string() || person.get_object().size() != 1) {
    return Failure(ExitCode::refused, "`person`: expected a handle, or {\"number\": \"YYYYMMDDNNNN\"}");
  }
  person = json::string(TRY(expander.handle_of(std::string(number->get_string()))));
  return {};
}

Outcome<void> replace_people(json::object& act, const Expander& expander) {
  for (const std::string_view name : {"person", "representative"}) {
    if (json::value* person = act.if_contains(name)) TRY_VOID(replace_number(*person, expander));
  }
  if (json::value* others = act.if_contains("other_subjects"); others && others->is_array()) {
    for (json::value& other : others->get_array()) TRY_VOID(replace_number(other, expander));
  }
  return {};
}

// Recipients carry their id as base64url (spec/state-rows.md); people know ids in hex.
void replace_recipient_id(json::value& recipient) {
  json::value* id = recipient.is_object() ? recipient.get_object().if_contains("id") : nullptr;
  if (!id || !id->is_string() || id->get_string().size() != 32) return;
  if (const Result<Bytes> bytes = from_hex(id->get_string())) *id = json::string(to_base64url(*bytes));
}

void replace_recipient_ids(json::object& terms) {
  if (json::value* one = terms.if_contains("recipient")) replace_recipient_id(*one);
  json::value* recipients = terms.if_contains("recipients");
  if (!recipients || !recipients->is_array()) return;
  for (json::value& recipient : recipients->get_array()) replace_recipient_id(recipient);
}

// Where the hash of the text belongs: in the terms, or beside the delta of a komplettering.
json::object* place_of_text_hash(json::object& act) {
  if (act.contains("delta")) return &act;
  json::value* terms = act.if_contains("terms");
  return terms && terms->is_object() ? &terms->get_object() : nullptr;
}

void complete_terms(json::object& act) {
  replace_recipient_ids(act);  // of a template
  for (const std::string_view name : {"terms", "sparr_terms", "delta"}) {
    if (json::value* terms = act.if_contains(name); terms && terms->is_object())
      replace_recipient_ids(terms->get_object());
  }
  json::object* place = place_of_text_hash(act);
  const json::value* text = act.if_contains("text");
  if (!place || !text || !text->is_string()) return;
  const std::string_view shown = text->get_string();
  place->emplace("text_sha256", to_base64url(crypto::sha256(as_bytes(shown))));
}

Outcome<void> take_files(json::object& act, const Expander& expander) {
  const auto located = [&](const std::string& name) { return expander.folder / name; };  // an absolute name stays
  const auto issuer = take_text(act, "issuer_file");
  if (const auto certificate = take_text(act, "certificate_file")) {
    merge(act, issuer ? TRY(certificate_fields(located(*certificate), located(*issuer)))
                      : TRY(issuer_fields(located(*certificate))));
  }
  if (const auto key = take_text(act, "key_file")) merge(act, TRY(key_fields(located(*key))));
  if (const auto text = take_text(act, "text_file")) {
    act["text"] = json::string(TRY(read_text(located(*text), 64 * 1024)));
  }
  return {};
}

}  // namespace

bool is_symbol(std::string_view text) {
  return text.size() >= 2 && text.size() <= 65 && text.front() == '$' &&
         std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; });
}

std::string Symbols::id_of(const std::string& symbol) {
  std::string& id = ids_[symbol];
  if (id.empty()) id = crypto::random_id<ActId>().text();
  return id;
}

std::string Symbols::symbol_of(const std::string& id) const {
  const auto found = std::find_if(ids_.begin(), ids_.end(), [&](const auto& entry) { return entry.second == id; });
  return found == ids_.end() ? id : found->first;
}

json::object Symbols::to_json() const {
  json::object out;
  for (const auto& [symbol, id] : ids_) out.emplace(symbol, id);
  return out;
}

Outcome<Symbols> Symbols::read(const std::filesystem::path& file) {
  Symbols out;
  if (!std::filesystem::exists(file)) return out;
  const std::string text = TRY(read_text(file, kLargestActFile));
  const Result<json::value> parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) {
    return Failure(ExitCode::refused, "`" + file.string() + "`: expected an object of symbols and ids");
  }
  for (const auto& [symbol, id] : parsed->get_object()) {
    if (!is_symbol(symbol) || !id.is_string() || !ActId::parse(id.get_string())) {
      return Failure(ExitCode::refused, "`" + file.string() + "`: expected \"$symbol\": \"32 hex digits\"");
    }
    out.ids_.emplace(symbol, id.get_string());
  }
  return out;
}

Result<void> Symbols::write(const std::filesystem::path& file) const {
  return write_file_atomically(file, as_bytes(to_text(to_json()) + "\n"));
}

Outcome<json::object> certificate_fields(const std::filesystem::path& certificate,
                                         const std::filesystem::path& issuer) {
  const crypto::Certificate leaf = TRY(read_certificate(certificate));
  const crypto::Certificate ca = TRY(read_certificate(issuer));
  return json::object{{"fingerprint", to_base64url(leaf.sha256_fingerprint())},
                      {"issuer", to_base64url(ca.sha256_fingerprint())},
                      {"serial", leaf.serial_hex()},
                      {"valid_from", to_rfc3339(leaf.not_before())},
                      {"valid_to", to_rfc3339(leaf.not_after())},
                      {"certificate", to_base64url(leaf.der())}};
}

Outcome<json::object> issuer_fields(const std::filesystem::path& certificate) {
  const crypto::Certificate ca = TRY(read_certificate(certificate));
  return json::object{{"fingerprint", to_base64url(ca.sha256_fingerprint())},
                      {"name", ca.common_name().empty() ? ca.subject() : ca.common_name()},
                      {"certificate", to_base64url(ca.der())}};
}

Outcome<json::object> key_fields(const std::filesystem::path& file) {
  const std::string text = TRY(read_text(file, 64 * 1024));
  const Result<json::value> jwk = parse_json(text);
  const Result<crypto::PublicKey> key = jwk ? crypto::PublicKey::from_jwk(*jwk) : crypto::PublicKey::from_pem(text);
  if (!key) return in_file(file, key.error(), "a public key: PEM, or a JWK");
  return json::object{{"jwk", key->to_jwk()}, {"thumbprint", to_base64url(key->thumbprint())}};
}

Outcome<json::object> expand_act(const json::value& written, const Expander& expander) {
  json::value act = written;
  if (!act.is_object() || !act.get_object().contains("kind")) {
    return Failure(ExitCode::refused, "expected an object with a `kind`, as spec/acts.md lists them");
  }
  act.get_object().erase("comment");
  replace_symbols(act, expander.symbols);
  TRY_VOID(take_files(act.get_object(), expander));
  TRY_VOID(replace_people(act.get_object(), expander));
  complete_terms(act.get_object());
  return std::move(act.get_object());
}

Outcome<std::vector<json::value>> read_act_file(const std::filesystem::path& file) {
  const std::string text = TRY(read_text(file, kLargestActFile));
  const Result<json::value> parsed = parse_json(text);
  if (!parsed) return in_file(file, parsed.error(), "JSON");
  const json::value* acts = parsed->is_object() ? parsed->get_object().if_contains("acts") : nullptr;
  if (!acts) return std::vector<json::value>{*parsed};
  if (!acts->is_array() || parsed->get_object().size() != 1) {
    return Failure(ExitCode::refused, "`" + file.string() + "`: expected {\"acts\": [ … ]}");
  }
  return std::vector<json::value>(acts->get_array().begin(), acts->get_array().end());
}

}  // namespace flikvakt::admin
