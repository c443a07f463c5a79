// The queue: what is in it after a stop. spec/connector.md
#include "connector/outbox.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "crypto/random.h"
#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace flikvakt::connector
