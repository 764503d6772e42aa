"""Density evolution of an ensemble of several classes: one map over message types.

A text of class b sees a skill of class a unknown with probability x_ba, and teaches it, at most D_b unknown, with

    h_ba = sum_{k < D_b} [t^k] d_a G_b(1 - x_b + t x_b) / c_ba,

G_b the joint law of its needs. With q_b the texts of class b that have arrived (rates for texts by law, the share of
all texts for configuration ensembles) a skill of class a meets the teaching loads sigma_ba = q_b h_ba and

    x_ba <- eps_a d_b F_a(1 - sigma_a) / d_b F_a(1),    u_a = eps_a F_a(1 - sigma_a),

F_a the joint law of its texts. For texts by law x_ba = u_a is the same for all b: one message type per skill class;
for configuration ensembles there is one per pair of classes. The state is z = -ln(x / eps), the load of each type: the
map z <- Z(z) is increasing, so iteration from z = 0 ends in the least load, the largest unlearned share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skillgraph.ensembles.types import TypedEnsemble

__all__ = ["Messages", "Path", "path", "positive_means"]

_ALL = 1e300  # a load at which nothing is unknown


@dataclass(frozen=True, eq=False)
class Path:
    """A line through the parameters: texts arrived and shares unknown beforehand as functions of one number p.

    Attributes
    ----------
    name : str
        ``scale``, ``known``, or a text class.
    texts, texts_slope : (text classes,) float64 arrays
        q(p) = texts + p texts_slope.
    unknown, unknown_slope : (skill classes,) float64 arrays
        eps(p) = unknown + p unknown_slope.
    largest : float
        Where the path ends.
    """

    name: str
    texts: np.ndarray
    texts_slope: np.ndarray
    unknown: np.ndarray
    unknown_slope: np.ndarray
    largest: float

    def at(self, p: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return q and eps at n places, (text classes, n) and (skill classes, n)."""
        place = np.atleast_1d(np.asarray(p, dtype=float))
        texts = self.texts[:, None] + self.texts_slope[:, None] * place
        return texts, np.maximum(self.unknown[:, None] + self.unknown_slope[:, None] * place, 0.0)


def path(ensemble: TypedEnsemble, along: str = "scale", scale: float = 1.0) -> Path:
    """Return a path on which more and more is learned.

    Parameters
    ----------
    ensemble : TypedEnsemble
    along : str
        ``"scale"``: p multiplies all rates; the name of a text class: p is its rate, the others stay at ``scale`` times
        theirs; ``"known"``: p is the share known of what was unknown beforehand, texts at ``scale``.
    scale : float

    Raises
    ------
    ValueError
        If there is no such text class, or the ensemble is a configuration and the path changes one rate.
    """
    texts, unknown = np.array(ensemble.rates), 1 - np.array(ensemble.known)
    if ensemble.is_configuration:
        texts = np.ones(texts.size)
    still = np.zeros(texts.size), np.zeros(unknown.size)
    if along == "scale":
        largest = 1.0 if ensemble.is_configuration else np.inf
        return Path(along, still[0], texts, unknown, still[1], largest)
    if along == "known":
        return Path(along, scale * texts, still[0], unknown, -unknown, 1.0)
    if along not in ensemble.text_classes:
        known = ", ".join(ensemble.text_classes)
        raise ValueError(f'along must be scale, known or a text class, got "{along}": text classes are {known}')
    if ensemble.is_configuration:
        raise ValueError("the rates of a configuration ensemble are tied to its skills: take along = scale or known")
    place = ensemble.text_classes.index(along)
    base, slope = scale * texts, still[0]
    base[place], slope[place] = 0.0, 1.0
    return Path(along, base, slope, unknown, still[1], np.inf)


