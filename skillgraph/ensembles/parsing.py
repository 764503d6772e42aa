"""Ensembles as callers write them: a text, a law, or the keys of a command line, a study file, a specification.

One door for all: whoever names an ensemble is understood, or told what is wrong, in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from skillgraph.checks import count, shown
from skillgraph.ensembles.degrees import edge_polynomial, parse_law, poisson
from skillgraph.ensembles.ensemble import Ensemble, Popularity, ldpc, parse_popularity
from skillgraph.ensembles.laws import DegreeLaw

__all__ = ["KEYS", "EnsembleLike", "LawLike", "parse_ensemble"]

EnsembleLike: TypeAlias = Ensemble | DegreeLaw | str | Mapping[str, Any]
LawLike: TypeAlias = DegreeLaw | str

KEYS = ("skills_per_text", "skill_popularity", "texts_per_skill", "ldpc", "lambda_edges", "rho_edges")


def parse_ensemble(ensemble: EnsembleLike, *, names: Mapping[str, str] | None = None) -> Ensemble:
    """Return the ensemble that a text, a law or named parameters stand for; an ensemble is returned as it is.

    Parameters
    ----------
    ensemble : Ensemble, str, DegreeLaw or mapping
        A law of skills per text such as ``"poisson:6"`` is texts by law of uniform popularity; ``str(ensemble)`` is
        read back. A mapping names one ensemble by the keys ``skills_per_text`` (a law; a number is the mean of a
        Poisson law) with ``skill_popularity`` (``"uniform"`` or ``"zipf:0.5"``) or ``texts_per_skill`` (a law);
        ``ldpc`` (``"3,6"``: texts per skill, skills per text); or ``lambda_edges`` with ``rho_edges`` (polynomials).
        A key whose value is None counts as left out.
    names : mapping, optional
        What the caller calls a key, for messages.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        One sentence that names the key as the caller wrote it.

    Examples
    --------
    >>> print(parse_ensemble("poisson:6"))
    skills per text poisson:6, popularity uniform
    >>> print(parse_ensemble({"ldpc": "3,6"}))
    skills per text fixed:6, texts per skill fixed:3
    """
    if isinstance(ensemble, Ensemble):
        return ensemble
    if isinstance(ensemble, str):
        return _from_text(ensemble)
    if isinstance(ensemble, DegreeLaw):
        return _from_keys({"skills_per_text": ensemble}, dict.fromkeys(KEYS, "skills per text"))
    if not isinstance(ensemble, Mapping):
        raise ValueError(f'an ensemble must be a text like "poisson:6", a law or a mapping, got {shown(ensemble)}')
    return _from_keys(ensemble, dict(zip(KEYS, KEYS, strict=True)) | dict(names or {}))


@lru_cache(maxsize=64)
def _from_text(text: str) -> Ensemble:
    """Read a law of skills per text, or the text of an ensemble; its theory is then worked out once."""
    law, skills, popularity = text.strip().removeprefix("skills per text "), None, None
    if law != text.strip():
        law, _, popularity = law.partition(", popularity ")
        law, _, skills = law.partition(", texts per skill ")
    keys = {"skills_per_text": law, "texts_per_skill": skills or None, "skill_popularity": popularity or None}
    return _from_keys(keys, {key: key.replace("_", " ") for key in KEYS})


def _from_keys(given: Mapping[str, Any], names: Mapping[str, str]) -> Ensemble:
    unknown = [key for key in given if key not in KEYS]
    if unknown:
        known = ", ".join(names[key] for key in KEYS)
        raise ValueError(f"unknown key {shown(unknown[0])} of an ensemble: known are {known}")
    keys = {key: value for key, value in given.items() if value is not None}
    _require_one(keys, names)
    if "ldpc" in keys:
        return ldpc(*_pair(keys["ldpc"], names["ldpc"]))
    if "lambda_edges" in keys:
        skills, texts = (_edges(keys[key], names[key]) for key in ("lambda_edges", "rho_edges"))
        return Ensemble(texts, texts_per_skill=skills)
    law = _law(keys["skills_per_text"], names["skills_per_text"])
    if "texts_per_skill" in keys:
        return Ensemble(law, texts_per_skill=_law(keys["texts_per_skill"], names["texts_per_skill"], numbers=False))
    return Ensemble(law, popularity=_popularity(keys.get("skill_popularity", "uniform"), names["skill_popularity"]))


def _require_one(keys: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Say what is wrong unless exactly one ensemble is named, and completely."""
    first = [key for key in ("skills_per_text", "ldpc", "lambda_edges", "rho_edges") if key in keys]
    if first in (["lambda_edges"], ["rho_edges"]):
        raise ValueError(f"{names['lambda_edges']} and {names['rho_edges']} go together")
    if len(first) != 1 and first != ["lambda_edges", "rho_edges"]:
        got = " and ".join(names[key] for key in first) or "none"
        ways = f"{names['skills_per_text']}, {names['ldpc']}, or {names['lambda_edges']} with {names['rho_edges']}"
        raise ValueError(f"name one ensemble: {ways}, got {got}")
    beside = [key for key in ("skill_popularity", "texts_per_skill") if key in keys]
    if beside and first != ["skills_per_text"]:
        raise ValueError(f"{names[beside[0]]} goes with {names['skills_per_text']}, not with {names[first[0]]}")
    if len(beside) == 2:
        raise ValueError(
            f"{names['texts_per_skill']} fixes the popularity of skills: leave out {names['skill_popularity']}"
        )


def _law(value: Any, name: str, *, numbers: bool = True) -> DegreeLaw:
    if numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
        law: DegreeLaw = _named(name, poisson, value)
    elif isinstance(value, (str, DegreeLaw)):
        law = _named(name, parse_law, value)
    else:
        raise ValueError(f'{name} must be a law like "fixed:3"{" or a number" * numbers}, got {shown(value)}')
    if not law.mean > 0:
        raise ValueError(f'{name} must have a positive mean, got "{law}"')
    return law


def _popularity(value: Any, name: str) -> Popularity:
    if not isinstance(value, (str, Popularity)):
        raise ValueError(f'{name} must be "uniform" or "zipf:EXPONENT", got {shown(value)}')
    found: Popularity = _named(name, parse_popularity, value)
    return found


def _edges(value: Any, name: str) -> DegreeLaw:
    if not isinstance(value, str):
        raise ValueError(f'{name} must be a polynomial like "0.2*x+0.8*x^2", got {shown(value)}')
    law: DegreeLaw = _named(name, edge_polynomial, value)
    return law


def _pair(value: Any, name: str) -> tuple[int, int]:
    words = value.split(",") if isinstance(value, str) else value
    try:
        left, right = (count(name, int(word) if isinstance(word, str) else word) for word in words)
    except (TypeError, ValueError):
        raise ValueError(f'{name} takes two integers like "3,6", each at least 1, got {shown(value)}') from None
    return left, right


def _named(name: str, read: Any, value: Any) -> Any:
    """Read a value, its name put before what is said against it."""
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
