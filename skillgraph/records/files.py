"""Files that appear whole or not at all, and tidy tables."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from skillgraph.records.values import exact, plain

__all__ = ["write_columns", "write_csv", "write_whole"]


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; missing values are empty fields."""

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(["" if item is None else item for item in plain(list(row))] for row in rows)

    write_whole(path, write)


def write_columns(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write a table given by its columns; infinities are written inf."""
    write_csv(path, tuple(columns), (exact(row) for row in zip(*columns.values(), strict=True)))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
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