@dataclass(frozen=True, eq=False)
class Messages:
    """The map of an ensemble; arrays over n places are batches.

    Parameters
    ----------
    ensemble : TypedEnsemble
    """

    ensemble: TypedEnsemble

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Text class and skill class of every pair that meets."""
        return tuple(np.nonzero(self.ensemble.mean_needs > 0))  # type: ignore[return-value]

    @cached_property
    def type_of(self) -> np.ndarray:
        """Message type that text class b sees of skill class a, (text classes, skill classes); 0 if it sees none."""
        shape = self.ensemble.mean_needs.shape
        if not self.ensemble.is_configuration:
            return np.broadcast_to(np.arange(shape[1]), shape)
        out = np.zeros(shape, np.int64)
        out[self.pairs] = np.arange(self.pairs[0].size)
        return out

    @cached_property
    def skill_of(self) -> np.ndarray:
        """Skill class of every message type."""
        return self.pairs[1] if self.ensemble.is_configuration else np.arange(len(self.ensemble.shares))

    @cached_property
    def text_of(self) -> np.ndarray:
        """A text class that sees each message type."""
        if self.ensemble.is_configuration:
            return self.pairs[0]
        return np.argmax(self.ensemble.mean_needs > 0, axis=0)

    @property
    def size(self) -> int:
        """Number of message types."""
        return int(self.skill_of.size)

    def unknown(self, z: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return x, (types, n), of loads z (types, n) and eps (skill classes, n)."""
        return np.exp(-z) * eps[self.skill_of]

    def teaches(self, x: np.ndarray) -> np.ndarray:
        """Return h, (text classes, skill classes, n); 0 for pairs that never meet."""
        means = self.ensemble.mean_needs
        out = np.zeros((*means.shape, x.shape[1]))
        for b, (law, learner) in enumerate(zip(self.ensemble.needs, self.ensemble.learners, strict=True)):
            seen = self.seen(b, x)
            out[b] = law.first(seen, seen, learner).sum(axis=1) / positive_means(means[b])[:, None]
        return out

    def step(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return Z(z), (types, n)."""
        loads = texts[:, None, :] * self.teaches(self.unknown(z, eps))
        return self._from_loads(loads)

    def _from_loads(self, loads: np.ndarray) -> np.ndarray:
        """Return z of the teaching loads, (text classes, skill classes, n)."""
        if not self.ensemble.is_configuration:
            return np.stack([law.means @ loads[:, a] for a, law in enumerate(self.ensemble.skill_laws)])
        with np.errstate(divide="ignore"):
            return np.minimum(-np.log(np.maximum(self.edge_survival(loads), 0.0)), _ALL)

    def edge_survival(self, loads: np.ndarray) -> np.ndarray:
        """Return phi, P(no other text teaches a skill met along an edge), (types, n) of (text, skill classes, n)."""
        out = np.empty((self.size, loads.shape[2]))
        for a, law in enumerate(self.ensemble.skill_laws):
            mine = np.flatnonzero(self.skill_of == a)
            kept = law.first(loads[:, a], loads[:, a], 1)[:, 0] / positive_means(law.means)[:, None]
            out[mine] = kept[self.text_of[mine]]
        return out

    def node_survival(self, loads: np.ndarray) -> np.ndarray:
        """Return Phi, P(no text teaches a skill), (skill classes, n)."""
        return np.stack([law.node(loads[:, a], loads[:, a], 1)[0] for a, law in enumerate(self.ensemble.skill_laws)])

    def seen(self, b: int, x: np.ndarray) -> np.ndarray:
        """Return the messages that a text of class b sees of each skill class, (skill classes, n); 0 for none."""
        return np.where(self.ensemble.mean_needs[b][:, None] > 0, x[self.type_of[b]], 0.0)

    def unlearned(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return u, (skill classes, n), when messages into skills have loads z."""
        loads = texts[:, None, :] * self.teaches(self.unknown(z, eps))
        return eps * self.node_survival(loads)

    def jacobian(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return dZ/dz at one place, (types, types) of z (types,), texts and eps; non-negative."""
        x = self.unknown(z[:, None], eps[:, None])
        return self._text_side(x, texts) @ (-x[:, 0] * self._skill_to_text(x))

    def texts_slope(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return dZ/dq at one place, (types, text classes)."""
        x = self.unknown(z[:, None], eps[:, None])
        response, teaches = self._response(x, texts), self.teaches(x)[:, :, 0]
        return np.einsum("mb,bm->mb", response, teaches[:, self.skill_of])

    def _response(self, x: np.ndarray, texts: np.ndarray) -> np.ndarray:
        """dz_m / dsigma_(b, a of m), (types, text classes)."""
        out, loads = np.empty((self.size, texts.size)), texts[:, None, None] * self.teaches(x)
        for a, law in enumerate(self.ensemble.skill_laws):
            mine = np.flatnonzero(self.skill_of == a)
            if not self.ensemble.is_configuration:
                out[mine] = law.means
                continue
            first = law.first(loads[:, a], loads[:, a], 1)[:, 0, 0]
            second = law.second(loads[:, a], loads[:, a], 1)[:, :, 0, 0]
            seen = self.text_of[mine]
            out[mine] = second[seen] / np.maximum(first[seen], 1e-300)[:, None]
        return out

    def _text_side(self, x: np.ndarray, texts: np.ndarray) -> np.ndarray:
        """dz_m / dh_ba, (types, pairs)."""
        rows, columns = self.pairs
        response = self._response(x, texts)
        return np.where(self.skill_of[:, None] == columns, response[:, rows] * texts[rows], 0.0)

    def _skill_to_text(self, x: np.ndarray) -> np.ndarray:
        """dh_ba / dx_m = -[t^(D-1)] d_a d_a' G / c_ba, (pairs, types); the sum over k telescopes."""
        rows, columns = self.pairs
        means, out = self.ensemble.mean_needs, np.zeros((rows.size, self.size))
        for b, (law, learner) in enumerate(zip(self.ensemble.needs, self.ensemble.learners, strict=True)):
            mine = np.flatnonzero(rows == b)
            seen, met = self.seen(b, x), columns[mine]
            bend = law.second(seen, seen, learner)[:, :, learner - 1, 0] / positive_means(means[b])[:, None]
            out[np.ix_(mine, self.type_of[b][met])] = -bend[np.ix_(met, met)]
        return out


def positive_means(means: np.ndarray) -> np.ndarray:
    """Means to divide by; 1 for classes that do not occur."""
    return np.where(means > 0, means, 1.0)
