"""Several classes: every jump, fixed points, components and their agreement with simulation."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.agreement_types import compare_types
from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.ensembles.types import coupled_chain, joint_degrees, one_class, protograph, topics, types
from skillgraph.theory import types_predictions
from skillgraph.theory.associations import giant_association
from skillgraph.theory.components import giant_component, percolation_threshold, susceptibility
from skillgraph.theory.density_evolution import fixed_points, learned_share
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.finite_size import waterfall
from skillgraph.theory.thresholds import peeling_threshold
from skillgraph.theory.types_branch import branch
from skillgraph.theory.types_components import (
    association_by_class,
    giant_by_class,
    percolation_by_class,
    susceptibility_of_classes,
)
from skillgraph.theory.types_learning import (
    failures_of_jumps,
    fixed_points_by_class,
    learned_by_class,
    learning_jumps,
)
from skillgraph.theory.types_messages import Messages, path
from skillgraph.theory.types_width import fluctuations
from tests.reference import types as reference
from tests.sizes import scaled

TWO = types((0.5, 0.5), (0.5, 0.5), [[4, 0.2], [0.2, 6]])
THREE = types((0.4, 0.4, 0.2), (0.3, 0.4, 0.3), [[3.5, 0.1, 0], [0.3, 5, 0.1], [0.2, 0.3, 6]])
HUBS = types((0.1, 0.9), (1,), [[1, 3]])


@pytest.mark.parametrize(
    ("ensemble", "jumps"),
    [
        (TWO, [(1.769230676, 0.17331, 0.9996899)]),
        (THREE, [(1.735018633, 0.18157, 0.5148246), (1.775303494, 0.54174, 0.9981299)]),
        (HUBS, [(1.248732904, 0.27773, 0.982186)]),
        (HUBS.with_known((0.8, 0)), [(0.968264116, 0.46566, 0.93029)]),
        (types((0.5, 0.5), (0.5, 0.5), [[2, 2], [2, 2]]), [(1.466350325, 0.30051, 0.99696)]),
        (topics(3, 0.0), [(1.466350325, 0.30051, 0.99696)]),
    ],
    ids=["two", "three", "hubs", "known hubs", "all two", "apart"],
)
def test_every_jump(ensemble, jumps):
    found = learning_jumps(ensemble).jumps
    assert len(found) == len(jumps)
    for one, (at, before, after) in zip(found, jumps, strict=True):
        assert one.at == pytest.approx(at, abs=1e-9)
        assert one.learned_before == pytest.approx(before, abs=1e-5)
        assert one.learned_after == pytest.approx(after, abs=1e-5)


@pytest.mark.parametrize("ensemble", [TWO, THREE], ids=["two", "three"])
def test_jumps_separate_the_plain_iteration(ensemble):
    """Just below and just above every jump, the iterated formula stands on its two sides."""
    data = ensemble.shares, ensemble.rates, ensemble.mean_needs.tolist(), ensemble.known
    for jump in learning_jumps(ensemble).jumps:
        for scale, side in ((jump.at - 1e-5, jump.unlearned_before), (jump.at + 1e-5, jump.unlearned_after)):
            np.testing.assert_allclose(reference.unlearned(*data, scale), side, atol=0.01)


def test_learned_by_class_is_the_formula():
    known = (0.05, 0.0, 0.2)
    wanted = [
        reference.unlearned(THREE.shares, THREE.rates, THREE.mean_needs.tolist(), known, s) for s in (0.3, 1.2, 1.9)
    ]
    np.testing.assert_allclose(
        learned_by_class(THREE.with_known(known), [0.3, 1.2, 1.9]), 1 - np.array(wanted), atol=1e-12
    )


@pytest.mark.parametrize(
    ("plain", "known", "learner"),
    [
        (texts_by_law("poisson:5"), 0.0, 2),
        (texts_by_law("fixed:3"), 0.01, 1),
        (texts_by_law("0.1*fixed:1+0.9*fixed:50"), 0.0, 1),
        (texts_by_law("poisson:4", "zipf:0.3").at_size(12), 0.02, 1),
        (configuration("0.3*fixed:1+0.7*fixed:5", "fixed:3"), 0.01, 1),
    ],
    ids=["learner", "fixed", "two humps", "popular", "configuration"],
)
def test_one_class_returns_the_numbers_without_classes(plain, known, learner):
    typed, unit = one_class(plain, known=known, learner=learner), plain.full_ratio or 1.0
    found = peeling_threshold(plain, known=known, learner=learner)
    ours = learning_jumps(typed).jumps
    assert len(ours) == len(found.jumps)
    for one, other in zip(ours, found.jumps, strict=True):
        assert one.at * unit == pytest.approx(other.texts_per_skill_ratio, rel=1e-9)
        assert 1 - one.learned_before == pytest.approx(other.unlearned_before, abs=1e-6)
    shares, ratio = np.array(typed.shares), np.array([0.12, 0.31, 0.55])
    scale = ratio / unit
    wanted = learned_share(plain, ratio, known=known, learner=learner)
    np.testing.assert_allclose(learned_by_class(typed, scale) @ shares, wanted, atol=1e-10)
    np.testing.assert_allclose(giant_by_class(typed, scale) @ shares, giant_component(plain, ratio).share, atol=1e-10)
    np.testing.assert_allclose(
        susceptibility_of_classes(typed, scale) @ shares, susceptibility(plain, ratio), rtol=1e-8
    )
    wanted = giant_association(plain, ratio, known=known, learner=learner)
    np.testing.assert_allclose(association_by_class(typed, scale) @ shares, wanted, atol=1e-8)
    threshold = percolation_by_class(typed).threshold
    assert threshold * unit == pytest.approx(percolation_threshold(plain).threshold, rel=1e-12)


@pytest.mark.parametrize("law", ["poisson:6", "0.1*fixed:1+0.9*fixed:5"])
def test_width_of_one_class_is_the_closed_form(law):
    plain = texts_by_law(law)
    wanted, ours = waterfall(plain, known=0.02), learning_jumps(one_class(plain, known=0.02)).jumps[-1]
    assert ours.alpha == pytest.approx(wanted.alpha, rel=1e-8)
    assert ours.beta == pytest.approx(wanted.beta, rel=1e-7)
    popular = texts_by_law("poisson:4", "zipf:0.3").at_size(12)
    wanted, ours = waterfall(popular), learning_jumps(one_class(popular)).jumps[-1]
    assert ours.alpha == pytest.approx(wanted.alpha, rel=1e-7)
    assert ours.beta == pytest.approx(wanted.beta, rel=1e-6)


def test_width_along_what_is_known():
    """Texts of 12 skills, a threshold at which half of the skills are known: the width in the erasure probability."""
    plain = texts_by_law("poisson:12")
    ratio = peeling_threshold(plain, known=0.5).threshold
    wanted = waterfall(plain, known=0.5, parameter="erasure_probability")
    ours = learning_jumps(one_class(plain), "known", scale=ratio).jumps[-1]
    assert ours.at == pytest.approx(0.5, abs=1e-9)
    assert ours.alpha == pytest.approx(wanted.alpha, rel=1e-7)
    assert ours.beta == pytest.approx(wanted.beta, rel=1e-6)


@pytest.mark.parametrize(("pair", "length", "eps"), [((3, 6), 1, 0.714309), ((3, 6), 2, 0.587842)])
def test_coupled_chains(pair, length, eps):
    assert 1 - learning_jumps(coupled_chain(*pair, length), "known").jumps[-1].at == pytest.approx(eps, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("length", "eps"), [(4, 0.512034), (8, 0.488757)])
def test_long_coupled_chains(length, eps):
    assert 1 - learning_jumps(coupled_chain(3, 6, length), "known").jumps[-1].at == pytest.approx(eps, abs=1e-6)


def test_protographs_and_regular_codes():
    bp = erasure_thresholds(ldpc(3, 6)).bp_threshold
    for base in ([[3, 3]], [[1, 2, 1, 2], [2, 1, 2, 1]]):
        (found,) = learning_jumps(protograph(base), "known").jumps
        assert 1 - found.at == pytest.approx(bp, abs=1e-9)
        assert found.width.reason.startswith("no closed form")
        assert np.isnan(failures_of_jumps(protograph(base), (found,), 100, 0.5)).all()


def test_joint_degrees_without_correlation_are_the_configuration_ensemble():
    plain = configuration("0.5*fixed:2+0.5*fixed:6", "0.5*fixed:2+0.5*fixed:4")
    text, skill = [], []
    for j, a in ((2, 1), (6, 3)):  # edges of a text of degree j fall on skills of degree 2 and 4 as 1 to 2
        for k, b in ((2, 1), (4, 2)):
            text += [j] * (8 * a * b)
            skill += [k] * (8 * a * b)
    joint = joint_degrees(np.array(text), np.array(skill)).with_known(0.1)
    wanted = learned_share(plain, np.array([0.2, 0.6]) * plain.full_ratio, known=0.1)
    np.testing.assert_allclose(learned_by_class(joint, [0.2, 0.6]) @ np.array(joint.shares), wanted, atol=1e-10)


def test_the_rate_of_one_class_of_texts():
    """Along one rate the jump is where the scale path of the ensemble with that rate has one at scale 1."""
    found = learning_jumps(THREE, "b2").jumps
    assert found
    rates = list(THREE.rates)
    rates[1] = found[0].at
    again = types(THREE.shares, rates, THREE.mean_needs.tolist())
    assert min(abs(one.at - 1) for one in learning_jumps(again).jumps) < 1e-9
    assert percolation_by_class(THREE, "b2", 0.01).threshold == pytest.approx(0.0158383472, abs=1e-9)
    with pytest.raises(ValueError, match="text classes are b1, b2, b3"):
        learning_jumps(THREE, "b7")
    with pytest.raises(ValueError, match="take along = scale or known"):
        learning_jumps(coupled_chain(3, 6, 1), "b1")


def test_topics_apart_have_all_combinations_of_fixed_points():
    apart = topics(2, 0.0, "poisson:6")
    each = [one.unlearned_share for one in fixed_points(texts_by_law("poisson:6"), 3.0)]
    found = fixed_points_by_class(apart, 3.0)
    assert len(each) == 3
    assert len(found) == 9
    wanted = [(a, b) for a in each for b in each]
    nearest = [min(np.abs(found - pair).max(axis=1)) for pair in wanted]
    np.testing.assert_allclose(nearest, 0, atol=1e-9)


def test_the_nucleation_window():
    """A topic with too few texts of its own is learned only with the help of the other, and not with too much of it."""

    def learned(overlap):
        return learned_by_class(topics(2, overlap, "poisson:4", (1.6, 1.2)), 1.0)[0, 1] > 0.5

    assert [learned(d) for d in (0.0, 0.010, 0.014, 0.05, 0.086, 0.090, 0.3)] == [0, 0, 1, 1, 1, 0, 0]


def test_percolation_of_three_topics():
    assert percolation_by_class(THREE).threshold == pytest.approx(0.01841525665, abs=1e-10)
    assert percolation_by_class(types((1.0,), (1,), [["fixed:1"]])).threshold is None
    assert (
        "beyond the complete"
        in percolation_by_class(one_class(configuration("fixed:2", "0.5*fixed:1+0.5*fixed:2"))).reason
    )
    with pytest.raises(ValueError, match="does not depend on what is known"):
        percolation_by_class(THREE, "known")


def test_ensembles_without_a_jump():
    assert learning_jumps(one_class(texts_by_law("poisson:2"))).reason == "what is learned grows without a jump"
    assert not learning_jumps(one_class(texts_by_law("fixed:3"))).jumps  # nothing known, nothing to start from
    assert len(learning_jumps(THREE, until=1.75).jumps) == 1


def test_a_pair_of_turns_between_two_points_is_found():
    """Just past the critical endpoint c = e the jump is tiny."""
    for mean in (2.7184, 2.72, 2.75):
        wanted = peeling_threshold(texts_by_law(f"poisson:{mean}"))
        (jump,) = learning_jumps(topics(2, 0.3, mean)).jumps
        assert jump.at == pytest.approx(wanted.threshold, rel=1e-9)


def test_covariance_of_what_is_learned_is_the_spread_of_replicates():
    """Correlation between topics included: ratio of measured to predicted variance within five standard errors."""
    size, count = scaled(3000, 150), scaled(400, 60)
    ensemble = types((0.5, 0.5), (0.6, 0.5), [[3, 0.6], [0.4, 3]], known=0.1)
    result = compare_types(ensemble, size, np.array([0.8]), replicates=count, seed=5)
    messages = Messages(ensemble)
    texts, eps = (one[:, 0] for one in path(ensemble).at(0.8))
    found = fluctuations(messages, texts, eps, 1 - learned_by_class(ensemble, 0.8)[0])
    wanted = float(found.covariance.sum()) / size
    measured = float(result.observables["learned_share"].standard_error[0, -1] ** 2 * count)
    assert abs(measured / wanted - 1) < 5 * np.sqrt(2 / count) + 20 / size


ENSEMBLES = [
    (THREE.with_known((0.02, 0.0, 0.05)), np.array([0.3, 0.8, 1.2, 2.4])),
    (
        types((0.4, 0.6), (0.5, 0.5), [["fixed:3", 1], [2, "0.5*fixed:1+0.5*fixed:4"]], known=0.1, learner=[2, 1]),
        np.array([0.2, 0.5, 2.5]),
    ),
    (coupled_chain(3, 6, 1).with_known(0.5), np.array([0.3, 0.7, 1.0])),
    (topics(3, 0.4, "fixed:3", known=0.2), np.array([0.3, 0.6, 1.6])),
]


@pytest.mark.kernel
@pytest.mark.parametrize(("ensemble", "scale"), ENSEMBLES, ids=["three", "learners", "chain", "split"])
def test_theory_and_simulation_agree(ensemble, scale):
    size = scaled(15_000, 600)
    result = compare_types(ensemble, size, scale, replicates=12, seed=11)
    scores = np.concatenate([one.z_score.ravel() for one in result.observables.values()])
    assert np.count_nonzero(np.isfinite(scores)) >= scaled(3, 1) * scale.size
    assert result.largest_z < 6.5


@pytest.mark.kernel
def test_a_wrong_theory_is_found_out(monkeypatch):
    right = types_predictions.predict_by_class

    def wrong(*arguments):
        found = right(*arguments)
        found.observables["learned_share"].value[...] *= scaled(1.003, 1.05)
        return found

    monkeypatch.setattr("skillgraph.agreement_types.predict_by_class", wrong)
    result = compare_types(THREE, scaled(15_000, 1500), np.array([2.4, 2.8]), replicates=12, seed=11)
    assert result.largest_z > 6.5


@pytest.mark.kernel
def test_failures_at_both_jumps_follow_the_law():
    """Numbers of systems that have not jumped, within five standard errors and the slow convergence of the law."""
    size, count = scaled(4000, 200), scaled(150, 20)
    jumps = learning_jumps(THREE).jumps
    places = [
        jump.at + jump.beta * size ** (-2 / 3) + step * jump.alpha * size**-0.5 for jump in jumps for step in (-1, 0, 1)
    ]
    result = compare_types(THREE, size, np.sort(places), replicates=count, seed=3)
    for outcome in result.outcomes:
        theory = outcome.failure_probability_theory
        spread = np.sqrt(theory * (1 - theory) / count)
        assert np.all(np.abs(outcome.failure_probability - theory) < 5 * spread + size ** (-1 / 3))
    learned = result.observables["learned_share"]
    assert np.isnan(learned.z_score).all()
    assert np.all(np.abs(learned.mean[:, -1] - learned.theory[:, -1]) < scaled(0.12, 0.3))


@pytest.mark.kernel
def test_any_number_of_threads_gives_the_same_numbers():
    results = [compare_types(TWO, 200, np.array([0.5, 1.5]), replicates=5, seed=3, threads=n) for n in (1, 3)]
    for name, one in results[0].observables.items():
        np.testing.assert_array_equal(one.mean, results[1].observables[name].mean)
        np.testing.assert_array_equal(one.z_score, results[1].observables[name].z_score)


def test_topics_apart_have_no_theory_of_one_giant_component():
    result = compare_types(topics(2, 0.0), 300, np.array([0.5, 1.0]), replicates=2, seed=1)
    giant = result.observables["giant_component"]
    assert np.isnan(giant.theory).all()
    assert "giant components of their own" in giant.note[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": np.array([1.0, 0.5])}, "increasing"),
        ({"scale": np.array([0.0])}, "zero texts"),
        ({"replicates": 0}, "replicates must be an integer of at least 1"),
        ({"ensemble": coupled_chain(3, 6, 1), "scale": np.array([1.5])}, "must not exceed 1"),
    ],
)
def test_bad_parameters(options, words):
    with pytest.raises(ValueError, match=words):
        compare_types(**{"ensemble": TWO, "num_skills": 100, "scale": np.array([1.0]), "seed": 1, **options})


def test_large_systems_are_iterated_only():
    degrees = np.repeat(np.arange(1, 31), 30)
    joint = joint_degrees(degrees, np.tile(np.arange(1, 31), 30))
    with pytest.raises(ValueError, match="at most 400 message types, got 900"):
        learning_jumps(joint)
    assert np.all(learned_by_class(joint, [0.5]) > 0)


def test_the_branch_is_the_largest_fixed_point():
    """Between jumps no fixed point lies above the one that the walk is on."""
    messages, line = Messages(THREE), path(THREE)
    folds = branch(messages, line)
    top = fixed_points_by_class(THREE, folds[0].at - 0.02)[0]
    before = messages.unlearned(folds[0].before[:, None], *line.at(folds[0].at))[:, 0]
    assert np.all(top >= before - 1e-9)
