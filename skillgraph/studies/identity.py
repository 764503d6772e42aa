"""What makes two studies the same: seed, model and its meaning, batch, measures. Only the same may share a ledger."""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skillgraph.studies.defaults import BUILT_IN
from skillgraph.studies.points import canonical_text
from skillgraph.studies.study_file import Study

__all__ = ["MEANING", "differences", "digest", "identity"]

FORMAT = 1
MEANING = 1
"""Raised whenever the built-in model gives other numbers at the same seed."""


def identity(study: Study, folder: Path) -> dict[str, Any]:
    """Return what a unit's numbers depend on, besides its point and its batch number.

    Precision targets, looks, figures, names and the grid are left out: changing them reuses everything.

    Parameters
    ----------
    study : Study
    folder : Path
        Where modules of the user are looked for first.

    Raises
    ------
    ValueError
        If the model's module cannot be found.
    """
    return {
        "format": FORMAT,
        "seed": study.seed,
        "model": study.model.function,
        "model version": study.model.version,
        "meaning of the model": _meaning(study.model.function, folder),
        "batch": study.precision.batch,
        "measures": sorted(study.measures),
    }


def _meaning(function: str, folder: Path) -> str:
    if function == BUILT_IN:
        return f"skillgraph {MEANING}"
    module = function.partition(":")[0]
    source = _source_of(module, folder)
    try:
        tree = ast.parse(source.read_bytes())
    except SyntaxError as error:
        raise ValueError(f'module "{module}" of the model does not import: {error}') from None
    for node in ast.walk(tree):
        _drop_docstring(node)
    return hashlib.blake2b(ast.dump(tree).encode(), digest_size=8).hexdigest()


def _source_of(module: str, folder: Path) -> Path:
    """Find the source of a module without running it."""
    path: list[str] | None = None
    spec = None
    for place, word in enumerate(module.split(".")):
        search = None if path is None else path
        spec = importlib.machinery.PathFinder.find_spec(word, [str(folder)]) if place == 0 else None
        spec = spec or importlib.machinery.PathFinder.find_spec(".".join(module.split(".")[: place + 1]), search)
        if spec is None:
            raise ValueError(
                f'module "{module}" of the model cannot be found: it must stand beside the study file or be installed'
            )
        path = list(spec.submodule_search_locations or [])
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ValueError(f'module "{module}" of the model has no Python source that could be compared')
    return Path(spec.origin)


def _drop_docstring(node: ast.AST) -> None:
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:]


def digest(record: Mapping[str, Any]) -> str:
    """Return the hash of an identity."""
    return hashlib.blake2b(canonical_text(record).encode(), digest_size=16).hexdigest()


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Name what differs between two identities."""
    return [
        f"{key} {theirs.get(key)!r} there, {ours.get(key)!r} here"
        for key in ours
        if canonical_text(ours.get(key)) != canonical_text(theirs.get(key))
    ]
