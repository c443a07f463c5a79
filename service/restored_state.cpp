#include "service/restored_state.h"

namespace flikvakt::service {
namespace {

using policy::Row;
using policy::RowId;

// What a restore leaves out, or what replay checks by other means.
template <class T>
constexpr bool is_carried_over =
    !std::is_same_v<T, policy::Instance> && !std::is_same_v<T, policy::Proposal> &&
    !std::is_same_v<T, policy::Reading> && !std::is_same_v<T, policy::Receipt> && !std::is_same_v<T, policy::KeyRow> &&
    !std::is_same_v<T, policy::Pruning> && !std::is_same_v<T, policy::LogKey>;

// May the row have gone with an erasure since the backup, though its person is still there?
template <class T>
constexpr bool goes_with_flik = std::is_same_v<T, policy::Flik> || std::is_same_v<T, policy::Deposit>;

std::string named(const RowId& id) { return "row " + to_hex(id.key) + " of table " + std::to_string(id.table); }

// May `was`, in the backup, stand as `is` after the restore?
bool may_stand_as(const Row& was, const Row& is) {
  return visit(
      [&]<class T>(const T& before) {
        const T& after = get<T>(is);
        if (to_text(to_json(before)) == to_text(to_json(after))) return true;
        if constexpr (std::is_same_v<T, policy::Document>) {
          return after.status == policy::DocumentStatus::erased && after.person == before.person;
        }
        if constexpr (std::is_same_v<T, policy::Administrator>) {
          T suspended = before;
          suspended.standing = policy::Standing::suspended;
          return to_text(to_json(suspended)) == to_text(to_json(after));
        }
        return false;
      },
      was);
}

class Comparison {
public:
  Comparison(const StateImage& archive, const std::vector<Row>& puts) : archive_(archive) {
    for (const Row& row : puts) stated_.emplace(policy::row_id(row), &row);
  }

  std::vector<std::string> run() {
    for (const auto& [id, stored] : archive_.rows) compare(id, stored.row);
    for (const auto& [id, row] : stated_) check_stood(id, *row);
    return std::move(problems_);
  }

private:
  void compare(const RowId& id, const Row& row) {
    const bool carried = visit([]<class T>(const T&) { return is_carried_over<T>; }, row);
    if (!carried) return;
    const auto found = stated_.find(id);
    if (found == stated_.end()) {
      if (!may_be_gone(row)) problems_.push_back(named(id) + ": it stood in the backup, and the restore leaves it out");
    } else if (!may_stand_as(row, *found->second)) {
      problems_.push_back(named(id) + ": the restore states it otherwise than it stood in the backup");
    }
  }

  // With its person, or with its flik.
  bool may_be_gone(const Row& row) const {
    const std::optional<PersonId> owner = policy::owner_of(row);
    if (owner && !stated_.contains(policy::row_id_of<policy::Person>(*owner))) return true;
    if (const auto* role = get_if<policy::Representative>(&row)) {
      return !stated_.contains(policy::row_id_of<policy::Person>(role->representative));  // went with who was erased
    }
    return visit([]<class T>(const T&) { return goes_with_flik<T>; }, row);
  }

  void check_stood(const RowId& id, const Row& row) {
    const bool carried = visit([]<class T>(const T&) { return is_carried_over<T>; }, row);
    if (carried && !archive_.rows.contains(id)) {
      problems_.push_back(named(id) + ": the restore states it, and it did not stand in the backup");
    }
  }

  const StateImage& archive_;
  std::map<RowId, const Row*> stated_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> compare_with_archive(const StateImage& archive, const std::vector<policy::Row>& puts) {
  return Comparison(archive, puts).run();
}

}  // namespace flikvakt::service
