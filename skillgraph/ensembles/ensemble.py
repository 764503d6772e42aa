"""Ensembles: which texts need which skills, as a random law.

Theory and simulation read the same object. Two kinds exist:

* *texts by law*: each text draws its number of skills from a law and its skills without replacement, uniformly or by
  popularity. A skill of relative popularity w (mean 1) then occurs in a Poisson number of texts of mean c r w, with c
  the mean skills per text and r the texts per skill.
* *configuration*: the laws of both sides are prescribed and sockets are matched uniformly (all LDPC ensembles).
  Texts arrive one by one, so a share t of the full set of texts is the same ensemble with thinned skill degrees.

Both meet in one function, the survival Phi(s): the probability that a skill is taught by none of its texts when each
text would teach it with a probability that makes the *teaching load* s. See ``Ensemble.survival``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from skillgraph.checks import count
from skillgraph.ensembles.degrees import edge_polynomial, fixed, parse_law
from skillgraph.ensembles.laws import DegreeLaw, Poisson, number_text
from skillgraph.ensembles.quadrature import consecutive_nodes, half_line_nodes
from skillgraph.records.values import leaves_as
from skillgraph.records.words import short

__all__ = [
    "Ensemble",
    "Popularity",
    "configuration",
    "ldpc",
    "ldpc_polynomials",
    "measured_popularity",
    "parse_popularity",
    "texts_by_law",
]

_LARGEST_LIMIT_EXPONENT = 0.95
_LOG_ACCURACY = 36.0  # -log of the mass that the infinite limit of a Zipf popularity leaves out
_LOG_SMALLEST = 75.0  # -log of the smallest teaching load at which second moments are cut off by it


@dataclass(frozen=True, repr=False)
class Popularity:
    """How often texts choose a skill, relative to the average skill.

    Parameters
    ----------
    exponent : float
        The i-th most popular skill is chosen with a weight proportional to i^(-exponent); 0 is uniform.
    measured : tuple of float, optional
        Measured weights, one per skill, in place of the power law.
    size : int, optional
        Number of skills at which the power law is taken; the limit of infinitely many if None.
    """

    exponent: float = 0.0
    measured: tuple[float, ...] | None = None
    size: int | None = None

    @property
    def is_uniform(self) -> bool:
        """Whether every skill is as popular as any other."""
        return self.measured is None and self.exponent == 0

    @property
    def needs_size(self) -> bool:
        """Whether the law of popularity has no limit as the number of skills grows."""
        return self.measured is None and self.size is None and self.exponent > _LARGEST_LIMIT_EXPONENT

    def weights(self, num_skills: int) -> np.ndarray:
        """Return the relative popularity of every skill, (num_skills,) float64 of mean 1."""
        if self.measured is not None:
            weights = np.array(self.measured)
            if weights.size != num_skills:
                raise ValueError(f"measured popularity of {weights.size} skills cannot serve {num_skills} skills")
        else:
            weights = np.arange(1.0, num_skills + 1) ** -self.exponent
        return weights / weights.mean()

    def nodes(self, num_skills: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return weights w_j and the shares q_j of skills that have them.

        Parameters
        ----------
        num_skills : int, optional
            Size of the ensemble; ``self.size`` if omitted.

        Returns
        -------
        weights, shares : (n,) float64 arrays
            ``sum(shares) == 1`` and ``sum(shares * weights) == 1``.

        Raises
        ------
        ValueError
            If the exponent exceeds 0.95 and ``num_skills`` is omitted.
        """
        if self.is_uniform:
            return np.ones(1), np.ones(1)
        if self.measured is not None:
            values, counts = np.unique(np.array(self.measured), return_counts=True)
            return _normalised(values, counts.astype(float))
        size = num_skills if num_skills is not None else self.size
        if size is not None:
            ranks, counts = consecutive_nodes(1, size)
            return _normalised(ranks**-self.exponent, counts)
        return self._limit_nodes()

    def _limit_nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Quadrature over the rank share y = exp(-t): w = (1 - a) y^(-a)."""
        if self.needs_size:
            raise ValueError(
                f"zipf popularity of exponent {number_text(self.exponent)} has no usable limit of infinitely many "
                f"skills (largest exponent {_LARGEST_LIMIT_EXPONENT}); give the number of skills (--skills, at_size)"
            )
        a = max(self.exponent, 0.0)
        mean, square = _LOG_ACCURACY / (1 - a), _LOG_ACCURACY / (1 - 2 * a) if a < 0.5 else np.inf
        t, steps = half_line_nodes(max(mean, min(square, _LOG_SMALLEST / a if a > 0 else 0.0)))
        return _normalised(np.exp(self.exponent * t), steps * np.exp(-t))

    def moment(self, order: int, num_skills: int | None = None) -> float:
        """Return E[w^order]; in the limit of many skills (1 - a)^order / (1 - a order), infinite from order 1/a on.

        Parameters
        ----------
        order : int
            At least 0.
        num_skills : int, optional
            Size of the ensemble; ``self.size`` if omitted.
        """
        a = self.exponent
        if num_skills is None and self.size is None and self.measured is None:
            return (1 - a) ** order / (1 - a * order) if a * order < 1 else float("inf")
        weights, shares = self.nodes(num_skills)
        return float(shares @ weights**order)

    def second_moment(self, num_skills: int | None = None) -> float:
        """Return E[w^2], infinite for Zipf exponents of 1/2 and more in the limit of infinitely many skills."""
        return self.moment(2, num_skills)

    @property
    def text(self) -> str:
        """Text that `parse_popularity` reads back, weights and size included."""
        if self.measured is not None:
            return "measured:" + ",".join(map(number_text, self.measured))
        return str(self) if self.size is None or self.is_uniform else f"{self}:{self.size}"

    def __str__(self) -> str:
        if self.measured is not None:
            return f"measured:{len(self.measured)}"
        return "uniform" if self.exponent == 0 else f"zipf:{number_text(self.exponent)}"

    def __repr__(self) -> str:
        return f"<Popularity {short(self.text)}>"


def _normalised(weights: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shares = counts / counts.sum()
    return weights / (shares @ weights), shares


def parse_popularity(text: str | Popularity) -> Popularity:
    """Read ``uniform``, ``zipf:EXPONENT``, ``zipf:EXPONENT:SKILLS`` (taken at that size) or ``measured:WEIGHT,...``.

    A Popularity is returned as it is.
    """
    if isinstance(text, Popularity):
        return text
    name, _, rest = text.strip().partition(":")
    if name == "uniform" and not rest:
        return Popularity()
    if name == "zipf":
        return _zipf_popularity(text, rest)
    if name == "measured":
        return measured_popularity(np.array(_numbers(text, rest.split(","), "measured:WEIGHT,WEIGHT,...")))
    raise ValueError(f'unknown skill popularity "{text}": known are uniform and zipf:EXPONENT')


def _zipf_popularity(text: str, rest: str) -> Popularity:
    words = rest.split(":")
    exponent, *size = _numbers(text, words, "zipf:EXPONENT")
    if not 0 <= exponent <= 10:
        raise ValueError(f"exponent of zipf popularity must lie in [0, 10], got {words[0]}")
    if len(size) > 1 or not all(one >= 1 and one.is_integer() for one in size):
        raise ValueError(f'skill popularity "{text}" must have the form zipf:EXPONENT, or zipf:EXPONENT:SKILLS')
    return Popularity(exponent, size=int(size[0]) if size else None)


def _numbers(text: str, words: list[str], form: str) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        raise ValueError(f'skill popularity "{text}" must have the form {form}') from None


def measured_popularity(weights: np.ndarray) -> Popularity:
    """Return the popularity of measured weights, (num_skills,) non-negative numbers that do not sum to 0."""
    array = np.asarray(weights, dtype=float)
    if array.ndim != 1 or not np.all(np.isfinite(array)) or np.any(array < 0):
        raise ValueError("popularity weights must be a row of non-negative finite numbers, one per skill")
    if not array.sum() > 0:
        raise ValueError(f"popularity weights must not sum to 0, got {array.size} weights that do")
    return Popularity(measured=tuple(array.tolist()))


@dataclass(frozen=True, repr=False)
class Ensemble:
    """A random law of skill-text graphs; make one with `texts_by_law`, `configuration` or `ldpc`.

    Parameters
    ----------
    skills_per_text : DegreeLaw
    popularity : Popularity or None
        Texts by law; None for a configuration ensemble.
    texts_per_skill : DegreeLaw or None
        Configuration ensemble; None for texts by law.
    """

    skills_per_text: DegreeLaw
    popularity: Popularity | None = None
    texts_per_skill: DegreeLaw | None = None

    @property
    def independent_edges(self) -> bool:
        """Whether every skill-text edge is there independently of all others (Poisson ensemble)."""
        return isinstance(self.skills_per_text, Poisson) and self.popularity == Popularity()

    @cached_property
    def full_ratio(self) -> float | None:
        """Texts per skill of the complete configuration ensemble; None where texts can be added without end."""
        if self.texts_per_skill is None:
            return None
        return self.texts_per_skill.mean / self.skills_per_text.mean

    def at_size(self, num_skills: int) -> Ensemble:
        """Return the same ensemble with its popularity law taken at a number of skills.

        A Zipf popularity approaches its infinite limit as slowly as num_skills^(exponent - 1), so a simulation is
        compared with the theory of its own size.
        """
        if self.popularity is None or self.popularity.is_uniform or self.popularity.measured is not None:
            return self
        return replace(self, popularity=replace(self.popularity, size=count("num_skills", num_skills)))

    @property
    def load_per_ratio(self) -> float:
        """Teaching load per text per skill: s = load_per_ratio * r * h."""
        full = self.full_ratio
        return self.skills_per_text.mean if full is None else 1 / full

    def survival(self, load: float | np.ndarray, order: int = 0) -> np.ndarray:
        """Return the order-th derivative of Phi, P(no text teaches a skill), at a teaching load.

        Phi(s) = E_w exp(-w s) for texts by law, L(1 - s) for configuration ensembles (0 <= s <= 1).

        Parameters
        ----------
        load : float or array
            s = load_per_ratio * texts_per_skill_ratio * h, h the probability that a text teaches a given skill of it.
        order : int
            Order of the derivative with respect to s.
        """
        s = np.asarray(load, dtype=float)
        if self.texts_per_skill is not None:
            return (-1.0) ** order * self.texts_per_skill.node_complement(s, order)
        weights, shares = self._popularity_nodes
        if weights.size == 1:
            return (-1.0) ** order * np.exp(-s)
        logarithms = np.log(shares) + order * _log(weights)
        values = _blocked_sum(s, weights, lambda reach: np.exp(logarithms - reach).sum(axis=1))
        if order > 1 and np.any(s == 0):
            values = np.where(s == 0, self.popularity.moment(order), values)  # type: ignore[union-attr]
        return (-1.0) ** order * values

    def reached(self, load: float | np.ndarray) -> np.ndarray:
        """Return 1 - Phi(s) without cancellation."""
        return self._fallen(load, 0)

    def edge_survival(self, load: float | np.ndarray, order: int = 0) -> np.ndarray:
        """Return the order-th derivative of phi(s) = Phi'(s)/Phi'(0), the survival seen along an edge."""
        return self.survival(load, order + 1) / float(self.survival(0.0, 1))

    def edge_reached(self, load: float | np.ndarray, *, order: int = 0) -> np.ndarray:
        """Return phi^(order)(0) - phi^(order)(s) without cancellation; 1 - phi(s) for order 0.

        Infinite for orders of which the popularity has no moment.
        """
        change = self._fallen(load, order + 1)
        return change / float(self.survival(0.0, 1)) + 0.0

    def _fallen(self, load: float | np.ndarray, order: int) -> np.ndarray:
        """Return Phi^(order)(0) - Phi^(order)(s) without cancellation."""
        s, sign = np.asarray(load, dtype=float), (-1.0) ** order
        if self.texts_per_skill is not None:
            return sign * _derivative_deficit(self.texts_per_skill, s, order)
        weights, shares = self._popularity_nodes
        if weights.size == 1:
            return -sign * np.expm1(-s)
        if order > 1 and not np.isfinite(self.popularity.moment(order)):  # type: ignore[union-attr]
            return np.where(s == 0, 0.0, sign * np.inf)
        terms = shares * weights**order
        return -sign * _blocked_sum(s, weights, lambda reach: np.expm1(-reach) @ terms)

    @cached_property
    def _popularity_nodes(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.popularity is not None
        return self.popularity.nodes()

    def __str__(self) -> str:
        if self.texts_per_skill is not None:
            return f"skills per text {self.skills_per_text}, texts per skill {self.texts_per_skill}"
        return f"skills per text {self.skills_per_text}, popularity {self.popularity}"

    def __repr__(self) -> str:
        return f"<Ensemble {short(str(self))}>"


def _log(weights: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(weights), -1e300)


def _blocked_sum(load: np.ndarray, weights: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return a sum over the nodes as a function of ``weights * load``, in blocks of bounded memory."""
    flat = np.atleast_1d(load).ravel()
    out = np.empty(flat.size)
    step = max(1, 2**20 // weights.size)
    for start in range(0, flat.size, step):
        out[start : start + step] = function(flat[start : start + step, None] * weights)
    return out.reshape(np.shape(load))


def _derivative_deficit(law: DegreeLaw, y: np.ndarray, order: int) -> np.ndarray:
    """Return L^(order)(1) - L^(order)(1 - y) without cancellation: the deficit of the excess law of that order."""
    scale = 1.0
    for _ in range(order):
        scale *= law.mean
        if scale == 0:
            return np.zeros(np.shape(y))
        law = law.excess
    return scale * law.node_deficit(y)


def texts_by_law(skills_per_text: str | DegreeLaw, popularity: str | Popularity = "uniform") -> Ensemble:
    """Return the ensemble in which each text draws its skills.

    Parameters
    ----------
    skills_per_text : str or DegreeLaw
        For example ``"poisson:6"``; with uniform popularity, Poisson means that every skill-text edge is there
        independently with probability c / num_skills.
    popularity : str or Popularity
        ``"uniform"`` or ``"zipf:0.5"``.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If the mean skills per text is 0.

    Examples
    --------
    >>> print(texts_by_law("poisson:6", "zipf:0.5"))
    skills per text poisson:6, popularity zipf:0.5
    """
    law = parse_law(skills_per_text)
    _require_positive_mean("skills per text", law)
    return Ensemble(law, popularity=parse_popularity(popularity))


def configuration(skills_per_text: str | DegreeLaw, texts_per_skill: str | DegreeLaw) -> Ensemble:
    """Return the configuration ensemble of two degree laws: sockets are matched uniformly, repeated edges are kept.

    Parameters
    ----------
    skills_per_text, texts_per_skill : str or DegreeLaw
        The law of each side, for example ``"fixed:6"`` and ``"poisson:3"``.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If the mean of a law is 0.

    Examples
    --------
    >>> configuration("fixed:6", "fixed:3").full_ratio  # texts per skill of the complete ensemble
    0.5
    """
    texts, skills = parse_law(skills_per_text), parse_law(texts_per_skill)
    _require_positive_mean("skills per text", texts)
    _require_positive_mean("texts per skill", skills)
    return Ensemble(texts, texts_per_skill=skills)


def ldpc(texts_per_skill: int, skills_per_text: int) -> Ensemble:
    """Return the regular LDPC ensemble, for example (3, 6): 3 texts per skill (variable), 6 skills per text (check).

    Parameters
    ----------
    texts_per_skill, skills_per_text : int
        Degrees of skills (variable nodes) and of texts (check nodes), at least 1.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If a degree is below 1.

    References
    ----------
    Gallager (1963), Low-Density Parity-Check Codes.

    Examples
    --------
    >>> print(ldpc(3, 6))
    skills per text fixed:6, texts per skill fixed:3
    """
    skills, texts = count("texts per skill", texts_per_skill), count("skills per text", skills_per_text)
    return Ensemble(fixed(texts), texts_per_skill=fixed(skills))


def ldpc_polynomials(variable_edges: str, check_edges: str) -> Ensemble:
    """Return the irregular LDPC ensemble of lambda and rho, for example ``"0.2*x+0.8*x^2"`` and ``"x^5"``.

    Parameters
    ----------
    variable_edges, check_edges : str
        Edge-perspective polynomials in x with coefficients that sum to 1.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If a text is no such polynomial.

    References
    ----------
    Richardson & Urbanke, Modern Coding Theory (2008), section 3.3.

    Examples
    --------
    >>> round(ldpc_polynomials("0.2*x+0.8*x^2", "x^5").full_ratio, 6)
    0.454545
    """
    return Ensemble(edge_polynomial(check_edges), texts_per_skill=edge_polynomial(variable_edges))


def _require_positive_mean(name: str, law: DegreeLaw) -> None:
    if not law.mean > 0:
        raise ValueError(f'{name} must have a positive mean, got "{law}"')


def _written(ensemble: Ensemble) -> dict[str, str]:
    """Return the mapping that names an ensemble."""
    texts = {"skills_per_text": str(ensemble.skills_per_text)}
    if ensemble.texts_per_skill is not None:
        return texts | {"texts_per_skill": str(ensemble.texts_per_skill)}
    assert ensemble.popularity is not None
    return texts | {"skill_popularity": ensemble.popularity.text}


def _read(mapping: Mapping[str, str]) -> Ensemble:
    """Return the ensemble that a mapping names."""
    if "texts_per_skill" in mapping:
        return configuration(mapping["skills_per_text"], mapping["texts_per_skill"])
    return texts_by_law(mapping["skills_per_text"], mapping["skill_popularity"])


_WORDS = ("skills_per_text", "skill_popularity", "texts_per_skill")
leaves_as(Popularity, lambda popularity: popularity.text, parse_popularity, {"type": "string"})
leaves_as(
    Ensemble,
    _written,
    _read,
    {
        "type": "object",
        "properties": {word: {"type": "string"} for word in _WORDS},
        "required": ["skills_per_text"],
        "additionalProperties": False,
    },
)
