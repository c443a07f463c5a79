#include "admin/reasons.h"

namespace flikvakt::admin {
namespace {

using policy::Reason;
using policy::Rule;

struct Words {
  Reason reason;
  std::string_view en;
  std::string_view sv;
};
constexpr Words kReasons[] = {
    {Reason::actor_unknown, "the gateway does not know who asks", "systemet känner inte den som frågar"},
    {Reason::actor_not_active, "who asks is suspended or removed", "den som frågar är avstängd eller borttagen"},
    {Reason::credential_not_valid, "the certificate or key is not valid, or was removed",
     "certifikatet eller nyckeln gäller inte, eller är borttagen"},
    {Reason::not_entitled, "who asks has no right to do this", "den som frågar har ingen rätt att göra detta"},
    {Reason::same_person, "this takes two, and the second must be somebody else",
     "det här kräver två, och den andra måste vara någon annan"},
    {Reason::same_organisation, "this takes two, and the second must be of another organisation",
     "det här kräver två, och den andra måste vara från en annan organisation"},
    {Reason::only_recipients, "one of the two must be of an organisation that receives nothing by it",
     "en av de två måste vara från en organisation som inte får något genom det"},
    {Reason::not_reattested, "it counts again only when it was re-attested after the restore",
     "det gäller igen först när det har intygats på nytt efter återställningen"},
    {Reason::not_reconfirmed, "the person has not re-confirmed after the restore",
     "personen har inte bekräftat på nytt efter återställningen"},
    {Reason::unknown, "what it names does not exist", "det som nämns finns inte"},
    {Reason::already_exists, "it exists already", "det finns redan"},
    {Reason::not_in_force, "it is not in force now", "det gäller inte nu"},
    {Reason::wrong_state, "what stands now does not allow it", "läget tillåter det inte"},
    {Reason::expired, "it has expired", "tiden har gått ut"},
    {Reason::other_person, "it belongs to another person", "det hör till en annan person"},
    {Reason::other_act, "what is approved is not what was proposed", "det som godkänns är inte det som föreslogs"},
    {Reason::terms_invalid, "its terms do not follow the rules", "villkoren följer inte reglerna"},
    {Reason::period_invalid, "its times do not fit: from before to, and not too long",
     "tiderna stämmer inte: från före till, och inte för långt"},
    {Reason::recipient_unknown, "a recipient does not exist or does not count",
     "en mottagare finns inte eller räknas inte"},
    {Reason::flik_unknown, "the catalogue has no such flik type", "katalogen har ingen sådan fliktyp"},
    {Reason::state_changed, "something has changed since you looked: look again, then repeat it",
     "något har ändrats sedan du tittade: titta igen och gör sedan om"},
    {Reason::blocked, "a Sparr blocks it", "en spärr hindrar det"},
    {Reason::no_fullmakt, "no fullmakt covers it", "ingen fullmakt täcker det"},
    {Reason::provider_not_authorised, "the provider is not authorised now", "insatsaktören är inte godkänd nu"},
    {Reason::kontrakt_not_running, "no part of the kontrakt runs now", "ingen del av kontraktet pågår nu"},
    {Reason::others_not_consented, "somebody else whom the document is about has not consented",
     "någon annan som dokumentet handlar om har inte samtyckt"},
    {Reason::used_up, "the fullmakt is used up", "fullmakten är förbrukad"},
    {Reason::withheld, "the source withholds it for now", "källan undanhåller det tills vidare"},
    {Reason::only_person, "only the person opens what is in the flik", "bara personen öppnar det som ligger i fliken"},
    {Reason::file_refused, "the file was refused: what is in it, or what it is",
     "filen togs inte emot: på grund av vad den är eller vad som finns i den"},
    {Reason::log_not_witnessed,
     "no witness has cosigned the log for too long: documents are not opened until a quorum has",
     "inget vittne har skrivit under loggen på för länge: dokument öppnas inte förrän tillräckligt många har gjort "
     "det"},
    {Reason::clock_doubt, "the gateway doubts its clock: `flikvakt clock accept`", "systemet tvivlar på sin klocka"},
    {Reason::person_died, "a death is recorded for this person", "ett dödsfall är noterat för personen"},
    {Reason::not_asked_for, "it gives something that the request did not ask for",
     "det ger något som begäran inte bad om"},
    {Reason::other_text, "the text is not the template's, word for word", "texten är inte mallens, ord för ord"},
    {Reason::error, "an error; then the answer is no", "ett fel; då är svaret nej"},
};

template <class Code>
void put_words(json::object& entry, std::string_view member) {
  json::value* number = entry.if_contains(member);
  const Result<std::uint64_t> code = number ? from_json<std::uint64_t>(*number) : Result<std::uint64_t>(0);
  if (!code || *code > 0xff) return;
  if (const std::string_view words = words_of(static_cast<Code>(*code)); !words.empty()) *number = json::string(words);
}

}  // namespace

std::string_view words_of(Reason reason, Language language) {
  for (const Words& one : kReasons) {
    if (one.reason == reason) return language == Language::sv ? one.sv : one.en;
  }
  return {};
}

std::string_view words_of(Rule rule) {
  switch (rule) {
    case Rule::none:
      return {};
    case Rule::actor:
      return "1: who asks must be known and active";
    case Rule::document:
      return "2: the document must be there";
    case Rule::sparr:
      return "3: no Sparr may match";
    case Rule::fullmakt:
      return "4: a fullmakt must cover it";
    case Rule::provider:
      return "5: a provider must be authorised and its part of the kontrakt run";
    case Rule::other_subjects:
      return "6: others whom it is about must consent";
    case Rule::use_limit:
      return "7: the fullmakt must not be used up";
  }
  return {};
}

std::string_view words_of_reason(std::string_view name) {
  for (const Words& one : kReasons) {
    if (to_json(one.reason).as_string() == name) return one.en;
  }
  return {};
}

json::value with_words(json::value page) {
  json::value* entries = page.is_object() ? page.get_object().if_contains("entries") : nullptr;
  if (!entries || !entries->is_array()) return page;
  for (json::value& entry : entries->get_array()) {
    if (!entry.is_object()) continue;
    put_words<Rule>(entry.get_object(), "rule");
    put_words<Reason>(entry.get_object(), "reason");
  }
  return page;
}

}  // namespace flikvakt::admin
