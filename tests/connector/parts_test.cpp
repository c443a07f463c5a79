// Parts of the connector: its configuration, queue, deposit folder, answer program and syslog lines. spec/connector.md
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
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
#include "connector/siem_stream.h"
#include "connector/transport.h"
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
