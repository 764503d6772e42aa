"""Many small graphs, each in one walk: drawn, learned and joined text by text, read on the way, never stored.

A text that arrives names its skills. A skill that is unknown remembers the text in a linked list; when it is learned it
walks through its list, and each text there has one unknown skill less. So the list of a skill holds the texts that
came while it was unknown, and an edge acts at most twice, without a transposed graph.

``skills``: (num_skills + 1,) uint64, the last text that named a skill << 32 | place of what stood here before, in
``nodes``, or `KNOWN` in the lower half. A list ends in a word whose text is `NOBODY`. ``cells``: (num_texts,) uint64,
see `accumulators`; ``anchors``: (num_texts,) uint32, a learned skill of the text, or `NOBODY`.

Components are kept by labels: every skill knows the label of its component, and the members of the smaller of two are
labelled anew, which in random graphs is about two labels per skill in all. Finding is one read without a branch. A
component is three words per skill: labels, nexts (a ring of members, from the label on) and sizes (at the label).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from skillgraph._kernels import inline, jit
from skillgraph._kernels.batch_draws import (
    HALF,
    LOW,
    ONE,
    SOCKETS,
    ZERO,
    Law,
    Room,
    draw_known,
    next_degrees,
    next_skills,
    open_replicate,
    remaining_skill,
)

__all__ = ["LIMBS", "OBSERVED", "add", "observe", "walk_room"]

KNOWN = NOBODY = LOW
SOCKET = np.uint64(2**32)
OBSERVED = 4  # learned skills, largest component, sum of squares of the others, largest association component
LIMBS = 6  # a sum in two numbers of base 2^32, a sum of squares in four


class Walk(NamedTuple):
    """What one thread walks in; all written before it is read, see the top of this module.

    queue: (num_texts + 1,) uint32, texts that teach; row_starts and rows: (num_texts,) uint64, (edges,) uint32, the
    skills of every text, of size 1 if one skill is taught at a time; whole, linked: components of all and of learned
    skills; known: (num_skills,) bool, known beforehand.
    """

    skills: np.ndarray
    nodes: np.ndarray
    cells: np.ndarray
    anchors: np.ndarray
    queue: np.ndarray
    row_starts: np.ndarray
    rows: np.ndarray
    whole: Any
    linked: Any
    known: np.ndarray


@jit
def components_room(num_skills: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, nexts and sizes."""
    return np.empty(num_skills, np.uint32), np.empty(num_skills, np.uint32), np.empty(num_skills, np.uint32)


@jit
def walk_room(num_skills: int, num_texts: int, edges: int, learner: int) -> Walk:
    """Return room for a walk through about so many edges; it grows where more are drawn."""
    several = learner > 1
    return Walk(
        np.empty(num_skills + 1, np.uint64),
        np.empty(edges + 2, np.uint64),
        np.empty(num_texts, np.uint64),
        np.empty(num_texts, np.uint32),
        np.empty(num_texts + 1, np.uint32),
        np.empty(num_texts if several else 1, np.uint64),
        np.empty(edges + 2 if several else 1, np.uint32),
        components_room(num_skills),
        components_room(num_skills),
        np.empty(num_skills, np.bool_),
    )


@jit
def open_walk(walk: Walk, number: np.uint64) -> None:
    """Let nobody be known and every skill be alone."""
    for skill in range(number):
        walk.skills[skill] = NOBODY << HALF
        walk.whole[0][skill] = walk.whole[1][skill] = walk.linked[0][skill] = walk.linked[1][skill] = skill
        walk.whole[2][skill] = walk.linked[2][skill] = np.uint32(1)


@jit
def know(key: np.ndarray, replicate: np.uint64, share: float, room: Room, walk: Walk) -> int:
    """Draw the skills known beforehand, mark them, and return their number; walk: just opened."""
    if share == 0.0:
        return 0
    number = draw_known(key, replicate, share, room, walk.known)
    for skill in range(walk.known.size):
        if walk.known[skill]:
            walk.skills[skill] |= KNOWN
    return number


