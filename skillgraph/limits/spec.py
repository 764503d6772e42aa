"""Specifications of ``skillgraph limits`` in TOML: model, surface, limits, dynamics, laws; one sentence per error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.checks import count, seed_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import KEYS, parse_ensemble
from skillgraph.limits.maps import LearningMap, ensemble_map
from skillgraph.limits.places import Points, grid_points, power_ray, ratio_ray
from skillgraph.limits.surface import SkillModel, skill_model

__all__ = ["DynamicsSpec", "LawsSpec", "LimitsSpec", "SurfaceSpec", "read_spec"]

_SECTIONS = ("model", "surface", "limits", "dynamics", "laws")
_KEYS = {
    "model": ("skills_per_text", "skill_popularity", "num_skills", "damping", "reading"),
    "surface": ("data", "model", "steps", "replicates", "seed"),
    "limits": ("ratios", "exponents"),
    "dynamics": (*KEYS, "texts_per_skill_ratio", "known", "learner", "rounds"),
    "laws": ("table", "columns", "where", "floor", "hold_out", "resamples", "seed"),
}


@dataclass(frozen=True, eq=False)
class SurfaceSpec:
    """Places and how often they are simulated (0: theory only)."""

    where: Points
    replicates: int
    seed: int


@dataclass(frozen=True, eq=False)
class DynamicsSpec:
    """Density evolution of one ensemble at several shares known beforehand, and how many rounds are run."""

    ensemble: Ensemble
    known: tuple[float, ...]
    rounds: int
    texts_per_skill_ratio: float | None
    learner: int

    def maps(self) -> list[LearningMap]:
        """Return one learning map per share known beforehand."""
        return [
            ensemble_map(self.ensemble, self.texts_per_skill_ratio, learner=self.learner, known=known)
            for known in self.known
        ]


@dataclass(frozen=True, eq=False)
class LawsSpec:
    """A table of losses (the surface if None) and how forms are compared on it."""

    table: Path | None
    columns: dict[str, str] | None
    where: dict[str, str | list[str]] | None
    floor: bool
    hold_out: float
    resamples: int
    seed: int


@dataclass(frozen=True, eq=False)
class LimitsSpec:
    """Everything one call of the command does; sections that were left out are None."""

    model: SkillModel | None
    surface: SurfaceSpec | None
    ratios: tuple[float, ...] | None
    exponents: tuple[float, ...] | None
    dynamics: DynamicsSpec | None
    laws: LawsSpec | None


def read_spec(path: Path) -> LimitsSpec:
    """Read and check a specification.

    Parameters
    ----------
    path : Path
        TOML file; paths in it are relative to its folder.

    Returns
    -------
    LimitsSpec

    Raises
    ------
    ValueError
        One sentence that names the file, the key, the rule and the value.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, 'limits.toml')
    ...     _ = path.write_text('''[dynamics]
    ... skills_per_text = "poisson:4"
    ... texts_per_skill_ratio = 1.0
    ... ''')
    ...     spec = read_spec(path)
    >>> spec.dynamics is not None
    True
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from None
    try:
        return _spec(content, path.parent)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def _spec(content: Mapping[str, Any], folder: Path) -> LimitsSpec:
    _check_sections(content)
    model = _model(content["model"]) if "model" in content else None
    limits = content.get("limits")
    if model is None and ("surface" in content or limits is not None):
        raise ValueError("sections surface and limits need a section [model]")
    surface = _surface(content["surface"]) if "surface" in content else None
    laws = _laws(content["laws"], folder) if "laws" in content else None
    if laws is not None and laws.table is None and surface is None:
        raise ValueError("laws need a table, or a section [surface] to be fitted to")
    return LimitsSpec(
        model,
        surface,
        _ratios(limits) if limits is not None else None,
        _positive_numbers("limits.exponents", limits.get("exponents", [])) if limits is not None else None,
        _dynamics(content["dynamics"]) if "dynamics" in content else None,
        laws,
    )


def _check_sections(content: Mapping[str, Any]) -> None:
    known = ", ".join(_SECTIONS)
    for name, section in content.items():
        if name not in _SECTIONS:
            raise ValueError(f'unknown section "{name}": known are {known}')
        if not isinstance(section, dict):
            raise ValueError(f"{name} must be a section [{name}], got {section!r}")
        for key in section:
            if key not in _KEYS[name]:
                raise ValueError(f'unknown key "{key}" in [{name}]: known are {", ".join(_KEYS[name])}')
    if not set(content) - {"model"}:
        raise ValueError("nothing to do: give at least one of the sections surface, limits, dynamics, laws")


