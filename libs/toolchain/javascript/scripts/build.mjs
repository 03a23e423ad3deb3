// The JavaScript side of the builder: a request as JSON on stdin, an answer as JSON in the file `answer` (or on stdout).
//
// {command: "analyse", path, wit: "given" | "types" | "shared" (given if it fits, else types), engine} -> what is there to build: bundle, its hash, exports, and WIT where it comes from the types
// {command: "componentize", …, out}                  -> the component in the file `out`
// Answers: {ok: true, …, warnings: [text]} or {ok: false, errors: [text], warnings: [text]}; texts are ready to be shown.

import fs from "node:fs";
import { Problem, Problems, rendered } from "./problem.mjs";

/** The WIT of a source, from its types. */
async function derived(place, made, types, request) {
  const { kebab } = await import("./names.mjs");
  const { kLogging, worldText } = await import("./wit.mjs");
  const unknown = made.imports.find((name) => name !== "wasi:logging/logging");
  if (unknown) {
    throw new Problem(`the source imports "${unknown}", whose WIT is not known here: put a world that imports it into \`wit/\`, with the interface's package in \`wit/deps/\``, { file: place.entry });
  }
  const world = kebab(place.base) ?? "component";
  const imports = made.imports.length || /\bconsole\b/.test(made.text) ? ["wasi:logging/logging"] : [];
  // StarlingMonkey waits for a promise by itself; QuickJS needs a function that is asynchronous in WIT too.
  const functions = types.functions.map((f) => ({ ...f, async: f.async && request.engine !== "starlingmonkey" }));
  const text = worldText({ world, imports, named: types.named, functions });
  return { world, imports, functions: types.functions, wit: { "world.wit": imports.length ? `${text}\n${kLogging}` : text } };
}

async function analyse(request, warnings, texts) {
  const { locate } = await import("./project.mjs");
  const { bundle } = await import("./bundle.mjs");
  const { functionsOf } = await import("./types.mjs");
  const place = locate(request.path);
  const made = await bundle(place.entry, place.root);
  warnings.push(...made.warnings);
  const answer = {
    entry: place.entry, root: place.root, base: place.base, out_dir: place.out_dir, tag: made.tag, bundle: made.text, files: made.files,
    exports: made.exports, imports: made.imports,
  };
  const types = functionsOf(place.entry, { derive: request.wit !== "given" });
  if (request.wit !== "shared") {
    warnings.push(...types.warnings);
    if (types.problems.length) throw new Problems(types.problems);
    return request.wit === "given" ? answer : { ...answer, ...(await derived(place, made, types, request)) };
  }
  try {
    if (types.problems.length) throw new Problems(types.problems);
    const all = { ...answer, ...(await derived(place, made, types, request)) };
    warnings.push(...types.warnings);
    return all;
  } catch (error) {
    return { ...answer, types_errors: texts(problemsOf(error)) };
  }
}

/** The problems an exception holds; what is not a problem of the source is thrown on. */
function problemsOf(error) {
  const list = error instanceof Problems ? error.list : [error];
  if (!list.every((item) => item instanceof Problem)) throw error;
  return list;
}

async function componentize(request) {
  const { componentOf } = await import("./component.mjs");
  const component = await componentOf(request);
  fs.writeFileSync(request.out, component);
  return { size: component.length };
}

async function answer(request) {
  const warnings = [];
  const folder = request.folder ?? process.cwd();
  const texts = (list) => list.map((item) => rendered(item, folder));
  try {
    const result = request.command === "analyse" ? await analyse(request, warnings, texts) : await componentize(request);
    return { ok: true, ...result, warnings: texts(warnings) };
  } catch (error) {
    let list;
    try {
      list = problemsOf(error);
    } catch {
      return { ok: false, internal: true, errors: [`the JavaScript builder failed: ${error?.stack ?? error}`], warnings: texts(warnings) };
    }
    return { ok: false, errors: texts(list), warnings: texts(warnings) };
  }
}

const request = JSON.parse(fs.readFileSync(0, "utf8"));
const text = JSON.stringify(await answer(request));
fs.writeFileSync(request.answer ?? 1, text);
