"""Evaluations as they are: one identical long table from every format, and one sentence for whatever is wrong."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from skillgraph.inference.columns import parse_columns, parse_where
from skillgraph.inference.evaluations import evaluations
from skillgraph.inference.readers import read_evaluations
from tests import inference_support as support

pytest.importorskip("pyarrow")


def same(one, other):
    for name, column in one.columns().items():
        theirs = other.columns()[name]
        if column.dtype.kind == "U":
            assert column.tolist() == theirs.tolist(), name
        else:
            np.testing.assert_allclose(column, theirs, rtol=1e-13, err_msg=name)


@pytest.fixture
def expected(tmp_path):
    return read_evaluations(support.write_long(tmp_path / "long.csv"))


def test_the_long_table_is_complete(expected):
    assert expected.task.tolist() == ["sums", "words", "sums", "words"]
    assert expected.steps.tolist() == [1000, 1000, 2000, 2000]
    assert expected.value.tolist() == [0.25, 0.22, 0.55, 0.8]
    assert expected.stderr[0] == pytest.approx(np.sqrt(0.25 * 0.75 / 119), rel=1e-15)
    assert expected.compute.tolist() == (6 * expected.parameters * expected.tokens).tolist()
    assert repr(expected) == "Evaluations(4 rows, 1 models, 2 tasks, 1 metrics)"


def test_every_format_gives_the_same_table(tmp_path, expected):
    percent = read_evaluations(support.write_percent(tmp_path / "percent.tsv"), columns=support.PERCENT_ROLES)
    same(percent, expected)
    assert percent.notes == ('percent.tsv: "acc" is in percent (up to 80) and was divided by 100',)
    same(read_evaluations(support.write_parquet(tmp_path / "table.parquet")), expected)
    with gzip.open(tmp_path / "long.csv.gz", "wb") as file:
        file.write((tmp_path / "long.csv").read_bytes())
    same(read_evaluations(tmp_path / "long.csv.gz"), expected)


def test_every_tool_gives_the_same_table(tmp_path, expected):
    sizes = support.write_sizes(tmp_path / "sizes.csv")
    expected.model[:] = "tiny-12m"  # a model goes by its name in the table of sizes
    harness = support.write_harness(tmp_path / "harness")
    same(read_evaluations(harness, sizes=sizes), expected)
    same(read_evaluations(support.write_harness(tmp_path / "old", old=True), sizes=sizes), expected)
    samples = support.write_samples(tmp_path / "samples")
    same(read_evaluations(samples, sizes=sizes), expected)
    same(read_evaluations([samples, harness], sizes=sizes), expected)
    same(read_evaluations(support.write_every_eval(tmp_path / "every"), sizes=sizes), expected)
    same(read_evaluations(support.write_inspect(tmp_path / "inspect"), sizes=sizes), expected)


def test_helm_is_read_without_perturbations(tmp_path):
    names = [{"name": "exact_match", "split": "test"}, {"name": "num_instances", "split": "test"}]
    names += [{"name": "exact_match", "split": "test", "perturbation": {"name": "robustness"}}]
    names += [{"name": "exact_match", "split": "valid"}, {"name": "bits_per_byte", "split": "test"}]
    means = (0.25, 40.0, 0.1, 0.9, 3.0)
    stats = [{"name": name, "mean": mean} for name, mean in zip(names, means, strict=True)]
    (tmp_path / "stats.json").write_text(json.dumps(stats))
    with pytest.raises(ValueError, match=r"run_spec\.json, which must lie beside it"):
        read_evaluations(tmp_path / "stats.json")
    spec = {"name": "mmlu:subject=anatomy,model=lab_tiny", "adapter_spec": {"model": "lab/tiny"}}
    (tmp_path / "run_spec.json").write_text(json.dumps(spec))
    table = read_evaluations(tmp_path)
    assert (table.task[0], table.metric[0], table.correct[0], table.total[0]) == ("mmlu_anatomy", "exact_match", 10, 40)


def test_filters_of_the_harness_are_metrics_of_their_own(tmp_path):
    measured = {"exact_match,strict": 0.2, "exact_match_stderr,strict": "N/A", "exact_match,none": 0.4, "alias": "sums"}
    (tmp_path / "one.json").write_text(json.dumps({"results": {"sums": measured}, "model_name": "a/b"}))
    table = read_evaluations(tmp_path / "one.json")
    assert table.metric.tolist() == ["exact_match", "exact_match,strict"]
    assert np.isnan(table.stderr).all()
    assert table.model.tolist() == ["a/b", "a/b"]


def test_tables_of_losses_need_no_model_task_or_steps(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("compute,parameters,tokens,loss\n6e18,1e9,1e9,3.1\n1.2e19,1e9,2e9,2.9\n")
    table = read_evaluations(path)
    assert table.task.tolist() == table.metric.tolist() == ["loss", "loss"]
    assert np.isnan(table.steps).all()
    assert table.compute.tolist() == [6e18, 1.2e19]


def test_a_table_of_tasks_gives_chance_and_choices(tmp_path):
    (tmp_path / "t.csv").write_text("model,task,acc\na,x,0.5\na,y,0.25\n")
    (tmp_path / "tasks.csv").write_text("task,choices,total\ny,4,80\nx,2,10\n")
    table = read_evaluations(tmp_path / "t.csv", tasks=tmp_path / "tasks.csv")
    assert table.chance.tolist() == [0.5, 0.25]
    assert table.correct.tolist() == [5, 20]


def test_where_compares_numbers_texts_and_patterns(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("model,task,acc,shots\na,x,0.5,0\na,y,0.25,5\nb,xy,0.3,0\nc,x,0.1,\n")
    assert read_evaluations(path, where=["shots<=0.0"]).size == 2
    assert read_evaluations(path, where=["shots=0.0", "task=x*"]).task.tolist() == ["x", "xy"]
    assert read_evaluations(path, where=["model!=a|b"]).model.tolist() == ["c"]
    assert read_evaluations(path, where={"model": ["a", "c"], "task": "x"}).size == 2
    with pytest.raises(ValueError, match=r"t\.csv: no row satisfies task=z and shots>3"):
        read_evaluations(path, where=["task=z", "shots>3"])
    with pytest.raises(ValueError, match='where asks for a column "suite"; the table has model, task, acc, shots'):
        read_evaluations(path, where="suite=main")
    with pytest.raises(ValueError, match='where must be COLUMN, one of < <= = != >= >, and a value, got "shots"'):
        parse_where("shots")
    with pytest.raises(ValueError, match='where shots> must be a number, got "few"'):
        parse_where("shots>few")


def complaint(tmp_path, content, **options):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_evaluations(path, **options)
    return str(caught.value)


BAD = [
    ("model,task,acc\na,x,0.5\nb,x,1.2\n", "t.csv: an accuracy must lie in [0, 1], got 1.2 in row 2"),
    ("model,task,acc\na,x,0.5\nb,x,0.4\nc,x,55\n", "must lie in [0, 1] or, all of it, in percent, got 0.4 to 55"),
    ("model,task,acc\na,x,150\nb,x,80\n", "must lie in [0, 1] or, all of it, in percent, got 80 to 150"),
    ("model,task,acc,stderr\na,x,0.5,-0.1\n", "t.csv: stderr must not be negative, got -0.1 in row 1"),
    ("model,task,correct,total\na,x,7,5\n", "t.csv: correct must not exceed total, got 7 of 5 in row 1"),
    ("model,task,acc\na,x,0.5\na,x,0.6\n", "t.csv: rows 1 and 2 are doubled (a, x, acc); leave one of them out"),
    (
        "model,task,shots,acc\na,x,0,0.5\na,x,5,0.6\n",
        "rows 1 and 2 are doubled (a, x, acc); they differ in shots: choose by it with where",
    ),
    ("model,task,acc\na,x,half\n", 't.csv: value must be a number, got "half" in row 1'),
    ("model,parameters,task,acc\na,0,x,0.5\n", "t.csv: parameters must be positive, got 0 in row 1"),
    ("model,parameters,task,acc\na,inf,x,0.5\n", "t.csv: parameters must be finite, got inf in row 1"),
    ("model,task,points\na,x,3\n", "no column value, loss, accuracy, acc, score, or correct and total"),
    ("model,task,acc\n", "t.csv: a table needs at least one row, got none"),
    ("", "t.csv: no readable table"),
    ("model,task,acc\na,x\n", "t.csv: no readable table"),
    ("model,acc,acc\na,1,2\n", 't.csv: more than one column named "acc"'),
]


@pytest.mark.parametrize(("content", "message"), BAD, ids=range(len(BAD)))
def test_bad_tables_are_one_sentence(tmp_path, content, message):
    said = complaint(tmp_path, content)
    assert message in said
    assert "\n" not in said


def test_a_model_missing_in_the_table_of_sizes(tmp_path):
    sizes = support.write_sizes(tmp_path / "sizes.csv")
    said = complaint(tmp_path, "model,task,acc\nbig,x,0.5\nhuge,x,0.5\n", sizes=sizes)
    assert said == 'sizes.csv: the model "big" is missing in this table (and 1 more)'
    sizes.write_text("model,parameters\na,1\na,2\n")
    said = complaint(tmp_path, "model,task,acc\na,x,0.5\n", sizes=sizes)
    assert said == 'sizes.csv: the model "a" stands in more than one row'


def test_unknown_files_are_one_sentence(tmp_path):
    path = tmp_path / "one.json"
    for content, message in (("{}", "unknown JSON: known are"), ("{", "no readable JSON"), ("[3]", "unknown JSON")):
        path.write_text(content)
        with pytest.raises(ValueError, match=message):
            read_evaluations(path)
    (tmp_path / "table.xlsx").write_text("")
    with pytest.raises(ValueError, match=r'must end in \.csv, .*, got "\.xlsx"'):
        read_evaluations(tmp_path / "table.xlsx")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no file of a known format in this folder"):
        read_evaluations(tmp_path / "empty")


def test_roles_are_checked():
    with pytest.raises(ValueError, match='unknown role of a column "size": roles are model, family'):
        parse_columns({"size": "N"})
    with pytest.raises(ValueError, match="ROLE=COLUMN, as in parameters=params_B"):
        parse_columns(["parameters"])
    with pytest.raises(ValueError, match="task holds texts, which no factor multiplies"):
        parse_columns(["task=a*2"])
    with pytest.raises(ValueError, match='unknown column "size": columns are model'):
        evaluations({"value": [1.0], "size": [2.0]})
    with pytest.raises(ValueError, match="needs a column value, or correct and total; got correct"):
        evaluations({"correct": [1.0]})
    with pytest.raises(ValueError, match=r"same number of rows, at least 1, got \[1, 2\]"):
        evaluations({"value": [1.0], "total": [2.0, 3.0]})


def test_real_files_of_the_harness_equal_the_published_table(tmp_path):
    files, published = support.real("evaluations", "lm_eval_old"), support.real("pythia", "pythia_v1_evals.csv.gz")
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("model,parameters,tokens_per_step\n160m,162322944,2097152\n410m,405334016,2097152\n")
    ours = read_evaluations(files, sizes=sizes, where=["task!=crows_pairs_*"])
    theirs = read_evaluations(
        published,
        columns=["parameters=params_total", "steps=step_K", "tokens=tokens_N"],
        where=["condition=main", "suite=pythia", "shots=0", "model=160m|410m"],
    )
    assert ours.size == theirs.size == 6912
    for name in ("model", "parameters", "tokens", "steps", "task", "metric"):
        assert ours.columns()[name].tolist() == theirs.columns()[name].tolist(), name
    np.testing.assert_allclose(ours.value, theirs.value, rtol=5e-6)  # six significant digits in the table
    np.testing.assert_allclose(ours.stderr, theirs.stderr, rtol=5e-3)  # three


def test_real_files_of_other_tools():
    known = {"lm_eval": ("math_perturbed_full", 5000), "inspect": ("arc_easy", 3), "helm": ("hellaswag", 10)}
    for folder, (task, total) in known.items():
        table = read_evaluations(support.real("evaluations", folder))
        assert (table.task[0], table.total[0]) == (task, total)
    records = read_evaluations(support.real("evaluations", "every_eval_ever"))
    assert records.value[records.task == "IFEval"].tolist() == [0.4486]
    assert records.parameters[records.task == "IFEval"].tolist() == [8.357e9]
