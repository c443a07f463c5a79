// Acts as people write them: ids by symbol, certificates and keys by file, persons by number, hashes left out. What
// comes out is the act as policy/acts.h and spec/acts.md have it, with handles where persons are named.
//
//   {"acts": [{"kind": "register_organisation", "id": "$region", "name": "Region …", "number": "232100-0001",
//              "organisation_kind": "region"},
//             {"kind": "register_certificate", "organisation": "$region", "certificate_file": "region.pem",
//              "issuer_file": "ca.pem"}]}
#pragma once

#include <filesystem>
#include <functional>
#include <map>

#include "admin/outcome.h"
#include "base/json.h"

namespace flikvakt::admin {

// "$region" stands for one random id, the same wherever it is written.
class Symbols {
public:
  std::string id_of(const std::string& symbol);        // made when first asked for; 32 hex digits
  std::string symbol_of(const std::string& id) const;  // the id itself when it has no symbol
  json::object to_json() const;                        // {"$region": "32 hex", …}

  // A file of an earlier run, so that a second act file means the same ids; an absent file is an empty one.
  static Outcome<Symbols> read(const std::filesystem::path& file);
  Result<void> write(const std::filesystem::path& file) const;

private:
  std::map<std::string, std::string> ids_;
};

// A symbol is $ and then 1 to 64 of a-z, 0-9, hyphen and underscore.
bool is_symbol(std::string_view text);

struct Expander {
  Symbols& symbols;
  std::filesystem::path folder;  // relative files are relative to it
  std::function<Result<std::string>(const std::string& number)> handle_of;
};

// certificate_file, issuer_file  register_certificate, register_issuer: every field of the certificate
// key_file                       jwk and thumbprint: a public key in PEM, or a JWK
// text_file                      text; and `text_sha256` of a fullmakt's terms, or of a komplettering, from `text`
// "person": {"number": …}        the handle; also in other_subjects and representative
// recipients' ids                may be written in hex
// comment                        is for people, and left out
Outcome<json::object> expand_act(const json::value& written, const Expander& expander);

// The acts of a file: {"acts": […]} or one act. Errors name the file and the act.
Outcome<std::vector<json::value>> read_act_file(const std::filesystem::path& file);

// For the single commands: the same fields from files named on the command line.
Outcome<json::object> certificate_fields(const std::filesystem::path& certificate, const std::filesystem::path& issuer);
Outcome<json::object> issuer_fields(const std::filesystem::path& certificate);
Outcome<json::object> key_fields(const std::filesystem::path& key);

}  // namespace flikvakt::admin
