"""Limits of E(N, P, K) in every order and along rays: do they agree?"""

from __future__ import annotations

from itertools import permutations
from typing import TypeAlias

import numpy as np

from skillgraph.limits import verdicts
from skillgraph.limits.surface import Points, SkillModel, points_at, power_ray, ratio_ray, theory_surface
from skillgraph.limits.verdicts import LimitVerdict
from skillgraph.records import Record
from skillgraph.statistics.sequences import Extrapolation, extrapolate

__all__ = ["LimitStudy", "iterated_limits", "joint_limit", "ladder_limit", "limit_study", "ray_limit"]

Order: TypeAlias = tuple[str, ...]

AXES = ("data", "model", "steps")
_LADDER = 4.0
_RUNGS, _FURTHER = 8, 7  # rungs of the outer ladder, and how many more the inner one has
_ROUNDS = 2 ** np.arange(9)
_CHOSEN = 2e-3  # limits so close are the same


def iterated_limits(model: SkillModel) -> dict[Order, LimitVerdict]:
    """Compute the six iterated limits of E(N, P, K) by theory.

    Every limit is taken along a ladder of factor 4, the inner ladder far beyond the outer one. Along such a ladder an
    algebraic approach is geometric and can be extrapolated; K to infinity taken first is the exact fixed point.

    Returns
    -------
    dict
        Order, innermost limit first, for example ("steps", "data", "model"), to its verdict.
    """
    cubes = {outer: _cube(model, outer) for outer in ("data", "model")}
    return {order: _nested(cubes, order) for order in permutations(AXES)}


def _cube(model: SkillModel, outer: str) -> np.ndarray:
    """E on the ladders of data, model and steps (the last entry of steps is infinity); ``outer`` gets the short one."""
    short = _rungs(model)
    rungs = {axis: short if axis == outer else short + _FURTHER for axis in ("data", "model")}
    data, sizes = (_LADDER ** np.arange(1, rungs[axis] + 1) for axis in ("data", "model"))
    if model.reading == "depth":
        sizes = 2.0 ** np.arange(rungs["model"])
    steps = np.append(_ROUNDS.astype(float), np.inf)
    mesh = [m.ravel() for m in np.meshgrid(data, sizes, steps, indexing="ij")]
    found = theory_surface(model, points_at(*mesh)).performance
    return np.asarray(found.reshape(data.size, sizes.size, steps.size))


def _rungs(model: SkillModel) -> int:
    """Return the rungs of a ladder that passes the number of skills, if that is finite and fixed."""
    popularity = model.popularity
    existing = popularity.size if popularity.measured is None else len(popularity.measured)
    return max(_RUNGS, int(np.ceil(np.log(existing or 1) / np.log(_LADDER))) + 4)


def _nested(cubes: dict[str, np.ndarray], order: Order) -> LimitVerdict:
    """Take the limits of a cube one after another, innermost first."""
    outer = [axis for axis in order if axis != "steps"][-1]
    block, error = cubes[outer], 0.0
    remaining = list(AXES)
    path = ", then ".join(f"{axis} to infinity" for axis in order)
    for axis in order:
        place = remaining.index(axis)
        if axis == "steps" and order[0] == "steps":
            block = np.take(block, -1, axis=place)
        else:
            lines = block if axis != "steps" else np.take(block, range(_ROUNDS.size), axis=place)
            taken = _limits_along(lines, place)
            if taken is None:
                return LimitVerdict(verdicts.OPEN, None, None, f"the limit of {axis} cannot be extrapolated", path)
            block, more = taken
            error += more
        remaining.remove(axis)
    value = float(block)
    interval = max(value - error, 0.0), min(value + error, 1.0)
    return LimitVerdict(verdicts.EXISTS, value, interval, f"{path}: {value:.4f}", path)


def _limits_along(block: np.ndarray, axis: int) -> tuple[np.ndarray, float] | None:
    """Extrapolate every line of a block along one axis; None if one of them has no limit."""
    lines = np.moveaxis(block, axis, -1)
    flat = lines.reshape(-1, lines.shape[-1])
    found = [ladder_limit(line) for line in flat]
    if any(one.value is None for one in found):
        return None
    values = np.array([one.value for one in found], dtype=float).reshape(lines.shape[:-1])
    return values, max(one.half_width for one in found)


