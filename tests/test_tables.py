"""Text-skill tables: every format there and back, headers, duplicates, and one sentence for each broken table."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import io as scipy_io
from scipy import sparse

from skillgraph.cli import run
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.graphs.tables import TableReport, read_graph, write_graph

pytestmark = pytest.mark.kernel

PAIRS = [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet"]
MATRICES = [".mtx", ".mtx.gz", ".npz"]

Pair = tuple[str | int, str | int]

some_examples = settings(max_examples=60, deadline=None)


def graph_of_pairs(pairs: list[Pair]) -> SkillTextGraph:
    """Number texts by first appearance, and skills by that in the order of the texts."""
    order = list(dict.fromkeys(text for text, _ in pairs))
    pairs = sorted(pairs, key=lambda pair: order.index(pair[0]))
    texts, skills = (list(dict.fromkeys(side)) for side in zip(*pairs, strict=True))
    rows = np.array([[texts.index(text), skills.index(skill)] for text, skill in pairs])
    return from_edges(rows[:, 0], rows[:, 1], text_names=texts, skill_names=skills)


def pairs_of(graph: SkillTextGraph) -> list[Pair]:
    texts, skills = graph.text_names, graph.skill_names
    assert texts is not None
    assert skills is not None
    return [(texts[t], skills[s]) for t in range(graph.num_texts) for s in graph.skills_of(t).tolist()]


def written(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, name: str = "table.csv", **options) -> tuple[list[Pair], TableReport]:
    graph, report = read_graph(written(folder, content, name), **options)
    return pairs_of(graph), report


def is_kept(name: str) -> bool:
    return name.strip() == name and name.lower() not in ("", "nan") and "\0" not in name


nasty = st.text(st.sampled_from(list(",;\t\"' \n\r#\\ab01-é漢\u2028\ufeff\x85")), max_size=6) | st.text(max_size=4)
names = nasty.filter(is_kept) | st.sampled_from(["text", "skill", "0", "01", "-5", "1e3", "null", "None", "NaN ever"])


@pytest.mark.parametrize("suffix", PAIRS)
@some_examples
@given(pairs=st.lists(st.tuples(names, names), min_size=1, max_size=8, unique=True))
@example(pairs=[("a\rb", "c"), ("a\nb", 'd"'), ('"', ","), ("'", "\ufeff")])
@example(pairs=[("text", "skill"), ("skill", "text")])
def test_lists_of_pairs_come_back_with_any_names(suffix: str, pairs: list[Pair]) -> None:
    graph = graph_of_pairs(pairs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        write_graph(graph, path)
        back, report = read_graph(path)
    assert [(str(text), str(skill)) for text, skill in pairs_of(back)] == pairs_of(graph)
    assert (report.rows, report.duplicates) == (len(pairs), 0)
    assert (report.text_column, report.skill_column) == ("text", "skill")
    for ours, theirs in ((graph.text_names, back.text_names), (graph.skill_names, back.skill_names)):
        assert ours is not None
        integers = all(re.fullmatch("0|-?[1-9][0-9]{0,17}", str(name)) for name in ours)
        assert theirs == (tuple(map(int, ours)) if integers and suffix != ".parquet" else ours)


@pytest.mark.parametrize("suffix", PAIRS)
def test_integers_stay_integers(suffix: str, tmp_path: Path) -> None:
    pairs: list[Pair] = [(10, -3), (10, 0), (2, -3), (10**17, 7)]
    write_graph(graph_of_pairs(pairs), tmp_path / f"t{suffix}")
    assert pairs_of(read_graph(tmp_path / f"t{suffix}")[0]) == pairs
    bare = from_edges(np.array([0, 0, 1]), np.array([1, 0, 2]))
    write_graph(bare, tmp_path / f"u{suffix}")
    back, _ = read_graph(tmp_path / f"u{suffix}")
    assert (back.text_names, back.skill_names) == ((0, 1), (1, 0, 2))
    assert pairs_of(back) == [(0, 1), (0, 0), (1, 2)]


@pytest.mark.parametrize("suffix", PAIRS)
def test_names_of_both_kinds_come_back_as_text(suffix: str, tmp_path: Path) -> None:
    write_graph(graph_of_pairs([("a", 1), (2, 10**30)]), tmp_path / f"t{suffix}")
    assert pairs_of(read_graph(tmp_path / f"t{suffix}")[0]) == [("a", "1"), ("2", str(10**30))]


@pytest.mark.parametrize("suffix", MATRICES)
@some_examples
@given(edges=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1))
def test_matrices_keep_empty_texts_and_orphan_skills(suffix: str, edges: set[tuple[int, int]]) -> None:
    rows = np.array(sorted(edges))
    graph = from_edges(rows[:, 0], rows[:, 1], 6, 8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        write_graph(graph, path)
        back, report = read_graph(path)
    assert (back.text_indptr == graph.text_indptr).all()
    assert (back.text_skills == graph.text_skills).all()
    assert (back.num_skills, back.text_names, back.skill_names) == (8, None, None)
    assert (report.rows, report.duplicates) == (len(edges), 0)
    assert (report.empty_texts, report.orphan_skills) == (graph.num_empty_texts, graph.num_orphan_skills)


@pytest.mark.parametrize("suffix", PAIRS + MATRICES)
def test_repeated_edges_are_written_and_merged_on_reading(suffix: str, tmp_path: Path) -> None:
    graph = from_edges(np.array([0, 0, 0, 1]), np.array([0, 1, 0, 0]))
    write_graph(graph, tmp_path / f"t{suffix}")
    back, report = read_graph(tmp_path / f"t{suffix}")
    assert [back.skills_of(text).tolist() for text in range(2)] == [[0, 1], [0]]
    assert report.duplicates == (1 if suffix in PAIRS else 0)


@pytest.mark.parametrize("suffix", PAIRS + MATRICES)
def test_the_same_graph_gives_the_same_bytes_and_no_other_file(suffix: str, tmp_path: Path) -> None:
    graph = from_edges(np.array([0, 0, 1]), np.array([0, 1, 0]))
    for name in ("one", "two"):
        write_graph(graph, tmp_path / f"{name}{suffix}")
    if suffix != ".npz":  # holds the time of writing
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one{suffix}", f"two{suffix}"]


def test_headers_are_found(tmp_path: Path) -> None:
    expected: list[Pair] = [("t1", "a"), ("t1", "b"), ("t2", "a")]
    body = "t1,a\nt1,b\nt2,a\n"
    for header in ("text,skill", "Text,SKILL", "document,concept", " text , skill "):
        pairs, report = read(tmp_path, f"{header}\n{body}")
        assert pairs == expected
        assert (report.text_column, report.skill_column) == tuple(header.replace(" ", "").split(","))
    pairs, report = read(tmp_path, body)
    assert pairs == expected
    assert (report.text_column, report.skill_column) == (None, None)
    assert read(tmp_path, "skill,text\na,t1\nb,t1\na,t2\n")[0] == expected
    assert read(tmp_path, "n,skill,text\n1,a,t1\n2,b,t1\n3,a,t2\n")[0] == expected


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,x\na,y\nb,x\n", 3),  # the first text occurs again
        ("a,x\nb,x\n", 2),  # the first skill occurs again
        ("t0,s0\nt1,s1\nt2,s2\n", 3),  # numbered names like those below
        ("0,0\n1,1\n", 2),
        ("a,x\n", 1),  # nothing below
        ("user,item\nb,x\nc,y\n", 2),
        ("user,item\n1,2\n3,4\n", 2),
    ],
)
def test_a_first_line_that_looks_like_the_others_is_a_row(content: str, rows: int, tmp_path: Path) -> None:
    assert read(tmp_path, content)[1].rows == rows


def test_a_header_can_be_said_to_be_there_or_not(tmp_path: Path) -> None:
    assert read(tmp_path, "a,x\na,y\n", header=True)[0] == [("a", "y")]
    assert read(tmp_path, "text,skill\na,y\n", header=False)[0] == [("text", "skill"), ("a", "y")]
    assert read(tmp_path, "user,item\n1,2\n", header=False)[1].rows == 2


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    content = "year,topic,paper\n2020,a,p1\n2020,b,p2\n"
    pairs, report = read(tmp_path, content, text_column="paper", skill_column="topic")
    assert pairs == [("p1", "a"), ("p2", "b")]
    assert report.message.endswith('texts from column "paper", skills from column "topic"')
    assert read(tmp_path, "topic,paper\na,p1\n", text_column="paper")[0] == [("p1", "a")]
    assert read(tmp_path, "topic,paper\na,p1\n", skill_column="topic")[0] == [("p1", "a")]
    table = pa.table({"year": [1, 1], "topic": ["a", "b"], "paper": [7, 8]})
    pq.write_table(table, tmp_path / "t.parquet")
    assert pairs_of(read_graph(tmp_path / "t.parquet", text_column="paper", skill_column="topic")[0]) == [
        (7, "a"),
        (8, "b"),
    ]


def test_duplicates_and_blank_lines_are_counted(tmp_path: Path) -> None:
    pairs, report = read(tmp_path, "\ntext,skill\nt,a\n\nt,b\n  \nt,a\n u , a \nu,a\nt,a\n")
    assert pairs == [("t", "a"), ("t", "b"), ("u", "a")]
    assert report == TableReport(6, 3, 0, 0, 3, "text", "skill")
    assert report.message == (
        "6 rows, 3 duplicates merged, 0 empty texts, 0 orphan skills, 3 blank lines skipped, "
        'texts from column "text", skills from column "skill"'
    )
    assert TableReport(1, 1, 1, 1, 1).message == (
        "1 row, 1 duplicate merged, 1 empty text, 1 orphan skill, 1 blank line skipped"
    )


def test_order_of_texts_is_the_order_of_appearance(tmp_path: Path) -> None:
    graph, _ = read_graph(written(tmp_path, "9,b\n3,a\n9,a\n7,c\n3,b\n"))
    assert graph.text_names == (9, 3, 7)
    assert graph.skill_names == ("b", "a", "c")
    assert [graph.skills_of(text).tolist() for text in range(3)] == [[0, 1], [1, 0], [2]]


def test_line_endings_byte_order_marks_and_quotes(tmp_path: Path) -> None:
    expected: list[Pair] = [("t 1", "a,b"), ("t2", 'x"y')]
    for content in ('t 1,"a,b"\nt2,"x""y"', 't 1,"a,b"\r\nt2,"x""y"\r\n', '\ufefft 1,"a,b"\rt2,"x""y"'):
        assert read(tmp_path, content, header=False)[0] == expected
    assert read(tmp_path, "t 1\ta,b\nt2\t'z\n", "table.TSV", header=False)[0] == [("t 1", "a,b"), ("t2", "'z")]
    zipped = gzip.compress(b"t1,a\n") + gzip.compress(b"t1,b\n")
    assert read(tmp_path, zipped, "t.csv.gz")[0] == [("t1", "a"), ("t1", "b")]


def test_integers_are_whole_columns_of_usual_integers(tmp_path: Path) -> None:
    assert read(tmp_path, "1,01\n2,1\n")[0] == [(1, "01"), (2, "1")]
    assert read(tmp_path, "1,1\nx,2\n")[0] == [("1", 1), ("x", 2)]
    assert read(tmp_path, "1.0,+1\n2.5,2\n")[0] == [("1.0", "+1"), ("2.5", "2")]


def test_matrix_market_of_every_kind(tmp_path: Path) -> None:
    head = "%%MatrixMarket matrix"
    for content in (
        f"{head} coordinate pattern general\n% comment\n2 3 3\n1 1\n1 3\n2 2\n",
        f"{head} coordinate real general\n2 3 4\n1 1 0.5\n1 3 -2\n2 2 1e9\n2 3 0\n",
        f"{head} coordinate integer general\n2 3 4\n1 1 1\n1 3 1\n2 2 1\n2 2 1\n",
        f"{head} array integer general\n2 3\n1\n0\n0\n1\n5\n0\n",
    ):
        graph, report = read_graph(written(tmp_path, content, "m.mtx"))
        assert [sorted(graph.skills_of(text).tolist()) for text in range(2)] == [[0, 2], [1]]
        assert report.duplicates == (1 if "integer general\n2 3 4" in content else 0)
    graph, _ = read_graph(written(tmp_path, f"{head} coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n", "m.mtx"))
    assert [sorted(graph.skills_of(text).tolist()) for text in range(2)] == [[0, 1], [0]]


def test_sparse_files_of_every_form(tmp_path: Path) -> None:
    dense = np.array([[1, 0, 2], [0, 3, 0]])
    for form in (sparse.csr_array, sparse.csc_matrix, sparse.coo_array, sparse.bsr_array, sparse.dia_array):
        sparse.save_npz(tmp_path / "m.npz", form(dense))
        graph, report = read_graph(tmp_path / "m.npz")
        assert [sorted(graph.skills_of(text).tolist()) for text in range(2)] == [[0, 2], [1]]
        assert report.rows == 3


def test_parquet_columns_of_every_kind(tmp_path: Path) -> None:
    for texts in (
        pa.array([5, 5, 3], pa.int16()),
        pa.array([5, 5, 3], pa.uint64()),
        pa.array([5.0, 5.0, 3.0]),
        pa.array([5, 5, 3]).dictionary_encode(),
        pa.chunked_array([[5], [5, 3]]),
    ):
        pq.write_table(
            pa.table({"text": texts, "skill": pa.array(["b", "a", "b"], pa.large_string())}), tmp_path / "t.parquet"
        )
        graph, _ = read_graph(tmp_path / "t.parquet")
        assert pairs_of(graph) == [(5, "b"), (5, "a"), (3, "b")]


def parquet(folder: Path, **columns: object) -> Path:
    path = folder / "bad.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def matrix(folder: Path, entries: object) -> Path:
    path = folder / "bad.npz"
    sparse.save_npz(path, entries)
    return path


MARKET = "%%MatrixMarket matrix coordinate real general\n"

BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (lambda f: written(f, "", "bad.csv"), "a table needs at least one text-skill pair, got an empty file"),
    "blank": (
        lambda f: written(f, "\n \n", "bad.csv"),
        "a table needs at least one text-skill pair, got an empty file",
    ),
    "empty gzip": (lambda f: written(f, gzip.compress(b""), "bad.csv.gz"), "got an empty file"),
    "header only": (lambda f: written(f, "text,skill\n", "bad.csv"), "got no row below the header"),
    "one column": (lambda f: written(f, "text\nt1\n", "bad.csv"), 'no column named "skill" among "text"'),
    "one column, no header": (
        lambda f: written(f, "t1\n", "bad.csv"),
        'line 1: a row must have 2 fields, got 1 ("t1")',
    ),
    "missing column": (
        lambda f: written(f, "text,topic,year\nt,a,1\n", "bad.csv"),
        'no column named "skill" among "text", "topic", "year"; choose one with skill_column',
    ),
    "missing column of two": (lambda f: written(f, "text,topic\nt,a\n", "bad.csv"), 'no column named "skill" among'),
    "column twice": (
        lambda f: written(f, "text,skill,skill\nt,a,b\n", "bad.csv"),
        'more than one column named "skill"',
    ),
    "three fields": (lambda f: written(f, "t,a\nt,b,c\n", "bad.csv"), "line 2: a row must have 2 fields, got 3"),
    "three columns": (
        lambda f: written(f, "a,b,c\nt,b,c\n", "bad.csv"),
        'line 1: a row must have 2 fields, got 3 ("a", "b", "c")',
    ),
    "one field": (lambda f: written(f, "text,skill\n\nt\n", "bad.csv"), "line 3: a row must have 2 fields, got 1"),
    "wrong delimiter": (lambda f: written(f, "t\ta\n", "bad.csv"), "a row must have 2 fields, got 1"),
    "empty text": (lambda f: written(f, "t,a\n,b\n", "bad.csv"), 'line 2: a text must have a name, got ""'),
    "empty skill": (lambda f: written(f, "t,a\nt, \n", "bad.csv"), 'line 2: a skill must have a name, got ""'),
    "NaN": (lambda f: written(f, "t,a\nt,NaN\n", "bad.csv"), 'line 2: a skill must have a name, got "NaN"'),
    "nan text": (lambda f: written(f, "1,2\nnan,2\n", "bad.tsv.csv"), 'line 2: a text must have a name, got "nan"'),
    "open quote": (lambda f: written(f, 't,a\nt,"b\n', "bad.csv"), "a row must be well formed"),
    "letters behind a quote": (lambda f: written(f, 't,"a"b\n', "bad.csv"), "line 1: a row must be well formed"),
    "NUL": (
        lambda f: written(f, b"t,a\nt,\0\n", "bad.csv"),
        "line 2: a table must be text, got a binary file (a NUL byte)",
    ),
    "binary": (
        lambda f: written(f, b"\x89PNG\r\n\x1a\n", "bad.csv"),
        "line 1: a table must be UTF-8 text, got the byte 0x89",
    ),
    "latin": (
        lambda f: written(f, b"t,a\nt,\xe9\n", "bad.csv"),
        "line 2: a table must be UTF-8 text, got the byte 0xe9",
    ),
    "UTF-16": (lambda f: written(f, "t,a\n".encode("utf-16"), "bad.csv"), "got a binary file"),
    "no gzip": (lambda f: written(f, "t,a\n", "bad.csv.gz"), "no complete gzip file"),
    "cut gzip": (lambda f: written(f, gzip.compress(b"t,a\n" * 99)[:-9], "bad.csv.gz"), "no complete gzip file"),
    "damaged gzip": (
        lambda f: written(f, gzip.compress(b"t,a\n" * 99)[:12] + b"\xff" * 40, "bad.csv.gz"),
        "no complete gzip file",
    ),
    "format": (lambda f: written(f, "t,a\n", "bad.xlsx"), 'unknown table format "'),
    "empty market": (lambda f: written(f, "", "bad.mtx"), "no readable Matrix Market file"),
    "no market": (lambda f: written(f, "t,a\n", "bad.mtx"), "no readable Matrix Market file"),
    "binary market": (lambda f: written(f, b"\x89PNG\0\xff", "bad.mtx"), "no readable Matrix Market file"),
    "short market": (lambda f: written(f, f"{MARKET}2 2 2\n1 1 1\n", "bad.mtx"), "no readable Matrix Market file"),
    "market index": (lambda f: written(f, f"{MARKET}2 2 1\n3 1 1\n", "bad.mtx"), "no readable Matrix Market file"),
    "market NaN": (lambda f: written(f, f"{MARKET}2 2 1\n1 1 nan\n", "bad.mtx"), "must not hold NaN"),
    "market of nothing": (lambda f: written(f, f"{MARKET}2 2 0\n", "bad.mtx"), "got a matrix without an entry"),
    "market of zeros": (lambda f: written(f, f"{MARKET}2 2 1\n1 1 0\n", "bad.mtx"), "got a matrix without an entry"),
    "market too wide": (
        lambda f: written(f, f"{MARKET}2 99999999999 1\n1 1 1\n", "bad.mtx"),
        "a matrix must have at most 2147483647 texts and skills, got the shape (2, 99999999999)",
    ),
    "no npz": (lambda f: written(f, "t,a\n", "bad.npz"), "no readable SciPy sparse .npz file"),
    "empty npz": (lambda f: written(f, "", "bad.npz"), "no readable SciPy sparse .npz file"),
    "cut npz": (
        lambda f: written(f, matrix(f, sparse.eye_array(9)).read_bytes()[:99], "bad.npz"),
        "no readable SciPy sparse .npz file",
    ),
    "row of npz": (lambda f: matrix(f, sparse.coo_array(np.ones(3))), "a sparse matrix of two dimensions is needed"),
    "NaN in npz": (lambda f: matrix(f, sparse.csr_array(np.array([[np.nan, 1.0]]))), "must not hold NaN"),
    "no parquet": (lambda f: written(f, "t,a\n", "bad.parquet"), "no readable Parquet file"),
    "empty parquet file": (lambda f: written(f, "", "bad.parquet"), "no readable Parquet file"),
    "parquet of nothing": (
        lambda f: parquet(f, text=pa.array([], pa.string()), skill=pa.array([], pa.string())),
        "a table needs at least one text-skill pair, got no row",
    ),
    "parquet column": (
        lambda f: parquet(f, text=["t"], topic=["a"], year=[1]),
        'no column named "skill" among "text", "topic", "year"',
    ),
    "parquet null": (
        lambda f: parquet(f, text=["t", None], skill=["a", "b"]),
        'row 2: column "text" must not be empty, got null',
    ),
    "parquet name": (
        lambda f: parquet(f, text=["t", "u"], skill=["a", ""]),
        'row 2: column "skill" must hold names, got ""',
    ),
    "parquet NaN": (
        lambda f: parquet(f, text=[1.0, np.nan], skill=["a", "b"]),
        'column "text" must hold names or integers',
    ),
    "parquet half": (
        lambda f: parquet(f, text=[1.0, 1.5], skill=["a", "b"]),
        'column "text" must hold names or integers',
    ),
    "parquet dates": (
        lambda f: parquet(f, text=["t"], skill=[True]),
        'column "skill" must hold names or integers, got bool',
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_table_is_named_in_one_sentence(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, sentence = BROKEN[case]
    path = make(tmp_path)
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        read_graph(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert run(["analyse", str(path), "--seed", "1"]) == 2
    printed = capsys.readouterr()
    assert printed.err == f"skillgraph: {caught.value}\n"
    assert printed.out == ""


def test_a_file_that_does_not_exist_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in PAIRS + MATRICES:
        path = tmp_path / f"missing{suffix}"
        with pytest.raises(FileNotFoundError, match="missing"):
            read_graph(path)
        assert run(["analyse", str(path), "--seed", "1"]) == 2
        assert capsys.readouterr().err == f"skillgraph: {path}: No such file or directory\n"
    assert list(tmp_path.iterdir()) == []


def test_columns_that_cannot_be_chosen_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "text,skill\nt,a\n")
    with pytest.raises(ValueError, match='no column named "paper" among "text", "skill"'):
        read_graph(path, text_column="paper")
    with pytest.raises(ValueError, match='texts and skills must come from two columns, got "skill" for both'):
        read_graph(path, text_column="skill")
    with pytest.raises(ValueError, match='without a header no column can be named "skill"'):
        read_graph(path, skill_column="skill", header=False)
    scipy_io.mmwrite(tmp_path / "m.mtx", sparse.eye_array(2))
    with pytest.raises(ValueError, match='a matrix has no columns to name, got "paper"'):
        read_graph(tmp_path / "m.mtx", text_column="paper")


def test_what_a_list_of_pairs_cannot_hold_is_not_written(tmp_path: Path) -> None:
    path, edge = tmp_path / "t.csv", (np.array([0]), np.array([0]))
    with pytest.raises(ValueError, match=r"cannot hold 1 empty text and 2 orphan skills; write \.npz or \.mtx"):
        write_graph(from_edges(*edge, 2, 3), path)
    with pytest.raises(ValueError, match="cannot hold 0 empty texts and 0 orphan skills"):
        write_graph(from_edges(np.array([]), np.array([])), path)
    for name in ("", " a", "a\n", "NaN", "a\0b", "\ud800"):
        for side in ("text_names", "skill_names"):
            with pytest.raises(ValueError, match="a table cannot hold the name"):
                write_graph(from_edges(*edge, **{side: [name]}), path)
    with pytest.raises(ValueError, match="cannot tell an integer name from the same digits as text"):
        write_graph(from_edges(np.array([0, 1]), np.array([0, 0]), text_names=[1, "1"]), path)
    with pytest.raises(ValueError, match="unknown table format"):
        write_graph(from_edges(*edge), tmp_path / "t.txt")
    with pytest.raises(FileNotFoundError, match="no such directory"):
        write_graph(from_edges(*edge), tmp_path / "nowhere" / "t.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(IsADirectoryError, match="is a directory"):
        write_graph(from_edges(*edge), tmp_path / "folder.csv")
    assert [found.name for found in tmp_path.iterdir()] == ["folder.csv"]
