// The user's modules as one, by esbuild.

import path from "node:path";
import * as esbuild from "esbuild";
import { Problem, Problems } from "./problem.mjs";

const kCommon = {
  bundle: true, format: "esm", platform: "browser", target: "es2022", charset: "utf8", write: false, metafile: true, logLevel: "silent",
  conditions: ["module", "import"], legalComments: "none",
};

function problemOf(message) {
  const place = message.location && { file: path.resolve(message.location.file), line: message.location.line, column: message.location.column + 1 };
  const missing = /^Could not resolve "([^"]+)"/.exec(message.text);
  let text = message.text;
  if (missing) {
    const name = missing[1];
    if (/^node:|^(fs|path|os|http|https|child_process|crypto|net|stream|util|buffer|events|url|zlib)(\/|$)/.test(name)) {
      text = `"${name}" is a part of Node.js, which is not there inside of a component: use the language's own functions, a package for browsers, or pass the data in as an argument`;
    } else if (/^[./]/.test(name)) {
      text = `there is no file for "${name}"`;
    } else {
      text = `the package "${name}" is not installed: run \`npm install\` (or \`npm install ${packageOf(name)}\`) in the folder of the source`;
    }
  }
  const notes = (message.notes ?? []).filter((note) => !missing && note.text).map((note) => `\n  ${note.text}`);
  return new Problem(text + notes.join(""), place && { ...place, file: message.location.file });
}

const packageOf = (name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");

/** The WIT interfaces that a bundle imports, as they are written: `wasi:logging/logging`. */
function interfacesOf(metafile) {
  const output = Object.values(metafile.outputs)[0];
  return [...new Set(output.imports.filter((i) => i.external).map((i) => i.path))].sort();
}

/** esbuild's hash of the text, as the file names of the first tools of this kind hold it: lower-case base32 of the hash's text. */
function tagOf(hash) {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let bits = 0, held = 0, out = "";
  for (const byte of new TextEncoder().encode(hash)) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits ? out + alphabet[(held << (5 - bits)) & 31] : out;
}

const external = {
  name: "component-imports",
  setup(build) {
    build.onResolve({ filter: /^[a-z][a-z0-9-]*:[a-z]/ }, ({ path: name }) => {
      if (/^(node|data|file|https?|every):/.test(name)) return undefined;
      return { path: name, external: true };
    });
  },
};

async function run(options) {
  try {
    return await esbuild.build({ ...kCommon, plugins: [external], ...options });
  } catch (error) {
    if (!error.errors) throw error;
    const problems = error.errors.map(problemOf);
    for (const problem of problems) {
      if (problem.place) problem.place.file = path.resolve(options.absWorkingDir, problem.place.file);
    }
    throw new Problems(problems);
  }
}

/**
 * Bundles an entry.
 *
 * root:   the project's folder; the names of files in the bundle are relative to it, so that the bundle is the same wherever the project lies
 * out:    {text, tag, imports, exports}
 */
export async function bundle(entry, root) {
  const result = await run({
    absWorkingDir: root, entryPoints: [path.relative(root, entry)], outfile: path.join(root, "bundle.js"),
    tsconfigRaw: { compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true } },
  });
  const [file] = result.outputFiles;
  return {
    text: file.text, tag: tagOf(file.hash), imports: interfacesOf(result.metafile),
    exports: Object.values(result.metafile.outputs)[0].exports,
    files: Object.keys(result.metafile.inputs),
    warnings: result.warnings.map((warning) => problemOf(warning)),
  };
}

/** Bundles generated text that imports other generated or shipped modules by the names in `modules` ({name: text}). */
export async function assemble(text, modules, root) {
  const virtual = {
    name: "modules",
    setup(build) {
      build.onResolve({ filter: /^every:/ }, ({ path: name }) => ({ path: name.slice("every:".length), namespace: "every" }));
      build.onLoad({ filter: /.*/, namespace: "every" }, ({ path: name }) => ({ contents: modules[name], loader: "js" }));
    },
  };
  const result = await run({
    absWorkingDir: root, stdin: { contents: text, resolveDir: root, sourcefile: "every:component.js", loader: "js" }, plugins: [external, virtual],
    outfile: path.join(root, "component.js"), minifySyntax: false, tsconfigRaw: "{}",
  });
  return result.outputFiles[0].text;
}
