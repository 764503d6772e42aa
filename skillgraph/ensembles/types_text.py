"""Ensembles of several classes written down: a TOML file or a mapping, and ``BLOCKS:OVERLAP`` for equal topics.

.. code-block:: toml

    [skills.language]
    share = 0.4                          # equal shares if no class says one
    known = 0.05                         # optional

    [texts.books]
    rate = 0.3                           # texts per skill at scale 1
    learner = 1                          # optional
    needs = {language = 3.5, maths = "fixed:1"}                      # a number is the mean of a Poisson law
    # or  total = "fixed:4", split = {language = 0.9, maths = 0.1}   # classes drawn jointly
    # or  rows = [{weight = 3, language = 2, maths = 1}, {language = 4}]

A configuration ensemble adds ``texts = {books = "fixed:3"}`` (or ``total`` and ``split``) to every skill class. In
place of both tables: ``[topics]`` with the arguments of `topics`, ``[protograph]`` with ``base``, ``[chain]`` with
``texts_per_skill``, ``skills_per_text`` and ``length``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from skillgraph.checks import count, parse_number, positive, shown
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.joint_laws import JointLaw, Split, rows
from skillgraph.ensembles.types import TypedEnsemble, coupled_chain, protograph, topics, types

__all__ = ["parse_topics", "read_types", "types_from"]

_SKILL_KEYS = {"share", "known", "texts", "total", "split", "rows"}
_TEXT_KEYS = {"rate", "learner", "needs", "total", "split", "rows"}
_WHOLE = {
    "topics": (topics, {"blocks", "overlap", "skills_per_text", "texts_per_skill", "known", "learner"}),
    "protograph": (protograph, {"base"}),
    "chain": (coupled_chain, {"texts_per_skill", "skills_per_text", "length"}),
}


def read_types(path: str | Path) -> TypedEnsemble:
    """Read an ensemble from a TOML file; see the top of this module.

    Raises
    ------
    ValueError
        If the file is no TOML, has unknown keys or classes, or breaks a rule of `types`.
    """
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not a TOML file: {error}") from None
    try:
        return types_from(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def types_from(content: Mapping[str, Any]) -> TypedEnsemble:
    """Read an ensemble from a mapping of the form of the TOML file.

    Parameters
    ----------
    content : mapping

    Examples
    --------
    >>> types_from({"topics": {"blocks": 2, "overlap": 0.05}}).skill_classes
    ('topic1', 'topic2')
    """
    whole = [name for name in _WHOLE if name in content]
    if whole:
        return _from_whole(whole[0], content)
    if not {"skills", "texts"} <= set(content) or len(content) > 2:
        known = ", ".join(f"[{name}]" for name in _WHOLE)
        raise ValueError(
            f"an ensemble needs tables [skills.NAME] and [texts.NAME], or one of {known}, got {_keys(content)}"
        )
    skills, texts = _tables("skills", content["skills"], _SKILL_KEYS), _tables("texts", content["texts"], _TEXT_KEYS)
    sides = [_joint(f"texts.{name}", one, "needs", tuple(skills)) for name, one in texts.items()]
    configured = any({"texts", "total", "rows"} & set(one) for one in skills.values())
    return types(
        [_share(name, one, skills) for name, one in skills.items()],
        [_number(f"texts.{name}", one, "rate") for name, one in texts.items()],
        sides,
        known=[one.get("known", 0.0) for one in skills.values()],
        learner=[one.get("learner", 1) for one in texts.values()],
        texts=[_joint(f"skills.{n}", one, "texts", tuple(texts)) for n, one in skills.items()] if configured else None,
        skill_classes=tuple(skills),
        text_classes=tuple(texts),
    )


def parse_topics(
    text: str, skills_per_text: str = "poisson:4", texts_per_skill: Sequence[float] = (1.0,)
) -> TypedEnsemble:
    """Read ``BLOCKS:OVERLAP``, for example ``2:0.05``: equal topics that share 5 % of their texts' skills."""
    blocks, colon, overlap = text.partition(":")
    if not colon:
        raise ValueError(f"topics must have the form BLOCKS:OVERLAP such as 2:0.05, got {shown(text)}")
    number = count("BLOCKS of topics", parse_number(blocks, "BLOCKS of topics"))
    ratios = list(texts_per_skill)
    if len(ratios) not in (1, number):
        raise ValueError(f"texts per skill must be one number or one per topic, {blocks}, got {len(ratios)}")
    rate = ratios[0] if len(ratios) == 1 else ratios
    return topics(number, parse_number(overlap, "OVERLAP of topics"), skills_per_text, rate)


