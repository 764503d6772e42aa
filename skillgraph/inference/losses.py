"""Losses of training runs against parameters and tokens, taken from a long table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skillgraph.inference.evaluations import Evaluations, same_metric

__all__ = ["LossTable", "loss_table", "losses"]

FEWEST = 7  # points for five parameters and a scatter


@dataclass(frozen=True, eq=False)
class LossTable:
    """Losses of runs.

    Attributes
    ----------
    parameters, tokens, loss : (n,) float64 arrays
        Sizes of model and data read (repetitions included), and the loss, all positive.
    unique_tokens : (n,) float64 array
        Different tokens among them; equal to ``tokens`` where nothing is repeated.
    steps : (n,) float64 array
        NaN where unknown.
    name : str
    notes : tuple of str
        What was done to the table's numbers.
    """

    parameters: np.ndarray
    tokens: np.ndarray
    loss: np.ndarray
    unique_tokens: np.ndarray
    steps: np.ndarray
    name: str = "table"
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of runs."""
        return int(self.loss.size)

    @property
    def repeats(self) -> bool:
        """Whether any run read tokens more than once."""
        return bool(np.any(self.unique_tokens < self.tokens))

    def part(self, chosen: np.ndarray) -> LossTable:
        """Return the rows of a mask or of places."""
        rows = (self.parameters, self.tokens, self.loss, self.unique_tokens, self.steps)
        parameters, tokens, loss, unique, steps = (column[chosen] for column in rows)
        return LossTable(parameters, tokens, loss, unique, steps, self.name, self.notes)


def losses(table: Evaluations, *, task: str | None = None, metric: str | None = None) -> LossTable:
    """Take the losses of one task out of a long table.

    Where tokens are missing and compute is given, tokens = compute / (6 parameters).

    Raises
    ------
    ValueError
        If several tasks or metrics are there and none is chosen, sizes are missing, or for the rules of `loss_table`.
    """
    kept = np.ones(table.size, dtype=bool) if task is None else table.task == task
    if metric is not None:
        kept &= same_metric(table.metric, metric)
    if not kept.any():
        raise ValueError(f"{table.name}: no row of task {task or 'any'} with metric {metric or 'any'}")
    chosen = table.part(kept)
    if len(chosen.tasks()) > 1:
        shown = ", ".join(f"{one} ({how})" for one, how in chosen.tasks()[:4])
        raise ValueError(f"{table.name}: a law is fitted to one task and metric, choose with task and metric: {shown}")
    notes = list(table.notes)
    tokens = chosen.tokens
    if np.isnan(tokens).any():
        derived = chosen.compute / (6 * chosen.parameters)
        notes.append(f"{table.name}: tokens = compute / (6 parameters) in {np.isnan(tokens).sum()} rows")
        tokens = np.where(np.isnan(tokens), derived, tokens)
    if np.isnan(chosen.parameters).any() or np.isnan(tokens).any():
        which = "parameters" if np.isnan(chosen.parameters).any() else "tokens (or compute)"
        raise ValueError(f"{table.name}: a law of losses needs {which} in every row; give a table of sizes, or columns")
    return loss_table(
        chosen.parameters,
        tokens,
        chosen.value,
        unique_tokens=chosen.unique_tokens,
        steps=chosen.steps,
        name=table.name,
        notes=tuple(notes),
    )


def loss_table(
    parameters: object,
    tokens: object,
    loss: object,
    *,
    unique_tokens: object = None,
    steps: object = None,
    name: str = "table",
    notes: tuple[str, ...] = (),
) -> LossTable:
    """Check and return a table of losses.

    Parameters
    ----------
    parameters, tokens, loss : (n,) arrays
        Positive and finite, at least 7 runs, losses that are not all the same, sizes that vary.
    unique_tokens : (n,) array, optional
        At most ``tokens``; where it is NaN, nothing is repeated.
    steps : (n,) array, optional
    name : str
    notes : tuple of str

    Raises
    ------
    ValueError
        One sentence for whatever is wrong.
    """
    rows = {"parameters": parameters, "tokens": tokens, "loss": loss}
    columns = {key: np.asarray(value, dtype=float).ravel() for key, value in rows.items()}
    size = columns["loss"].size
    for key, column in columns.items():
        if column.size != size:
            raise ValueError(f"{name}: {key} must have {size} values, one per loss, got {column.size}")
        bad = ~(np.isfinite(column) & (column > 0))
        if bad.any():
            raise ValueError(f"{name}: {key} must be positive, got {column[bad][0]:g} in row {int(np.argmax(bad)) + 1}")
    if size < FEWEST:
        raise ValueError(f"{name}: a law of losses needs at least {FEWEST} runs, got {size}")
    if np.ptp(columns["loss"]) == 0:
        raise ValueError(f"{name}: all losses are {columns['loss'][0]:g}, so there is no law to fit")
    if np.ptp(columns["parameters"]) == 0 and np.ptp(columns["tokens"]) == 0:
        raise ValueError(f"{name}: a law needs parameters or tokens that vary, got one value of each")
    return LossTable(
        columns["parameters"],
        columns["tokens"],
        columns["loss"],
        _unique(unique_tokens, columns["tokens"], name),
        np.full(size, np.nan) if steps is None else np.asarray(steps, dtype=float).ravel(),
        name,
        notes,
    )


def _unique(given: object, tokens: np.ndarray, name: str) -> np.ndarray:
    if given is None:
        return tokens
    unique = np.asarray(given, dtype=float).ravel()
    unique = np.where(np.isnan(unique), tokens, unique)
    bad = (unique <= 0) | (unique > tokens * (1 + 1e-9))
    if bad.any():
        row = int(np.argmax(bad))
        rule = f"must be positive and at most the {tokens[row]:g} tokens read"
        raise ValueError(f"{name}: unique_tokens {rule}, got {unique[row]:g} in row {row + 1}")
    return np.minimum(unique, tokens)
