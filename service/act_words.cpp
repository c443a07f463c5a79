#include "service/act_words.h"

#include <algorithm>
#include <stdexcept>

#include "base/json.h"

namespace flikvakt::service {
namespace {

using audit::ActKind;

constexpr ActWords kWords[] = {
    {ActKind::open_reading, ActGroup::readings, "Läsning av ett dokument", "Reading of a document"},
    {ActKind::close_reading, ActGroup::readings, "En läsning avslutades", "A reading ended"},
    {ActKind::list_documents, ActGroup::readings, "Lista över dina dokument", "List of your documents"},
    {ActKind::list_cases, ActGroup::cases, "Lista över teamets ärenden", "List of the team's cases"},
    {ActKind::read_overview, ActGroup::own, "Översikten lästes", "The overview was read"},
    {ActKind::read_own_log, ActGroup::own, "Loggen lästes", "The log was read"},
    {ActKind::open_own_document, ActGroup::own, "Läsning av ett eget dokument", "Reading of an own document"},
    {ActKind::begin_deposit, ActGroup::documents, "Ett dokument börjar lämnas in", "A document begins to be deposited"},
    {ActKind::seal_deposit, ActGroup::documents, "Ett dokument lämnades in", "A document was deposited"},
    {ActKind::sign_fullmakt, ActGroup::consent, "En fullmakt undertecknas", "A fullmakt is signed"},
    {ActKind::pause_fullmakt, ActGroup::consent, "En fullmakt pausas", "A fullmakt is paused"},
    {ActKind::resume_fullmakt, ActGroup::consent, "En pausad fullmakt börjar gälla igen",
     "A paused fullmakt counts again"},
    {ActKind::revoke_fullmakt, ActGroup::consent, "En fullmakt återkallas", "A fullmakt is revoked"},
    {ActKind::expire_fullmakt, ActGroup::consent, "En fullmakt gick ut", "A fullmakt expired"},
    {ActKind::paper_fullmakt, ActGroup::consent, "En fullmakt på papper förs in", "A fullmakt on paper is entered"},
    {ActKind::paper_narrowing, ActGroup::consent, "Personalen för in att du drar tillbaka något",
     "Staff enter that you take something back"},
    {ActKind::set_sparr, ActGroup::consent, "En spärr sätts", "A Sparr is set"},
    {ActKind::lift_sparr, ActGroup::consent, "En spärr hävs", "A Sparr is lifted"},
    {ActKind::register_person, ActGroup::keys, "Du registreras", "You are registered"},
    {ActKind::confirm_person, ActGroup::keys, "Registreringen av dig bekräftas", "Your registration is confirmed"},
    {ActKind::propose_key, ActGroup::keys, "En nyckel i ditt namn föreslås", "A key in your name is proposed"},
    {ActKind::confirm_key, ActGroup::keys, "En nyckel i ditt namn bekräftas", "A key in your name is confirmed"},
    {ActKind::remove_key, ActGroup::keys, "En nyckel i ditt namn tas bort", "A key in your name is removed"},
    {ActKind::reconfirm, ActGroup::consent, "Det du har medgett bekräftas på nytt",
     "What you have given is re-confirmed"},
    {ActKind::paper_reconfirm, ActGroup::consent, "Det du har medgett bekräftas på nytt, på papper",
     "What you have given is re-confirmed, on paper"},
    {ActKind::sign_referral, ActGroup::cases, "En remiss undertecknas", "A referral is signed"},
    {ActKind::paper_referral, ActGroup::cases, "En remiss på papper förs in", "A referral on paper is entered"},
    {ActKind::record_masking, ActGroup::documents, "Ett dokument noteras som maskat för andra det berör",
     "A document is recorded as masked for others it concerns"},
    {ActKind::accept_team, ActGroup::gateway, "Ett team tas i bruk", "A team is accepted"},
    {ActKind::roster_add, ActGroup::gateway, "En plats i ett team ges", "A place in a team is given"},
    {ActKind::roster_remove, ActGroup::gateway, "En plats i ett team tas bort", "A place in a team is removed"},
    {ActKind::register_administrator, ActGroup::gateway, "En administratör registreras",
     "An administrator is registered"},
    {ActKind::register_organisation, ActGroup::gateway, "En organisation registreras", "An organisation is registered"},
    {ActKind::register_issuer, ActGroup::gateway, "En utfärdare av certifikat registreras",
     "An issuer of certificates is registered"},
    {ActKind::register_certificate, ActGroup::gateway, "Ett certifikat registreras", "A certificate is registered"},
    {ActKind::register_assertion_key, ActGroup::gateway, "En nyckel för personalintyg registreras",
     "A key for staff assertions is registered"},
    {ActKind::register_unit, ActGroup::gateway, "En enhet registreras", "A unit is registered"},
    {ActKind::register_staff, ActGroup::gateway, "En medarbetare registreras", "A staff member is registered"},
    {ActKind::register_team, ActGroup::gateway, "Ett team registreras", "A team is registered"},
    {ActKind::register_flik_type, ActGroup::gateway, "En fliktyp registreras", "A flik type is registered"},
    {ActKind::register_authorisation, ActGroup::gateway, "Ett godkännande registreras",
     "An authorisation is registered"},
    {ActKind::end_authorisation, ActGroup::gateway, "Ett godkännande avslutas", "An authorisation is ended"},
    {ActKind::register_kontrakt, ActGroup::kontrakt, "Ett kontrakt registreras", "A kontrakt is registered"},
    {ActKind::end_kontrakt, ActGroup::kontrakt, "Ett kontrakt avslutas", "A kontrakt is ended"},
    {ActKind::suspend, ActGroup::gateway, "Något i registret spärras tills vidare",
     "Something in the registry is suspended"},
    {ActKind::remove, ActGroup::gateway, "Något i registret tas bort", "Something in the registry is removed"},
    {ActKind::reinstate, ActGroup::gateway, "Något i registret får gälla igen",
     "Something in the registry is reinstated"},
    {ActKind::propose, ActGroup::gateway, "Ett förslag läggs fram", "A proposal is made"},
    {ActKind::approve, ActGroup::consent, "Något som väntade på en andra person godkänns",
     "What waited for a second person is approved"},
    {ActKind::apply_crl, ActGroup::gateway, "En lista över återkallade certifikat läses in",
     "A list of revoked certificates is applied"},
    {ActKind::expire_due, ActGroup::consent, "Något vars tid var ute avslutades",
     "Something ended because its time was over"},
    {ActKind::rotate_keys, ActGroup::gateway, "Nycklar slås in på nytt", "Keys are wrapped anew"},
    {ActKind::shred, ActGroup::documents, "Uppgifter raderas genom att nycklar förstörs",
     "Data are erased by destroying keys"},
    {ActKind::erase_document, ActGroup::documents, "Ett dokument raderas", "A document is erased"},
    {ActKind::init, ActGroup::gateway, "Loggen börjar", "The log begins"},
    {ActKind::accept_clock, ActGroup::gateway, "Klockan godtas", "The clock is accepted"},
    {ActKind::restore, ActGroup::gateway, "Systemet återställdes från en säkerhetskopia",
     "The gateway was restored from a backup"},
    {ActKind::reattest_organisation, ActGroup::gateway, "En organisation intygas på nytt",
     "An organisation is re-attested"},
    {ActKind::reattest_staff, ActGroup::gateway, "Medarbetare intygas på nytt", "Staff are re-attested"},
    {ActKind::backup, ActGroup::gateway, "En säkerhetskopia görs", "A backup is made"},
    {ActKind::start, ActGroup::gateway, "Systemet startade", "The gateway started"},
    {ActKind::stop, ActGroup::gateway, "Systemet stannade", "The gateway stopped"},
    {ActKind::reattest_catalogue, ActGroup::gateway, "Katalogen intygas på nytt", "The catalogue is re-attested"},
    {ActKind::reattest_kontrakt, ActGroup::kontrakt, "Ett kontrakt intygas på nytt", "A kontrakt is re-attested"},
    {ActKind::read_proposals, ActGroup::consent, "Ett förslag som väntar lästes", "A waiting proposal was read"},
    {ActKind::sum_failures, ActGroup::gateway, "Misslyckade försök räknades ihop", "Failed attempts were summed up"},
    {ActKind::request_access, ActGroup::requests, "Någon ber om åtkomst", "Access is asked for"},
    {ActKind::withdraw_request, ActGroup::requests, "En begäran om åtkomst tas tillbaka",
     "A request for access is withdrawn"},
    {ActKind::list_requests, ActGroup::requests, "Lista över begäran om åtkomst", "List of requests for access"},
    {ActKind::decline_request, ActGroup::requests, "En begäran om åtkomst avböjs", "A request for access is declined"},
    {ActKind::sign_komplettering, ActGroup::consent, "En komplettering av en fullmakt undertecknas",
     "A komplettering of a fullmakt is signed"},
    {ActKind::paper_komplettering, ActGroup::consent, "En komplettering på papper förs in",
     "A komplettering on paper is entered"},
    {ActKind::list_fullmakter, ActGroup::readings, "Lista över fullmakter från dig", "List of fullmakter of yours"},
    {ActKind::relinquish_fullmakt, ActGroup::consent, "En mottagare avstår från en fullmakt",
     "A recipient gives a fullmakt up"},
    {ActKind::register_template, ActGroup::gateway, "En fullmaktsmall registreras",
     "A fullmakt template is registered"},
    {ActKind::set_telling, ActGroup::gateway, "Vad en flik får berätta om spärrar ändras",
     "What a flik may tell of Sparrar is changed"},
    {ActKind::accept_case, ActGroup::cases, "Ett ärende tas emot", "A case is accepted"},
    {ActKind::set_meetings, ActGroup::cases, "Mötestider bestäms", "Meetings are set"},
    {ActKind::propose_hand_over, ActGroup::cases, "Överlämning till ett annat team föreslås",
     "Hand-over to another team is proposed"},
    {ActKind::sign_hand_over, ActGroup::cases, "Överlämning till ett annat team undertecknas",
     "Hand-over to another team is signed"},
    {ActKind::close_case, ActGroup::cases, "Ett ärende avslutas", "A case is closed"},
    {ActKind::propose_kontrakt, ActGroup::kontrakt, "En ny version av ett kontrakt föreslås",
     "A new version of a kontrakt is proposed"},
    {ActKind::sign_kontrakt, ActGroup::kontrakt, "Ett kontrakt undertecknas", "A kontrakt is signed"},
    {ActKind::paper_kontrakt, ActGroup::kontrakt, "Ett kontrakt på papper förs in", "A kontrakt on paper is entered"},
    {ActKind::reach_milestone, ActGroup::kontrakt, "Ett delmål nås", "A milestone is reached"},
    {ActKind::list_erase_orders, ActGroup::kontrakt, "Lista över raderingsuppdrag", "List of erase orders"},
    {ActKind::attest_erasure, ActGroup::kontrakt, "En utförare intygar att den har raderat",
     "A provider attests that it has erased"},
    {ActKind::list_notices, ActGroup::consent, "Lista över underrättelser", "List of notices"},
    {ActKind::acknowledge_notice, ActGroup::consent, "En underrättelse kvitteras", "A notice is acknowledged"},
    {ActKind::list_overdue, ActGroup::gateway, "Räkning av det som är försenat", "Count of what is overdue"},
    {ActKind::record_death, ActGroup::circumstances, "Dödsfall noteras", "A death is recorded"},
    {ActKind::correct_death, ActGroup::circumstances, "Ett noterat dödsfall rättas", "A recorded death is corrected"},
    {ActKind::record_disclosure, ActGroup::readings, "Utlämnande utanför en fullmakt noteras",
     "Disclosure outside a fullmakt is recorded"},
    {ActKind::register_representative, ActGroup::circumstances, "En ställföreträdare registreras",
     "A representative is registered"},
    {ActKind::end_representative, ActGroup::circumstances, "En ställföreträdare avslutas", "A representative is ended"},
    {ActKind::protect_identity, ActGroup::circumstances, "Skyddade personuppgifter införs",
     "Protected identity is set"},
    {ActKind::end_protection, ActGroup::circumstances, "Skyddade personuppgifter upphör",
     "Protected identity is ended"},
    {ActKind::paper_lift_sparr, ActGroup::consent, "En spärr hävs på papper", "A Sparr is lifted on paper"},
    {ActKind::paper_hand_over, ActGroup::cases, "Överlämning till ett annat team förs in på papper",
     "Hand-over to another team is entered on paper"},
    {ActKind::withdraw_proposal, ActGroup::consent, "Ett förslag tas tillbaka", "A proposal is withdrawn"},
    {ActKind::set_naming, ActGroup::gateway, "Om loggen ska namnge personal ändras",
     "Whether logs name staff is changed"},
    {ActKind::set_retention, ActGroup::gateway, "Hur länge loggen behålls ändras",
     "How long the log is kept is changed"},
    {ActKind::take_snapshot, ActGroup::gateway, "En ögonblicksbild av läget sparas", "A snapshot of the state is kept"},
    {ActKind::prune_log, ActGroup::gateway, "Loggen gallras", "The log is pruned"},
    {ActKind::rotate_log_key, ActGroup::gateway, "Loggen får en ny nyckel", "The log gets a new key"},
    {ActKind::retire_log_key, ActGroup::gateway, "En av loggens nycklar slutar användas",
     "A key of the log is retired"},
    {ActKind::give_up_log_key, ActGroup::gateway, "En av loggens nycklar förklaras röjd",
     "A key of the log is given up as compromised"},
};

// A new kind of act does not compile without words.
#define FLIKVAKT_COUNT(number, name) +1
static_assert(std::size(kWords) == 0 FLIKVAKT_ACT_KINDS(FLIKVAKT_COUNT));
#undef FLIKVAKT_COUNT
static_assert(std::ranges::is_sorted(kWords, {}, &ActWords::kind));

}  // namespace

std::span<const ActWords> all_act_words() { return kWords; }

const ActWords& words_of(ActKind kind) {
  const auto found = std::ranges::lower_bound(kWords, kind, {}, &ActWords::kind);
  if (found == std::end(kWords) || found->kind != kind) throw std::logic_error("an act kind has no words");
  return *found;
}

std::optional<ActGroup> act_group_named(std::string_view name) {
  const Result<ActGroup> found = from_json<ActGroup>(json::value(json::string(name)));
  return found ? std::optional(*found) : std::nullopt;
}

}  // namespace flikvakt::service
