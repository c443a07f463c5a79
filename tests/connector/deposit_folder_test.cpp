// What becomes of a file that is dropped: taken, refused or left, and where it lies afterwards. What a stop or another
// mount does to it is in deposit_recovery_test.cpp. spec/connector.md
#include "connector/deposit_folder.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "crypto/random.h"
#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

TEST(FileName, IsReadByARule) {
  const auto rule = "{number}_{date}_{title}";
  const auto got = read_name(rule, "199001012386_2026-11-22_Ett_intyg").value();
  EXPECT_EQ(got.at("number"), "199001012386");
  EXPECT_EQ(got.at("date"), "2026-11-22");
  EXPECT_EQ(got.at("title"), "Ett_intyg");
  for (const char* name : {"", "199001012386", "199001012386_2026-11-22", "_2026-11-22_x", "199001012386__x"})
    EXPECT_FALSE(read_name(rule, name).has_value()) << name;
  EXPECT_FALSE(read_name("{number}.", "1").has_value());
  EXPECT_FALSE(read_name("{number", "1").has_value());
}

TEST(DepositFolder, TakesAWholeFileWithItsSidecarIntoTheQueue) {  // SPEC CONN-33, CONN-34
  Dropping it;
  it.folder.write("drop/journal/a.pdf", "%PDF-1.4 text");
  it.look();
  EXPECT_TRUE(it.messages().empty()) << "its sidecar may come yet";
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  const Message one = it.messages()[0];
  EXPECT_EQ(one.state, MessageState::queued);
  EXPECT_EQ(one.flik, "journal");
  EXPECT_EQ(one.author, "Region");
  EXPECT_EQ(one.size, 13u);
  EXPECT_EQ(read(it.outbox.data(one.id)), "%PDF-1.4 text");
  EXPECT_FALSE(fs::exists(it.folder / "drop/journal/a.pdf"));
  EXPECT_FALSE(fs::exists(it.folder / "drop/journal/a.pdf.json"));
}

TEST(DepositFolder, LeavesWhatIsNotWholeAndWhatIsWritten) {  // SPEC CONN-33
  Dropping it;
  for (const char* name : {".a.pdf", "a.pdf.part", "b.tmp", "c.pdf~"}) {
    it.folder.write("drop/journal/" + std::string(name), "%PDF-");
    it.folder.write("drop/journal/" + std::string(name) + ".json", kSidecar);
  }
  it.folder.write("drop/journal/open.pdf", "%PDF-");
  it.folder.write("drop/journal/open.pdf.json", kSidecar);
  std::ofstream writing(it.folder / "drop/journal/open.pdf", std::ios::app);
  it.look();
  EXPECT_TRUE(it.messages().empty());
  EXPECT_TRUE(fs::exists(it.folder / "drop/journal/open.pdf"));
  writing.close();
  it.look();
  EXPECT_EQ(it.messages().size(), 1u);
}

