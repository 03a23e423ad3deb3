// Names between JavaScript (camelCase) and WIT (kebab-case).

const kKeywords = new Set(
  ("as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list map option own package record " +
    "resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world error-context").split(" "),
);

/** The words of a name: `HTTPGet2` has `http` and `get2`. */
function words(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_\-.$]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());
}

/** The WIT name of a JavaScript name, or null where there is none: WIT knows ASCII letters, digits and hyphens, each word after a letter. */
export function kebab(name) {
  const parts = [];
  for (const word of words(name)) {
    if (!/^[a-z0-9]+$/.test(word)) return null;
    if (/^[0-9]/.test(word)) {
      if (parts.length === 0) return null;
      parts[parts.length - 1] += word;
    } else {
      parts.push(word);
    }
  }
  return parts.length ? parts.join("-") : null;
}

/** The JavaScript name of a WIT name, as every component tool spells it. */
export function camel(name) {
  return name
    .toLowerCase()
    .split("-")
    .map((word, i) => (i ? word[0].toUpperCase() + word.slice(1) : word))
    .join("");
}

/** A WIT name as it is written in WIT text. */
export function escaped(name) {
  return kKeywords.has(name) ? `%${name}` : name;
}
