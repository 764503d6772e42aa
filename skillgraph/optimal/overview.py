"""Everything that is asked of a compute budget as one record: sizes, exponents, the limit, the simulated optimum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.optimal.branches import limiting_ratio
from skillgraph.optimal.cost import CostModel, num_texts_within
from skillgraph.optimal.objectives import Objective
from skillgraph.optimal.sizes import OptimalSizes, SimulatedOptimum, fitted_exponent, optimal_sizes
from skillgraph.records import Record
from skillgraph.records.words import number
from skillgraph.theory.thresholds import peeling_threshold

__all__ = ["OptimalOverview", "optimal_overview", "simulated_optima"]

_SIMULATED_BUDGET = 1e9
_SIZES = 1 + 0.12 * np.linspace(-1, 1, 9)


class OptimalOverview(Record):
    """What budgets should buy.

    Attributes
    ----------
    ensemble : Ensemble
    learner : int
    known : float
    zipf_frequencies : float or None
        Skills used with frequencies i^-(1+a); None where every learned skill counts the same.
    cost : CostModel
    sizes : OptimalSizes
    fitted_parameters_exponent, fitted_tokens_exponent : float or None
        Over all budgets; None for a single one.
    peeling_threshold : float or None
        Texts per skill; None with Zipf frequencies.
    limit_tokens_per_parameter : float or None
        Of infinite budgets.
    reason : str or None
        Why there is no such limit.
    simulated : tuple of SimulatedOptimum
        Per budget, if asked for.
    """

    ensemble: Ensemble
    learner: int
    known: float
    zipf_frequencies: float | None
    cost: CostModel
    sizes: OptimalSizes
    fitted_parameters_exponent: float | None
    fitted_tokens_exponent: float | None
    peeling_threshold: float | None
    limit_tokens_per_parameter: float | None
    reason: str | None
    simulated: tuple[SimulatedOptimum, ...] = ()

    def headline(self) -> Mapping[str, Any]:
        """Return what was asked, the sizes of the first and the last budget, and the limit."""
        sizes = self.sizes
        ends = {
            f"at {number(sizes.compute[place])} FLOPs": (
                f"{number(sizes.parameters[place])} parameters, {number(sizes.tokens[place])} tokens, "
                f"{number(sizes.num_skills[place])} skills, {number(sizes.num_texts[place])} texts"
            )
            for place in (0, -1)
        }
        asked = ("ensemble", "learner", "known", "zipf_frequencies")
        found = ("fitted_parameters_exponent", "fitted_tokens_exponent", "limit_tokens_per_parameter", "reason")
        first, last = ({name.replace("_", " "): getattr(self, name) for name in names} for names in (asked, found))
        return first | {"budgets": sizes.compute.size} | ends | last | {"simulated optima": len(self.simulated)}

    def columns(self) -> Mapping[str, Any]:
        """Return one row per budget."""
        return self.sizes.columns()


def optimal_overview(
    objective: Objective,
    cost: CostModel,
    compute: np.ndarray,
    ensemble: Ensemble,
    *,
    learner: int = 1,
    known: float = 0.0,
    zipf_frequencies: float | None = None,
    simulated: tuple[SimulatedOptimum, ...] = (),
) -> OptimalOverview:
    """Find the sizes that each budget should buy, their exponents and where tokens per parameter tend.

    Parameters
    ----------
    objective : callable
        What is maximised, made from the ensemble.
    cost : CostModel
    compute : (budgets,) array
        FLOPs.
    ensemble : Ensemble
    learner, known
        As in `peeling_threshold`.
    zipf_frequencies : float, optional
        Exponent behind the objective, where skills are not used equally often.
    simulated : tuple of SimulatedOptimum
        Of `simulated_optima`, to stand beside.

    Raises
    ------
    ValueError
        As `optimal_sizes`.

    Examples
    --------
    >>> from skillgraph.ensembles.ensemble import texts_by_law
    >>> from skillgraph.optimal.objectives import expected_learned
    >>> ensemble = texts_by_law("poisson:6")
    >>> found = optimal_overview(expected_learned(ensemble), CostModel(), np.array([1e22, 1e24]), ensemble)
    >>> round(found.limit_tokens_per_parameter, 3)
    18.132
    """
    sizes = optimal_sizes(objective, cost, compute)
    threshold, limit, reason = _limit(ensemble, cost, learner, known, zipf_frequencies)
    return OptimalOverview(
        ensemble,
        learner,
        known,
        zipf_frequencies,
        cost,
        sizes,
        _fitted(sizes, sizes.parameters),
        _fitted(sizes, sizes.tokens),
        threshold,
        limit,
        reason,
        simulated,
    )


def _fitted(sizes: OptimalSizes, values: np.ndarray) -> float | None:
    """Fit the exponent over the budgets that are spent whole; None for a single one."""
    spent = sizes.spent
    return fitted_exponent(sizes.compute[spent], values[spent]) if np.count_nonzero(spent) > 1 else None


def _limit(
    ensemble: Ensemble, cost: CostModel, learner: int, known: float, zipf_frequencies: float | None
) -> tuple[float | None, float | None, str | None]:
    """Return the peeling threshold, the limit of tokens per parameter, and why there is none."""
    if zipf_frequencies is not None:
        return None, None, "the limit of tokens per parameter does not exist: their exponents differ"
    found = peeling_threshold(ensemble, learner=learner, known=known)
    if cost.inference_tokens > 0 or cost.unique_texts is not None:
        return found.threshold, None, "tokens per parameter keep changing with inference or repeated data"
    ratio = limiting_ratio(ensemble, learner=learner, known=known)
    if ratio is None:
        return found.threshold, None, found.reason
    limit = ratio.texts_per_skill_ratio * cost.tokens_per_text / cost.parameters_per_skill
    return found.threshold, limit, found.reason


def simulated_optima(
    ensemble: Ensemble,
    sizes: OptimalSizes,
    cost: CostModel,
    *,
    replicates: int,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
) -> tuple[SimulatedOptimum, ...]:
    """Find each optimum on graphs of nine sizes around it.

    Raises
    ------
    ValueError
        If skills times texts exceed 1e9.
    """
    from skillgraph.optimal.monte_carlo import simulated_optimum

    areas = sizes.num_skills * sizes.num_texts
    if areas.max() > _SIMULATED_BUDGET:
        raise ValueError(
            f"skills times texts must not exceed {_SIMULATED_BUDGET:g} to be simulated, got {areas.max():.3g}"
        )
    how: dict[str, Any] = {"replicates": replicates, "seed": seed, "learner": learner, "known": known}
    found = []
    for skills, area, compute in zip(sizes.num_skills, areas, sizes.compute, strict=True):
        tried = np.unique(np.maximum(np.rint(skills * _SIZES), 1))
        texts = np.array([cost.distinct_texts(num_texts_within(cost, compute, r)) for r in tried])
        found.append(simulated_optimum(ensemble, area, tried, num_texts=texts, **how))
    return tuple(found)
