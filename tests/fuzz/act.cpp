// What somebody sends, from the envelope of an act to what the rules make of it. Whatever the rules write down for it
// must be readable again: a row that start-up cannot read would lock the gateway.
#include "gateway/sent_acts.h"
#include "service/joint_act.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"
#include "tests/policy/world.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::policy;

void check_rows(const Outcome& outcome) {
  for (const Row& row : outcome.puts) {
    const RowId id = row_id(row);
    const std::string text = flikvakt::to_text(row_body(row));
    const Result<json::value> body = parse_json(text);
    claim(body.has_value(), "a row that an act writes is JSON that can be read");
    const Result<Row> again = parse_row(id.table, *body);
    claim(again && row_id(*again) == id && row_body(*again) == *body, "a row that an act writes can be read again");
  }
}

void check_rules(BytesView in, const Act& act) {
  const test::World world;
  const Actor actors[] = {AdministratorActor{world.anna},
                          AdministratorActor{world.recovery},
                          world.staff(world.reader),
                          world.staff(world.source_registrar),
                          world.staff(world.source_officer),
                          world.staff(world.lead),
                          world.person_actor(),
                          PersonActor{world.relative, world.key},
                          AdministratorActor{},
                          SystemActor{}};
  const Actor& actor = actors[choose(in, std::size(actors))];
  const auto seen = world.state.find<Person>(world.person)->consent_version;
  const Moment moment{world.now, test::id<ActId>(1), seen, choose(in, 4) == 1};
  const Outcome outcome = evaluate(world.state, actor, act, moment, world.prepared_person(7));
  check_rows(outcome);
  const bool stranger =
      std::holds_alternative<AdministratorActor>(actor) && std::get<AdministratorActor>(actor).administrator.is_none();
  const bool stolen =
      std::holds_alternative<PersonActor>(actor) && std::get<PersonActor>(actor).person == world.relative;
  claim(!outcome.decision.is_permitted() || (!stranger && !stolen),
        "who is not known, or has another's key, is refused");
  if (!outcome.decision.is_permitted()) claim(outcome.shreds.empty(), "a refusal destroys nothing");
}

void check_act(BytesView in, const json::value& value) {
  const Result<Act> act = parse_act(value);
  if (!act) return;
  const json::value written = act_to_json(*act);
  const Result<Act> again = parse_act(written);
  claim(again && act_to_json(*again) == written, "an act that was read can be written and read again");
  claim(takes_two(*again) == takes_two(*act) && direction_of(*again) == direction_of(*act), "and is the same act");
  const int doors =
      gateway::staff_may_send(*act) + gateway::person_may_send(*act) + gateway::administrator_may_send(*act);
  claim(doors <= 1 || holds_alternative<Approve>(*act), "an act comes in by one door");
  check_rules(in, *act);
}

// An act of any kind, its members empty.
json::value blank_act(std::size_t kind) {
  return boost::mp11::mp_with_index<boost::mp11::mp_size<ActVariant>::value>(
      kind, [](auto number) { return act_to_json(Act(boost::mp11::mp_at_c<ActVariant, decltype(number)::value>())); });
}

}  // namespace

// Two choices (actor, clock), a kind, then the JSON of an act, of an envelope with an act in it, of a joint act, or of
// the members that an act of that kind does not leave empty.
void act(BytesView in) {
  const BytesView choices = in.first(std::min<std::size_t>(in.size(), 2));
  in = in.subspan(choices.size());
  const std::size_t kind = choose(in, boost::mp11::mp_size<ActVariant>::value);
  const Result<json::value> value = parse_json(as_text(in));
  if (!value) return;
  check_act(choices, *value);
  json::value filled = blank_act(kind);
  overlay(filled, *value);
  check_act(choices, filled);
  if (const auto sent = from_json<service::SentAct>(*value)) {
    const json::value written = to_json(*sent);
    const auto again = from_json<service::SentAct>(written);
    claim(again && to_json(*again) == written, "an envelope that was read can be written and read again");
    claim(!service::joint_payload(*sent).empty(), "an envelope has canonical bytes");
    check_act(choices, sent->act);
  }
  if (const auto joint = from_json<service::JointAct>(*value)) {
    claim(!service::signers_of(*joint, std::vector<Administrator>{}), "nobody signs for nobody");
  }
}

}  // namespace flikvakt::fuzz