@inline
def join(components: Any, one: np.uint64, other: np.uint64) -> tuple[np.uint64, int, int]:
    """Join two components, given by their labels; return the label that stays, the larger and the smaller size."""
    labels, nexts, sizes = components
    if sizes[one] < sizes[other]:
        one, other = other, one
    member, label = other, np.uint32(one)
    while True:
        labels[member] = label
        member = np.uint64(nexts[member])
        if member == other:
            break
    nexts[other], nexts[one] = nexts[one], nexts[other]
    large: Any = np.int64(sizes[one])
    small: Any = np.int64(sizes[other])
    sizes[one] = large + small
    return one, large, small


@inline
def learn(walk: Walk, skill: np.uint64, learner: np.uint64, tail: np.uint64, largest: int) -> tuple[np.uint64, int]:
    """Learn a skill: its texts have one unknown skill less, and it joins their learned skills.

    Returns the end of the queue, which texts enter that now teach, and the largest association component.
    """
    labels = walk.linked[0]
    word = walk.skills[skill]
    walk.skills[skill] = word | KNOWN
    label, largest = skill, max(largest, 1)
    while word >> HALF != NOBODY:
        text = word >> HALF
        cell = (walk.cells[text] - SOCKET) ^ skill
        walk.cells[text] = cell
        walk.queue[tail] = text
        tail += ONE if cell >> HALF == learner else ZERO
        anchor = np.uint64(walk.anchors[text])
        anchor = skill if anchor == NOBODY else anchor
        walk.anchors[text] = anchor
        other = np.uint64(labels[anchor])
        if other != label:
            label, large, small = join(walk.linked, label, other)
            largest = max(largest, large + small)
        word = walk.nodes[word & LOW]
    return tail, largest


@inline
def teach(walk: Walk, text: np.uint64, learner: np.uint64, learned: int, largest: int) -> tuple[int, int]:
    """Let a text teach what it can, and every text that can teach therefore; return the new counts."""
    walk.queue[0] = text
    head, tail = ZERO, ONE
    while head < tail:
        teacher = np.uint64(walk.queue[head])
        head += ONE
        place = walk.row_starts[teacher] if learner > ONE else ZERO
        while walk.cells[teacher] >> HALF != ZERO:
            skill = np.uint64(walk.rows[place]) if learner > ONE else walk.cells[teacher] & LOW
            place += ONE
            if walk.skills[skill] & LOW != KNOWN:
                tail, largest = learn(walk, skill, learner, tail, largest)
                learned += 1
    return learned, largest


@jit
def walk_through(
    key: np.ndarray,
    replicate: np.uint64,
    law: Law,
    room: Room,
    known: float,
    learner: np.uint64,
    at: np.ndarray,
    walk: Walk,
    out: np.ndarray,
) -> bool:
    """Walk through one replicate; return whether the room sufficed.

    at: (points,) uint64, increasing numbers of texts; out: (OBSERVED, points) int64, written.
    """
    number, sockets, several = law.num_skills, law.kind == SOCKETS, learner > ONE
    whole_labels, linked_labels = walk.whole[0], walk.linked[0]
    capacity = np.uint64(walk.nodes.size)
    open_replicate(law, room)
    open_walk(walk, number)
    learned, largest, squares = know(key, replicate, known, room, walk), 1, np.int64(number)
    linked = min(learned, 1)
    text, place, edge = ZERO, ONE, ZERO
    cursor: Any = np.uint64(room.skills.size)
    next_text: Any = np.uint64(room.degrees.size)
    for point in range(at.size):
        while text < at[point]:
            if next_text == np.uint64(room.degrees.size):
                next_degrees(key, replicate, law, room)
                next_text = ZERO
            left = np.uint64(room.degrees[next_text])
            next_text += ONE
            if place + left > capacity or (several and edge + left > capacity):
                return False
            if several:
                walk.row_starts[text] = edge
            cell, anchor, learned_anchor, in_vain = ZERO, NOBODY, NOBODY, 0
            while left > ZERO:
                if cursor == np.uint64(room.skills.size):
                    next_skills(key, replicate, law, room)
                    cursor = ZERO
                skill = np.uint64(room.skills[cursor])
                cursor += ONE
                word = walk.skills[skill]
                if skill == number or (word >> HALF == text and not sockets):
                    if skill == number:
                        left -= ONE if sockets else ZERO
                        continue
                    in_vain += 1
                    if in_vain <= law.patience:
                        continue
                    skill = remaining_skill(key, replicate, law, room, walk.skills, text)
                    word = walk.skills[skill]
                left -= ONE
                if several:
                    walk.rows[edge] = skill
                    edge += ONE
                is_known = word & LOW == KNOWN
                walk.nodes[place] = word
                walk.skills[skill] = (text << HALF) | (KNOWN if is_known else place)
                place += ZERO if is_known else ONE
                cell = cell if is_known else (cell + SOCKET) ^ skill
                label = np.uint64(whole_labels[skill])
                anchor = label if anchor == NOBODY else anchor
                if label != anchor:
                    anchor, large, small = join(walk.whole, anchor, label)
                    squares += 2 * large * small
                    largest = max(largest, large + small)
                label = np.uint64(linked_labels[skill])
                label = label if is_known else learned_anchor
                learned_anchor = label if learned_anchor == NOBODY else learned_anchor
                if label != learned_anchor:
                    learned_anchor, large, small = join(walk.linked, learned_anchor, label)
                    linked = max(linked, large + small)
            walk.cells[text], walk.anchors[text] = cell, learned_anchor
            if ZERO < cell >> HALF <= learner:
                learned, linked = teach(walk, text, learner, learned, linked)
            text += ONE
        out[0, point], out[1, point], out[2, point], out[3, point] = learned, largest, squares - largest**2, linked
    return True


