"""Width and shift of a jump by covariance evolution, for learners of any capacity D.

Texts by law with uniform popularity: the unlearned skills, the texts that have always had more than D unknown skills,
and those that teach with 1, ..., D of them are a Markov chain in rounds (see `skillgraph.simulation.exchangeable`). At
the threshold its mean moves towards a state where teaching just dies out. Around the mean, fluctuations of order
R^(-1/2) obey

    C <- J C J' + N,    S <- J S,

J the Jacobian of one round, N the covariance of its noise (texts are multinomial, skills hit are occupied cells), S the
derivative by texts per skill. With a = sum_j j t_j the unknown skills of teaching texts, seen at a fixed unlearned
share,

    alpha = sqrt(Var a) / (da/dr),    beta = Omega sigma^(4/3) b^(-1/3) / (da/dr),

b the curvature of a(u) at its minimum and sigma^2 = sum_j j^2 t_j / sum_j j t_j the variance of a per skill learned.
All three are limits of many rounds with an error like 1/rounds, which is extrapolated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.theory.jump_width import OMEGA
from skillgraph.theory.thresholds import Jump

__all__ = ["LARGEST_LEARNER", "covariance_width"]

LARGEST_LEARNER = 24  # the work grows with its fourth power

_ROUNDS = 1600
_AGREEMENT = 0.02  # relative difference of the last two extrapolations beyond which rounds have not settled
_STEP = 1e-6


@dataclass(frozen=True)
class _Model:
    """Texts by law and a learner."""

    ensemble: Ensemble
    learner: int

    def shares(self, unlearned: np.ndarray) -> np.ndarray:
        """P(a text has j unknown skills), j = 0, ..., D, (D + 1, n)."""
        law, u = self.ensemble.skills_per_text, np.asarray(unlearned, dtype=float)
        return np.exp(np.stack([law.log_marked(j, u, 1 - u) for j in range(self.learner + 1)]))

    def many(self, unlearned: np.ndarray) -> np.ndarray:
        """P(a text has more than D unknown skills), (n,)."""
        return self.ensemble.skills_per_text.at_least(self.learner + 1, unlearned)

    def turned(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """P(j unknown skills now | more than D before), (D + 1, n)."""
        then, now, kept = self.shares(before), self.shares(after), after / before
        out = now.copy()
        for j in range(self.learner + 1):
            for i in range(j, self.learner + 1):
                out[j] -= then[i] * math.comb(i, j) * kept**j * (1 - kept) ** (i - j)
        return out / self.many(before)

    def hit(self, state: np.ndarray) -> np.ndarray:
        """Mean share of skills that teaching texts hit; state: (2 + D, n), unlearned, waiting, teaching 1, ..., D."""
        sizes = np.arange(1, self.learner + 1)
        return state[0] * -np.expm1(-(sizes @ state[2:]) / state[0])

    def moved(self, state: np.ndarray, learned: np.ndarray) -> np.ndarray:
        """State after a round in which ``learned`` skills were learned."""
        after = state[0] - learned
        turned = self.turned(state[0], after)
        return np.concatenate(([after, state[1] * (1 - turned.sum(axis=0))], state[1] * turned[1:]))


def covariance_width(
    ensemble: EnsembleLike, jump: Jump, *, learner: int = 1, known: float = 0.0, rounds: int = _ROUNDS
) -> tuple[float, float]:
    """Return alpha and beta in texts per skill at fixed R and T.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity.
    jump : Jump
    learner : int
    known : float
        Share of skills known beforehand, each independently.
    rounds : int
        Rounds of the evolution; the results at a quarter, a half and all of them are extrapolated.

    Raises
    ------
    ValueError
        If the extrapolated results have not settled.

    References
    ----------
    Amraoui, Montanari, Richardson & Urbanke (2009), doi:10.1109/TIT.2008.2009580, in rounds in place of single steps.
    """
    ensemble = parse_ensemble(ensemble)
    model = _Model(ensemble, learner)
    state, covariance, slope = _start(model, jump.texts_per_skill_ratio, known)
    sizes, seen = np.concatenate(([0.0, 0.0], np.arange(1.0, learner + 1))), []
    for done in range(1, rounds + 1):
        following, jacobian, noise = _linearised(model, state)
        covariance, slope = jacobian @ covariance @ jacobian.T + noise, jacobian @ slope
        before, state = state, following
        if done in (rounds // 4, rounds // 2, rounds):
            seen.append(_widths(sizes, before, state, covariance, slope, jump.unlearned_before))
    first, second, third = (np.array(one) for one in seen)
    once, twice = 2 * second - first, 2 * third - second
    alpha, beta = (4 * twice - once) / 3
    if not abs(alpha / twice[0] - 1) < _AGREEMENT:
        raise ValueError(f"{rounds} rounds of covariance evolution do not settle: alpha {twice[0]:.4g}, {alpha:.4g}")
    return float(alpha), float(beta)


def _start(model: _Model, ratio: float, known: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """State, covariance and derivative by r before the first round."""
    unknown = 1 - known
    shares = model.shares(np.array([unknown]))[:, 0]
    parts = np.concatenate((model.many(np.array([unknown])), shares[1:]))
    state, slope = np.concatenate(([unknown], ratio * parts)), np.concatenate(([0.0], parts))
    covariance = np.zeros((state.size, state.size))
    covariance[1:, 1:] = ratio * (np.diag(parts) - np.outer(parts, parts))
    if known > 0:
        ends = np.array([unknown - _STEP, min(unknown + _STEP, 1.0)])
        two = model.shares(ends)
        change = (two[:, 1] - two[:, 0]) / (ends[1] - ends[0])
        moved = np.concatenate(([1.0, -ratio * change.sum()], ratio * change[1:]))
        covariance += unknown * known * np.outer(moved, moved)
    return state, covariance, slope


def _linearised(model: _Model, state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the state after a round, the Jacobian of the round, and the covariance of its noise."""
    size = state.size
    steps = _STEP * np.maximum(np.abs(state), 1e-4)
    points = np.repeat(state[:, None], 2 * size + 3, axis=1)
    for i in range(size):
        points[i, 2 * i] += steps[i]
        points[i, 2 * i + 1] -= steps[i]
    points[0, 0] = min(points[0, 0], 1.0)  # no more than all skills are unlearned
    steps[0] = (points[0, 0] - points[0, 1]) / 2
    learned = model.hit(points)
    width = _STEP * max(learned[-1], 1e-5)
    learned[-3] += width
    learned[-2] -= width
    ends = model.moved(points, learned)
    jacobian = (ends[:, 0 : 2 * size : 2] - ends[:, 1 : 2 * size : 2]) / (2 * steps)
    along = (ends[:, -3] - ends[:, -2]) / (2 * width)
    filling = float(np.arange(1, model.learner + 1) @ state[2:]) / state[0]
    noise = state[0] * np.exp(-filling) * special.gammainc(2, filling) * np.outer(along, along)
    parts = ends[1:, -1] / state[1]
    noise[1:, 1:] += state[1] * (np.diag(parts) - np.outer(parts, parts))
    return ends[:, -1], jacobian, noise


def _widths(
    sizes: np.ndarray,
    before: np.ndarray,
    state: np.ndarray,
    covariance: np.ndarray,
    slope: np.ndarray,
    unlearned: float,
) -> tuple[float, float]:
    """Return alpha and beta as they stand, seen at a fixed unlearned share."""
    along = sizes @ (state - before) / (state[0] - before[0])
    seen = sizes.copy()
    seen[0] -= along
    response = float(seen @ slope)
    teaching = float(sizes @ state)
    bend = 2 * teaching / (state[0] - unlearned) ** 2
    spread = float(sizes**2 @ state) / teaching
    beta = OMEGA * spread ** (2 / 3) / (np.cbrt(bend) * response)
    return math.sqrt(float(seen @ covariance @ seen)) / response, float(beta)
