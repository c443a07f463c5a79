// Rows of the state (spec/state-rows.md) to Cedar's entities, by rows.cedarschema alone: what a row means is not known here.
// A table, a member or a value that the schema does not tell of is an error.

const words = (text) => (text ?? "").split(" ").filter(Boolean);

export class Rows {
  constructor(schema) {
    this.common = schema[""].commonTypes;
    this.nouns = new Map(); // table number → the entity type
    for (const [name, type] of Object.entries(schema[""].entityTypes)) {
      const notes = type.annotations ?? {};
      this.nouns.set(Number(notes.row), { name, notes, unread: new Set(words(notes.unread)), attributes: type.shape?.attributes ?? {} });
    }
    this.types = new Set([...this.nouns.values()].map((noun) => noun.name));
    this.records = new Map(Object.entries(this.common).map(([name, type]) =>
      [name, { name, unread: new Set(words(type.annotations?.unread)), attributes: type.attributes }]));
  }

  // One row: {key, entity, refs}; refs are the keys of the entities that it names.
  entity([table, body]) {
    const noun = this.nouns.get(table);
    if (!noun) throw new Error(`table ${table} is not in rows.cedarschema`);
    const id = words(noun.notes.key).map((member) => body[member]).join(" ");
    const refs = new Set();
    const attrs = this.record(noun, body, refs);
    const above = noun.notes.parent?.split(".").reduce((value, member) => value?.[member], attrs);
    return { key: `${noun.name} ${id}`, entity: { uid: { type: noun.name, id }, attrs, parents: above ? [above] : [] }, refs };
  }

  record(type, body, refs) {
    const attrs = {};
    for (const [member, value] of Object.entries(body)) {
      if (type.unread.has(member)) continue;
      const attribute = type.attributes[member];
      if (!attribute) throw new Error(`${type.name} has a member \`${member}\` that rows.cedarschema does not tell of`);
      attrs[member] = this.value(attribute, value, refs, `${type.name}.${member}`);
    }
    return attrs;
  }

  value(type, value, refs, where) {
    if (type.type === "Set" && Array.isArray(value)) return value.map((one) => this.value(type.element, one, refs, where));
    const named = type.name;
    if (this.types.has(named) && typeof value === "string") {
      refs.add(`${named} ${value}`);
      return { __entity: { type: named, id: value } };
    }
    if (this.records.has(named) && value && typeof value === "object") return this.record(this.records.get(named), value, refs);
    if (named === "Bool" && typeof value === "boolean") return value;
    if (named === "Long" && Number.isSafeInteger(value)) return value;
    if (named === "Long" && /^\d{4}-\d\d-\d\d(T.*Z)?$/.test(value)) return Date.parse(value);
    if (named === "String" && typeof value === "string") {
      return type.annotations?.bytes === undefined ? value : Buffer.from(value, "base64url").toString("hex");
    }
    throw new Error(`${where}: ${JSON.stringify(value)} is no ${named ?? type.type}`);
  }

  // What the product's rows are made of ({table: {member: …}}) against what the schema tells of: complaints.
  compare(shapes) {
    const complaints = [];
    for (const [table, members] of Object.entries(shapes)) {
      const known = this.nouns.get(Number(table));
      if (!known) complaints.push(`table ${table} is not in rows.cedarschema`);
      else complaints.push(...this.compareRecord(known, members));
    }
    for (const [table, { name }] of this.nouns) {
      if (!shapes[table]) complaints.push(`${name}: table ${table} is not among the product's`);
    }
    return complaints;
  }

  compareRecord(type, members) {
    const complaints = [];
    const known = new Set([...type.unread, ...Object.keys(type.attributes)]);
    for (const [member, inner] of Object.entries(members)) {
      if (!known.delete(member)) complaints.push(`${type.name} has a member \`${member}\` that rows.cedarschema does not tell of`);
      const attribute = type.attributes[member];
      const record = this.records.get((attribute?.element ?? attribute)?.name);
      if (record && inner) complaints.push(...this.compareRecord(record, inner));
    }
    return complaints.concat([...known].map((member) => `${type.name} has no member \`${member}\` any more`));
  }
}
