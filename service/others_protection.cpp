#include "service/others_protection.h"

namespace flikvakt::service {
namespace {

using audit::ActKind;

bool is_deposit(ActKind kind) { return kind == ActKind::begin_deposit || kind == ActKind::seal_deposit; }

bool is_about_role(ActKind kind) {
  return kind == ActKind::register_representative || kind == ActKind::end_representative || kind == ActKind::approve;
}

}  // namespace

// SPEC LOGV-12: a document that is not there went with its person, of whom nobody knows any more whether they were
// protected, or was never sealed. A deposit of the person's own names its flik; one that names the person only as
// another one whom it concerns has none (policy/acts_deposit.cpp), and nobody can say whose it would have been.
bool OthersProtection::tells_who(std::uint64_t index, const audit::ActPart& act, const audit::PersonPart& about) {
  if (act.organisation.is_none()) return true;
  if (is_of_other_role(index, act, about)) return false;
  const bool others_deposit = is_deposit(act.kind) && about.flik.text().empty();
  if (about.document.is_none()) return !others_deposit;
  const DocumentSeen& seen = document(about.document);
  return seen.is_found ? !seen.is_of_protected : is_deposit(act.kind) && !others_deposit;
}

// The representative's own entry of what was registered for, or ended of, somebody with protected identity; or waits.
// Where neither stands any more (refused, withdrawn, erased), the act's first entry is of whom they were to act for
// (policy/acts_representatives.cpp), and the other one the representative's.
bool OthersProtection::is_of_other_role(std::uint64_t index, const audit::ActPart& act,
                                        const audit::PersonPart& about) {
  if (!is_about_role(act.kind) || !about.document.is_none()) return false;
  const auto is_of_other = [&](const PersonId& person) { return person != person_ && is_protected(person); };
  const auto role = stored_row<policy::Representative>(rows_, sealer_, RepresentativeId(about.subject.value()));
  if (role) return is_of_other(role->person);
  const auto waiting = stored_row<policy::Proposal>(rows_, sealer_, ProposalId(act.act.value()));
  if (waiting && waiting->person) return is_of_other(*waiting->person);
  return !is_first_of_act(index, act.act);
}

// Acts are pruned whole, so a bare entry before it is of another one.
bool OthersProtection::is_first_of_act(std::uint64_t index, const ActId& act) {
  if (index == 0) return true;
  const auto before = rows_.entry(index - 1);
  if (!before) return false;
  if (before->is_bare()) return true;
  const auto leaf = audit::decode_leaf(before->leaf);
  if (!leaf) return false;
  const auto opened = audit::open_act(*leaf, before->act, forbund_);
  return opened && opened->part.act != act;
}

const OthersProtection::DocumentSeen& OthersProtection::document(const DocumentId& id) {
  const auto found = documents_.find(id);
  if (found != documents_.end()) return found->second;
  DocumentSeen seen;
  const auto row = stored_row<policy::Document>(rows_, sealer_, id);
  if (row) {
    seen.is_found = true;
    if (row->person == person_)
      seen.own = *row;
    else
      seen.is_of_protected = is_protected(row->person);
  }
  return documents_.emplace(id, std::move(seen)).first->second;
}

bool OthersProtection::is_protected(const PersonId& person) {
  const auto row = stored_row<policy::Person>(rows_, sealer_, person);
  return !row || row->alias.has_value();
}

}  // namespace flikvakt::service
