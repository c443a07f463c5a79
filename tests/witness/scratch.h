// A witness on a folder of its own, and a log for it to see.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/audit/witness_samples.h"
#include "witness/witness.h"

namespace flikvakt::witness {

class ScratchFolder {
public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-witness-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

  // The one file with this extension.
  std::filesystem::path file(std::string_view extension) const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == extension) return entry.path();
    }
    return {};
  }
  std::string text(std::string_view extension) const {
    std::ostringstream out;
    out << std::ifstream(file(extension), std::ios::binary).rdbuf();
    return out.str();
  }
  void write(std::string_view extension, const std::string& text) const {
    std::ofstream(file(extension), std::ios::binary | std::ios::trunc) << text;
  }

private:
  std::filesystem::path path_;
};

class FixedClock final : public Clock {
public:
  UtcTime wall() const override { return now; }
  std::chrono::steady_clock::time_point steady() const override { return {}; }
  UtcTime now = audit::second(1'700'000'000);
};

class WitnessWorld : public testing::Test {
protected:
  WitnessWorld() {
    log_.grow_to(100);
    fork_.go_on_as(log_);
    log_.grow_to(300);
    fork_.grow_to(300, " rewritten");
  }

  Witness::Keys keys() const { return {{log_.origin(), {known_, former_}}}; }
  Result<std::unique_ptr<Witness>> try_open() {
    return Witness::open(folder_.path(), keys(), signer_, clock_,
                         {[this](const std::string& line) { alarms_.push_back(line); },
                          [this](const Error& error) { fatal_.push_back(error.message); }});
  }
  void open() { witness_ = try_open().value(); }
  void begin() {
    ASSERT_TRUE(Witness::begin(folder_.path(), keys()));
    open();
  }
  void reopen() {
    witness_.reset();
    open();
  }
  void reopen_with(std::vector<audit::NoteVerifier> known, std::vector<audit::NoteVerifier> former = {}) {
    known_ = std::move(known);
    former_ = std::move(former);
    reopen();
  }
  Answer add(std::uint64_t from, std::uint64_t to) {
    return witness_->add_checkpoint(audit::write_add_checkpoint(log_.request(from, to)));
  }
  // Of the rewritten log, under the key of the real one.
  Answer add_forked(std::uint64_t from, std::uint64_t to) {
    return witness_->add_checkpoint(
        audit::write_add_checkpoint({from, fork_.consistency(from, to), log_.note_of(fork_.checkpoint(to))}));
  }
  // What the answer cosigns, and when; nothing when it cosigns nothing of this text.
  std::optional<UtcTime> cosigned(const Answer& answer, std::uint64_t size) const {
    const auto signatures = audit::parse_signature_lines(answer.cosignatures);
    if (answer.kind != Answer::Kind::cosigned || !signatures || signatures->size() != 1) return std::nullopt;
    return signer_.verifier().verify(audit::parse_note(log_.note(size))->text, signatures->front());
  }

  ScratchFolder folder_;
  audit::SampleLog log_;
  audit::SampleLog fork_;
  std::vector<audit::NoteVerifier> known_ = log_.keys();  // of the configuration
  std::vector<audit::NoteVerifier> former_;
  FixedClock clock_;
  crypto::SigningKey key_ = audit::ed25519_key();
  audit::CosignatureSigner signer_ = audit::CosignatureSigner::make("witness.example/w1", key_).value();
  std::vector<std::string> alarms_;
  std::vector<std::string> fatal_;
  std::unique_ptr<Witness> witness_;
};

}  // namespace flikvakt::witness
