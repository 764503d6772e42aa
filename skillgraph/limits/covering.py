"""Model size as depth: blocks passed one after another condense a cloud of states, and how many balls cover it.

A model of depth P passes a state through P blocks T_1, ..., T_P (the same block, or one per layer: skill levels as
depth). On a graph a block is one round of message passing and a state is a row of bits, one per edge; distances are
shares of differing bits. In theory a state is a number q. The covering number of a cloud at radius e is the least
number of balls that hold it; a block of Lipschitz number L maps a cover of radius e/L to one of radius e, which bounds
how fast the cloud can spread and, for L < 1, how fast it condenses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skillgraph.checks import count, mask_of
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.limits.damage import message_round
from skillgraph.limits.lipschitz import lipschitz_numbers
from skillgraph.limits.maps import LearningMap
from skillgraph.records import Record

__all__ = ["Condensing", "condense", "condense_on_graph", "covering_number"]


class Condensing(Record):
    """A cloud of states, depth by depth.

    Attributes
    ----------
    radius : float
    covering : (depth + 1,) int64 array
        Balls of that radius that cover the cloud.
    spread : (depth + 1,) float64 array
        Largest distance between two states.
    bound : (depth + 1,) float64 array or None
        Largest covering number that the Lipschitz numbers of the blocks allow; theory only.
    """

    radius: float
    covering: np.ndarray
    spread: np.ndarray
    bound: np.ndarray | None

    @property
    def condenses(self) -> bool:
        """Whether one ball covers the whole cloud in the end."""
        return bool(self.covering[-1] == 1)


def condense(blocks: Sequence[LearningMap], radius: float, *, states: int = 401) -> Condensing:
    """Pass an interval of states through blocks.

    Parameters
    ----------
    blocks : sequence of LearningMap
        One per layer; repeat one for a homogeneous model.
    radius : float
        In q.
    states : int
        States spread evenly over [0, start] of the first block.

    Returns
    -------
    Condensing
        `covering` counts the balls that cover the cloud's interval pieces greedily; `bound` is
        ceil(width * Lip(T_1) ... Lip(T_k) / (2 radius)).
    """
    if not blocks:
        raise ValueError("a model needs at least 1 block, got none")
    _checked_radius(radius)
    cloud = np.linspace(0, blocks[0].start, states)
    steepest = {id(block): lipschitz_numbers(block, ()).global_number for block in blocks}
    covering, spread, bound = (
        [_interval_cover(cloud, radius)],
        [float(np.ptp(cloud))],
        [float(covering_bound(cloud, radius, 1.0))],
    )
    stretch = 1.0
    for block in blocks:
        before = np.ptp(cloud)
        cloud = block.step(cloud)
        stretch *= steepest[id(block)]
        covering.append(_interval_cover(cloud, radius))
        spread.append(float(np.ptp(cloud)))
        bound.append(covering_bound(np.array([0.0, spread[0]]), radius, stretch))
        assert spread[-1] <= before * steepest[id(block)] * (1 + 1e-9)
    return Condensing(radius, np.array(covering), np.array(spread), np.array(bound))


def covering_bound(cloud: np.ndarray, radius: float, stretch: float) -> float:
    """Return the balls that suffice for an interval stretched by at most ``stretch``."""
    return float(max(1.0, np.ceil(np.ptp(cloud) * stretch / (2 * radius) - 1e-9)))


def condense_on_graph(
    graph: SkillTextGraph,
    known_skills: np.ndarray,
    *,
    depth: int,
    states: int,
    radius: float,
    rng: np.random.Generator,
) -> Condensing:
    """Pass a cloud of random states through rounds of message passing on one graph.

    State j starts with every message unknown with probability j / (states - 1), independently, unless its skill is
    known beforehand.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array
        Skills known beforehand, the same in all states.
    depth : int
        Rounds.
    states : int
        At least 2.
    radius : float
        Share of differing messages.
    rng : numpy.random.Generator
    """
    _checked_radius(radius)
    depth, states = count("depth", depth), count("states", states, least=2)
    rows = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    hidden = ~mask_of("known_skills", known_skills, graph.num_skills)[graph.text_skills]
    cloud = np.array([hidden & (rng.random(graph.num_edges) < share) for share in np.linspace(0, 1, states)])
    covering, spread = [], []
    for layer in range(depth + 1):
        distances = _distances(cloud)
        covering.append(covering_number(distances, radius))
        spread.append(float(distances.max()))
        if layer < depth:
            cloud = np.array([message_round(graph, rows, hidden, state) for state in cloud])
    return Condensing(radius, np.array(covering), np.array(spread), None)


def covering_number(distances: np.ndarray, radius: float) -> int:
    """Return how many balls around states cover a cloud, by farthest-point search.

    Parameters
    ----------
    distances : (n, n) float64 array
    radius : float

    Returns
    -------
    int
        At most the covering number at half the radius, at least the one at this radius.

    References
    ----------
    Gonzalez (1985), doi:10.1016/0304-3975(85)90224-5.
    """
    nearest = distances[0].copy()
    balls = 1
    while float(nearest.max()) > radius:
        nearest = np.minimum(nearest, distances[int(np.argmax(nearest))])
        balls += 1
    return balls


def _distances(cloud: np.ndarray) -> np.ndarray:
    """Return shares of differing bits between all pairs, (n, n) float64."""
    bits = cloud.astype(np.float32)
    ones = cloud.sum(axis=1).astype(float)
    common = (bits @ bits.T).astype(float)
    return np.maximum(ones[:, None] + ones - 2 * common, 0) / cloud.shape[1]


def _interval_cover(cloud: np.ndarray, radius: float) -> int:
    """Return the fewest intervals of length 2 radius that hold every state."""
    balls, end = 0, -np.inf
    for state in np.sort(cloud):
        if state > end:
            balls, end = balls + 1, float(state) + 2 * radius
    return balls


def _checked_radius(radius: float) -> None:
    if not 0 < radius < np.inf:
        raise ValueError(f"radius must be positive and finite, got {radius}")