def ladder_limit(line: np.ndarray) -> Extrapolation:
    """Extrapolate values on a geometric ladder of sizes; a line that has stopped moving is its own limit."""
    found = extrapolate(line)
    if found.value is not None and found.interval is not None:
        value, low, high = (float(np.clip(v, 0, 1)) for v in (found.value, *found.interval))
        return Extrapolation(value, (low, high), found.method, found.rate, found.reason)
    if abs(line[-1] - line[-2]) < _CHOSEN / 4 and abs(line[-2] - line[-3]) < _CHOSEN / 4:
        last, reach = float(line[-1]), 3 * abs(float(line[-1] - line[-3]))
        return Extrapolation(last, (last - reach, last + reach), "last value", found.rate, "hardly moves")
    return found


def ray_limit(model: SkillModel, *, ratio: float | None = None, exponent: float | None = None) -> LimitVerdict:
    """Compute the limit of E(N, P, infinity) along N = ratio * P or P = N^exponent.

    Raises
    ------
    ValueError
        If not exactly one of ratio and exponent is given.
    """
    if (ratio is None) == (exponent is None):
        raise ValueError("a ray is given by its ratio N/P or by the exponent of P = N^s: name one of them")
    rungs = _rungs(model) + _FURTHER
    ladder = _LADDER ** np.arange(2, int(rungs / min(exponent or 1.0, 1.0)) + 1)
    where: Points
    if ratio is not None:
        where, path = ratio_ray(ratio, ladder), f"N/P = {ratio:g}"
    else:
        assert exponent is not None
        where, path = power_ray(exponent, ladder), f"P = N^{exponent:g}"
    found = ladder_limit(theory_surface(model, where).performance)
    if found.value is None:
        return LimitVerdict(verdicts.OPEN, None, None, f"{path}: {found.reason}", path)
    return LimitVerdict(
        verdicts.EXISTS, found.value, found.interval, f"{path}: {found.value:.4f} ({found.method})", path
    )


def joint_limit(
    iterated: dict[Order, LimitVerdict], rays: list[LimitVerdict], tolerance: float = _CHOSEN
) -> LimitVerdict:
    """Conclude from iterated limits and rays whether a joint limit can exist.

    Parameters
    ----------
    iterated : dict
        Result of `iterated_limits`.
    rays : list of LimitVerdict
        Results of `ray_limit`.
    tolerance : float
        Values so close are the same.
    """
    every = [*iterated.values(), *rays]
    known = [verdict for verdict in every if verdict.value is not None]
    values = np.array([verdict.value for verdict in known], dtype=float)
    if values.size and np.ptp(values) > tolerance:
        least, most = known[int(np.argmin(values))], known[int(np.argmax(values))]
        on_rays = [verdict.value for verdict in rays if verdict.value is not None]
        off = "no joint limit off rays" if on_rays and np.ptp(on_rays) > tolerance else "no joint limit"
        sentence = f"{off}: {least.value:.4f} along [{least.path}], {most.value:.4f} along [{most.path}]"
        return LimitVerdict(verdicts.PATH, None, (float(values.min()), float(values.max())), sentence, "all")
    if len(known) < len(every):
        return LimitVerdict(verdicts.OPEN, None, None, f"{len(every) - len(known)} paths have no decided limit", "all")
    middle = float(np.median(values))
    sentence = f"the limits commute and agree on every path tried: {middle:.4f}"
    return LimitVerdict(verdicts.EXISTS, middle, (float(values.min()), float(values.max())), sentence, "all")


class LimitStudy(Record):
    """Iterated limits, rays and the conclusion for one model."""

    iterated: dict[Order, LimitVerdict]
    rays: tuple[LimitVerdict, ...]
    joint: LimitVerdict


def limit_study(
    model: SkillModel, ratios: tuple[float, ...] = (0.25, 1.0, 4.0), exponents: tuple[float, ...] = (0.5, 0.8, 1.25)
) -> LimitStudy:
    """Run `iterated_limits`, `ray_limit` along ratios and exponents, and `joint_limit`.

    Parameters
    ----------
    model : SkillModel
    ratios : tuple of float
        Rays N = ratio P.
    exponents : tuple of float
        Rays P = N^exponent.

    Returns
    -------
    LimitStudy

    Examples
    --------
    >>> from skillgraph.limits.surface import skill_model
    >>> study = limit_study(skill_model('pmf:1=0.5,2=0.5', num_skills=50), (1.0,), (1.0,))
    >>> len(study.rays)
    2
    """
    iterated = iterated_limits(model)
    rays = [ray_limit(model, ratio=ratio) for ratio in ratios]
    rays += [ray_limit(model, exponent=exponent) for exponent in exponents]
    return LimitStudy(iterated, tuple(rays), joint_limit(iterated, rays))
