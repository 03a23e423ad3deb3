// TypeScript types to shapes: what a WIT type is made of, and how its values look to the user's code.
//
// A shape is a name ("bool", "f64", "string", …) or an object with a `kind`, as the WIT reader gives them, and with what only the source knows:
// `js` (a name as the user spells it), `none` ("null" or "undefined"), `array` ("plain" or "typed"), `id` (a type that WIT must name).

import ts from "typescript";
import { Problem } from "./problem.mjs";
import { kebab } from "./names.mjs";

const kTyped = {
  Uint8Array: "u8", Uint8ClampedArray: "u8", Int8Array: "s8", Uint16Array: "u16", Int16Array: "s16", Uint32Array: "u32", Int32Array: "s32",
  BigUint64Array: "u64", BigInt64Array: "s64", Float32Array: "f32", Float64Array: "f64",
};

const kInstead = {
  Date: "pass its time as a number (`date.getTime()`) or its text (`date.toISOString()`)",
  Map: "pass an array of pairs: `[string, number][]`",
  Set: "pass an array",
  WeakMap: "pass an array of pairs",
  RegExp: "pass its `source` as a string",
  Function: "a component's functions cannot take or give functions",
  ArrayBuffer: "pass a `Uint8Array`",
  SharedArrayBuffer: "pass a `Uint8Array`",
  DataView: "pass a `Uint8Array`",
  Error: "give a result: `{ tag: \"ok\", val: … } | { tag: \"err\", val: string }`",
  Promise: "only a function's result may be a `Promise`",
  Number: "write `number`", String: "write `string`", Boolean: "write `boolean`", BigInt: "write `bigint`",
  Object: "write the object's fields: `{ name: string }`",
};

const has = (type, flags) => (type.flags & flags) !== 0;

/** Shapes of one program's types. Named ones are kept, so that one type of the source is one type of the WIT. */
export class Shapes {
  constructor(checker) {
    this.checker = checker;
    this.named = []; // in order of definition: every shape with an `id`
    this.known = new Map(); // ts.Type -> shape
    this.taken = new Map(); // WIT name -> ts.Type
    this.open = new Set(); // types on the way, to find those that hold themselves
  }

