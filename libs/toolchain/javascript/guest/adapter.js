// Values between what an engine hands over and what the user's types say, directed by shapes.
//
// engine: {big: "number" | "bigint"}: how it carries 64-bit integers. Everything else is taken in any engine's spelling and given in one that
// all of them read.

const kRanges = { u8: [0, 255], s8: [-128, 127], u16: [0, 65535], s16: [-32768, 32767], u32: [0, 4294967295], s32: [-2147483648, 2147483647] };
const kBig = { u64: [0n, (1n << 64n) - 1n], s64: [-(1n << 63n), (1n << 63n) - 1n] };
const kArrays = {
  u8: Uint8Array, s8: Int8Array, u16: Uint16Array, s16: Int16Array, u32: Uint32Array, s32: Int32Array,
  u64: BigUint64Array, s64: BigInt64Array, f32: Float32Array, f64: Float64Array,
};

const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const nested = (shape) => shape.of.kind === "option";

function shown(value) {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === "number" || typeof value === "boolean" || value === undefined) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a Promise (a function that waits is declared `async func` in the WIT)";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = value.constructor?.name;
  return name && name !== "Object" ? `a ${name}` : "an object";
}

const wrong = (where, expected, value) => new TypeError(`${where} must be ${expected}, not ${shown(value)}`);
const inexact = (where) =>
  new RangeError(`${where} does not fit: QuickJS carries 64-bit integers up to ±(2^53 - 1) only; build with --engine starlingmonkey for all of them`);

/** An engine's value as the user's code expects it. */
export function lift(shape, value, engine, where) {
  if (typeof shape === "string") return liftPlain(shape, value, engine, where);
  const inner = (part, v, name) => lift(part, v, engine, `${where}${name}`);
  switch (shape.kind) {
    case "list":
      return liftList(shape, value, engine, where);
    case "tuple":
      return shape.types.map((part, i) => inner(part, value[i], `[${i}]`));
    case "option": {
      const none = shape.none === "null" ? null : undefined;
      if (value === null || value === undefined) return none;
      if (!nested(shape)) return inner(shape.of, value, "");
      if (shape.none) return value.tag === "some" ? inner(shape.of, value.val, "") : none;
      return value.tag === "some" ? { tag: "some", val: inner(shape.of, value.val, "") } : { tag: "none" };
    }
    case "result": {
      const part = shape[value.tag];
      const val = part ? inner(part, value.val, `.${value.tag}`) : undefined;
      if (shape.js === "key") return { [value.tag]: val };
      return part ? { tag: value.tag, val } : { tag: value.tag };
    }
    case "record":
      return Object.fromEntries(shape.fields.map((field) => {
        const name = field.js ?? camel(field.name);
        return [name, inner(field.type, value[camel(field.name)], `.${name}`)];
      }));
    case "variant": {
      const found = shape.cases.find((c) => c.name === value.tag);
      const tag = found.js ?? found.name;
      return found.type ? { tag, val: inner(found.type, value.val, `.${tag}`) } : { tag };
    }
    case "enum": {
      const found = shape.cases.find((c) => (c.name ?? c) === value);
      return found?.js ?? value;
    }
    default:
      return value;
  }
}

function liftPlain(shape, value, engine, where) {
  if (shape === "u32") return value >>> 0;
  if (Object.hasOwn(kBig, shape) && typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw inexact(where);
    return BigInt(value);
  }
  if (shape === "s64") return BigInt.asIntN(64, value); // StarlingMonkey hands over all 64 bits, without the sign
  return value;
}

function liftList(shape, value, engine, where) {
  const Typed = kArrays[shape.of];
  if (Typed && shape.array !== "plain") {
    const typed = value instanceof Typed ? value : Typed.from(value, (v, i) => liftPlain(shape.of, v, engine, `${where}[${i}]`));
    return shape.js === "Uint8ClampedArray" ? Uint8ClampedArray.from(typed) : typed;
  }
  return Array.from(value, (v, i) => lift(shape.of, v, engine, `${where}[${i}]`));
}

