"""Theory of components: giant component, susceptibility, finite component sizes, associations of learned skills."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.graphs.sampling import sample
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import learning_curve
from skillgraph.simulation.percolation import associations, components
from skillgraph.theory.associations import association_threshold, giant_association, independent_association
from skillgraph.theory.component_sizes import component_size_law, largest_component
from skillgraph.theory.components import giant_component, percolation_threshold, susceptibility
from skillgraph.theory.density_evolution import unlearned_share
from tests.sizes import scaled


@pytest.mark.parametrize(("mean", "share"), [(1.1, 0.176134), (1.5, 0.582812), (2.0, 0.796812)])
def test_texts_of_two_skills_are_the_erdos_renyi_graph(mean, share):
    assert giant_component(texts_by_law("fixed:2"), mean / 2).share[0] == pytest.approx(share, abs=1e-6)


def test_affiliations():
    found = giant_component(texts_by_law("poisson:1"), 2.0)
    assert found.share[0] == pytest.approx(0.589810, abs=1e-6)
    assert found.text_share[0] == pytest.approx(0.445567, abs=1e-6)


@pytest.mark.parametrize("c", [0.5, 2.0, 6.0])
def test_poisson_texts_act_as_cliques(c):
    assert percolation_threshold(texts_by_law(f"poisson:{c}")).threshold == pytest.approx(c**-2, rel=1e-13)
    for multiple in (1.01, 1.5, 4.0):
        r = multiple / c**2
        share = float(giant_component(texts_by_law(f"poisson:{c}"), r).share[0])
        assert share > 0
        assert share == pytest.approx(1 - np.exp(-c * r * (1 - np.exp(-c * share))), rel=1e-9)


@pytest.mark.parametrize(
    "ensemble",
    [
        texts_by_law("0.5*fixed:1+0.5*geometric:4"),
        texts_by_law("zipf:2.2:1:200", "zipf:0.4").at_size(500),
        configuration("poisson:2", "zipf:2.5:1:50"),
    ],
    ids=str,
)
def test_giant_component_by_plain_iteration(ensemble):
    ratio = 2.5 * percolation_threshold(ensemble).threshold
    if ensemble.full_ratio is not None:
        ratio = min(ratio, ensemble.full_ratio)
    load, v = ensemble.load_per_ratio * ratio, 0.0
    for _ in range(20_000):
        v = float(ensemble.edge_survival(load * (1 - ensemble.skills_per_text.edge(v))))
    wanted = 1 - float(ensemble.survival(load * (1 - ensemble.skills_per_text.edge(v))))
    assert giant_component(ensemble, ratio).share[0] == pytest.approx(wanted, rel=1e-8)


def test_threshold_marks_the_onset():
    for ensemble in (texts_by_law("zipf:2.5:1:100"), texts_by_law("fixed:3", "zipf:0.3"), ldpc(3, 6)):
        r = percolation_threshold(ensemble).threshold
        assert giant_component(ensemble, 0.999 * r).share[0] == 0
        assert 0 < giant_component(ensemble, 1.001 * r).share[0] < 0.02


def test_without_a_threshold_there_is_a_reason():
    assert "no text has two skills" in percolation_threshold(texts_by_law("fixed:1")).reason
    assert "more than" in percolation_threshold(configuration("poisson:1", "poisson:0.5")).reason
    assert percolation_threshold(texts_by_law("poisson:3", "zipf:0.7")).threshold == 0


def test_susceptibility_is_the_mean_of_the_component_law():
    ensemble = texts_by_law("poisson:3")
    for multiple in (0.2, 0.6, 0.9):
        law = component_size_law(ensemble, multiple / 9)
        assert law.sum() == pytest.approx(1, abs=1e-9)
        mean = float(law @ np.arange(law.size))
        assert susceptibility(ensemble, multiple / 9)[0] == pytest.approx(mean, rel=1e-7)
    assert susceptibility(ensemble, 1 / 9)[0] > 1e6


def test_component_law_of_pairs_is_borel():
    """Texts of two skills: P(t) = e^{-mt} (mt)^{t-1} / t!."""
    law, m = component_size_law(texts_by_law("fixed:2"), 0.35), 0.7
    wanted, factorial = [], 1.0
    for t in range(1, 12):
        factorial *= t
        wanted.append(np.exp(-m * t) * (m * t) ** (t - 1) / factorial)
    np.testing.assert_allclose(law[1:12], wanted, rtol=1e-9)


@pytest.mark.kernel
def test_largest_component_below_the_threshold():
    size, count, ensemble = scaled(4000, 300), scaled(200, 60), texts_by_law("poisson:2")
    ratio = 0.4 / 4
    wanted = largest_component(ensemble, size, ratio)
    found = np.array(
        [components(sample(ensemble, size, round(size * ratio), rng=generator(5, i))).largest for i in range(count)]
    )
    deviation = np.sqrt((wanted.mean_square - wanted.mean**2) / count)
    assert abs(found.mean() - wanted.mean) < 6 * deviation


def test_component_law_needs_a_subcritical_system():
    with pytest.raises(ValueError, match="must lie below"):
        component_size_law(texts_by_law("poisson:2"), 0.3)


def test_association_of_the_reference_point():
    assert giant_association(texts_by_law("poisson:1"), 2.0)[0] == pytest.approx(0.554111, abs=1e-5)
    u = unlearned_share(texts_by_law("poisson:1"), 2.0)
    assert 1 - u[0] == pytest.approx(0.80810, abs=1e-5)
    assert independent_association(2.0, 1.0, u)[0] == pytest.approx(0.558, abs=5e-4)


def test_association_of_poisson_texts_by_plain_messages():
    c, r = 2.0, 0.7
    u = float(unlearned_share(texts_by_law(f"poisson:{c}"), r)[0])
    x = y = 0.0
    for _ in range(50_000):
        e = np.exp(-c * (1 - y))
        b0 = np.exp(-c * (1 - y - u)) + c * (x - u) * e
        x, both = np.exp(-c * r * (1 - b0 + e)), np.exp(-c * r * (1 - b0))
        y = both - x
    assert giant_association(texts_by_law(f"poisson:{c}"), r)[0] == pytest.approx(1 - u - y, abs=1e-9)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("ensemble", "ratio", "learner"),
    [
        (texts_by_law("poisson:1"), 2.0, 1),
        (texts_by_law("0.3*fixed:1+0.7*fixed:3"), 0.75, 1),
        (texts_by_law("poisson:3"), 0.5, 2),
    ],
    ids=["poisson", "mixed", "two skills"],
)
def test_association_by_simulation(ensemble, ratio, learner):
    size, count = scaled(20_000, 400), 12
    shares = []
    for i in range(count):
        graph = sample(ensemble, size, round(size * ratio), rng=generator(9, i))
        learned = learning_curve(graph, learner=learner).learned_at <= graph.num_texts
        learned &= learning_curve(graph, learner=learner).learned_at >= 0
        shares.append(associations(graph, learned).largest / size)
    theory = float(giant_association(ensemble, ratio, learner=learner)[0])
    error = np.std(shares, ddof=1) / np.sqrt(count)
    assert abs(np.mean(shares) - theory) < 9 * error + 4 / size  # t of 11 degrees of freedom: false alarm 2e-6


def test_association_threshold_marks_the_onset():
    for c in (1.0, 2.0, 3.5):
        ensemble = texts_by_law(f"poisson:{c}")
        r = association_threshold(ensemble)
        assert giant_association(ensemble, 0.995 * r)[0] < 1e-3
        assert giant_association(ensemble, 1.02 * r)[0] > 1e-3


def test_with_everything_known_associations_are_components():
    ensemble = texts_by_law("poisson:2")
    assert giant_association(ensemble, 0.5, known=1.0)[0] == giant_component(ensemble, 0.5).share[0]
