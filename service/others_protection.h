// What a person's own log keeps back for the sake of somebody else with protected identity: which organisation it was
// would tell where they are (spec/log-view.md, LOGV-12). In doubt it is kept back. Over one snapshot; belongs to one
// thread.
#pragma once

#include <map>

#include "service/person_entries.h"

namespace flikvakt::service {

class OthersProtection {
public:
  // `person`: whose log it is.
  OthersProtection(const KeyRing& keys, const store::Rows& rows, const PersonId& person)
      : person_(person), rows_(rows), sealer_(keys), forbund_(keys.forbund_log()) {}

  // Whether the person may know who did it, and by what of theirs. `index`: of the entry in the log.
  bool tells_who(std::uint64_t index, const audit::ActPart& act, const audit::PersonPart& about);

  struct DocumentSeen {
    bool is_found = false;
    bool is_of_protected = false;         // of another person, with protected identity
    std::optional<policy::Document> own;  // when it is the person's
  };
  const DocumentSeen& document(const DocumentId& id);

private:
  bool is_of_other_role(std::uint64_t index, const audit::ActPart& act, const audit::PersonPart& about);
  bool is_first_of_act(std::uint64_t index, const ActId& act);
  bool is_protected(const PersonId& person);

  const PersonId person_;
  const store::Rows& rows_;
  RowSealer sealer_;
  audit::ForbundEntryKeys forbund_;
  std::map<DocumentId, DocumentSeen> documents_;
};

}  // namespace flikvakt::service
