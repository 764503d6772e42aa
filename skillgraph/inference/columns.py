"""Columns of evaluation tables: which column plays which role, which rows count, and what is a number.

A raw table is a mapping of column names to rows of texts (or numbers, where the file has them); nothing is interpreted
until `numbers` does it.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skillgraph.checks import parse_number, shown

__all__ = [
    "HELPERS",
    "NUMBERS",
    "TEXTS",
    "VALUES",
    "Condition",
    "RawTable",
    "Source",
    "numbers",
    "parse_columns",
    "parse_where",
    "rows_where",
    "texts",
]

TEXTS = ("model", "family", "task", "metric")
NUMBERS = ("parameters", "tokens", "steps", "value", "stderr", "correct", "total", "compute", "unique_tokens", "chance")
HELPERS = ("tokens_per_step", "choices")
VALUES = ("value", "loss", "accuracy", "acc", "score")
MISSING = frozenset({"", "nan", "NaN", "NA", "N/A", "null", "None"})
_SIGNS = {"<=": operator.le, ">=": operator.ge, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq}
_CONDITION = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|!=|==|<|>|=)\s*(.*?)\s*")


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as it stands in a file.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    columns : dict of str to (n,) object array
        Texts, numbers, or None where the file has nothing.
    """

    name: str
    columns: dict[str, np.ndarray]

    @property
    def size(self) -> int:
        """Number of rows."""
        return next((column.size for column in self.columns.values()), 0)

    def part(self, chosen: np.ndarray) -> RawTable:
        """Return the rows of a mask or of places."""
        return RawTable(self.name, {name: column[chosen] for name, column in self.columns.items()})


@dataclass(frozen=True)
class Source:
    """Where the numbers or texts of a role come from: a column, times a factor; or the same text in every row."""

    column: str | None
    factor: float = 1.0
    constant: str | None = None


@dataclass(frozen=True)
class Condition:
    """One condition on rows: column, sign, and the values that satisfy it (one of them, for = and !=)."""

    column: str
    sign: str
    values: tuple[str, ...]


def parse_columns(given: Mapping[str, str] | Sequence[str] | None) -> dict[str, Source]:
    """Read which column plays which role: ``parameters=params_B*1e9``, or ``task=:sums``, one text for all rows.

    Raises
    ------
    ValueError
        If the form is another or the role is unknown.
    """
    pairs = given.items() if isinstance(given, Mapping) else (_role(one) for one in given or ())
    return {_known(role): _source(role, text) for role, text in pairs}


def _role(text: str) -> tuple[str, str]:
    role, sign, source = text.partition("=")
    if not sign or not role.strip() or not source.strip():
        raise ValueError(f"a column must be given as ROLE=COLUMN, as in parameters=params_B*1e9, got {shown(text)}")
    return role.strip(), source.strip()


def _known(role: str) -> str:
    known = (*TEXTS, *NUMBERS, *HELPERS)
    if role not in known:
        raise ValueError(f"unknown role of a column {shown(role)}: roles are {', '.join(known)}")
    return role


def _source(role: str, text: str) -> Source:
    if text.startswith(":"):
        return Source(None, constant=text[1:])
    column, star, factor = text.rpartition("*")
    if not star:
        return Source(text)
    if role in TEXTS:
        raise ValueError(f"{role} holds texts, which no factor multiplies, got {shown(text)}")
    return Source(column.strip(), parse_number(factor.strip(), f"factor of {role}"))


def parse_where(given: Mapping[str, Any] | Sequence[str] | str | None) -> tuple[Condition, ...]:
    """Read conditions such as ``tokens>0``, ``condition=main``, ``model=160m|410m``, ``task!=crows_*``.

    A mapping of column to value, or list of values, means equality.

    Raises
    ------
    ValueError
        If a condition has another form.
    """
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple(
            Condition(column, "=", tuple(map(str, value if isinstance(value, (list, tuple)) else [value])))
            for column, value in given.items()
        )
    return tuple(_condition(text) for text in ([given] if isinstance(given, str) else given))


def _condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None or not match[3]:
        raise ValueError(f"where must be COLUMN, one of < <= = != >= >, and a value, got {shown(text)}")
    column, sign, value = match[1], "=" if match[2] == "==" else match[2], match[3]
    if sign in ("=", "!="):
        return Condition(column, sign, tuple(word.strip() for word in value.split("|")))
    parse_number(value, f"where {column}{sign}")
    return Condition(column, sign, (value,))


def rows_where(table: RawTable, conditions: Sequence[Condition]) -> RawTable:
    """Return the rows that satisfy every condition.

    Raises
    ------
    ValueError
        If a column is missing, or no row is left.
    """
    kept = np.ones(table.size, dtype=bool)
    for one in conditions:
        if one.column not in table.columns:
            raise ValueError(
                f'{table.name}: where asks for a column "{one.column}"; the table has {", ".join(table.columns)}'
            )
        kept &= _satisfied(table, one)
    if not kept.any() and conditions:
        asked = " and ".join(f"{one.column}{one.sign}{'|'.join(one.values)}" for one in conditions)
        raise ValueError(f"{table.name}: no row satisfies {asked}")
    return table if kept.all() else table.part(kept)


def _satisfied(table: RawTable, one: Condition) -> np.ndarray:
    column = table.columns[one.column]
    if one.sign in ("=", "!="):
        same = np.array([_same(value, one.values) for value in column], dtype=bool)
        return same if one.sign == "=" else ~same
    found = numbers(table, one.column)
    return np.asarray(_SIGNS[one.sign](found, float(one.values[0])) & np.isfinite(found))


def _same(value: Any, wanted: tuple[str, ...]) -> bool:
    """Whether a cell is one of the values: as texts, as patterns (``crows_*``), or as numbers (``0`` is ``0.0``)."""
    text = "" if value is None else str(value)
    if text in wanted or any("*" in word and fnmatch.fnmatchcase(text, word) for word in wanted):
        return True
    number = _number(text)
    return number is not None and any(_number(word) == number for word in wanted)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def texts(table: RawTable, name: str) -> np.ndarray:
    """Return a column as texts, (n,) str array; nothing is an empty text."""
    return np.array([_text(cell) for cell in table.columns[name]], dtype=str)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    whole = isinstance(cell, (float, np.floating)) and float(cell).is_integer()
    return str(int(cell)) if whole else str(cell).strip()


def numbers(table: RawTable, name: str, factor: float = 1.0) -> np.ndarray:
    """Return a column as numbers, (n,) float64; NaN where the file has nothing.

    Raises
    ------
    ValueError
        If a cell is no number; the row is named, the header not counted.
    """
    found = np.empty(table.size)
    for place, cell in enumerate(table.columns[name]):
        if cell is None or (isinstance(cell, str) and cell.strip() in MISSING):
            found[place] = np.nan
            continue
        number = _number(cell)
        if number is None:
            raise ValueError(f"{table.name}: {name} must be a number, got {shown(cell)} in row {place + 1}")
        found[place] = number
    return found * factor if factor != 1.0 else found
