"""Limits of E(N, P, K) as data and model grow together, in closed form or as one fixed point: nothing is extrapolated.

A text of one skill teaches whatever else is known, so a skill asked for with frequency p is learned once N p grows
without end, and stays unknown once it vanishes. With fixed frequencies every skill is learned as N and P grow. With
skills that grow with P (p_i proportional to i^(-s), s <= 1) only N p_i counts. Along N = r P and with t the share of
frequency of the skills more popular, N p = r (1 - s) t^(-s/(1-s)), so the loss is the largest fixed point of

    q = int_0^1 exp(-r (1 - s) t^(-s/(1-s)) Phi(1 - q)) dt,

Phi(y) = sum_d d w_d y^(d-1). For s = 1 the frequency of ranks up to P^theta is theta: what lies below the edge of what
N texts reach is known, and the limit comes as slowly as a logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skillgraph.ensembles.quadrature import half_line_nodes
from skillgraph.limits.maps import LearningMap
from skillgraph.limits.surface import SkillModel

__all__ = ["ExactLimit", "exact_power_ray", "exact_ratio_ray", "iterated_limit", "ray_map"]

_LOG_DEEP = 36.0  # -log of the frequency that quadrature leaves out
_LOG_NOTHING = np.log(745.0)  # exp(-745) is the smallest number


@dataclass(frozen=True)
class ExactLimit:
    """A limit and the reason for it."""

    value: float
    why: str


_STUCK = ExactLimit(0.0, "no text has one skill: learning never starts")
_ALL = ExactLimit(1.0, "every skill is met without end")


def iterated_limit(model: SkillModel, data_before_model: bool) -> ExactLimit:
    """Return the limit in data and model one after the other; where steps come in does not matter.

    Parameters
    ----------
    model : SkillModel
    data_before_model : bool
        Whether the data size grows first.
    """
    if not _starts(model):
        return _STUCK
    if data_before_model or not model.skills_grow:
        return _ALL
    return ExactLimit(0.0, "the texts are spread over ever more skills")


def exact_ratio_ray(model: SkillModel, ratio: float) -> ExactLimit:
    """Return the limit of E(N, P, infinity) along N = ratio * P."""
    if not _starts(model):
        return _STUCK
    if not model.skills_grow:
        return _ALL
    if model.popularity.exponent == 1:
        return ExactLimit(1.0, "approached logarithmically")
    exponent = model.popularity.exponent
    how = "the same at every P" if exponent == 0 else f"approached like P^-{1 - exponent:g}"
    return ExactLimit(1 - ray_map(model, ratio).limit, f"fixed point, {how}")


def exact_power_ray(model: SkillModel, exponent: float) -> ExactLimit:
    """Return the limit of E(N, P, infinity) along P = N^exponent."""
    if not _starts(model):
        return _STUCK
    if not model.skills_grow or exponent < 1:
        return _ALL
    if model.popularity.exponent == 1:
        return ExactLimit(1 / exponent, "the skills of rank below N, approached logarithmically")
    if exponent == 1:
        return exact_ratio_ray(model, 1.0)
    return ExactLimit(0.0, "the texts are spread over ever more skills")


def ray_map(model: SkillModel, ratio: float) -> LearningMap:
    """Return the learning map of the limit along N = ratio * P, for skills that grow with P and an exponent below 1.

    Parameters
    ----------
    model : SkillModel
    ratio : float
        N / P.
    """
    exponent, law = model.popularity.exponent, model.skills_per_text
    least = ratio * (1 - exponent) * law.mean * float(law.edge(0.0))
    frequency, share = _frequencies(exponent, least)
    frequency = ratio * (1 - exponent) * frequency

    def rule(q: np.ndarray) -> np.ndarray:
        reach = law.mean * law.edge_complement(q)
        return np.exp(-reach[..., None] * frequency) @ share

    def rule_slope(q: np.ndarray) -> np.ndarray:
        reach, grown = law.mean * law.edge_complement(q), law.mean * law.edge_complement(q, 1)
        return grown * (np.exp(-reach[..., None] * frequency) @ (share * frequency))

    return LearningMap(rule, rule_slope, 1.0, model.damping, f"E along N/P = {ratio:g}")


def _frequencies(exponent: float, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return t^(-s/(1-s)) at points t in (0, 1) and their weights, as far as exp(-least times it) is not 0."""
    if exponent == 0:
        return np.ones(1), np.ones(1)
    steepness = exponent / (1 - exponent)
    deepest = min(_LOG_DEEP, max(_LOG_NOTHING - np.log(least), 0.0) / steepness)
    stretch = max(1.0, steepness)
    points, weights = half_line_nodes(max(deepest * stretch, 1e-9))
    depth = points / stretch
    return np.exp(steepness * depth), weights / stretch * np.exp(-depth)


def _starts(model: SkillModel) -> bool:
    """Whether texts of one skill start learning."""
    return float(model.skills_per_text.edge(0.0)) > 0
