import { log } from "wasi:logging/logging";

export function integers(...all) {
  return all;
}
export function longs(a, b) {
  if (typeof a !== "bigint" || typeof b !== "bigint") throw new TypeError("64-bit integers are bigints");
  return [a, b];
}
export const letter = (a) => a;
export function place(a) {
  log("info", "given", Object.keys(a).join(" "));
  return a;
}
export const deep = (a) => a;
export function check(a) {
  if (a === 0) throw "zero";
  if (a === 1) throw new Error("one");
  return a;
}
export const tooLarge = () => 256;
export const math = { add: (a, b) => BigInt(a) + BigInt(b) };
