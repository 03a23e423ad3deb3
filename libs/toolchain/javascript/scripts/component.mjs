// A bundle and its world to a component.

import fs from "node:fs";
import path from "node:path";
import { assemble } from "./bundle.mjs";
import { camel, escaped } from "./names.mjs";
import { Problem } from "./problem.mjs";
import { kLogging, withTypesApart } from "./wit.mjs";

const guest = (name) => fs.readFileSync(new URL(`../guest/${name}`, import.meta.url), "utf8");

/** A function of a world, as the WIT reader gives it, in the form types.mjs gives. */
function signatureOf(f, asynchronous) {
  return {
    name: f.name, js: camel(f.name), interface: f.interface || undefined, async: asynchronous.has(f.name),
    params: f.params.map((param) => ({ name: param.name, js: camel(param.name), type: param.shape })),
    result: f.result ? f.result.shape : null,
  };
}

/** The functions that are asynchronous in WIT. */
function asynchronousOf(files) {
  const found = Object.values(files).flatMap((text) => [...text.matchAll(/%?([a-z][\w-]*)\s*:\s*(?:static\s+)?async\s+func\b/g)]);
  return new Set(found.map(([, name]) => name));
}

/** `wasi:http/incoming-handler@0.2.0` is `incomingHandler` in JavaScript. */
const interfaceName = (name) => camel(name.replace(/@.*$/, "").replace(/^.*\//, ""));

/** What is missing of a world in the bundle's exports. */
function missingExports(functions, exports, world, entry) {
  const wanted = [...new Set(functions.map((f) => (f.interface ? interfaceName(f.interface) : f.js)))];
  const missing = wanted.filter((name) => !exports.includes(name));
  if (missing.length === 0) return;
  const says = missing.map((name) => `\`${name}\``).join(", ");
  const there = exports.length ? `the source exports ${exports.map((name) => `\`${name}\``).join(", ")}` : "the source exports nothing";
  const hint = exports.includes("default") ? "; `export default` has no name in a component" : "";
  throw new Problem(`the world \`${world}\` wants ${says}, and ${there}${hint}: write \`export function ${missing[0]}(…)\`, or choose another world with --world`, { file: entry });
}

function pruned(shape) {
  // Docs stay out of the component; `id` is of use to WIT only.
  if (typeof shape !== "object" || shape === null) return shape;
  if (Array.isArray(shape)) return shape.map(pruned);
  return Object.fromEntries(Object.entries(shape).filter(([key]) => key !== "docs" && key !== "id").map(([key, value]) => [key, pruned(value)]));
}

/** The module that the engine runs: the user's functions behind adapters, with a console if one is used. */
function wrapper(functions, engine, { logging, text }) {
  const out = [];
  if (text) out.push('import "every:text.js";');
  if (logging) {
    out.push('import { attach, enter } from "every:console.js";', `import { log } from ${JSON.stringify(logging)};`, "attach(log);");
  } else {
    out.push("const enter = () => {};");
  }
  out.push('import { wrap } from "every:adapter.js";', 'import * as user from "every:user.js";');
  out.push(`const engine = ${JSON.stringify({ big: engine === "quickjs" ? "number" : "bigint" })};`, "const hooks = { enter };");
  const interfaces = new Map();
  functions.forEach((f, i) => {
    const where = f.interface ? `user.${interfaceName(f.interface)}` : "user";
    out.push(`const f${i} = wrap(${f.interface ? `(...args) => ${where}[${JSON.stringify(f.js)}](...args)` : `user[${JSON.stringify(f.js)}]`}, ${JSON.stringify(pruned(f))}, engine, hooks);`);
    if (f.interface) interfaces.set(f.interface, [...(interfaces.get(f.interface) ?? []), `${camel(f.name)}: f${i}`]);
    else out.push(`export { f${i} as ${camel(f.name)} };`);
  });
  for (const [name, members] of interfaces) out.push(`export const ${interfaceName(name)} = { ${members.join(", ")} };`);
  return out.join("\n");
}

/** Adds logging to a world that has none. files: {path: text}; gives the name of the world to build. */
function withLogging(files, world) {
  const name = `${world}-with-logging`;
  const [first] = Object.keys(files).filter((file) => !file.includes("/"));
  const declared = /^\s*package\s+([a-z0-9-]+:[a-z0-9-]+(@[^\s;]+)?)\s*;/m;
  const holder = Object.keys(files).find((file) => !file.includes("/") && declared.test(files[file])) ?? first;
  files[holder] += `\nworld ${name} {\n  include ${escaped(world)};\n  import wasi:logging/logging;\n}\n`;
  const known = Object.values(files).some((text) => /^\s*package\s+wasi:logging\b/m.test(text));
  if (!known) files[holder] += `\n${kLogging}`;
  return name;
}

function writeFiles(files, folder) {
  for (const [name, text] of Object.entries(files)) {
    const place = path.join(folder, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
  }
}

/**
 * Makes the component.
 *
 * request: {bundle, exports, imports, root, engine, work (an empty folder of our own),
 *           functions (of types) or world_json (of WIT), world, wit: {path: text}}
 * out:     the component's bytes
 */
export async function componentOf(request) {
  const { engine, work } = request;
  const functions = request.functions ?? request.world_json.exports.functions.map((f) => signatureOf(f, asynchronousOf(request.wit)));
  if (request.world_json) missingExports(functions, request.exports, request.world, request.entry);
  const have = request.world_json ? request.world_json.imports.interfaces : request.imports;
  const uses_console = /\bconsole\b/.test(request.bundle);
  let logging = have.find((name) => /^wasi:logging\/logging(@|$)/.test(name));
  const wit = { ...request.wit };
  if (request.world_json && engine === "quickjs") {
    for (const name of Object.keys(wit)) if (!name.includes("/")) wit[name] = withTypesApart(wit[name], request.world);
  }
  let { world } = request;
  if (!logging && (uses_console || request.imports.includes("wasi:logging/logging"))) {
    world = withLogging(wit, world);
    logging = "wasi:logging/logging";
  }
  for (const name of request.imports) {
    if (name === logging || have.includes(name)) continue;
    throw new Problem(`the source imports "${name}", and the world \`${request.world}\` does not: add \`import ${name};\` to the world${have.length ? ` (it imports ${have.join(", ")})` : ""}`);
  }
  const modules = { "text.js": guest("text.js"), "console.js": guest("console.js"), "adapter.js": guest("adapter.js"), "user.js": request.bundle };
  const text = wrapper(functions, engine, { logging: uses_console && logging, text: /\bText(En|De)coder\b/.test(request.bundle) && engine === "quickjs" });
  const source = await assemble(text, modules, request.root);
  writeFiles(wit, path.join(work, "wit"));
  const make = await import(engine === "quickjs" ? "./quickjs.mjs" : "./starlingmonkey.mjs");
  return make.componentize({ source, files: wit, wit: path.join(work, "wit"), world, work, root: request.root, async: functions.some((f) => f.async) });
}
