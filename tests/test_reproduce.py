"""Experiments: files, checks, exit codes; and what the README promises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from skillgraph import reproduce
from skillgraph.cli import run
from tests.records_support import opened
from tests.sizes import scaled

ROOT = Path(__file__).parents[1]

SMALL = '''"""One line that says what it is.

More.
"""

import numpy as np

from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check


def compute(quick):
    return {"seed": 1, "x": np.arange(3.0), "hole": float("nan"), "quick": quick}


def checks(numbers):
    return [Check("last x", 2.0, numbers["x"][-1], %s, "counting")]


def draw(numbers):
    drawn, (axes,) = plotting.figure(1)
    axes.plot(numbers["x"], numbers["x"])
    return drawn
'''


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """Write a small experiment of a given tolerance and make its folder the folder of experiments."""
    monkeypatch.setattr(reproduce, "folder", lambda: tmp_path)

    def write(tolerance):
        (tmp_path / "small.py").write_text(SMALL % tolerance)

    return write


def test_an_experiment_writes_its_files_and_numbers(experiment, tmp_path, capsys):
    experiment("0.1")
    assert run(["reproduce", "small", "--output", str(tmp_path / "out"), "--quick"]) == 0
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".pdf", ".png", ".json", ".csv"}
    record = json.loads((tmp_path / "out" / "small.json").read_text())
    assert record["numbers"] == {"seed": 1, "x": [0.0, 1.0, 2.0], "hole": None, "quick": True}
    assert record["version"]
    assert "last x" in capsys.readouterr().out
    before = (tmp_path / "out" / "small.pdf").read_bytes()
    assert run(["reproduce", "small", "--output", str(tmp_path / "out"), "--quick"]) == 0
    assert (tmp_path / "out" / "small.pdf").read_bytes() == before


def test_the_comparison_leaves_as_a_record(experiment, tmp_path, capsys):
    experiment("0.1")
    assert run(["reproduce", "small", "--output", str(tmp_path / "out"), "--json"]) == 0
    (found,) = opened(capsys.readouterr().out, "reproduce")["reproduced"]
    assert (found["name"], found["holds"]) == ("small", True)
    assert found["checks"][0]["difference"] == 0


def test_a_number_outside_its_tolerance_ends_with_exit_code_1(experiment, tmp_path, capsys):
    experiment("-1")
    assert run(["reproduce", "all", "--output", str(tmp_path / "out"), "--quick"]) == 1
    assert "OUTSIDE" in capsys.readouterr().out


def test_the_published_mode_alone_can_be_checked(experiment, tmp_path, capsys):
    experiment("-1")
    words = ["reproduce", "small", "--output", str(tmp_path / "out"), "--published"]
    assert run(words) == 2
    assert "no published mode" in capsys.readouterr().err
    place = tmp_path / "small.py"
    more = 'return [Check("published: x", 1, 1, 0), Check('
    place.write_text(place.read_text().replace("return [Check(", more))
    assert run(words) == 0
    assert "last x" not in capsys.readouterr().out


def test_missing_data_are_skipped_with_a_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SKILLGRAPH_DATA", str(tmp_path / "nowhere"))
    assert run(["reproduce", "real_table", "--output", str(tmp_path / "out")]) == 0
    assert "SKILLGRAPH_DATA" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("[a-z]*.py")), ids=lambda p: p.stem)
def test_every_experiment_states_what_it_does_and_has_its_figure(path):
    text = path.read_text()
    for word in ("Computed:", "Drawn:", "Must match:"):
        assert word in text, f"{path.name} does not state: {word}"
    for suffix in (".pdf", ".png", ".json", ".csv"):
        assert (ROOT / "figures" / path.stem).with_suffix(suffix).is_file()
    record = json.loads((ROOT / "figures" / f"{path.stem}.json").read_text())
    assert {"name", "version", "numbers"} <= set(record)
    assert "seed" in record["numbers"]


def test_the_ten_lines_of_the_readme_run(tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL).group(1)
    assert code.count("\n") <= 12
    monkeypatch.chdir(tmp_path)
    small = code.replace("1e5", str(scaled(5000, 200))).replace(":41", ":5")
    assert small != code
    exec(compile(small, "README.md", "exec"), {})
    threshold, before, z = map(float, capsys.readouterr().out.split())
    assert threshold == pytest.approx(1.4663503250, abs=1e-9)
    assert before == pytest.approx(0.699491, abs=1e-6)
    assert np.isfinite(z)
    assert (tmp_path / "learning.pdf").read_bytes().startswith(b"%PDF")


def test_links_of_the_documents_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_the_documents_speak_of_the_project_alone():
    words = re.compile(r"/(?:work|tmp)/|\.\./shared|pypi\.org/simple", re.IGNORECASE)
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("skillgraph/**/*.py")]:
        assert not words.search(document.read_text()), document
