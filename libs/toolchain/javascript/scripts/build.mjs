// The JavaScript side of the builder: a request as JSON on stdin, an answer as JSON on the file descriptor 3 (or stdout).
//
// {command: "analyse", path, wit: "given" | "types"} -> what is there to build: bundle, its hash, exports, and WIT where it comes from the types
// {command: "componentize", …, out}                  -> the component in the file `out`
// Answers: {ok: true, …, warnings: [text]} or {ok: false, errors: [text], warnings: [text]}; texts are ready to be shown.

import fs from "node:fs";
import { Problem, Problems, rendered } from "./problem.mjs";

async function analyse(request, warnings) {
  const { locate } = await import("./project.mjs");
  const { bundle } = await import("./bundle.mjs");
  const { functionsOf } = await import("./types.mjs");
  const { kebab } = await import("./names.mjs");
  const { kLogging, worldText } = await import("./wit.mjs");
  const place = locate(request.path);
  const derive = request.wit !== "given";
  const made = await bundle(place.entry, place.root);
  warnings.push(...made.warnings);
  const types = functionsOf(place.entry, { derive });
  warnings.push(...types.warnings);
  const answer = {
    entry: place.entry, root: place.root, base: place.base, out_dir: place.out_dir, tag: made.tag, bundle: made.text, files: made.files,
    exports: made.exports, imports: made.imports,
  };
  if (!derive) return answer;
  const unknown = made.imports.find((name) => name !== "wasi:logging/logging");
  if (unknown) {
    throw new Problem(`the source imports "${unknown}", whose WIT is not known here: put a world that imports it into \`wit/\`, with the interface's package in \`wit/deps/\``, { file: place.entry });
  }
  const world = kebab(place.base) ?? "component";
  const imports = made.imports.length || /\bconsole\b/.test(made.text) ? ["wasi:logging/logging"] : [];
  if (request.engine === "starlingmonkey") for (const f of types.functions) f.async = false; // it waits for a promise by itself
  const text = worldText({ world, imports, named: types.named, functions: types.functions });
  return { ...answer, world, imports, functions: types.functions, wit: { "world.wit": imports.length ? `${text}\n${kLogging}` : text }, wit_text: text };
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
  const texts = (kind, list) => list.map((item) => rendered(kind, item, folder));
  try {
    const result = request.command === "analyse" ? await analyse(request, warnings) : await componentize(request);
    return { ok: true, ...result, warnings: texts("warning", warnings) };
  } catch (error) {
    const list = error instanceof Problems ? error.list : [error];
    if (!list.every((item) => item instanceof Problem)) {
      return { ok: false, errors: [`error: the JavaScript builder failed: ${error?.stack ?? error}`], warnings: texts("warning", warnings) };
    }
    return { ok: false, errors: texts("error", list), warnings: texts("warning", warnings) };
  }
}

const request = JSON.parse(fs.readFileSync(0, "utf8"));
const text = JSON.stringify(await answer(request));
fs.writeFileSync(request.answer ?? 1, text);
