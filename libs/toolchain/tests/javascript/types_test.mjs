// The table of types: source → WIT, and what is refused with which words. EVERY_JAVASCRIPT_TOOLS: the installed tools (`<home>/toolchains/js`).

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const tools = process.env.EVERY_JAVASCRIPT_TOOLS;
const load = (name) => import(pathToFileURL(path.join(tools, "scripts", name)).href);
const { functionsOf } = await load("types.mjs");
const { worldText, withTypesApart, asOneText } = await load("wit.mjs");
const { rendered } = await load("problem.mjs");
const { camel, kebab } = await load("names.mjs");
const { bundle } = await load("bundle.mjs");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "types-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

function write(name, text) {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

/** The WIT of a source without its first line, white space evened out; or the text of what is refused. */
function witOf(source, name = "source.ts") {
  const file = write(name, source);
  try {
    const { functions, named, problems } = functionsOf(file, { derive: true });
    if (problems.length) return problems.map((problem) => rendered(problem, folder)).join("\n");
    return worldText({ world: "w", imports: [], functions, named }).replace(/^package.*\n/, "").replace(/\s+/g, " ").trim();
  } catch (error) {
    return (error.list ?? [error]).map((problem) => rendered(problem, folder)).join("\n");
  }
}

const only = (declaration) => `world w { export ${declaration}; }`;
const typed = (types, declaration, used) => `interface types { ${types} } world w { use types.{${used}}; export ${declaration}; }`;

const kTypes = [
  ["boolean", "export function f(a: boolean): boolean { return a }", only("f: func(a: bool) -> bool")],
  ["number", "export function f(a: number): number { return a }", only("f: func(a: f64) -> f64")],
  ["bigint", "export function f(a: bigint): bigint { return a }", only("f: func(a: s64) -> s64")],
  ["string", "export function f(a: string): string { return a }", only("f: func(a: string) -> string")],
  ["number literals", "export function f(a: 1 | 2): number { return a }", only("f: func(a: f64) -> f64")],
  ["template literal", "export function f(a: `id-${string}`): string { return a }", only("f: func(a: string) -> string")],
  ["Uint8Array", "export function f(a: Uint8Array): Uint8Array { return a }", only("f: func(a: list<u8>) -> list<u8>")],
  ["typed arrays", "export function f(a: Int8Array, b: Uint16Array, c: Int16Array, d: Uint32Array, e: Int32Array, g: BigUint64Array, h: BigInt64Array, i: Float32Array): Float64Array { return new Float64Array() }",
    only("f: func(a: list<s8>, b: list<u16>, c: list<s16>, d: list<u32>, e: list<s32>, g: list<u64>, h: list<s64>, i: list<f32>) -> list<f64>")],
  ["arrays", "export function f(a: number[], b: ReadonlyArray<string[]>): boolean[] { return [] }", only("f: func(a: list<f64>, b: list<list<string>>) -> list<bool>")],
  ["tuple", "export function f(a: [number, string]): readonly [boolean, bigint] { return [true, 1n] }", only("f: func(a: tuple<f64, string>) -> tuple<bool, s64>")],
  ["object literal", "export function f(place: { x: number; yValue: string }): number { return place.x }",
    typed("record f-place { x: f64, y-value: string, }", "f: func(place: f-place) -> f64", "f-place")],
  ["interface", "interface Point { x: number }\nexport function f(a: Point): Point { return a }", typed("record point { x: f64, }", "f: func(a: point) -> point", "point")],
  ["nested records", "interface Line { from: Point; to: Point }\ninterface Point { x: number }\nexport function f(a: Line): number { return 1 }",
    typed("record point { x: f64, } record line { %from: point, to: point, }", "f: func(a: line) -> f64", "point, line")],
  ["intersection", "type Both = { a: number } & { b: string };\nexport function f(v: Both): number { return v.a }",
    typed("record both { a: f64, b: string, }", "f: func(v: both) -> f64", "both")],
  ["string union", "type Level = 'low' | 'veryHigh';\nexport function f(a: Level): Level { return a }", typed("enum level { low, very-high, }", "f: func(a: level) -> level", "level")],
  ["string enum", "enum Colour { Red = 'red', Green = 'green' }\nexport function f(a: Colour): number { return 1 }", typed("enum colour { red, green, }", "f: func(a: colour) -> f64", "colour")],
  ["tag and val", "type Shape = { tag: 'circle', val: number } | { tag: 'none' };\nexport function f(a: Shape): Shape { return a }",
    typed("variant shape { circle(f64), none, }", "f: func(a: shape) -> shape", "shape")],
  ["optional parameter", "export function f(a?: number): void {}", only("f: func(a: option<f64>)")],
  ["default value", "export function f(a = 2, b: string = 'x'): void {}", only("f: func(a: option<f64>, b: option<string>)")],
  ["undefined and null", "export function f(a: number | undefined, b: string | null, c: boolean | null | undefined): bigint | undefined { return 1n }",
    only("f: func(a: option<f64>, b: option<string>, c: option<bool>) -> option<s64>")],
  ["optional field", "interface P { x?: number }\nexport function f(a: P): number { return 1 }", typed("record p { x: option<f64>, }", "f: func(a: p) -> f64", "p")],
  ["optional enumeration", "type L = 'a' | 'b';\nexport function f(x: L | undefined, y?: L): L { return 'a' }", typed("enum l { a, b, }", "f: func(x: option<l>, y: option<l>) -> l", "l")],
  ["result", "type Result<T, E> = { tag: 'ok', val: T } | { tag: 'err', val: E };\nexport function f(): Result<number, string> { return { tag: 'ok', val: 1 } }", only("f: func() -> result<f64, string>")],
  ["result without payloads", "export function f(): { tag: 'ok' } | { tag: 'err' } { return { tag: 'ok' } }", only("f: func() -> result")],
  ["result by keys", "export function f(): { ok: number } | { err: string } { return { ok: 1 } }", only("f: func() -> result<f64, string>")],
  ["result without ok", "export function f(): { tag: 'ok' } | { tag: 'err', val: string } { return { tag: 'ok' } }", only("f: func() -> result<_, string>")],
  ["Promise", "export async function f(a: number): Promise<number> { return a }", only("f: async func(a: f64) -> f64")],
  ["Promise of nothing", "export async function f(): Promise<void> {}", only("f: async func()")],
  ["void", "export function f(): void {}", only("f: func()")],
  ["never", "export function f(): never { throw new Error('x') }", only("f: func()")],
  ["inferred result", "export function f(a: number) { return [a > 1, `${a}`] as [boolean, string] }", only("f: func(a: f64) -> tuple<bool, string>")],
  ["camelCase", "export function addAllHTTP(firstValue: number, x2: number): number { return 1 }", only("add-all-http: func(first-value: f64, x2: f64) -> f64")],
  ["keywords", "export function list(type: string, from: number): void {}", only("%list: func(%type: string, %from: f64)")],
  ["arrow function", "export const f = (a: number): number => a", only("f: func(a: f64) -> f64")],
  ["function expression", "export const f = function (a: number): number { return a }", only("f: func(a: f64) -> f64")],
  ["exported later", "function g(a: number): number { return a }\nexport { g, g as other }", "world w { export g: func(a: f64) -> f64; export other: func(a: f64) -> f64; }"],
  ["destructured parameter", "export function f({ a, b }: { a: number; b: string }): number { return a }", typed("record f-options { a: f64, b: string, }", "f: func(options: f-options) -> f64", "f-options")],
  ["this", "export function f(this: void, a: number): number { return a }", only("f: func(a: f64) -> f64")],
  ["generic type with arguments", "interface Box<T> { v: T }\nexport function f(a: Box<number>, b: Box<string>): void {}",
    typed("record f-a { v: f64, } record f-b { v: string, }", "f: func(a: f-a, b: f-b)", "f-a, f-b")],
  ["order of the source", "export const b = (): number => 1;\nexport function a(): number { return 1 }", "world w { export b: func() -> f64; export a: func() -> f64; }"],
];

const kComments = "/** Adds.\n *\n * Both.\n * @param a - the first\n * @param b the second\n * @returns the sum\n */\nexport function add(a: number, b: number): number { return a + b }";

const kJavaScript = [
  ["JSDoc", "/**\n * Adds.\n * @param {number} a\n * @param {string} [b] text\n * @returns {number}\n */\nexport function f(a, b) { return a }", "world w { /// Adds. /// @param b text export f: func(a: f64, b: option<string>) -> f64; }"],
  ["inferred result", "/** @param {number} a */\nexport function f(a) { return `${a}` }", only("f: func(a: f64) -> string")],
  ["typedef", "/** @typedef {{ x: number }} Point */\n/** @param {Point} a @returns {Point} */\nexport const f = (a) => a", typed("record point { x: f64, }", "f: func(a: point) -> point", "point")],
  ["default value", "export function f(a = 1) { return a }", only("f: func(a: option<f64>) -> f64")],
];

const kRefused = [
  ["any", "export function f(a: any): void {}", /^source\.ts:1:19: parameter `a` of `f` has no type \(or `any`\)/],
  ["unknown", "export function f(a: unknown): void {}", /^source\.ts:1:19: parameter `a` of `f`: the type `unknown` cannot be a WIT type: it says nothing/],
  ["any result", "export function f(): any { return 1 }", /^source\.ts:1:1: the result of `f` has no type/],
  ["mixed union", "export function f(a: string | number): void {}", /parameter `a` of `f`: the type `string \| number` .* need a tag each/],
  ["union of objects", "export function f(a: { x: number } | { y: number }): void {}", /has no `tag`/],
  ["kind instead of tag", "export function f(a: { tag: 'a', x: number } | { tag: 'b' }): void {}", /the case `a` has the field `x` beside `tag` and `val`/],
  ["Date", "export function f(a: Date): void {}", /`Date` cannot be a WIT type: pass its time as a number/],
  ["Map", "export function f(a: Map<string, number>): void {}", /pass an array of pairs/],
  ["function", "export function f(a: () => void): void {}", /cannot take or give functions/],
  ["index signature", "export function f(a: Record<string, number>): void {}", /its keys are not fixed/],
  ["empty object", "export function f(a: {}): void {}", /an object needs at least one named field/],
  ["recursive", "interface Tree { children: Tree[] }\nexport function f(a: Tree): void {}", /^source\.ts:1:18: .*it holds itself/],
  ["field", "interface P { ok: number; when: Date }\nexport function f(a: P): void {}", /^source\.ts:1:27: parameter `a` of `f`, field `when`: the type `Date`/],
  ["rest", "export function f(...a: number[]): void {}", /^source\.ts:1:19: parameter `\.\.\.a` of `f`: .* take one array/],
  ["overloads", "export function f(a: number): number;\nexport function f(a: string): string;\nexport function f(a: any): any { return a }", /`f` has 2 signatures/],
  ["generics", "export function f<T>(a: T): T { return a }", /`f` is generic \(`T`\)/],
  ["optional tuple element", "export function f(a: [number, string?]): void {}", /a tuple's elements are all there/],
  ["numeric enum", "enum E { A, B }\nexport function f(a: E): void {}", /give each a string value/],
  ["symbol", "export function f(a: symbol): void {}", /a symbol means nothing/],
  ["name", "export function größe(): number { return 1 }", /the function `größe` has no WIT name/],
  ["enumeration's case", "export function f(a: 'ok' | '!'): void {}", /the case "!" has no WIT name/],
  ["two cases alike", "export function f(a: 'twoThree' | 'two-three'): void {}", /`twoThree` and `two-three` would both be `two-three`/],
  ["two parameters alike", "export function f(aB: number, a_b: number): void {}", /would both be `a-b`/],
  ["two functions alike", "export function aB(): void {}\nexport function a_b(): void {}", /would both be `a-b`/],
  ["nothing exported", "function f(): void {}", /^source\.ts: no function is exported/],
  ["only a default", "export default function f(): void {}", /no function is exported/],
  ["null alone", "export function f(a: null): void {}", /it holds no value/],
  ["a type error", "export function f(a: number): string { return a }", /^source\.ts:1:40: Type 'number' is not assignable to type 'string'\. \(TS2322\)/],
  ["an unknown name", "export function f(a: number): number { return b }", /^source\.ts:1:47: Cannot find name 'b'/],
];

for (const [name, source, wit] of kTypes) test(`TypeScript: ${name}`, () => assert.equal(witOf(source), wit));
for (const [name, source, wit] of kJavaScript) test(`JavaScript: ${name}`, () => assert.equal(witOf(source, "source.js"), wit));
for (const [name, source, text] of kRefused) test(`refused: ${name}`, () => assert.match(witOf(source), text));

test("comments of functions and parameters are in the WIT", () => {
  const file = write("comments.ts", kComments);
  const { functions, named } = functionsOf(file, { derive: true });
  assert.match(worldText({ world: "w", imports: [], functions, named }), / {2}\/\/\/ Adds\.\n {2}\/\/\/\n {2}\/\/\/ Both\.\n {2}\/\/\/ @param a the first\n {2}\/\/\/ @param b the second\n {2}export add:/);
});

test("JavaScript without types is refused with how to write them", () => {
  assert.match(witOf("export function f(a) { return 1 }", "source.js"), /@param \{number\} a/);
});

test("functions of other modules are found, and what is no function is told", () => {
  write("other.ts", "export function g(a: number): number { return a }");
  const file = write("entry.ts", "export * from './other';\nexport const answer = 42;\nexport type T = number;\nexport default 1;\n");
  const { functions, warnings } = functionsOf(file, { derive: true });
  assert.deepEqual(functions.map((f) => f.name), ["g"]);
  assert.deepEqual(warnings.map((warning) => rendered(warning, folder)), [
    "entry.ts:2:14: `answer` is left out: it is exported but is not a function",
    "entry.ts:4:1: `export default` is left out: a component's functions have names, so write `export function NAME(…)`",
  ]);
});

test("an `extends` that is not there is a warning with its file", () => {
  write("extended/tsconfig.json", '{ "extends": "@tsconfig/recommended/tsconfig.json" }');
  const file = write("extended/a.ts", "export function f(): void {}");
  const { warnings } = functionsOf(file, { derive: true });
  assert.match(rendered(warnings[0], folder), /^extended\/tsconfig\.json.*'@tsconfig\/recommended\/tsconfig\.json' not found/);
});

test("logging has types without an installed package, also where the project declares them", () => {
  const source = 'import { log } from "wasi:logging/logging";\nexport function f(): void { log("info", "a", "b"); console.log(new TextEncoder().encode("x")) }';
  assert.equal(witOf(source), only("f: func()"));
  assert.match(witOf(source.replace('"info"', '"loud"')), /"loud"/);
  write("declared/wasi.d.ts", 'declare module "wasi:logging/logging" { export type Level = "info"; export function log(level: Level, context: string, message: string): void; }');
  assert.equal(witOf(`/// <reference path="./wasi.d.ts" />\n${source}`, "declared/source.ts"), only("f: func()"));
});

test("names go over to WIT and back as every tool spells them", () => {
  for (const [js, wit, back = js] of [["addAll", "add-all"], ["HTTPGet", "http-get", "httpGet"], ["snake_case", "snake-case", "snakeCase"], ["x2y", "x2y"], ["vec3D", "vec3-d"], ["a1_2", "a12", "a12"]]) {
    assert.equal(kebab(js), wit);
    assert.equal(camel(wit), back);
  }
  for (const js of ["1st", "größe", "", "a*b"]) assert.equal(kebab(js), null);
});

test("types of a world are moved into an interface, with comments and braces in them", () => {
  const moved = withTypesApart("package a:b;\nworld w {\n  enum level { low /* } */, high }\n  record r { l: level }\n  export f: func(a: r) -> level;\n}\n", "w");
  assert.match(moved, /interface w-types \{\s+enum level \{[^}]*\} \*\/, high \}\s+record r \{ l: level \}\s+\}/);
  assert.match(moved, /use w-types\.\{level, r\};/);
  assert.equal(withTypesApart("package a:b;\nworld w { export f: func(); }", "w"), "package a:b;\nworld w { export f: func(); }");
});

