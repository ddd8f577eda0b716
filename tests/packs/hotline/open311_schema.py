"""As much of JSON Schema as the published schemas of GeoReport v2 use."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parents[4] / "shared/data/standards/open311"
KINDS = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "null": type(None),
}


def faults(value: Any, name: str) -> list[str]:
    """What does not fit the schema of this name, by where it stands."""
    return list(_faults(value, _schema(name), "$"))


def _schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return read


def _faults(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if "$ref" in schema:
        return _faults(value, _schema(schema["$ref"]), at)
    if "anyOf" in schema and all(_faults(value, one, at) for one in schema["anyOf"]):
        return [f"{at}: none of anyOf: {value!r}"]
    found = []
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at}: no {kind}: {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: not in enum: {value!r}")
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        found.append(f"{at}: no zone: {value!r}")
    if "properties" in schema:
        found += [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, part in schema["properties"].items():
            found += _faults(value[name], part, f"{at}.{name}") if name in value else []
    if isinstance(value, list):
        for place, item in enumerate(value):
            found += _faults(item, schema["items"], f"{at}[{place}]")
    return found
