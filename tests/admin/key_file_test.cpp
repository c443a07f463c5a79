#include "admin/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/admin/scratch.h"

namespace flikvakt::admin {
namespace {

using ::testing::HasSubstr;

class KeyFile : public ::testing::Test {
protected:
  Scratch scratch_;
  std::filesystem::path words_ = scratch_.write("words", "correct horse battery staple\n");
  std::filesystem::path other_ = scratch_.write("other", "another passphrase altogether\n");
  Passphrases passphrases_ = Passphrases::from_options({words_.string()});

  Outcome<crypto::SigningKey> make(const std::string& name,
                                   crypto::SealedKind kind = crypto::SealedKind::administrator_seed) {
    return make_key_file(kind, scratch_.path(name), passphrases_, Stretching::fast);
  }
};

TEST_F(KeyFile, OpensToTheKeyThatWasMade) {
  const Outcome<crypto::SigningKey> made = make("alice.key");
  ASSERT_TRUE(made) << made.error().message;
  const Outcome<crypto::SigningKey> opened = open_key_file(scratch_.path("alice.key"), passphrases_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->public_key(), made->public_key());
  EXPECT_TRUE(require_private(scratch_.path("alice.key")));
}

TEST_F(KeyFile, WrongPassphraseDoesNotOpenIt) {
  ASSERT_TRUE(make("alice.key"));
  const auto wrong = Passphrases::from_options({other_.string()});
  EXPECT_FALSE(open_key_file(scratch_.path("alice.key"), wrong));
}

TEST_F(KeyFile, APassphraseFileMayBeForOneSealedFileOnly) {
  const std::string alice = scratch_.path("alice.key").string();
  ASSERT_TRUE(make("alice.key"));
  const auto named = Passphrases::from_options({other_.string(), alice + "=" + words_.string()});
  EXPECT_TRUE(open_key_file(std::filesystem::path(alice), named));
  const auto named_wrongly = Passphrases::from_options({words_.string(), alice + "=" + other_.string()});
  EXPECT_FALSE(open_key_file(std::filesystem::path(alice), named_wrongly));
}

TEST_F(KeyFile, AnotherKindIsRefused) {
  ASSERT_TRUE(make("me.key", crypto::SealedKind::device_key_seed));
  EXPECT_FALSE(open_key_file(crypto::SealedKind::administrator_seed, scratch_.path("me.key"), passphrases_));
  EXPECT_TRUE(open_key_file(crypto::SealedKind::device_key_seed, scratch_.path("me.key"), passphrases_));
}

TEST_F(KeyFile, AnExistingFileIsNeverReplaced) {
  ASSERT_TRUE(make("alice.key"));
  const Bytes before = read_file(scratch_.path("alice.key"), 4096).value();
  EXPECT_FALSE(make("alice.key"));
  EXPECT_EQ(read_file(scratch_.path("alice.key"), 4096).value(), before);
}

TEST_F(KeyFile, WhatIsNoKeyFileIsNamed) {
  const auto file = scratch_.write("note.txt", "hello");
  const auto opened = open_key_file(file, passphrases_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("note.txt"));
  EXPECT_FALSE(open_key_file(scratch_.path("absent.key"), passphrases_));
}

TEST_F(KeyFile, ANewPassphraseMustBeLong) {
  const auto passphrases = Passphrases::from_options({scratch_.write("short", "elevenchars\n").string()});
  const auto made =
      make_key_file(crypto::SealedKind::device_key_seed, scratch_.path("k"), passphrases, Stretching::fast);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().exit, ExitCode::usage);
  EXPECT_FALSE(std::filesystem::exists(scratch_.path("k")));
}

TEST_F(KeyFile, APassphraseFileThatOthersCanReadIsRefused) {
  EXPECT_TRUE(read_passphrase_file(words_));
  std::filesystem::permissions(words_, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  const auto read = read_passphrase_file(words_);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("chmod 600"));
}

TEST_F(KeyFile, AMissingPassphraseFileIsToBeWrittenNotClosed) {
  const auto read = read_passphrase_file(scratch_.path("absent"));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().next, HasSubstr("write the passphrase"));
}

TEST_F(KeyFile, AKeyFileThatOthersCanReadIsRefused) {
  ASSERT_TRUE(make("alice.key"));
  std::filesystem::permissions(scratch_.path("alice.key"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto opened = open_key_file(scratch_.path("alice.key"), passphrases_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("chmod 600"));
}

TEST_F(KeyFile, APassphraseIsTheFirstLineWithoutItsEnd) {
  const auto read = read_passphrase_file(scratch_.write("crlf", "en mening om nytta\r\nmer\n"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->expose(), "en mening om nytta");
  EXPECT_FALSE(read_passphrase_file(scratch_.write("empty", "\n")));
}

TEST_F(KeyFile, KindsHaveNames) {
  EXPECT_EQ(*parse_key_kind("device"), crypto::SealedKind::device_key_seed);
  EXPECT_EQ(*parse_key_kind("administrator"), crypto::SealedKind::administrator_seed);
  EXPECT_EQ(*parse_key_kind("recovery"), crypto::SealedKind::recovery_key);
  EXPECT_FALSE(parse_key_kind("master"));
}

}  // namespace
}  // namespace flikvakt::admin
