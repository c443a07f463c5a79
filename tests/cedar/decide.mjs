// One reading decided by Cedar. Here: which candidates are asked for, and what spec/decision-rules.md says of several
// (RULE-1, RULE-24, RULE-30). What is compared with what is in rules.cedar.
const RULE = { actor: 1, document: 2, sparr: 3, fullmakt: 4, provider: 5, other_subjects: 6, use_limit: 7 };

const NONE = "A".repeat(43); // a fingerprint of zeros: none

const ref = (type, id) => ({ __entity: { type, id } });
const refOf = ({ entity }) => ({ __entity: entity.uid });

// What the reader came with.
function credentials({ certificate, assertion_key, passkey, token }) {
  const of = {};
  if (certificate !== NONE) of.certificate = ref("Certificate", certificate);
  if (assertion_key !== NONE) of.assertion_key = ref("AssertionKey", assertion_key);
  if (passkey) of.passkey = ref("StaffKey", passkey);
  if (token) Object.assign(of, { token_issuer: ref("OidcIssuer", token.issuer), token_subject: token.subject });
  return of;
}

export class Reading {
  // entities: Map of key → what Rows.entity() made, with the number that the asker gave it.
  constructor(asker, entities, { reader, document, purpose }, time) {
    this.asker = asker;
    this.entities = entities;
    this.principal = ref("Staff", reader.staff);
    this.resource = ref("Document", document);
    this.ask = { organisation: ref("Organisation", reader.organisation), ...credentials(reader), purpose, t: Date.parse(time) };
  }

  all(type) {
    return [...this.entities.values()].filter((one) => one.entity.uid.type === type);
  }

  // Does Cedar allow `action` for this candidate? It gets the entities that can be reached from what is asked.
  allows(action, candidate = {}) {
    const context = { ask: this.ask, ...candidate };
    const question = { principal: this.principal, action: { type: "Action", id: action }, resource: this.resource, context };
    const named = [this.principal, this.resource, ...Object.values(context), ...Object.values(this.ask)];
    return this.asker.allows(question, this.reachable(named));
  }

  reachable(named) {
    const found = new Map();
    const waiting = named.filter((value) => value?.__entity).map(({ __entity: { type, id } }) => `${type} ${id}`);
    waiting.push("Instance "); // the rules name it
    while (waiting.length) {
      const key = waiting.pop();
      const one = this.entities.get(key);
      if (!one || found.has(key)) continue;
      found.set(key, one);
      waiting.push(...one.refs);
    }
    return [...found.values()];
  }

  // With one roster entry or none: a candidate each.
  entries() {
    return [{}, ...this.all("RosterEntry").map((one) => ({ entry: refOf(one) }))];
  }

  unblocked(person) {
    return this.all("Sparr").every((sparr) => this.entries().every((entry) => this.all("Document").every((version) =>
      this.allows("sparr", { person, sparr: refOf(sparr), version: refOf(version), ...entry }))));
  }

  // Every part of every kontrakt with every authorisation, and none.
  provisions() {
    const parts = this.all("Kontrakt").flatMap((one) => one.entity.attrs.parts);
    return [{}, ...parts.flatMap((part) => this.all("Authorisation").map((one) => ({ part, authorisation: refOf(one) })))];
  }

  // The first of rules 4, 5 and 7 that fails for this fullmakt; 0: none.
  failing(fullmakt, person) {
    const of = { fullmakt: refOf(fullmakt) };
    if (!this.entries().some((entry) => this.allows("fullmakt", { person, ...of, ...entry }))) return RULE.fullmakt;
    if (!this.provisions().some((provision) => this.allows("provider", { ...of, ...provision }))) return RULE.provider;
    return this.allows("use_limit", of) ? 0 : RULE.use_limit;
  }

  // SPEC RULE-24, RULE-30
  choose(person) {
    const tried = this.all("Fullmakt").map((one) => ({ rule: this.failing(one, person), ...one.entity.attrs }));
    const passing = tried.filter(({ rule }) => rule === 0);
    if (!passing.length) return { rule: Math.max(RULE.fullmakt, ...tried.map(({ rule }) => rule)) };
    const limited = ({ terms }) => Number(terms.max_readings !== undefined);
    passing.sort((a, b) => limited(a) - limited(b) || b.terms.valid_to - a.terms.valid_to || (a.id < b.id ? -1 : 1));
    return { rule: 0, fullmakt: passing[0].id };
  }

  othersAgree(document) {
    return document.entity.attrs.facts.other_subjects.every((subject) => this.allows("other_subjects", {
      subject, unblocked: this.unblocked(subject), covered: this.choose(subject).rule === 0,
    }));
  }

  // SPEC RULE-1: the lowest failing rule; {rule: 0, fullmakt} permits.
  decide() {
    if (!this.allows("actor")) return { rule: RULE.actor };
    if (!this.allows("document")) return { rule: RULE.document };
    const document = this.entities.get(`Document ${this.resource.__entity.id}`);
    if (!document) return { rule: RULE.sparr }; // the rest cannot be asked
    const { person } = document.entity.attrs;
    if (!this.unblocked(person)) return { rule: RULE.sparr };
    const chosen = this.choose(person);
    if (chosen.rule !== 0 && chosen.rule < RULE.other_subjects) return chosen;
    return this.othersAgree(document) ? chosen : { rule: RULE.other_subjects };
  }
}
