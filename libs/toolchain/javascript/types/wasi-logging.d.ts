// wasi:logging/logging as a component's JavaScript sees it.
export type Level = "trace" | "debug" | "info" | "warn" | "error" | "critical";
/** Writes a log line. `context` groups lines and becomes the line's category. */
export function log(level: Level, context: string, message: string): void;
