// A registrar's desk: the gateway of AdminWorld, asked with commands instead of files of acts.
#pragma once

#include "tests/admin/admin_world.h"

namespace flikvakt::admin {

// Of Skatteverket's test numbers.
inline constexpr std::string_view kAnotherNumber = "197302889931";
inline constexpr std::string_view kThirdNumber = "190901219931";

class DeskWorld : public AdminWorld {
protected:
  void set_up() {
    ASSERT_NO_FATAL_FAILURE(make_keys_and_instance());
    ASSERT_NO_FATAL_FAILURE(serve());
    ASSERT_NO_FATAL_FAILURE(register_everyone());
    ASSERT_NO_FATAL_FAILURE(wait_for_crl());
    scratch_.write("scan.pdf", "%PDF-1.7 a paper with a signature");
  }

  // Of one staff member, about the person unless `in` says otherwise.
  Ran staff(const std::string& profile, Words words, const std::string& in = std::string(kNumber) + "\n") {
    return partner(std::move(words), profile, in);
  }
  json::value done(const std::string& profile, const Words& words,
                   const std::string& in = std::string(kNumber) + "\n") {
    const Ran ran = staff(profile, words, in);
    EXPECT_EQ(ran.exit_code, 0) << words[0] << " " << words[1] << ": " << ran.err;
    return ran.exit_code == 0 ? ran.json() : json::value(json::object());
  }
  // So many days from today.
  static std::string day(int ahead) {
    return to_text(Date(std::chrono::floor<std::chrono::days>(SystemClock().wall()) + std::chrono::days(ahead)));
  }
  static std::string member(const json::value& answer, std::string_view name) {
    const json::value* found = answer.is_object() ? answer.get_object().if_contains(name) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
  }
  // The second registrar, of the other organisation.
  Ran approve(const std::string& proposal, Words more = {}, const std::string& in = std::string(kNumber) + "\n",
              const std::string& profile = "fk.toml") {
    Words words{"desk", "approve", proposal, "--yes"};
    words.insert(words.end(), more.begin(), more.end());
    return staff(profile, words, in);
  }

  // Refused by the gateway, which gives staff no reason: so the tool says who may.
  static void expect_no(const Ran& ran, std::string_view who) {
    EXPECT_EQ(ran.exit_code, 1) << ran.out;
    EXPECT_THAT(ran.err, ::testing::AllOf(::testing::HasSubstr("403"), ::testing::HasSubstr("Who may do this"),
                                          ::testing::HasSubstr(std::string(who))));
  }
  static void expect_usage(const Ran& ran, std::string_view what) {
    EXPECT_EQ(ran.exit_code, 2) << ran.out << ran.err;
    EXPECT_THAT(ran.err, ::testing::HasSubstr(std::string(what)));
  }

  std::string thumbprint(const std::string& key) { return member(must({"key", "show", path(key)}), "thumbprint"); }
  void enrol(const std::string& key, std::string_view number) {
    const std::string in = std::string(number) + "\n";
    done("region.toml", {"desk", "propose-key", path(key + ".jwk")}, in);
    done("fk.toml", {"desk", "confirm-key", thumbprint(key)}, in);
  }
  json::value overview() { return must({"person", "me", "--profile", path("me.toml")}); }

  std::string template_file() {
    scratch_.write("shown.sv.txt", "Jag låter Kassan läsa min journal.\n");
    scratch_.write("template.toml", R"(purpose = "rehab"
disclosers = ["$region"]
recipients = ["organisation=$fk"]
flikar = ["journal"]
days = 90
secrecy_consent = "osl-10-1"
legal_ground = "gdpr-6-1-e"
[[texts]]
language = "sv"
name = "Inför mötet"
text_file = "shown.sv.txt"
)");
    return path("template.toml");
  }
  std::string add_template() {
    return member(must(by_both({"template", "add", template_file(), "--ids", path("ids.json")})), "id");
  }
  // Proposed and approved; its id.
  std::string paper_fullmakt(const std::string& from_template) {
    const json::value proposed =
        done("region.toml", {"desk", "paper-fullmakt", "--template", from_template, "--scan", path("scan.pdf")});
    EXPECT_EQ(approve(member(proposed, "proposal")).exit_code, 0);
    return member(proposed, "id");
  }
};

}  // namespace flikvakt::admin
