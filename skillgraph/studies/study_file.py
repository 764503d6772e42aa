"""The study file: what is varied, measured and how exactly; TOML, checked key by key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from skillgraph.records.values import leaves_as
from skillgraph.studies.complaints import sentences, unknown_name
from skillgraph.studies.defaults import BUILT_IN, BUILT_IN_MEASURES, BUILT_IN_PARAMETERS

__all__ = [
    "Cluster",
    "FigureOfStudy",
    "Measure",
    "Model",
    "Precision",
    "Range",
    "Study",
    "load_study",
    "parse_study",
    "schema",
]

Scalar = bool | int | float | str
Value = Scalar | list[Scalar]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_RESERVED = {"measure", "mean", "lower", "upper", "half_width", "replicates", "batches", "stopped", "point"}
_LARGEST_GRID = 10_000_000


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Range(_Section):
    """An evenly spaced axis: ``start``, ``stop`` and either ``count`` or ``step``; the ends are included."""

    start: float
    stop: float
    count: int | None = Field(default=None, ge=1, le=_LARGEST_GRID, description="Number of values.")
    step: float | None = Field(default=None, gt=0, description="Distance of values, instead of count.")
    scale: Literal["linear", "log"] = Field(default="linear", description="Spaced evenly in value or in logarithm.")

    @model_validator(mode="after")
    def _has_values(self) -> Range:
        if (self.count is None) == (self.step is None):
            raise ValueError("a range takes count or step, one of them")
        if self.stop < self.start:
            raise ValueError(f"the range is empty: stop {self.stop:g} lies below start {self.start:g}")
        if self.scale == "log" and (self.step is not None or self.start <= 0):
            raise ValueError("a range of scale log takes a positive start and a count")
        if self.count == 1 and self.start != self.stop:
            raise ValueError(f"a range from {self.start:g} to {self.stop:g} needs at least 2 values, got count 1")
        if self.step is not None and (self.stop - self.start) / self.step > _LARGEST_GRID:
            raise ValueError(f"the range has more than {_LARGEST_GRID} values")
        return self

    def values(self) -> tuple[float, ...]:
        """Return the values, rounded to 12 digits so that a refined range meets the values of a coarser one."""
        if self.count is None:
            assert self.step is not None
            number = int((self.stop - self.start) / self.step * (1 + 1e-12) + 1e-9) + 1
            return tuple(_tidy(self.start + place * self.step) for place in range(number))
        last = max(self.count - 1, 1)
        if self.scale == "log":
            ratio = self.stop / self.start
            return tuple(_tidy(self.start * ratio ** (place / last)) for place in range(self.count))
        width = self.stop - self.start
        return tuple(_tidy(self.start + width * place / last) for place in range(self.count))


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")


def _kind_of_axis(value: Any) -> str:
    return "range" if isinstance(value, (dict, Range)) else "list"


Axis = Annotated[
    Annotated[list[Scalar], Field(min_length=1), Tag("list")] | Annotated[Range, Tag("range")],
    Discriminator(_kind_of_axis),
]


class Model(_Section):
    """What computes a replicate."""

    function: str = Field(
        default=BUILT_IN,
        pattern=r"^(skillgraph|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$",
        description='"skillgraph" for the ensembles and observables of the package, or "module:function".',
    )
    version: str = Field(
        default="", description="Part of the study's identity: change it when other code of yours changes."
    )


class Measure(_Section):
    """A quantity whose mean is estimated."""

    half_width: float | None = Field(
        default=None, gt=0, description="Target half-width of the interval; none: report only."
    )
    interval: Literal["auto", "t", "wilson"] = Field(
        default="auto", description="auto: Wilson for yes/no outcomes, else t."
    )
    units: str = Field(default="1", description="Units, for the schema of the results.")
    description: str = ""


class Precision(_Section):
    """When a point has been computed exactly enough."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    batch: int = Field(default=16, ge=1, le=1_000_000, description="Replicates per unit of work.")
    growth: float = Field(
        default=1.5, gt=1, le=10, description="Ratio of the numbers of batches at which a point is judged."
    )
    minimum_batches: int = Field(default=2, ge=1)
    maximum_batches: int = Field(default=1000, ge=1)
    maximum_cpu_hours: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Precision:
        if self.maximum_batches < self.minimum_batches:
            raise ValueError(
                f"maximum_batches must be at least minimum_batches {self.minimum_batches}, got {self.maximum_batches}"
            )
        if self.batch * self.minimum_batches < 2:
            raise ValueError("batch x minimum_batches must be at least 2: one replicate has no interval")
        return self


class FigureOfStudy(_Section):
    """A figure drawn from the results."""

    name: Name
    kind: Literal["lines", "map"] = "lines"
    measure: Name
    x: Name
    y: Name | None = Field(default=None, description="Second axis of a map.")
    series: Name | None = Field(default=None, description="One line per value of this axis.")

    @model_validator(mode="after")
    def _complete(self) -> FigureOfStudy:
        if (self.kind == "map") != (self.y is not None):
            raise ValueError("a map takes x and y; lines take x and, if wanted, series")
        return self


