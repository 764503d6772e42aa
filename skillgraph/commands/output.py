"""How results are printed: JSON with full precision, aligned lines for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from skillgraph.records import plain

__all__ = ["print_json", "print_record"]


def print_json(record: Mapping[str, Any]) -> None:
    """Print a record as JSON; every float reads back as the same number."""
    click.echo(json.dumps(plain(record), indent=1, allow_nan=False))


def print_record(record: Mapping[str, Any]) -> None:
    """Print a record as aligned lines for a person."""
    flat: dict[str, Any] = {}
    for key, value in plain(record).items():
        if isinstance(value, dict):
            flat |= {f"{key}, {name}": item for name, item in value.items()}
        elif not isinstance(value, list):
            flat[key] = value
    width = max((len(key) for key in flat), default=0)
    for key, value in flat.items():
        click.echo(f"{key.replace('_', ' '):<{width}}  {_text(value)}")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
