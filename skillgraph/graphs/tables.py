"""Text-skill tables: read and write CSV, TSV, Matrix Market, SciPy .npz and Parquet.

The order of texts is the order in which they first appear: it is the order in which they arrive.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph._kernels.csr import mark_repeats
from skillgraph.graphs.bridges import nonzero_entries, to_scipy
from skillgraph.graphs.delimited import MISSING, Columns, column_names, parse_delimited
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.records import Record, write_whole

__all__ = ["TableReport", "read_graph", "write_graph"]

_FORMATS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".mtx", ".mtx.gz", ".npz", ".parquet")
_LARGEST = 2**31 - 1
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


class TableReport(Record):
    """What was found in a table.

    Attributes
    ----------
    rows : int
        Rows (of a matrix: entries other than 0), duplicates included, blank lines excluded.
    duplicates : int
        Rows that repeat an earlier pair; they were merged with it.
    empty_texts, orphan_skills : int
        Texts without a skill and skills in no text; they were kept. A list of pairs cannot hold any.
    blank_lines : int
        Lines without a field; they were skipped.
    text_column, skill_column : str or None
        Names of the columns read; None without a header.
    """

    rows: int
    duplicates: int
    empty_texts: int
    orphan_skills: int
    blank_lines: int = 0
    text_column: str | None = None
    skill_column: str | None = None

    @property
    def message(self) -> str:
        """What was found, as one readable line."""
        parts = [_plural(self.rows, "row"), _plural(self.duplicates, "duplicate") + " merged"]
        parts += [_plural(self.empty_texts, "empty text"), _plural(self.orphan_skills, "orphan skill")]
        if self.blank_lines:
            parts.append(_plural(self.blank_lines, "blank line") + " skipped")
        if self.text_column is not None:
            parts.append(f'texts from column "{self.text_column}", skills from column "{self.skill_column}"')
        return ", ".join(parts)


def read_graph(
    path: str | Path,
    *,
    text_column: str | None = None,
    skill_column: str | None = None,
    header: bool | None = None,
) -> tuple[SkillTextGraph, TableReport]:
    r"""Read a text-skill table.

    A list of pairs (.csv, .tsv, both also .gz, .parquet) has one row per text and skill, names or integers. Both are
    labels: texts and skills are numbered by first appearance and keep their label as name, integers where a whole
    column is. Columns named text and skill are taken; where neither name occurs, both columns of a table of two. A
    skill that never occurs is unknown to such a table; a matrix (.mtx, .mtx.gz, .npz; rows texts, columns skills)
    knows it by its shape.

    Parameters
    ----------
    path : str or Path
    text_column, skill_column : str, optional
        Columns to read, for tables with a header.
    header : bool, optional
        Whether the first line of a .csv or .tsv names the columns. If omitted it does when it holds a column asked
        for, text or skill, or when it looks unlike the rows below: neither of its fields occurs again, and none is a
        number or numbered name like theirs.

    Returns
    -------
    graph : SkillTextGraph
        Duplicates merged; empty texts and orphan skills kept.
    report : TableReport

    Raises
    ------
    ValueError
        If the format is unknown or the content breaks a rule; the sentence names file, line, rule and value.
    OSError
        If the file cannot be read.
    ImportError
        If a Parquet table is read without pyarrow.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "table.csv").write_text("text,skill\na,x\na,y\nb,x\n")
    ...     graph, report = read_graph(f"{folder}/table.csv")
    >>> graph.num_texts, graph.num_skills
    (2, 2)
    """
    place = Path(path)
    suffix = _format(place)
    if suffix in (".mtx", ".npz"):
        _no_columns(place, text_column, skill_column)
        return _merged(_read_matrix(place, suffix))
    if suffix == ".parquet":
        return _merged(_read_parquet(place, text_column, skill_column))
    content = _decoded(place)
    return _merged(parse_delimited(content, str(place), _DELIMITERS[suffix], text_column, skill_column, header))


def write_graph(graph: SkillTextGraph, path: str | Path) -> None:
    """Write a table that `read_graph` reads back; the file appears whole or not at all.

    Lists of pairs (.csv, .tsv, both also .gz, .parquet) keep names and the order of texts; they write numbers where
    there are no names, and a repeated edge once per occurrence. Delimited text does not know integers from names that
    look like them: a column comes back as integers if every name in it is one, else as text. Matrices (.mtx, .mtx.gz,
    .npz; rows texts, columns skills) keep empty texts and orphan skills, but no names.

    Parameters
    ----------
    graph : SkillTextGraph
    path : str or Path

    Returns
    -------
    None

    Raises
    ------
    ValueError
        If the format is unknown, or a list of pairs cannot hold the graph: it has empty texts, orphan skills, no
        edge, or a name that would be read differently.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph import from_edges
    >>> with TemporaryDirectory() as folder:
    ...     write_graph(from_edges([0, 1], [0, 0]), f"{folder}/table.csv")
    ...     read_graph(f"{folder}/table.csv")[0].num_edges
    2
    """
    place = Path(path)
    suffix = _format(place)
    if place.is_dir() or not place.parent.is_dir():
        missing = f'is a directory: "{place}"' if place.is_dir() else f'no such directory: "{place.parent}"'
        raise (IsADirectoryError if place.is_dir() else FileNotFoundError)(f"cannot write the table, {missing}")
    if suffix in (".mtx", ".npz"):
        _write_matrix(graph, place, suffix)
        return
    _require_pairs(graph, place)
    if suffix == ".parquet":
        _write_parquet(graph, place)
        return
    rows = _pairs(graph)
    _write_bytes(place, lambda file: _write_delimited(rows, file, _DELIMITERS[suffix]))


def _merged(columns: Columns) -> tuple[SkillTextGraph, TableReport]:
    """Merge duplicates and count what a table holds."""
    raw = from_edges(columns.texts, columns.skills, columns.num_texts, columns.num_skills)
    repeated = np.empty(raw.num_edges, np.bool_)
    duplicates = mark_repeats(raw.text_indptr, raw.text_skills, np.zeros(raw.num_skills, np.int32), repeated)
    kept = np.concatenate(([0], np.cumsum(~repeated)))
    graph = SkillTextGraph(
        num_skills=raw.num_skills,
        text_indptr=kept[raw.text_indptr],
        text_skills=raw.text_skills[~repeated],
        skill_names=columns.skill_names,
        text_names=columns.text_names,
    )
    report = TableReport(
        rows=raw.num_edges,
        duplicates=int(duplicates),
        empty_texts=graph.num_empty_texts,
        orphan_skills=graph.num_orphan_skills,
        blank_lines=columns.blank_lines,
        text_column=columns.text_column,
        skill_column=columns.skill_column,
    )
    return graph, report


def _format(path: Path) -> str:
    """Return the format of a path, without .gz."""
    name = path.name.lower()
    for suffix in sorted(_FORMATS, key=len, reverse=True):
        if name.endswith(suffix):
            return suffix.removesuffix(".gz")
    raise ValueError(f'unknown table format "{path}": known are {", ".join(_FORMATS)}')


def _no_columns(path: Path, *columns: str | None) -> None:
    for column in columns:
        if column is not None:
            raise ValueError(f'{path}: a matrix has no columns to name, got "{column}"')


def _bytes(path: Path) -> bytes:
    """Read a file, uncompressed."""
    if not path.name.lower().endswith(".gz"):
        return path.read_bytes()
    try:
        with gzip.open(path, "rb") as file:
            return file.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: no complete gzip file ({error})") from None


def _decoded(path: Path) -> str:
    content = _bytes(path)
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise ValueError(f"{path}, line {line}: a table must be text, got a binary file (a NUL byte)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        raise ValueError(f"{path}, line {line}: a table must be UTF-8 text, got the byte 0x{byte:02x}") from None


def _read_matrix(path: Path, suffix: str) -> Columns:
    """Read Matrix Market or .npz."""
    from scipy import io as scipy_io
    from scipy import sparse

    content = io.BytesIO(_bytes(path))
    kind = "Matrix Market file" if suffix == ".mtx" else "SciPy sparse .npz file"
    try:
        matrix = scipy_io.mmread(content) if suffix == ".mtx" else sparse.load_npz(content)
        matrix = matrix if sparse.issparse(matrix) else sparse.coo_array(matrix)
        texts, skills = nonzero_entries(matrix)
    except (ValueError, OSError, KeyError, EOFError, OverflowError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: no readable {kind} ({_first_line(error)})") from None
    if texts.size == 0:
        raise ValueError(f"{path}: a table needs at least one text-skill pair, got a matrix without an entry")
    if max(matrix.shape) > _LARGEST:
        raise ValueError(
            f"{path}: a matrix must have at most {_LARGEST} texts and skills, got the shape {matrix.shape}"
        )
    return Columns(texts, skills, *matrix.shape)


def _read_parquet(path: Path, text_column: str | None, skill_column: str | None) -> Columns:
    arrow, parquet = _pyarrow()
    with path.open("rb") as file:
        try:
            table = parquet.ParquetFile(file)
            chosen = column_names(str(path), list(table.schema_arrow.names), text_column, skill_column)
            content = table.read(columns=list(chosen))
        except arrow.ArrowException as error:
            if isinstance(error, (ValueError, OSError)) or not isinstance(error, MemoryError):
                raise ValueError(f"{path}: no readable Parquet file ({_first_line(error)})") from None
            raise
    if content.num_rows == 0:
        raise ValueError(f"{path}: a table needs at least one text-skill pair, got no row")
    texts, text_names = _labels(arrow, path, chosen[0], content.column(chosen[0]))
    skills, skill_names = _labels(arrow, path, chosen[1], content.column(chosen[1]))
    return Columns(texts, skills, len(text_names), len(skill_names), text_names, skill_names, 0, *chosen)


def _labels(arrow: Any, path: Path, name: str, column: Any) -> tuple[np.ndarray, tuple[str | int, ...]]:
    """Number the labels of a Parquet column by first appearance."""
    types = arrow.types
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_floating(column.type):
        column = _whole_numbers(arrow, path, name, column)
    if not (types.is_integer(column.type) or types.is_string(column.type) or types.is_large_string(column.type)):
        raise ValueError(f'{path}: column "{name}" must hold names or integers, got {column.type}')
    if column.null_count > 0:
        row = column.is_null().to_pylist().index(True) + 1
        raise ValueError(f'{path}, row {row}: column "{name}" must not be empty, got null')
    encoded = arrow.chunked_array([column.combine_chunks()]).combine_chunks().dictionary_encode()
    numbers, names = encoded.indices.to_numpy(), tuple(encoded.dictionary.to_pylist())
    for number, label in enumerate(names):
        if isinstance(label, str) and label.strip() in MISSING:
            row = int(np.argmax(numbers == number)) + 1
            raise ValueError(f'{path}, row {row}: column "{name}" must hold names, got "{label}"')
    return numbers, names


def _whole_numbers(arrow: Any, path: Path, name: str, column: Any) -> Any:
    try:
        return column.cast(arrow.int64())
    except arrow.ArrowInvalid as error:
        reason = _first_line(error)
        raise ValueError(f'{path}: column "{name}" must hold names or integers ({reason})') from None


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ImportError('Parquet tables need pyarrow: pip install "skillgraph[parquet]"') from None
    return pyarrow, parquet


def _write_matrix(graph: SkillTextGraph, path: Path, suffix: str) -> None:
    from scipy import io as scipy_io
    from scipy import sparse

    matrix = to_scipy(graph)
    if suffix == ".npz":
        write_whole(path, lambda temporary: _into(temporary, lambda file: sparse.save_npz(file, matrix)))
    else:
        _write_bytes(path, lambda file: scipy_io.mmwrite(file, matrix.tocoo(), field="integer"))


def _write_bytes(path: Path, write: Callable[[Any], object]) -> None:
    """Write a file, compressed if its name ends in .gz; the same content gives the same bytes."""

    def write_compressed(file: Any) -> None:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed:
            write(compressed)

    zipped = path.name.lower().endswith(".gz")
    write_whole(path, lambda temporary: _into(temporary, write_compressed if zipped else write))


def _into(path: Path, write: Callable[[Any], object]) -> None:
    with path.open("wb") as file:
        write(file)


def _write_delimited(rows: Iterator[tuple[str | int, str | int]], file: Any, delimiter: str) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    plain = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    quoting = csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(("text", "skill"))
    for row in rows:  # the plain writer of Python before 3.13 does not quote a carriage return
        (quoting if "\r" in f"{row[0]}{row[1]}" else plain).writerow(row)
    text.flush()
    text.detach()


def _write_parquet(graph: SkillTextGraph, path: Path) -> None:
    arrow, parquet = _pyarrow()
    texts, skills = zip(*_pairs(graph), strict=True)
    table = arrow.table({"text": _arrow_column(arrow, texts), "skill": _arrow_column(arrow, skills)})
    write_whole(path, lambda temporary: parquet.write_table(table, temporary))


def _arrow_column(arrow: Any, labels: tuple[str | int, ...]) -> Any:
    integers = all(type(label) is int and -(2**63) <= label < 2**63 for label in labels)
    return arrow.array(labels if integers else [str(label) for label in labels])


def _pairs(graph: SkillTextGraph) -> Iterator[tuple[str | int, str | int]]:
    texts, skills = graph.text_names or range(graph.num_texts), graph.skill_names or range(graph.num_skills)
    for text, name in enumerate(texts):
        for skill in graph.skills_of(text).tolist():
            yield name, skills[skill]


def _require_pairs(graph: SkillTextGraph, path: Path) -> None:
    """Refuse a graph that would come back different from a list of pairs."""
    empty, orphans = graph.num_empty_texts, graph.num_orphan_skills
    if graph.num_edges == 0 or empty or orphans:
        raise ValueError(
            f"{path}: a list of pairs cannot hold {_plural(empty, 'empty text')} and "
            f"{_plural(orphans, 'orphan skill')}; write .npz or .mtx"
        )
    for names in (graph.text_names or (), graph.skill_names or ()):
        for name in names:
            if isinstance(name, str) and not _writable(name):
                raise ValueError(f"{path}: a table cannot hold the name {name!r}")
        if len({str(name) for name in names}) < len(names):
            raise ValueError(f"{path}: a table cannot tell an integer name from the same digits as text")


def _writable(name: str) -> bool:
    """Whether a table that holds a name gives it back."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return name.strip() == name and name.lower() not in ("", "nan") and "\0" not in name


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
