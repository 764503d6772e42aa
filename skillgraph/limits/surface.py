"""The surface E(N, P, K) by theory: data size N, model size P, training steps K.

Skill i is asked for with frequency p_i and texts draw skills by the same frequencies; N texts need d skills with
probability w_d. A model of capacity P can hold the P most popular skills. With Phi(y) = sum_d d w_d y^(d-1),

    T(q) = sum_{i <= P} p_i exp(-N p_i Phi(1 - q)) + sum_{i > P} p_i,    E(N, P, K) = 1 - q_K:

a skill stays unknown while none of its texts, Poisson in number, has all its other skills known.
E is the share of known skills weighted by how often they are asked for, 1 - E the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from skillgraph.checks import count
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import Popularity, parse_popularity
from skillgraph.ensembles.frequencies import held_skills
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.limits.maps import LearningMap, checked_damping
from skillgraph.limits.places import Points, points_at
from skillgraph.records import Record
from skillgraph.records.frames import Grid
from skillgraph.theory.mastery import MasteryMap

__all__ = [
    "SkillModel",
    "Surface",
    "learning_map",
    "performance",
    "skill_model",
    "theory_surface",
]

READINGS = ("capacity", "depth")


class SkillModel(Record):
    """What E(N, P, K) is computed for; make one with `skill_model`.

    Attributes
    ----------
    skills_per_text : DegreeLaw
    popularity : Popularity
        Zipf exponent s: p_i proportional to i^(-s), tail exponent a = s - 1. With ``size`` None there are infinitely
        many skills if s > 1; otherwise there are as many skills as the model holds (skills grow with P).
    damping : float
        eta: probability that a skill looks at its texts in one step.
    reading : {"capacity", "depth"}
        P is the number of skills that can be held; or the number of blocks T that one step passes through.
    """

    skills_per_text: DegreeLaw
    popularity: Popularity
    damping: float = 1.0
    reading: str = "capacity"
    derived: ClassVar[tuple[str, ...]] = ("model_size_means", "steps_mean")

    @property
    def model_size_means(self) -> str:
        """What P stands for."""
        if self.reading == "depth":
            return "depth: one step passes through P blocks T"
        if self.skills_grow:
            return "capacity: the model holds all P skills there are (skills grow with P)"
        return "capacity: the model holds the P most popular skills"

    @property
    def steps_mean(self) -> str:
        """What K stands for."""
        if self.damping == 1:
            return "rounds: in each step every skill looks at all its texts"
        return f"steps: in each step a skill looks at its texts with probability {self.damping:g}"

    @property
    def skills_grow(self) -> bool:
        """Whether there are exactly as many skills as the model can hold."""
        return self.popularity.measured is None and self.popularity.size is None and self.popularity.exponent <= 1


def skill_model(
    skills_per_text: str | DegreeLaw,
    popularity: str | Popularity = "uniform",
    *,
    num_skills: int | None = None,
    damping: float = 1.0,
    reading: str = "capacity",
) -> SkillModel:
    """Return a model of E(N, P, K).

    Parameters
    ----------
    skills_per_text : str or DegreeLaw
        For example ``"pmf:1=0.5,2=0.3,3=0.2"``.
    popularity : str or Popularity
        ``"uniform"`` or ``"zipf:EXPONENT"``.
    num_skills : int, optional
        Skills that exist, at least 1; infinitely many (Zipf exponent above 1) or as many as P if omitted.
    damping : float
        eta, in (0, 1].
    reading : {"capacity", "depth"}

    Returns
    -------
    SkillModel

    Raises
    ------
    ValueError
        If a parameter is out of range, or depth is asked for while skills grow with P.

    Examples
    --------
    >>> skill_model('pmf:1=0.5,2=0.5', num_skills=50).damping
    1.0
    """
    law, law_of_skills = parse_law(skills_per_text), parse_popularity(popularity)
    if not law.mean > 0:
        raise ValueError(f'skills per text must have a positive mean, got "{law}"')
    if num_skills is not None:
        law_of_skills = Popularity(law_of_skills.exponent, law_of_skills.measured, count("num_skills", num_skills))
    if reading not in READINGS:
        raise ValueError(f'reading of the model size must be "capacity" or "depth", got "{reading}"')
    model = SkillModel(law, law_of_skills, checked_damping(damping), reading)
    if reading == "depth" and model.skills_grow:
        raise ValueError("with the model size read as depth the number of skills must be given: num_skills")
    return model


def learning_map(model: SkillModel, data_size: float, model_size: float) -> LearningMap:
    """Return the one-line map T of (N, P); with P read as depth, of N alone."""
    capacity = model_size if model.reading == "capacity" else float(model.popularity.size or 2**50)
    one = MasteryMap(model.skills_per_text, held_skills(model.popularity, capacity), data_size)
    return LearningMap(one.step, one.slope, 1.0, model.damping, f"E(N={data_size:g}, P={model_size:g})")


def performance(model: SkillModel, data_size: float, model_size: float, steps: float) -> float:
    """Return E(N, P, K) at one point; ``steps`` may be infinite.

    Parameters
    ----------
    model : SkillModel
    data_size, model_size, steps : float
        N, P and K.

    Returns
    -------
    float

    Examples
    --------
    >>> model = skill_model('pmf:1=0.5,2=0.5', 'zipf:1.5')
    >>> round(performance(model, 1000, 100, 20), 4)
    0.9072
    """
    return float(theory_surface(model, points_at([data_size], [model_size], [steps])).performance[0])


class Surface(Record):
    """E at places, by theory or by simulation.

    Attributes
    ----------
    model : SkillModel
    points : Points
    performance : (n,) float64 array
        E.
    standard_error : (n,) float64 array or None
        Of the mean over graphs; None for theory.
    source : {"theory", "simulation"}
    replicates : int
        Graphs per place, 0 for theory.
    """

    model: SkillModel
    points: Points
    performance: np.ndarray
    standard_error: np.ndarray | None
    source: str
    replicates: int = 0
    keys: ClassVar[Mapping[str, str]] = {"points": "places"}

    @property
    def loss(self) -> np.ndarray:
        """1 - E, (n,) float64."""
        return 1 - self.performance

    def headline(self) -> Mapping[str, Any]:
        """Return the places and both ends of the surface."""
        where = self.points
        places = {"data sizes": where.data_size, "model sizes": where.model_size, "steps": where.steps}
        sizes = {name: np.unique(values) for name, values in places.items()}
        return (
            {"model": self.model, "source": self.source, "replicates": self.replicates}
            | sizes
            | {"performance": self.performance}
        )

    def columns(self) -> Mapping[str, Any]:
        """Return one row per place."""
        where = self.points
        places = {"data": where.data_size, "model": where.model_size, "steps": where.steps}
        return places | self._values()

    def grid(self) -> Grid | None:
        """Return the performance over data size, model size and steps; None where the places are no grid."""
        where, over = self.points, ("data", "model", "steps")
        if len(where.shape) != len(over):
            return None
        sizes = (where.data_size, where.model_size, where.steps)
        axes = {
            name: np.moveaxis(values.reshape(where.shape), place, 0).reshape(where.shape[place], -1)[:, 0]
            for place, (name, values) in enumerate(zip(over, sizes, strict=True))
        }
        return axes, {name: (over, one.reshape(where.shape)) for name, one in self._values().items()}

    def _values(self) -> dict[str, np.ndarray]:
        error = {} if self.standard_error is None else {"standard_error": self.standard_error}
        return {"performance": self.performance, "loss": self.loss} | error


def theory_surface(model: SkillModel, where: Points) -> Surface:
    """Compute E at places by iterating the one-line map.

    Parameters
    ----------
    model : SkillModel
    where : Points

    Returns
    -------
    Surface

    Examples
    --------
    >>> model = skill_model('pmf:1=0.5,2=0.5', 'zipf:1.5')
    >>> from skillgraph.limits.places import grid_points
    >>> theory_surface(model, grid_points([100, 1000], [50], [10])).performance.round(4).tolist()
    [0.811, 0.8881]
    """
    out = np.empty(where.data_size.size)
    for _, places in runs(where):
        q = learning_map(model, where.data_size[places[0]], where.model_size[places[0]])
        out[places] = 1 - states_after(q, rounds_at(model, where, places))
    return Surface(model, where, out, None, "theory")


def runs(where: Points) -> list[tuple[tuple[float, float], np.ndarray]]:
    """Group places by (N, P): one map or one graph serves all its K."""
    pairs = list(zip(where.data_size.tolist(), where.model_size.tolist(), strict=True))
    order = sorted(range(len(pairs)), key=pairs.__getitem__)
    return [(pair, np.array(list(group))) for pair, group in groupby(order, key=pairs.__getitem__)]


def rounds_at(model: SkillModel, where: Points, places: np.ndarray) -> np.ndarray:
    """Return the rounds run at places: K, or P times K with P read as depth."""
    steps = where.steps[places]
    return steps if model.reading == "capacity" else steps * where.model_size[places]


def states_after(learning: LearningMap, rounds: np.ndarray) -> np.ndarray:
    """Return the states of a map after several numbers of rounds, infinity included."""
    finite = np.isfinite(rounds)
    out = np.empty(rounds.size)
    if np.any(finite):
        last = int(rounds[finite].max())
        out[finite] = learning.trajectory(last)[rounds[finite].astype(np.int64)]
    if not np.all(finite):
        out[~finite] = learning.limit
    return out
