"""What solving a finite system costs, in operations: callers decide by a budget, never by the clock."""

from __future__ import annotations

import math

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.exact_peeling import LOG_AMPLIFICATION
from skillgraph.theory.stopping_places import Start, amplification, single_rates, stopping_places
from skillgraph.theory.text_number import TextNumber, fixed_number

__all__ = ["NANOSECONDS_PER_OPERATION", "PLANNING", "operations"]

NANOSECONDS_PER_OPERATION = 1.0
PLANNING = 5e5  # operations that one count costs itself
_POINTS = 2048  # places that are looked at
_PER_PAIR, _PER_NODE, _PER_SKILL = 40.0, 15.0, 100.0  # renewal equation
_PER_TERM = 0.3  # banded chain: per node, state and skill of a text
_PER_CLOSING, _PER_WAY = 2.0, 20.0  # socket chain
_SPREAD = 24.0  # width of a band in standard deviations


def operations(
    ensemble: Ensemble, num_skills: int, num_texts: np.ndarray, *, learner: int = 1, known: float = 0.0
) -> np.ndarray:
    """Return how many operations `skillgraph.theory.exact_peeling.exact_peeling` needs, about a nanosecond each.

    A function of its arguments alone, the same on every machine.

    Parameters
    ----------
    ensemble : Ensemble
        That can be solved.
    num_skills : int
    num_texts : (points,) int array
    learner : int
    known : float

    Returns
    -------
    (points,) float64 array
    """
    texts = np.atleast_1d(np.asarray(num_texts, dtype=np.int64))
    if ensemble.texts_per_skill is not None:
        return np.array([_of_sockets(ensemble, num_skills, int(one)) for one in texts])
    if learner != 1:
        return _of_learners(ensemble, num_skills, texts, learner, known)
    start, step = Start(num_skills, 1 - known), max(1, num_skills // _POINTS)
    unlearned = np.arange(num_skills, -1, -step)
    rates = single_rates(ensemble, num_skills, unlearned)
    return np.array([_of_first_passage(ensemble, start, unlearned, rates, step, int(one)) for one in texts])


def _of_first_passage(
    ensemble: Ensemble, start: Start, unlearned: np.ndarray, rates: np.ndarray, step: int, texts: int
) -> float:
    nodes = fixed_number(texts)
    places = stopping_places(start, unlearned, rates, nodes.mean)
    if amplification(start, places, nodes) > LOG_AMPLIFICATION:
        return _of_marking(ensemble, start.number, texts, 1, nodes=nodes)
    pairs = ((places.unlearned.size + 1) * step) ** 2 / 2
    degrees = 1 if ensemble.independent_edges else ensemble.skills_per_text.probabilities.size
    return pairs * (_PER_PAIR + _PER_NODE * nodes.shift.size) + start.number * (_PER_SKILL + degrees)


def _of_learners(ensemble: Ensemble, num_skills: int, texts: np.ndarray, learner: int, known: float) -> np.ndarray:
    """Learning stops early below a jump; a little more texts than there are make up for fluctuations."""
    if known == 1:
        return np.full(texts.size, num_skills * _PER_SKILL)
    ratio = texts / num_skills * (1 + 2 / math.sqrt(num_skills))
    learned = 1 - unlearned_share(ensemble, ratio, learner=learner, known=known)
    parts = zip(texts.tolist(), np.minimum(1.0, learned + 2 / math.sqrt(num_skills)).tolist(), strict=True)
    return np.array([_of_marking(ensemble, num_skills, one, learner, part) for one, part in parts])


def _of_marking(
    ensemble: Ensemble, num_skills: int, texts: int, learner: int, learned: float = 1.0, nodes: TextNumber | None = None
) -> float:
    """A band of some sqrt(R) states, per skill a power series of some texts; the texts of the start at once."""
    points = (nodes or fixed_number(texts)).shift.size
    band = min(num_skills, 0.5 * _SPREAD * math.sqrt(num_skills))
    teaching = texts * ensemble.skills_per_text.mean / num_skills
    terms = learned * num_skills * (20 + 2 * teaching) + 2 * texts
    degrees = 1 if ensemble.independent_edges else ensemble.skills_per_text.probabilities.size**2
    per_state = (learner + 1) * _PER_TERM * (2 * points + 8)
    return float(terms * band * per_state + num_skills * degrees * (learner + 2))


def _of_sockets(ensemble: Ensemble, num_skills: int, texts: int) -> float:
    """A box of some sqrt(T) states both ways, per skill as many closings as it has sockets, twice."""
    assert ensemble.texts_per_skill is not None
    sockets = ensemble.texts_per_skill.minimum
    box = min(texts, 0.5 * _SPREAD * math.sqrt(texts)) ** 2
    ways = texts * max(sockets * num_skills, texts * ensemble.skills_per_text.minimum)
    return float(2 * num_skills * sockets * box * _PER_CLOSING + ways * ensemble.skills_per_text.minimum * _PER_WAY)
