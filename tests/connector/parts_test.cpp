// Parts of the connector: its configuration, queue, deposit folder, answer program and syslog lines. spec/connector.md
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "base/files.h"
#include "certs/issuer.h"
#include "certs/profiles.h"
#include "connector/answer_program.h"
#include "connector/config.h"
#include "connector/deposit_folder.h"
#include "connector/identity.h"
#include "connector/refusal_words.h"
#include "connector/retries.h"
#include "connector/siem_stream.h"
#include "connector/transport.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

// As main() of the program does: whom nobody hears is told by write(), not by the end of everything.
const auto kNoSignalOfPipes = ::signal(SIGPIPE, SIG_IGN);

class Folder {
public:
  Folder() : path_(fs::temp_directory_path() / ("flikvakt-test-" + to_hex(crypto::random_bytes<8>()))) {
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }
  void write(const fs::path& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

private:
  fs::path path_;
};

std::string read(const fs::path& file) { return std::string(flikvakt::as_text(read_file(file, 1 << 20).value())); }

constexpr std::string_view kLeast = "gateway = \"https://portal.example\"\nstate = \"state\"\n";
Trouble wrong(const std::string& more) { return parse_config(std::string(kLeast) + more, "/etc/c.toml").error(); }

TEST(Config, TakesTheExampleAndSaysWhatIsWrongWhere) {  // SPEC CONN-70
  const Outcome<Config> example = parse_config(example_config(), "/etc/c.toml");
  ASSERT_TRUE(example.has_value()) << example.error().message;
  EXPECT_EQ(example->state, "/var/lib/flikvakt-connector");
  EXPECT_EQ(parse_config(kLeast, "/etc/c.toml")->state, "/etc/state");
  EXPECT_EQ(example->mode, Mode::direct);
  EXPECT_EQ(parse_config("", "c.toml").error().exit, ExitCode::usage);
  EXPECT_EQ(wrong("mode = \"sealed\"\n").message, "/etc/c.toml:3: `mode`: expected \"direct\" or \"end-to-end\"");
  EXPECT_EQ(wrong("modus = 1\n").message, "/etc/c.toml:3: `modus`: not known here");
  EXPECT_EQ(wrong("[proxy]\nauth = \"digest\"\n").message,
            "/etc/c.toml:4: `proxy.auth`: expected any, basic, ntlm or negotiate");
  EXPECT_EQ(wrong("poll_seconds = 56\n").message,
            "/etc/c.toml:3: `poll_seconds`: expected a whole number from 1 to 55");
  EXPECT_NE(wrong("[answer]\nprogram = [\"find\"]\n").message.find("absolute path"), std::string::npos);
  EXPECT_NE(wrong("[deposit]\nfolder = \"d\"\nfile_name = \"{title}\"\n").message.find("{number}"), std::string::npos);
  EXPECT_EQ(parse_config("gateway = \"http://portal.example\"\nstate = \"s\"\n", "c").error().exit, ExitCode::usage)
      << "never without TLS";
}

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

struct Dropping {
  Folder folder;
  FolderConfig config;
  Outbox outbox = Outbox::open(folder.path()).value();
  Dropping() {
    config.path = folder / "drop";
    config.settled = std::chrono::milliseconds(0);
    config.author = "Region";
  }
  // Twice: what was not seen before has not settled.
  void look() {
    DepositFolder drop(config, outbox);
    EXPECT_TRUE(drop.look().has_value());
    EXPECT_TRUE(drop.look().has_value());
  }
  std::vector<Message> messages() const { return outbox.all().value(); }
};
constexpr std::string_view kSidecar = R"({"person": "199001012386", "title": "Intyg", "date": "2026-11-22"})";

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

// SPEC CONN-34, CONN-36: the deposit folder lies on another mount than the state folder.
struct Apart {
  Dropping it;
  fs::path drop = "/dev/shm/flikvakt-test-" + to_hex(crypto::random_bytes<8>());
  bool is_apart = false;
  Apart() {
    std::error_code error;
    struct stat here {
    }, there{};
    is_apart = fs::create_directories(drop / "journal", error) && ::stat(drop.c_str(), &there) == 0 &&
               ::stat(it.folder.path().c_str(), &here) == 0 && here.st_dev != there.st_dev;
    it.config.path = drop;
  }
  ~Apart() {
    std::error_code ignored;
    fs::remove_all(drop, ignored);
  }
  void lay(const std::string& text) const {
    std::ofstream(drop / "journal/a.pdf") << text;
    std::ofstream(drop / "journal/a.pdf.json") << kSidecar;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& one : fs::directory_iterator(drop / "journal")) out.push_back(one.path().filename().string());
    return out;
  }
};

