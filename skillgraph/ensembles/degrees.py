"""Degree laws by name: constructors that check their arguments, and the compact text form.

======================  =================================================  ================================
text                    law                                                generating function L(x)
======================  =================================================  ================================
``fixed:3``             every node has degree 3                            x^3
``poisson:6``           Poisson of mean 6                                  exp(-6 (1 - x))
``binomial:10:0.3``     10 trials of probability 0.3                       (1 - 0.3 (1 - x))^10
``geometric:2.5``       geometric on 0, 1, ... of mean 2.5                 1 / (1 + 2.5 (1 - x))
``negative_binomial:4:2``  mean 4, dispersion 2                            (1 + 4 (1 - x)/2)^-2
``zipf:1.5:1:1000``     proportional to k^-1.5 for 1 <= k <= 1000          sum_k p_k x^k
``pmf:1=0.5,3=0.5``     a user's own probabilities                         sum_k p_k x^k
``counts:1=20,3=80``    measured degrees and how often they occurred       sum_k p_k x^k
``0.4*fixed:2+0.6*poisson:5``  mixture                                     0.4 x^2 + 0.6 exp(-5 (1 - x))
======================  =================================================  ================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from skillgraph.checks import count
from skillgraph.ensembles.laws import Binomial, DegreeLaw, Fixed, NegativeBinomial, Poisson, number_text
from skillgraph.ensembles.weighted_laws import Mixture, Table, Zipf
from skillgraph.records.values import leaves_as

__all__ = [
    "DegreeLaw",
    "binomial",
    "edge_polynomial",
    "empirical",
    "expected_counts",
    "fixed",
    "from_pmf",
    "geometric",
    "mixture",
    "negative_binomial",
    "parse_law",
    "poisson",
    "zipf",
]

_LARGEST_DEGREE = 2**31 - 1
_NUMBER = r"[0-9.]+(?:[eE][+-]?[0-9]+)?"


def parse_law(text: str | DegreeLaw) -> DegreeLaw:
    """Read a law from its compact text; the inverse of ``str(law)``.

    Parameters
    ----------
    text : str or DegreeLaw
        See the table at the top of this module; a law is returned as it is.

    Returns
    -------
    DegreeLaw

    Raises
    ------
    ValueError
        If the law is unknown, has too few or too many parameters, or a parameter breaks its rule.

    Examples
    --------
    >>> parse_law("0.4*fixed:2+0.6*poisson:5").mean
    3.8
    """
    if isinstance(text, DegreeLaw):
        return text
    parts = re.split(rf"\+(?=\s*{_NUMBER}\s*\*)", text.strip())
    if len(parts) == 1 and "*" not in text:
        return _parse_single(text.strip())
    return mixture([_parse_weighted(part, text) for part in parts])


def _parse_weighted(part: str, text: str) -> tuple[float, DegreeLaw]:
    weight, star, law = part.partition("*")
    if not star:
        raise ValueError(f'every part of a mixture needs a weight like "0.4*fixed:2", got "{part}" in "{text}"')
    return _read_number(weight, text), _parse_single(law.strip())


def _parse_single(text: str) -> DegreeLaw:
    name, _, rest = text.partition(":")
    if name in ("pmf", "counts"):
        return _parse_pairs(name, rest, text)
    if name not in _PARAMETERS:
        known = ", ".join([*_PARAMETERS, "pmf", "counts"])
        raise ValueError(f'unknown degree law "{text}": known laws are {known}, and mixtures 0.4*A+0.6*B')
    words = rest.split(":") if rest else []
    parameters, build = _PARAMETERS[name]
    if len(words) != len(parameters):
        form = ":".join([name, *(word.upper() for word in parameters)])
        raise ValueError(f'degree law "{text}" must have the form {form}')
    return build([_read_number(word, text) for word in words], text)


def _parse_pairs(name: str, rest: str, text: str) -> DegreeLaw:
    items: dict[int, float] = {}
    for pair in rest.split(","):
        degree, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f'degree law "{text}" must have the form {name}:DEGREE=VALUE,DEGREE=VALUE,...')
        items[_integer(_read_number(degree, text), text)] = _read_number(value, text)
    return from_pmf(items) if name == "pmf" else empirical(items)


def _read_number(word: str, text: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ValueError(f'degree law "{text}" needs a number where it says "{word}"') from None


def _integer(value: float, text: str) -> int:
    if not value.is_integer():
        raise ValueError(f'degree law "{text}" needs an integer where it says {number_text(value)}')
    return int(value)


Builder = Callable[[list[float], str], DegreeLaw]

_PARAMETERS: dict[str, tuple[tuple[str, ...], Builder]] = {
    "fixed": (("degree",), lambda v, t: fixed(_integer(v[0], t))),
    "poisson": (("mean",), lambda v, t: poisson(v[0])),
    "binomial": (("trials", "probability"), lambda v, t: binomial(_integer(v[0], t), v[1])),
    "geometric": (("mean",), lambda v, t: geometric(v[0])),
    "negative_binomial": (("mean", "dispersion"), lambda v, t: negative_binomial(v[0], v[1])),
    "zipf": (
        ("exponent", "minimum", "maximum"),
        lambda v, t: zipf(v[0], _integer(v[1], t), _integer(v[2], t)),
    ),
}


def edge_polynomial(text: str) -> DegreeLaw:
    """Return the node law of an edge-perspective polynomial, the way LDPC ensembles are written.

    Parameters
    ----------
    text : str
        For example ``"0.2*x+0.8*x^2"``: 20 % of the edges end in nodes of degree 2, 80 % in nodes of degree 3.

    Raises
    ------
    ValueError
        If the text is no polynomial in x, or its coefficients are negative or do not sum to 1.
    """
    edges: dict[int, float] = {}
    for term in _split_terms(text):
        coefficient, power = _read_term(term, text)
        edges[power + 1] = edges.get(power + 1, 0.0) + coefficient
    total = sum(edges.values())
    if not abs(total - 1) <= 1e-9:
        raise ValueError(f'coefficients of the edge polynomial "{text}" must sum to 1, got {total:.12g}')
    return _table(f'coefficients of the edge polynomial "{text}"', {k: p / k for k, p in edges.items()})


def _split_terms(text: str) -> list[str]:
    return re.split(r"(?<![eE])\+", text.replace(" ", "").replace("**", "^"))


def _read_term(term: str, text: str) -> tuple[float, int]:
    match = re.fullmatch(
        r"(?:(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)(?:/([0-9.]+))?)?(\*?x(?:\^([0-9]+))?)?(?:/([0-9.]+))?", term
    )
    if match is None or term == "":
        raise ValueError(f'an edge polynomial looks like "0.2*x+0.8*x^2", got "{text}"')
    number, below, variable, power, divisor = match.groups()
    try:
        coefficient = float(number or 1) / float(below or 1) / float(divisor or 1)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'edge polynomial "{text}" needs numbers as coefficients, got "{term}"') from None
    return coefficient, 0 if variable is None else int(power or 1)


def fixed(degree: int) -> Fixed:
    """Return the law of one degree, an integer of at least 0."""
    return Fixed(_degree("degree of fixed", degree))


def poisson(mean: float) -> Poisson:
    """Return the Poisson law of a finite mean of at least 0."""
    return Poisson(_non_negative("mean of poisson", mean))


def binomial(trials: int, probability: float) -> Binomial:
    """Return the binomial law; ``trials`` at least 1, 0 <= probability <= 1."""
    number = count("trials of binomial", trials, largest=_LARGEST_DEGREE)
    if not 0 <= probability <= 1:
        raise ValueError(f"probability of binomial must lie in [0, 1], got {probability}")
    return Binomial(number, float(probability))


def geometric(mean: float) -> NegativeBinomial:
    """Return the geometric law on 0, 1, 2, ... of a finite mean of at least 0."""
    return NegativeBinomial(_non_negative("mean of geometric", mean), 1.0)


def negative_binomial(mean: float, dispersion: float) -> NegativeBinomial:
    """Return the negative binomial law of a mean and a dispersion > 0 (variance mean + mean^2/dispersion)."""
    if not 0 < dispersion < np.inf:
        raise ValueError(f"dispersion of negative_binomial must be positive and finite, got {dispersion}")
    return NegativeBinomial(_non_negative("mean of negative_binomial", mean), float(dispersion))


def zipf(exponent: float, minimum: int, maximum: int) -> Zipf:
    """Return the power law k^(-exponent) on minimum, ..., maximum with 1 <= minimum <= maximum."""
    if not np.isfinite(exponent):
        raise ValueError(f"exponent of zipf must be finite, got {exponent}")
    low, high = _degree("minimum of zipf", minimum), _degree("maximum of zipf", maximum)
    if not 1 <= low <= high:
        raise ValueError(f"zipf needs 1 <= minimum <= maximum, got minimum {low} and maximum {high}")
    return Zipf(float(exponent), low, high)


def mixture(parts: Sequence[tuple[float, DegreeLaw]]) -> DegreeLaw:
    """Return the mixture of (weight, law) pairs; weights are scaled to sum to 1."""
    weights = _shares("weights of a mixture", [weight for weight, _ in parts])
    kept = [(w, law) for w, (_, law) in zip(weights, parts, strict=True) if w > 0]
    if len(kept) == 1:
        return kept[0][1]
    return Mixture(tuple(w for w, _ in kept), tuple(law for _, law in kept))


def from_pmf(pmf: Mapping[int, float] | Sequence[float] | np.ndarray) -> Table:
    """Return a user's own law.

    Parameters
    ----------
    pmf : mapping degree -> probability, or (n,) array of the probabilities of 0, 1, ..., n-1
        Non-negative and summing to 1 within 1e-9; use `empirical` for counts.
    """
    items = dict(pmf.items()) if isinstance(pmf, Mapping) else dict(enumerate(np.asarray(pmf, dtype=float)))
    total = float(np.sum(list(items.values())))
    if not abs(total - 1) <= 1e-9:
        raise ValueError(f"probabilities of a pmf must sum to 1, got {total:.12g}; use counts to have them scaled")
    return _table("probabilities of a pmf", items)


def empirical(counts: Mapping[int, float] | Sequence[int] | np.ndarray) -> Table:
    """Return the law of measured degrees.

    Parameters
    ----------
    counts : mapping degree -> count, or (n,) integer array of observed degrees
    """
    if isinstance(counts, Mapping):
        return _table("counts", counts)
    observed = np.asarray(counts)
    if observed.size == 0:
        raise ValueError("an empirical law needs at least one observed degree, got none")
    degrees, occurrences = np.unique(observed, return_counts=True)
    return _table("counts", dict(zip(degrees.tolist(), occurrences.tolist(), strict=True)))


def expected_counts(probabilities: np.ndarray, number: int) -> np.ndarray:
    """Return how many of ``number`` nodes have each degree, as expected, rounded by largest remainders.

    Parameters
    ----------
    probabilities : (n,) float64 array
        Of the degrees 0, 1, ..., n - 1; scaled to sum to 1.
    number : int

    Returns
    -------
    (n,) int64 array
        Sums to ``number``.
    """
    expected = probabilities * (number / probabilities.sum())
    counts = np.floor(expected + 1e-9).astype(np.int64)
    counts[np.argsort(counts - expected, kind="stable")[: number - int(counts.sum())]] += 1
    return counts


def _table(name: str, items: Mapping[int, float]) -> Table:
    degrees = sorted(_degree("degree of a table", k) for k in items)
    shares = _shares(name, [items[k] for k in degrees])
    kept = [(k, p) for k, p in zip(degrees, shares, strict=True) if p > 0]
    return Table(tuple(k for k, _ in kept), tuple(p for _, p in kept))


def _shares(name: str, values: Sequence[float]) -> list[float]:
    """Scale non-negative values to sum to 1; a sum that is 1 up to rounding leaves them as they are."""
    array = np.asarray(values, dtype=float)
    if array.size == 0 or not np.all(np.isfinite(array)) or np.any(array < 0):
        raise ValueError(f"{name} must be non-negative finite numbers, got {list(values)}")
    total = float(array.sum())
    if total == 0:
        raise ValueError(f"{name} must not sum to 0, got {list(values)}")
    return [float(v) for v in (array if abs(total - 1) < 1e-12 else array / total)]


def _degree(name: str, value: int) -> int:
    return count(name, value, least=0, largest=_LARGEST_DEGREE)


def _non_negative(name: str, value: float) -> float:
    if not 0 <= value < np.inf:
        raise ValueError(f"{name} must be a non-negative finite number, got {number_text(value)}")
    return float(value)


leaves_as(DegreeLaw, str, parse_law, {"type": "string"})
