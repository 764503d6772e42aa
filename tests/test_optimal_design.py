"""Degree design: the designed law learns at least as much as the best Poisson law."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.optimal.design import best_poisson, design_skills_per_text, failure_share, simulated_share
from skillgraph.theory.density_evolution import learned_share
from tests.sizes import scaled

BUDGETS = [(0.4, 3.0), (0.9, 4.0), (1.2, 2.0)]


@pytest.mark.kernel
@pytest.mark.parametrize(("ratio", "mean"), BUDGETS)
def test_designed_law_beats_the_best_poisson_law_in_simulation(ratio: float, mean: float) -> None:
    """At R = 10^5; the margin of 3 deviations makes a failure rare, and Poisson stands far below."""
    size = scaled(100_000, 4000)
    found = design_skills_per_text(ratio, mean, num_skills=size)
    rival = best_poisson(ratio, mean, num_skills=size)
    designed = simulated_share(texts_by_law(found.law), size, ratio, replicates=3, seed=1)
    poisson = simulated_share(texts_by_law(rival), size, ratio, replicates=3, seed=1)
    assert np.median(designed) >= np.median(poisson)
    assert found.law.mean <= mean * (1 + 1e-9)
    assert float(learned_share(texts_by_law(found.law), ratio)[0]) >= 1 - found.unlearned_share


def test_design_keeps_its_margin_on_the_way() -> None:
    found = design_skills_per_text(1.2, 6.0)
    u = np.geomspace(found.unlearned_share, 1, 4000)
    law = found.law
    n1 = u * (law.mean * 1.2 * law.edge_complement(u) + np.log(u))
    assert n1.min() > 0
    assert found.margin == pytest.approx(3.0, rel=0.05)
    assert law.maximum is not None
    assert law.maximum <= 60


def test_more_texts_and_dearer_texts_learn_more() -> None:
    left = [design_skills_per_text(ratio, 4.0).unlearned_share for ratio in (0.5, 1.1)]
    assert np.all(np.diff(left) < 0)
    assert design_skills_per_text(1.1, 6.0).unlearned_share <= design_skills_per_text(1.1, 3.0).unlearned_share


def test_bad_designs_are_named() -> None:
    with pytest.raises(ValueError, match="texts_per_skill_ratio must be positive and finite, got 0"):
        design_skills_per_text(0.0, 4.0)
    with pytest.raises(ValueError, match=r"mean_skills_per_text must be at least 1 and finite, got 0\.5"):
        design_skills_per_text(1.0, 0.5)
    with pytest.raises(ValueError, match=r"max_skills_per_text must be an integer from 1 to 200, got 0"):
        design_skills_per_text(1.0, 4.0, max_skills_per_text=0)
    with pytest.raises(ValueError, match="margin must be positive and finite, got nan"):
        design_skills_per_text(1.0, 4.0, num_skills=10, margin=float("nan"))


def test_failures_are_measured_and_fall_with_the_margin():
    """Margin 3 is no promise of one failure in a thousand: the way is long. Exact bounds, false alarm below 1e-9."""
    designs = [design_skills_per_text(1.4, 6.0, num_skills=1000, margin=margin) for margin in (3.0, 5.0)]
    found = [failure_share(one, replicates=scaled(2000, 300), seed=2) for one in designs]
    assert found[0].failures > found[1].failures
    for one in found:
        assert one.interval[0] <= one.share <= one.interval[1]
        assert one.median_unlearned_share <= designs[0].unlearned_share * 2


def test_the_share_of_failures_is_that_of_peeled_graphs():
    """The chain against graphs of the same law: 5 standard errors of the difference."""
    designed, number = design_skills_per_text(1.2, 4.0, num_skills=300, margin=1.0), scaled(400, 60)
    chain = failure_share(designed, replicates=4 * number, seed=3)
    graphs = simulated_share(texts_by_law(designed.law), 300, 1.2, replicates=number, seed=4)
    failed = float(np.mean(1 - graphs > designed.unlearned_share))
    spread = np.sqrt(max(chain.share * (1 - chain.share), 1 / number) * (1 / number + 1 / (4 * number)))
    assert abs(failed - chain.share) < 5 * spread
