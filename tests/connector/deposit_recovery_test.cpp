// A file that is taken or given back over mounts, and what a stop, a full disk or a share that is gone leaves of one.
// spec/connector.md
#include "connector/deposit_recovery.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "connector/deposit_folder.h"
#include "crypto/random.h"
#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

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
  // One that was taken when the machine stopped: its text lies aside, and its copy was not begun.
  Message lies_aside(const std::string& text) {
    lay("%PDF- text");
    it.look();
    Message one = it.messages().at(0);
    one.aside = "." + one.id.text() + ".taking";
    one.state = MessageState::taking;
    EXPECT_TRUE(it.outbox.keep(one).has_value());
    fs::remove(it.outbox.data(one.id));
    std::ofstream(drop / "journal" / *one.aside) << text;
    return one;
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
  const Message one = apart.lies_aside("%PDF- text");
  ASSERT_EQ(it.messages().size(), 1u);
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
  const Message one = apart.lies_aside("%PDF- TEXT");
  ASSERT_EQ(it.messages().size(), 1u);
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

}  // namespace
}  // namespace flikvakt::connector
