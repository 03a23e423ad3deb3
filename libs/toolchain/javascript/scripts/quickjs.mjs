// QuickJS, by componentize-qjs.

import { componentize as make } from "componentize-qjs";
import { Problem } from "./problem.mjs";

/** The module's own words in what the tool says when the module fails as it is made. */
export function loadFailure(text) {
  const message = /Failed to (?:evaluate|finish|declare)[^:]*: (?:Failed to [^:]*: )*(?:Error: |Exception: )?([\s\S]*)/.exec(text)?.[1]?.trim() ?? text.trim();
  if (/parsing WIT|parse package|select_world|world/.test(text) && !/JavaScript module/.test(text)) return `the WIT was not accepted: ${text.trim()}`;
  if (/module-loader|unknown import|has not been defined|not been defined/.test(text)) {
    return `the module calls an import while it is being loaded, which is when the component is built; call it inside of a function\n  ${message}`;
  }
  return `the module failed as it was loaded, which happens once, when the component is built: ${message}`;
}

export async function componentize({ source, wit, world, async }) {
  try {
    const { component } = await make({ witPath: wit, jsSource: source, world, sync: !async });
    return component;
  } catch (error) {
    throw new Problem(loadFailure(error.message));
  }
}