def _model(section: Mapping[str, Any]) -> SkillModel:
    if "skills_per_text" not in section:
        raise ValueError('model.skills_per_text is missing, for example "pmf:1=0.5,2=0.3,3=0.2"')
    texts = _ensemble("model", section)
    assert texts.popularity is not None
    return skill_model(
        texts.skills_per_text,
        texts.popularity,
        num_skills=count("model.num_skills", section["num_skills"]) if "num_skills" in section else None,
        damping=_number("model.damping", section.get("damping", 1.0)),
        reading=_text("model.reading", section.get("reading", "capacity")),
    )


def _surface(section: Mapping[str, Any]) -> SurfaceSpec:
    for key in ("data", "model", "steps"):
        if key not in section:
            raise ValueError(f"surface.{key} is missing: give a list of sizes")
    axes = [_numbers(f"surface.{key}", section[key]) for key in ("data", "model", "steps")]
    replicates = count("surface.replicates", section.get("replicates", 0), least=0)
    if replicates and "seed" not in section:
        raise ValueError("surface.seed must be given for a simulation")
    if "seed" in section and not replicates:
        raise ValueError("surface.seed goes with surface.replicates: without a simulation nothing is drawn")
    return SurfaceSpec(grid_points(*axes), replicates, seed_of(section.get("seed", 0), "surface.seed"))


def _ratios(section: Mapping[str, Any]) -> tuple[float, ...]:
    return _positive_numbers("limits.ratios", section.get("ratios", [0.25, 1.0, 4.0]))


def _positive_numbers(name: str, value: Any) -> tuple[float, ...]:
    numbers = _numbers(name, value) if value else []
    for number in numbers:
        if not 0 < number < np.inf:
            raise ValueError(f"{name} must be positive and finite, got {number:g}")
    return tuple(numbers)


def _dynamics(section: Mapping[str, Any]) -> DynamicsSpec:
    ensemble, ratio = _ensemble("dynamics", section), section.get("texts_per_skill_ratio")
    known = _numbers("dynamics.known", section.get("known", [0.0]))
    if any(not 0 <= share < 1 for share in known):
        raise ValueError(f"dynamics.known must lie in [0, 1), got {known}")
    rounds = count("dynamics.rounds", section.get("rounds", 256), least=10)
    learner = count("dynamics.learner", section.get("learner", 1))
    ratio = None if ratio is None else _number("dynamics.texts_per_skill_ratio", ratio)
    return DynamicsSpec(ensemble, tuple(known), rounds, ratio, learner)


def _ensemble(name: str, section: Mapping[str, Any]) -> Ensemble:
    """Return the ensemble that a section names."""
    return parse_ensemble(
        {key: section[key] for key in KEYS if key in section}, names={key: f"{name}.{key}" for key in KEYS}
    )


def _laws(section: Mapping[str, Any], folder: Path) -> LawsSpec:
    table = folder / _text("laws.table", section["table"]) if "table" in section else None
    hold_out = _number("laws.hold_out", section.get("hold_out", 0.25))
    if not 0 < hold_out < 1:
        raise ValueError(f"laws.hold_out must lie in (0, 1), got {hold_out:g}")
    if "seed" not in section:
        raise ValueError("laws.seed must be given: fits start from random places and intervals are drawn")
    floor = section.get("floor", False)
    if not isinstance(floor, bool):
        raise ValueError(f"laws.floor must be true or false, got {floor!r}")
    for key in ("columns", "where"):
        if not isinstance(section.get(key, {}), dict):
            raise ValueError(f"laws.{key} must be a table of names, got {section[key]!r}")
    where = {k: [str(x) for x in v] if isinstance(v, list) else str(v) for k, v in section.get("where", {}).items()}
    return LawsSpec(
        table,
        section.get("columns"),
        where or None,
        floor,
        hold_out,
        count("laws.resamples", section.get("resamples", 100), least=0),
        seed_of(section["seed"], "laws.seed"),
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text in quotes, got {value!r}")
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or np.isnan(value):
        raise ValueError(f"{name} must be a number, got {value!r}")
    return float(value)


def _numbers(name: str, value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError(f"{name} must have at least one number, got none")
    return [_number(name, one) for one in values]


def rays(spec: LimitsSpec, sizes: np.ndarray) -> dict[str, Points]:
    """Return the rays of a specification at sizes, by name."""
    found = {f"N/P = {ratio:g}": ratio_ray(ratio, sizes) for ratio in spec.ratios or ()}
    return found | {f"P = N^{power:g}": power_ray(power, sizes) for power in spec.exponents or ()}
