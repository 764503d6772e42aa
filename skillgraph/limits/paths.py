"""Limits of E(N, P, K) in every order and along rays: do they agree?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np

from skillgraph.checks import positive
from skillgraph.limits import verdicts
from skillgraph.limits.exact_limits import ExactLimit, exact_power_ray, exact_ratio_ray, iterated_limit
from skillgraph.limits.surface import SkillModel
from skillgraph.limits.verdicts import LimitVerdict
from skillgraph.records import Record

__all__ = ["LimitStudy", "iterated_limits", "joint_limit", "limit_study", "ray_limit"]

Order: TypeAlias = tuple[str, ...]

AXES = ("data", "model", "steps")
_CHOSEN = 2e-3  # limits so close are the same


def iterated_limits(model: SkillModel) -> dict[Order, LimitVerdict]:
    """Return the six iterated limits of E(N, P, K); see `skillgraph.limits.exact_limits`.

    Returns
    -------
    dict
        Order, innermost limit first, for example ("steps", "data", "model"), to its verdict.
    """
    found = {}
    for order in permutations(AXES):
        path = ", then ".join(f"{axis} to infinity" for axis in order)
        found[order] = _exact(iterated_limit(model, order.index("data") < order.index("model")), path)
    return found


def _exact(limit: ExactLimit, path: str) -> LimitVerdict:
    value = limit.value
    return LimitVerdict(verdicts.EXISTS, value, (value, value), f"{path}: {value:.4f} ({limit.why})", path)


def ray_limit(model: SkillModel, *, ratio: float | None = None, exponent: float | None = None) -> LimitVerdict:
    """Return the limit of E(N, P, infinity) along N = ratio * P or P = N^exponent.

    Raises
    ------
    ValueError
        If not exactly one of ratio and exponent is given, or it is not positive.
    """
    if (ratio is None) == (exponent is None):
        raise ValueError("a ray is given by its ratio N/P or by the exponent of P = N^s: name one of them")
    if ratio is not None:
        return _exact(exact_ratio_ray(model, positive("ratio of a ray", ratio)), f"N/P = {ratio:g}")
    assert exponent is not None
    return _exact(exact_power_ray(model, positive("exponent of a ray", exponent)), f"P = N^{exponent:g}")


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

    def headline(self) -> Mapping[str, Any]:
        """Return the joint limit and every path."""
        paths = {
            one.path.replace(" to infinity", ""): one.kind if one.value is None else one.value for one in self._paths()
        }
        return {"joint limit": f"{self.joint.kind}: {self.joint.sentence}"} | paths

    def columns(self) -> Mapping[str, Any]:
        """Return one row per path."""
        names, paths = ("path", "kind", "value", "sentence"), (*self._paths(), self.joint)
        found = {name: [getattr(one, name) for one in paths] for name in names}
        ends = [(None, None) if one.interval is None else one.interval for one in paths]
        return found | {"low": [low for low, _ in ends], "high": [high for _, high in ends]}

    def _paths(self) -> tuple[LimitVerdict, ...]:
        return (*self.iterated.values(), *self.rays)


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
