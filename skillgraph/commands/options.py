"""Options that commands share: how an ensemble, a count, a grid or an output file is written on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import KEYS, parse_ensemble

__all__ = [
    "COUNT",
    "FIGURE",
    "GRID",
    "SHARE",
    "TABLE",
    "ensemble_from",
    "ensemble_options",
    "learner_options",
    "output_options",
]

Command = TypeVar("Command", bound=Callable[..., Any])

FIGURE_SUFFIXES = (".pdf", ".png", ".svg")
_LARGEST_GRID = 1_000_000
_ENSEMBLE_OPTIONS = ("--skills-per-text", "--skill-popularity", "--texts-per-skill", "--ldpc", "--lambda", "--rho")


class _Count(click.ParamType):  # type: ignore[type-arg]
    """A positive integer, also written 1e6."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = _number(value, param)
        if not (number.is_integer() and 1 <= number <= 2**62):
            raise click.UsageError(f"{_name(param)} must be a positive integer, got {value}")
        return int(number)


class _Share(click.ParamType):  # type: ignore[type-arg]
    """A number from 0 to 1."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = _number(value, param)
        if not 0 <= number <= 1:
            raise click.UsageError(f"{_name(param)} must lie in [0, 1], got {value}")
        return number


class _Grid(click.ParamType):  # type: ignore[type-arg]
    """START:STOP:COUNT (evenly spaced), a comma-separated list, or one number; never decreasing."""

    name = "grid"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> np.ndarray:
        if isinstance(value, np.ndarray):
            return value
        grid = self._range(value, param) if ":" in value else self._list(value, param)
        if np.any(grid < 0):
            raise click.UsageError(f"{_name(param)} must not be negative, got {value}")
        if np.any(np.diff(grid) <= 0):
            raise click.UsageError(f"{_name(param)} must increase from point to point, got {value}")
        return grid

    def _range(self, value: str, param: click.Parameter | None) -> np.ndarray:
        words = value.split(":")
        if len(words) != 3:
            raise click.UsageError(f'{_name(param)} must have the form START:STOP:COUNT, got "{value}"')
        start, stop = (_number(word, param) for word in words[:2])
        count = COUNT.convert(words[2], param, None)
        if count > _LARGEST_GRID:
            raise click.UsageError(f"{_name(param)} must have at most {_LARGEST_GRID} points, got {count}")
        if count == 1 and start != stop:
            raise click.UsageError(f"{_name(param)} from {words[0]} to {words[1]} needs at least 2 points, got 1")
        return np.linspace(start, stop, count)

    def _list(self, value: str, param: click.Parameter | None) -> np.ndarray:
        return np.array([_number(word, param) for word in value.split(",")])


class _Output(click.ParamType):  # type: ignore[type-arg]
    """A file that can be written: its folder exists and its ending is known; checked before any work."""

    name = "file"

    def __init__(self, suffixes: tuple[str, ...]) -> None:
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if path.suffix.lower() not in self.suffixes:
            endings = ", ".join(self.suffixes)
            raise click.UsageError(f'{_name(param)} must end in one of {endings}, got "{value}"')
        if path.is_dir() or not path.parent.is_dir():
            raise click.UsageError(f'{_name(param)} cannot be written: "{path.parent}" is no folder with room for it')
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise click.UsageError(f'{_name(param)} cannot be written: no permission for "{value}"')
        return path


COUNT, SHARE, GRID = _Count(), _Share(), _Grid()
FIGURE, TABLE = _Output(FIGURE_SUFFIXES), _Output((".csv",))


def _number(value: Any, param: click.Parameter | None) -> float:
    try:
        number = float(value)
    except ValueError:
        raise click.UsageError(f'{_name(param)} must be a number, got "{value}"') from None
    if not np.isfinite(number):
        raise click.UsageError(f"{_name(param)} must be finite, got {value}")
    return number


def _name(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "value"


def ensemble_options(command: Command) -> Command:
    """Add the options that name an ensemble."""
    for option in reversed(
        [
            click.option("--skills-per-text", metavar="LAW", help="Degree law of texts, e.g. poisson:6, fixed:3."),
            click.option("--skill-popularity", metavar="LAW", help="uniform (default) or zipf:EXPONENT."),
            click.option("--texts-per-skill", metavar="LAW", help="Degree law of skills: configuration ensemble."),
            click.option("--ldpc", metavar="L,R", help="Regular LDPC ensemble, e.g. 3,6."),
            click.option("--lambda", "lambda_", metavar="POLYNOMIAL", help='Irregular LDPC, "0.2*x+0.8*x^2".'),
            click.option("--rho", metavar="POLYNOMIAL", help='Irregular LDPC, "x^5".'),
        ]
    ):
        command = option(command)
    return command


def learner_options(command: Command) -> Command:
    """Add ``--learner`` and ``--known``."""
    known = click.option("--known", type=SHARE, default=0.0, help="Share of skills known beforehand (default 0).")
    learner = click.option(
        "--learner", type=COUNT, default=1, metavar="D", help="Unknown skills one text can teach (default 1)."
    )
    return learner(known(command))


def output_options(command: Command) -> Command:
    """Add ``--json``, ``--csv FILE`` and ``--figure FILE``."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON with full precision.")
    csv = click.option("--csv", "csv_path", type=TABLE, metavar="FILE", help="Write a table.")
    figure = click.option("--figure", "figure_path", type=FIGURE, metavar="FILE", help="Draw a .pdf, .svg or .png.")
    return as_json(csv(figure(command)))


def ensemble_from(
    skills_per_text: str | None,
    skill_popularity: str | None = None,
    texts_per_skill: str | None = None,
    ldpc_pair: str | None = None,
    lambda_: str | None = None,
    rho: str | None = None,
) -> Ensemble:
    """Build the ensemble that the options name; see `parse_ensemble`."""
    given = (skills_per_text, skill_popularity, texts_per_skill, ldpc_pair, lambda_, rho)
    return parse_ensemble(dict(zip(KEYS, given, strict=True)), names=dict(zip(KEYS, _ENSEMBLE_OPTIONS, strict=True)))
