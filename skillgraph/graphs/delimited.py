"""Lists of text-skill pairs as delimited text: which columns, whether there is a header, and every broken rule."""

from __future__ import annotations

import csv
import io
import itertools
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["MISSING", "Columns", "column_names", "parse_delimited"]

_TEXT, _SKILL = "text", "skill"
MISSING = frozenset({"", "nan", "NaN", "NAN", "Nan"})
_INTEGER = re.compile("0|-?[1-9][0-9]{0,17}")
_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, eq=False)
class Columns:
    """Texts and skills of the rows of a table, numbered by first appearance.

    Attributes
    ----------
    texts, skills : (rows,) integer arrays
    num_texts, num_skills : int
    text_names, skill_names : tuple or None
    blank_lines : int
    text_column, skill_column : str or None
    """

    texts: np.ndarray
    skills: np.ndarray
    num_texts: int
    num_skills: int
    text_names: tuple[str | int, ...] | None = None
    skill_names: tuple[str | int, ...] | None = None
    blank_lines: int = 0
    text_column: str | None = None
    skill_column: str | None = None


def column_names(path: str, names: list[str], text_column: str | None, skill_column: str | None) -> tuple[str, str]:
    """Choose the columns of texts and skills.

    Those asked for, else those named text and skill. In a table of two the one not asked for is the other, and where
    no column is asked for and neither has such a name, the first holds the texts.

    Raises
    ------
    ValueError
        If a column is missing, named twice, or none can be chosen.
    """
    text, skill = text_column or _named(names, _TEXT), skill_column or _named(names, _SKILL)
    if len(names) == 2 and text is None and skill is None:
        text, skill = names
    if len(names) == 2 and text_column is not None and skill is None and text in names:
        skill = names[1 - names.index(text)]
    if len(names) == 2 and skill_column is not None and text is None and skill in names:
        text = names[1 - names.index(skill)]
    shown = ", ".join(f'"{name}"' for name in names)
    for side, name in ((_TEXT, text), (_SKILL, skill)):
        if name is None:
            raise ValueError(f'{path}: no column named "{side}" among {shown}; choose one with {side}_column')
        if names.count(name) != 1:
            times = "no column" if name not in names else "more than one column"
            raise ValueError(f'{path}: {times} named "{name}" among {shown}; choose one with {side}_column')
    assert text is not None
    assert skill is not None
    if text == skill:
        raise ValueError(f'{path}: texts and skills must come from two columns, got "{text}" for both')
    return text, skill


def parse_delimited(
    content: str,
    path: str,
    delimiter: str,
    text_column: str | None = None,
    skill_column: str | None = None,
    header: bool | None = None,
) -> Columns:
    """Parse delimited text; parameters as in `skillgraph.graphs.tables.read_graph`.

    Raises
    ------
    ValueError
        If the table is empty, a row has too few or too many fields, or a field is empty or NaN.
    """
    lines = _Lines(content, path, delimiter)
    rows = iter(lines)
    first = next(rows, None)
    if first is None:
        raise ValueError(f"{path}: a table needs at least one text-skill pair, got an empty file")
    fields = [field.strip() for field in first]
    if header is None and (text_column or skill_column or {_TEXT, _SKILL} & {name.lower() for name in fields}):
        header = True
    if header:
        names = column_names(path, fields, text_column, skill_column)
        places = (fields.index(names[0]), fields.index(names[1]))
        sides = _numbered(rows, lines, len(fields), places)
        return _columns(path, sides, names, lines.blank_lines)
    if text_column or skill_column:
        raise ValueError(f'{path}: without a header no column can be named "{text_column or skill_column}"')
    if len(fields) != 2:
        shown = ", ".join(f'"{field}"' for field in fields)
        remedy = "in a wider table name two columns of the header with text_column and skill_column"
        raise lines.error(f"a row must have 2 fields, got {len(fields)} ({shown}); {remedy}")
    sides = _numbered(itertools.chain([first], rows), lines, 2, (0, 1))
    if header is None and _looks_like_header(sides):
        return _columns(
            path, (_without_first(sides[0]), _without_first(sides[1])), (fields[0], fields[1]), lines.blank_lines
        )
    return _columns(path, sides, None, lines.blank_lines)


