"""``skillgraph limits``: numbers, files, and one clear sentence for bad input."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from skillgraph import cli
from tests.records_support import opened

SPEC = """
[model]
skills_per_text = "pmf:1=0.5,2=0.3,3=0.2"

[surface]
data = [100, 200, 400]
model = [100, 200, 400]
steps = [1, 4, inf]
replicates = 3
seed = 1

[limits]
ratios = [0.25, 1]

[dynamics]
ldpc = "3,6"
known = [0.57057018558051, 0.55]
rounds = 256

[laws]
hold_out = 0.25
resamples = 0
seed = 0
"""


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(cli.COMMANDS, "limits", "Limits of E(N, P, K).")

    def run(text, *words):
        path = tmp_path / "spec.toml"
        path.write_text(text)
        code = cli.run(["limits", str(path), *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_json_of_every_section(call):
    code, out, err = call(SPEC, "--json")
    assert code == 0, err
    result = opened(out, "limits")
    ray = next(ray for ray in result["limits"]["rays"] if ray["path"] == "N/P = 1")
    assert ray["value"] == pytest.approx(0.7052, abs=5e-5)
    assert result["limits"]["joint"]["kind"] == "depends on the path"
    trapped, merged = result["dynamics"]
    assert trapped["limit_in_rounds"]["kind"] == "not converged"
    assert trapped["limit_in_rounds"]["value"] is None
    assert merged["lipschitz"]["fixed_points"][0]["slope"] == pytest.approx(0.690297, abs=1e-6)
    assert len(result["surface"]["theory_surface"]["performance"]) == 27
    assert result["surface"]["theory_surface"]["places"]["steps"][-1] == "inf"
    assert "capacity" in result["model"]["model_size_means"]
    assert {fit["form"] for fit in result["laws"]["fits"]} >= {"limit theory", "power norm"}


def test_text_csv_and_figure(call, tmp_path):
    table, figure = tmp_path / "surface.csv", tmp_path / "limits.png"
    code, out, err = call(SPEC, "--csv", table, "--figure", figure)
    assert code == 0, err
    assert "no joint limit off rays" in out
    assert "bottleneck of about 965 rounds" in out
    rows = list(csv.DictReader(table.open()))
    assert len(rows) == 27
    assert float(rows[-1]["performance"]) == pytest.approx(0.7052, abs=5e-5)
    assert figure.stat().st_size > 5000


def test_laws_of_a_table(call, tmp_path):
    rng = np.random.default_rng(1)
    with (tmp_path / "runs.csv").open("w") as file:
        file.write("data,model,steps,performance\n")
        for n in np.logspace(3, 6, 6):
            for p in np.logspace(2, 4, 5):
                loss = np.hypot(2 * p**-0.5, 2 * n**-0.3) * np.exp(0.01 * rng.normal())
                file.write(f"{n},{p},1,{1 - loss}\n")
    code, out, err = call('[laws]\ntable = "runs.csv"\nresamples = 20\nseed = 0\n', "--json")
    assert code == 0, err
    assert opened(out, "limits")["laws"]["fits"][0]["form"] == "power norm"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to do"),
        ("[surface]\ndata=[1]\n", "need a section \\[model\\]"),
        ("[limit]\n", 'unknown section "limit"'),
        ("[model]\nskill=1\n", 'unknown key "skill" in \\[model\\]'),
        ("[model\n", "not valid TOML"),
        (SPEC.replace("[100, 200, 400]", "[100]").replace("[1, 4, inf]", "[1]"), "at least 2 points"),
        (SPEC.replace("data = [100,", "data = [-100,"), "data sizes must be finite and not negative, got -100"),
        (SPEC.replace("[1, 4, inf]", "[1, 4.5]"), "steps must be whole numbers"),
        (SPEC.replace("[1, 4, inf]", "[1, nan]"), "surface.steps must be a number, got nan"),
        (SPEC.replace("seed = 1\n", ""), "surface.seed must be given"),
        (SPEC.replace("ratios = [0.25, 1]", "ratios = [-1]"), "limits.ratios must be positive"),
        (SPEC.replace('"3,6"', '"3"'), "two integers"),
        (SPEC.replace("rounds = 256", "rounds = 2"), "at least 10"),
        (SPEC.replace("known = [", "known = [1.5, "), r"dynamics.known must lie in \[0, 1\)"),
        ('[laws]\ntable = "nowhere.csv"\nseed = 1\n', "nowhere.csv: No such file"),
        ("[laws]\nseed = 1\n", "laws need a table"),
        ("[laws]\n", "laws.seed must be given"),
        (SPEC.replace("replicates = ", "replicates = 0 #"), "surface.seed goes with surface.replicates"),
    ],
)
def test_bad_specifications_are_one_sentence(call, text, message):
    code, _, err = call(text)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    import re

    assert re.search(message, err), err
