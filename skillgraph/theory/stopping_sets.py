"""Small stopping sets: the error floor of a finite configuration ensemble, below the waterfall.

A stopping set is a set of skills none of whose texts has exactly one of its sockets: once unknown, it stays unknown.
The expected number of those of s skills is a coefficient of generating functions; skills of degree k contribute
1 + y x^k, texts of degree d contribute (1 + x)^d - d x, and e given sockets are the matched ones with 1 / C(E, e):

    A_s = sum_e [y^s x^e] prod_k (1 + y x^k)^(n_k)  [x^e] prod_d ((1 + x)^d - d x)^(m_d) / C(E, e).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

from skillgraph.checks import count, share
from skillgraph.ensembles.degrees import expected_counts
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble

__all__ = ["expected_stopping_sets", "floor_bound"]

_LARGEST = 12


def expected_stopping_sets(ensemble: EnsembleLike, num_skills: int, largest: int) -> np.ndarray:
    """Return the expected number of stopping sets of 1, ..., ``largest`` skills, all texts there.

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble; every degree occurs as often as expected, rounded.
    num_skills : int
        n.
    largest : int
        1 to 12.

    Returns
    -------
    (largest,) float64 array
        Exact rational arithmetic, rounded once.

    Raises
    ------
    ValueError
        If the ensemble has no law of texts per skill, or a number is out of range.

    References
    ----------
    Orlitsky, Viswanathan & Zhang (2005), doi:10.1109/TIT.2004.842571.
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.texts_per_skill is None or ensemble.full_ratio is None:
        raise ValueError("stopping sets are counted for configuration ensembles: give a law of texts per skill")
    size, most = count("num_skills", num_skills), count("largest", largest, largest=_LARGEST)
    skills = _counts(ensemble.texts_per_skill.probabilities, size)
    texts = _counts(ensemble.skills_per_text.probabilities, round(size * ensemble.full_ratio))
    degree = most * max(skills)
    edges, text_side = sum(k * n for k, n in skills.items()), _text_side(texts, degree)
    counts = []
    for size_of_set, row in enumerate(_skill_side(skills, most, degree)):
        if size_of_set:
            terms = (Fraction(a * b, comb(edges, e)) for e, (a, b) in enumerate(zip(row, text_side, strict=True)) if a)
            counts.append(float(sum(terms, Fraction(0))))
    return np.array(counts)


def floor_bound(ensemble: EnsembleLike, num_skills: int, erasure: float, largest: int = 4) -> float:
    """Return sum_s A_s erasure^s, the expected number of unknown small stopping sets: a bound on the error floor.

    Parameters
    ----------
    ensemble, num_skills
        As in `expected_stopping_sets`.
    erasure : float
        Probability that a skill is not known beforehand, in [0, 1].
    largest : int
        Largest stopping set that is counted.
    """
    ensemble = parse_ensemble(ensemble)
    chance = share("erasure", erasure)
    counts = expected_stopping_sets(ensemble, num_skills, largest)
    return float(counts @ chance ** np.arange(1, counts.size + 1))


def _counts(probabilities: np.ndarray, number: int) -> dict[int, int]:
    """Return how many of ``number`` nodes have each degree that occurs."""
    counts = expected_counts(probabilities, number)
    return {degree: int(times) for degree, times in enumerate(counts) if times}


def _skill_side(skills: dict[int, int], most: int, degree: int) -> list[list[int]]:
    """Coefficients of y^s x^e in prod_k (1 + y x^k)^(n_k), s up to ``most``."""
    rows = [[1] + [0] * degree] + [[0] * (degree + 1) for _ in range(most)]
    for k, number in skills.items():
        new = [[0] * (degree + 1) for _ in rows]
        for s, row in enumerate(rows):
            for chosen in range(min(most - s, number) + 1):
                ways = comb(number, chosen)
                for e, value in enumerate(row[: degree + 1 - k * chosen]):
                    new[s + chosen][e + k * chosen] += ways * value
        rows = new
    return rows


def _text_side(texts: dict[int, int], degree: int) -> list[int]:
    """Coefficients of x^e in prod_d ((1 + x)^d - d x)^(m_d), e up to ``degree``."""
    total = [1] + [0] * degree
    for d, number in texts.items():
        base = [comb(d, e) if e != 1 else 0 for e in range(degree + 1)]
        total = _times(total, _power(base, number, degree), degree)
    return total


def _power(base: list[int], exponent: int, degree: int) -> list[int]:
    out = [1] + [0] * degree
    while exponent:
        if exponent & 1:
            out = _times(out, base, degree)
        base, exponent = _times(base, base, degree), exponent >> 1
    return out


def _times(one: list[int], other: list[int], degree: int) -> list[int]:
    """Product of two polynomials up to a degree."""
    out = [0] * (degree + 1)
    for i, a in enumerate(one):
        if a:
            for j, b in enumerate(other[: degree + 1 - i]):
                out[i + j] += a * b
    return out
