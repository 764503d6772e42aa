"""Ensembles of several classes, the slow and obvious way."""

from __future__ import annotations

import itertools

import numpy as np


def unlearned(shares, rates, needs, known, scale, rounds=20_000):
    """Iterate u_a = eps_a exp(-(scale / s_a) sum_b r_b c_ba exp(-sum_a' c_ba' u_a')) from everything unlearned."""
    eps = [1 - one for one in known]
    u = list(eps)
    for _ in range(rounds):
        after = []
        for a in range(len(shares)):
            load = 0.0
            for rate, row in zip(rates, needs, strict=True):
                load += rate * row[a] * np.exp(-sum(c * x for c, x in zip(row, u, strict=True)))
            after.append(eps[a] * np.exp(-scale * load / shares[a]))
        if max(abs(x - y) for x, y in zip(u, after, strict=True)) < 1e-15:
            break
        u = after
    return np.array(u)


def pmf(law, classes, largest):
    """Return every vector of counts up to ``largest`` with its probability, of independent degree laws."""
    tables = [law[a].pmf(np.arange(largest + 1)) for a in range(classes)]
    for counts in itertools.product(range(largest + 1), repeat=classes):
        yield counts, float(np.prod([tables[a][k] for a, k in enumerate(counts)]))


def teach(texts, capacity, known):
    """Return the number of texts after which each skill is learned: look at all texts again after every arrival."""
    moment = dict.fromkeys(np.flatnonzero(known), 0)
    for arrived in range(1, len(texts) + 1):
        moved = True
        while moved:
            moved = False
            for text, most in zip(texts[:arrived], capacity[:arrived], strict=True):
                sockets = [skill for skill in text if skill not in moment]
                if 0 < len(sockets) <= most:
                    moment |= dict.fromkeys(sockets, arrived)
                    moved = True
    return np.array([moment.get(skill, -1) for skill in range(known.size)])
