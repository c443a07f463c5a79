// Parts of the connector: its configuration, queue, deposit folder, answer program and syslog lines. spec/connector.md
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "base/files.h"
#include "connector/answer_program.h"
#include "connector/config.h"
#include "connector/deposit_folder.h"
#include "connector/siem_stream.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

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
  EXPECT_EQ(example->state, "/etc/state");
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
      {"d.exe", std::string(kSidecar), "a kind of file"}};
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
  EXPECT_TRUE(it.messages().empty());
  ASSERT_TRUE(it.outbox.keep(one).has_value());  // as if the machine had stopped before the row went
  EXPECT_TRUE(drop.finish(one).has_value());
  EXPECT_TRUE(it.messages().empty());
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
  AnswerConfig config;
  config.program = {"/nowhere/find"};
  EXPECT_EQ(run_answer_program(config, {}, missing.folder / "answer", missing.message, missing.stopping).how,
            Answered::failed);
}

TEST(AnswerProgram, MaySayThatThereIsNone) {
  Asked it;
  EXPECT_EQ(it.run("exit 3\n").how, Answered::nothing);
  EXPECT_TRUE(it.has_left_nothing());
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
