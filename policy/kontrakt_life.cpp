#include "policy/kontrakt_life.h"

#include "policy/terms.h"

namespace flikvakt::policy {
namespace {

std::set<OrganisationId> providers_of(const std::vector<KontraktPart>& parts) {
  std::set<OrganisationId> out;
  for (const KontraktPart& part : parts) out.insert(part.provider);
  return out;
}

void order_erasure(const Context& context, Effects& effects, const Kontrakt& kontrakt, const OrganisationId& provider) {
  effects.put(EraseOrder{kontrakt.id, provider, kontrakt.person, context.now(), context.now() + kErasedWithin});
}

// SPEC PROV-7: what was reached stays reached.
void keep_reached(std::vector<Milestone>& milestones, const std::vector<Milestone>& before) {
  for (Milestone& one : milestones) {
    for (const Milestone& old : before) {
      if (old.text == one.text && old.reached) one.reached = old.reached;
    }
  }
}

}  // namespace

// SPEC ERASE-1: access under it ends here; what the provider holds already is for it to erase.
void end_kontrakt(const Context& context, Effects& effects, const Kontrakt& kontrakt) {
  effects.concern(kontrakt.person).subject = subject_of(kontrakt.id);
  if (kontrakt.standing == Standing::removed) return;
  Kontrakt over = kontrakt;
  over.standing = Standing::removed;
  over.proposed.reset();
  effects.put(std::move(over));
  for (const OrganisationId& provider : providers_of(kontrakt.parts)) {
    order_erasure(context, effects, kontrakt, provider);
  }
}

// SPEC PROV-5, ERASE-2
void begin_version(const Context& context, Effects& effects, const Kontrakt& kontrakt) {
  Kontrakt next = kontrakt;
  next.goals = kontrakt.proposed->goals;
  next.milestones = kontrakt.proposed->milestones;
  next.parts = kontrakt.proposed->parts;
  keep_reached(next.milestones, kontrakt.milestones);
  ++next.version;
  next.proposed.reset();
  next.epoch = context.epoch();
  const std::set<OrganisationId> providers = providers_of(next.parts);
  for (const OrganisationId& before : providers_of(kontrakt.parts)) {
    if (!providers.contains(before)) order_erasure(context, effects, kontrakt, before);
  }
  for (const OrganisationId& provider : providers) {
    if (context.state.find<EraseOrder>({kontrakt.id, provider})) effects.erase<EraseOrder>({kontrakt.id, provider});
  }
  effects.put(std::move(next));
  effects.touch_consent(kontrakt.person);
}

}  // namespace flikvakt::policy
