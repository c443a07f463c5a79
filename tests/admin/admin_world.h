// A gateway made, set up and served through the real program, with two organisations and one person.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/admin/program.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {

using Words = std::vector<std::string>;

inline constexpr std::string_view kNumber = "191212121212";  // Skatteverket's test number

class AdminWorld : public ::testing::Test {
protected:
  std::string path(const std::string& name) const { return scratch_.path(name).string(); }

  // With --json and the passphrase of every sealed file.
  Ran run(Words words, const std::string& in = "") {
    for (const std::string& word : {std::string("--json"), std::string("--passphrase-file"), path("words")})
      words.push_back(word);
    return run_flikvakt(words, in);
  }
  json::value must(const Words& words, const std::string& in = "") {
    const Ran ran = run(words, in);
    EXPECT_EQ(ran.exit_code, 0) << words[0] << " " << words[1] << ": " << ran.err;
    return ran.exit_code == 0 ? ran.json() : json::value(json::object());
  }
  // The reference client has no sealed files: its commands know no --passphrase-file.
  Ran partner(Words words, const std::string& profile, const std::string& in = "") {
    for (const std::string& word : {std::string("--json"), std::string("--profile"), path(profile)})
      words.push_back(word);
    return run_flikvakt(words, in);
  }

  void make_keys_and_instance() {
    scratch_.write("words", "correct horse battery staple\n");
    for (const char* name : {"alice", "bo"})
      must({"key", "new", path(name), "--kind", "administrator", "--argon2", "fast"});
    must({"key", "new", path("recovery"), "--kind", "recovery", "--argon2", "fast"});
    must({"key", "new", path("device"), "--kind", "device", "--argon2", "fast"});
    must({"key", "show", path("device"), "--jwk", path("device.jwk")});
    const Ran pki = run_flikvakt({"pki", "dev", path("pki"), "--json", "--client", "region=Region Ett=232100-0001",
                                  "--client", "fk=Kassan=202100-0002"});
    ASSERT_EQ(pki.exit_code, 0) << pki.err;
    const json::value made = must({"init", "--data", path("data"), "--name", "flikvakt-test", "--origin",
                                   "flikvakt.test/log", "--administrator", "Alice=" + path("alice"), "--administrator",
                                   "Bo=" + path("bo"), "--recovery", path("recovery"), "--argon2", "fast"});
    log_key_ = std::string(made.at("log_key").as_string());
  }

