"""Prerequisites of a real curriculum: skills that need others, by AND, OR or k-of-m gates, read from a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import numpy as np

from skillgraph.records import Record

__all__ = [
    "Acquisition",
    "BottleneckSkill",
    "Curriculum",
    "acquire",
    "bottleneck_skills",
    "curriculum",
    "read_curriculum",
]


class Curriculum(Record):
    """Skills and what each needs, in an order in which prerequisites come first.

    Attributes
    ----------
    skills : tuple of str
    requires : tuple of tuple of int
        Places of the prerequisites of each skill.
    needed : tuple of int
        How many of them must be there: all (AND), 1 (OR), or k.
    """

    skills: tuple[str, ...]
    requires: tuple[tuple[int, ...], ...]
    needed: tuple[int, ...]


class Acquisition(Record):
    """When each skill is acquired.

    Attributes
    ----------
    own : (skills,) float64 array
        Moment from which a skill could be learned, were its prerequisites there; infinite for never.
    acquired : (skills,) float64 array
        Moment at which it is: never before enough of its prerequisites.
    held_by : (skills,) int64 array
        The prerequisite that completes the gate last and later than the skill's own moment; -1 for none.
    order : (skills,) int64 array
        Places of the acquired skills by moment, then by place; skills never acquired are left out.
    """

    own: np.ndarray
    acquired: np.ndarray
    held_by: np.ndarray
    order: np.ndarray


class BottleneckSkill(Record):
    """A skill that holds up others.

    Attributes
    ----------
    skill : str
    delayed : int
        Skills that would be acquired earlier if this one could be learned from the start.
    saved : float
        Sum of the time they would save, where finite.
    unlocked : int
        Skills acquired then that are never acquired now.
    """

    skill: str
    delayed: int
    saved: float
    unlocked: int


def curriculum(rules: Mapping[str, tuple[Sequence[str], str]]) -> Curriculum:
    """Check a set of rules and bring them into order.

    Parameters
    ----------
    rules : mapping skill -> (prerequisites, rule)
        The rule is ``and``, ``or`` or ``k-of`` such as ``2-of``; skills only named as prerequisites need nothing.

    Returns
    -------
    Curriculum

    Raises
    ------
    ValueError
        If there are no skills, a rule is unknown or asks for more prerequisites than it names, a skill needs itself, or
        prerequisites go round in a cycle, which is named.

    Examples
    --------
    >>> table = curriculum({'add': ((), 'and'), 'carry': ((), 'and'), 'long addition': (('add', 'carry'), 'and')})
    >>> table.skills
    ('add', 'carry', 'long addition')
    """
    needs = {name: tuple(dict.fromkeys(required)) for name, (required, _) in rules.items()}
    if not needs:
        raise ValueError("a curriculum needs at least one skill, got none")
    for required in list(needs.values()):
        for name in required:
            needs.setdefault(name, ())
    try:
        ordered = tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise ValueError(f"prerequisites must not go round in a cycle, got {cycle}") from None
    place = {name: position for position, name in enumerate(ordered)}
    counts = [_needed(name, rules[name][1] if name in rules else "and", len(needs[name])) for name in ordered]
    return Curriculum(ordered, tuple(tuple(place[r] for r in needs[name]) for name in ordered), tuple(counts))


def _needed(skill: str, rule: str, number: int) -> int:
    word = rule.strip().lower()
    if word in ("and", ""):
        return number
    if word == "or":
        return min(1, number)
    match = re.fullmatch(r"([0-9]+)(?:[- ]?of(?:[- ]?[0-9]+)?)?", word)
    if match is None:
        raise ValueError(f'rule of "{skill}" must be and, or, or k-of such as 2-of, got "{rule}"')
    asked = int(match.group(1))
    if not 0 < asked <= number:
        raise ValueError(f'rule of "{skill}" must ask for 1 to {number} of its {number} prerequisites, got "{rule}"')
    return asked


def read_curriculum(path: str | Path) -> Curriculum:
    """Read a table with columns ``skill,requires,rule``.

    ``requires`` lists skills separated by ``;`` (empty for none), ``rule`` is and (the default), or, or k-of.

    Parameters
    ----------
    path : str or Path
        CSV with the columns skill, requires (names separated by spaces) and rule (and, or, 2-of, ...).

    Returns
    -------
    Curriculum

    Raises
    ------
    ValueError
        If a column is missing, a line has no skill or a skill stands on two lines; and for the rules of `curriculum`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, 'skills.csv').write_text('''skill,requires,rule
    ... a,,and
    ... b,a,and
    ... ''')
    ...     table = read_curriculum(f'{folder}/skills.csv')
    >>> table.skills
    ('a', 'b')
    """
    rules: dict[str, tuple[list[str], str]] = {}
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        names = [name.strip() for name in reader.fieldnames or []]
        if not {"skill", "requires"} <= set(names):
            raise ValueError(f"{path} must have columns skill,requires,rule, got {','.join(names)}")
        reader.fieldnames = names
        for row in reader:
            skill = (row["skill"] or "").strip()
            if not skill:
                raise ValueError(f"{path}, line {reader.line_num}: skill must not be empty")
            if skill in rules:
                raise ValueError(f'{path}, line {reader.line_num}: skill "{skill}" stands on an earlier line already')
            required = [word.strip() for word in (row["requires"] or "").split(";") if word.strip()]
            rules[skill] = required, row.get("rule") or "and"
    return curriculum(rules)


def acquire(table: Curriculum, own: Mapping[str, float] | np.ndarray) -> Acquisition:
    """Compute when each skill is acquired.

    A skill is acquired at the later of its own moment and the moment at which enough of its prerequisites are: the last
    for AND, the first for OR, the k-th for k-of-m.

    Parameters
    ----------
    table : Curriculum
    own : mapping or (skills,) array
        Moment (texts, rounds, scale) from which each skill could be learned by itself; skills missing from a mapping
        could be from 0, infinite means never. For instance ``learned_at`` of a learning curve.

    Returns
    -------
    Acquisition

    Examples
    --------
    >>> table = curriculum({'add': ((), 'and'), 'carry': ((), 'and'), 'long addition': (('add', 'carry'), 'and')})
    >>> acquire(table, {'add': 1.0, 'carry': 3.0, 'long addition': 2.0}).acquired.tolist()
    [1.0, 3.0, 3.0]
    """
    return _acquire(table, _own_moments(table, own))


def _own_moments(table: Curriculum, own: Mapping[str, float] | np.ndarray) -> np.ndarray:
    if isinstance(own, Mapping):
        unknown = sorted(set(own) - set(table.skills))
        if unknown:
            raise ValueError(f'moments are given for a skill that the curriculum does not have: "{unknown[0]}"')
        moments = np.array([float(own.get(name, 0.0)) for name in table.skills])
    else:
        moments = np.asarray(own, dtype=float)
    if moments.shape != (len(table.skills),) or np.any(np.isnan(moments)) or np.any(moments < 0):
        raise ValueError(f"own moments must be {len(table.skills)} non-negative numbers, one per skill")
    return moments


def _acquire(table: Curriculum, moments: np.ndarray) -> Acquisition:
    acquired, held = moments.copy(), np.full(moments.size, -1, np.int64)
    for place, (required, needed) in enumerate(zip(table.requires, table.needed, strict=True)):
        if needed == 0:
            continue
        by_moment = sorted(required, key=lambda one: acquired[one])
        gate = acquired[by_moment[needed - 1]]
        if gate > moments[place]:
            acquired[place], held[place] = gate, by_moment[needed - 1]
    known = np.flatnonzero(np.isfinite(acquired))
    return Acquisition(moments, acquired, held, known[np.argsort(acquired[known], kind="stable")])


def bottleneck_skills(table: Curriculum, own: Mapping[str, float] | np.ndarray) -> tuple[BottleneckSkill, ...]:
    """Return the skills whose own moment holds up others, the worst first.

    Each skill in turn is made learnable from the start and the curriculum acquired again.

    Parameters
    ----------
    table : Curriculum
    own : mapping or (skills,) array
        See `acquire`.

    Returns
    -------
    tuple of BottleneckSkill
        The skill that holds up most comes first.

    Examples
    --------
    >>> table = curriculum({'add': ((), 'and'), 'carry': ((), 'and'), 'long addition': (('add', 'carry'), 'and')})
    >>> [one.skill for one in bottleneck_skills(table, {'add': 1.0, 'carry': 3.0, 'long addition': 2.0})]
    ['carry']
    """
    moments = _own_moments(table, own)
    before = _acquire(table, moments).acquired
    found = []
    for place, name in enumerate(table.skills):
        if moments[place] == 0:
            continue
        eased = moments.copy()
        eased[place] = 0.0
        after = _acquire(table, eased).acquired
        others = np.arange(moments.size) != place
        earlier = (after < before) & others
        if np.any(earlier):
            finite = earlier & np.isfinite(before)
            unlocked = int(np.count_nonzero(earlier & ~np.isfinite(before) & np.isfinite(after)))
            saved = float(np.sum(before[finite] - after[finite]))
            found.append(BottleneckSkill(name, int(np.count_nonzero(earlier)), saved, unlocked))
    return tuple(sorted(found, key=lambda one: (-one.unlocked, -one.saved, one.skill)))
