// What a person has to mend: said once, with its place, and collected, so that one build tells all of them.

import path from "node:path";

export class Problem extends Error {
  /** place: {file, line, column} (lines and columns from 1) or nothing */
  constructor(message, place) {
    super(message);
    this.place = place;
  }
}

/** Several problems at once. */
export class Problems extends Error {
  constructor(list) {
    super(list.map((item) => item.message).join("\n"));
    this.list = list;
  }
}

/** As a compiler prints it: `src/a.ts:3:7: text`. */
export function rendered(problem, folder) {
  const { place } = problem;
  if (!place?.file) return problem.message;
  let file = path.relative(folder, place.file);
  if (file.startsWith(`..${path.sep}..`)) file = place.file;
  if (file === "") file = ".";
  const at = [file, place.line, place.column].filter((part) => part !== undefined).join(":");
  return `${at}: ${problem.message}`;
}
