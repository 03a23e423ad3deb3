// The types of functions/wit/deps/logging/logging.wit, as a component's JavaScript sees them.
declare module "wasi:logging/logging" {
  export type Level = "trace" | "debug" | "info" | "warn" | "error" | "critical";
  export function log(level: Level, context: string, message: string): void;
}