  text(type) {
    return this.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  refuse(type, where, why) {
    const text = this.text(type);
    const short = text.length > 120 ? `${text.slice(0, 117)}…` : text;
    return new Problem(`${where.what}: the type \`${short}\` cannot be a WIT type: ${why}`, where.place);
  }

  /** where: {what: "parameter `a` of `add`", hint: a name for a type without one, place} */
  of(type, where) {
    if (has(type, ts.TypeFlags.Any)) {
      throw new Problem(`${where.what} has no type (or \`any\`); write one, as in \`a: number\`${where.javascript ? " or, in JavaScript, `/** @param {number} a */`" : ""}`, where.place);
    }
    if (has(type, ts.TypeFlags.Unknown)) throw this.refuse(type, where, "it says nothing; write the type that is meant");
    if (has(type, ts.TypeFlags.TypeParameter | ts.TypeFlags.IndexedAccess | ts.TypeFlags.Conditional)) {
      throw this.refuse(type, where, "it is generic; a component's functions have fixed types, so write one");
    }
    if (has(type, ts.TypeFlags.BooleanLike)) return "bool";
    if (has(type, ts.TypeFlags.Enum | ts.TypeFlags.EnumLiteral) && !has(type, ts.TypeFlags.StringLiteral)) {
      const members = type.isUnion() ? type.types : [type];
      if (!members.every((member) => member.isStringLiteral())) {
        throw this.refuse(type, where, "its members are numbers; give each a string value, as in `Red = \"red\"`");
      }
    }
    if (type.isUnion()) return this.union(type, where);
    if (has(type, ts.TypeFlags.NumberLike)) return "f64";
    if (has(type, ts.TypeFlags.BigIntLike)) return "s64";
    if (type.isStringLiteral()) return this.enumeration(type, [type], where);
    if (has(type, ts.TypeFlags.StringLike)) return "string";
    if (has(type, ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) {
      throw this.refuse(type, where, "it holds no value; leave it out");
    }
    if (has(type, ts.TypeFlags.Never)) throw this.refuse(type, where, "no value is possible");
    if (has(type, ts.TypeFlags.ESSymbolLike)) throw this.refuse(type, where, "a symbol means nothing outside of its program");
    return this.object(type, where);
  }

  union(type, where) {
    const nothing = (t) => has(t, ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void);
    const rest = type.types.filter((t) => !nothing(t));
    if (rest.length < type.types.length) {
      if (rest.length === 0) throw this.refuse(type, where, "it holds no value; leave it out");
      const only_null = !type.types.some((t) => has(t, ts.TypeFlags.Undefined | ts.TypeFlags.Void));
      return { kind: "option", of: this.of(this.without(type, rest), where), none: only_null ? "null" : "undefined" };
    }
    if (rest.every((t) => t.isStringLiteral())) return this.enumeration(type, rest, where);
    if (rest.every((t) => has(t, ts.TypeFlags.NumberLike))) return "f64";
    if (rest.every((t) => has(t, ts.TypeFlags.StringLike))) return "string";
    if (rest.every((t) => has(t, ts.TypeFlags.BigIntLike))) return "s64";
    if (rest.every((t) => has(t, ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return this.tagged(type, rest, where);
    throw this.refuse(type, where, "values of different kinds need a tag each: `{ tag: \"number\", val: number } | { tag: \"text\", val: string }`");
  }

  /** The union without what is absent: the same type object for the same members. */
  without(type, rest) {
    const narrowed = this.checker.getNonNullableType(type);
    if (narrowed !== type && !(narrowed.isUnion() && narrowed.types.length !== rest.length)) return narrowed;
    return rest.length === 1 ? rest[0] : narrowed;
  }

  enumeration(type, members, where) {
    return this.define(type, where, "enum", (shape) => {
      shape.cases = members.map((member) => this.named_part(member.value, `the case ${JSON.stringify(member.value)}`, type, where));
      this.distinct(shape.cases, type, where, "cases");
    });
  }

  named_part(js, what, type, where) {
    const name = kebab(js);
    if (!name) throw this.refuse(type, where, `${what} has no WIT name, which is made of ASCII letters and digits and begins with a letter`);
    return { name, js };
  }

  distinct(parts, type, where, what) {
    const seen = new Map();
    for (const part of parts) {
      if (seen.has(part.name)) {
        throw this.refuse(type, where, `its ${what} \`${seen.get(part.name)}\` and \`${part.js}\` would both be \`${part.name}\` in WIT`);
      }
      seen.set(part.name, part.js);
    }
  }

  tagged(type, members, where) {
    const cases = members.map((member) => {
      const properties = this.checker.getPropertiesOfType(member);
      const get = (name) => properties.find((property) => property.name === name);
      const tag = get("tag") && this.checker.getTypeOfSymbol(get("tag"));
      return { member, properties, tag: tag?.isStringLiteral() ? tag.value : undefined, val: get("val") };
    });
    if (cases.every((c) => c.tag === undefined && c.properties.length === 1) && cases.length === 2) {
      const [ok, err] = ["ok", "err"].map((name) => cases.find((c) => c.properties[0].name === name));
      if (ok && err) {
        const part = (c) => this.payload(this.checker.getTypeOfSymbol(c.properties[0]), where);
        return { kind: "result", ok: part(ok), err: part(err), js: "key" };
      }
    }
    for (const c of cases) {
      if (c.tag === undefined) {
        throw this.refuse(type, where, `\`${this.text(c.member)}\` has no \`tag\` with a text of its own; a union of objects is written \`{ tag: "circle", val: number } | { tag: "none" }\``);
      }
      const other = c.properties.find((property) => property.name !== "tag" && property.name !== "val");
      if (other) {
        throw this.refuse(type, where, `the case \`${c.tag}\` has the field \`${other.name}\` beside \`tag\` and \`val\`; put it into \`val\`: \`{ tag: "${c.tag}", val: { ${other.name}: … } }\``);
      }
    }
    const payload = (c) => (c.val ? this.payload(this.checker.getTypeOfSymbol(c.val), { ...where, hint: `${where.hint}-${c.tag}` }) : null);
    const [ok, err] = ["ok", "err"].map((tag) => cases.find((c) => c.tag === tag));
    if (cases.length === 2 && ok && err) return { kind: "result", ok: payload(ok), err: payload(err), js: "tag" };
    return this.define(type, where, "variant", (shape) => {
      shape.cases = cases.map((c) => ({ ...this.named_part(c.tag, `the tag ${JSON.stringify(c.tag)}`, type, where), type: payload(c) }));
      this.distinct(shape.cases, type, where, "tags");
    });
  }

  /** A payload may be absent: `void`, `undefined`, `null` or no `val` at all. */
  payload(type, where) {
    return has(type, ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Null) ? null : this.of(type, where);
  }

  object(type, where) {
    const name = type.symbol?.name;
    const library = type.symbol?.declarations?.every((d) => d.getSourceFile().hasNoDefaultLib || /\/typescript\/lib\//.test(d.getSourceFile().fileName));
    if (this.checker.isTupleType(type)) return this.tuple(type, where);
    if (this.checker.isArrayType(type)) {
      return { kind: "list", of: this.of(this.checker.getTypeArguments(type)[0], { ...where, hint: `${where.hint}-item` }), array: "plain" };
    }
    if (library && Object.hasOwn(kTyped, name)) return { kind: "list", of: kTyped[name], array: "typed", js: name };
    if (library && Object.hasOwn(kInstead, name)) throw this.refuse(type, where, kInstead[name]);
    if (type.getCallSignatures().length || type.getConstructSignatures().length) throw this.refuse(type, where, kInstead.Function);
    if (this.checker.getIndexInfosOfType(type).length) {
      throw this.refuse(type, where, "its keys are not fixed; name the fields, or pass an array of pairs: `[string, number][]`");
    }
    const properties = this.checker.getPropertiesOfType(type);
    if (properties.length === 0) throw this.refuse(type, where, "an object needs at least one named field");
    return this.define(type, where, "record", (shape) => {
      shape.fields = properties.map((property) => this.field(property, type, where));
      this.distinct(shape.fields, type, where, "fields");
    });
  }

  field(property, type, where) {
    const inner = this.checker.getTypeOfSymbol(property);
    const part = this.named_part(property.name, `the field \`${property.name}\``, type, where);
    const declaration = property.valueDeclaration ?? property.declarations?.[0];
    const place = declaration && !declaration.getSourceFile().isDeclarationFile ? placeOf(declaration) : where.place;
    const there = { ...where, what: `${where.what}, field \`${property.name}\``, hint: `${where.hint}-${part.name}`, place };
    let shape = this.of(inner, there);
    if (property.flags & ts.SymbolFlags.Optional && shape.kind !== "option") shape = { kind: "option", of: shape, none: "undefined" };
    return { ...part, type: shape, docs: ts.displayPartsToString(property.getDocumentationComment(this.checker)) };
  }

  tuple(type, where) {
    const { elementFlags } = type.target;
    if (elementFlags.length === 0) throw this.refuse(type, where, "a tuple needs at least one element");
    if (elementFlags.some((flag) => flag !== ts.ElementFlags.Required)) {
      throw this.refuse(type, where, "a tuple's elements are all there; use an array, or `| undefined` for one that may be missing");
    }
    const types = this.checker.getTypeArguments(type).map((part, i) => this.of(part, { ...where, hint: `${where.hint}-${i + 1}` }));
    return { kind: "tuple", types };
  }

  /** A type that WIT must name: by its name in the source, else by where it stands. */
  define(type, where, kind, fill) {
    const known = this.known.get(type);
    if (known) return known;
    if (this.open.has(type)) throw this.refuse(type, where, "it holds itself, and WIT types are finite; refer to the others by number or name");
    const alias = type.aliasSymbol ?? type.symbol;
    const own = alias && !/^__/.test(alias.name) ? kebab(alias.name) : null;
    const generic = type.aliasTypeArguments?.length || (type.target && this.checker.getTypeArguments(type).length);
    const wish = own && !generic ? own : kebab(where.hint) ?? kind;
    this.open.add(type);
    const shape = { kind, id: wish };
    fill(shape);
    this.open.delete(type);
    for (let n = 2; this.taken.has(shape.id); n++) shape.id = `${wish}${n}`;
    this.taken.set(shape.id, type);
    const docs = alias && own && !generic ? ts.displayPartsToString(alias.getDocumentationComment(this.checker)) : "";
    if (docs) shape.docs = docs;
    this.known.set(type, shape);
    this.named.push(shape);
    return shape;
  }
}

/** Where a node stands, for a person. */
export function placeOf(node) {
  const file = node.getSourceFile();
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return { file: file.fileName, line: line + 1, column: character + 1 };
}
