"""Damage spreading: two runs on one graph from different starting knowledge; do they merge, and how fast.

Messages are bits on the edges of a skill-text graph. In each round a text tells a skill that it is known if all other
skills of the text are known to the text; a skill tells a text that it is unknown if it was not known beforehand and no
other text has told it. Unlike peeling this dynamics can also forget, so it can be started from anywhere: at infinite
size the share of unknown messages follows density evolution from that start. Starts are nested (the better one knows
all that the worse one knows) and the dynamics is increasing, so the distance of two runs is the difference of shares.
"""

from __future__ import annotations

import numpy as np

from skillgraph.checks import mask_of
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.records import Record

__all__ = ["DamageSpreading", "message_round", "spread_damage"]


_STUCK = 1e-3  # share of messages in small cycles that may stay different in runs that have merged


class DamageSpreading(Record):
    """Two runs on one graph.

    Attributes
    ----------
    worse, better : (rounds + 1,) float64 arrays
        Shares of unknown messages in the two runs.
    distance : (rounds + 1,) float64 array
        Share of messages in which the runs differ.
    differing : (rounds + 1,) int64 array
        Number of messages in which they differ.
    """

    worse: np.ndarray
    better: np.ndarray
    distance: np.ndarray
    differing: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """Distance after each round over the distance before it, (rounds,) float64; NaN once the runs have merged."""
        before, after = self.distance[:-1], self.distance[1:]
        return np.where(before > 0, after / np.where(before > 0, before, 1.0), np.nan)

    @property
    def merged(self) -> bool:
        """Whether the two runs ended in the same state, up to small stuck sets (one message in a thousand)."""
        return bool(self.distance[-1] <= _STUCK)

    def ratio(self, *, at_least: int = 1000, skip: int = 0) -> float | None:
        """Return the mean contraction per round while at least so many messages differ; None if it never was so.

        Parameters
        ----------
        at_least : int
            Differing messages at the end of a round that make it count: below, the ratio is noise.
        skip : int
            First rounds left out: the runs are not yet near their fixed point.
        """
        counted = np.flatnonzero(self.differing[skip:] >= at_least) + skip
        if counted.size < 2:
            return None
        last = int(counted[-1])
        return float((self.differing[last] / self.differing[skip]) ** (1 / (last - skip)))


def spread_damage(
    graph: SkillTextGraph,
    known_skills: np.ndarray,
    worse: float,
    better: float,
    *,
    rounds: int,
    rng: np.random.Generator,
) -> DamageSpreading:
    """Run message passing twice on one graph from two shares of unknown messages.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array
        Skills known beforehand; they are known in both runs.
    worse, better : float
        Shares of unknown messages at the start, of all edges; 0 <= better <= worse <= share not known beforehand.
    rounds : int
    rng : numpy.random.Generator

    Returns
    -------
    DamageSpreading

    Raises
    ------
    ValueError
        If the shares are not in order or not reachable, or ``known_skills`` has another shape.
    """
    hidden = ~mask_of("known_skills", known_skills, graph.num_skills)[graph.text_skills]
    unknown = float(np.mean(hidden))
    if not 0 <= better <= worse <= 1:
        raise ValueError(f"starts must satisfy 0 <= better <= worse <= 1, got better {better} and worse {worse}")
    rows = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    draw = rng.random(graph.num_edges)
    states = [hidden & (draw < min(1.0, share / unknown) if unknown else hidden) for share in (worse, better)]
    shares, differing = np.empty((rounds + 1, 2)), np.empty(rounds + 1, np.int64)
    for k in range(rounds + 1):
        shares[k] = [state.mean() for state in states]
        differing[k] = np.count_nonzero(states[0] != states[1])
        if k < rounds:
            states = [message_round(graph, rows, hidden, state) for state in states]
    return DamageSpreading(shares[:, 0], shares[:, 1], differing / graph.num_edges, differing)


def message_round(graph: SkillTextGraph, rows: np.ndarray, hidden: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Return the messages from skills to texts after one round.

    Parameters
    ----------
    graph : SkillTextGraph
    rows : (num_edges,) integer array
        Text of every edge.
    hidden : (num_edges,) bool array
        Whether the skill of an edge was not known beforehand.
    unknown : (num_edges,) bool array
        Messages before: the skill of an edge is unknown to its text.

    Returns
    -------
    (num_edges,) bool array
    """
    others = np.bincount(rows[unknown], minlength=graph.num_texts)[rows] - unknown
    told = others == 0
    skills = graph.text_skills
    tellers = np.bincount(skills[told], minlength=graph.num_skills)[skills] - told
    return hidden & (tellers == 0)
