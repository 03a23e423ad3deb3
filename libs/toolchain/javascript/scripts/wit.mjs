// Shapes to WIT text.

import { escaped } from "./names.mjs";

/** The text of the draft logging interface, unversioned as its users import it. */
export const kLogging = `package wasi:logging {
  interface logging {
    enum level { trace, debug, info, warn, error, critical }

    log: func(level: level, context: string, message: string);
  }
}
`;

/** A shape as it is written where it is used. */
export function typeText(shape) {
  if (typeof shape === "string") return shape;
  if (shape.id) return escaped(shape.id);
  const maybe = (part) => (part ? typeText(part) : "_");
  switch (shape.kind) {
    case "list":
      return `list<${typeText(shape.of)}>`;
    case "option":
      return `option<${typeText(shape.of)}>`;
    case "tuple":
      return `tuple<${shape.types.map(typeText).join(", ")}>`;
    case "result":
      if (!shape.ok && !shape.err) return "result";
      return shape.err ? `result<${maybe(shape.ok)}, ${typeText(shape.err)}>` : `result<${typeText(shape.ok)}>`;
    default:
      throw new Error(`no text for ${JSON.stringify(shape)}`);
  }
}

function comment(text, indent) {
  if (!text) return "";
  return text.trim().split("\n").map((line) => `${indent}///${line.trim() ? ` ${line.trim()}` : ""}\n`).join("");
}

function definition(shape) {
  const head = `${comment(shape.docs, "  ")}  ${shape.kind} ${escaped(shape.id)} {`;
  if (shape.kind === "record") {
    const fields = shape.fields.map((field) => `${comment(field.docs, "    ")}    ${escaped(field.name)}: ${typeText(field.type)},\n`);
    return `${head}\n${fields.join("")}  }\n`;
  }
  const one = (c) => (c.type ? `${escaped(c.name)}(${typeText(c.type)})` : escaped(c.name));
  return `${head}\n${shape.cases.map((c) => `    ${one(c)},\n`).join("")}  }\n`;
}

function declaration(f) {
  const params = f.params.map((param) => `${escaped(param.name)}: ${typeText(param.type)}`).join(", ");
  const result = f.result ? ` -> ${typeText(f.result)}` : "";
  const docs = [f.docs, ...f.params.filter((p) => p.docs).map((p) => `@param ${p.js} ${p.docs}`)].filter(Boolean).join("\n");
  return `${comment(docs, "  ")}  export ${escaped(f.name)}: ${f.async ? "async " : ""}func(${params})${result};\n`;
}

/** The WIT of a module: world: its name; imports: interfaces; functions and named shapes as types.mjs gives them. */
export function worldText({ world, imports, named, functions }) {
  // Types stand in an interface: QuickJS's tool makes a component that no runtime reads of types in a world that refer to each other.
  const holder = world === "types" ? "type-definitions" : "types"; // worlds and interfaces share their names
  const types = named.length ? `interface ${holder} {\n${named.map(definition).join("\n")}}\n\n` : "";
  const used = named.length ? `  use ${holder}.{${named.map((shape) => escaped(shape.id)).join(", ")}};\n` : "";
  const parts = [imports.map((name) => `  import ${name};\n`).join(""), used, functions.map(declaration).join("")].filter(Boolean);
  return `package local:${escaped(world)};\n\n${types}world ${escaped(world)} {\n${parts.join("\n")}}\n`;
}

/** The place just behind the block that begins at the brace `open`; comments have been blanked. */
function blockEnd(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i + 1;
  }
  return text.length;
}

/** The text with types of a world moved into an interface of their own, for the reason above; as it is if the world has none. */
export function withTypesApart(text, world) {
  const blank = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  const head = new RegExp(`\\bworld\\s+%?${world}\\s*\\{`).exec(blank);
  if (!head) return text;
  const start = head.index + head[0].length;
  const end = blockEnd(blank, start - 1) - 1;
  const names = [];
  let types = "";
  let rest = "";
  let at = start;
  const item = /\b(?:(record|variant|enum|flags)\s+(%?[\w-]+)\s*\{|(type)\s+(%?[\w-]+)\s*=[^;]*;|(use)\s[^;]*;|(import|export|include)\s[^{;]*[{;])/g;
  item.lastIndex = start;
  for (let found = item.exec(blank); found && found.index < end; found = item.exec(blank)) {
    const whole_end = found[0].endsWith("{") ? blockEnd(blank, item.lastIndex - 1) : item.lastIndex;
    const whole = text.slice(found.index, whole_end);
    const name = found[2] ?? found[4];
    rest += text.slice(at, found.index);
    if (name) names.push(name);
    if (name || found[5]) types += `  ${whole}\n`;
    if (!name) rest += whole;
    at = item.lastIndex = whole_end;
  }
  if (names.length === 0) return text;
  const own = `${world}-types`;
  return `${text.slice(0, head.index)}interface ${own} {\n${types}}\n\n${text.slice(head.index, start)}\n  use ${own}.{${names.join(", ")}};${rest}${text.slice(at)}`;
}

/** A folder's files ({path: text}) as one text: packages below `deps/` are nested. */
export function asOneText(files) {
  const packages = new Map(); // folder -> {name, body}
  for (const [file, text] of Object.entries(files)) {
    const parts = file.split("/");
    const folder = parts[0] === "deps" ? parts[1] : "";
    const own = packages.get(folder) ?? { name: undefined, body: "" };
    packages.set(folder, own);
    const body = text.replace(/^[ \t]*package\s+([^\s;{]+)\s*;/m, (_, name) => {
      own.name ??= name;
      return "";
    });
    own.body += `${body}\n`;
  }
  const main = packages.get("") ?? { body: "" };
  packages.delete("");
  const nested = [...packages.values()].map(({ name, body }) => (name ? `package ${name} {\n${body}}\n` : body));
  return `${main.name ? `package ${main.name};\n` : ""}${main.body}${nested.join("\n")}`;
}