TEST(DepositFolder, TakesAndGivesBackOverMounts) {
  Apart apart;
  if (!apart.is_apart) GTEST_SKIP() << "no second mount is here";
  Dropping& it = apart.it;
  for (const bool is_done : {true, false}) {
    apart.lay("%PDF- text");
    it.look();
    ASSERT_EQ(it.messages().size(), 1u);
    Message one = it.messages()[0];
    EXPECT_EQ(one.state, MessageState::queued);
    EXPECT_FALSE(one.aside);
    EXPECT_EQ(read(it.outbox.data(one.id)), "%PDF- text");
    EXPECT_TRUE(apart.names().empty());
    one.state = is_done ? MessageState::done : MessageState::refused;
    DepositFolder drop(it.config, it.outbox);
    ASSERT_TRUE(drop.finish(one).has_value());
    const fs::path outcome = apart.drop / (is_done ? "done/journal" : "refused/journal");
    EXPECT_EQ(read(outcome / "a.pdf"), "%PDF- text");
    // As if the machine had stopped after the copy: it is known again, and not laid there twice.
    ASSERT_TRUE(it.outbox.keep(one).has_value());
    std::ofstream(it.outbox.data(one.id)) << "%PDF- text";
    ASSERT_TRUE(drop.finish(one).has_value());
    EXPECT_EQ(std::distance(fs::directory_iterator(outcome), fs::directory_iterator()), is_done ? 2 : 3);
    EXPECT_TRUE(it.messages().empty());
    EXPECT_FALSE(fs::exists(it.outbox.data(one.id)));
  }
}

TEST(DepositFolder, AStopAtAnyPlaceOfACopyLeavesOneMessage) {
  for (int place = 0; place < 5; ++place) {
    Apart apart;
    if (!apart.is_apart) GTEST_SKIP() << "no second mount is here";
    Dropping& it = apart.it;
    apart.lay("%PDF- text");
    it.look();
    ASSERT_EQ(it.messages().size(), 1u);
    Message one = it.messages()[0];
    one.aside = "." + one.id.text() + ".taking";
    // 0: the row says where it goes; 1: it lies aside; 2: the copy is whole; 3: it is queued; 4: another one came.
    one.state = place < 3 ? MessageState::taking : MessageState::queued;
    ASSERT_TRUE(it.outbox.keep(one).has_value());
    if (place < 2) fs::remove(it.outbox.data(one.id));
    std::ofstream(apart.drop / "journal" / (place == 0 ? "a.pdf" : *one.aside)) << "%PDF- text";
    std::ofstream(apart.drop / "journal/a.pdf.json") << kSidecar;
    fs::last_write_time(apart.drop / "journal/a.pdf.json", fs::file_time_type::clock::now() - std::chrono::seconds(60));
    if (place == 4) std::ofstream(apart.drop / "journal/a.pdf") << "%PDF- of somebody else";
    ASSERT_TRUE(Outbox::open(it.folder.path()).has_value());  // as at a start
    it.look();
    ASSERT_EQ(it.messages().size(), 1u) << place;
    EXPECT_EQ(it.messages()[0].state, MessageState::queued) << place;
    EXPECT_EQ(it.messages()[0].id, one.id) << place;
    EXPECT_EQ(read(it.outbox.data(one.id)), "%PDF- text") << place;
    EXPECT_EQ(apart.names(), place == 4 ? std::vector<std::string>{"a.pdf"} : std::vector<std::string>())
        << place << ": the other one waits for a sidecar of its own";
  }
}