  void write_config() {
    scratch_.write("flikvakt.toml", std::string(R"(data = "data"
partition_program = ")" FLIKVAKT_PASSING_CHILD R"("
listen_api = "127.0.0.1:0"
listen_portal = "127.0.0.1:0"
certificate = "pki/server.pem"
key = "pki/server.key"
client_ca = "pki/ca.pem"
crl = ["pki/crl.pem"]
ready_file = "ready"
)") + more_config_);
  }

  void serve() {
    write_config();
    serve_as_configured();
  }

  void serve_as_configured() {
    std::filesystem::remove(path("ready"));
    server_.emplace(Words{"serve", "--config", path("flikvakt.toml"), "--passphrase-file", path("words")}, path("log"));
    for (int i = 0; i < 400 && !std::filesystem::exists(path("ready")) && !server_->has_ended(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(std::filesystem::exists(path("ready"))) << log_text();
    const json::value ready = parse_json(text("ready")).value();
    api_ = std::to_string(ready.at("api").as_int64());
    portal_ = std::to_string(ready.at("portal").as_int64());
  }

  // For a gateway that is expected not to start. What it said is in `err`.
  Ran serve_to_the_end() {
    RunningFlikvakt server({"serve", "--config", path("flikvakt.toml"), "--passphrase-file", path("words")},
                           path("refused-log"));
    for (int i = 0; i < 400 && !server.has_ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(server.has_ended()) << text("refused-log");
    const int exit_code = server.stop();
    const Ran ran{exit_code, "", text("refused-log")};
    std::filesystem::remove(path("refused-log"));
    return ran;
  }

  std::string text(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(path(name), std::ios::binary).rdbuf();
    return out.str();
  }
  std::string log_text() const { return text("log"); }

  void register_everyone() {
    scratch_.write("setup.json", R"({"acts": [
      {"kind": "register_issuer", "certificate_file": "pki/ca.pem"},
      {"kind": "register_organisation", "id": "$region", "name": "Region Ett", "number": "232100-0001", "organisation_kind": "region"},
      {"kind": "register_organisation", "id": "$fk", "name": "Kassan", "number": "202100-0002", "organisation_kind": "authority"},
      {"kind": "register_certificate", "organisation": "$region", "certificate_file": "pki/region.pem", "issuer_file": "pki/ca.pem"},
      {"kind": "register_certificate", "organisation": "$fk", "certificate_file": "pki/fk.pem", "issuer_file": "pki/ca.pem"},
      {"kind": "register_assertion_key", "organisation": "$region", "key_file": "pki/region-staff.jwk"},
      {"kind": "register_assertion_key", "organisation": "$fk", "key_file": "pki/fk-staff.jwk"},
      {"kind": "register_staff", "id": "$kim", "organisation": "$region", "name": "Kim", "roles": ["registrar", "roster_officer"]},
      {"kind": "register_staff", "id": "$ofi", "organisation": "$fk", "name": "Ofi", "roles": ["roster_officer"]},
      {"kind": "register_staff", "id": "$tim", "organisation": "$fk", "name": "Tim", "roles": ["registrar"]},
      {"kind": "register_staff", "id": "$lee", "organisation": "$fk", "name": "Lee", "roles": ["registrar"]},
      {"kind": "register_flik_type", "code": "journal", "name_sv": "Journal", "name_en": "Record", "description": "Vårdens anteckningar",
       "sensitivity": "sensitive"}
    ]})");
    const json::value applied = must({"apply", path("setup.json"), "--ids", path("ids.json"), "--administrator",
                                      path("alice"), "--second", path("bo"), "--data", path("data")});
    ids_ = applied.at("ids");
    write_profiles();
  }

  // The ports are others after each start.
  void write_profiles() {
    profile("region.toml", "region", "$kim");
    profile("fk.toml", "fk", "$lee");
    profile("ofi.toml", "fk", "$ofi");
    profile("tim.toml", "fk", "$tim");
    scratch_.write("me.toml", "server = \"localhost:" + portal_ + "\"\nca = \"pki/ca.pem\"\ndevice_key = \"device\"\n" +
                                  kGatewayName);
  }

  void set_up_with_fullmakt() {
    ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
    ASSERT_NO_FATAL_FAILURE(serve());
    ASSERT_NO_FATAL_FAILURE(register_everyone());
    ASSERT_NO_FATAL_FAILURE(wait_for_crl());
    ASSERT_NO_FATAL_FAILURE(enrol_device());
    ASSERT_NO_FATAL_FAILURE(sign_fullmakt());
  }

  std::string id(const std::string& symbol) const { return std::string(ids_.at(symbol).as_string()); }

  void profile(const std::string& file, const std::string& organisation, const std::string& staff) {
    scratch_.write(file, "server = \"localhost:" + api_ + "\"\nca = \"pki/ca.pem\"\ncertificate = \"pki/" +
                             organisation + ".pem\"\nkey = \"pki/" + organisation + ".key\"\nassertion_key = \"pki/" +
                             organisation + "-staff.key\"\norganisation = \"" + id("$" + organisation) +
                             "\"\nstaff = \"" + id(staff) + "\"\n" + kGatewayName);
  }

  // The list of revoked certificates is applied by the gateway itself; until then nobody comes in.
  void wait_for_crl() {
    for (int i = 0; i < 100; ++i) {
      if (partner({"handle"}, "region.toml", std::string(kNumber)).exit_code == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    FAIL() << "the revocation list was not applied: " << log_text();
  }

  void enrol_device() {
    const std::string person = R"("person": {"number": ")" + std::string(kNumber) + R"("}, )";
    scratch_.write("propose.json", R"({"kind": "propose_key", )" + person + R"("key_file": "device.jwk"})");
    const Ran proposed = partner({"act", path("propose.json")}, "region.toml");
    ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
    const json::value shown = must({"key", "show", path("device")});
    scratch_.write("confirm.json", R"({"kind": "confirm_key", )" + person + R"("thumbprint": ")" +
                                       std::string(shown.at("thumbprint").as_string()) + R"("})");
    const Ran confirmed = partner({"act", path("confirm.json")}, "fk.toml");
    ASSERT_EQ(confirmed.exit_code, 0) << confirmed.err;
  }

  void sign_fullmakt() {
    scratch_.write("fullmakt.json",
                   R"({"id": "$fullmakt", "text": "Jag låter Kassan läsa min journal.", "terms": {
      "disclosers": ["$region"], "recipients": [{"kind": "organisation", "id": "$fk"}], "flikar": ["journal"], "documents": [],
      "purpose": "rehab", "rights": ["read"], "valid_from": "2020-01-01T00:00:00Z", "valid_to": ")" +
                       valid_to() +
                       R"(", "secrecy_consent": "osl-10-1", "legal_ground": "gdpr-6-1-e", "language": "sv"}})");
    const json::value signed_act =
        must({"person", "sign", path("fullmakt.json"), "--ids", path("ids.json"), "--profile", path("me.toml")});
    EXPECT_EQ(signed_act.at("status"), "permitted");
    ids_ = parse_json(text("ids.json")).value();
  }

  static std::string valid_to() { return to_rfc3339(SystemClock().wall() + std::chrono::days(30)); }

  std::string deposit() {
    scratch_.write("journal.pdf", "%PDF-1.7\n" + std::string(200'000, 'x') + "\n%%EOF\n");
    const Ran ran = partner({"deposit", path("journal.pdf"), "--flik", "journal", "--title", "Journal", "--author",
                             "Dr Ek", "--date", "2026-01-15", "--type", "application/pdf"},
                            "region.toml", std::string(kNumber));
    EXPECT_EQ(ran.exit_code, 0) << ran.err << log_text();
    return ran.exit_code == 0 ? std::string(ran.json().at("document").as_string()) : "";
  }

  Ran fetch(const std::string& document, const std::string& out, const std::string& by = "fk.toml") {
    return partner({"fetch", document, "--purpose", "rehab", "--out", path(out)}, by);
  }

  // With --data and both administrators.
  Words by_both(Words words) const {
    for (const std::string& word : {std::string("--administrator"), path("alice"), std::string("--second"), path("bo"),
                                    std::string("--data"), path("data")})
      words.push_back(word);
    return words;
  }

  static constexpr const char* kGatewayName = "gateway_name = \"flikvakt-test\"\n";

  Scratch scratch_;
  std::optional<RunningFlikvakt> server_;
  std::string api_;
  std::string portal_;
  std::string log_key_;
  std::string more_config_;  // behind the rest
  json::value ids_;
};

}  // namespace flikvakt::admin
