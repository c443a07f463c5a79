#include "tests/gateway/races_kinds.h"

#include <ostream>

namespace flikvakt::gateway::test {

const std::vector<Kind>& kinds() {
  using enum Path;
  static const std::vector<Kind> all{
      {Narrowing::revoke_fullmakt, "revoke_fullmakt", 24, {organisation, team, provider}, By::person},
      {Narrowing::pause_fullmakt, "pause_fullmakt", 5, {organisation, team, provider}, By::person},
      {Narrowing::set_sparr, "set_sparr", 16, {organisation, team, provider}, By::person},
      {Narrowing::paper_narrowing, "paper_narrowing", 3, {organisation, team, provider}, By::staff},
      {Narrowing::roster_remove, "roster_remove", 12, {team}, By::staff},
      {Narrowing::suspend_team, "suspend team", 4, {team}, By::administrator},
      {Narrowing::suspend_organisation, "suspend organisation", 6, {organisation, team, provider}, By::administrator},
      {Narrowing::suspend_staff, "suspend staff", 6, {organisation, team, provider}, By::administrator},
      {Narrowing::suspend_certificate, "suspend certificate", 4, {organisation, team, provider}, By::administrator},
      {Narrowing::end_kontrakt, "end_kontrakt", 6, {provider}, By::administrator},
      {Narrowing::end_authorisation, "end_authorisation", 5, {provider}, By::administrator},
      {Narrowing::apply_crl, "apply_crl", 4, {organisation}, By::gateway},
      {Narrowing::expiry, "expiry", 4, {expiring}, By::gateway},
      {Narrowing::lapse, "lapse of a kontrakt", 1, {provider}, By::gateway},
  };
  return all;
}

const Kind& kind_of(Narrowing narrowing) { return kinds().at(static_cast<std::size_t>(narrowing)); }

bool is_timed(Narrowing narrowing) { return narrowing == Narrowing::expiry || narrowing == Narrowing::lapse; }

bool ends_fullmakt(Narrowing narrowing) {
  return narrowing == Narrowing::revoke_fullmakt || narrowing == Narrowing::paper_narrowing;
}

void RaceCounts::add(const RaceCounts& other) {
  for (auto member :
       {&RaceCounts::races, &RaceCounts::cut, &RaceCounts::whole, &RaceCounts::refused, &RaceCounts::unsent,
        &RaceCounts::two_acts, &RaceCounts::connections, &RaceCounts::ranges, &RaceCounts::bystanders,
        &RaceCounts::document_sends, &RaceCounts::new_reads_refused, &RaceCounts::readings}) {
    this->*member += other.*member;
  }
  document_bytes += other.document_bytes;
  most_after = std::max(most_after, other.most_after);
  most_held = std::max(most_held, other.most_held);
  latest_expiry = std::max(latest_expiry, other.latest_expiry);
  for (std::size_t i = 0; i < kNarrowings; ++i) {
    of_kind[i] += other.of_kind[i];
    cut_of_kind[i] += other.cut_of_kind[i];
  }
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
}

std::ostream& operator<<(std::ostream& out, const RaceCounts& counts) {
  out << counts.races << " races: " << counts.cut << " cut a running transfer, " << counts.whole
      << " came after its end, " << counts.refused << " before its beginning, " << counts.unsent
      << " before its first byte; " << counts.two_acts << " of two acts, " << counts.ranges << " over ranges\n  "
      << counts.connections << " readers' connections, " << counts.document_sends << " sends of documents, "
      << counts.bystanders << " bystanders served whole, " << counts.new_reads_refused
      << " new reads refused\n  at most " << counts.most_after << " bytes came after the acknowledgement, at most "
      << counts.most_held
      << " were sent and on their way at it; last send of what had run out: " << counts.latest_expiry.count()
      << " ms after\n";
  for (std::size_t i = 0; i < kNarrowings; ++i) {
    out << "  " << kinds()[i].name << " " << counts.of_kind[i] << " (" << counts.cut_of_kind[i] << " cut)";
    out << (i % 5 == 4 || i + 1 == kNarrowings ? "\n" : ",");
  }
  return out;
}

}  // namespace flikvakt::gateway::test
