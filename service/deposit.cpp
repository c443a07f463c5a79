#include "service/deposit.h"

#include <spdlog/spdlog.h>

#include <algorithm>

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
  std::function<void(SealOutcome)> done;
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
  sealing->done({std::move(result), sealing->act.document, *sealing->act.plan, sealing->act.made});
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

// The plaintext of what came, which lies sealed on the disk.
Result<Bytes> Upload::read_back() const {
  store::ObjectReader object =
      TRY(core_.objects().read(act_.object, key_, crypto::EnvelopeBinding{act_.document, kObjectVersion}));
  Bytes out, room(store::ObjectReader::kSealedChunkBytes);
  out.reserve(static_cast<std::size_t>(object.plaintext_bytes()));
  for (std::uint32_t index = 0; index < object.chunk_count(); ++index) {
    const std::span<std::uint8_t> plaintext = TRY(object.read_chunk(index, room));
    out.insert(out.end(), plaintext.begin(), plaintext.end());
  }
  crypto::scrub(room);
  return out;
}

// SPEC PART-58: other bytes under another key and another name; of what came nothing is left.
Result<void> Upload::put_in_place(const ContentGate::Passed::Made& made) {
  TRY_VOID(check_room(core_, made.bytes.size(), keep_free_));
  const std::optional<KeyId> flik =
      act_.new_flik_key ? act_.new_flik_key : core_.directory().flik_key(deposit_.person, deposit_.facts.flik);
  if (!flik) return fail(ErrorCode::internal, "sealing a deposit: the flik has no key");
  const auto old_key = std::ranges::find(keys_, act_.key_id, &policy::KeyRow::id);
  if (old_key != keys_.end()) {
    destroy_unused_keys(core_, {*old_key});
    keys_.erase(old_key);
  }
  TRY_VOID(core_.objects().remove(act_.object));
  act_.key_id = crypto::random_id<KeyId>();
  act_.object = crypto::random_id<ObjectName>();
  KeyRing::NewDocumentKey fresh = TRY(core_.keys().make_document_key(deposit_.person, *flik, act_.key_id));
  for (policy::KeyRow& row : TRY(make_durable(core_.keys(), {fresh.wrapped}))) keys_.push_back(std::move(row));
  key_ = std::move(fresh.key);
  store::ObjectWriter object =
      TRY(core_.objects().write(act_.object, key_, crypto::EnvelopeBinding{act_.document, kObjectVersion}));
  TRY_VOID(object.push(made.bytes));
  const store::ObjectWriter::Stored stored = TRY(object.commit());
  act_.made = policy::MadeBytes{made.media_type, stored.plaintext_bytes, stored.plaintext_sha256};
  return {};
}

// SPEC PART-55
Result<void> Upload::pass(const ContentGate& gate) {
  act_.plan = gate.known(deposit_);
  if (act_.plan) return {};
  Bytes file = TRY(read_back());
  ContentGate::Passed passed = TRY(gate.look(deposit_, std::move(file)));
  act_.plan = std::move(passed.plan);
  if (act_.plan->refused || !passed.made) return {};
  return put_in_place(*passed.made);
}

Result<void> Upload::seal(Core& core, const ContentGate& gate, std::function<void(SealOutcome)> done) && {
  if (received_ < deposit_.facts.size) return fail(ErrorCode::invalid, "the document is shorter than announced");
  const store::ObjectWriter::Stored stored = TRY(object_->commit());
  Result<void> passed = fail(ErrorCode::invalid, "the document does not have the announced SHA-256");
  if (stored.plaintext_sha256 == deposit_.facts.sha256) passed = pass(gate);
  if (!passed) {
    TRY_VOID(core.objects().remove(act_.object));
    return passed;
  }
  submit(core, std::make_shared<Sealing>(Sealing{std::move(depositor_), std::move(deposit_), std::move(act_),
                                                 std::move(key_), std::move(keys_), std::move(done)}));
  return {};
}

const policy::Fingerprint& received_sha256(const policy::Document& document) {
  return document.received ? *document.received : document.facts.sha256;
}

}  // namespace flikvakt::service
