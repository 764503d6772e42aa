"""Commands as a user calls them: numbers, files, and one clear sentence for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from skillgraph.cli import run
from tests.records_support import opened
from tests.sizes import scaled


def call(capsys, *words):
    """Run a command in this process; return exit code, standard output and standard error."""
    code = run([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def record(capsys, *words):
    code, out, err = call(capsys, *words, "--json")
    assert code == 0, err
    return opened(out, words[0])


def test_threshold_of_the_reference_setting(capsys):
    result = record(capsys, "threshold", "--skills-per-text", "poisson:6")
    assert result["peeling_threshold"] == pytest.approx(4.5329896199, abs=1e-9)
    assert result["unlearned_before_jump"] == pytest.approx(0.8150698619, abs=1e-9)
    assert result["unlearned_after_jump"] == pytest.approx(1.5e-12, rel=0.05)
    assert result["jump"] is True
    assert result["percolation_threshold"] == pytest.approx(1 / 36, rel=1e-14)
    assert result["critical_endpoint"]["mean_skills_per_text"] == pytest.approx(np.e, abs=1e-8)


def test_threshold_without_a_jump_says_why(capsys):
    result = record(capsys, "threshold", "--skills-per-text", "poisson:2.5")
    assert result["jump"] is False
    assert result["peeling_threshold"] is None
    assert "peeling_threshold" in result["reasons"]
    assert result["reasons"]["peeling_threshold"] in result["reason"]


def test_threshold_of_a_two_skill_learner(capsys):
    result = record(capsys, "threshold", "--skills-per-text", "poisson:6", "--learner", 2)
    assert result["peeling_threshold"] == pytest.approx(0.7867143181, abs=1e-9)


def test_threshold_of_steep_popularity_needs_a_size(capsys):
    words = ["threshold", "--skills-per-text", "poisson:3", "--skill-popularity", "zipf:1.2"]
    code, _, err = call(capsys, *words)
    assert code == 2
    assert "give the number of skills" in err
    result = record(capsys, *words, "--skills", "1e4")
    assert 0 < result["percolation_threshold"] < 1 / 9


def test_threshold_for_a_person(capsys):
    code, out, _ = call(capsys, "threshold", "--skills-per-text", "poisson:6")
    assert code == 0
    assert "critical endpoint, mean skills per text" in out
    assert "4.53298962" in out


def test_threshold_of_ldpc_codes(capsys):
    result = record(capsys, "threshold", "--ldpc", "3,6")
    assert result["bp_threshold"] == pytest.approx(0.42943981441949, abs=1e-12)
    assert result["map_threshold"] == pytest.approx(0.48815, abs=1e-5)
    assert result["stability_threshold"] is None
    assert "stability_threshold" in result["reason"]
    assert result["alpha"] == pytest.approx(0.560355, abs=1e-6)
    irregular = record(capsys, "threshold", "--lambda", "x/6+5x^3/6", "--rho", "x^5")
    assert irregular["bp_threshold"] == pytest.approx(0.482803, abs=1e-6)
    assert irregular["stability_threshold"] == pytest.approx(6 / 5, abs=1e-12)


def test_simulate_agrees_with_theory_and_is_reproducible(capsys, tmp_path):
    size = scaled(20_000, 300)
    words = ["simulate", "--skills-per-text", "poisson:4", "--skills", size, "--replicates", 8, "--seed", 1]
    words += ["--texts-per-skill-ratio", "0.5:2.5:9"]
    table, figure = tmp_path / "out.csv", tmp_path / "out.pdf"
    first = call(capsys, *words, "--json", "--csv", table, "--figure", figure)
    again = call(capsys, *words, "--json", "--threads", 5)
    assert first[0] == 0
    assert first[1] == again[1]
    result = opened(first[1], "simulate")
    learned = result["agreement"]["observables"]["learned_share"]
    assert len(learned["mean"]) == 9
    scores = [z for z in learned["z_score"] if z is not None]
    assert len(scores) >= scaled(6, 3)
    assert max(map(abs, scores)) < 6  # false alarm below 1e-8 for 9 normal scores
    assert result["thresholds"]["peeling_threshold"] == pytest.approx(1.4663503250, abs=1e-9)
    assert figure.read_bytes().startswith(b"%PDF")
    lines = table.read_text().splitlines()
    assert lines[0].startswith("observable,texts_per_skill_ratio")
    assert len(lines) == 1 + 4 * 9


def test_analyse_a_small_table(capsys, tmp_path):
    table = tmp_path / "table.csv"
    rng = np.random.default_rng(3)
    pairs = {(int(t), int(s)) for t, s in rng.integers(0, 60, (150, 2))}
    table.write_text("text,skill\n" + "\n".join(f"t{t},s{s}" for t, s in sorted(pairs)))
    words = ("--seed", 1, "--figure", tmp_path / "a.svg", "--csv", tmp_path / "a.csv")
    found = record(capsys, "analyse", table, *words)
    assert (found["file"], found["report"]["rows"]) == ("table.csv", len(pairs))
    result = found["analysis"]
    assert result["num_edges"] == len(pairs)
    for name in ("giant_component", "learned_share"):
        assert result["file_order"][name][-1] == pytest.approx(result["random_order"][name][-1], abs=1e-12)
    code, out, _ = call(capsys, "analyse", table, "--seed", 1)
    assert code == 0
    assert "texts per skill" in out


SIMULATE = ["simulate", "--skills-per-text", "poisson:4", "--skills", "100", "--seed", "1"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["threshold", "--skills-per-text", "foo:3"], 'unknown degree law "foo:3"'),
        (["threshold", "--skills-per-text", "poisson:-1"], "mean of poisson must be a non-negative finite number"),
        (["threshold", "--skills-per-text", "poisson:nan"], "mean of poisson must be a non-negative finite number"),
        (
            ["threshold", "--skills-per-text", "poisson:0"],
            '--skills-per-text must have a positive mean, got "poisson:0"',
        ),
        (["threshold", "--skills-per-text", "0*fixed:2+0*fixed:3"], "must not sum to 0"),
        (
            ["threshold", "--skills-per-text", "poisson:6", "--learner", "0"],
            "--learner must be an integer of at least 1",
        ),
        (["threshold", "--skills-per-text", "poisson:6", "--known", "1.5"], r"--known must lie in [0, 1], got 1.5"),
        (["threshold", "--skills-per-text", "poisson:6", "--skill-popularity", "x"], 'unknown skill popularity "x"'),
        (["threshold", "--ldpc", "3"], "--ldpc takes two integers"),
        (["threshold", "--lambda", "x"], "--lambda and --rho go together"),
        (["threshold"], "name one ensemble"),
        (["threshold", "--ldpc", "3,6", "--skills-per-text", "poisson:3"], "name one ensemble"),
        ([*SIMULATE, "--texts", "0"], "--texts must be an integer of at least 1, got 0"),
        ([*SIMULATE[:4], "0", "--seed", "1", "--texts", "5"], "--skills must be an integer of at least 1, got 0"),
        ([*SIMULATE, "--texts-per-skill-ratio", "2:1:5"], 'must increase from point to point, got "2:1:5"'),
        ([*SIMULATE, "--texts-per-skill-ratio", "1,0.5"], "must increase from point to point"),
        ([*SIMULATE, "--texts-per-skill-ratio", "0:nan:5"], "must be finite"),
        ([*SIMULATE, "--texts-per-skill-ratio", "0:1"], "must have the form START:STOP:COUNT"),
        ([*SIMULATE, "--texts-per-skill-ratio", "0"], "must reach above 0"),
        ([*SIMULATE, "--texts-per-skill-ratio", "-1:1:3"], "must not be negative"),
        (SIMULATE, "give --texts T or --texts-per-skill-ratio"),
        ([*SIMULATE[:-2], "--texts", "5"], "seed"),
        ([*SIMULATE, "--texts", "50", "--figure", "no/such/folder/out.pdf"], "--figure cannot be written"),
        ([*SIMULATE, "--texts", "50", "--figure", "out.txt"], "--figure must end in one of .pdf, .png, .svg"),
        ([*SIMULATE, "--texts", "50", "--csv", "no/such/out.csv"], "--csv cannot be written"),
        (
            ["simulate", "--skills-per-text", "fixed:200", "--skills", "100", "--seed", "1", "--texts", "5"],
            "exceed the 100 skills",
        ),
        (["analyse", "no-such-table.csv", "--seed", "1"], "no-such-table.csv"),
        (["reproduce", "nonsense"], 'unknown experiment "nonsense"'),
        (["nonsense"], 'unknown command "nonsense"'),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(capsys, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, *words)
    assert code == 2
    assert sentence in err
    assert err.count("\n") == 1
    assert out == ""
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing_column.csv", b"text,word\na,b\n", "skill"),
        ("three_fields.csv", b"text,skill\na,b\na,b,c\n", "3"),
        ("empty.csv", b"", "empty"),
        ("header_only.csv", b"text,skill\n", "no"),
        ("binary.csv", bytes(range(256)), "binary.csv"),
        ("hole.csv", b"text,skill\na,\n", "2"),
        ("table.xyz", b"a,b\n", "xyz"),
    ],
)
def test_bad_tables(capsys, tmp_path, monkeypatch, name, content, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    code, _, err = call(capsys, "analyse", name, "--seed", 1, "--figure", "out.pdf")
    assert code == 2
    assert name in err
    assert sentence in err
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == [name]


def test_the_installed_command_prints_nothing_but_json_in_a_pipe():
    words = [sys.executable, "-m", "skillgraph", *SIMULATE, "--texts", "200", "--replicates", "3", "--json"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["seed"] == 1
    assert opened(done.stdout, "simulate")["agreement"]["replicates"] == 3
    assert done.stderr == ""


def test_every_command_has_help(capsys):
    from skillgraph.cli import COMMANDS

    for name in COMMANDS:
        code, out, _ = call(capsys, name, "--help")
        assert code == 0
        assert f"Usage: skillgraph {name}" in out
