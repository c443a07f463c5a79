// Plays cases (tests/policy/case_lines.h) from standard input through Cedar and compares the answers. Prints one JSON object:
// how many, which rule decided, and the first differences.
//
//   policy_cases --seed 1 --count 1000 | node play.mjs
//   policy_cases --shapes | node play.mjs --validate    are rules and schema sound, and is every member of the rows known?
//   node play.mjs --policies                            the policies, one text each
//   policy_cases --kept FILE | node play.mjs --mutants FILE    for each rule text in this array: which case it decides otherwise
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import cedar from "@cedar-policy/cedar-wasm/nodejs";
import { Asker } from "./ask.mjs";
import { Reading } from "./decide.mjs";
import { Rows } from "./rows.mjs";

const SHOWN = 3;
const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const { values: options } = parseArgs({
  options: { validate: { type: "boolean" }, policies: { type: "boolean" }, mutants: { type: "string" } },
});
const rules = here("rules.cedar");
const schema = here("rows.cedarschema");
const rows = new Rows(cedar.schemaToJson(schema).json);

function validate(shapes) {
  const answer = cedar.validate({ schema, policies: { staticPolicies: rules }, validationSettings: { mode: "strict" } });
  const found = answer.type === "success" ? [...answer.validationErrors, ...answer.validationWarnings] : answer.errors;
  return [...found.map((one) => one.error?.message ?? one.message), ...rows.compare(shapes)];
}

const input = () => readFileSync(0, "utf8");
const same = (a, b) => a.rule === b.rule && a.fullmakt === b.fullmakt;

// Each case with its answer.
async function* answers(lines, asker) {
  let world = new Map();
  for await (const text of lines) {
    const line = JSON.parse(text);
    const made = (line.world ?? line.rows).map((row) => rows.entity(row));
    asker.know(made);
    const keyed = made.map((one) => [one.key, one]);
    if (line.world) world = new Map(keyed);
    else yield { text, line, answer: new Reading(asker, new Map([...world, ...keyed]), line.request, line.time).decide() };
  }
}

const differs = ({ line, answer }) => [line.product, line.expected].some((other) => other && !same(answer, other));

async function play(lines) {
  const result = { cases: 0, by_rule: {}, differ: 0, differences: [] };
  for await (const one of answers(lines, new Asker(rules, schema))) {
    result.cases += 1;
    result.by_rule[one.answer.rule] = (result.by_rule[one.answer.rule] ?? 0) + 1;
    if (!differs(one)) continue;
    result.differ += 1;
    if (result.differences.length < SHOWN) result.differences.push({ name: one.line.name, cedar: one.answer, line: one.text });
  }
  return result;
}

// The name of the first case that these other rules decide otherwise; null: none.
async function noticed(lines, otherRules) {
  for await (const one of answers(lines, new Asker(otherRules, schema))) {
    if (differs(one)) return one.line.name;
  }
  return null;
}

async function eachNoticed(text, mutants) {
  const found = [];
  for (const mutant of mutants) found.push(await noticed(text.split("\n").filter(Boolean), mutant));
  return found;
}

if (options.policies) console.log(JSON.stringify(cedar.policySetTextToParts(rules).policies));
else if (options.validate) console.log(JSON.stringify(validate(JSON.parse(input()))));
else if (options.mutants) console.log(JSON.stringify(await eachNoticed(input(), JSON.parse(readFileSync(options.mutants, "utf8")))));
else console.log(JSON.stringify(await play(createInterface({ input: process.stdin }))));
