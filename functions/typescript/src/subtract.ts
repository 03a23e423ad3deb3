import { log } from "wasi:logging/logging";

/** Returns `a - b` and logs the operation. */
export function subtract(a: number, b: number): number {
  const difference = a - b;
  log("info", "guest:javascript:subtract", `${a} - ${b} = ${difference}`);
  return difference;
}