def _from_whole(name: str, content: Mapping[str, Any]) -> TypedEnsemble:
    build, allowed = _WHOLE[name]
    if len(content) > 1:
        raise ValueError(f"[{name}] is the whole ensemble: leave out {_keys({k: 0 for k in content if k != name})}")
    given = _table(name, content[name], allowed)
    try:
        return build(**given)  # type: ignore[operator]
    except TypeError as error:
        raise ValueError(f"[{name}] needs {', '.join(sorted(allowed))}: {error}") from None


def _tables(side: str, given: Any, allowed: set[str]) -> dict[str, Mapping[str, Any]]:
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"[{side}] must hold one table [{side}.NAME] per class, got {shown(given)}")
    return {str(name): _table(f"{side}.{name}", one, allowed) for name, one in given.items()}


def _table(name: str, given: Any, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be a table [{name}], got {shown(given)}")
    extra = sorted(set(given) - allowed)
    if extra:
        raise ValueError(f"unknown key {extra[0]} in [{name}], known are {', '.join(sorted(allowed))}")
    return given


def _share(name: str, one: Mapping[str, Any], skills: Mapping[str, Mapping[str, Any]]) -> float:
    if not any("share" in other for other in skills.values()):
        return 1 / len(skills)
    return _number(f"skills.{name}", one, "share")


def _number(table: str, one: Mapping[str, Any], key: str) -> float:
    value = one.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"[{table}] must say {key}, a number, got {shown(value)}")
    return float(value)


def _joint(table: str, one: Mapping[str, Any], plain: str, classes: tuple[str, ...]) -> Any:
    """Read the joint law of a class in one of its three forms."""
    forms = [key for key in (plain, "total", "rows") if key in one]
    if len(forms) != 1:
        raise ValueError(f"[{table}] must say {plain}, or total with split, or rows: one of them, got {_keys(one)}")
    if forms[0] == plain:
        entries = _by_class(table, plain, one[plain], classes)
        return [entries.get(name, 0) for name in classes]
    if forms[0] == "total":
        return _split(table, one, classes)
    return _rows(table, one["rows"], classes)


def _split(table: str, one: Mapping[str, Any], classes: tuple[str, ...]) -> JointLaw:
    entries = _by_class(table, "split", one.get("split"), classes)
    weights = [float(entries.get(name, 0)) for name in classes]
    if min(weights) < 0 or not abs(sum(weights) - 1) <= 1e-9:
        raise ValueError(f"split of [{table}] must be shares that sum to 1, they sum to {sum(weights):.12g}")
    return Split(parse_law(one["total"]), tuple(weight / sum(weights) for weight in weights))


def _rows(table: str, given: Any, classes: tuple[str, ...]) -> JointLaw:
    if not isinstance(given, Sequence) or not given:
        raise ValueError(f"rows of [{table}] must be a list of tables of counts by class, got {shown(given)}")
    weights = [positive(f"weight of a row of [{table}]", row.get("weight", 1.0)) for row in given]
    tables = [_by_class(table, "rows", {k: v for k, v in row.items() if k != "weight"}, classes) for row in given]
    return rows([w / sum(weights) for w in weights], [[row.get(name, 0) for name in classes] for row in tables])


def _by_class(table: str, key: str, given: Any, classes: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{key} of [{table}] must give a value by class, got {shown(given)}")
    unknown = [name for name in given if name not in classes]
    if unknown:
        raise ValueError(f'{key} of [{table}] names an unknown class "{unknown[0]}": known are {", ".join(classes)}')
    return given


def _keys(content: Mapping[str, Any]) -> str:
    return ", ".join(map(str, content)) or "nothing"
