"""What callers give at the public door: counts, shares, seeds, grids, threads; each checked in one place.

An error names the parameter, the rule and the value. A count is any integer-valued number, so ``1e5`` is one.
"""

from __future__ import annotations

import math
import operator
import os
from typing import Any

import numpy as np

__all__ = [
    "count",
    "grid_of",
    "increasing",
    "mask_of",
    "order_of",
    "parse_grid",
    "positive",
    "processors",
    "seed_of",
    "share",
    "texts_of",
    "threads_of",
]

LARGEST_COUNT = 2**62
LARGEST_GRID = 1_000_000
_SHOWN = 60  # characters of a value that a message repeats


def count(name: str, value: Any, *, least: int = 1, largest: int = LARGEST_COUNT) -> int:
    """Return an integer-valued number of least, ..., largest as an int, or say what it must be.

    Parameters
    ----------
    name : str
        Of the parameter, for the message.
    value : int or float
        Any integer-valued number; not a text.
    least, largest : int

    Raises
    ------
    ValueError
        If it is no integer or out of range.
    """
    number = _integer(value)
    if number is None or not least <= number <= largest:
        raise ValueError(f"{name} must be an integer {_between(least, largest)}, got {shown(value)}")
    return number


def _integer(value: Any) -> int | None:
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return operator.index(value)
    except TypeError:
        whole = isinstance(value, (float, np.floating)) and math.isfinite(value) and float(value).is_integer()
        return int(value) if whole else None


def _between(least: int, largest: int) -> str:
    return f"of at least {least}" if largest == LARGEST_COUNT else f"from {least} to {_short(largest)}"


def _short(number: int) -> str:
    """Write a bound: powers of ten and of two as such."""
    exponent = round(math.log10(number)) if number > 0 else 0
    return f"10^{exponent}" if exponent > 6 and number == 10**exponent else str(number)


def shown(value: Any) -> str:
    """Return a value as a message repeats it: cut where it is long."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def share(name: str, value: float) -> float:
    """Return a number of [0, 1] as a float, or say that it must be one."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {shown(value)}")
    return float(value)


def positive(name: str, value: float) -> float:
    """Return a positive finite number as a float, or say that it must be one."""
    if not _is_number(value) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {shown(value)}")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating))


def seed_of(value: Any, name: str = "seed") -> int:
    """Return a root seed, a non-negative integer of any size, or say that it must be one."""
    number = _integer(value)
    if number is None or number < 0:
        raise ValueError(f"{name} must be a non-negative integer, got {shown(value)}")
    return number


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_of(value: Any) -> int:
    """Return a number of threads: the one given, or all processors for None."""
    return processors() if value is None else count("threads", value, largest=1024)


def increasing(name: str, values: Any) -> np.ndarray:
    """Return a row of increasing integers from 0 on, (n,) int64 with n > 0, or say what it must be."""
    row = np.atleast_1d(np.asarray(values))
    signed = row.astype(np.int64) if row.dtype.kind in "iu" else row[:0]  # differences of unsigned ones never fall
    if signed.ndim != 1 or signed.size == 0 or np.any(signed < 0) or np.any(np.diff(signed) <= 0):
        raise ValueError(f"{name} must be increasing, not negative integers")
    return signed


def mask_of(name: str, values: Any, num_skills: int) -> np.ndarray:
    """Return one bool per skill, (num_skills,), or say that it must be that."""
    mask = np.ascontiguousarray(values)
    if mask.dtype != np.bool_ or mask.shape != (num_skills,):
        raise ValueError(
            f"{name} must be one bool per skill, shape ({num_skills},), got {mask.dtype} of shape {mask.shape}"
        )
    return mask


def order_of(order: Any, number: int, thing: str = "text") -> np.ndarray:
    """Return an order that names each of a number of things once, (number,) int64, or say that it must."""
    given = np.asarray(order)
    if given.shape != (number,) or (given.dtype.kind not in "iu" and number > 0):
        raise ValueError(
            f"order must be one integer per {thing}, shape ({number},), got {given.dtype} of shape {given.shape}"
        )
    seen = np.zeros(number, np.bool_)
    if number > 0 and given.min() >= 0 and given.max() < number:
        seen[given] = True
    if not seen.all():
        raise ValueError(f"order must be a permutation of the {number} {thing}s, got repeated or missing {thing}s")
    return np.ascontiguousarray(given, dtype=np.int64)


