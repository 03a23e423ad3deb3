// Every type that WIT can have from TypeScript, taken and given back.
type Level = "low" | "veryHigh";
interface Point { x: number; yValue?: number; level: Level }
type Shape = { tag: "circle"; val: number } | { tag: "polygon"; val: Point[] } | { tag: "none" };
type Result<T, E> = { tag: "ok"; val: T } | { tag: "err"; val: E };

/** What arrived, as JavaScript sees it: so that a wrong kind of value is told apart from a right one. */
function kind(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return value.constructor.name;
}
function expect(found: string, ...wanted: string[]): void {
  if (!wanted.includes(found)) throw new TypeError(`${found} instead of ${wanted.join(" or ")}`);
}

export function boolean(a: boolean): boolean { expect(kind(a), "boolean"); return a; }
export function number(a: number): number { expect(kind(a), "number"); return a; }
export function big(a: bigint): bigint { expect(kind(a), "bigint"); return a; }
export function text(a: string): string { expect(kind(a), "string"); return a; }
export function bytes(a: Uint8Array): Uint8Array { expect(kind(a), "Uint8Array"); return a; }
export function clamped(a: Uint8ClampedArray): Uint8ClampedArray { expect(kind(a), "Uint8ClampedArray"); return a; }
export function s8(a: Int8Array): Int8Array { expect(kind(a), "Int8Array"); return a; }
export function u16(a: Uint16Array): Uint16Array { expect(kind(a), "Uint16Array"); return a; }
export function s16(a: Int16Array): Int16Array { expect(kind(a), "Int16Array"); return a; }
export function u32(a: Uint32Array): Uint32Array { expect(kind(a), "Uint32Array"); return a; }
export function s32(a: Int32Array): Int32Array { expect(kind(a), "Int32Array"); return a; }
export function u64(a: BigUint64Array): BigUint64Array { expect(kind(a), "BigUint64Array"); return a; }
export function s64(a: BigInt64Array): BigInt64Array { expect(kind(a), "BigInt64Array"); return a; }
export function f32(a: Float32Array): Float32Array { expect(kind(a), "Float32Array"); return a; }
export function f64(a: Float64Array): Float64Array { expect(kind(a), "Float64Array"); return a; }
export function array(a: number[]): number[] { expect(kind(a), "Array"); return a; }
export function nested(a: string[][]): string[][] { expect(kind(a[0]), "Array"); return a; }
export function tuple(a: [number, string, boolean]): [number, string, boolean] { expect(kind(a), "Array"); return a; }
export function record(a: Point): Point { expect(kind(a.yValue), "number", "undefined"); return a; }
export function enumeration(a: Level): Level { expect(a, "low", "veryHigh"); return a; }
export function variant(a: Shape): Shape { expect(a.tag, "circle", "polygon", "none"); return a; }
export function optional(a?: number): number | undefined { expect(kind(a), "number", "undefined"); return a; }
export function nullable(a: string | null): string | null { expect(kind(a), "string", "null"); return a; }
export function fallback(a = 7): number { expect(kind(a), "number"); return a; }
export function result(a: Result<number, string>): Result<number, string> { expect(a.tag, "ok", "err"); return a; }
export function byKey(a: { ok: number } | { err: string }): { ok: number } | { err: string } { return a; }
export function optionalRecords(a: (Point | undefined)[]): (Point | undefined)[] { return a; }
export async function promised(a: number): Promise<number> { await null; return a; }
export function nothing(a: number): void { expect(kind(a), "number"); }
export function lines(): void {
  console.debug("a", 1);
  console.log("said by log");
  console.info("said by info");
  console.warn("b %s", "x", { y: [1n, null] });
  console.warn("c\nd");
  console.error(new Uint8Array([1, 2]));
}
export function utf8(a: string): [Uint8Array, string] {
  const bytes = new TextEncoder().encode(`${a}\ud800`);
  return [bytes, new TextDecoder().decode(bytes)];
}
export function fails(a: string): number { throw new RangeError(`no ${a}`); }
export function failsFrozen(): number { throw Object.freeze(new Error("cold")); }
export function throwsText(a: string): number { throw a; }
