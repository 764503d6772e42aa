"""Simulation and theory side by side: residuals, outcomes at a jump, reproducibility."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skillgraph import agreement
from skillgraph.agreement import compare
from skillgraph.analysis import analyse
from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.graphs.sampling import sample
from skillgraph.seeding import generator
from skillgraph.statistics.residuals import z_score
from skillgraph.theory import predictions
from skillgraph.theory.overview import describe, describe_erasure
from tests.sizes import scaled

pytestmark = pytest.mark.kernel

SIZE = scaled(20_000, 250)
ENSEMBLES = [
    (texts_by_law("poisson:4"), np.linspace(0.0, 2.4, 9), {}),
    (texts_by_law("0.3*fixed:1+0.7*fixed:4"), np.linspace(0.25, 2.5, 9), {"known": 0.05}),
    (texts_by_law("poisson:5"), np.linspace(0.1, 1.5, 8), {"learner": 2}),
    (texts_by_law("fixed:3", "zipf:0.4"), np.linspace(0.2, 3, 8), {"known": 0.1}),
    (ldpc(3, 6), np.linspace(0.05, 0.5, 7), {"known": 0.4}),
    (configuration("geometric:3", "zipf:2.2:1:40"), np.linspace(0.1, 0.6, 6), {"known": 0.2}),
]


@pytest.mark.parametrize(("ensemble", "ratios", "options"), ENSEMBLES, ids=lambda value: str(value)[:40])
def test_theory_and_simulation_agree(ensemble, ratios, options):
    result = compare(ensemble, SIZE, ratios, replicates=12, seed=11, **options)
    scores = [z for one in result.observables.values() for z in one.z_score if np.isfinite(z)]
    assert len(scores) >= 8
    assert result.largest_z == max(map(abs, scores))
    assert result.largest_z < 6.5  # about 30 normal scores, false alarm below 1e-8


def test_a_wrong_theory_is_found_out(monkeypatch):
    """The residual has the power to reject a theory of the learned share that is off by 0.3 % (2 % at small sizes)."""
    right, factor = predictions.predict, scaled(1.003, 1.02)

    def wrong(*arguments, **options):
        found = right(*arguments, **options)
        learned = found.observables["learned_share"]
        found.observables["learned_share"] = predictions.Prediction(factor * learned.value, learned.note)
        return found

    monkeypatch.setattr(predictions, "predict", wrong)
    grid = np.array([scaled(1.8, 3.5), scaled(2.2, 4.0)])
    result = compare(texts_by_law("poisson:4"), SIZE, grid, replicates=12, seed=11)
    assert result.largest_z > 6.5


def test_any_number_of_threads_gives_the_same_numbers():
    results = [
        compare(texts_by_law("poisson:3"), 300, np.linspace(0.2, 2, 4), replicates=7, seed=3, threads=threads)
        for threads in (1, 2, 5)
    ]
    for name, one in results[0].observables.items():
        for other in results[1:]:
            np.testing.assert_array_equal(one.mean, other.observables[name].mean)
            np.testing.assert_array_equal(one.z_score, other.observables[name].z_score)


def test_more_replicates_contain_the_first():
    """Replicate i is the same whatever the number of replicates."""
    few = compare(texts_by_law("poisson:3"), 200, np.array([1.0]), replicates=1, seed=5)
    assert few.observables["learned_share"].mean[0] * 200 == pytest.approx(
        round(few.observables["learned_share"].mean[0] * 200), abs=1e-9
    )
    assert np.isnan(few.observables["learned_share"].standard_error).all()
    assert np.isnan(few.largest_z)


def test_outcomes_at_a_jump_are_bimodal():
    size, count = scaled(2000, 200), scaled(100, 30)
    result = compare(texts_by_law("poisson:4"), size, np.array([0.8, 1.5, 2.4]), replicates=count, seed=2)
    outcomes = result.outcomes
    theory, found = outcomes.failure_probability_theory, outcomes.failure_probability
    assert found[0] == 1
    assert found[2] == pytest.approx(theory[2], abs=0.1)
    spread = np.sqrt(theory[1] * (1 - theory[1]) / count)
    assert abs(found[1] - theory[1]) < 6 * spread + 0.08  # the law is O(R^(-1/3)) off
    assert outcomes.learned_share_given_success[1] > 0.9
    assert outcomes.learned_share_given_failure[1] < 0.5
    assert np.isnan(outcomes.learned_share_given_success[0])
    assert np.isnan(result.observables["learned_share"].theory[1])
    assert "see the outcomes" in result.observables["learned_share"].note[1]


def test_without_a_jump_there_are_no_outcomes():
    result = compare(texts_by_law("poisson:2"), 200, np.array([0.5, 1.0]), replicates=3, seed=1)
    assert result.outcomes is None


def test_z_score_is_the_normal_quantile_of_student_t():
    z = z_score(np.array([2.0, -1.0, 0.0]), np.array([1.0, 0.5, 1.0]), 7)
    wanted = stats.norm.isf(stats.t.sf(np.array([2.0, -2.0, 0.0]), 7))
    np.testing.assert_allclose(z, wanted, atol=1e-12)
    assert np.isnan(z_score(np.array([1.0]), np.array([1.0]), 0)).all()


def test_zero_texts_are_exact():
    result = compare(texts_by_law("poisson:4"), 500, np.array([0.0, 1.0]), replicates=3, seed=1, known=0.0)
    assert result.observables["learned_share"].mean[0] == 0
    assert result.observables["giant_component"].theory[0] == pytest.approx(1 / 500, rel=1e-9)
    assert result.observables["susceptibility"].theory[0] == pytest.approx(1 - 1 / 500, rel=1e-9)


def test_windows_have_a_note_and_no_number():
    ensemble, size = texts_by_law("poisson:4"), 10_000
    found = predictions.predict(ensemble, size, np.array([0.03, 1 / 16, 0.2, 1.47]))
    giant, learned = found.observables["giant_component"], found.observables["learned_share"]
    assert "expected largest finite component" in giant.note[0]
    assert np.isnan(giant.value[1])
    assert "percolation" in giant.note[1]
    assert giant.note[2] == ""
    assert np.isnan(learned.value[3])
    endpoint = predictions.predict(texts_by_law(f"poisson:{np.e!r}"), size, np.array([1.0])).observables[
        "learned_share"
    ]
    assert "critical point" in endpoint.note[0]


def test_steep_popularity_has_no_theory_and_says_so():
    ensemble = texts_by_law("fixed:3", "zipf:1.2").at_size(2000)
    learned = predictions.predict(ensemble, 2000, np.array([0.5, 2.0]), known=0.1).observables["learned_share"]
    assert np.isnan(learned.value).all()
    assert "drawn twice" in learned.note[0]


def test_with_everything_known_everything_is_learned():
    result = compare(texts_by_law("poisson:2"), 300, np.array([0.5, 1.5]), replicates=3, seed=1, known=1.0)
    np.testing.assert_array_equal(result.observables["learned_share"].mean, 1)
    np.testing.assert_array_equal(result.observables["learned_share"].z_score, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"replicates": 0}, "replicates must be an integer of at least 1"),
        ({"num_skills": 0}, "num_skills must be an integer of at least 1"),
        ({"known": 2.0}, r"known must lie in \[0, 1\]"),
        ({"texts_per_skill_ratio": np.array([1.0, 0.5])}, "increasing"),
        ({"texts_per_skill_ratio": np.array([np.nan])}, "finite"),
        ({"texts_per_skill_ratio": np.array([0.0])}, "zero texts"),
        ({"ensemble": ldpc(3, 6)}, "must not exceed 0.5"),
    ],
)
def test_bad_parameters(options, words):
    values = {
        "ensemble": texts_by_law("poisson:3"),
        "num_skills": 100,
        "texts_per_skill_ratio": np.array([1.0]),
        "seed": 1,
        **options,
    }
    with pytest.raises(ValueError, match=words):
        compare(**values)


def test_overview_says_why_a_value_is_missing():
    found = describe(texts_by_law("poisson:2.5"))
    missing = {name for name in ("peeling_threshold", "alpha", "beta", "floor") if getattr(found, name) is None}
    assert missing <= set(found.reasons)
    assert len(missing) == 4
    assert describe(texts_by_law("fixed:3", "zipf:0.5")).critical_endpoint is None
    assert describe(texts_by_law("poisson:4"), known=1.0).peeling_threshold is None
    coded = describe_erasure(ldpc(3, 6))
    assert coded.design_rate == 0.5
    assert str(coded.conditions).startswith("fixed degree sequences")
    assert set(coded.reasons) == {"stability_threshold"}


def test_a_sampled_table_is_like_its_own_ensemble():
    size = scaled(20_000, 400)
    graph = sample(texts_by_law("0.2*fixed:1+0.8*fixed:4"), size, round(1.6 * size), rng=generator(8))
    result = analyse(graph, points=9, replicates=3, seed=4)
    assert result.skills_per_text.mean == pytest.approx(3.4, abs=0.3)
    for name in agreement.OBSERVABLES:
        if name in result.distance:
            assert result.distance[name]["random_order_to_theory"] < scaled(0.03, 0.4)
    last = result.random_order.learned_share[-1]
    assert result.file_order.learned_share[-1] == pytest.approx(last, abs=1e-12)  # confluence
    assert result.texts_missing == 0


def test_an_empty_table_is_refused():
    graph = sample(texts_by_law("fixed:1"), 3, 2, rng=generator(1))
    with pytest.raises(ValueError, match="at least 2"):
        analyse(graph, replicates=1, seed=1)
