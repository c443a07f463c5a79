#include "service/deposit.h"

#include <spdlog/spdlog.h>

#include "crypto/associated_data.h"
#include "crypto/labels.h"
#include "crypto/random.h"
#include "service/media_type.h"
#include "service/sent_act.h"

namespace flikvakt::service {
namespace {

// A sealing act on its way, with what a second try needs.
struct Sealing {
  policy::StaffActor depositor;
  policy::Deposit deposit;
  policy::SealDeposit act;
  crypto::DocumentKey key;
  std::vector<policy::KeyRow> keys;
  std::function<void(CommandResult, DocumentId)> done;
};

void submit(Core& core, std::shared_ptr<Sealing> sealing);

// Another deposit brought the flik's key meanwhile: the document key is wrapped under that one.
Result<void> wrap_under_other_flik_key(Core& core, Sealing& sealing) {
  const policy::Deposit& deposit = sealing.deposit;
  const std::optional<KeyId> flik = core.directory().flik_key(deposit.person, deposit.facts.flik);
  if (!flik) return fail(ErrorCode::internal, "sealing a deposit: the flik has no key");
  sealing.act.new_flik_key.reset();
  sealing.act.key_id = crypto::random_id<KeyId>();
  const NewKey wrapped = TRY(core.keys().wrap_document_key(deposit.person, *flik, sealing.act.key_id, sealing.key));
  sealing.keys = TRY(make_durable(core.keys(), {wrapped}));
  return {};
}

void finish(Core& core, const std::shared_ptr<Sealing>& sealing, CommandResult result) {
  const bool raced = sealing->act.new_flik_key && result.decision.reason == policy::Reason::already_exists;
  if (!result.decision.is_permitted()) destroy_unused_keys(core, sealing->keys);
  if (raced && wrap_under_other_flik_key(core, *sealing)) return submit(core, sealing);
  if (!result.decision.is_permitted()) {
    if (Result<void> gone = core.objects().remove(sealing->act.object); !gone) {
      spdlog::warn("a refused deposit's object was not removed: {}", gone.error().message);  // start-up sweeps it
    }
  }
  sealing->done(std::move(result), sealing->act.document);
}

void submit(Core& core, std::shared_ptr<Sealing> sealing) {
  Command command;
  command.actor = sealing->depositor;
  command.act = sealing->act;
  command.prepared.keys = sealing->keys;
  perform(core, std::move(command),
          [&core, sealing](CommandResult result) { finish(core, sealing, std::move(result)); });
}

// SPEC API-78. Room that cannot be measured is none.
Result<void> check_room(const Core& core, std::uint64_t wanted, std::uint64_t keep_free) {
  std::error_code error;
  const std::filesystem::space_info room = std::filesystem::space(core.data_directory().root(), error);
  if (!error && room.available >= keep_free && room.available - keep_free >= wanted) return {};
  return fail(ErrorCode::out_of_space, "the disk has no room for the document");
}

}  // namespace

Upload::Upload(Core& core, policy::StaffActor depositor, policy::Deposit deposit, policy::SealDeposit act,
               crypto::DocumentKey key, std::vector<policy::KeyRow> keys, std::unique_ptr<store::ObjectWriter> object,
               std::uint64_t keep_free)
    : core_(core),
      depositor_(std::move(depositor)),
      deposit_(std::move(deposit)),
      act_(std::move(act)),
      key_(std::move(key)),
      keys_(std::move(keys)),
      object_(std::move(object)),
      keep_free_(keep_free) {}

Upload::~Upload() { destroy_unused_keys(core_, keys_); }

DocumentId document_of(const policy::StaffActor& depositor, const DepositId& deposit) {
  const crypto::Hash256 hash =
      crypto::sha256(crypto::AssociatedData(crypto::labels::kDocumentId).id(depositor.staff).id(deposit).encoded());
  ByteArray<16> id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return DocumentId(id);
}

std::optional<policy::Deposit> find_deposit(Core& core, const policy::StaffActor& depositor, const DepositId& id) {
  std::optional<policy::Deposit> deposit = core.directory().deposit(id);
  if (!deposit || deposit->depositor != depositor.staff || deposit->source != depositor.organisation)
    return std::nullopt;
  return deposit;
}

Result<Upload> receive(Core& core, const policy::StaffActor& depositor, const policy::Deposit& deposit,
                       std::uint64_t keep_free) {
  TRY_VOID(check_room(core, deposit.facts.size, keep_free));
  policy::SealDeposit act;
  act.deposit = deposit.id;
  act.document = document_of(depositor, deposit.id);
  act.object = crypto::random_id<ObjectName>();
  act.key_id = crypto::random_id<KeyId>();
  std::vector<policy::KeyRow> rows;
  std::optional<KeyId> flik = core.directory().flik_key(deposit.person, deposit.facts.flik);
  if (!flik) {
    flik = act.new_flik_key = crypto::random_id<KeyId>();
    const NewKey made = TRY(core.keys().make_flik_key(deposit.person, *flik));
    rows = TRY(make_durable(core.keys(), {made}));
  }
  KeyRing::NewDocumentKey made = TRY(core.keys().make_document_key(deposit.person, *flik, act.key_id));
  for (policy::KeyRow& row : TRY(make_durable(core.keys(), {made.wrapped}))) rows.push_back(std::move(row));
  auto object = std::make_unique<store::ObjectWriter>(
      TRY(core.objects().write(act.object, made.key, crypto::EnvelopeBinding{act.document, kObjectVersion})));
  return Upload(core, depositor, deposit, std::move(act), std::move(made.key), std::move(rows), std::move(object),
                keep_free);
}

Result<void> Upload::push(BytesView bytes) {
  received_ += bytes.size();
  if (received_ > deposit_.facts.size) return fail(ErrorCode::invalid, "the document is longer than announced");
  TRY_VOID(check_room(core_, bytes.size(), keep_free_));
  TRY_VOID(check_leading(bytes));
  return object_->push(bytes);
}

Result<void> Upload::check_leading(BytesView bytes) {
  if (is_recognised_) return {};
  const BytesView first = bytes.first(std::min(kLeadingBytes - leading_.size(), bytes.size()));
  leading_.insert(leading_.end(), first.begin(), first.end());
  if (leading_.size() < kLeadingBytes && received_ < deposit_.facts.size) return {};
  is_recognised_ = begins_like(deposit_.facts.media_type, leading_);
  if (is_recognised_) return {};
  return fail(ErrorCode::invalid, "the document does not begin like its media type");
}

Result<void> Upload::seal(Core& core, std::function<void(CommandResult, DocumentId)> done) && {
  if (received_ < deposit_.facts.size) return fail(ErrorCode::invalid, "the document is shorter than announced");
  const store::ObjectWriter::Stored stored = TRY(object_->commit());
  if (stored.plaintext_sha256 != deposit_.facts.sha256) {
    TRY_VOID(core.objects().remove(stored.name));
    return fail(ErrorCode::invalid, "the document does not have the announced SHA-256");
  }
  submit(core, std::make_shared<Sealing>(Sealing{std::move(depositor_), std::move(deposit_), std::move(act_),
                                                 std::move(key_), std::move(keys_), std::move(done)}));
  return {};
}

}  // namespace flikvakt::service
