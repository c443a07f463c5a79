#include "service/export_log.h"

#include "audit/checkpoint.h"
#include "audit/export.h"
#include "service/recover.h"

namespace flikvakt::service {
namespace {

Result<std::optional<audit::PersonEntryKeys>> keys_of(const store::Rows& rows, const KeyRing& keys,
                                                      const std::optional<PersonId>& person) {
  if (!person) return std::optional<audit::PersonEntryKeys>();
  const policy::RowId id = policy::row_id_of<policy::Person>(*person);
  const std::optional<store::StateRow> stored = TRY(rows.state_row(id.table, id.key));
  if (!stored) return fail(ErrorCode::not_found, "exporting the log: there is no such person");
  RowSealer sealer(keys);
  const policy::Row row = TRY(sealer.open({stored->table, stored->id, stored->version, stored->body}));
  return std::optional(audit::PersonEntryKeys(TRY(keys.person_log_key(get<policy::Person>(row).log_key_id))));
}

}  // namespace

Result<void> export_log(const store::Rows& rows, const KeyRing& keys, const std::optional<PersonId>& opened_person,
                        const std::function<Result<void>(std::string_view line)>& line) {
  const VerifiedHead head = TRY(read_head(rows, keys));
  std::optional<audit::PersonEntryKeys> person = TRY(keys_of(rows, keys, opened_person));
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  std::uint64_t count = 0;

  TRY_VOID(line(audit::export_header(head.head.origin, head.head.size)));
  return rows.for_each_entry(0, head.head.size, [&](const store::EntryRowView& row) -> Result<void> {
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    std::optional<audit::Opened<audit::ActPart>> act;
    if (!row.is_bare()) act = TRY(audit::open_act(leaf, row.act, forbund));
    std::optional<audit::Opened<audit::PersonPart>> about;
    if (person && leaf.person_tag == person->tag(count)) {
      if (!row.is_bare()) about = TRY(audit::open_person(leaf, row.person, *person));
      ++count;
    }
    return line(TRY(audit::export_entry(row.index, row.leaf, row.act, row.person, act, about)));
  });
}

}  // namespace flikvakt::service
