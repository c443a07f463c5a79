// What an administrator writes: configuration, profile, act file, and the numbers people type.
#include "admin/config.h"
#include "admin/act_file.h"
#include "admin/profile.h"
#include "admin/toml_file.h"
#include "policy/personnummer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::admin;

template <class T>
void explained(const Outcome<T>& outcome) {
  if (outcome) return;
  claim(outcome.error().exit == ExitCode::usage, "a wrong file is a usage failure");
  claim(outcome.error().message.find("fuzz.toml") != std::string::npos, "the message names the file");
}

void check_toml(std::string_view text) {
  const Outcome<Config> config = parse_config(text, "fuzz.toml");
  explained(config);
  if (config) {
    claim(!config->data.empty() && config->threads > 0, "what is needed is there");
    claim(!parse_profile(text, "fuzz.toml"), "a configuration is no profile");
  }
  const Outcome<Profile> profile = parse_profile(text, "fuzz.toml");
  explained(profile);
  Profile server_only;
  server_only.server = profile ? profile->server : std::string(text);
  claim(!tls_options(server_only), "without a trusted CA nobody is called");
  Outcome<TomlFile> file = TomlFile::parse(text, "fuzz.toml");
  if (!file) return;
  (void)file->texts("crl");
  (void)file->number("threads", 1, 64);
  explained(file->finish());
}

// An act as people write it. Files that it names are looked for in a folder that is not there.
void check_act(std::string_view text) {
  const Result<json::value> written = parse_json(text);
  if (!written) return;
  Symbols symbols;
  const auto handle_of = [](const std::string&) -> Result<std::string> { return std::string("handle"); };
  const Outcome<json::object> act = expand_act(*written, {symbols, "/nonexistent", handle_of});
  if (!act) return;
  claim(written->is_object() && !act->contains("comment"), "comments are for people");
  claim(parse_json(json::serialize(*act)).has_value(), "an expanded act can be sent");
}

void check_number(std::string_view text) {
  const Date today{std::chrono::year(2026), std::chrono::month(11), std::chrono::day(22)};
  const Result<std::string> number = policy::parse_personnummer(text, today);
  if (!number) return;
  claim(number->size() == 12, "twelve digits");
  claim(policy::parse_personnummer(*number, today).value() == *number, "twelve digits are read as they are");
}

}  // namespace

void config(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_number(as_text(in));
    case 1:
      return check_act(as_text(in));
    default:
      return check_toml(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
