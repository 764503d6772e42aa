"""Results leave whole: short on a screen, equal without an error, back from JSON, to tables and labelled arrays."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import skillgraph as sg
from skillgraph.records import Record, from_record
from skillgraph.records.equality import digest, same
from skillgraph.records.values import exact, restored
from tests.records_support import dataclasses_of_the_package, made

RECORDS = [kind for kind in dataclasses_of_the_package() if issubclass(kind, Record)]


class Toy(Record):
    """A record of this file."""

    array: np.ndarray
    number: float = 0.5
    reason: str | None = None


def through_json(result):
    return json.loads(json.dumps(result.record(), allow_nan=False))


def fits_one_screen(result):
    lines = repr(result).splitlines()
    return len(lines) <= 24 and max(map(len, lines)) <= 120


@pytest.mark.parametrize("kind", dataclasses_of_the_package(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_equality_and_hash_of_every_dataclass_never_raise(kind):
    if not kind.__dataclass_params__.frozen:
        assert kind.__eq__ is object.__eq__, "what changes is equal to itself alone"
        return
    one, other = made(kind), made(kind)
    assert one == one
    assert (one == other) in (True, False)
    assert one != "another kind"
    assert isinstance(hash(one), int)
    if issubclass(kind, Record):
        assert one == other
        assert hash(one) == hash(other)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_record_comes_back_from_json_equal_to_itself(kind):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    one = made(kind)
    plain = through_json(one)
    assert (plain.pop("schema"), plain.pop("skillgraph")) == (kind.schema, sg.__version__)
    back = kind.from_record(plain)
    assert back == one
    assert hash(back) == hash(one)
    jsonschema.validate(plain, kind.json_schema())
    del plain[next(iter(plain))]
    with pytest.raises(jsonschema.ValidationError, match="is a required property"):
        jsonschema.validate(plain, kind.json_schema())


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_record_names_a_schema_of_its_own(kind):
    same_name = [one for one in RECORDS if one.schema == kind.schema]
    assert same_name == [kind]


def test_a_schema_is_found_whatever_was_imported():
    plain = through_json(sg.peeling_threshold(sg.texts_by_law("poisson:6")))
    code = (
        "import sys, json; from skillgraph.records import from_record; "
        "assert 'skillgraph.theory' not in sys.modules and 'scipy' not in sys.modules; "
        "print(from_record(json.loads(sys.stdin.read())).threshold)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, input=json.dumps(plain), capture_output=True, text=True)
    assert float(done.stdout) == plain["threshold"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            {"schema": "skillgraph/nonsense/1"},
            '"schema" must name a result of skillgraph .*, got "skillgraph/nonsense/1"',
        ),
        ({}, 'got "None"'),
        (
            {"schema": "skillgraph/toy/1", "array": [1]},
            "a Toy needs the keys .*, got none named number, reason",
        ),
        ({"schema": "skillgraph/toy/1", "array": [1], "number": "x", "reason": None}, 'where it says "x"'),
        ({"schema": "skillgraph/toy/1", "array": [1, [2]], "number": 1, "reason": None}, "this is not the plain form"),
    ],
)
def test_what_is_no_record_is_refused(mapping, message):
    with pytest.raises(ValueError, match=message):
        from_record(mapping)


def test_a_record_of_another_class_is_refused():
    plain = Toy(np.zeros(2)).record()
    with pytest.raises(ValueError, match='a PeelingThreshold has the schema "skillgraph/peeling_threshold/1", got'):
        type(sg.peeling_threshold(sg.texts_by_law("poisson:6"))).from_record(plain)


@given(arrays.arrays(st.sampled_from([np.float64, np.int64, np.bool_]), arrays.array_shapes(max_dims=3, max_side=4)))
def test_arrays_come_back_exactly(array):
    back = restored(json.loads(json.dumps(exact(array), allow_nan=False)), np.ndarray)
    assert same(back, array)
    assert digest(back) == digest(array)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.array([1, 2]), np.array([1, 2], dtype=np.uint8), True),
        (np.array([1, 2]), np.array([1.0, 2.0]), False),
        (np.array([0.0, np.nan]), np.array([-0.0, np.nan], dtype=np.float32), True),
        (np.array([1.0]), np.array([[1.0]]), False),
        (np.array([1.0]), 1.0, False),
        (np.array([]), np.array([], dtype=np.int64), True),
        (float("nan"), float("nan"), True),
        ({"a": np.zeros(2)}, {"a": np.zeros(2)}, True),
        ({"a": 1}, {"b": 1}, False),
        ((1, np.ones(2)), (1, np.ones(2)), True),
        ([1], (1, 2), False),
    ],
)
def test_equality_is_by_shape_kind_and_values(one, other, equal):
    assert same(one, other) is equal
    assert same(other, one) is equal
    assert not equal or digest(one) == digest(other)


def test_one_changed_number_makes_records_differ():
    one = Toy(np.array([1.0, np.nan]))
    assert one == Toy(np.array([1.0, np.nan]))
    assert one != Toy(np.array([1.0, 2.0]))
    assert one != Toy(np.array([1.0, np.nan]), number=0.25)
    assert len({one, Toy(np.array([1.0, np.nan])), Toy(np.array([1.0, 2.0]))}) == 2


def test_a_record_shows_ends_of_arrays_and_escapes_html():
    one = Toy(np.arange(1e6), reason="<script>")
    assert repr(one).splitlines()[1] == "  array   1000000 values: 0, ..., 999999"
    assert "<script>" not in one._repr_html_()
    assert "&lt;script&gt;" in one._repr_html_()


def test_a_small_record_is_one_line():
    assert repr(sg.percolation_threshold(sg.texts_by_law("poisson:2"))) == "PercolationThreshold(threshold=0.25)"
    assert repr(sg.percolation_threshold(sg.texts_by_law("fixed:1"))).startswith(
        "PercolationThreshold\n  threshold  -\n"
    )


def test_a_long_record_says_what_it_leaves_out():
    many = type("Many", (Record,), {"__annotations__": {f"field_{i}": "int" for i in range(40)}})
    lines = repr(many(*range(40))).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 20 more"


def test_no_grid_is_said_in_one_sentence():
    with pytest.raises(TypeError, match=r"a Toy has no grid: use to_dataframe\(\)"):
        Toy(np.zeros(2)).to_xarray()


@pytest.mark.parametrize(("package", "method"), [("pandas", "to_dataframe"), ("xarray", "to_xarray")])
def test_a_missing_package_is_said_in_one_sentence(package, method, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    result = sg.compare(sg.texts_by_law("poisson:3"), 20, np.array([0.5]), replicates=2, seed=1)
    with pytest.raises(ImportError, match=rf"^{method} needs {package}: pip install 'skillgraph\[frames\]'$"):
        getattr(result, method)()


@pytest.mark.parametrize(
    "ensemble",
    [
        sg.texts_by_law("poisson:4"),
        sg.texts_by_law("0.25*fixed:2+0.75*negative_binomial:3.1:1.7", "zipf:0.7").at_size(60),
        sg.ldpc_polynomials("0.2*x+0.8*x^2", "x^5"),
    ],
    ids=str,
)
def test_an_agreement_leaves_whole(ensemble):
    result = sg.compare(ensemble, 60, np.linspace(0, 0.4, 4), replicates=3, seed=1)
    assert fits_one_screen(result)
    back = from_record(through_json(result))
    assert back == result
    assert back.ensemble == result.ensemble
    frame = result.to_dataframe()
    assert list(frame.columns[:3]) == ["observable", "texts_per_skill_ratio", "num_texts"]
    assert len(frame) == 16
    data = result.to_xarray()
    for name, one in result.observables.items():
        np.testing.assert_array_equal(data["mean"].sel(observable=name), one.mean)
        np.testing.assert_array_equal(frame[frame.observable == name].z_score, one.z_score)
    assert f"{result.largest_z:.2f}" in repr(result)


def test_an_analysis_leaves_whole():
    graph = sg.sample(sg.texts_by_law("fixed:2"), 30, 60, rng=sg.generator(1, "test"))
    result = sg.analyse(graph, points=5, replicates=2, seed=1)
    assert fits_one_screen(result)
    assert from_record(through_json(result)) == result
    frame, data = result.to_dataframe(), result.to_xarray()
    assert len(frame) == 3 * 4 * 5
    np.testing.assert_array_equal(data.learned_share.sel(curve="theory"), result.theory.learned_share)
    chosen = frame[(frame.observable == "giant_component") & (frame.curve == "file_order")]
    np.testing.assert_array_equal(chosen.value, result.file_order.giant_component)


@pytest.mark.parametrize(
    "result",
    [
        sg.peeling_threshold(sg.texts_by_law("poisson:6")),
        sg.peeling_threshold(sg.texts_by_law("poisson:2")),
        sg.waterfall(sg.texts_by_law("poisson:6")),
        sg.erasure_thresholds(sg.ldpc(3, 6)),
    ],
    ids=lambda result: type(result).__name__,
)
def test_thresholds_leave_whole(result):
    assert fits_one_screen(result)
    assert from_record(through_json(result)) == result
    assert len(result.to_dataframe()) == 1 + (
        isinstance(getattr(result, "jumps", None), tuple) and len(result.jumps) > 1
    )
