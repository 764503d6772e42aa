"""Experiments: compute numbers, compare them with what must come out, draw them.

An experiment is a Python file with a docstring that states what is computed, what is drawn and which numbers must
match, and with three functions::

    def compute(quick: bool) -> dict      # every number that is drawn or checked, JSON-able; "seed" where one is used
    def checks(numbers: dict) -> list[Check]
    def draw(numbers: dict) -> Figure     # from the numbers alone

The figure is drawn from the numbers after they have been through JSON, so ``figures/NAME.json`` is all it takes to
draw it again.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from skillgraph.figures import style as plotting
from skillgraph.records import Record, plain, write_csv, write_whole
from skillgraph.version import __version__

__all__ = ["Check", "MissingDataError", "Reproduction", "Reproductions", "available", "folder", "reproduce"]


class Check(Record):
    """One number that must come out.

    Attributes
    ----------
    quantity : str
        What is compared, with its parameters.
    expected, ours : float
    tolerance : float
        Largest accepted absolute difference.
    source : str
        Where ``expected`` comes from.
    """

    quantity: str
    expected: float
    ours: float
    tolerance: float
    source: str = ""
    derived: ClassVar[tuple[str, ...]] = ("difference", "holds")

    @property
    def difference(self) -> float:
        """Ours minus expected."""
        return self.ours - self.expected

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance."""
        return bool(np.abs(self.difference) <= self.tolerance)


class MissingDataError(Exception):
    """An experiment's real data are not on this machine; the message says where they were looked for."""


class Reproduction(Record):
    """A reproduced experiment: its checks and the files written."""

    name: str
    checks: tuple[Check, ...]
    files: tuple[Path, ...]
    derived: ClassVar[tuple[str, ...]] = ("holds",)

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


class Reproductions(Record):
    """What the command ``reproduce`` found.

    Attributes
    ----------
    available : dict or None
        Name of every experiment to what it computes, where nothing was reproduced.
    reproduced : tuple of Reproduction
        Experiments whose data are missing are left out.
    """

    available: dict[str, str] | None
    reproduced: tuple[Reproduction, ...]


def folder() -> Path:
    """Return the folder of the experiments: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    inside = package / "experiments"
    return inside if inside.is_dir() else package.parent / "experiments"


def available() -> dict[str, str]:
    """Return the name of every experiment and the first line of its docstring."""
    paths = sorted(path for path in folder().glob("*.py") if not path.name.startswith("_"))
    return {path.stem: (_load(path.stem).__doc__ or "").strip().split("\n")[0] for path in paths}


def reproduce(name: str, output: Path, *, quick: bool = False, published: bool = False) -> Reproduction:
    """Run one experiment and write NAME.json, NAME.csv, NAME.pdf and NAME.png.

    Parameters
    ----------
    name : str
        A name of `available`.
    output : Path
        Folder for the files, made if missing.
    quick : bool
        Small sizes, minutes for all experiments together; the numbers are then noisier and tolerances wider.
    published : bool
        Check the published mode only, of an experiment that computes a published figure as printed and corrected.

    Raises
    ------
    ValueError
        If there is no such experiment, or it has no published mode.
    MissingDataError
        If its real data are not on this machine.
    """
    module, name = _load(name), name.replace("-", "_")
    if published and '"published:' not in inspect.getsource(module):
        raise ValueError(f'experiment "{name}" has no published mode: leave out --published')
    numbers = json.loads(json.dumps({"seed": None, **plain(module.compute(quick))}, allow_nan=False))
    results = tuple(c for c in module.checks(numbers) if not published or c.quantity.startswith("published:"))
    output.mkdir(parents=True, exist_ok=True)
    record = {"name": name, "version": __version__, "quick": quick, "numbers": numbers}
    files = [_write_json(output / f"{name}.json", record), _write_table(output / f"{name}.csv", results)]
    with plotting.style():
        drawn = module.draw(numbers)
        files += [_write_figure(output / f"{name}{suffix}", drawn) for suffix in (".pdf", ".png")]
    return Reproduction(name, results, tuple(files))


def _load(name: str) -> ModuleType:
    name = name.replace("-", "_")
    path = folder() / f"{name}.py"
    if not name.isidentifier() or not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder().glob("*.py") if not p.name.startswith("_")))
        raise ValueError(f'unknown experiment "{name}": known are all, {known}')
    spec = importlib.util.spec_from_file_location(f"skillgraph_experiment_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write_json(path: Path, record: dict[str, Any]) -> Path:
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    return _written(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _write_table(path: Path, results: tuple[Check, ...]) -> Path:
    columns = ("quantity", "expected", "ours", "difference", "tolerance", "holds", "source")
    rows = [(c.quantity, c.expected, c.ours, c.difference, c.tolerance, c.holds, c.source) for c in results]
    write_csv(path, columns, rows)
    return path


def _write_figure(path: Path, drawn: Any) -> Path:
    return _written(path, lambda temporary: plotting.save(drawn, temporary))


def _written(path: Path, write: Callable[[Path], Any]) -> Path:
    write_whole(path, write)
    return path
