"""Fluctuations around the fixed point of an ensemble of several classes: widths of jumps, deviations, bias.

Texts by law, D = 1. With U_a = s_a u_a the unlearned skills of class a per skill, one round maps U to G(U), and in a
system of R skills to G(U) + delta / sqrt(R). Given the unlearned set, the texts that would teach a skill are
independent from skill to skill, so with p_ba = c_ba u_a h_ba the probability that a text of class b has one unknown
skill, of class a,

    Cov delta = diag(s_a u_a (1 - u_a)) - sum_b q_b p_b p_b',

the second term because the numbers of texts are fixed. Away from jumps Cov U = (1 - G')^-1 Cov delta (1 - G')^-T / R,
and the curvature of G shifts the mean by half its trace with Cov U. At a jump G' has eigenvalue 1 with left and right
vectors w and v (sum v = 1), and seen along them

    alpha^2 = w Cov delta w / (w dG/dp)^2,   beta = Omega (sigma^2)^(2/3) b^(-1/3) / |w dG/dp|,

sigma^2 = sum_a w_a^2 v_a the variance of the skills waiting to teach per skill learned (the children of a skill are
Poisson), b = w G''[v, v] in size the curvature of their mean number. With one class these are the closed forms of
`skillgraph.theory.finite_size`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skillgraph.records import Record
from skillgraph.theory.jump_width import OMEGA
from skillgraph.theory.types_messages import Messages, Path

__all__ = ["Fluctuations", "JumpWidth", "fluctuations", "jump_correlation", "jump_width"]

_STEP = 1e-5
_NOTHING, _LEARNED = 1e-12, 60.0  # unlearned shares that do not matter, and a load at which there are none
_SAME = 1e-3  # eigenvalues nearer to 1 belong to the jump


class Fluctuations(Record):
    """Deviations of the learned share of a finite system, to be divided by R.

    Attributes
    ----------
    covariance : (skill classes, skill classes) float64 array
        R times the covariance of the learned numbers of skills per skill (U_a = s_a u_a).
    bias : (skill classes,) float64 array
        R times the difference between the mean of U_a and its fixed point, from the curvature of the map.
    """

    covariance: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True, eq=False)
class _State:
    """A state of the classes that can be unlearned: shares s, U, and the derivative of one round."""

    messages: Messages
    texts: np.ndarray
    eps: np.ndarray
    live: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        return np.array(self.messages.ensemble.shares)[self.live]

    def loads(self, unlearned: np.ndarray) -> np.ndarray:
        """Return z at U, (skill classes,); nothing is unknown in the other classes."""
        z = np.full(self.eps.size, _LEARNED)
        z[self.live] = -np.log(unlearned / (self.shares * self.eps[self.live]))
        return z

    def slope(self, unlearned: np.ndarray) -> np.ndarray:
        """Return G'(U)."""
        z = self.loads(unlearned)
        inner = self.messages.jacobian(z, self.texts, self.eps)[np.ix_(self.live, self.live)]
        load = self.messages.step(z[:, None], self.texts[:, None], self.eps[:, None])[self.live, 0]
        after = self.shares * self.eps[self.live] * np.exp(-load)
        return after[:, None] * inner / unlearned

    def curvature(self, unlearned: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Return G''[v, v]."""
        step = _STEP * float(np.min(unlearned / np.maximum(np.abs(direction), 1e-300)))
        step = min(step, _STEP * float(np.max(unlearned)) / float(np.max(np.abs(direction))))
        ahead, behind = (self.slope(unlearned + sign * step * direction) @ direction for sign in (1, -1))
        return (ahead - behind) / (2 * step)

    def noise(self, unlearned: np.ndarray) -> np.ndarray:
        """Return Cov delta."""
        share = unlearned / self.shares
        once = self.one_unknown(unlearned)
        return np.diag(unlearned * (1 - share)) - (self.texts[:, None] * once).T @ once

    def one_unknown(self, unlearned: np.ndarray) -> np.ndarray:
        """Return p_ba, (text classes, live classes)."""
        z = self.loads(unlearned)
        x = self.messages.unknown(z[:, None], self.eps[:, None])
        means = self.messages.ensemble.mean_needs
        return (means * self.messages.teaches(x)[:, :, 0] * x[:, 0])[:, self.live]


def _state(messages: Messages, texts: np.ndarray, eps: np.ndarray, unlearned: np.ndarray) -> tuple[_State, np.ndarray]:
    live = np.flatnonzero(unlearned > _NOTHING)
    state = _State(messages, texts, eps, live)
    return state, state.shares * unlearned[live]


class JumpWidth(Record):
    """Finite-size law of a jump, or the reason why it is not known.

    Attributes
    ----------
    alpha, beta : float or None
    reason : str
    sensitivity : (skill classes,) float64 array
        Shift of the jump per fluctuation delta of each class: w / (w dG/dp).
    one_unknown : (text classes, skill classes) float64 array
        p_ba at the jump.
    """

    alpha: float | None
    beta: float | None
    reason: str
    sensitivity: np.ndarray
    one_unknown: np.ndarray


def jump_width(messages: Messages, along: Path, at: float, unlearned: np.ndarray) -> JumpWidth:
    """Return alpha and beta of a jump in the parameter of its path.

    Parameters
    ----------
    messages : Messages
    along : Path
    at : float
    unlearned : (skill classes,) array
        u before the jump.
    """
    ensemble = messages.ensemble
    if ensemble.is_configuration:
        return _unknown(ensemble.mean_needs, "no closed form for several classes of prescribed degrees: measure it")
    if max(ensemble.learners) > 1:
        return _unknown(ensemble.mean_needs, "no closed form for learners of several skills: measure it")
    texts, eps = (one[:, 0] for one in along.at(at))
    state, here = _state(messages, texts, eps, unlearned)
    slope = state.slope(here)
    values, right = np.linalg.eig(slope)
    if np.count_nonzero(np.abs(values - 1) < _SAME) != 1:
        return _unknown(ensemble.mean_needs, "several classes jump apart from each other at the same place")
    v = np.abs(np.real(right[:, np.argmin(np.abs(values - 1))]))
    others, left = np.linalg.eig(slope.T)
    w, v = np.abs(np.real(left[:, np.argmin(np.abs(others - 1))])), v / v.sum()
    response = abs(float(w @ _by_parameter(state, along, here)))
    alpha = float(np.sqrt(w @ state.noise(here) @ w)) / response
    bend, spread = abs(float(w @ state.curvature(here, v))), float(w**2 @ v)
    beta = OMEGA * spread ** (2 / 3) / (float(np.cbrt(bend)) * response)
    sensitivity, once = np.zeros(unlearned.size), np.zeros(ensemble.mean_needs.shape)
    sensitivity[state.live], once[:, state.live] = w / response, state.one_unknown(here)
    return JumpWidth(alpha, beta, "", sensitivity, once)


def _unknown(needs: np.ndarray, reason: str) -> JumpWidth:
    return JumpWidth(None, None, reason, np.zeros(needs.shape[1]), np.zeros(needs.shape))


def jump_correlation(
    shares: np.ndarray, texts: np.ndarray, first: tuple[JumpWidth, np.ndarray], second: tuple[JumpWidth, np.ndarray]
) -> float:
    """Return the correlation of the places of two jumps of one system.

    A skill that is unlearned before the second jump was unlearned before the first: between the two states Cov delta is
    diag(s_a u2_a (1 - u1_a)) - sum_b q_b p1_b p2_b'.

    Parameters
    ----------
    shares : (skill classes,) array
    texts : (text classes,) array
        q between the two jumps.
    first, second : (JumpWidth, (skill classes,) array)
        Widths, and u before each jump.
    """
    (one, before), (other, after) = first, second
    assert one.alpha is not None
    assert other.alpha is not None
    shared = np.diag(shares * np.minimum(before, after) * (1 - np.maximum(before, after)))
    covariance = shared - (texts[:, None] * one.one_unknown).T @ other.one_unknown
    return float(np.clip(one.sensitivity @ covariance @ other.sensitivity / (one.alpha * other.alpha), -1, 1))


def _by_parameter(state: _State, along: Path, unlearned: np.ndarray) -> np.ndarray:
    """Return dG/dp at fixed U."""
    relative = along.unknown_slope[state.live] / state.eps[state.live]
    return unlearned * relative - state.one_unknown(unlearned).T @ along.texts_slope


def fluctuations(messages: Messages, texts: np.ndarray, eps: np.ndarray, unlearned: np.ndarray) -> Fluctuations:
    """Return covariance and bias of what is learned away from jumps.

    Parameters
    ----------
    messages : Messages
        Of texts by law. Learners of several skills: the noise is that of D = 1, of the right order only.
    texts, eps : (text classes,) and (skill classes,) arrays
    unlearned : (skill classes,) array
        u at the fixed point.
    """
    state, here = _state(messages, texts, eps, unlearned)
    inverse = np.linalg.inv(np.eye(here.size) - state.slope(here))
    covariance = inverse @ state.noise(here) @ inverse.T
    values, vectors = np.linalg.eigh(covariance)
    bend = sum(
        value * state.curvature(here, vector) for value, vector in zip(values, vectors.T, strict=True) if value > 0
    )
    whole, bias = np.zeros((unlearned.size, unlearned.size)), np.zeros(unlearned.size)
    whole[np.ix_(state.live, state.live)] = covariance
    bias[state.live] = inverse @ (np.zeros(here.size) + bend) / 2
    return Fluctuations(whole, bias)