def texts_of(
    ratios: Any,
    num_skills: int,
    full_ratio: float | None,
    name: str = "texts_per_skill_ratio",
    *,
    above_zero: bool = True,
) -> np.ndarray:
    """Return the numbers of texts of a grid of texts per skill, (grid,) int64, or say what is wrong with the grid.

    Parameters
    ----------
    ratios : array-like or str
        A grid; a text is read by `parse_grid`. Finite, increasing, not negative, and, with ``above_zero``, above 0
        somewhere.
    num_skills : int
    full_ratio : float or None
        Texts per skill of a complete configuration ensemble. The sampler rounds the number of all texts, so a grid may
        end within half a text of it; None where texts can be added without end.
    name : str
        Of the parameter, for the message.

    Raises
    ------
    ValueError
        If the grid is none of that.
    """
    grid = np.atleast_1d(np.asarray(parse_grid(ratios, name) if isinstance(ratios, str) else ratios, dtype=float))
    if grid.ndim != 1 or grid.size == 0 or not np.all(np.isfinite(grid)) or grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ValueError(f"{name} must be a row of finite, non-negative, increasing numbers")
    if above_zero and grid[-1] == 0:
        raise ValueError(f"{name} must reach above 0: with zero texts there is nothing to simulate")
    texts = np.rint(grid * num_skills)
    if full_ratio is not None and texts[-1] > (full := all_texts(full_ratio, num_skills)):
        raise ValueError(
            f"{name} must not exceed {full_ratio:.6g}, where the configuration ensemble has all its texts "
            f"({full} on {num_skills} skills), got {grid[-1]:.6g}"
        )
    if texts[-1] > LARGEST_COUNT:
        raise ValueError(f"{name} must reach at most {LARGEST_COUNT} texts, got {texts[-1]:.3g}")
    return texts.astype(np.int64)


def all_texts(full_ratio: float, num_skills: int) -> int:
    """Return the number of texts of a complete configuration ensemble: at least 1, halves rounded up."""
    return max(1, int(np.floor(num_skills * full_ratio + 0.5)))


def parse_grid(text: str, name: str = "grid") -> np.ndarray:
    """Read a grid: START:STOP:COUNT evenly spaced, log:START:STOP:COUNT evenly in the logarithm, a list, or a number.

    Parameters
    ----------
    text : str
        For example ``"0.5:2.5:41"``, ``"log:1e18:1e26:9"`` or ``"1e3,1e4"``.
    name : str
        Of the parameter, for the message.

    Returns
    -------
    (n,) float64 array
        Increasing.

    Raises
    ------
    ValueError
        If the text has another form, decreases, or has more than 10^6 points.

    Examples
    --------
    >>> parse_grid("0:1:3").tolist()
    [0.0, 0.5, 1.0]
    >>> parse_grid("log:1:100:3").tolist()
    [1.0, 10.0, 100.0]
    """
    words, logarithmic = text.split(":"), text.startswith("log:")
    if len(words) == 1:
        grid = np.array([parse_number(word, name) for word in text.split(",")])
    elif len(words) != 3 + logarithmic:
        raise ValueError(f"{name} must have the form START:STOP:COUNT or log:START:STOP:COUNT, got {shown(text)}")
    else:
        grid = _range(words[logarithmic:], name, logarithmic)
    if np.any(np.diff(grid) <= 0):
        raise ValueError(f"{name} must increase from point to point, got {shown(text)}")
    return grid


def grid_of(value: Any, name: str = "grid") -> np.ndarray:
    """Return a grid given as a text (see `parse_grid`), a row of numbers or one number, (n,) float64, increasing."""
    if isinstance(value, str):
        return parse_grid(value, name)
    try:
        grid = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, or a text START:STOP:COUNT, got {shown(value)}") from None
    if grid.ndim != 1 or grid.size == 0 or not np.all(np.isfinite(grid)) or np.any(np.diff(grid) <= 0):
        raise ValueError(f"{name} must be a row of finite, increasing numbers, got {shown(value)}")
    return grid


def _range(words: list[str], name: str, logarithmic: bool) -> np.ndarray:
    start, stop = (parse_number(word, name) for word in words[:2])
    points = count(f"COUNT of {name}", parse_number(words[2], f"COUNT of {name}"))
    if points > LARGEST_GRID:
        raise ValueError(f"{name} must have at most {LARGEST_GRID} points, got {points}")
    if points == 1 and start != stop:
        raise ValueError(f"{name} from {words[0]} to {words[1]} needs at least 2 points, got 1")
    if not logarithmic:
        return np.linspace(start, stop, points)
    if not start > 0:
        raise ValueError(f"{name} must start above 0 to be evenly spaced in the logarithm, got {words[0]}")
    grid = np.geomspace(start, stop, points)
    grid[0], grid[-1] = start, stop
    return grid


def parse_number(text: str, name: str) -> float:
    """Read a finite number."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {shown(text)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {text}")
    return number
