"""The ledger: whatever is torn, damaged, foreign or full, nothing finished is lost or computed again."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from skillgraph.studies import find_run, open_run, read_ledger, run_study
from skillgraph.studies.compact import combine, compact
from skillgraph.studies.ledger import Ledger, decode, encode
from skillgraph.studies.writer import LedgerFullError, Writer
from tests.studies_support import sha256, units, write_study

SMALL = """\
name = "toy"
seed = 7
[model]
function = "toy_model:jump"
[grid]
p = [0.2, 0.5, 0.8]
[measures.up]
half_width = 0.2
[precision]
batch = 4
"""


@pytest.fixture
def finished(tmp_path):
    """A run that is done, with one segment: (study file, run directory, segment)."""
    path = write_study(tmp_path, SMALL)
    assert run_study(path, processes=0).state == "done"
    (segment,) = (tmp_path / "toy.run" / "ledger").iterdir()
    return path, tmp_path / "toy.run", segment


def unit_lines(data):
    return [line for line in data.split(b"\n") if b'"kind":"unit"' in line]


def test_a_cut_at_every_byte_of_the_last_two_units_loses_only_what_is_cut(finished):
    path, run_directory, segment = finished
    run = find_run(run_directory)
    data, before = segment.read_bytes(), sha256(run_directory)
    lines = unit_lines(data)
    start = data.index(lines[-2])
    whole = len(units(run_directory))
    for cut in range(start, len(data)):
        segment.write_bytes(data[:cut])
        ledger, standing = read_ledger(run)
        intact = len(unit_lines(data[: data[:cut].rfind(b"\n") + 1]))
        assert standing.units == intact
        torn = cut > 0 and data[cut - 1 : cut] != b"\n"
        notes = ledger.notes(patience=0.0)
        assert len(notes) == torn, (cut, notes)
        if torn:
            assert "torn after" in notes[0]
            assert segment.name in notes[0]
    for cut in (start, data.index(lines[-1]) - 1, data.index(lines[-1]) + 30, len(data) - 1):
        segment.write_bytes(data[:cut])
        left = read_ledger(run)[1].units
        outcome = run_study(path, processes=0, patience=0.2)  # this very process seems to be the cut segment's writer
        assert outcome.units == whole - left, "nothing finished is computed again"
        assert sha256(run_directory) == before
        for other in set(segment.parent.iterdir()) - {segment}:
            other.unlink()


def test_garbage_lines_are_named_and_skipped(finished):
    path, run_directory, segment = finished
    data, before = segment.read_bytes(), sha256(run_directory)
    lines = data.split(b"\n")
    place = next(number for number, line in enumerate(lines) if b'"kind":"unit"' in line)
    victim = lines[place]
    lines[place] = victim.replace(b'"batch":0', b'"batch":1', 1)
    assert lines[place] != victim
    segment.write_bytes(b"\n".join(lines[:-1]) + b"\n\x00\xff not a line\n\n")
    ledger, standing = read_ledger(find_run(run_directory))
    notes = ledger.notes(0.0)
    assert len(notes) == 3
    assert f"{segment.name}, line {place + 1}: damaged, skipped" in notes[0]
    assert standing.units == len(unit_lines(data)) - 1
    assert run_study(path, processes=0).units == 1
    assert sha256(run_directory) == before


def test_a_lost_header_loses_nothing_else(finished):
    path, _, segment = finished
    data = segment.read_bytes()
    segment.write_bytes(b"#" * data.index(b"\n") + data[data.index(b"\n") :])
    assert run_study(path, processes=0).units == 0


def test_an_empty_file_is_named(finished):
    path, run_directory, segment = finished
    (segment.parent / "empty.jsonl").touch()
    ledger, _ = read_ledger(find_run(run_directory))
    (note,) = ledger.notes(0.0)
    assert "empty.jsonl is empty: skipped" in note
    assert run_study(path, processes=0).units == 0


def test_a_segment_of_another_study_is_named_with_what_differs(finished, tmp_path):
    path, run_directory, segment = finished
    other = tmp_path / "other"
    run_study(path, overrides=["seed=8"], directory=other, processes=0)
    (foreign,) = (other / "ledger").iterdir()
    shutil.copy(foreign, segment.parent / "foreign.jsonl")
    ledger, standing = read_ledger(find_run(run_directory))
    (note,) = ledger.notes(0.0)
    assert note.endswith("foreign.jsonl is of another study, skipped: seed 8 there, 7 here")
    assert standing.units == len(unit_lines(segment.read_bytes()))
    headless = foreign.read_bytes().split(b"\n", 1)[1]
    (segment.parent / "foreign.jsonl").write_bytes(b"?\n" + headless)
    assert read_ledger(find_run(run_directory))[1].units == standing.units, "without a header neither"


def test_another_study_in_the_same_directory_is_refused_with_what_differs(finished):
    path, _, _ = finished
    with pytest.raises(ValueError, match=r"another study, which do not mix: seed 7 there, 8 here"):
        run_study(path, overrides=["seed=8"], processes=0)
    with pytest.raises(ValueError, match=r"batch 4 there, 5 here"):
        run_study(path, overrides=["precision.batch=5"], processes=0)
    model = path.parent / "toy_model.py"
    text = model.read_text()
    model.write_text(text.replace("A toy", "Still a toy") + "\n# a remark\n")
    assert run_study(path, processes=0).units == 0, "remarks change nothing"
    model.write_text(text.replace("0.9 if up", "0.8 if up"))
    with pytest.raises(ValueError, match="meaning of the model"):
        run_study(path, processes=0)


def test_a_full_disk_is_one_message_and_loses_nothing(tmp_path):
    path = write_study(tmp_path, SMALL)
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(LedgerFullError, match=r"No space left on device; what is recorded is safe: make room"):
            run_study(path, directory=small, overrides=["measures.up.half_width=0.02"], processes=0)
        done = len(units(small))
        assert done > 3
        subprocess.run(["mount", "-o", "remount,size=10m", small], check=True)
        ledger, standing = read_ledger(find_run(small))
        assert ledger.notes(0.0) == []
        assert standing.units == done
        outcome = run_study(small, processes=0, patience=0.5)
        assert outcome.state == "done"
        assert len(units(small)) == len(set(units(small))) == done + outcome.units
    finally:
        subprocess.run(["umount", small], check=True)


def test_compaction_keeps_every_unit_once(finished):
    path, run_directory, segment = finished
    run = find_run(run_directory)
    before, recorded = sha256(run_directory), sorted(set(units(run_directory)))
    shutil.copy(segment, segment.parent / "copy.jsonl")
    merged = compact(run)
    assert merged.segments == 2
    assert sorted(units(run_directory)) == recorded
    assert len(list(segment.parent.iterdir())) == 1
    assert run_study(path, processes=0).units == 0
    assert sha256(run_directory) == before


def test_a_living_ledger_is_not_compacted(finished):
    _, run_directory, _ = finished
    run = find_run(run_directory)
    with Writer(run.ledger, run.identity) as writer:
        writer.claim([("a", 0)])
        with pytest.raises(ValueError, match="cannot be compacted while"):
            compact(run)


def test_runs_computed_apart_combine(tmp_path):
    path = write_study(tmp_path, SMALL)
    run_study(path, processes=0)
    for name, points in (("low", "[0.2, 0.5]"), ("high", "[0.5, 0.8]")):
        run_study(path, overrides=[f"grid.p={points}"], directory=tmp_path / name, processes=0)
    combine([find_run(path, directory=tmp_path / name) for name in ("low", "high")], tmp_path / "both")
    assert run_study(path, directory=tmp_path / "both", processes=0).units == 0
    assert sha256(tmp_path / "both") == sha256(tmp_path / "toy.run")
    other = tmp_path / "other"
    run_study(path, overrides=["seed=9"], directory=other, processes=0)
    with pytest.raises(ValueError, match=r"do not mix: seed 7 there, 9 here"):
        combine([find_run(tmp_path / "low"), find_run(other)], tmp_path / "mixed")


@pytest.mark.parametrize("read", ["before", "after"])
def test_two_workers_with_different_numbers_for_a_unit_are_an_error(finished, read):
    """Whichever is read first, and even if what it says is absurd."""
    path, run_directory, segment = finished
    segment = segment.rename(segment.parent / ("~.jsonl" if read == "before" else "!.jsonl"))
    run = find_run(run_directory)
    record = json.loads(unit_lines(segment.read_bytes())[0])["line"]
    record["tallies"]["up"][3][0] += 10**6
    with Writer(run.ledger, run.identity) as writer:
        writer.units([record])
    with pytest.raises(ValueError, match="two workers recorded different numbers"):
        run_study(path, processes=0)


def test_a_line_is_json_and_knows_its_study():
    line = encode({"kind": "unit", "x": [1, 2.5, "é"]}, b"salt")
    assert json.loads(line)["line"] == {"kind": "unit", "x": [1, 2.5, "é"]}
    assert decode(line[:-1], b"salt") == {"kind": "unit", "x": [1, 2.5, "é"]}
    assert decode(line[:-1], b"pepper") is None
    for place in range(len(line) - 1):
        flipped = bytearray(line[:-1])
        flipped[place] ^= 1
        assert decode(bytes(flipped), b"salt") is None, place


def test_a_ledger_reads_each_byte_once(tmp_path):
    path = write_study(tmp_path, SMALL)
    run = find_run(path)
    open_run(run)
    ledger = Ledger(run.ledger, run.identity)
    with Writer(run.ledger, run.identity) as writer:
        writer.claim([("a", 0)])
        assert [entry.record["kind"] for entry in ledger.refresh()] == ["claim"]
        assert ledger.refresh() == []
        writer.claim([("a", 0)], release=True)
        assert [(entry.line, entry.record["kind"]) for entry in ledger.refresh()] == [(3, "release")]
        assert len(ledger.alive(30.0)) == 1
    assert [entry.record["kind"] for entry in ledger.refresh()] == ["end"]
    assert ledger.alive(30.0) == []


def test_units_are_on_disk_when_the_writer_returns(tmp_path, monkeypatch):
    import os

    run = find_run(write_study(tmp_path, SMALL))
    synced = []
    monkeypatch.setattr("os.fsync", lambda file: synced.append(os.fstat(file).st_size))
    with Writer(run.ledger, run.identity) as writer:
        for number in range(3):
            writer.units([{"kind": "unit", "batch": batch} for batch in range(number + 1)])
            assert synced[-1] == (run.ledger / writer.name).stat().st_size
            assert len(synced) == number + 1