test("a folder of WIT becomes one text with nested packages", () => {
  assert.equal(asOneText({ "a.wit": "package a:b;\nworld w {}", "deps/x/x.wit": "package x:y@1.0.0;\ninterface i {}" }).replace(/\s+/g, " ").trim(),
    "package a:b; world w {} package x:y@1.0.0 { interface i {} }");
});

test("a bundle and its hash do not depend on where the project lies", async () => {
  const made = [];
  for (const place of ["one", "deeper/two"]) {
    write(`${place}/package.json`, "{}");
    write(`${place}/lib.ts`, "export const k: number = 2;");
    const entry = write(`${place}/src/f.ts`, "import { k } from '../lib';\nexport const f = (a: number) => a * k;");
    made.push(await bundle(entry, path.join(folder, place)));
  }
  assert.equal(made[0].text, made[1].text);
  assert.equal(made[0].tag, made[1].tag);
});

test("the hash in a name is the one of the first tools for the same source", async () => {
  const source = `// @ts-ignore Wasmify and ComponentizeJS will resolve this
// import but your editor may not be aware
import { log } from "wasi:logging/logging";

export function subtract(a: number, b: number): number {
  const result = a - b;

  log("info", "guest:javascript:subtract", \`\${a} - \${b} = \${result}\`);

  return result;
}
`;
  write("article/package.json", "{}");
  const { tag, imports, exports } = await bundle(write("article/src/subtract.ts", source), path.join(folder, "article"));
  assert.equal(tag, "j54di3rspj2eewjro4");
  assert.deepEqual(imports, ["wasi:logging/logging"]);
  assert.deepEqual(exports, ["subtract"]);
});

const kBundle = [
  ["syntax error", "export function f( { return 1 }", /^bundle\.ts:1:\d+: /],
  ["missing file", "import './nothing';", /^bundle\.ts:1:8: there is no file for "\.\/nothing"/],
  ["missing package", "import x from 'left-pad';\nexport const f = () => x;", /^bundle\.ts:1:15: the package "left-pad" is not installed: run `npm install`/],
  ["part of Node", "import fs from 'node:fs';\nexport const f = () => fs;", /^bundle\.ts:1:16: "node:fs" is a part of Node\.js/],
];
for (const [name, source, text] of kBundle) {
  test(`not bundled: ${name}`, async () => {
    const file = write("bundle.ts", source);
    await assert.rejects(bundle(file, folder), (error) => {
      assert.match(rendered(error.list[0], folder), text);
      return true;
    });
  });
}
