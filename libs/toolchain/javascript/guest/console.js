// A console that writes log lines: one a line of text, in the order they were made.

let write; // (level, context, text), once there is a log
let running = ""; // the function that runs now
const early = []; // lines of the time when the module was made, when nothing can be called

const kLevels = { trace: "trace", debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };

function inspect(value, depth, seen) {
  switch (typeof value) {
    case "string":
      return depth === 0 ? value : JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return value.toString();
    case "function":
      return value.name ? `[Function: ${value.name}]` : "[Function (anonymous)]";
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      return value === null ? "null" : object(value, depth, seen);
    default:
      return String(value);
  }
}

function object(value, depth, seen) {
  if (seen.includes(value)) return "[Circular]";
  const inner = (part) => inspect(part, depth + 1, [...seen, value]);
  if (value instanceof Error) {
    const stack = value.stack && depth === 0 ? `\n${value.stack.replace(/\n$/, "")}` : "";
    return stack.includes(value.message) && stack.trimStart().startsWith(value.name) ? stack.trimStart() : `${value.name}: ${value.message}${stack}`;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (depth > 4) return Array.isArray(value) ? "[Array]" : "[Object]";
  const listed = (items, total) => [...items.map(inner), ...(total > items.length ? [`… ${total - items.length} more`] : [])].join(", ");
  if (Array.isArray(value)) return value.length ? `[ ${listed(value.slice(0, 100), value.length)} ]` : "[]";
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name}(${value.length}) [ ${listed([...value.subarray(0, 100)], value.length)} ]`;
  }
  if (value instanceof Map) return `Map(${value.size}) { ${[...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`).join(", ")} }`;
  if (value instanceof Set) return `Set(${value.size}) { ${[...value].map(inner).join(", ")} }`;
  const name = Object.getPrototypeOf(value) === null ? "[null prototype] " : value.constructor?.name && value.constructor !== Object ? `${value.constructor.name} ` : "";
  const fields = Object.entries(value).map(([key, part]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${inner(part)}`);
  return fields.length ? `${name}{ ${fields.join(", ")} }` : `${name}{}`;
}

function formatted(data) {
  let rest = data;
  let text = "";
  if (typeof data[0] === "string" && data[0].includes("%") && data.length > 1) {
    rest = data.slice(1);
    text = data[0].replace(/%([sdifjoOc%])/g, (whole, kind) => {
      if (kind === "%") return "%";
      if (rest.length === 0) return whole;
      const value = rest.shift();
      if (kind === "c") return "";
      if (kind === "j") return JSON.stringify(value);
      if (kind === "d") return typeof value === "bigint" ? `${value}n` : String(Number(value));
      if (kind === "i") return typeof value === "bigint" ? `${value}n` : String(Number.parseInt(value, 10));
      if (kind === "f") return String(Number.parseFloat(value));
      return inspect(value, kind === "s" ? 0 : 1, []);
    });
    if (rest.length) text += " ";
  }
  return text + rest.map((value) => inspect(value, 0, [])).join(" ");
}

function line(level, data) {
  const stream = level === "warn" || level === "error" || level === "trace" ? "stderr" : "stdout";
  for (const text of formatted(data).split("\n")) {
    if (running && write) write(level, `guest:${running}:${stream}`, text);
    else early.push([level, stream, text]);
  }
}

const methods = Object.fromEntries(Object.entries(kLevels).map(([name, level]) => [name, (...data) => line(level, data)]));

globalThis.console = {
  ...methods,
  dir: (item) => line("info", [item]),
  assert: (condition, ...data) => {
    if (!condition) line("error", data.length ? ["Assertion failed:", ...data] : ["Assertion failed"]);
  },
};

/** Sends the lines to a log function. */
export function attach(log) {
  write = log;
}

/** Says which function runs, and gives out what was written before any did. */
export function enter(name) {
  running = name;
  if (!write) return;
  for (const [level, stream, text] of early.splice(0)) write(level, `guest:${running}:${stream}`, text);
}