/** A value of the user's as an engine reads it. Throws a TypeError or a RangeError that says what is wrong with it. */
export function lower(shape, value, engine, where) {
  if (typeof shape === "string") return lowerPlain(shape, value, engine, where);
  const inner = (part, v, name) => lower(part, v, engine, `${where}${name}`);
  switch (shape.kind) {
    case "list":
      return lowerList(shape, value, engine, where);
    case "tuple":
      if (!Array.isArray(value) || value.length !== shape.types.length) throw wrong(where, `an array of ${shape.types.length}`, value);
      return shape.types.map((part, i) => inner(part, value[i], `[${i}]`));
    case "option": {
      const none = engine.big === "bigint" ? undefined : null;
      if (!nested(shape)) return value === undefined || value === null ? none : inner(shape.of, value, "");
      if (shape.none) return value === undefined || value === null ? { tag: "none" } : { tag: "some", val: inner(shape.of, value, "") };
      if (value?.tag === "some") return { tag: "some", val: inner(shape.of, value.val, "") };
      return { tag: "none" };
    }
    case "result":
      return lowerResult(shape, value, engine, where);
    case "record":
      if (typeof value !== "object" || value === null) throw wrong(where, "an object", value);
      return Object.fromEntries(shape.fields.map((field) => {
        const name = field.js ?? camel(field.name);
        return [camel(field.name), inner(field.type, value[name], `.${name}`)];
      }));
    case "variant": {
      const found = shape.cases.find((c) => value?.tag !== undefined && (value.tag === (c.js ?? c.name) || value.tag === c.name));
      if (!found) throw wrong(where, `{ tag: ${shape.cases.map((c) => JSON.stringify(c.js ?? c.name)).join(" | ")} }`, value?.tag ?? value);
      return found.type ? { tag: found.name, val: inner(found.type, value.val, ".val") } : { tag: found.name };
    }
    case "enum": {
      const found = shape.cases.find((c) => (c.js ?? c) === value || (c.name ?? c) === value);
      if (!found) throw wrong(where, `one of ${shape.cases.map((c) => JSON.stringify(c.js ?? c)).join(", ")}`, value);
      return found.name ?? found;
    }
    case "flags":
      return Object.fromEntries(shape.cases.map((name) => [camel(name), Boolean(value?.[camel(name)])]));
    default:
      return value;
  }
}

function lowerResult(shape, value, engine, where) {
  let tag = value?.tag;
  let val = value?.val;
  if (shape.js === "key" && typeof value === "object" && value !== null) {
    tag = Object.hasOwn(value, "err") ? "err" : "ok";
    val = value[tag];
  }
  if (tag !== "ok" && tag !== "err") throw wrong(where, '{ tag: "ok", val: … } or { tag: "err", val: … }', value);
  return shape[tag] ? { tag, val: lower(shape[tag], val, engine, `${where}.${tag}`) } : { tag };
}

function lowerPlain(shape, value, engine, where) {
  if (Object.hasOwn(kRanges, shape)) {
    const [low, high] = kRanges[shape];
    if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) throw wrong(where, `an integer from ${low} to ${high}`, value);
    return engine.big === "number" ? value | 0 : value + 0; // QuickJS takes 32 bits and reads them as the type says
  }
  if (Object.hasOwn(kBig, shape)) {
    const [low, high] = kBig[shape];
    const whole = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof whole !== "bigint" || whole < low || whole > high) throw wrong(where, `a bigint from ${low} to ${high}`, value);
    if (engine.big === "bigint") return whole;
    if (!Number.isSafeInteger(Number(whole))) throw inexact(where);
    return Number(whole);
  }
  if (shape === "f32" || shape === "f64") {
    if (typeof value !== "number") throw wrong(where, "a number", value);
  } else if (shape === "bool") {
    if (typeof value !== "boolean") throw wrong(where, "a boolean", value);
  } else if (shape === "string") {
    if (typeof value !== "string") throw wrong(where, "a string", value);
    return value.toWellFormed?.() ?? value;
  } else if (shape === "char") {
    if (typeof value !== "string" || [...value].length !== 1) throw wrong(where, "a string of one character", value);
  }
  return value;
}

