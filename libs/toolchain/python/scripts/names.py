"""Names between Python and WIT."""

import re

KEYWORDS = frozenset(
    "as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list map option own "
    "package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world".split()
)


def kebab(name):
    """`total_price`, `TotalPrice`, `HTTPCode` and `TOTAL_PRICE` as WIT writes them; a part that begins with a digit joins the one before."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced)
    parts = []
    for part in spaced.lower().split("_"):
        if part and part[0].isdigit() and parts:
            parts[-1] += part
        elif part:
            parts.append(part)
    text = "-".join(parts)
    return text if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*", text) else None


def escaped(name):
    return "%" + name if name in KEYWORDS else name


def camel(name):
    """The class componentize-py makes of a WIT name."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))