TEST(DepositFolder, RefusesWithAReasonWhatCanNeverBecomeADocument) {
  Dropping it;
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"a.pdf", "{", "not understood"},
      {"b.pdf", R"({"person": "1", "title": "x"})", "`date` is missing"},
      {"c.pdf", R"({"person": "1", "title": "x", "date": "yesterday"})", "expected a day"},
      {"d.exe", std::string(kSidecar), "a kind of file"},
      {"e.pdf", R"({"person": "1", "date": "2026-11-22", "title": ")" + std::string(201, 'x') + "\"}",
       "1 to 200 bytes"},
      {"f.pdf", R"({"person": "1", "title": "x", "date": "2026-11-22", "author": ""})", "1 to 200 bytes"},
      {"g.pdf", std::string(70'000, ' ') + std::string(kSidecar), "too large"}};
  for (const auto& [name, sidecar, says] : cases) {
    it.folder.write("drop/journal/" + name, "%PDF-");
    it.folder.write("drop/journal/" + name + ".json", sidecar);
  }
  it.folder.write("drop/journal/empty.pdf", "");
  it.folder.write("drop/journal/empty.pdf.json", kSidecar);
  it.look();
  EXPECT_TRUE(it.messages().empty());
  for (const auto& [name, sidecar, says] : cases) {
    EXPECT_NE(read(it.folder / ("drop/refused/journal/" + name + ".reason")).find(says), std::string::npos) << name;
    EXPECT_TRUE(fs::exists(it.folder / ("drop/refused/journal/" + name))) << name;
  }
  EXPECT_EQ(DepositFolder(it.config, it.outbox).refused(), cases.size() + 1);
}

TEST(DepositFolder, TakesNothingThatIsLargerThanTheGatewayTakes) {  // SPEC PART-44
  Dropping it;
  for (const auto& [name, size] : {std::pair("fits.pdf", kLargestDocument), {"large.pdf", kLargestDocument + 1}}) {
    it.folder.write("drop/journal/" + std::string(name), "%PDF-");
    fs::resize_file(it.folder / ("drop/journal/" + std::string(name)), size);
    it.folder.write("drop/journal/" + std::string(name) + ".json", kSidecar);
  }
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  EXPECT_EQ(it.messages()[0].name, "fits.pdf");
  const std::string reason = read(it.folder / "drop/refused/journal/large.pdf.reason");
  EXPECT_NE(reason.find("64 MiB"), std::string::npos) << reason;
  EXPECT_NE(reason.find("dela den"), std::string::npos) << reason;
}

// What a row of the queue could not bear would lie there for ever.
TEST(DepositFolder, RefusesANameThatIsNoText) {
  Dropping it;
  const std::string name = "L\xe4kare.pdf";
  it.folder.write("drop/journal/" + name, "%PDF-");
  it.folder.write("drop/journal/" + name + ".json", kSidecar);
  it.folder.write("drop/journal/Läkare.pdf", "%PDF-");
  it.folder.write("drop/journal/Läkare.pdf.json", kSidecar);
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  EXPECT_EQ(it.messages()[0].name, "Läkare.pdf");
  EXPECT_NE(read(it.folder / ("drop/refused/journal/" + name + ".reason")).find("UTF-8"), std::string::npos);
  EXPECT_TRUE(fs::exists(it.folder / ("drop/refused/journal/" + name)));
}

TEST(DepositFolder, ASidecarIsNotReadWhileItIsWritten) {  // SPEC CONN-33
  Dropping it;
  DepositFolder drop(it.config, it.outbox);
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  std::ofstream writing(it.folder / "drop/journal/a.pdf.json");
  writing << kSidecar.substr(0, 20) << std::flush;
  for (int looks = 0; looks < 3; ++looks) EXPECT_TRUE(drop.look().has_value());
  EXPECT_TRUE(it.messages().empty());
  EXPECT_FALSE(fs::exists(it.folder / "drop/refused"));
  writing << kSidecar.substr(20);
  writing.close();
  EXPECT_TRUE(drop.look().has_value());
  EXPECT_TRUE(it.messages().empty()) << "it was another a moment ago";
  EXPECT_TRUE(drop.look().has_value());
  ASSERT_EQ(it.messages().size(), 1u);
  EXPECT_EQ(it.messages()[0].title, "Intyg");
}

// SPEC CONN-29: both ways of naming; a file that is taken, one that is refused, one that waits, one that is done.
TEST(DepositFolder, NeitherANumberNorATitleIsLogged) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  for (const bool by_name : {false, true}) {
    Dropping it;
    if (by_name) it.config.file_name = "{number}_{date}_{title}";
    const std::string name = "199001012386_2026-11-22_Intyget";
    it.folder.write("drop/journal/" + name + ".pdf", "%PDF-");
    it.folder.write("drop/journal/" + name + ".xyz", "%PDF-");
    it.folder.write("drop/journal/" + name + ".json", "{}");
    it.folder.write("drop/journal/waits-199001012386.pdf", "%PDF-");
    if (!by_name) {
      for (const char* end : {".pdf", ".xyz"})
        it.folder.write("drop/journal/" + name + end + ".json",
                        R"({"person": "199001012386", "title": "Intyget", "date": "2026-11-22"})");
    }
    std::ofstream writing;
    if (by_name) {
      it.folder.write("drop/journal/199001012386_2026-11-22_Intyget2.pdf", "%PDF-");
      writing.open(it.folder / "drop/journal/199001012386_2026-11-22_Intyget2.pdf", std::ios::app);
    }
    it.look();
    DepositFolder drop(it.config, it.outbox);
    for (Message one : it.messages()) {
      one.state = by_name ? MessageState::refused : MessageState::done;
      one.reason = text_of({"nej", "no", "the part Intyget"});
      EXPECT_TRUE(drop.finish(one).has_value());
    }
  }
  spdlog::set_default_logger(before);
  const std::string said = log.str();
  for (const char* line : {"taken: message ", "deposited: message ", "refused: message ", "refused: `journal/…`",
                           "waits for its sidecar", "stays where it is"})
    EXPECT_NE(said.find(line), std::string::npos) << line << "\n" << said;
  EXPECT_EQ(said.find("19900101"), std::string::npos) << said;
  EXPECT_EQ(said.find("1012386"), std::string::npos) << said;
  EXPECT_EQ(said.find("Intyget"), std::string::npos) << said;
}

