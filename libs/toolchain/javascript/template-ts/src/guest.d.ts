// For the editor: what every component finds beside the language's own. `every build` knows it without this file.
declare module "wasi:logging/logging" {
  export type Level = "trace" | "debug" | "info" | "warn" | "error" | "critical";
  /** Writes a log line. `context` groups lines and becomes the line's category. */
  export function log(level: Level, context: string, message: string): void;
}

interface Console {
  debug(...data: any[]): void;
  info(...data: any[]): void;
  log(...data: any[]): void;
  warn(...data: any[]): void;
  error(...data: any[]): void;
}
declare var console: Console;
