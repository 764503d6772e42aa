"""Levels, task and scale written down in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.checks import grid_of, shown
from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.levels.dag import Curriculum, read_curriculum
from skillgraph.levels.model import PUBLISHED, Convention, LevelModel, Task, level_weights, levels, task
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.objectives import expected_learned
from skillgraph.optimal.published import published_learned
from skillgraph.optimal.sizes import optimal_sizes
from skillgraph.records import Record

__all__ = ["LevelsSpec", "ScaleRow", "read_spec"]

_KEYS = {
    "": {"levels", "task", "scale", "costs", "convention", "curriculum"},
    "levels": {"count", "composite_skills", "links", "prerequisites", "skills_per_text"},
    "task": {"weights", "subtask_sizes", "subtask_weights"},
    "scale": {"compute", "num_skills", "texts_per_skill_ratio"},
    "costs": {
        "parameters_per_skill",
        "tokens_per_text",
        "training_flops",
        "inference_tokens",
        "inference_flops",
        "unique_texts",
    },
    "convention": {"tail", "pairs", "needs", "cliques"},
    "curriculum": {"table", "moments"},
}


class ScaleRow(Record):
    """A row of growing sizes: (scales,) float64 arrays; ``compute`` is None for sizes given directly."""

    num_skills: np.ndarray
    num_texts: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    compute: np.ndarray | None


@dataclass(frozen=True, eq=False)
class LevelsSpec:
    """What a file asks for; ``model``, ``task`` and ``scale`` are None in a file with a curriculum only."""

    model: LevelModel | None
    task: Task | None
    scale: ScaleRow | None
    convention: Convention
    curriculum: Curriculum | None
    moments: Mapping[str, float]


def read_spec(path: str | Path, *, published: bool = False) -> LevelsSpec:
    """Read and check a file.

    Parameters
    ----------
    path : str or Path
        TOML; see docs/levels.md.
    published : bool
        Published conventions, and the published finite-size law for compute-optimal sizes.

    Returns
    -------
    LevelsSpec

    Raises
    ------
    ValueError
        If the file is no TOML, has unknown keys, or breaks a rule of levels, task or scale.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, 'levels.toml').write_text('''[levels]
    ... composite_skills = 1000
    ... links = [4, 8]
    ... [scale]
    ... num_skills = [1e4, 1e5]
    ... texts_per_skill_ratio = 1.0''')
    ...     spec = read_spec(f'{folder}/levels.toml')
    >>> len(spec.model.levels)
    2
    """
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not a TOML file: {error}") from None
    _check_keys(content, path)
    try:
        return _spec(content, path, published)
    except TypeError as error:
        raise ValueError(f"{path}: a value is of the wrong kind: {error}") from None


def _spec(content: Mapping[str, Any], path: str | Path, published: bool) -> LevelsSpec:
    how = PUBLISHED if published else Convention(**content.get("convention", {}))
    model = asked = row = None
    if "levels" in content or "curriculum" not in content:
        model = _model(content.get("levels", {}), path)
        asked = _task(content.get("task", {}), len(model.levels))
        row = _scale(content.get("scale", {}), content.get("costs", {}), model.skills_per_text, published)
    table, moments = None, {}
    if "curriculum" in content:
        given = content["curriculum"]
        if "table" not in given:
            raise ValueError(f'{path}: [curriculum] needs table = "FILE.csv"')
        table = read_curriculum(Path(path).parent / given["table"])
        moments = {name: float(value) for name, value in given.get("moments", {}).items()}
    return LevelsSpec(model, asked, row, how, table, moments)


def _check_keys(content: Mapping[str, Any], path: str | Path) -> None:
    unknown = sorted(set(content) - _KEYS[""])
    if unknown:
        raise ValueError(f"{path}: unknown table [{unknown[0]}], known are {', '.join(sorted(_KEYS['']))}")
    for name, table in content.items():
        if not isinstance(table, Mapping):
            raise ValueError(f"{path}: {name} must be a table [{name}]")
        extra = sorted(set(table) - _KEYS[name])
        if extra:
            raise ValueError(f"{path}: unknown key {extra[0]} in [{name}], known are {', '.join(sorted(_KEYS[name]))}")


def _model(given: Mapping[str, Any], path: str | Path) -> LevelModel:
    for key in ("composite_skills", "links"):
        if key not in given:
            raise ValueError(f"{path}: [levels] must say {key}")
    links = given["links"]
    count = given.get("count", len(links) if isinstance(links, list) else None)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"{path}: [levels] must say count, at least 1, unless links is a list, got {count}")
    needs = _row(given.get("prerequisites", 0), count, "prerequisites")
    sizes = given["composite_skills"]
    return levels(sizes, _row(links, count, "links"), needs, _mean(given.get("skills_per_text", 6.0), path))


def _mean(value: Any, path: str | Path) -> float:
    """Return the mean skills per text, Poisson."""
    texts = parse_ensemble({"skills_per_text": value})
    if not texts.independent_edges:
        raise ValueError(f'{path}: [levels] needs Poisson skills_per_text, got "{value}"')
    return texts.skills_per_text.mean


def _row(value: Any, count: int, name: str) -> list[int]:
    """Read one number, a list, ``exponential:RATE`` (round(e^(rate l))) or ``log2`` (round(log2 l)), l = 1, 2, ..."""
    place = np.arange(1, count + 1)
    if isinstance(value, list):
        return [int(v) for v in value] if all(isinstance(v, int) for v in value) else _no_row(value, name)
    if isinstance(value, int):
        return [value] * count
    if value == "log2":
        return [int(v) for v in np.rint(np.log2(place))]
    word, _, rate = str(value).partition(":")
    if word == "exponential":
        try:
            return [int(v) for v in np.rint(np.exp(float(rate) * place))]
        except (ValueError, OverflowError):
            return _no_row(value, name)
    return _no_row(value, name)


def _no_row(value: Any, name: str) -> list[int]:
    raise ValueError(f'{name} must be an integer, a list of them, "exponential:RATE" or "log2", got "{value}"')


def _task(given: Mapping[str, Any], count: int) -> Task:
    weights = given.get("weights", [1 / count] * count)
    row = level_weights(weights, count) if isinstance(weights, str) else np.asarray(weights, dtype=float)
    if row.shape != (count,):
        raise ValueError(f"weights must be one number per level, {count}, got {row.size}")
    return task(row, given.get("subtask_sizes", [1]), given.get("subtask_weights"))


def _scale(given: Mapping[str, Any], costs: Mapping[str, Any], mean: float, published: bool) -> ScaleRow:
    cost = CostModel(**{name: float(value) for name, value in costs.items()})
    if ("compute" in given) == ("num_skills" in given):
        raise ValueError("[scale] must say either compute, or num_skills with texts_per_skill_ratio")
    if "compute" in given:
        objective = (
            published_learned(mean) if published else expected_learned(parse_ensemble({"skills_per_text": mean}))
        )
        best = optimal_sizes(objective, cost, _sizes(given["compute"], "compute"))
        return ScaleRow(best.num_skills, best.num_texts, best.parameters, best.tokens, best.compute)
    ratio = given.get("texts_per_skill_ratio")
    if not isinstance(ratio, (int, float)) or not 0 < ratio < np.inf:
        raise ValueError(f"texts_per_skill_ratio must be a positive number, got {ratio}")
    skills = _sizes(given["num_skills"], "num_skills")
    texts = ratio * skills
    return ScaleRow(skills, texts, skills * cost.parameters_per_skill, texts * cost.tokens_per_text, None)


def _sizes(value: Any, name: str) -> np.ndarray:
    """Read a grid of positive sizes: a text, a list or one number."""
    grid = grid_of(value, name)
    if not grid[0] > 0:
        raise ValueError(f"{name} must be positive, got {shown(value)}")
    return grid
