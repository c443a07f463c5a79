// Questions to Cedar. Cedar is pure, so what was asked once is remembered; types are checked once for each entity and each
// form of question, because checking costs as much as deciding.
import cedar from "@cedar-policy/cedar-wasm/nodejs";

const POLICIES = "rules";
const SCHEMA = "rows";
const REMEMBERED = 200_000;

// Asks nothing: for its entities to be checked.
const NOTHING = {
  principal: { type: "Staff", id: "" }, action: { type: "Action", id: "nothing" }, resource: { type: "Document", id: "" }, context: {},
};

const succeeded = (answer, what) => {
  if (answer.type !== "success") throw new Error(`${what}: ${JSON.stringify(answer.errors)}`);
  return answer;
};

export class Asker {
  constructor(rules, schema) {
    succeeded(cedar.preparsePolicySet(POLICIES, { staticPolicies: rules }), "the rules");
    succeeded(cedar.preparseSchema(SCHEMA, schema), "the schema");
    this.numbers = new Map(); // text of an entity → its number
    this.forms = new Set();
    this.answers = new Map();
  }

  // Gives each of what Rows.entity() made a `number` that stands for this entity with these attributes. One of the wrong type
  // is an error.
  know(made) {
    const fresh = [];
    for (const one of made) {
      const text = JSON.stringify(one.entity);
      one.number = this.numbers.get(text) ?? this.numbers.size;
      if (this.numbers.has(text)) continue;
      this.numbers.set(text, one.number);
      fresh.push(one.entity);
    }
    if (fresh.length) this.decide({ ...NOTHING, preparsedSchemaName: SCHEMA, validateRequest: false, entities: fresh });
  }

  decide(call) {
    const answer = cedar.statefulIsAuthorized({ ...call, preparsedPolicySetId: POLICIES });
    return succeeded(answer, call.action.id).response;
  }

  // question: {principal, action, resource, context}; entities: [{entity, number}].
  allows(question, entities) {
    const key = JSON.stringify(question) + entities.map(({ number }) => number).sort();
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const form = `${question.action.id} ${Object.keys(question.context)} ${Object.keys(question.context.ask)}`;
    const checked = this.forms.has(form) ? {} : { preparsedSchemaName: SCHEMA, validateRequest: true };
    const response = this.decide({ ...question, ...checked, entities: entities.map(({ entity }) => entity) });
    // A policy that ends in an error would be left out of the decision.
    if (response.diagnostics.errors.length) throw new Error(`${form}: ${JSON.stringify(response.diagnostics.errors)}`);
    this.forms.add(form);
    if (this.answers.size >= REMEMBERED) this.answers.clear();
    this.answers.set(key, response.decision === "allow");
    return response.decision === "allow";
  }
}
