// TextEncoder and TextDecoder (UTF-8) where the engine has none.

const surrogate = (code, low) => code >= 0xd800 + low && code < 0xdc00 + low;

if (typeof globalThis.TextEncoder === "undefined") {
  globalThis.TextEncoder = class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(input = "") {
      const out = [];
      for (const character of String(input).toWellFormed()) {
        const code = character.codePointAt(0);
        if (code < 0x80) out.push(code);
        else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
        else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
        else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      }
      return new Uint8Array(out);
    }
  };
}

if (typeof globalThis.TextDecoder === "undefined") {
  globalThis.TextDecoder = class TextDecoder {
    #fatal;
    #keep_mark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!/^(utf-?8|unicode-1-1-utf-8)$/i.test(label)) throw new RangeError(`TextDecoder: only UTF-8 is known here, not ${label}`);
      this.#fatal = fatal;
      this.#keep_mark = ignoreBOM;
    }
    get encoding() {
      return "utf-8";
    }
    decode(input = new Uint8Array()) {
      const bytes = ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
      let out = "";
      for (let i = 0; i < bytes.length; ) {
        const [code, used] = this.#next(bytes, i);
        if (code === undefined) {
          if (this.#fatal) throw new TypeError("TextDecoder: the bytes are not UTF-8");
          out += "\ufffd";
        } else if (code !== 0xfeff || i > 0 || this.#keep_mark) {
          out += String.fromCodePoint(code);
        }
        i += used;
      }
      return out;
    }
    /** [code point or undefined, bytes used]: an ill-formed sequence uses up as many bytes as could have begun a good one. */
    #next(bytes, at) {
      const first = bytes[at];
      if (first < 0x80) return [first, 1];
      const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
      if (!length) return [undefined, 1];
      let code = first & (0xff >> (length + 1));
      for (let i = 1; i < length; i++) {
        const byte = bytes[at + i];
        const low = i === 1 ? { 0xe0: 0xa0, 0xf0: 0x90 }[first] ?? 0x80 : 0x80;
        const high = i === 1 ? { 0xed: 0x9f, 0xf4: 0x8f }[first] ?? 0xbf : 0xbf;
        if (byte === undefined || byte < low || byte > high) return [undefined, i];
        code = (code << 6) | (byte & 63);
      }
      return surrogate(code, 0) || surrogate(code, 0x400) ? [undefined, length] : [code, length];
    }
  };
}
