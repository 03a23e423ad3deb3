"""The part of JSON Schema that the OpenRPC document uses. A keyword that is not known here is an error, so that nothing passes unjudged."""
import re

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
NOTES = {"$schema", "title", "description"}


def _is_kind(value, kind):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


def problems(schema, value, at="$"):
    """Where and why a value does not fit a schema; empty when it does."""
    found = []
    for keyword, wanted in schema.items():
        if keyword in NOTES:
            continue
        if keyword == "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            if not any(_is_kind(value, kind) for kind in kinds):
                found.append(f"{at}: {value!r} is not {' or '.join(kinds)}")
        elif keyword == "required":
            if isinstance(value, dict):
                found += [f"{at}: {key} is missing" for key in wanted if key not in value]
        elif keyword == "properties":
            if isinstance(value, dict):
                for key, inner in wanted.items():
                    if key in value:
                        found += problems(inner, value[key], f"{at}.{key}")
        elif keyword == "additionalProperties":
            rest = set(value) - set(schema.get("properties", {})) if isinstance(value, dict) else set()
            if wanted is False:
                found += [f"{at}: {key} does not belong here" for key in sorted(rest)]
            else:
                for key in sorted(rest):
                    found += problems(wanted, value[key], f"{at}.{key}")
        elif keyword == "items":
            if isinstance(value, list):
                inner = wanted if isinstance(wanted, list) else [wanted] * len(value)
                for index, (one, item) in enumerate(zip(inner, value)):
                    found += problems(one, item, f"{at}[{index}]")
        elif keyword == "oneOf":
            if sum(not problems(one, value, at) for one in wanted) != 1:
                found.append(f"{at}: {value!r} fits none of, or more than one of, the forms")
        elif keyword == "enum":
            if value not in wanted:
                found.append(f"{at}: {value!r} is none of {wanted}")
        elif keyword == "const":
            if value != wanted:
                found.append(f"{at}: {value!r} is not {wanted!r}")
        elif keyword == "pattern":
            if isinstance(value, str) and not re.search(wanted, value):
                found.append(f"{at}: {value!r} does not match {wanted}")
        elif keyword in ("minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum"):
            size = value if keyword.startswith("m") and keyword.endswith("imum") else len(value) if isinstance(value, (list, dict)) else None
            if isinstance(size, int) and (size < wanted if keyword.startswith("min") else size > wanted):
                found.append(f"{at}: {keyword} {wanted}, but {size}")
        else:
            raise ValueError(f"{at}: the schema says {keyword}, which is not judged here")
    return found
