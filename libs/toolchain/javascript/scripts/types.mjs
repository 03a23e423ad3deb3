// What a module exports, and with which types, by the TypeScript compiler.

import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { kebab } from "./names.mjs";
import { Problem, Problems } from "./problem.mjs";
import { Shapes, placeOf } from "./shapes.mjs";

const kTypes = fileURLToPath(new URL("../types/", import.meta.url));

const kDefaults = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  types: [],
};

// What the compiler says about imports is left to the bundler, which knows better what it finds.
const kImportCodes = new Set([2307, 2792, 7016, 2306, 2732, 1479, 1541, 2834, 2835, 5097, 6142]);

/** The options of the nearest tsconfig.json, and warnings about what is wrong with it. */
function optionsFor(entry) {
  const warnings = [];
  const file = ts.findConfigFile(path.dirname(entry), ts.sys.fileExists);
  if (!file) return { options: { ...kDefaults }, warnings };
  const read = ts.readConfigFile(file, ts.sys.readFile);
  const warn = (diagnostic) => warnings.push(new Problem(`${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")} (the build goes on without it)`, diagnosticPlace(diagnostic) ?? { file }));
  if (read.error) warn(read.error);
  const parsed = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, path.dirname(file), undefined, file);
  for (const diagnostic of parsed.errors) {
    if (diagnostic.code !== 18003 && diagnostic.code !== 18002) warn(diagnostic); // no inputs: the entry is the input
  }
  const options = { ...kDefaults, ...parsed.options };
  if (parsed.options.lib === undefined && parsed.options.target !== undefined) delete options.lib;
  if (parsed.options.moduleResolution === undefined && parsed.options.module !== undefined) {
    options.module = kDefaults.module; // the bundler decides anyway
  }
  return { options, warnings };
}

function diagnosticPlace(diagnostic) {
  if (!diagnostic.file || diagnostic.start === undefined) return undefined;
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  return { file: diagnostic.file.fileName, line: line + 1, column: character + 1 };
}

function makeProgram(entry) {
  const { options, warnings } = optionsFor(entry);
  Object.assign(options, {
    noEmit: true, allowJs: true, skipLibCheck: true, skipDefaultLibCheck: true, composite: false, incremental: false, declaration: false,
    isolatedDeclarations: false, rootDir: undefined, outDir: undefined, tsBuildInfoFile: undefined, allowImportingTsExtensions: true,
    noUnusedLocals: false, noUnusedParameters: false,
  });
  const host = ts.createCompilerHost(options, true);
  host.resolveModuleNameLiterals = (literals, containing, redirected, given) =>
    literals.map(({ text }) => {
      if (/^wasi:logging\/logging(@|$)/.test(text)) {
        return { resolvedModule: { resolvedFileName: path.join(kTypes, "wasi-logging.d.ts"), extension: ".d.ts", isExternalLibraryImport: true } };
      }
      return ts.resolveModuleName(text, containing, given, host, undefined, redirected);
    });
  const program = ts.createProgram({ rootNames: [entry, path.join(kTypes, "guest.d.ts")], options, host });
  return { program, warnings };
}

/** The compiler's own errors in the user's files. */
function typeErrors(program) {
  const problems = [];
  for (const file of program.getSourceFiles()) {
    if (file.isDeclarationFile || program.isSourceFileFromExternalLibrary(file)) continue;
    for (const diagnostic of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
      if (diagnostic.category !== ts.DiagnosticCategory.Error || kImportCodes.has(diagnostic.code)) continue;
      problems.push(new Problem(`${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")} (TS${diagnostic.code})`, diagnosticPlace(diagnostic)));
    }
  }
  return problems;
}

const docsOf = (symbol, checker) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();

