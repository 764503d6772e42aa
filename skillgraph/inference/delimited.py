"""Evaluation tables as CSV, TSV (plain or compressed) and Parquet, read by pyarrow as texts and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.inference.columns import RawTable

__all__ = ["DELIMITED", "PARQUET", "read_delimited", "read_parquet"]

DELIMITED = {".csv": ",", ".tsv": "\t"}
PARQUET = (".parquet", ".pq")


def read_delimited(path: Path, delimiter: str) -> RawTable:
    """Read a table with a header line; every cell a text, None where it is empty.

    Raises
    ------
    ValueError
        If the file is empty, has two columns of one name, or rows of different lengths.
    ImportError
        If pyarrow is missing.
    """
    arrow = _pyarrow()
    from pyarrow import csv

    try:
        with arrow.input_stream(str(path), compression="detect") as stream:
            content = stream.read()
        names = _header(csv, arrow, content, delimiter)
        kinds = csv.ConvertOptions(
            column_types=dict.fromkeys(names, arrow.string()), strings_can_be_null=True, null_values=[""]
        )
        table = csv.read_csv(
            arrow.BufferReader(content), parse_options=csv.ParseOptions(delimiter=delimiter), convert_options=kinds
        )
    except arrow.ArrowInvalid as error:
        raise ValueError(f"{path}: no readable table ({_first_line(error)})") from None
    return _raw(path, table)


def _header(csv: Any, arrow: Any, content: bytes, delimiter: str) -> list[str]:
    reader = csv.open_csv(arrow.BufferReader(content), parse_options=csv.ParseOptions(delimiter=delimiter))
    return list(reader.schema.names)


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet table.

    Raises
    ------
    ValueError
        If the file is no Parquet file or a column holds neither texts nor numbers.
    """
    arrow = _pyarrow()
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except arrow.ArrowInvalid as error:
        raise ValueError(f"{path}: no readable Parquet file ({_first_line(error)})") from None
    return _raw(path, table)


def _raw(path: Path, table: Any) -> RawTable:
    names = [name.strip().removeprefix("\ufeff") for name in table.column_names]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f'{path}: more than one column named "{twice[0]}"')
    if table.num_rows == 0:
        raise ValueError(f"{path}: a table needs at least one row, got none")
    columns = (np.array(column.to_pylist(), dtype=object) for column in table.columns)
    return RawTable(path.name, dict(zip(names, columns, strict=True)))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise ImportError('evaluation tables need pyarrow: pip install "skillgraph[inference]"') from None
    return pyarrow