class Cluster(_Section):
    """Defaults of ``skillgraph submit``; options of the command override them."""

    tasks: int = Field(default=4, ge=1, le=100_000)
    cpus_per_task: int = Field(default=1, ge=1)
    time: str = Field(default="01:00:00", pattern=r"^([0-9]+-)?[0-9]+(:[0-9]{1,2}){0,2}$")
    memory: str | None = Field(default=None, pattern=r"^[0-9]+[KMGT]?$")
    partition: str | None = None
    account: str | None = None
    chain: int = Field(default=1, ge=1, le=1000, description="Job arrays one after the other, for long studies.")
    options: list[str] = Field(default_factory=list, description='More options of sbatch, e.g. "--constraint=zen4".')
    setup: list[str] = Field(default_factory=list, description='Shell lines before the work, e.g. "module load gcc".')

    @field_validator("options", "setup")
    @classmethod
    def _single_lines(cls, lines: list[str]) -> list[str]:
        for line in lines:
            if "\n" in line:
                raise ValueError("every entry is one line, got a line break")
        return lines


class Study(_Section):
    """A parameter study."""

    name: Name
    description: str = ""
    seed: int = Field(ge=0, lt=2**63)
    model: Model = Model()
    parameters: dict[Name, Value] = Field(default_factory=dict, description="The same for all points.")
    grid: dict[Name, Axis] = Field(default_factory=dict, description="Axes; points are all their combinations.")
    curve: dict[Name, Axis] = Field(
        default_factory=dict, description="One axis along which a replicate gives a whole curve."
    )
    measures: dict[Name, Measure] = Field(min_length=1)
    precision: Precision = Precision()
    figures: list[FigureOfStudy] = Field(default_factory=list)
    cluster: Cluster = Cluster()

    @model_validator(mode="after")
    def _names_fit(self) -> Study:
        named = [*self.parameters, *self.grid, *self.curve]
        for name in named:
            if named.count(name) > 1:
                raise ValueError(f'"{name}" stands in two of parameters, grid and curve')
            if name in _RESERVED or name in self.measures:
                raise ValueError(f'"{name}" cannot name a parameter: it names a column of the results')
        if len(self.curve) > 1:
            raise ValueError(f"curve takes one axis, got {', '.join(self.curve)}")
        size = 1
        for name, axis in self.grid.items():
            values = axis_values(axis)
            if len(set(map(repr, values))) < len(values):
                raise ValueError(f'axis "{name}" names a value twice')
            size *= len(values)
        if size > _LARGEST_GRID:
            raise ValueError(f"the grid has {size} points; at most {_LARGEST_GRID}")
        self._figures_fit()
        if self.model.function == BUILT_IN:
            self._built_in_names(named)
        return self

    def _built_in_names(self, named: list[str]) -> None:
        for kind, names, known in (
            ("parameter of the built-in model", named, BUILT_IN_PARAMETERS),
            ("measure of the built-in model", list(self.measures), BUILT_IN_MEASURES),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(unknown_name(kind, name, known))
        for name in ("num_skills", "texts_per_skill_ratio"):
            if name not in named:
                raise ValueError(f"the built-in model needs {name}, in parameters or on the grid")

    def _figures_fit(self) -> None:
        axes = [*self.grid, *self.curve]
        for figure in self.figures:
            for name in (figure.x, figure.y, figure.series):
                if name is not None and name not in axes:
                    raise ValueError(f'figure "{figure.name}" names "{name}", which is no axis ({", ".join(axes)})')
            if figure.measure not in self.measures:
                known = ", ".join(self.measures)
                raise ValueError(f'figure "{figure.name}" names "{figure.measure}", which is no measure ({known})')


def axis_values(axis: list[Scalar] | Range) -> tuple[Scalar, ...]:
    """Return the values of an axis in their order."""
    return axis.values() if isinstance(axis, Range) else tuple(axis)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the study file.

    Returns
    -------
    dict
        JSON Schema.

    Examples
    --------
    >>> schema()['type']
    'object'
    """
    found = Study.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def parse_study(record: Mapping[str, Any]) -> Study:
    """Check a study given as nested mappings.

    Parameters
    ----------
    record : mapping
        What a study file says.

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        One line per error: its path, the rule and the offending value.

    Examples
    --------
    >>> record = {'name': 'small', 'seed': 1, 'grid': {'texts_per_skill_ratio': [1.0, 2.0]},
    ...           'measures': {'learned_share': {}}, 'parameters': {'num_skills': 100, 'skills_per_text': 4}}
    >>> parse_study(record).name
    'small'
    """
    try:
        return Study.model_validate(record)
    except ValidationError as error:
        raise ValueError("\n".join(sentences(error, schema()))) from None


def load_study(path: Path, overrides: Sequence[str] = ()) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : Path
        TOML, or the resolved ``study.json`` of a run directory.
    overrides : sequence of str
        ``"precision.batch=32"``: a path of keys and a TOML value (text needs no quotes).

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        If the file is no TOML or does not describe a study; every error with its path.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     study = load_study(path)
    >>> study.seed
    1
    """
    text = path.read_text(encoding="utf-8")
    try:
        record = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    for override in overrides:
        _set(record, override)
    try:
        return parse_study(record)
    except ValueError as error:
        raise ValueError(f"{path}: {error}".replace("\n", f"\n{path}: ")) from None


def _set(record: dict[str, Any], override: str) -> None:
    keys, equals, text = override.partition("=")
    if not equals or not all(keys.split(".")):
        raise ValueError(f'--set takes KEY.KEY=VALUE, got "{override}"')
    *above, last = keys.strip().split(".")
    for key in above:
        record = record.setdefault(key, {})
        if not isinstance(record, dict):
            raise ValueError(f'--set {override}: "{key}" is no section')
    try:
        record[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        record[last] = text.strip()


leaves_as(Study, lambda study: study.model_dump(mode="json"), parse_study, {"type": "object"})
