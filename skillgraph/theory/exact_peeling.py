"""What peeling leaves unlearned in a finite system: its whole law, solved and not sampled.

Texts by law with uniform popularity. With a Poisson number of texts the texts are independent, and skills can be
processed one by one: a Markov chain in the unprocessed skills and those of them that are learned and wait.

* D = 1: every skill waits independently of all others, so learning stops where an empirical process first meets the
  diagonal, and a renewal equation over the places where it may stop gives the law
  (`skillgraph._kernels.solvers.first_passage`).
* Any D: the chain itself, in the band that matters (`skillgraph._kernels.solvers.marking`); also for D = 1 where
  rounding would be amplified too much on the circle of complex means.

A fixed number of texts follows by Cauchy's integral (`skillgraph.theory.text_number`). Regular configuration ensembles
have a chain of their own over texts with one and with more open sockets (`skillgraph._kernels.solvers.sockets`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from skillgraph import checks
from skillgraph._kernels.solvers.first_passage import first_passage
from skillgraph._kernels.solvers.marking import marking_chain
from skillgraph._kernels.solvers.sockets import log_ways, socket_chain
from skillgraph.checks import all_texts, count
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.ensembles.unknown_skills import UnknownSkills
from skillgraph.records import Record
from skillgraph.theory.stopping_places import Start, StoppingPlaces, amplification, single_rates, stopping_places
from skillgraph.theory.text_number import TextNumber, fixed_number, poisson_number

__all__ = ["ExactPeeling", "exact_peeling", "why_not_exact"]

_LARGEST = 10**8
LOG_AMPLIFICATION = math.log(1e4)  # beyond it the banded chain is used


class ExactPeeling(Record):
    """Law of the unlearned number of a finite system.

    Attributes
    ----------
    num_skills, num_texts : int
    unlearned : (n,) int64 array
        Numbers of skills that may stay unlearned, increasing; what is not listed is less probable than 1e-24 or cannot
        be told from rounding.
    probability : (n,) float64 array
        Their probabilities.
    truncation_error : float
        Largest probability that bands and angles left out.
    rounding_error : float
        Distance of the total from 1.
    method : {"first passage", "banded chain", "socket chain"}
    """

    num_skills: int
    num_texts: int
    unlearned: np.ndarray
    probability: np.ndarray
    truncation_error: float
    rounding_error: float
    method: str
    derived: ClassVar[tuple[str, ...]] = ("learned_share", "deviation", "all_learned")

    @property
    def learned_share(self) -> float:
        """Mean share of skills that are learned."""
        return 1 - float(self.probability @ self.unlearned) / self.num_skills

    @property
    def deviation(self) -> float:
        """Standard deviation of the learned share of one system."""
        away = self.unlearned / self.num_skills - (1 - self.learned_share)
        return math.sqrt(float(self.probability @ away**2))

    @property
    def all_learned(self) -> float:
        """Probability that nothing stays unlearned."""
        return min(1.0, float(self.probability[self.unlearned == 0].sum()))

    def failure_probability(self, unlearned_between: float) -> float:
        """Return the probability that more than this share of the skills stays unlearned.

        A sum of positive terms without cancellation: small probabilities keep their leading digits.
        """
        return min(1.0, float(self.probability[self.unlearned > unlearned_between * self.num_skills].sum()))

    def distribution(self) -> np.ndarray:
        """Return P(so many skills stay unlearned), (num_skills + 1,) float64."""
        law = np.zeros(self.num_skills + 1)
        law[self.unlearned] = self.probability
        return law

    def headline(self) -> Mapping[str, Any]:
        """Return sizes, the learned share with its deviation, and the chance that all is learned."""
        asked = {"num skills": self.num_skills, "num texts": self.num_texts}
        found = {"learned share": self.learned_share, "deviation": self.deviation, "all learned": self.all_learned}
        return asked | found

    def columns(self) -> Mapping[str, Any]:
        """Return one row per number of unlearned skills."""
        return {"unlearned": self.unlearned, "probability": self.probability}


def why_not_exact(ensemble: Ensemble, learner: int = 1) -> str | None:
    """Return why the finite system of an ensemble cannot be solved, or None if it can."""
    if ensemble.texts_per_skill is None:
        uniform = ensemble.popularity is not None and ensemble.popularity.is_uniform
        return None if uniform else "skills of different popularity are not exchangeable"
    if learner != 1:
        return "configuration ensembles are solved for learner 1"
    regular = all(law.minimum == law.maximum for law in (ensemble.skills_per_text, ensemble.texts_per_skill))
    return None if regular else "configuration ensembles are solved where all texts and all skills have one degree each"


def exact_peeling(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int,
    *,
    learner: int = 1,
    known: float = 0.0,
    known_skills: int | None = None,
    number: Literal["fixed", "poisson"] = "fixed",
    arrived: float = 1.0,
) -> ExactPeeling:
    """Return the law of the number of skills that are never learned.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity, or a regular configuration ensemble (learner 1).
    num_skills : int
    num_texts : int
        T, or the mean of a Poisson number of texts.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, each independently.
    known_skills : int, optional
        Exactly so many skills known beforehand, chosen uniformly, in place of ``known``.
    number : {"fixed", "poisson"}
        Whether the number of texts is ``num_texts`` or Poisson of that mean.
    arrived : float
        Chance that a text is there at all, each independently; with a fixed number the texts are then binomial. For
        texts by law.

    Returns
    -------
    ExactPeeling

    Raises
    ------
    ValueError
        If the ensemble cannot be solved or a parameter is out of range.

    References
    ----------
    Karp, Luby & Shokrollahi (2004), doi:10.1109/ISIT.2004.1365074, for the chain; docs/decisions/exact-peeling.md for
    the renewal equation and the circle.

    Examples
    --------
    >>> found = exact_peeling("poisson:4", 60, 90)
    >>> print(f"{found.learned_share:.8f} {found.failure_probability(0.5):.8f} {found.all_learned:.8f}")
    0.32293603 0.81285329 0.15344394
    """
    ensemble, size = parse_ensemble(ensemble), count("num_skills", num_skills, largest=_LARGEST)
    texts, capacity = count("num_texts", num_texts, least=0, largest=_LARGEST), count("learner", learner)
    start = _start(size, checks.share("known", known), known_skills)
    present = checks.share("arrived", arrived)
    reason = why_not_exact(ensemble, capacity)
    if reason is not None:
        raise ValueError(f"exact peeling cannot solve {ensemble}: {reason}")
    if number not in ("fixed", "poisson"):
        raise ValueError(f'number must be "fixed" or "poisson", got {checks.shown(number)}')
    if ensemble.texts_per_skill is not None:
        if number != "fixed" or present != 1:
            raise ValueError("a configuration ensemble has a fixed number of texts")
        return _by_sockets(ensemble, size, texts, start)
    nodes = fixed_number(texts) if number == "fixed" else poisson_number(texts)
    if capacity == 1:
        rates = present * single_rates(ensemble, size, np.arange(start.number + 1))
        places = stopping_places(start, np.arange(start.number, -1, -1), rates[::-1], nodes.mean)
        if amplification(start, places, nodes) <= LOG_AMPLIFICATION:
            return _by_first_passage(size, texts, start, places, nodes)
    return _by_marking(ensemble, size, texts, capacity, present, start, nodes)


def _start(size: int, known: float, known_skills: int | None) -> Start:
    if known_skills is None:
        return Start(size, 1 - known)
    return Start(size - count("known_skills", known_skills, least=0, largest=size), 1.0)


def _by_first_passage(size: int, texts: int, start: Start, places: StoppingPlaces, nodes: TextNumber) -> ExactPeeling:
    """Solve the renewal equation, D = 1."""
    shape = (places.unlearned.size, nodes.shift.size)
    real, imag = np.empty(shape), np.empty(shape)
    first_passage(
        float(start.number),
        start.unmarked,
        places.unlearned,
        places.rates,
        nodes.mean,
        nodes.shift.real.copy(),
        nodes.shift.imag.copy(),
        places.chances,
        real,
        imag,
    )
    left_out = places.left_out * abs(nodes.weight[0]) + nodes.left_out(real, imag)
    return _wrapped(size, texts, places.unlearned[::-1], _combined(real, imag, nodes)[::-1], left_out, "first passage")


def _by_marking(
    ensemble: Ensemble, size: int, texts: int, learner: int, present: float, start: Start, nodes: TextNumber
) -> ExactPeeling:
    """Run the banded chain, any D."""
    skills = np.arange(start.number + 1)
    chances = UnknownSkills(ensemble, size, learner + 1).at(skills) * present
    shape = (skills.size, nodes.shift.size)
    real, imag = np.empty(shape), np.empty(shape)
    mean = nodes.mean + nodes.shift
    waiting = start.waiting()
    few, next_few = chances[-1, :-1].copy(), chances[:, -1].copy()
    lost = marking_chain(learner, waiting, few, next_few, mean.real.copy(), mean.imag.copy(), real, imag)
    left_out = lost * float(np.abs(nodes.weight).sum()) + nodes.left_out(real, imag)
    return _wrapped(size, texts, skills, _combined(real, imag, nodes), left_out, "banded chain")


def _by_sockets(ensemble: Ensemble, size: int, texts: int, start: Start) -> ExactPeeling:
    """Run the chain of a regular configuration ensemble."""
    assert ensemble.full_ratio is not None
    assert ensemble.texts_per_skill is not None
    count("num_texts", texts, least=0, largest=all_texts(ensemble.full_ratio, size))
    skill_degree, text_degree = ensemble.texts_per_skill.minimum, ensemble.skills_per_text.minimum
    sockets, needed = skill_degree * size, text_degree * texts
    ways = np.empty((texts + 1, max(sockets, needed) + 1))
    log_ways(text_degree, max(0, sockets - needed), ways)
    law = np.zeros(size + 1)
    unknown = start.unknown(size)
    lost = socket_chain(skill_degree, text_degree, max(0, needed - sockets), unknown, ways, law)
    return _wrapped(size, texts, np.arange(size + 1), law, lost, "socket chain")


def _combined(real: np.ndarray, imag: np.ndarray, nodes: TextNumber) -> np.ndarray:
    return real @ nodes.weight.real - imag @ nodes.weight.imag


def _wrapped(
    size: int, texts: int, unlearned: np.ndarray, law: np.ndarray, left_out: float, method: str
) -> ExactPeeling:
    kept = law > 0
    return ExactPeeling(size, texts, unlearned[kept], law[kept], left_out, abs(float(law.sum()) - 1), method)
