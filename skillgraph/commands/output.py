"""How results leave a command: JSON with full precision, tidy CSV, plain text; files appear whole or not at all."""

from __future__ import annotations

import csv
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

__all__ = ["plain", "print_json", "print_record", "write_csv", "write_whole"]


def plain(value: Any) -> Any:  # noqa: PLR0911
    """Turn records, arrays and NumPy numbers into what JSON knows; NaN and infinities become None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_json(record: Mapping[str, Any]) -> None:
    """Print a record as JSON; every float reads back as the same number."""
    click.echo(json.dumps(plain(record), indent=1, allow_nan=False))


def print_record(record: Mapping[str, Any]) -> None:
    """Print a record as aligned lines for a person."""
    flat = {key: value for key, value in plain(record).items() if not isinstance(value, (dict, list))}
    width = max((len(key) for key in flat), default=0)
    for key, value in flat.items():
        click.echo(f"{key.replace('_', ' '):<{width}}  {_text(value)}")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; missing values are empty fields."""

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(["" if item is None else item for item in plain(list(row))] for row in rows)

    write_whole(path, write)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Call ``write`` on a temporary neighbour of ``path`` and move it into place when it is complete."""
    handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=f".{path.stem}-", dir=path.parent or ".")
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
