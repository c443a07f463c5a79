// The log asks its witnesses: real ones, on loopback, that are up, down, lying, or ahead of it.
#include "admin/log_cosigner.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <list>
#include <thread>

#include "tests/witness/scratch.h"
#include "witness/server.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;
using witness::FixedClock;
using witness::ScratchFolder;
using namespace std::chrono_literals;

TEST(WitnessAddress, IsAUrlAndWithoutTlsOnLoopback) {
  const auto whole = WitnessAddress::parse("https://witness.example:8443/w1/");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->host, "witness.example");
  EXPECT_EQ(whole->port, 8443);
  EXPECT_EQ(whole->prefix, "/w1");
  EXPECT_EQ(WitnessAddress::parse("https://witness.example")->port, 443);
  EXPECT_EQ(WitnessAddress::parse("https://[2001:db8::1]/")->host, "[2001:db8::1]");
  EXPECT_EQ(WitnessAddress::parse("http://127.0.0.1:8480")->port, 8480);
  EXPECT_FALSE(WitnessAddress::parse("http://[::1]:1")->has_tls);
  for (const char* bad : {"", "witness.example", "ftp://witness.example", "https://", "https://:443", "https://a:0",
                          "https://a:65536", "https://a:x", "https://user@a", "https://a/?q", "https://a b/",
                          "http://witness.example", "http://192.0.2.1:80"})
    EXPECT_EQ(WitnessAddress::parse(bad).error().code, ErrorCode::malformed) << bad;
}

// A witness of the log, with its own folder, key and clock.
struct Standing {
  Standing(const audit::SampleLog& log, const std::string& name)
      : signer(audit::CosignatureSigner::make(name, key).value()) {
    const witness::Witness::Keys keys{{log.origin(), {log.keys(), {}}}};
    EXPECT_TRUE(witness::Witness::begin(folder.path(), keys));
    opened =
        witness::Witness::open(folder.path(), keys, signer, clock, {[](const std::string&) {}, [](const Error&) {}})
            .value();
    server = witness::WitnessServer::open(*opened, {"127.0.0.1:0", {}, {}}).value();
    server->start();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server->port()); }

  ScratchFolder folder;
  FixedClock clock;
  crypto::SigningKey key = audit::ed25519_key();
  audit::CosignatureSigner signer;
  std::unique_ptr<witness::Witness> opened;
  std::unique_ptr<witness::WitnessServer> server;
};

class Cosigning : public testing::Test {
protected:
  Cosigning() { log_.grow_to(300); }

