"""Options that commands share: how an ensemble, a count, a grid or an output file is written on the command line."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from skillgraph import checks

if TYPE_CHECKING:
    from skillgraph.ensembles.ensemble import Ensemble

__all__ = [
    "COUNT",
    "COUNT_OR_ZERO",
    "FIGURE",
    "GRID",
    "SEED",
    "SHARE",
    "TABLE",
    "ensemble_from",
    "ensemble_options",
    "gathered",
    "learner_options",
    "option",
    "output_options",
    "seed_of",
]

Command = TypeVar("Command", bound=Callable[..., Any])

FIGURE_SUFFIXES = (".pdf", ".png", ".svg")
Option = tuple[str, dict[str, Any]]


def option(written: str, **arguments: Any) -> Option:
    """Return how an option is written, with the arguments of ``click.option``; for `gathered`."""
    return written, arguments


_ENSEMBLE = {
    "skills_per_text": option("--skills-per-text", metavar="LAW", help="Degree law of texts, e.g. poisson:6, fixed:3."),
    "skill_popularity": option("--skill-popularity", metavar="LAW", help="uniform (default) or zipf:EXPONENT."),
    "texts_per_skill": option("--texts-per-skill", metavar="LAW", help="Degree law of skills: configuration ensemble."),
    "ldpc": option("--ldpc", metavar="L,R", help="Regular LDPC ensemble, e.g. 3,6."),
    "lambda_edges": option("--lambda", metavar="POLYNOMIAL", help='Irregular LDPC, "0.2*x+0.8*x^2".'),
    "rho_edges": option("--rho", metavar="POLYNOMIAL", help='Irregular LDPC, "x^5".'),
}


class _Checked(click.ParamType):  # type: ignore[type-arg]
    """A text that ``skillgraph.checks`` reads; what is wrong is told with the name of the option."""

    def __init__(self, name: str, read: Callable[[str, Any], Any]) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.read(_name(param), value)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def _number(name: str, value: Any) -> int | float:
    """Return a number, an integer in digits exactly."""
    if not isinstance(value, str):
        return float(value) if isinstance(value, bool) else value
    return int(value) if value.strip().removeprefix("-").isdecimal() else checks.parse_number(value, name)


def _grid(name: str, value: Any) -> np.ndarray:
    grid = value if isinstance(value, np.ndarray) else checks.parse_grid(value, name)
    if np.any(grid < 0):
        raise ValueError(f"{name} must not be negative, got {checks.shown(value)}")
    return grid


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


COUNT = _Checked("count", lambda name, value: checks.count(name, _number(name, value)))
COUNT_OR_ZERO = _Checked("count", lambda name, value: checks.count(name, _number(name, value), least=0))
SEED = _Checked("seed", lambda name, value: checks.seed_of(_number(name, value), name))
SHARE = _Checked("share", lambda name, value: checks.share(name, _number(name, value)))
GRID = _Checked("grid", _grid)
FIGURE, TABLE = _Output(FIGURE_SUFFIXES), _Output((".csv",))


def _name(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "value"


def ensemble_options(command: Command) -> Command:
    """Add the options that name an ensemble; the command is handed those that were given, by key, as ``named``."""
    return gathered("named", _named, _ENSEMBLE)(command)


def _named(**given: str | None) -> dict[str, str]:
    return {key: value for key, value in given.items() if value is not None}


def ensemble_from(named: Mapping[str, str]) -> Ensemble:
    """Return the ensemble that options name; see `parse_ensemble`."""
    from skillgraph.ensembles.parsing import parse_ensemble

    return parse_ensemble(named, names={key: words[0] for key, words in _ENSEMBLE.items()})


def gathered(into: str, gather: Callable[..., Any], options: Mapping[str, Option]) -> Callable[[Command], Command]:
    """Return a decorator that adds options and hands the command one value made of them.

    Parameters
    ----------
    into : str
        Parameter of the command.
    gather : callable
        Called with the value of every option, by its key.
    options : mapping
        Key to `option`, in the order in which help shows them.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def called(**values: Any) -> Any:
            own = {key: values.pop(key) for key in options}
            return command(**values, **{into: gather(**own)})

        for key, (written, arguments) in reversed(list(options.items())):
            called = click.option(written, key, **arguments)(called)
        return called  # type: ignore[return-value]

    return decorate


def seed_of(seed: int | None, replicates: int | None) -> int:
    """Return the seed of a simulation, or say that one is missing, or that there is nothing to draw with it."""
    if replicates is None and seed is not None:
        raise click.UsageError("--seed goes with --replicates: without a simulation nothing is drawn")
    if replicates is not None and seed is None:
        raise click.UsageError("--replicates needs --seed: same seed, same numbers")
    return seed or 0


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