@jit
def add(value: int, limbs: np.ndarray) -> None:
    """Add a value and its square to sums that cannot overflow before 2^30 values.

    value: int64, not negative, below 2^61; limbs: (LIMBS,) uint64, sum = limbs[0] + 2^32 limbs[1], sum of squares =
    limbs[2] + 2^32 limbs[3] + 2^64 limbs[4] + 2^96 limbs[5].
    """
    low, high = np.uint64(value) & LOW, np.uint64(value) >> HALF
    limbs[0] += low
    limbs[1] += high
    middle = (low * high) << ONE
    square, top = low * low, high * high
    limbs[2] += square & LOW
    limbs[3] += (square >> HALF) + (middle & LOW)
    limbs[4] += (middle >> HALF) + (top & LOW)
    limbs[5] += top >> HALF


@jit
def observe(
    key: np.ndarray,
    first: int,
    count: int,
    law: Law,
    room: Room,
    known: float,
    learner: int,
    at: np.ndarray,
    fewest: int,
    edges: int,
    sums: np.ndarray,
    failures: np.ndarray,
    failed: np.ndarray,
    each: np.ndarray,
) -> None:
    """Walk through replicates first, ..., first + count - 1 and sum what is seen.

    key: (2,) uint64; known: share of skills known beforehand; learner: unknown skills that one text can teach; at:
    (points,) uint64, increasing numbers of texts; fewest: a replicate fails while it has learned fewer skills; edges:
    about so many are drawn.
    sums: (OBSERVED, points, LIMBS) uint64, added to, see `add`; failures: (points,) int64, added to, replicates that
    fail; failed: (points, LIMBS) uint64, added to, their learned skills; each: (count, OBSERVED, points) int64,
    written, or (0, OBSERVED, points).
    """
    skills: Any = np.int64(law.num_skills)
    texts: Any = np.int64(at[-1])
    out, walk = np.empty((OBSERVED, at.size), np.int64), walk_room(skills, texts, edges, learner)
    for i in range(count):
        replicate = np.uint64(first + i)
        while not walk_through(key, replicate, law, room, known, np.uint64(learner), at, walk, out):
            edges = 2 * edges + 64
            walk = walk_room(skills, texts, edges, learner)
        tally(out, fewest, sums, failures, failed)
        if each.size > 0:
            keep(out, each[i])


@jit
def tally(out: np.ndarray, fewest: int, sums: np.ndarray, failures: np.ndarray, failed: np.ndarray) -> None:
    """Add what was seen in one replicate to the sums; out: (OBSERVED, points) int64; see `observe`."""
    for point in range(out.shape[1]):
        for name in range(OBSERVED):
            add(out[name, point], sums[name, point])
        if out[0, point] < fewest:
            failures[point] += 1
            add(out[0, point], failed[point])


@jit
def keep(out: np.ndarray, into: np.ndarray) -> None:
    """Copy what was seen in one replicate; both (OBSERVED, points) int64."""
    for name in range(out.shape[0]):
        for point in range(out.shape[1]):
            into[name, point] = out[name, point]
