"""How a record shows itself: a few aligned lines in a terminal, a table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from html import escape
from typing import Any

import numpy as np

__all__ = ["block", "html_table", "number", "short"]

_WIDTH, _LINES = 110, 21
_ONE_LINE = 88
_FEW = 4


def block(name: str, headline: Mapping[str, Any]) -> str:
    """Return a record as text: one line if it is small, else a name and aligned lines; at most one screen."""
    shown = _shown(headline)
    line = f"{name}({', '.join(f'{label}={text}' for label, text in shown.items()).replace(' =', '=')})"
    if len(line) <= _ONE_LINE and not any(_is_many(value) for value in headline.values()):
        return line
    width = max((len(label) for label in shown), default=0)
    lines = [_cut(f"  {label:<{width}}  {text}", _WIDTH) for label, text in shown.items()]
    more = [] if len(lines) <= _LINES else [f"  and {len(lines) - _LINES + 1} more"]
    return "\n".join([name, *lines[: _LINES - len(more)], *more])


def html_table(name: str, headline: Mapping[str, Any]) -> str:
    """Return a record as an HTML table, everything escaped."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(label)}</th><td style="text-align:left">{escape(text)}</td></tr>'
        for label, text in _shown(headline).items()
    )
    caption = f'<caption style="text-align:left"><b>{escape(name)}</b></caption>'
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def _shown(headline: Mapping[str, Any]) -> dict[str, str]:
    """Return label and short text of what there is to say; a reason that is not there is not shown."""
    return {str(label): short(value) for label, value in headline.items() if not (value is None and "reason" in label)}


def short(value: Any) -> str:  # noqa: PLR0911
    """Return a value in at most one line."""
    if value is None:
        return "-"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Mapping):
        return _cut(", ".join(f"{key}: {short(item)}" for key, item in value.items()) or "none", _WIDTH)
    if isinstance(value, (list, tuple)):
        return _row(value)
    if is_dataclass(value) and hasattr(value, "headline"):
        told = ", ".join(f"{label} {text}" for label, text in _shown(value.headline()).items())
        return _cut(f"{type(value).__name__}({told})", _WIDTH)
    return _cut(" ".join(str(value).split()), _WIDTH)


def number(value: float) -> str:
    """Return a number with six digits."""
    return f"{value:.6g}"


def _array(value: np.ndarray) -> str:
    """Return the shape of an array, its first and its last value."""
    flat = value.ravel()
    if value.ndim == 1 and value.size <= _FEW:
        return ", ".join(short(one) for one in flat) or "none"
    ends = f": {short(flat[0])}, ..., {short(flat[-1])}" if flat.size else ""
    return f"{' x '.join(map(str, value.shape))} values{ends}"


def _row(value: Sequence[Any]) -> str:
    if not value:
        return "none"
    if len(value) <= _FEW:
        return _cut(", ".join(map(short, value)), _WIDTH)
    half = _WIDTH // 2 - 10
    return f"{len(value)} values: {_cut(short(value[0]), half)}, ..., {_cut(short(value[-1]), half)}"


def _is_many(value: Any) -> bool:
    return isinstance(value, (np.ndarray, Mapping)) or is_dataclass(value) or (isinstance(value, tuple) and value != ())


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
