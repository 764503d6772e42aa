"""The envelope in which every command prints its result, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from skillgraph.records.schema import schema_of
from skillgraph.records.values import exact
from skillgraph.version import __version__

__all__ = ["envelope", "envelope_schema"]


class Named(Protocol):
    """Something with a schema: a record, or a class of records."""

    @property
    def schema(self) -> str:
        """Name and version."""


def envelope(command: str, result: Named, seed: int | None = None) -> dict[str, Any]:
    """Return what a command prints with ``--json``.

    Parameters
    ----------
    command : str
    result : Record
    seed : int, optional
        Root seed of what was drawn; None where nothing was.
    """
    head = {"schema": result.schema, "skillgraph": __version__, "command": command, "seed": seed}
    return head | {"result": exact(result)}


def envelope_schema(command: str, kinds: Sequence[Any]) -> dict[str, Any]:
    """Return the JSON Schema of the envelope of a command whose result is one of some records."""
    definitions: dict[str, Any] = {}
    parts = [
        {"properties": {"schema": {"const": kind.schema}, "result": schema_of(kind, definitions)}} for kind in kinds
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"skillgraph {command} --json",
        "type": "object",
        "properties": {
            "schema": {"enum": [kind.schema for kind in kinds]},
            "skillgraph": {"type": "string"},
            "command": {"const": command},
            "seed": {"type": ["integer", "null"]},
            "result": {"type": "object"},
        },
        "required": ["schema", "skillgraph", "command", "seed", "result"],
        "additionalProperties": False,
        "oneOf": parts,
        "$defs": definitions,
    }
