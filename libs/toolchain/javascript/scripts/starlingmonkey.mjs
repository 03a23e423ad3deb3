// StarlingMonkey (SpiderMonkey), by ComponentizeJS.

import fs from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";
import { asOneText } from "./wit.mjs";

async function tool() {
  try {
    return await import(new URL("../../js-starlingmonkey/node_modules/@bytecodealliance/componentize-js/src/componentize.js", import.meta.url));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Problem("StarlingMonkey is not installed; run: every toolchain install js-starlingmonkey");
  }
}

export async function componentize({ source, files, world, work }) {
  const { componentize: make } = await tool();
  const file = path.join(work, "component.js");
  fs.writeFileSync(file, source);
  try {
    const { component } = await make({ sourcePath: file, witWorld: asOneText(files), worldName: world, disableFeatures: ["http", "fetch-event"] });
    return component;
  } catch (error) {
    throw new Problem(`the module failed as it was loaded, which happens once, when the component is built: ${error.message}`);
  }
}
