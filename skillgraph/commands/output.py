"""How results are printed: one JSON envelope for every command, aligned lines for a person, figures in files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from skillgraph.records import Record, envelope, plain, write_whole

__all__ = ["json_option", "print_envelope", "print_json", "print_record", "write_figure"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON with full precision.")


def print_envelope(command: str, result: Record, seed: int | None = None) -> None:
    """Print a result in the envelope of a command; every float reads back as the same number."""
    print_json(envelope(command, result, seed))


def print_json(values: Mapping[str, Any]) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(values, indent=1, allow_nan=False))


def print_record(values: Mapping[str, Any]) -> None:
    """Print values as aligned lines for a person."""
    flat: dict[str, Any] = {}
    for key, value in plain(values).items():
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


def write_figure(path: Path, result: Record) -> None:
    """Draw a result into a file that appears whole."""
    from skillgraph.figures import draw
    from skillgraph.figures.style import save

    drawn = draw(result)
    write_whole(path, lambda temporary: save(drawn, temporary))