class _Lines:
    """Rows of delimited text that are not blank; counts the blank ones and knows the line for a complaint."""

    def __init__(self, content: str, path: str, delimiter: str) -> None:
        self._reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
        self._path = path
        self.blank_lines = 0

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for row in self._reader:
                if not row or (len(row) == 1 and not row[0].strip()):
                    self.blank_lines += 1
                else:
                    yield row
        except csv.Error as error:
            raise self.error(f"a row must be well formed ({error})") from None

    def error(self, rule: str) -> ValueError:
        return ValueError(f"{self._path}, line {self._reader.line_num}: {rule}")


@dataclass(frozen=True, eq=False)
class _Side:
    """One column: its labels by first appearance, and the number of the label in every row."""

    labels: list[str]
    numbers: np.ndarray


def _numbered(rows: Iterable[list[str]], lines: _Lines, width: int, places: tuple[int, int]) -> tuple[_Side, _Side]:
    """Number the labels of both columns by first appearance, row by row."""
    text_place, skill_place = places
    text_ids: dict[str, int] = {}
    skill_ids: dict[str, int] = {}
    texts, skills = array("q"), array("q")
    for row in rows:
        if len(row) != width:
            raise lines.error(f"a row must have {width} fields, got {len(row)}")
        text, skill = row[text_place].strip(), row[skill_place].strip()
        if text in MISSING or skill in MISSING:
            side, field = (_TEXT, text) if text in MISSING else (_SKILL, skill)
            raise lines.error(f'a {side} must have a name, got "{field}"')
        texts.append(text_ids.setdefault(text, len(text_ids)))
        skills.append(skill_ids.setdefault(skill, len(skill_ids)))
    return _Side(list(text_ids), _whole(texts)), _Side(list(skill_ids), _whole(skills))


def _whole(numbers: array[int]) -> np.ndarray:
    return np.frombuffer(numbers, dtype=np.int64) if numbers else np.empty(0, np.int64)


def _looks_like_header(sides: tuple[_Side, _Side]) -> bool:
    """Whether the first row names the columns: see `skillgraph.graphs.tables.read_graph`."""
    for side in sides:
        numbers = side.numbers
        if numbers.size < 2 or np.any(numbers[1:] == 0):
            return False
        first, second = side.labels[0], side.labels[1]
        if _INTEGER.fullmatch(first) or (_DIGITS.search(first) and _DIGITS.sub("0", first) == _DIGITS.sub("0", second)):
            return False
    return True


def _without_first(side: _Side) -> _Side:
    return _Side(side.labels[1:], side.numbers[1:] - 1)


def _columns(path: str, sides: tuple[_Side, _Side], names: tuple[str, str] | None, blank_lines: int) -> Columns:
    texts, skills = sides
    if texts.numbers.size == 0:
        raise ValueError(f"{path}: a table needs at least one text-skill pair, got no row below the header")
    return Columns(
        texts.numbers,
        skills.numbers,
        len(texts.labels),
        len(skills.labels),
        _integers_if_all(texts.labels),
        _integers_if_all(skills.labels),
        blank_lines,
        *(names or (None, None)),
    )


def _integers_if_all(labels: list[str]) -> tuple[str | int, ...]:
    """Return labels as integers where every one is the usual text of an integer."""
    if all(map(_INTEGER.fullmatch, labels)):
        return tuple(map(int, labels))
    return tuple(labels)


def _named(names: list[str], wanted: str) -> str | None:
    """Return the column of that name, in any case of letters."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.lower() == wanted), None)
