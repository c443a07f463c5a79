// Carries the acts of a log out again, from what their entries and records say, and compares. Part of the independent
// verifier (verify_log.h); what it demands of each act: spec/log-verify.md. In five files: replay (act after act),
// replay_records, replay_decide, replay_compare, replay_pruned. One thread.
#pragma once

#include "service/act_evidence.h"
#include "service/state_image.h"
#include "service/verify_log.h"

namespace flikvakt::service {

class Replay {
public:
  // `image`: what the state tables hold at the end of the log; it tells which keys exist, since keys are not recorded.
  // `archive`: of a restored log, the rows of the one that ended, if at hand.
  Replay(const KeyRing& keys, const StateImage& image, VerifiedRows where, Findings& findings,
         const StateImage* archive = nullptr);

  void act(const LoggedAct& logged);

  // Of a pruned log, each act that is left of those that it was pruned of, in order; then begin(). Such an act is not
  // decided again: others are missing on which that rests. What it changed is taken from its records. SPEC LVR-25
  void pass(const LoggedAct& logged);
  void begin();

  // After the last act: what follows from the log is what the state tables hold. `closed`: the last entry whose record
  // no key opens.
  void compare(std::optional<std::uint64_t> closed);

private:
  struct Passed {
    std::uint64_t first = 0;
    std::uint64_t entries = 0;
    UtcTime time;
    audit::ActKind kind{};
    audit::ActKind carried_out{};  // of an approval, what it approved
  };
  struct Recorded;  // what the records of one act say
  struct Decided;   // what the rules say of it
  struct Kept {
    std::uint64_t version = 0;
    std::string text;
  };

  Recorded read(const LoggedAct& logged);
  void check_act_part(const LoggedAct& logged);
  Recorded read_records(const LoggedAct& logged);
  bool concerns_erased(const LoggedAct& logged);
  void take_put(const OpenedEntry& entry, const json::value& put, Recorded& out);
  void take_erase(const OpenedEntry& entry, const json::value& erase, Recorded& out);

  std::optional<Decided> decide(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_ordered(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_jointly(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_reading(const LoggedAct& logged);
  std::optional<Decided> decide_own_reading(const LoggedAct& logged);
  std::optional<Decided> decide_closing(const LoggedAct& logged);
  std::optional<Decided> decide_sealing(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_sealing_again(const LoggedAct& logged);
  std::optional<Decided> decide_expiry(const LoggedAct& logged);
  std::optional<Decided> decide_crl(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_oidc_keys(const LoggedAct& logged, const Recorded& recorded);
  std::optional<Decided> decide_connector(const LoggedAct& logged, const Recorded& recorded);
  Decided evaluate(const LoggedAct& logged, const policy::Actor& actor, const policy::Act& act,
                   std::optional<std::uint64_t> seen = {}, policy::Prepared prepared = {},
                   const crypto::Hash256& act_sha256 = {});
  std::vector<policy::PersonActor> actors_of(const audit::PersonPart& about) const;
  bool is_holder_erased(const LoggedAct& logged, const policy::Actor& actor) const;
  policy::Prepared prepared_for(const policy::Act& act, const Recorded& recorded);
  std::optional<policy::StaffActor> credentials(const audit::ActPart& act, UtcTime now);
  std::optional<policy::StaffActor> browser_credentials(policy::StaffActor actor, UtcTime now) const;
  policy::KeyRow key_row(const KeyId& id, crypto::KeyLevel level) const;

  void compare_decision(const LoggedAct& logged, const Decided& decided);
  void compare_rows(const LoggedAct& logged, const Recorded& recorded, const Decided& decided);
  void compare_concerns(const LoggedAct& logged, const Decided& decided);
  void check_transitions(const LoggedAct& logged, const Recorded& recorded);
  void check_restore(const LoggedAct& logged, const Recorded& recorded);
  void check_archive(const LoggedAct& logged, const Recorded& recorded, const std::string& old_head);
  void drop_due_receipts(UtcTime time);
  void keep_receipt(const LoggedAct& logged, const Recorded& recorded, UtcTime expires);
  void carry_out(const LoggedAct& logged, const Recorded& recorded, const std::optional<Decided>& decided);
  void bring_keys(const policy::Row& row, std::uint64_t version);
  void pass_log_key(const policy::LogKey& key, std::uint64_t entry);
  void pass_seed(const KeyId& id, bool is_in_use, std::uint64_t brought, std::uint64_t entry);
  void forget_keys(const policy::Row& row);
  void put(const policy::Row& row, std::uint64_t version);
  void erase(const policy::RowId& id);

  void open_unsure(std::uint64_t entry, const audit::PersonPart& about);
  void note_order(const LoggedAct& logged);
  std::optional<policy::Act> check_passed_order(const LoggedAct& logged, const Recorded& recorded);
  void check_passed_rows(const LoggedAct& logged, const Recorded& recorded, const policy::Act* ordered);
  void check_approved(const LoggedAct& logged, const Recorded& recorded, const policy::Approve& approval);
  void check_administrators(const LoggedAct& logged, const Recorded& recorded, const policy::Act* ordered);
  void note_beginning(const policy::Row& row, audit::ActKind kind, const std::optional<policy::Actor>& actor);
  bool is_soon_after_beginning(UtcTime time, std::chrono::hours soon) const;
  void check_pruning(const LoggedAct& logged, const Recorded& recorded);
  void check_passed(const LoggedAct& logged, const policy::Pruning& pruning, const policy::EntrySet& kept);
  void compare_open_readings();
  void compare_stored(const policy::RowId& id, const StoredRow& stored);
  void compare_key(const policy::KeyRow& row, std::uint64_t version);
  bool follows_from_log(const policy::KeyRow& row, std::uint64_t version) const;
  void check_system_keys();
  void check_log_keys();
  void check_wrap(const policy::KeyRow& row);
  void check_people(std::optional<std::uint64_t> closed);

  const KeyRing& keys_;
  const StateImage& image_;
  const VerifiedRows where_;
  Findings& findings_;
  const StateImage* archive_;
  bool has_erased_people_ = false;
  std::uint64_t last_erasure_ = 0;  // no entry after this one is of somebody who is erased
  bool is_restored_ = false;        // the log begins with a restore
  policy::State state_;
  std::map<policy::RowId, Kept> kept_;
  std::set<std::uint64_t> partly_closed_;  // acts of which not every record opens
  std::set<std::uint64_t> approvals_;      // by administrators, of acts that destroy keys
  std::set<std::uint64_t> rotations_;      // of the master key, permitted
  std::set<policy::RowId> unsure_;         // rows whose words could not be decided again
  std::vector<Passed> passed_;
  std::set<policy::RowId> without_beginning_;  // rows of which an act that made them so was not among those passed
  bool has_begun_late_ = false;                // after acts that were only passed
  std::optional<UtcTime> begun_;               // then: when the first one that was carried out was logged
  std::map<OrganisationId, policy::StaffActor> last_good_;
};

}  // namespace flikvakt::service