// Known by its row alone: forgotten it would lie there for ever under a name that nobody takes.
TEST(DepositFolder, WhatLiesAsideOnAShareThatIsNotMountedIsTakenWhenItIs) {  // SPEC CONN-34
  Apart apart;
  if (!apart.is_apart) GTEST_SKIP() << "no second mount is here";
  Dropping& it = apart.it;
  apart.lay("%PDF- text");
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  Message one = it.messages()[0];
  one.aside = "." + one.id.text() + ".taking";
  one.state = MessageState::taking;
  ASSERT_TRUE(it.outbox.keep(one).has_value());
  fs::remove(it.outbox.data(one.id));
  std::ofstream(apart.drop / "journal" / *one.aside) << "%PDF- text";
  fs::rename(apart.drop / "journal", apart.drop / ".not-mounted");
  ASSERT_TRUE(Outbox::open(it.folder.path()).has_value());  // as at a start
  DepositFolder drop(it.config, it.outbox);
  for (int looks = 0; looks < 2; ++looks) EXPECT_TRUE(drop.look().has_value());
  ASSERT_EQ(it.messages().size(), 1u);
  EXPECT_EQ(it.messages()[0].state, MessageState::taking);
  fs::rename(apart.drop / ".not-mounted", apart.drop / "journal");
  EXPECT_TRUE(drop.look().has_value());
  ASSERT_EQ(it.messages().size(), 1u);
  EXPECT_EQ(it.messages()[0].state, MessageState::queued);
  EXPECT_EQ(read(it.outbox.data(one.id)), "%PDF- text");
  EXPECT_TRUE(apart.names().empty());
}

TEST(DepositFolder, WhatChangedAsideGoesBackBesideWhatCameMeanwhile) {
  Apart apart;
  if (!apart.is_apart) GTEST_SKIP() << "no second mount is here";
  Dropping& it = apart.it;
  apart.lay("%PDF- text");
  it.look();
  ASSERT_EQ(it.messages().size(), 1u);
  Message one = it.messages()[0];
  one.aside = "." + one.id.text() + ".taking";
  one.state = MessageState::taking;
  ASSERT_TRUE(it.outbox.keep(one).has_value());
  fs::remove(it.outbox.data(one.id));
  std::ofstream(apart.drop / "journal" / *one.aside) << "%PDF- TEXT";
  std::ofstream(apart.drop / "journal/a.pdf") << "%PDF- of somebody else";
  ASSERT_TRUE(Outbox::open(it.folder.path()).has_value());  // as at a start
  DepositFolder drop(it.config, it.outbox);
  ASSERT_TRUE(drop.look().has_value());
  EXPECT_TRUE(it.messages().empty());
  const std::string other = "a-" + one.id.text().substr(0, 8) + ".pdf";
  EXPECT_EQ(read(apart.drop / "journal/a.pdf"), "%PDF- of somebody else");
  EXPECT_EQ(read(apart.drop / "journal" / other), "%PDF- TEXT");
  EXPECT_EQ(read(apart.drop / "journal" / (other + ".json")), kSidecar);
}

