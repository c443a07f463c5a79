// A log in which everything happened that can happen, and of which what is older than eleven years is pruned. Made once
// for all tests on it: they change copies of its rows.
#pragma once

#include <future>

#include "service/receipts.h"
#include "tests/service/pruning.h"

namespace flikvakt::service::test {

class PrunedLog : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    world = std::make_unique<SignedWorld>();
    world->play();
    early = world->core->sequencer().checkpoint();
    before = dump(rows_of(*world));
    size = before.entries.size();
    limit = cut(*world);
    receipt = own_log().back();
    eleven_years_later(*world);
    EXPECT_EQ(world->verify().problems, kNone);
    world->prune(limit);
    after = dump(rows_of(*world));
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::vector<audit::Receipt> own_log() {
    std::vector<audit::Receipt> out;
    for (std::optional<std::uint64_t> below; !below || *below > 0;) {
      std::promise<Result<json::value>> promise;
      if (!below) asked.id = crypto::random_id<AskingId>();
      own_log_receipts(*world->core, world->anna.actor, {below, 100, below ? std::nullopt : std::optional(asked.id)},
                       {}, [&](Result<json::value> found) { promise.set_value(std::move(found)); });
      const json::value piece = promise.get_future().get().value();
      const auto receipts = from_json<std::vector<audit::Receipt>>(piece.at("receipts")).value();
      if (!below) asked.salt = AskingId::parse(piece.at("salt").as_string()).value();
      out.insert(out.end(), receipts.begin(), receipts.end());
      below = piece.at("below").to_number<std::uint64_t>() - receipts.size();
      tag_key = to_array<32>(from_base64url(piece.at("tag_key").as_string()).value()).value();
    }
    std::ranges::reverse(out);
    return out;
  }
  static audit::NoteVerifier log_key() { return world->core->sequencer().signers().checkpoint().front().verifier(); }
  static std::vector<std::uint64_t> bare() {
    std::vector<std::uint64_t> out;
    for (const store::EntryRow& row : after.entries) {
      if (row.is_bare()) out.push_back(row.index);
    }
    return out;
  }
  static policy::EntrySet kept() { return kept_in(*world); }

  static inline std::unique_ptr<SignedWorld> world;
  static inline std::uint64_t size = 0;
  static inline UtcTime limit;  // the entries before `size` are older
  static inline std::string early;
  static inline Dump before, after;
  static inline audit::Receipt receipt;
  static inline ByteArray<32> tag_key{};
  static inline audit::Asking asked;
};

}  // namespace flikvakt::service::test
