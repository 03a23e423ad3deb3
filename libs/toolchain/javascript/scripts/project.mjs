// Where a project's source is: from the file or folder a person names.

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { Problem } from "./problem.mjs";

const kSource = /\.(ts|mts|js|mjs|tsx|jsx)$/;
const kAside = /(\.d\.m?ts|\.(test|spec)\.m?[jt]sx?|\.config\.m?[jt]s)$/;

const isFile = (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** The nearest folder above a file that has a package.json or tsconfig.json, else the file's own. */
function rootOf(entry) {
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    if (["package.json", "tsconfig.json"].some((name) => isFile(path.join(folder, name)))) return folder;
    if (path.dirname(folder) === folder) return path.dirname(entry);
  }
}

/** A script that calls the first tools' `build({ entryPoint, outDir })`: what it would build, without running it. */
function wasmifyCall(file) {
  const text = fs.readFileSync(file, "utf8");
  if (!text.includes("@fission-codes/homestar/wasmify")) return undefined;
  let found;
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.arguments[0] && ts.isObjectLiteralExpression(node.arguments[0])) {
      const options = {};
      for (const property of node.arguments[0].properties) {
        if (ts.isPropertyAssignment(property) && ts.isStringLiteralLike(property.initializer)) options[property.name.getText()] = property.initializer.text;
      }
      if (options.entryPoint) found ??= options;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

function readPackage(folder) {
  const file = path.join(folder, "package.json");
  if (!isFile(file)) return {};
  const read = ts.readConfigFile(file, ts.sys.readFile);
  if (read.error) throw new Problem(ts.flattenDiagnosticMessageText(read.error.messageText, "\n"), { file });
  return read.config ?? {};
}

function sourcesIn(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => kSource.test(name) && !kAside.test(name) && isFile(path.join(folder, name))).sort();
}

function entryOf(folder) {
  const { source, main, module } = readPackage(folder);
  for (const name of [source, main, module]) {
    if (typeof name !== "string" || !isFile(path.join(folder, name))) continue;
    const file = path.join(folder, name);
    const call = wasmifyCall(file);
    if (call) {
      const entry = path.join(folder, call.entryPoint);
      if (!isFile(entry)) throw new Problem(`its \`entryPoint\`, ${call.entryPoint}, is not there`, { file });
      return { entry, out_dir: path.join(folder, call.outDir ?? ".") };
    }
    if (kSource.test(name)) return { entry: file };
  }
  for (const name of ["src/index.ts", "src/index.js", "src/index.mjs", "src/main.ts", "src/main.js", "index.ts", "index.js", "index.mjs"]) {
    if (isFile(path.join(folder, name))) return { entry: path.join(folder, name) };
  }
  for (const place of ["src", "."]) {
    const names = sourcesIn(path.join(folder, place));
    if (names.length === 1) return { entry: path.join(folder, place, names[0]) };
    if (names.length > 1) {
      const list = names.map((name) => path.join(place, name)).join(", ");
      throw new Problem(`several sources are here (${list}); name the one to build, or name it in package.json as "source"`, { file: folder });
    }
  }
  throw new Problem("there is no TypeScript or JavaScript source here: `main` of package.json names none, and none is in `src` or at the top", { file: folder });
}

/** {entry, root, base (of the output's name), out_dir or undefined} */
export function locate(given) {
  const place = path.resolve(given);
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (!stat) throw new Problem("there is no such file or folder", { file: place });
  const found = stat.isDirectory() ? entryOf(place) : { entry: place };
  if (!kSource.test(found.entry)) throw new Problem("this is not TypeScript or JavaScript (.ts, .mts, .tsx, .js, .mjs, .jsx)", { file: found.entry });
  const base = path.basename(found.entry).replace(kSource, "");
  return { ...found, root: rootOf(found.entry), base };
}
