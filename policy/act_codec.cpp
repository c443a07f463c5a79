#include "policy/evaluate.h"

namespace flikvakt::policy {
namespace {

template <class T, class... Others>
constexpr bool is_one_of = (std::is_same_v<T, Others> || ...);

template <class T>
constexpr bool is_narrowing =
    is_one_of<T, EndAuthorisation, EndKontrakt, Suspend, Remove, Shred, RosterRemove, PaperNarrowing, PauseFullmakt,
              RevokeFullmakt, SetSparr, RemoveKey, ApplyCrl, RelinquishFullmakt, CloseCase, RecordDeath,
              EndRepresentative, DeclineRequest, ProtectIdentity, WithdrawProposal>;

// What may open something that was closed before.
template <class T>
constexpr bool is_widening =
    is_one_of<T, RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate, RegisterAssertionKey,
              RegisterTeam, RegisterStaff, RegisterAuthorisation, RegisterKontrakt, Reinstate, ReattestOrganisation,
              ReattestCatalogue, ReattestKontrakt, AcceptTeam, RosterAdd, ProposeKey, ConfirmKey, PaperFullmakt,
              PaperReconfirm, RecordMasking, ReattestStaff, SignFullmakt, ResumeFullmakt, LiftSparr, Reconfirm,
              PaperKomplettering, PaperKontrakt, CorrectDeath, RegisterRepresentative, SetTelling, SignKomplettering,
              SignKontrakt, SignHandOver, EndProtection, PaperLiftSparr, PaperHandOver, SetNaming, SetOidcIssuer,
              EnrolEid, AddKey, RegisterStaffKey, SetSubject, InviteConnector, EnrolConnector>;

template <class T>
constexpr Direction direction = is_narrowing<T>  ? Direction::narrowing
                                : is_widening<T> ? Direction::widening
                                                 : Direction::neutral;

// Neutral, and yet somebody hears of it, or what waited is carried out.
template <class T>
constexpr bool is_signed_too = is_one_of<T, SignReferral, PaperReferral, Approve>;

template <class T>
constexpr bool is_of_two =
    is_one_of<T, RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate, RegisterAssertionKey,
              RegisterTeam, Reinstate, Shred, ReattestOrganisation, ReattestCatalogue, PaperFullmakt, PaperReconfirm,
              RecordMasking, RegisterTemplate, SetTelling, PaperKomplettering, PaperKontrakt, CorrectDeath,
              RegisterRepresentative, EndProtection, PaperLiftSparr, PaperHandOver, SetNaming, SetRetention, PruneLog,
              RotateLogKey, GiveUpLogKey, SetOidcIssuer, RegisterStaffKey, InviteConnector>;

}  // namespace

json::value act_to_json(const Act& act) { return to_json(static_cast<const ActVariant&>(act)); }

Result<Act> parse_act(const json::value& value) { return Act(TRY(from_json<ActVariant>(value))); }

std::string_view kind_of(const Act& act) {
  return visit([]<class T>(const T&) { return T::kKind; }, act);
}

Direction direction_of(const Act& act) {
  return visit([]<class T>(const T&) { return direction<T>; }, act);
}

Direction direction_of_kind(std::string_view kind) {
  Direction found = Direction::neutral;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>([&]<class T>(T) {
    if (kind == T::type::kKind) found = direction<typename T::type>;
  });
  return found;
}

bool is_act_kind(std::string_view kind) {
  bool found = false;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>(
      [&]<class T>(T) { found = found || kind == T::type::kKind; });
  return found;
}

Result<Act> parse_proposal(const Proposal& proposal) {
  json::value value = TRY(parse_json(proposal.act));
  return parse_act(value);
}

Direction direction_of(const State& state, const Act& act) {
  const Approve* approve = get_if<Approve>(&act);
  const Proposal* proposal = approve ? state.find<Proposal>(approve->proposal) : nullptr;
  if (!proposal) return direction_of(act);
  Result<Act> waiting = parse_proposal(*proposal);
  return waiting ? direction_of(*waiting) : Direction::neutral;
}

bool needs_fresh_verification(const Act& act) {
  return visit([]<class T>(const T&) { return is_widening<T> || is_signed_too<T>; }, act);
}

bool kind_needs_fresh_verification(std::string_view kind) {
  bool found = true;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>([&]<class T>(T) {
    using Kind = typename T::type;
    if (kind == Kind::kKind) found = is_widening<Kind> || is_signed_too<Kind>;
  });
  return found;
}

bool takes_two(const Act& act) {
  return visit([]<class T>(const T&) { return is_of_two<T>; }, act);
}

bool kind_takes_two(std::string_view kind) {
  bool found = false;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>([&]<class T>(T) {
    if (kind == T::type::kKind) found = is_of_two<typename T::type>;
  });
  return found;
}

}  // namespace flikvakt::policy
