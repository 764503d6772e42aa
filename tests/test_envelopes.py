"""What commands print with ``--json``: one envelope, a schema for each, the same key of the same type everywhere."""

from __future__ import annotations

import json

import pytest

import skillgraph as sg
from skillgraph.cli import COMMANDS, run
from skillgraph.commands.schema import RESULTS, results_of
from skillgraph.records import Record, envelope, envelope_schema
from tests.records_support import opened
from tests.studies_support import write_study

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")


def printed(capsys, *words, code=0):
    """Run a command with ``--json``; return what it printed."""
    assert run([*map(str, words), "--json"]) == code, capsys.readouterr().err
    return capsys.readouterr().out


def test_every_command_has_results_and_a_schema():
    assert set(RESULTS) == set(COMMANDS)
    for command in RESULTS:
        assert all(issubclass(kind, Record) for kind in results_of(command))
        jsonschema.Draft202012Validator.check_schema(envelope_schema(command, results_of(command)))


def kinds(schema, definitions):
    """Return the JSON types that a schema lets through, null apart; a list counts as what it lists."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == "array":
            return {"number"}
        return {"number"} if name == "number" else {"object"}
    if "anyOf" in schema:
        return set().union(*(kinds(one, definitions) for one in schema["anyOf"]))
    if "prefixItems" in schema:
        return set().union(*(kinds(one, definitions) for one in schema["prefixItems"]))
    if "enum" in schema:
        return {"string"} if schema["enum"] != [None] else set()
    if schema.get("type") == "array":
        return kinds(schema["items"], definitions)
    found = schema.get("type", [])
    return {"number" if one == "integer" else one for one in ([found] if isinstance(found, str) else found)} - {"null"}


def test_the_same_key_has_the_same_type_everywhere():
    """A list counts as what it lists: a number at one place is a row of numbers along a grid at another."""
    seen = {}
    for command in RESULTS:
        definitions = envelope_schema(command, results_of(command))["$defs"]
        for owner, one in definitions.items():
            for key, schema in one.get("properties", {}).items():
                for kind in kinds(schema, definitions):
                    seen.setdefault(key, {}).setdefault(kind, set()).add(owner)
    assert {key: found for key, found in seen.items() if len(found) > 1} == {}


def test_an_envelope_comes_back_as_its_result():
    result = sg.peeling_threshold("poisson:6")
    wrapped = json.loads(json.dumps(envelope("threshold", result, 7), allow_nan=False))
    assert (wrapped["command"], wrapped["seed"]) == ("threshold", 7)
    assert sg.from_record(wrapped) == result


def test_a_wrong_envelope_is_refused_by_its_schema(capsys):
    text = json.loads(printed(capsys, "threshold", "--ldpc", "3,6"))
    schema = envelope_schema("threshold", results_of("threshold"))
    jsonschema.validate(text, schema)
    wrong = [
        {key: value for key, value in text.items() if key != "seed"},
        text | {"command": "simulate"},
        text | {"schema": "skillgraph/overview/1"},  # the result of the other kind
        text | {"result": text["result"] | {"alpha": "wide"}},
        text | {"result": text["result"] | {"more": 1}},
    ]
    for one in wrong:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(one, schema)


def test_a_study_leaves_whole(capsys, tmp_path):
    study = write_study(tmp_path)
    directory = study.with_suffix(".run")
    found = opened(printed(capsys, "run", study, "-j", 1, "--progress", "none"), "run")
    assert (found["study"], found["state"], found["failures"]) == ("toy", "done", {})
    assert found["units"] > 0
    assert opened(printed(capsys, "work", directory, "--progress", "none"), "work")["units"] == 0
    results = sg.from_record(json.loads(printed(capsys, "finalize", study, "--no-arrays")))
    assert results == sg.studies.finalize(sg.studies.find_run(study), arrays=False)
    assert len(repr(results).splitlines()) <= 24
    frame, data = results.to_dataframe(), results.to_xarray()
    assert len(frame) == 3 * 21
    assert data.height.sel(p=0.5) == frame[(frame.measure == "height") & (frame.p == 0.5)]["mean"].item()
    assert len(sg.draw(results).axes) == 1
    assert opened(printed(capsys, "plot", study), "plot")["files"] == [str(directory / "heights.pdf")]
    verified = opened(printed(capsys, "verify", study, "--units", 2), "verify")
    assert (verified["computed"], verified["holds"]) == (2, True)
    assert opened(printed(capsys, "combine", directory, "--into", tmp_path / "other"), "combine")["units"] > 0
    submission = opened(printed(capsys, "submit", study, "--dry-run"), "submit")
    assert submission["script"].startswith("#!/bin/bash")
    assert (submission["jobs"], submission["workers"]) == ([], 4)


@pytest.mark.parametrize("words", [(), ("--skills", 60, "--replicates", 2, "--seed", 1)])
def test_topics(capsys, tmp_path, words):
    table, figure = tmp_path / "t.csv", tmp_path / "t.svg"
    asked = ("topics", "--topics", "2:0.05", "--scale", "0.5:1.5:3", "--csv", table, "--figure", figure, *words)
    text = printed(capsys, *asked)
    found = opened(text, "topics")
    assert len(found["learned_share"]) == 3
    assert (found["agreement"] is None) == (words == ())
    rows = table.read_text().splitlines()
    assert rows[0] == "observable,class,scale,mean,standard_error,theory,z_score,note"
    assert len(rows) == 1 + 3 * 3 * (4 if words else 1)
    assert figure.stat().st_size > 1000
    assert len(repr(sg.from_record(json.loads(text))).splitlines()) <= 24


def test_small_commands(capsys, tmp_path):
    file = tmp_path / "mine.toml"
    assert opened(printed(capsys, "new", file), "new") == {"file": str(file)}
    assert opened(printed(capsys, "explore", "-o", tmp_path / "e.html"), "explore")["file"].endswith("e.html")
    assert "waterfall_collapse" in opened(printed(capsys, "reproduce"), "reproduce")["available"]
    for which in ("study", "provenance", *RESULTS):
        assert run(["schema", which]) == 0
        plain = json.loads(capsys.readouterr().out)
        assert opened(printed(capsys, "schema", which), "schema") == {"of": which, "json": plain}