/** One exported function, or a Problem. */
function describe(symbol, name, type, declaration, shapes, checker) {
  const place = placeOf(declaration);
  const javascript = /\.[mc]?jsx?$/.test(place.file);
  const wit = kebab(name);
  if (!wit) throw new Problem(`the function \`${name}\` has no WIT name, which is made of ASCII letters and digits and begins with a letter: rename it`, place);
  const signatures = type.getCallSignatures();
  if (signatures.length > 1) throw new Problem(`\`${name}\` has ${signatures.length} signatures (overloads), and a component's function has one: export a function for each under a name of its own`, place);
  const signature = signatures[0];
  if (signature.getTypeParameters()?.length) throw new Problem(`\`${name}\` is generic (${signature.getTypeParameters().map((p) => `\`${p.symbol.name}\``).join(", ")}), and a component's functions have fixed types: write the type that is meant`, place);
  const params = signature.getParameters().map((param, i) => parameter(param, i, name, { shapes, checker, javascript, place, wit }));
  const names = new Map();
  for (const param of params) {
    if (names.has(param.name)) throw new Problem(`the parameters \`${names.get(param.name)}\` and \`${param.js}\` of \`${name}\` would both be \`${param.name}\` in WIT: rename one`, place);
    names.set(param.name, param.js);
  }
  let result = signature.getReturnType();
  const promised = checker.getPromisedTypeOfPromise?.(result) ?? (result.symbol?.name === "Promise" ? checker.getTypeArguments(result)[0] : undefined);
  if (promised) result = promised;
  const void_like = ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Never;
  return {
    name: wit, js: name, async: promised !== undefined, params,
    result: result.flags & void_like ? null : shapes.of(result, { what: `the result of \`${name}\``, hint: `${wit}-result`, place, javascript }),
    docs: docsOf(symbol, checker),
  };
}

function parameter(param, index, name, { shapes, checker, javascript, place: there, wit }) {
  const declaration = param.valueDeclaration;
  const place = declaration ? placeOf(declaration) : there;
  const plain = !declaration?.name || ts.isIdentifier(declaration.name);
  const js = plain ? param.name : index === 0 ? "options" : `options${index + 1}`;
  if (declaration?.dotDotDotToken) throw new Problem(`parameter \`...${js}\` of \`${name}\`: a component's functions have a fixed number of parameters: take one array, \`${js}: …[]\``, place);
  const own = kebab(js);
  if (!own) throw new Problem(`parameter \`${js}\` of \`${name}\` has no WIT name, which is made of ASCII letters and digits and begins with a letter: rename it`, place);
  const type = checker.getTypeOfSymbolAtLocation(param, declaration);
  const optional = declaration && (declaration.questionToken || declaration.initializer || checker.isOptionalParameter(declaration));
  const where = { what: `parameter \`${js}\` of \`${name}\``, hint: plain ? `${wit}-${own}` : `${wit}-options`, place, javascript };
  let shape = shapes.of(type, where);
  if (optional && shape.kind !== "option") shape = { kind: "option", of: shape, none: "undefined" };
  return { name: own, js, type: shape, docs: docsOf(param, checker).replace(/^-\s*/, "") };
}

/**
 * The exported functions of a module.
 *
 * out:    {functions, named (shapes that WIT names), warnings, problems (what cannot be typed; with `derive` only)}
 * errors: throws Problems: the compiler's own errors
 */
export function functionsOf(entry, { derive }) {
  const { program, warnings } = makeProgram(entry);
  const errors = typeErrors(program);
  if (errors.length) throw new Problems(errors);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  const place_in_source = (symbol) => symbol.declarations?.find((d) => d.getSourceFile() === source)?.pos ?? Infinity;
  const exported = module ? checker.getExportsOfModule(module).sort((a, b) => place_in_source(a) - place_in_source(b)) : [];
  const shapes = new Shapes(checker);
  const problems = [];
  const found = { functions: [], named: shapes.named, warnings, problems };
  for (const symbol of exported) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = target.valueDeclaration ?? target.declarations?.[0];
    if (!declaration || !(target.flags & ts.SymbolFlags.Value)) continue; // a type
    const place = placeOf(symbol.declarations?.find((d) => d.getSourceFile() === source) ?? declaration);
    const type = checker.getTypeOfSymbolAtLocation(target, source);
    if (symbol.name === "default") {
      warnings.push(new Problem("`export default` is left out: a component's functions have names, so write `export function NAME(…)`", place));
    } else if (type.getCallSignatures().length === 0) {
      if (derive) warnings.push(new Problem(`\`${symbol.name}\` is left out: it is exported but is not a function`, place));
    } else {
      if (!derive) continue;
      try {
        found.functions.push(describe(target, symbol.name, type, declaration, shapes, checker));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        problems.push(error);
      }
    }
  }
  if (derive && problems.length === 0) problems.push(...clashes(found.functions, entry));
  return found;
}

function clashes(functions, entry) {
  if (functions.length === 0) return [new Problem("no function is exported; write `export function NAME(…)` for each function of the component", { file: entry })];
  const seen = new Map();
  const problems = [];
  for (const f of functions) {
    if (seen.has(f.name)) problems.push(new Problem(`the functions \`${seen.get(f.name)}\` and \`${f.js}\` would both be \`${f.name}\` in WIT: rename one`, { file: entry }));
    seen.set(f.name, f.js);
  }
  return problems;
}
