"""Tallies, intervals and the stopping rule: exact sums, the coverage that is promised, prefixes only."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skillgraph.studies import Share, parse_study
from skillgraph.studies.ledger import Entry
from skillgraph.studies.standing import Standing
from skillgraph.studies.stopping import look, looks
from skillgraph.studies.study_file import Precision
from skillgraph.studies.tallies import Tally, estimate, tally

reals = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)


@given(reals, st.integers(1, 39))
def test_merged_tallies_of_real_values_give_the_mean_and_the_t_interval(values, cut):
    parts = [part for part in (values[:cut], values[cut:]) if part]
    found = estimate([tally(part) for part in parts], 0.9)
    array = np.array(values)
    half = stats.t.ppf(0.95, array.size - 1) * stats.sem(array)
    scale = 1e-9 * (1 + np.abs(array).max())
    assert found.mean[0] == pytest.approx(math.fsum(values) / len(values), abs=1e-12 * (1 + abs(array).max()))
    assert found.half_widths[0] == pytest.approx(half, rel=1e-9, abs=scale)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=40), st.integers(1, 39))
def test_counts_are_exact_and_do_not_depend_on_the_shards(counts, cut):
    whole = 10**9
    shares = [Share(count, whole) for count in counts]
    parts = [tally(part) for part in (shares[:cut], shares[cut:]) if part]
    assert estimate(parts, 0.95) == estimate([tally(shares)], 0.95) == estimate(parts[::-1], 0.95)
    assert estimate(parts, 0.95).mean[0] == sum(counts) / (whole * len(counts))


def test_yes_no_outcomes_get_wilsons_interval():
    values = [True] * 3 + [False] * 17
    found = estimate([tally(values)], 0.95)
    wanted = stats.binomtest(3, 20).proportion_ci(0.95, method="wilson")
    assert (found.lower[0], found.upper[0]) == pytest.approx((wanted.low, wanted.high), rel=1e-12)
    never = estimate([tally([False] * 32)], 0.95)
    assert never.worst_half_width > 0.04, "no success in 32 does not mean never"
    with pytest.raises(ValueError, match="wilson intervals are for yes/no outcomes, got real"):
        estimate([tally([0.5, 0.25])], 0.95, "wilson")
    assert estimate([tally([True, False])], 0.95, "t").half_widths[0] == pytest.approx(stats.t.ppf(0.975, 1) * 0.5)


def test_curves_nones_and_mixtures():
    curve = estimate([tally([np.array([1, 2]), np.array([3, 2])]), tally([[5, 2]])], 0.95)
    assert curve.mean == (3.0, 2.0)
    assert curve.number == 3
    some = estimate([tally([None, 2.0]), tally([None, None]), tally([4.0, None])], 0.95)
    assert (some.number, some.mean) == (2, (3.0,))
    none = estimate([tally([None])], 0.95)
    assert (none.number, none.mean, none.worst_half_width) == (0, (None,), math.inf)
    mixed = estimate([tally([1, 2, 3]), tally([0.5, 2])], 0.95)
    assert mixed.mean[0] == pytest.approx(1.7)
    assert mixed.half_widths[0] == pytest.approx(stats.t.ppf(0.975, 4) * stats.sem([1, 2, 3, 0.5, 2]), rel=1e-12)


def test_a_share_that_never_varies_is_known_to_half_a_count_at_best():
    found = estimate([tally([Share(5, 100)] * 16)], 0.95)
    assert found.worst_half_width == pytest.approx(stats.t.ppf(0.975, 15) * 0.005 / 4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([math.nan], "a measure must be a finite number"),
        ([1.0, math.inf], "a measure must be a finite number"),
        (["high"], "a measure must be a finite number"),
        ([[1, 2], [1]], r"a curve must have one length at a point, got \[1, 2\]"),
        ([Share(1, 5), Share(1, 6)], r"a share must have one positive whole at a point, got \[5, 6\]"),
        ([Share(1, 0)], "a share must have one positive whole"),
    ],
)
def test_what_is_no_measure_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        tally(values)


@given(st.one_of(st.lists(st.booleans(), min_size=1), st.lists(st.integers(), min_size=1), reals))
def test_a_tally_survives_its_record(values):
    import json

    one = tally(values)
    assert Tally.from_record(json.loads(json.dumps(one.record()))) == one


def test_looks_grow_geometrically_to_the_maximum():
    assert looks(Precision(minimum_batches=2, maximum_batches=20, growth=1.5)) == (2, 3, 5, 8, 12, 18, 20)
    assert looks(Precision(minimum_batches=4, maximum_batches=4)) == (4,)
    assert looks(Precision(batch=2, minimum_batches=1, maximum_batches=5, growth=1.1)) == (1, 2, 3, 4, 5)


def study(**precision):
    return parse_study(
        {
            "name": "s",
            "seed": 1,
            "model": {"function": "any:model"},
            "grid": {"p": [1, 2, 3]},
            "measures": {"x": {"half_width": 0.5}},
            "precision": {"batch": 4, "maximum_batches": 40} | precision,
        }
    )


def units_of(standing, batches, spread):
    rng = random.Random(5)
    for key, batch in itertools.product(standing.points, range(batches)):
        values = [rng.gauss(0, spread) for _ in range(4)]
        record = {"kind": "unit", "point": key, "batch": batch, "tallies": {"x": tally(values).record()}}
        yield Entry("s", batch, record | {"seconds": 0.1, "time": 0.0})


@settings(max_examples=20)
@given(st.randoms(), st.integers(1, 40))
def test_what_is_finished_does_not_depend_on_the_order_of_arrival(shuffle, size):
    direct = Standing(study())
    entries = list(units_of(direct, 40, 2.0))
    direct.take(entries)
    shuffled = entries * 2
    shuffle.shuffle(shuffled)
    other = Standing(study())
    for place in range(0, len(shuffled), size):
        other.take(shuffled[place : place + size])
    assert other.finished == direct.finished
    assert len(direct.finished) == 3
    assert other.doubled == len(entries)


def test_only_complete_prefixes_are_judged():
    standing = Standing(study())
    entries = list(units_of(standing, 40, 2.0))
    standing.take(entry for entry in entries if entry.record["batch"] != 1)
    assert not standing.finished
    assert {batch for _, batch in standing.missing(standing.points)} == {1}
    standing.take(entry for entry in entries if entry.record["batch"] == 1)
    for key, finished in standing.finished.items():
        known = [standing.tallies[key][batch] for batch in range(finished.look.batches)]
        assert look(standing.study, known) == finished.look
        earlier = [one for one in standing.looks if one < finished.look.batches]
        assert not any(look(standing.study, known[:one]).reached for one in earlier)


def coverage(draw, truth, target, studies, interval="auto"):
    """Share of adaptive studies whose reported interval holds the truth."""
    one = parse_study(
        {
            "name": "s",
            "seed": 1,
            "model": {"function": "any:model"},
            "measures": {"x": {"half_width": target, "interval": interval}},
            "precision": {"maximum_batches": 400},
        }
    )
    numbers, hits, batches = looks(one.precision), 0, []
    for _ in range(studies):
        known = []
        for number in numbers:
            known += [{"x": tally(draw(16))} for _ in range(number - len(known))]
            judged = look(one, known)
            if judged.reached:
                break
        found = judged.estimates["x"]
        hits += found.lower[0] <= truth <= found.upper[0]
        batches.append(judged.batches)
    assert len(set(batches)) > 1, "the effort must vary, or nothing adaptive is tested"
    return hits / studies


CASES = {
    "normal": (lambda rng: lambda n: rng.normal(size=n).tolist(), 0.0, 0.2),
    "uniform": (lambda rng: lambda n: rng.random(n).tolist(), 0.5, 0.04),
    "outcome": (lambda rng: lambda n: (rng.random(n) < 0.3).tolist(), 0.3, 0.06),
    "two outcomes far apart": (lambda rng: lambda n: np.where(rng.random(n) < 0.3, 0.1, 0.9).tolist(), 0.66, 0.06),
    "share": (lambda rng: lambda n: [Share(int(k), 50) for k in rng.binomial(50, 0.2, n)], 0.2, 0.01),
}


@pytest.mark.parametrize("case", CASES)
def test_coverage_of_95_percent_intervals_under_the_adaptive_rule(case):
    """False alarm below 1e-6 for a true coverage from 93 to 97 %; one of 84 % passes with 1e-5."""
    make, truth, target = CASES[case]
    studies = 1000
    found = coverage(make(np.random.default_rng(11)), truth, target, studies)
    low, high = stats.binom.ppf(5e-7, studies, 0.93) / studies, stats.binom.isf(5e-7, studies, 0.97) / studies
    assert low <= found <= high


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_coverage_lies_between_93_and_97_percent(case):
    """With 20,000 studies the standard error is 0.16 %: the claim is tested 5.1 of them beyond its edges."""
    make, truth, target = CASES[case]
    studies = 20_000
    found = coverage(make(np.random.default_rng(12)), truth, target, studies)
    margin = 5.1 * math.sqrt(0.95 * 0.05 / studies)
    assert 0.93 - margin <= found <= 0.97 + margin
