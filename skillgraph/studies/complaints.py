"""Errors of a study file in plain sentences: path, rule, offending value, and the near key for an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

__all__ = ["sentences", "unknown_name"]


def sentences(error: ValidationError, schema: dict[str, Any]) -> Iterator[str]:
    """Yield one sentence per error."""
    for one in error.errors(include_url=False):
        path = [str(key) for key in one["loc"] if key not in {"list", "range"} and not str(key).startswith("[key]")]
        if one["type"] == "extra_forbidden":
            yield _unknown(path, schema)
        else:
            yield _broken_rule(path, one)


def _broken_rule(path: list[str], one: Any) -> str:
    where = f"{'.'.join(path)}: " if path else ""
    if one["type"] == "missing":
        return f"{where}must be given"
    rule = one["msg"].removeprefix("Value error, ").removeprefix("Input ")
    rule = rule[:1].lower() + rule[1:]
    shown = one["input"]
    if one["type"] == "value_error" or isinstance(shown, dict):
        return f"{where}{rule}"
    return f"{where}{rule}, got {shown!r}"


def _unknown(path: list[str], schema: dict[str, Any]) -> str:
    known = _keys_at(path[:-1], schema)
    return f"{'.'.join(path)}: {unknown_name('key', path[-1], known)}"


def unknown_name(kind: str, name: str, known: Sequence[str]) -> str:
    """Return the sentence about a name that is not known, with the near one."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return f'unknown {kind} "{name}"; {hint}known are {", ".join(known)}'


def _keys_at(path: list[str], schema: dict[str, Any]) -> list[str]:
    """Return the keys that a section of the study file may have."""
    place = schema
    for key in path:
        place = _inside(place, schema)
        if key in place.get("properties", {}):
            place = place["properties"][key]
        elif key.isdigit():
            place = place.get("items", {})
        else:
            place = place.get("additionalProperties") or {}
    return list(_inside(place, schema).get("properties", {}))


def _inside(place: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in place.get("oneOf", place.get("anyOf", [])):
        if "$ref" in option:
            place = option
    if "patternProperties" in place:
        place = {**place, "additionalProperties": next(iter(place["patternProperties"].values()))}
    if "$ref" in place:
        found: dict[str, Any] = schema["$defs"][place["$ref"].rsplit("/", 1)[1]]
        return found
    return place