function lowerList(shape, value, engine, where) {
  const Typed = kArrays[shape.of];
  if (Typed && value instanceof Typed) return value;
  if (!Array.isArray(value) && !(Typed && ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    throw wrong(where, Typed && shape.array !== "plain" ? `a ${shape.js ?? Typed.name}` : "an array", value);
  }
  if (Typed) {
    // Elements are checked as bigints or numbers and travel as a typed array, which loses nothing in any engine.
    const whole = { big: "bigint" };
    return Typed.from(value, (v, i) => lowerPlain(shape.of, v, whole, `${where}[${i}]`));
  }
  return Array.from(value, (v, i) => lower(shape.of, v, engine, `${where}[${i}]`));
}

/** A value that was thrown, as an Error that has something to say. */
function asError(thrown, name) {
  if (thrown instanceof Error) return thrown;
  return new Error(`${name} threw ${typeof thrown === "string" ? thrown : shown(thrown)}`, { cause: thrown });
}

/** An error that ends a call, with its class in the message: of an error, engines tell the message alone. */
function told(error) {
  const title = String(error.name || "Error");
  const text = String(error.message);
  if (Object.hasOwn(error, "payload") || text.startsWith(`${title}: `)) return error;
  try {
    Object.defineProperty(error, "message", { value: text ? `${title}: ${text}` : title, configurable: true, writable: true });
  } catch {
    // Frozen: it is told as it is.
  }
  return error;
}

/**
 * A user's function as an engine calls it.
 *
 * signature: {name, js, params: [{js, type}], result: shape or null, async}
 * hooks:     {enter(name)}: told before each call
 */
export function wrap(f, signature, engine, hooks) {
  const { js: name, params, result } = signature;
  const top = result?.kind === "result" ? result : null;
  const lowered = (value) => {
    if (!result) return undefined;
    // ComponentizeJS 0.23 ends the component when such a result is negative and stands alone.
    if (result === "s64" && engine.big === "bigint" && value < 0n) {
      throw new RangeError(`the result of ${name} is negative, and StarlingMonkey's tool cannot give a negative bigint that stands alone: give it in a tuple, [bigint], or build with --engine quickjs`);
    }
    if (!top) return lower(result, value, engine, `the result of ${name}`);
    const tagged = typeof value === "object" && value !== null && (value.tag === "ok" || value.tag === "err");
    const whole = tagged || top.js ? value : { tag: "ok", val: value };
    const { tag, val } = lowerResult(top, whole, engine, `the result of ${name}`);
    if (tag === "ok") return val;
    throw Object.assign(new Error(`${name} gave an err`), { payload: val });
  };
  const give = (value) => {
    try {
      return lowered(value);
    } catch (error) {
      throw told(error);
    }
  };
  const fail = (thrown) => {
    // What a function without a name for its own errors throws is a value where WIT has a place for it.
    if (top && !top.js && thrown !== null && typeof thrown === "object" && Object.hasOwn(thrown, "payload")) return thrown;
    if (top && !top.js && top.err && !(thrown instanceof Error)) {
      return Object.assign(new Error(`${name} gave an err`), { payload: lower(top.err, thrown, engine, `what ${name} threw`) });
    }
    return told(asError(thrown, name));
  };
  const take = (args) => params.map((param, i) => lift(param.type, args[i], engine, `${name}: ${param.js}`));
  const call = (args) => {
    hooks.enter(name);
    return f(...take(args));
  };
  if (signature.async) {
    return async (...args) => {
      let value;
      try {
        value = await call(args);
      } catch (thrown) {
        throw fail(thrown);
      }
      return give(value);
    };
  }
  return (...args) => {
    let value;
    try {
      value = call(args);
    } catch (thrown) {
      throw fail(thrown);
    }
    // An engine that waits for promises gets one.
    return engine.big === "bigint" && value instanceof Promise ? value.then(give) : give(value);
  };
}
