"""The laws of `skillgraph.limits` on a table of losses: trained on smaller scales, scored on larger ones."""

from __future__ import annotations

import numpy as np

from skillgraph.inference.losses import LossTable
from skillgraph.limits.laws_fit import LawComparison, compare_laws, law_table, split_by_scale

__all__ = ["compare_loss_laws"]


def compare_loss_laws(
    table: LossTable, *, hold_out: float = 0.25, floor: bool = True, resamples: int = 0, seed: int = 0
) -> LawComparison:
    """Compare the forms of the limit theory with Chinchilla's on held-out larger scales.

    Data size N is the tokens read (the unique ones, with rounds in place of steps, where a table repeats tokens); steps
    that are not known, or the same in every run, are left out.

    Parameters
    ----------
    table : LossTable
    hold_out : float
        Share of runs of largest tokens times parameters that are not trained on.
    floor : bool
        Whether every form gets an irreducible loss.
    resamples, seed : int
        See `skillgraph.limits.laws_fit.compare_laws`.
    """
    steps = np.ones(table.size) if np.isnan(table.steps).any() else table.steps
    data = table.tokens
    if table.repeats:
        data, steps = table.unique_tokens, table.tokens / table.unique_tokens
    laws = law_table(data, table.parameters, steps, loss=table.loss, name=table.name)
    train, held_out = split_by_scale(laws, hold_out)
    return compare_laws(train, held_out, floor=floor, resamples=resamples, seed=seed)
