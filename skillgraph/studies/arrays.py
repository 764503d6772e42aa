"""results.nc: the results as labelled arrays (xarray, netCDF-4, CF attributes); needs the extra ``io``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.records import write_whole
from skillgraph.studies.standing import Standing
from skillgraph.studies.study_file import Study, axis_values
from skillgraph.version import __version__

__all__ = ["write_arrays"]

_QUANTITIES = {"": "mean", "_lower": "lower end of the interval", "_upper": "upper end of the interval"}


def write_arrays(study: Study, standing: Standing, path: Path) -> Path:
    """Write means and intervals of every measure on the grid.

    Parameters
    ----------
    study : Study
    standing : Standing
    path : Path

    Raises
    ------
    ValueError
        If xarray, h5netcdf or h5py is not installed.
    """
    try:
        import h5netcdf  # noqa: F401
        import h5py  # noqa: F401
        import xarray
    except ModuleNotFoundError as missing:
        raise ValueError(
            f'results.nc needs {missing.name}: install it with pip install "skillgraph[io]", or leave the arrays out'
        ) from None
    data = xarray.Dataset(_variables(study, standing), _coordinates(study), _attributes(study))
    write_whole(path, lambda temporary: data.to_netcdf(temporary, engine="h5netcdf"))
    return path


def _coordinates(study: Study) -> dict[str, Any]:
    found = {}
    for name, axis in {**study.grid, **study.curve}.items():
        values = axis_values(axis)
        numeric = all(isinstance(value, (int, float)) for value in values)
        array = np.array(values, dtype=float) if numeric else np.array([str(value) for value in values], dtype=object)
        found[name] = (name, array, {"long_name": name.replace("_", " "), **({"units": "1"} if numeric else {})})
    return found


def _attributes(study: Study) -> dict[str, Any]:
    return {
        "Conventions": "CF-1.11",
        "title": study.description or study.name,
        "source": f"skillgraph {__version__}",
        "comment": f"intervals of confidence {study.precision.confidence}; seed {study.seed}",
    }


def _variables(study: Study, standing: Standing) -> dict[str, Any]:
    names = [*study.grid, *study.curve]
    shape = tuple(len(axis_values(axis)) for axis in (study.grid | study.curve).values())
    found: dict[str, Any] = {}
    for name, measure in study.measures.items():
        arrays = [np.array(column, dtype=float).reshape(shape) for column in _columns(study, standing, name)]
        for (suffix, meaning), array in zip(_QUANTITIES.items(), arrays[:3], strict=True):
            what = f"{measure.description or name.replace('_', ' ')}, {meaning}"
            ancillary = {"ancillary_variables": f"{name}_lower {name}_upper {name}_replicates"} if not suffix else {}
            found[name + suffix] = (names, array, {"long_name": what, "units": measure.units, **ancillary})
        meaning = f"replicates behind {name}"
        found[f"{name}_replicates"] = (names, arrays[3].astype(np.int64), {"long_name": meaning, "units": "1"})
    return found


def _columns(study: Study, standing: Standing, name: str) -> tuple[list[float], ...]:
    """Return mean, lower, upper and replicates of one measure, points in grid order."""
    length = math.prod(len(axis_values(axis)) for axis in study.curve.values())
    columns: tuple[list[float], ...] = ([], [], [], [])
    for key in standing.points:
        seen = standing.present_look(key)
        found = None if seen is None else seen.estimates[name]
        for place in range(length):
            cells = (None, None, None, 0)
            if found is not None and found.number:
                cells = (found.mean[place], found.lower[place], found.upper[place], found.number)  # type: ignore[assignment]
            for column, cell in zip(columns, cells, strict=True):
                column.append(math.nan if cell is None else cell)
    return columns
