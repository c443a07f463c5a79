#include "service/open_document.h"

#include <spdlog/spdlog.h>

#include "crypto/random.h"

namespace flikvakt::service {
namespace {

// The permit is the only way to the key, the key the only way to the text.
Result<RecentDocuments::Object> unwrap_object(Core& core, const LoggedPermit& permit) {
  if (RecentDocuments::Object kept = core.recent_documents().find(permit)) return kept;
  const policy::Document& document = permit.document();
  const std::uint64_t forgotten = core.recent_documents().forgotten();
  const crypto::DocumentKey key = TRY(core.keys().document_key(permit));
  auto opened = std::make_shared<const store::OpenObject>(
      TRY(core.objects().open_object(document.object, key, crypto::EnvelopeBinding{document.id, kObjectVersion})));
  core.recent_documents().keep(permit, opened, forgotten);
  return opened;
}

Result<OpenedDocument> unseal_under(Core& core, std::shared_ptr<const LoggedPermit> permit) {
  const RecentDocuments::Object object = TRY(unwrap_object(core, *permit));
  auto reader = std::make_shared<store::ObjectReader>(object->reader());
  if (reader->plaintext_bytes() != permit->document().facts.size) {
    return fail(ErrorCode::corrupt, "the object has another size");
  }
  return OpenedDocument{std::move(permit), std::move(reader)};
}

Command closing_of(const ReadingId& reading, policy::ReadingEnd end, std::uint64_t bytes) {
  Command closing;
  closing.actor = policy::SystemActor{};
  closing.act = policy::CloseReading{reading, end, bytes};
  return closing;
}

}  // namespace

Command opening_of(const policy::StaffActor& reader, const DocumentId& document, const std::string& purpose) {
  Command command;
  command.actor = reader;
  command.act = policy::OpenReading{crypto::random_id<ReadingId>(), document, purpose};
  return command;
}

Command opening_of_own(const policy::PersonActor& person, const DocumentId& document) {
  Command command;
  command.actor = person;
  command.act = policy::OpenOwnDocument{crypto::random_id<ReadingId>(), document};
  return command;
}

OpenResult unseal(Core& core, CommandResult decided) {
  if (!decided.permit) return {std::nullopt, std::move(decided)};
  Result<OpenedDocument> opened = unseal_under(core, decided.permit);
  if (opened) return {std::move(*opened), {}};
  spdlog::error("document {}: {}", decided.permit->document().id.text(), opened.error().message);
  const ReadingId reading = decided.permit->reading();
  if (core.readings().cut(reading)) core.sequencer().submit(closing_of(reading, policy::ReadingEnd::broken, 0));
  decided.permit = nullptr;
  decided.decision = policy::Decision::refuse(policy::Reason::error);
  return {std::nullopt, std::move(decided)};
}

std::optional<OpenedDocument> reopen(Core& core, const ReadingId& reading, const policy::Actor& actor) {
  std::shared_ptr<const LoggedPermit> permit = core.readings().find(reading, actor);
  if (!permit) return std::nullopt;
  Result<OpenedDocument> opened = unseal_under(core, std::move(permit));
  if (opened) return std::move(*opened);
  spdlog::error("a further range of reading {}: {}", reading.text(), opened.error().message);
  return std::nullopt;
}

std::optional<Command> transfer_ended(Core& core, const OpenedDocument& document, std::uint64_t from,
                                      std::uint64_t to) {
  const ReadingId id = document.permit->reading();
  if (!core.readings().delivered(id, from, to)) return std::nullopt;
  const std::optional<std::uint64_t> bytes = core.readings().cut(id);
  if (!bytes) return std::nullopt;  // cut meanwhile, by whoever closes it
  return closing_of(id, policy::ReadingEnd::complete, *bytes);
}

}  // namespace flikvakt::service
