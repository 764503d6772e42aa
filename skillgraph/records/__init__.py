"""How results leave the program, whole: shown in a few lines, as plain values and back, as tables, as files.

Every public result is a `Record`: frozen, equal to another of the same class with the same fields (NaN equal to NaN),
and it comes back from its JSON equal to itself.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, dataclass_transform

from skillgraph.records import frames, words
from skillgraph.records.envelopes import envelope, envelope_schema
from skillgraph.records.equality import digest, same
from skillgraph.records.files import write_columns, write_csv, write_whole
from skillgraph.records.schema import schema_of
from skillgraph.records.values import exact, plain, restored
from skillgraph.version import __version__

__all__ = [
    "Record",
    "envelope",
    "envelope_schema",
    "from_record",
    "plain",
    "write_columns",
    "write_csv",
    "write_whole",
]

_KNOWN: dict[str, type[Record]] = {}
_NO_RESULTS = ("__main__", "_kernels", "cli", "commands", "experiments", "figures", "records")


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
class Record:
    """Base of every result: a heir is a frozen dataclass that is shown, compared, written and read by its fields.

    Attributes
    ----------
    schema : str
        Name and version of the plain form, for example ``skillgraph/agreement/1``.
    derived : tuple of str
        Properties that `record` adds to the fields; they are computed, so `from_record` leaves them aside.
    keys : mapping
        Fields that leave under another key, because other results use their name for something else.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    schema: ClassVar[str]
    derived: ClassVar[tuple[str, ...]] = ()
    keys: ClassVar[Mapping[str, str]] = {}
    version_of_schema: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        """Make the heir a frozen dataclass and know it by its schema."""
        super().__init_subclass__()
        dataclass(frozen=True, eq=False, repr=False)(cls)
        words_of_name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        cls.schema = f"skillgraph/{words_of_name}/{cls.version_of_schema}"
        _KNOWN[cls.schema] = cls

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(same(getattr(self, one.name), getattr(other, one.name)) for one in fields(self) if one.compare)

    def __hash__(self) -> int:
        values = (digest(getattr(self, one.name)) for one in fields(self) if one.compare)
        return hash((type(self).__name__, *values))

    def headline(self) -> Mapping[str, Any]:
        """Return what is shown of the record: what was asked, the numbers that matter, the worst residual."""
        names = [one.name for one in fields(self) if one.repr] + list(self.derived)
        return {name.replace("_", " "): getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return words.block(type(self).__name__, self.headline())

    def _repr_html_(self) -> str:
        return words.html_table(type(self).__name__, self.headline())

    def record(self) -> dict[str, Any]:
        """Return plain values that JSON knows: `schema`, `skillgraph` (version), then every field.

        NaN is None, infinities are "inf" and "-inf", laws and ensembles are their texts; `from_record` is the inverse.
        """
        return {"schema": self.schema, "skillgraph": __version__, **exact(self)}

    @classmethod
    def from_record(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the record whose plain form this is.

        Raises
        ------
        ValueError
            If the mapping is the plain form of something else.
        """
        found = mapping.get("schema", cls.schema)
        if found != cls.schema:
            raise ValueError(f'a {cls.__name__} has the schema "{cls.schema}", got "{found}"')
        try:
            rebuilt: Self = restored(mapping, cls)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"this is not the plain form of a {cls.__name__}: {error}") from error
        return rebuilt

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the fields in `record`, its definitions under ``$defs``."""
        definitions: dict[str, Any] = {}
        return {**schema_of(cls, definitions), "$defs": definitions}

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Return the record as columns of a tidy table, one row per grid point or part."""
        return frames.columns_of(self)

    def grid(self) -> frames.Grid | None:
        """Return coordinates and variables on a grid; None if there is no grid."""
        return None

    def to_dataframe(self) -> Any:
        """Return the record as a tidy ``pandas.DataFrame``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return frames.data_frame(self.columns())

    def to_xarray(self) -> Any:
        """Return the record as an ``xarray.Dataset``.

        Raises
        ------
        TypeError
            If the record has no grid.
        ImportError
            If xarray is not installed.
        """
        grid = self.grid()
        if grid is None:
            raise TypeError(f"a {type(self).__name__} has no grid: use to_dataframe()")
        return frames.data_set(grid, {"schema": self.schema, "skillgraph": __version__})


def from_record(mapping: Mapping[str, Any]) -> Any:
    """Return the result whose plain form this is, whatever its class.

    Parameters
    ----------
    mapping : mapping
        What ``result.record()`` returned, or the envelope that a command printed with ``--json``.

    Returns
    -------
    Record
        Equal to the result that was written.

    Raises
    ------
    ValueError
        If no class of this version has the schema.

    Examples
    --------
    >>> from skillgraph import peeling_threshold
    >>> found = peeling_threshold('poisson:6')
    >>> from_record(found.record()) == found
    True
    """
    name = mapping.get("schema")
    kind = _KNOWN.get(str(name)) or next(_found(str(name)), None)
    if kind is None:
        raise ValueError(f'"schema" must name a result of skillgraph {__version__}, got "{name}"')
    if "command" in mapping and "result" in mapping:
        return kind.from_record(mapping["result"])
    return kind.from_record(mapping)


def _found(name: str) -> Iterator[type[Record]]:
    """Load the package room by room until a class with this schema is there."""
    package = importlib.import_module(__name__.partition(".")[0])
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.split(".")[1] in _NO_RESULTS:
            continue
        try:
            importlib.import_module(module.name)
        except ImportError:  # of an optional package
            continue
        if name in _KNOWN:
            yield _KNOWN[name]
