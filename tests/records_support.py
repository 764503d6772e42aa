"""Every dataclass of the package, instances made from the types of their fields, envelopes that commands print."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

import skillgraph
from skillgraph.commands.schema import results_of
from skillgraph.ensembles.ensemble import Ensemble, Popularity, texts_by_law
from skillgraph.ensembles.joint_laws import JointLaw, JointPoisson
from skillgraph.ensembles.laws import DegreeLaw, Poisson
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.ensembles.types import types as types_of
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.records import envelope_schema, from_record
from skillgraph.records.values import exact
from skillgraph.studies.points import Unit
from skillgraph.studies.study_file import Study, parse_study

STUDY = {"name": "toy", "seed": 1, "grid": {"p": [1, 2]}, "model": {"function": "m:f"}, "measures": {"up": {}}}
_VALUES: dict[Any, Any] = {
    float: 0.5,
    int: 3,
    str: "a<b",
    bool: True,
    Path: Path("a"),
    Study: parse_study(STUDY),
    DegreeLaw: Poisson(2.5),
    Popularity: Popularity(0.5, size=7),
    Ensemble: texts_by_law("poisson:3", "zipf:0.3"),
    JointLaw: JointPoisson((1.0, 2.0)),
    TypedEnsemble: types_of((0.5, 0.5), (0.5, 0.5), [[4, 0.2], [0.2, 6]]),
    SkillTextGraph: from_edges([0, 1], [0, 0]),
    types.NoneType: None,
}
_SPECIAL = {
    "times": np.array([0.5, np.nan, 0.75]),
    "architecture_cap": 5.0,
    "training_cap": 5.0,
    "context_cap": np.inf,
    "exponent": 0.5,
}


def opened(text: str, command: str) -> Any:
    """Return the result in the envelope that a command printed, after the envelope has been checked.

    It must be what the JSON Schema of the command says, and the record in it must come back equal to itself.
    """
    printed = json.loads(text)
    assert list(printed) == ["schema", "skillgraph", "command", "seed", "result"]
    assert printed["command"] == command
    jsonschema.validate(printed, envelope_schema(command, results_of(command)))
    back = from_record(printed)
    assert json.loads(json.dumps(back.record(), allow_nan=False))["schema"] == printed["schema"]
    assert exact(back) == printed["result"]
    return printed["result"]


@cache
def dataclasses_of_the_package() -> tuple[type, ...]:
    """Import every module and return every frozen dataclass defined in one: the values, not the workers."""
    found = []
    for module in pkgutil.walk_packages(skillgraph.__path__, "skillgraph."):
        if "__main__" in module.name or ".experiments" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            own = inspect.isclass(value) and value.__module__ == module.name
            if own and dataclasses.is_dataclass(value) and value.__dataclass_params__.frozen:
                found.append(value)
    return tuple(found)


def made(kind: type) -> Any:
    """Return an instance of a dataclass whose fields have values of their types: arrays with NaN and infinity."""
    if kind in _VALUES:
        return _VALUES[kind]
    hints = typing.get_type_hints(kind, localns={"Unit": Unit})
    names = [one.name for one in dataclasses.fields(kind) if one.init]
    return kind(**{name: _SPECIAL.get(name, _value(hints[name])) for name in names})


def _value(hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(arguments[0])
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return tuple(map(_value, (arguments[:1] * 2 if arguments[-1] is ... else arguments)))
    if origin is list:
        return [_value(arguments[0])]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_value(arguments[0]): _value(arguments[1])}
    if hint is np.ndarray:
        return np.array([0.1, np.nan, np.inf])
    if hint not in _VALUES and inspect.isclass(hint) and dataclasses.is_dataclass(hint):
        return made(hint)
    return _VALUES.get(hint, 2.5)