  WitnessClient::Prove prove() {
    return [this](std::uint64_t from, std::uint64_t to) -> Result<std::vector<crypto::MerkleHash>> {
      if (to > 300) return fail(ErrorCode::invalid, "the log is not that long");
      return log_.consistency(from, to);
    };
  }
  std::unique_ptr<WitnessClient> client(const Standing& of, const audit::CosignatureVerifier& key) {
    return std::make_unique<WitnessClient>(
        WitnessClient::Parts{WitnessAddress::parse(of.url()).value(), key, {}, prove(), 2'000ms});
  }
  std::unique_ptr<WitnessClient> client(const Standing& of) { return client(of, of.signer.verifier()); }
  std::unique_ptr<WitnessClient> client_that_shows(const std::string& url, const audit::CosignatureVerifier& key) {
    WitnessClient::Parts parts{WitnessAddress::parse(url).value(), key, {}, prove(), 2'000ms};
    parts.show = [this](const std::string& note) { shown_.push_back(note); };
    return std::make_unique<WitnessClient>(std::move(parts));
  }

  audit::SampleLog log_;
  FixedClock clock_;
  std::vector<std::string> shown_;  // to the log, of what witnesses said
};

TEST_F(Cosigning, AWitnessIsAskedFromWhereItStands) {  // SPEC WIT-20
  Standing standing(log_, "w1");
  const auto asker = client(standing);
  for (const std::uint64_t size : {57u, 57u, 300u}) {
    const auto signature = asker->cosign(log_.note(size), size, clock_.now);
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_TRUE(standing.signer.verifier().verify(audit::parse_note(log_.note(size))->text, *signature));
  }
  const auto after_restart = client(standing);  // knows nothing of what was cosigned
  EXPECT_TRUE(after_restart->cosign(log_.note(300), 300, clock_.now));
}

TEST_F(Cosigning, AWitnessThatHasSeenMoreThanTheLogHasIsAnotherHistory) {  // SPEC WIT-21
  Standing standing(log_, "w1");
  audit::SampleLog longer;  // under the same key, as if ours had been rolled back
  longer.go_on_as(log_);
  longer.grow_to(400);
  const auto note = log_.note_of(longer.checkpoint(400));
  ASSERT_EQ(standing.opened->add_checkpoint(audit::write_add_checkpoint({0, {}, note})).kind,
            witness::Answer::Kind::cosigned);
  EXPECT_EQ(client(standing)->cosign(log_.note(300), 300, clock_.now).error().code, ErrorCode::conflict);
}

TEST_F(Cosigning, AWitnessThatHasSeenAnotherRootForThatSizeIsAnotherHistory) {  // SPEC WIT-21
  Standing standing(log_, "w1");
  audit::Checkpoint forked = log_.checkpoint(300);
  forked.root[0] ^= 1;
  ASSERT_EQ(standing.opened->add_checkpoint(audit::write_add_checkpoint({0, {}, log_.note_of(forked)})).kind,
            witness::Answer::Kind::cosigned);
  EXPECT_EQ(client(standing)->cosign(log_.note(300), 300, clock_.now).error().code, ErrorCode::conflict);
}

// A log that was written anew and has outgrown what the witness saw.
TEST_F(Cosigning, AWitnessWhoseEntriesOursDoesNotBeginWithIsAnotherHistory) {  // SPEC WIT-21
  Standing standing(log_, "w1");
  audit::Checkpoint forked = log_.checkpoint(200);
  forked.root[0] ^= 1;
  ASSERT_EQ(standing.opened->add_checkpoint(audit::write_add_checkpoint({0, {}, log_.note_of(forked)})).kind,
            witness::Answer::Kind::cosigned);
  const auto asker = client(standing);
  for (int round = 0; round < 2; ++round) {
    const auto told = asker->cosign(log_.note(300), 300, clock_.now);
    EXPECT_EQ(told.error().code, ErrorCode::conflict);
    EXPECT_THAT(told.error().message, HasSubstr("does not begin with its 200"));
  }
}

TEST_F(Cosigning, AWitnessThatStoppedTheLogSaysSoEachTime) {  // SPEC WIT-21
  Standing standing(log_, "w1");
  audit::Checkpoint forked = log_.checkpoint(300);
  forked.root[0] ^= 1;
  ASSERT_TRUE(client(standing)->cosign(log_.note(300), 300, clock_.now));
  EXPECT_EQ(standing.opened->add_checkpoint(audit::write_add_checkpoint({0, {}, log_.note_of(forked)})).kind,
            witness::Answer::Kind::conflict);
  const auto told = client(standing)->cosign(log_.note(300), 300, clock_.now);
  EXPECT_EQ(told.error().code, ErrorCode::conflict);
  EXPECT_THAT(told.error().message, HasSubstr("two histories"));
}

TEST_F(Cosigning, WhatAWitnessStoppedForIsShownToTheLog) {  // SPEC WIT-35
  Standing standing(log_, "w1");
  audit::Checkpoint forked = log_.checkpoint(300);
  forked.root[0] ^= 1;
  const auto asker = client_that_shows(standing.url(), standing.signer.verifier());
  ASSERT_TRUE(asker->cosign(log_.note(57), 57, clock_.now));
  ASSERT_TRUE(asker->cosign(log_.note(300), 300, clock_.now));
  EXPECT_TRUE(shown_.empty()) << "it said yes";
  EXPECT_EQ(standing.opened->add_checkpoint(audit::write_add_checkpoint({0, {}, log_.note_of(forked)})).kind,
            witness::Answer::Kind::conflict);
  EXPECT_EQ(asker->cosign(log_.note(300), 300, clock_.now).error().code, ErrorCode::conflict);
  EXPECT_EQ(shown_, (std::vector<std::string>{log_.note(300), log_.note_of(forked)}));
}

TEST_F(Cosigning, WhatAWitnessSaysBesidesARefusalIsShownToTheLogAsItIs) {  // SPEC WIT-35
  Standing standing(log_, "w1");
  ASSERT_TRUE(client(standing)->cosign(log_.note(300), 300, clock_.now));
  const auto asker = client_that_shows(standing.url(), standing.signer.verifier());  // does not know where it stands
  EXPECT_EQ(asker->cosign(log_.note(57), 57, clock_.now).error().code, ErrorCode::unavailable);
  EXPECT_EQ(shown_, std::vector<std::string>{"300\n"}) << "which is no note, so the log does nothing";
}

TEST_F(Cosigning, AWitnessThatSomebodyElseShowedANewerCheckpointIsJustAhead) {  // SPEC WIT-21
  Standing standing(log_, "w1");
  ASSERT_TRUE(client(standing)->cosign(log_.note(300), 300, clock_.now));
  EXPECT_EQ(client(standing)->cosign(log_.note(57), 57, clock_.now).error().code, ErrorCode::unavailable);
}

TEST_F(Cosigning, AnotherKeyOrClockIsNotTaken) {  // SPEC WIT-20
  Standing standing(log_, "w1");
  const crypto::SigningKey other = audit::ed25519_key();
  const auto wrong = client(standing, *audit::CosignatureVerifier::make("w1", other.public_key()));
  EXPECT_EQ(wrong->cosign(log_.note(57), 57, clock_.now).error().code, ErrorCode::invalid);
  EXPECT_TRUE(client(standing)->cosign(log_.note(57), 57, clock_.now + 4min));
  EXPECT_EQ(client(standing)->cosign(log_.note(57), 57, clock_.now + 6min).error().code, ErrorCode::invalid);
  EXPECT_EQ(client(standing)->cosign(log_.note(57), 57, clock_.now - 6min).error().code, ErrorCode::invalid);
}

TEST_F(Cosigning, ARefusalSaysWithWhat) {
  Standing standing(log_, "w1");
  audit::SampleLog other("example.org/other");
  other.grow_to(5);
  const auto refused = client(standing)->cosign(other.note(5), 5, clock_.now);
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
  EXPECT_THAT(refused.error().message, HasSubstr("404"));
}

// Takes connections and questions, and never answers.
class SilentWitness {
public:
  SilentWitness() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  void wait_for_question() {
    peer_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    EXPECT_EQ(::recv(peer_.get(), &byte, 1, 0), 1);
  }

private:
  FileDescriptor listener_, peer_;
  sockaddr_in address_{};
};

class Quorum : public Cosigning {
protected:
  Result<std::unique_ptr<LogCosigner>> open(std::size_t quorum) {
    std::vector<std::unique_ptr<WitnessClient>> clients;
    std::vector<audit::CosignatureVerifier> keys;
    for (const Standing& one : standing_) {
      clients.push_back(client(one));
      keys.push_back(one.signer.verifier());
    }
    return open(quorum, std::move(clients), std::move(keys));
  }
  Result<std::unique_ptr<LogCosigner>> open(std::size_t quorum, std::vector<std::unique_ptr<WitnessClient>> clients,
                                            std::vector<audit::CosignatureVerifier> keys) {
    LogCosigner::Options options;
    options.quorum = quorum;
    options.interval = 20ms;
    options.patience = 1'000ms;
    options.file = folder_.path() / "cosigned-checkpoint";
    const auto current = [this] { return CurrentCheckpoint{log_.note(size_), size_}; };
    const auto doubt = [this](bool is_doubted) { is_doubted_ = is_doubted; };
    const auto witnessed = [this](UtcTime until) { witnessed_ = until; };
    return LogCosigner::open({known_, signing_, current, prove(), clock_, doubt, witnessed}, options,
                             std::move(clients), keys);
  }
  // Waits until this many entries are cosigned, at most two seconds.
  LogCosigner::State wait_for(const LogCosigner& cosigner, std::uint64_t size) {
    for (int i = 0; i < 200 && cosigner.state().size != size; ++i) std::this_thread::sleep_for(10ms);
    return cosigner.state();
  }
  std::string kept() const {
    const auto bytes = read_file(folder_.path() / "cosigned-checkpoint", 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : "";
  }

  ScratchFolder folder_;
  std::list<Standing> standing_;
  std::vector<audit::NoteVerifier> known_ = log_.keys(), signing_ = log_.keys();
  std::atomic<std::uint64_t> size_ = 57;
  std::atomic<bool> is_doubted_ = false;
  std::atomic<UtcTime> witnessed_ = UtcTime::max();
};

TEST_F(Quorum, OfWitnessesIsKeptThoughOneIsDownAndGoesOnWithTheLog) {  // SPEC WIT-22
  for (const char* name : {"w1", "w2", "w3"}) standing_.emplace_back(log_, name);
  standing_.back().server->stop(0ms);
  const auto cosigner = open(2).value();
  EXPECT_TRUE(cosigner->state().is_late) << "there is none yet";
  cosigner->start();
  const LogCosigner::State state = wait_for(*cosigner, 57);
  ASSERT_EQ(state.size, 57u);
  EXPECT_EQ(state.cosigned, clock_.now);
  EXPECT_FALSE(state.is_late);
  EXPECT_EQ(kept(), state.note);
  EXPECT_TRUE(state.note.starts_with(log_.note(57)));
  size_ = 300;
  EXPECT_EQ(wait_for(*cosigner, 300).size, 300u);
  cosigner->stop();
}

// SPEC LKEY-9
TEST_F(Quorum, OfACheckpointThatOnlyAKeyGivenUpSignedCountsAndIsNotShown) {
  standing_.emplace_back(log_, "w1");
  {
    const auto cosigner = open(1).value();
    cosigner->start();
    ASSERT_EQ(wait_for(*cosigner, 57).size, 57u);
    cosigner->stop();
  }
  const std::string note = kept();
  known_.push_back(log_.add_key());
  signing_ = known_;
  EXPECT_EQ(open(1).value()->state().note, note) << "while both sign";
  log_.drop_first_key();
  signing_ = {known_.back()};
  const LogCosigner::State state = open(1).value()->state();
  EXPECT_EQ(state.note, "") << "whoever was told knows that key no more";
  EXPECT_EQ(state.size, 57u);
  EXPECT_FALSE(state.is_doubted) << "that witnesses saw the log is true";
  EXPECT_EQ(kept(), note);
}

TEST_F(Quorum, ThatIsNotThereKeepsNothing) {  // SPEC WIT-22
  for (const char* name : {"w1", "w2"}) standing_.emplace_back(log_, name);
  standing_.back().server->stop(0ms);
  const auto cosigner = open(2).value();
  cosigner->start();
  std::this_thread::sleep_for(300ms);
  cosigner->stop();
  EXPECT_EQ(cosigner->state().note, "");
  EXPECT_TRUE(cosigner->state().is_late);
  EXPECT_EQ(kept(), "");
}

TEST_F(Quorum, ThatIsStoppedWaitsForNoWitness) {  // SPEC WIT-22
  SilentWitness silent;
  const crypto::SigningKey key = audit::ed25519_key();
  const audit::CosignatureVerifier verifier = *audit::CosignatureVerifier::make("w1", key.public_key());
  std::vector<std::unique_ptr<WitnessClient>> clients;
  clients.push_back(std::make_unique<WitnessClient>(
      WitnessClient::Parts{WitnessAddress::parse(silent.url()).value(), verifier, {}, prove(), 10'000ms}));
  const auto cosigner = open(1, std::move(clients), {verifier}).value();
  cosigner->start();
  silent.wait_for_question();
  const auto began = std::chrono::steady_clock::now();
  cosigner->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s) << "a gateway that locks ends at once";
}

TEST_F(Quorum, IsLateAfterItsTime) {
  standing_.emplace_back(log_, "w1");
  {
    const auto cosigner = open(1).value();
    cosigner->start();
    ASSERT_EQ(wait_for(*cosigner, 57).size, 57u);
    cosigner->stop();
  }
  const auto again = open(1).value();  // not started: nobody is asked
  EXPECT_EQ(again->state().size, 57u);
  EXPECT_FALSE(again->state().is_late);
  clock_.now += 301s;
  EXPECT_TRUE(again->state().is_late);
}

TEST_F(Quorum, ThatIsAwayTooLongMakesTheLogDoubted) {  // SPEC WIT-24
  standing_.emplace_back(log_, "w1");
  {
    const auto cosigner = open(1).value();
    EXPECT_TRUE(cosigner->state().is_doubted) << "there is none yet";
    cosigner->start();
    ASSERT_EQ(wait_for(*cosigner, 57).size, 57u);
    cosigner->stop();
    EXPECT_FALSE(is_doubted_);
    EXPECT_TRUE(cosigner->state().cosigned == witnessed_.load());
  }
  standing_.back().server->stop(0ms);
  const auto tell = [&] {
    const auto again = open(1).value();
    again->start();
    again->stop();
    return is_doubted_.load();
  };
  clock_.now += 3'600s;
  EXPECT_FALSE(tell());
  clock_.now += 1s;
  EXPECT_TRUE(tell());
}

TEST_F(Quorum, ALogThatDoesNotExtendWhatWitnessesCosignedIsFoundAtTheStart) {  // SPEC WIT-23
  standing_.emplace_back(log_, "w1");
  size_ = 200;
  {
    const auto cosigner = open(1).value();
    cosigner->start();
    ASSERT_EQ(wait_for(*cosigner, 200).size, 200u);
    cosigner->stop();
  }
  size_ = 300;
  EXPECT_TRUE(open(1));
  size_ = 199;
  EXPECT_EQ(open(1).error().code, ErrorCode::conflict) << "rolled back";
  audit::SampleLog rewritten;
  rewritten.grow_to(100);
  const std::string note = kept();
  ASSERT_TRUE(write_file_atomically(folder_.path() / "cosigned-checkpoint", as_bytes(rewritten.note(100))));
  size_ = 300;
  EXPECT_EQ(open(1).error().code, ErrorCode::corrupt) << "of another key";
  audit::Checkpoint other = log_.checkpoint(200);
  other.root[0] ^= 1;
  ASSERT_TRUE(write_file_atomically(folder_.path() / "cosigned-checkpoint", as_bytes(log_.note_of(other))));
  EXPECT_EQ(open(1).error().code, ErrorCode::conflict) << "rewritten";
  ASSERT_TRUE(write_file_atomically(folder_.path() / "cosigned-checkpoint", as_bytes(note)));
  EXPECT_TRUE(open(1));
}

}  // namespace
}  // namespace flikvakt::admin