TEST(DepositFolder, PutsWhatIsDoneBesideItsReceiptAndMayDoItTwice) {  // SPEC CONN-36
  Dropping it;
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  it.look();
  Message one = it.messages()[0];
  one.state = MessageState::done;
  one.document = "0123456789abcdef0123456789abcdef";
  DepositFolder drop(it.config, it.outbox);
  ASSERT_TRUE(drop.finish(one).has_value());
  EXPECT_EQ(read(it.folder / "drop/done/journal/a.pdf"), "%PDF-");
  EXPECT_NE(read(it.folder / "drop/done/journal/a.pdf.receipt.json").find(*one.document), std::string::npos);
  EXPECT_EQ(read(it.folder / "drop/done/journal/a.pdf.receipt.json").find("findings"), std::string::npos);
  EXPECT_TRUE(it.messages().empty());
  ASSERT_TRUE(it.outbox.keep(one).has_value());  // as if the machine had stopped before the row went
  EXPECT_TRUE(drop.finish(one).has_value());
  EXPECT_TRUE(it.messages().empty());
}

TEST(DepositFolder, TheReceiptSaysWhatWasFoundAndWhatIsSealed) {  // SPEC CONN-28
  Dropping it;
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  it.look();
  Message one = it.messages()[0];
  one.state = MessageState::done;
  one.document = "0123456789abcdef0123456789abcdef";
  one.sealed_sha256 = "c2VhbGVk";
  one.findings = R"([{"kind":"metadata","where":"","count":1,"action":"strip"}])";
  ASSERT_TRUE(it.outbox.keep(one).has_value());
  ASSERT_TRUE(DepositFolder(it.config, it.outbox).finish(it.messages()[0]).has_value());
  const json::value receipt = parse_json(read(it.folder / "drop/done/journal/a.pdf.receipt.json")).value();
  EXPECT_EQ(receipt.at("sealed_sha256").as_string(), "c2VhbGVk");
  EXPECT_EQ(receipt.at("findings").at(0).at("kind").as_string(), "metadata");
  EXPECT_EQ(receipt.at("message").as_string(), one.id.text());
}

TEST(DepositFolder, WhatHasTheNameOfAnotherGetsOneOfItsOwn) {  // SPEC CONN-36
  Dropping it;
  std::vector<std::string> names;
  for (int number = 0; number < 2; ++number) {
    it.folder.write("drop/journal/a.pdf", "%PDF-" + std::to_string(number));
    it.folder.write("drop/journal/a.pdf.json", kSidecar);
    it.look();
    ASSERT_EQ(it.messages().size(), 1u);
    Message one = it.messages()[0];
    one.state = MessageState::refused;
    one.reason = text_of({"nej", "no"});
    names.push_back(number == 0 ? "a.pdf" : "a-" + one.id.text().substr(0, 8) + ".pdf");
    ASSERT_TRUE(DepositFolder(it.config, it.outbox).finish(one).has_value());
    EXPECT_EQ(read(it.folder / ("drop/refused/journal/" + names.back() + ".reason")),
              "nej\nno\nmessage: " + one.id.text() + "\n");
  }
  for (int number = 0; number < 2; ++number) {
    EXPECT_EQ(read(it.folder / ("drop/refused/journal/" + names[number])), "%PDF-" + std::to_string(number));
    EXPECT_TRUE(fs::exists(it.folder / ("drop/refused/journal/" + names[number] + ".json")));
  }
}

TEST(DepositFolder, NothingIsLaidDownWhereAShareIsNotMounted) {  // SPEC CONN-36
  Dropping it;
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  Message one = it.messages()[0];
  one.state = MessageState::done;
  ASSERT_TRUE(it.outbox.keep(one).has_value());
  fs::rename(it.folder / "drop", it.folder / "share");
  fs::create_directory(it.folder / "drop");
  it.look();
  DepositFolder drop(it.config, it.outbox);
  EXPECT_FALSE(drop.finish(one).has_value());
  EXPECT_TRUE(fs::is_empty(it.folder / "drop"));
  EXPECT_EQ(it.messages().size(), 1u);
  EXPECT_TRUE(fs::exists(it.outbox.data(one.id)));
  fs::remove(it.folder / "drop");
  fs::rename(it.folder / "share", it.folder / "drop");
  ASSERT_TRUE(drop.finish(one).has_value());
  EXPECT_EQ(read(it.folder / "drop/done/journal/a.pdf"), "%PDF-");
}

