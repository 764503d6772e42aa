"""Resources of the adjacent possible: factors that slow innovation, caps that end it.

    M' = (1 - mu) M + step(f rate(M)),   f = architecture x training x context,   R = min_j R_j

where the step is cut at the cap (*hard*), or fills the room R - (1 - mu) M at a falling rate, room (1 - exp(-step /
room)) (*saturating*); both maps rise with M, so every path settles. The plain logistic factor, step (1 - M / R), jumps
over the cap as soon as the step is large and need not settle; it is here to show that.

A number of items M is at rest when f equals the *balance factor*

    Q(M) = mu M / rate(M) below a hard cap,   Q(M) = room ln(1 + mu M / (R - M)) / rate(M) with a saturating one.

Where Q falls the equilibrium is unstable (a tipping point), where it rises it is stable, and its minimum is the fold:
below it no stock of items survives.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from skillgraph.adjacent_possible.deterministic import extinction_of, start_of
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.checks import count
from skillgraph.records import Record

__all__ = ["Cap", "Resources", "combined", "constrained_first_beyond", "constrained_trajectory"]

Cap = Literal["hard", "saturating", "logistic"]
CAPS = ("hard", "saturating", "logistic")


class Resources(Record):
    """What innovation has at its disposal.

    Parameters
    ----------
    architecture, training, context : float
        Factors in [0, 1] that multiply the new items of a step.
    architecture_cap, training_cap, context_cap : float
        R_j: items that each resource can carry, inf without limit.
    kind : {"hard", "saturating", "logistic"}
        How the smallest cap acts.

    Raises
    ------
    ValueError
        If a factor is outside [0, 1], a cap below 1, or the kind unknown.
    """

    architecture: float = 1.0
    training: float = 1.0
    context: float = 1.0
    architecture_cap: float = math.inf
    training_cap: float = math.inf
    context_cap: float = math.inf
    kind: Cap = "hard"

    def __post_init__(self) -> None:
        for name in ("architecture", "training", "context"):
            factor = float(getattr(self, name))
            if not 0 <= factor <= 1:
                raise ValueError(f"{name} factor must lie in [0, 1], got {factor:g}")
            cap = float(getattr(self, f"{name}_cap"))
            if not cap >= 1:
                raise ValueError(f"{name} cap must be at least 1 item, got {cap:g}")
        if self.kind not in CAPS:
            raise ValueError(f'kind of cap must be "hard", "saturating" or "logistic", got "{self.kind}"')

    @property
    def factor(self) -> float:
        """Product of the three factors."""
        return self.architecture * self.training * self.context

    @property
    def cap(self) -> float:
        """R, the smallest cap."""
        return min(self.architecture_cap, self.training_cap, self.context_cap)

    @property
    def scarcest(self) -> str | None:
        """The resource with the smallest cap; None without a cap."""
        caps = {
            "architecture": self.architecture_cap,
            "training": self.training_cap,
            "context": self.context_cap,
        }
        return None if math.isinf(self.cap) else min(caps, key=lambda name: caps[name])

    def require_room(self, items: float) -> None:
        """Raise if the cap lies below the number of items at the start."""
        if self.cap < items:
            raise ValueError(f"the cap must be at least M0 = {items:g}, got {self.cap:g} ({self.scarcest})")


def combined(first: Resources, second: Resources) -> Resources:
    """Return both constraints at once: factors multiply, the smaller cap counts.

    Raises
    ------
    ValueError
        If their caps act in different ways.
    """
    if first.kind != second.kind:
        raise ValueError(f'caps that act together must be of one kind, got "{first.kind}" and "{second.kind}"')
    return Resources(
        first.architecture * second.architecture,
        first.training * second.training,
        first.context * second.context,
        min(first.architecture_cap, second.architecture_cap),
        min(first.training_cap, second.training_cap),
        min(first.context_cap, second.context_cap),
        first.kind,
    )


def constrained_trajectory(
    innovation: Innovation, items: float, extinction: float, resources: Resources, *, steps: int
) -> np.ndarray:
    """Iterate the adjacent possible under constraints.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1 and at most the cap.
    extinction : float
        mu in [0, 1).
    resources : Resources
    steps : int
        Number of steps, at least 0.

    Returns
    -------
    (steps + 1,) float64 array
        inf beyond double precision, which needs a missing cap.

    Raises
    ------
    ValueError
        If ``items`` < 1 or above the cap, ``extinction`` is outside [0, 1) or ``steps`` negative.
    """
    start, mu, number = start_of(items), extinction_of(extinction), count("steps", steps, least=0)
    resources.require_room(start)
    path = np.empty(number + 1)
    path[0] = start
    for step in range(number):
        path[step + 1] = advance(innovation, mu, resources, float(path[step]))
    return path


def constrained_first_beyond(
    innovation: Innovation,
    items: float,
    extinction: float,
    resources: Resources,
    *,
    bound: float,
    most_steps: int = 1_000_000,
) -> int | None:
    """Return the first step with more than ``bound`` items, None if the path settles or turns back below it.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1 and at most the cap.
    extinction : float
        mu in [0, 1).
    resources : Resources
    bound : float
    most_steps : int
        Where to give up.

    Raises
    ------
    ValueError
        If ``items`` < 1 or above the cap, or ``extinction`` is outside [0, 1).
    """
    number, mu = start_of(items), extinction_of(extinction)
    resources.require_room(number)
    for step in range(most_steps + 1):
        if number > bound:
            return step
        after = advance(innovation, mu, resources, number)
        if after <= number and resources.kind != "logistic":
            return None
        number = after
    return None


def advance(innovation: Innovation, mu: float, resources: Resources, items: float) -> float:
    """Return the number of items one step later."""
    kept = (1 - mu) * items
    if resources.factor == 0:
        return kept
    gain, cap = resources.factor * innovation.rate(items), resources.cap
    if math.isinf(cap):
        return kept + gain
    if resources.kind == "hard":
        return min(kept + gain, cap)
    if resources.kind == "logistic":
        return max(kept + gain * (1 - items / cap), 0.0) if items != cap else kept
    room = cap - kept
    return kept - room * math.expm1(-gain / room) if room > 0 else cap
