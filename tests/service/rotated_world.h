// A gateway whose log gets new keys as the command makes them, and a thief who has the key that was.
#pragma once

#include "service/rotate_log_key.h"
#include "tests/service/log_key_orders.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {

inline constexpr const char* kOrigin = "flikvakt.test/log";

class RotatedWorld : public SignedWorld {
public:
  enum class Why { in_good_time, compromised };

  LogKeyOrders orders(Why why = Why::in_good_time, const std::string& origin = kOrigin) {
    const auto by = [&](std::size_t who, const policy::Act& act) { return command(administrator(who), act).value(); };
    return LogKeyOrders::make(core->keys(), origin, why == Why::compromised, by);
  }
  // Then it is started again.
  void rotate(Why why = Why::in_good_time) {
    LogKeyOrders all = orders(why);
    const auto changed = rotate_log_key(std::move(core), all.fresh, std::move(all.first), std::move(all.approval));
    ASSERT_TRUE(changed) << changed.error().message;
    ASSERT_TRUE(changed->decision.is_permitted()) << static_cast<int>(changed->decision.reason);
    announced = changed->entry;
    start_again();
  }
  Result<ChangedLogKeys> try_retire(std::uint32_t generation) {
    Command act = command(administrator(0), policy::RetireLogKey{generation}).value();
    Result<ChangedLogKeys> changed = or_denied(retire_log_key(std::move(core), std::move(act)));
    start_again();
    return changed;
  }
  // `second`: of the administrators, who approves.
  Result<ChangedLogKeys> try_give_up(std::uint32_t generation, std::size_t second = 1) {
    const policy::GiveUpLogKey act{generation};
    Command first = command(administrator(0), act).value();
    const policy::Approve approve{ProposalId(first.evidence->id.value()), policy::act_to_json(act)};
    Command approval = command(administrator(second), approve).value();
    Result<ChangedLogKeys> changed = or_denied(give_up_log_key(std::move(core), std::move(first), std::move(approval)));
    start_again();
    return changed;
  }
  // The rules' "no" as an error that names the reason.
  static Result<ChangedLogKeys> or_denied(Result<ChangedLogKeys> changed) {
    if (!changed || changed->decision.is_permitted()) return changed;
    return fail(ErrorCode::denied, std::string(to_json(changed->decision.reason).as_string()));
  }
  // Until what it owes the log by itself is there.
  void start_again() {
    restart();
    if (core) add_entry();
  }
  // The overlap passes while the gateway runs.
  void wait_for_the_end_of_the_overlap() {
    clock.advance(policy::kLeastOverlap);
    add_entry();
  }
  std::uint64_t add_entry() {
    Command start;
    start.actor = policy::SystemActor{};
    start.act = policy::Start{};
    return core->decide(std::move(start)).entry;
  }

  std::uint64_t size() const { return core->sequencer().log_view().size; }
  crypto::MerkleHash root_at(std::uint64_t at) const {
    return core->log_reader()
        .with([&](const store::Reader& rows) { return core->log_tree().of(rows)->root_at(at, tiles_of(rows)); })
        .value();
  }
  std::string checkpoint() const { return core->sequencer().checkpoint(); }
  LogKeys log_keys() const { return core->log_keys(); }
  audit::NoteVerifier key(std::uint32_t generation) const {
    return log_keys().verifiers(kOrigin).value().at(generation - 1);
  }
  // The private half of a key that signs now: of the checkpoints', or the heads'.
  SigningKey stolen(std::uint32_t generation) const {
    return core->keys().log_signer(log_keys().all().at(generation - 1).seed).value();
  }
  SigningKey stolen_head(std::uint32_t generation) const {
    return core->keys().log_signer(log_keys().all().at(generation - 1).head_seed).value();
  }
  bool opens(const std::string& note, const audit::NoteVerifier& known) const {
    return audit::open_checkpoint(note, {&known, 1}).has_value();
  }
  std::filesystem::path copy_of_data(const std::string& name) {
    const std::filesystem::path to = folder.path() / name;
    std::filesystem::copy(data(), to, std::filesystem::copy_options::recursive);
    std::filesystem::permissions(to, std::filesystem::perms::owner_all);
    return to;
  }

  std::uint64_t announced = 0;  // by the last rotation
};

inline std::string signed_by(const SigningKey& key, const audit::Checkpoint& checkpoint) {
  const std::vector signers{audit::NoteSigner::make(checkpoint.origin, key).value()};
  return audit::sign_checkpoint(checkpoint, signers).value();
}

inline crypto::MerkleHash another(crypto::MerkleHash root) {
  root[7] ^= 1;
  return root;
}

}  // namespace flikvakt::service::test