// SPEC CONN-39: who may drop files may lay links, too; of the connector's own files none comes out by them, and none
// in.
TEST(DepositFolder, FollowsNoLinkThatLiesWhereAFolderBelongs) {
  Dropping it;
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  const Message one = it.messages()[0];
  // The queue as a flik: its row would be dropped and refused, its document deposited.
  fs::create_directory_symlink(it.folder / "outbox", it.folder / "drop/ekonomi");
  // A folder of somebody else's as what is done, one's own state as what is refused.
  fs::create_directory(it.folder / "elsewhere");
  fs::create_directory_symlink(it.folder / "elsewhere", it.folder / "drop/done");
  fs::create_directory_symlink(it.folder.path(), it.folder / "drop/refused");
  it.folder.write("drop/journal/bad.pdf", "%PDF-");
  it.folder.write("drop/journal/bad.pdf.json", "{");
  it.look();
  EXPECT_EQ(it.messages().size(), 1u);
  EXPECT_TRUE(fs::exists(it.folder / "drop/journal/bad.pdf")) << "it stays where it is";
  EXPECT_FALSE(fs::exists(it.folder / "journal"));
  Message done = one;
  done.state = MessageState::done;
  EXPECT_FALSE(DepositFolder(it.config, it.outbox).finish(done).has_value());
  EXPECT_TRUE(fs::is_empty(it.folder / "elsewhere"));
  EXPECT_TRUE(fs::exists(it.outbox.data(one.id))) << "nothing is lost";
  fs::remove(it.folder / "drop/done");
  EXPECT_TRUE(DepositFolder(it.config, it.outbox).finish(done).has_value());
  EXPECT_EQ(read(it.folder / "drop/done/journal/a.pdf"), "%PDF-");
}

TEST(DepositFolder, AFlikIsTheNameOfAFolderAndNothingElse) {  // SPEC CONN-39
  for (const char* name : {"journal", "a-1", "0"}) EXPECT_TRUE(is_flik(name)) << name;
  for (const char* name :
       {"", ".", "..", "../x", "/abs", "a/b", "Journal", "done", "refused", "a b", "ö", "aaaaaaaaaaaaaaaaa", ".hidden"})
    EXPECT_FALSE(is_flik(name)) << name;
  Dropping it;
  Message one;
  one.id = crypto::random_id<DepositId>();
  one.flik = "../../x";
  one.name = "answer";
  one.state = MessageState::refused;
  ASSERT_TRUE(it.outbox.keep(one).has_value());
  it.folder.write("outbox/" + one.id.text() + ".data", "%PDF-");
  it.folder.write("drop/journal/.keep", "");
  ASSERT_TRUE(DepositFolder(it.config, it.outbox).finish(one).has_value());
  EXPECT_TRUE(fs::exists(it.folder / "drop/refused/unknown/answer"));
}

// SPEC CONN-33: another user's file tells nobody without privilege whether it is being written.
TEST(DepositFolder, AFileOfAnotherUserRestsForLonger) {
  if (::geteuid() != 0) GTEST_SKIP() << "it takes two users";
  constexpr uid_t kNobody = 65534;
  Dropping it;
  it.config.unknown_writer = std::chrono::milliseconds(300);
  it.folder.write("drop/journal/a.pdf", "%PDF-");
  it.folder.write("drop/journal/a.pdf.json", kSidecar);
  for (const fs::path& one : {it.folder.path(), it.folder / "drop", it.folder / "drop/journal", it.folder / "outbox"})
    ASSERT_EQ(::chown(one.c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::seteuid(kNobody), 0);
  DepositFolder drop(it.config, it.outbox);
  const bool looked = drop.look().has_value() && drop.look().has_value();
  const std::size_t at_once = it.messages().size();
  std::this_thread::sleep_for(std::chrono::milliseconds(350));
  const bool looked_again = drop.look().has_value();
  const std::size_t later = it.messages().size();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(looked && looked_again);
  EXPECT_EQ(at_once, 0u);
  EXPECT_EQ(later, 1u);
}

}  // namespace
}  // namespace flikvakt::connector