// SPEC CONN-35, CONN-38: there is room for one row, not for the draft of the next.
TEST(DepositFolder, AFullDiskBehindTheMoveIsPutInOrderBeforeAnythingElseIsTaken) {
  Folder mount;
  if (::geteuid() != 0 || ::mount("tmpfs", mount.path().c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "a small disk cannot be mounted here";
  {
    mount.write("drop/journal/a.pdf", "%PDF-");
    mount.write("drop/journal/a.pdf.json", kSidecar);
    Outbox outbox = Outbox::open(mount.path()).value();
    FolderConfig config;
    config.path = mount / "drop";
    config.settled = std::chrono::milliseconds(0);
    config.author = "Region";
    DepositFolder drop(config, outbox);
    EXPECT_TRUE(drop.look().has_value());
    {
      std::ofstream filler(mount / "filler", std::ios::binary);
      while (filler << std::string(4096, 'x') << std::flush) {
      }
    }
    fs::resize_file(mount / "filler", fs::file_size(mount / "filler") / 4096 * 4096 - 4096);
    const bool is_taken = drop.look().has_value();
    const std::vector<Message> half = outbox.all().value();
    EXPECT_FALSE(is_taken);
    EXPECT_EQ(half.size(), 1u);
    EXPECT_TRUE(half.size() == 1 && half[0].state == MessageState::taking);
    fs::remove(mount / "filler");
    mount.write("drop/journal/a.pdf", "%PDF- of somebody else");
    for (int looks = 0; looks < 3; ++looks) EXPECT_TRUE(drop.look().has_value());
    const std::vector<Message> queued = outbox.all().value();
    EXPECT_EQ(queued.size(), 1u);
    EXPECT_TRUE(queued.size() == 1 && queued[0].state == MessageState::queued);
    EXPECT_FALSE(fs::exists(mount / "drop/journal/a.pdf.json")) << "it is the first one's";
    EXPECT_TRUE(fs::exists(mount / "drop/journal/a.pdf")) << "it waits for a sidecar of its own";
  }
  ::umount2(mount.path().c_str(), MNT_DETACH);
}

// SPEC CONN-38: whose sidecar it was is forgotten with nobody, so that no other file comes under it.
TEST(DepositFolder, ASidecarThatAStopLeftIsNoOtherFiles) {
  const auto lay_back = [](const Dropping& it, std::chrono::seconds by) {
    it.folder.write("drop/journal/a.pdf.json", kSidecar);
    fs::last_write_time(it.folder / "drop/journal/a.pdf.json", fs::file_time_type::clock::now() + by);
  };
  for (const bool is_finished : {true, false}) {
    Dropping it;
    it.folder.write("drop/journal/a.pdf", "%PDF-");
    it.folder.write("drop/journal/a.pdf.json", kSidecar);
    it.look();
    ASSERT_EQ(it.messages().size(), 1u);
    lay_back(it, -std::chrono::seconds(60));  // as if the machine had stopped before it went
    it.folder.write("drop/journal/a.pdf", "%PDF- of somebody else");
    if (is_finished) {
      Message one = it.messages()[0];
      one.state = MessageState::done;
      ASSERT_TRUE(DepositFolder(it.config, it.outbox).finish(one).has_value());
    }
    it.look();  // as after a start
    EXPECT_FALSE(fs::exists(it.folder / "drop/journal/a.pdf.json")) << is_finished;
    EXPECT_TRUE(fs::exists(it.folder / "drop/journal/a.pdf")) << "it waits for a sidecar of its own";
    EXPECT_EQ(it.messages().size(), is_finished ? 0u : 1u);
  }
  for (const bool is_other_text : {true, false}) {  // and what is the next file's stays
    Dropping it;
    it.folder.write("drop/journal/a.pdf", "%PDF-");
    it.folder.write("drop/journal/a.pdf.json", kSidecar);
    it.look();
    lay_back(it, std::chrono::seconds(is_other_text ? -60 : 60));
    if (is_other_text)
      it.folder.write("drop/journal/a.pdf.json", R"({"person": "199001022387", "title": "x", "date": "2026-11-22"})");
    it.folder.write("drop/journal/a.pdf", "%PDF- of somebody else");
    it.look();
    EXPECT_EQ(it.messages().size(), 2u) << is_other_text;
  }
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

TEST(Outbox, AStopWhileAFileIsTakenChangesNothing) {  // SPEC CONN-34
  Folder folder;
  Message one;
  one.id = crypto::random_id<DepositId>();
  one.name = "a.pdf";
  {
    Outbox outbox = Outbox::open(folder.path()).value();
    ASSERT_TRUE(outbox.keep(one).has_value());
    EXPECT_EQ(outbox.count(), 1u);
  }
  EXPECT_TRUE(Outbox::open(folder.path())->all()->empty()) << "its file lies where it was dropped";
  {
    Outbox outbox = Outbox::open(folder.path()).value();
    ASSERT_TRUE(outbox.keep(one).has_value());
    std::ofstream(outbox.data(one.id)) << "text";
  }
  const Outbox again = Outbox::open(folder.path()).value();
  ASSERT_EQ(again.all()->size(), 1u);
  EXPECT_EQ(again.all()->front().state, MessageState::queued);
  EXPECT_EQ(again.all()->front().id, one.id);
}

TEST(Outbox, WhatCannotBeReadStays) {
  Folder folder;
  Outbox outbox = Outbox::open(folder.path()).value();
  folder.write("outbox/0123.json", "{damaged");
  EXPECT_TRUE(outbox.all()->empty());
  EXPECT_TRUE(fs::exists(folder / "outbox/0123.json"));
}

TEST(Outbox, SweepsOutWhatHasNoRow) {  // SPEC CONN-34
  Folder folder;
  Message one;
  one.id = crypto::random_id<DepositId>();
  one.state = MessageState::queued;
  {
    Outbox outbox = Outbox::open(folder.path()).value();
    ASSERT_TRUE(outbox.keep(one).has_value());
  }
  const std::string id = one.id.text();
  folder.write("outbox/" + id + ".data", "whole");
  folder.write("outbox/" + id + ".data.0011223344556677.tmp", "half");
  folder.write("outbox/" + std::string(32, '0') + ".data", "an answer that was not kept");
  folder.write("outbox/" + std::string(32, '1') + ".json", "{damaged");
  folder.write("outbox/" + std::string(32, '1') + ".data", "of a row that cannot be read");
  ASSERT_TRUE(Outbox::open(folder.path()).has_value());
  std::set<std::string> left;
  for (const auto& file : fs::directory_iterator(folder / "outbox")) left.insert(file.path().filename().string());
  EXPECT_EQ(left, (std::set<std::string>{id + ".json", id + ".data", std::string(32, '1') + ".json",
                                         std::string(32, '1') + ".data"}));
}

// SPEC CONN-27
TEST(Retries, OneThatFailsIsTriedAgainLaterAndLaterAndKeepsNobodyBack) {
  const auto id = [](std::uint8_t number) { return DepositId(ByteArray<16>{number}); };
  using std::chrono::seconds;
  Retries retries;
  Retries::Time now{};
  EXPECT_TRUE(retries.is_due(id(1), now));
  seconds pause{1};
  for (int failed = 0; failed < 14; ++failed) {
    EXPECT_EQ(retries.note_failure(id(1), "503", now), failed == 0) << "said once";
    EXPECT_FALSE(retries.is_due(id(1), now + pause - seconds(1)));
    EXPECT_TRUE(retries.is_due(id(1), now + pause)) << pause.count();
    EXPECT_TRUE(retries.is_due(id(2), now));
    now += pause;
    pause = std::min(2 * pause, seconds(3600));
  }
  EXPECT_TRUE(retries.note_failure(id(1), "507", now)) << "another reason is said";
  retries.note_success(id(2));
  EXPECT_FALSE(retries.is_due(id(1), now)) << "one that had not failed says nothing of it";
  retries.note_failure(id(3), "503", now);
  retries.note_success(id(3));
  EXPECT_TRUE(retries.is_due(id(1), now)) << "what failed that one is over: perhaps for all";
  retries.note_success(id(1));
  retries.note_failure(id(4), "503", now);
  retries.note_failure(id(5), "503", now);
  retries.note_success(id(4));
  EXPECT_FALSE(retries.note_failure(id(5), "503", now));
  retries.note_failure(id(6), "503", now);
  retries.note_success(id(6));
  EXPECT_TRUE(retries.is_due(id(5), now));
  EXPECT_TRUE(retries.is_first_word_of_age(id(5)));
  EXPECT_FALSE(retries.is_first_word_of_age(id(5)));
  for (unsigned times = 1; times < Retries::kPatience; ++times) retries.note_break(id(7));
  EXPECT_EQ(retries.turn(id(7)), 0u) << "it is sent on, before another one is begun";
  retries.note_break(id(7));
  EXPECT_EQ(retries.turn(id(7)), 1u);
  retries.note_success(id(7));
  EXPECT_EQ(retries.turn(id(7)), 0u);
}

// SPEC CONN-36, CONN-37
TEST(RefusalWords, SayInTwoLanguagesWhatToDo) {
  const auto words = [](std::string_view problem) { return words_of_problem(parse_json(problem).value()); };
  const RefusalWords locked =
      words(R"({"type": "x/file-refused", "detail": "d", "refusal": {"reason": "encrypted", "where": ""}})");
  EXPECT_NE(locked.swedish.find("spara den utan lösenord"), std::string::npos) << locked.swedish;
  EXPECT_NE(locked.english.find("save it without one"), std::string::npos) << locked.english;
  const std::string text =
      text_of(words(R"({"refusal": {"reason": "found", "where": "page 3\n of Milo", "finding": "macro"}})"));
  EXPECT_NE(text.find("makro\n"), std::string::npos) << text;
  EXPECT_NE(text.find("macro\nwhere: page 3  of Milo"), std::string::npos) << text;
  EXPECT_EQ(log_line_of(text).find("Milo"), std::string::npos) << "where is not for the log";
  EXPECT_NE(log_line_of(text).find("macro"), std::string::npos);
  EXPECT_EQ(log_line_of("of an older release"), "of an older release");
  EXPECT_NE(words(R"({"refusal": {"reason": "new", "where": "", "finding": "other"}})").english.find("other"),
            std::string::npos);
  EXPECT_NE(words(R"({"detail": "the date is wrong"})").english.find("the date is wrong"), std::string::npos);
  for (const char* odd : {"null", "[]", "{}", R"({"refusal": 7, "detail": 7})"})
    EXPECT_FALSE(words(odd).english.empty()) << odd;
}

struct Asked {
  Folder folder;
  Message message;
  std::atomic<bool> stopping = false;
  ProgramAnswer run(const std::string& script, std::chrono::seconds patience = std::chrono::seconds(5)) {
    folder.write("find", "#!/bin/sh\n" + script);
    ::chmod((folder / "find").c_str(), 0700);
    AnswerConfig config;
    config.program = {(folder / "find").string()};
    config.patience = patience;
    message.author = "Region";
    return run_answer_program(config, json::object{{"flik", "journal"}}, folder / "answer", message, stopping);
  }
  bool has_left_nothing() const {
    for (const auto& one : fs::directory_iterator(folder.path())) {
      if (one.path().filename() != "find") return false;
    }
    return true;
  }
};
constexpr const char* kHead = R"(echo '{"title":"Svar","date":"2026-11-22","media_type":"application/pdf"}')";

TEST(AnswerProgram, GivesADocumentWithALineThatSaysWhatItIs) {  // SPEC CONN-47
  Asked it;
  const ProgramAnswer answer = it.run(std::string("read asked\n") + kHead + "\nprintf '%%PDF-1.4 %s' \"$asked\"\n");
  ASSERT_EQ(answer.how, Answered::found) << answer.why;
  EXPECT_EQ(it.message.title, "Svar");
  EXPECT_EQ(read(it.folder / "answer"), "%PDF-1.4 {\"flik\":\"journal\"}");
  EXPECT_EQ(it.message.size, 27u);
}

TEST(AnswerProgram, ThatHangsFailsOrWritesSomethingElseSendsNothing) {  // SPEC CONN-47
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"nothing at all", "exit 0\n"},
      {"garbage", "echo no document\n"},
      {"no document behind the line", std::string(kHead) + "\n"},
      {"a line without an end", "printf '{\"title\":\"x\"'\n"},
      {"another day", "echo '{\"title\":\"x\",\"date\":\"soon\",\"media_type\":\"a/b\"}'\necho x\n"},
      {"an exit code", std::string(kHead) + "\necho x\nexit 1\n"},
      {"a signal", std::string(kHead) + "\necho x\nkill -9 $$\n"},
      {"a document, and that there is none", std::string(kHead) + "\necho x\nexit 3\n"}};
  for (const auto& [what, script] : cases) {
    Asked it;
    const ProgramAnswer answer = it.run(script);
    EXPECT_EQ(answer.how, Answered::failed) << what;
    EXPECT_FALSE(answer.why.empty()) << what;
    EXPECT_TRUE(it.has_left_nothing()) << what;
  }
  Asked slow;
  EXPECT_EQ(slow.run("sleep 30 &\nsleep 30\n", std::chrono::seconds(1)).how, Answered::failed);
  EXPECT_TRUE(slow.has_left_nothing());
  Asked missing;
  Asked named;
  for (const char* title : {"", "LONG"}) {
    const std::string says = *title ? std::string(201, 'x') : "";
    EXPECT_EQ(
        named.run("echo '{\"title\":\"" + says + "\",\"date\":\"2026-11-22\",\"media_type\":\"a/b\"}'\necho x\n").how,
        Answered::failed);
    EXPECT_TRUE(named.has_left_nothing());
  }
  AnswerConfig config;
  config.program = {"/nowhere/find"};
  EXPECT_EQ(run_answer_program(config, {}, missing.folder / "answer", missing.message, missing.stopping).how,
            Answered::failed);
}

// SPEC CONN-49
TEST(AnswerProgram, GetsNothingOfOursAndNoSignalThatIsIgnored) {
  ::setenv("FLIKVAKT_SECRET_OF_OURS", "1", 1);
  const int kept_open = ::open("/dev/null", O_RDONLY);
  ASSERT_GT(kept_open, 2);
  Asked it;
  const ProgramAnswer answer =
      it.run(std::string(kHead) + "\nenv\ngrep SigIgn /proc/self/status\n" + "[ -e /proc/$$/fd/" +
             std::to_string(kept_open) + " ] && echo INHERITED\nexit 0\n");
  ::close(kept_open);
  ::unsetenv("FLIKVAKT_SECRET_OF_OURS");
  ASSERT_EQ(answer.how, Answered::found) << answer.why;
  const std::string says = read(it.folder / "answer");
  EXPECT_NE(says.find("PATH="), std::string::npos) << says;
  EXPECT_EQ(says.find("FLIKVAKT_SECRET_OF_OURS"), std::string::npos) << says;
  EXPECT_EQ(says.find("INHERITED"), std::string::npos) << says;
  const std::size_t at = says.find("SigIgn:");
  ASSERT_NE(at, std::string::npos) << says;
  EXPECT_EQ(std::stoull(says.substr(at + 7), nullptr, 16) & (1ull << (SIGPIPE - 1)), 0u) << says;
}

TEST(AnswerProgram, ThatClosedItsAnswerHoldsNobodyUpWhoStops) {  // SPEC CONN-71
  Asked it;
  std::thread stops([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    it.stopping = true;
  });
  const ProgramAnswer answer =
      it.run(std::string(kHead) + "\necho x\nexec >&-\nsleep 3600\n", std::chrono::seconds(3600));
  stops.join();
  EXPECT_EQ(answer.how, Answered::failed);
  EXPECT_EQ(answer.why, "the connector stops");
  EXPECT_TRUE(it.has_left_nothing());
}

TEST(AnswerProgram, MaySayThatThereIsNone) {
  Asked it;
  EXPECT_EQ(it.run("exit 3\n").how, Answered::nothing);
  EXPECT_TRUE(it.has_left_nothing());
}

// SPEC CONN-60: what was written and not noted is not written again.
TEST(SiemLines, AreKnownByTheLastWholeOneOfTheFile) {
  Folder folder;
  const auto last = [&](std::string_view text) {
    folder.write("log.jsonl", text);
    return last_entry_in(folder / "log.jsonl");
  };
  EXPECT_FALSE(last_entry_in(folder / "nothing"));
  EXPECT_FALSE(last(""));
  EXPECT_EQ(last("{\"entry\":7}\n"), 7u);
  EXPECT_EQ(last("{\"entry\":7}\n{\"entry\":9}\n"), 9u);
  EXPECT_EQ(last("{\"entry\":7}\n{\"entry\":9}\n{\"entry\":1"), 9u) << "cut short by a stop";
  EXPECT_EQ(last("{\"entry\":7}\n\n"), 7u);
  EXPECT_EQ(last("{\"entry\":7}\nsomething else\n"), 7u);
  EXPECT_FALSE(last("something else\n\n\n"));
  EXPECT_EQ(last(std::string(200'000, 'x') + "\n{\"entry\":12}\n"), 12u);
}

// SPEC CONN-3: roots that are missing are no leave to take anything.
TEST(Trust, IsNeverEmpty) {
  EXPECT_FALSE(Trust::of_roots(""));
  EXPECT_FALSE(Trust::of_roots("no certificate"));
  EXPECT_FALSE(Trust::of_sealed().roots());
  const std::string pem = "-----BEGIN CERTIFICATE-----\n";
  EXPECT_EQ(Trust::of_roots(pem)->roots(), pem);
}

// SPEC CONN-3, CONN-6: what says that it is an enrolment and lacks roots, a seal key, or a certificate for its key.
TEST(Identity, WithoutRootsOrWithAnotherKeysCertificateIsNone) {
  const UtcTime now = SystemClock().wall();
  const certs::Issuer ca = certs::Issuer::self_signed(certs::root_profile("CA", now)).value();
  const auto tls = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const auto other = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
  const certs::CertificateSpec spec = certs::client_profile("Region", "2321000016", now);
  IdentityFile whole;
  whole.gateway = "gateway";
  whole.message_key = std::string(crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519).to_pem().expose());
  whole.tls_key = std::string(tls.to_pem().expose());
  whole.certificate = ca.issue_for(spec, tls.public_key().to_pem()).value().pem();
  whole.trust = ca.certificate().pem();
  whole.seal_keys = {to_base64url(crypto::random_bytes<32>())};
  EXPECT_TRUE(Identity::from(whole).has_value());
  const std::vector<std::pair<const char*, std::function<void(IdentityFile&)>>> lacking = {
      {"roots", [](IdentityFile& one) { one.trust.clear(); }},
      {"roots that are any", [](IdentityFile& one) { one.trust = "none"; }},
      {"roots that are none", [&](IdentityFile& one) { one.trust = one.certificate; }},
      {"its TLS key", [&](IdentityFile& one) { one.tls_key = std::string(other.to_pem().expose()); }},
      {"a seal key", [](IdentityFile& one) { one.seal_keys.clear(); }},
      {"a certificate", [](IdentityFile& one) { one.certificate.clear(); }}};
  for (const auto& [what, how] : lacking) {
    IdentityFile one = whole;
    how(one);
    EXPECT_EQ(Identity::from(one).error().exit, ExitCode::fault) << what;
  }
}

// SPEC CONN-71
TEST(Transport, WhatBreaksInTheHandshakeProvesNothingOfWhoAnswers) {
  EXPECT_EQ(trouble_of({Layer::handshake, "reset", {}, 0, false}).exit, ExitCode::unavailable);
  EXPECT_EQ(trouble_of({Layer::tls, "another certificate", {}, 0, false}).exit, ExitCode::not_the_gateway);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const Config config = parse_config(std::string(kLeast) + "[proxy]\naddress = \"none\"\n", "/etc/c.toml").value();
  for (const bool resets : {true, false}) {
    std::thread cuts([&] {
      const int peer = ::accept(listener, nullptr, nullptr);
      char hello[4096];
      (void)!::read(peer, hello, sizeof hello);
      const linger at_once{1, 0};
      if (resets) ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(peer);
    });
    Transport transport(config, Trust::of_sealed());
    const auto answer = transport.send(
        {"GET", "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/", {}, {}, std::chrono::seconds(5)});
    cuts.join();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().layer, Layer::handshake) << resets << answer.error().message;
  }
  ::close(listener);
}

TEST(Config, TakesNoLoginInTheAddressOfTheProxy) {
  EXPECT_NE(wrong("[proxy]\naddress = \"http://user:secret@proxy.example:3128\"\n").message.find("without a login"),
            std::string::npos);
  EXPECT_EQ(wrong("[proxy]\naddress = \"http://user:secret@proxy.example:3128\"\n").message.find("secret"),
            std::string::npos);
}

TEST(Syslog, IsALineOfRfc5424FramedByItsLength) {  // SPEC CONN-60
  const json::object act{
      {"entry", 7}, {"time", "2026-11-22T08:00:00.000Z"}, {"kind", "seal_deposit"}, {"staff", "a\"]\\b"}};
  const std::string frame = syslog_frame(act, "host", "region");
  const std::size_t space = frame.find(' ');
  EXPECT_EQ(std::stoul(frame.substr(0, space)), frame.size() - space - 1);
  EXPECT_EQ(frame.substr(space + 1),
            "<110>1 2026-11-22T08:00:00.000Z host flikvakt-connector - seal_deposit "
            "[flikvakt@32473 organisation=\"region\" kind=\"seal_deposit\" staff=\"a\\\"\\]\\\\b\" entry=\"7\"]");
}

}  // namespace
}  // namespace flikvakt::connector
