"""The study commands as a user calls them: exit codes 0, 1, 2, 3, and one clear sentence for bad input."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from skillgraph.cli import run
from skillgraph.studies import find_run, run_study
from tests.records_support import opened
from tests.studies_support import sha256, start, units, wait_until, write_study

# Real processes on a machine that others use: signals and time limits get another chance.
PROCESSES = pytest.mark.flaky(reruns=2, reruns_delay=1)

COMMANDS = ["new", "check", "run", "submit", "work", "status", "combine", "finalize", "plot", "verify", "doctor"]
COMMANDS += ["schema"]

BRITTLE = """\
name = "toy"
seed = 1
[model]
function = "toy_model:brittle"
[grid]
p = [0.1, 0.5, 0.9]
[measures.up]
[precision]
batch = 4
"""


def call(capsys, *words):
    code = run([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The toy study, done: its file; its run directory stands beside it."""
    path = write_study(tmp_path_factory.mktemp("finished"))
    run_study(path, processes=0)
    return path


@PROCESSES
def test_run_status_finalize_verify_plot(capsys, tmp_path):
    path = write_study(tmp_path)
    run_directory = path.with_suffix(".run")
    assert call(capsys, "status", path)[0] == 3
    code, out, err = call(capsys, "run", path, "-j", 1, "--progress", "none")
    assert (code, err) == (0, "")
    assert out.startswith(f"{run_directory / 'results.csv'}: ")
    code, out, _ = call(capsys, "status", run_directory, "--json")
    record = opened(out, "status")["status"]
    assert code == 0
    assert (record["complete"], record["points"], record["finished"], record["worst"]) == (True, 21, 21, None)
    code, out, _ = call(capsys, "verify", run_directory, "--units", 5)
    assert code == 0
    assert "5 computed again, 0 different\nresults.csv is what the ledger gives" in out
    code, out, _ = call(capsys, "finalize", run_directory, "--no-arrays", "--compact")
    assert code == 0
    assert "1 segments merged into one" in out
    code, out, _ = call(capsys, "plot", run_directory, "--format", "svg")
    assert code == 0
    assert (run_directory / "heights.svg").stat().st_size > 1000
    assert call(capsys, "combine", run_directory, "--into", tmp_path / "other")[0] == 0
    assert call(capsys, "run", tmp_path / "other", "-j", 1)[0] == 0
    assert sha256(tmp_path / "other") == sha256(run_directory)


def test_results_have_a_schema_and_a_provenance(capsys, finished):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    run_directory = finished.with_suffix(".run")
    code, out, _ = call(capsys, "schema", "provenance")
    assert code == 0
    provenance = json.loads((run_directory / "provenance.json").read_text())
    jsonschema.validate(provenance, json.loads(out))
    assert provenance["results"]["sha256"] == sha256(run_directory)
    assert provenance["resources"]["units"] == len(units(run_directory))
    described = json.loads((run_directory / "results.schema.json").read_text())
    header = (run_directory / "results.csv").read_text().splitlines()[0].split(",")
    assert [column["name"] for column in described["columns"]] == header
    assert described["measures"]["height"] == {"units": "m", "description": "", "target_half_width": 0.03}


@PROCESSES
def test_arrays_hold_what_the_table_holds(tmp_path):
    xarray = pytest.importorskip("xarray", reason="xarray is not installed")
    pytest.importorskip("h5netcdf", reason="h5netcdf is not installed")
    import csv

    from skillgraph.studies import finalize

    text = (
        'name = "toy"\nseed = 1\n[model]\nfunction = "toy_model:curve"\n[grid]\nheight = [1, 2]\n[curve]\n'
        "steps = { start = 0, stop = 2, count = 3 }\n[measures.level]\nhalf_width = 0.3\nunits = 'm'\n"
    )
    path = write_study(tmp_path, text)
    run_study(path, processes=0)
    finalize(find_run(path), arrays=True)
    rows = list(csv.DictReader((path.with_suffix(".run") / "results.csv").open()))
    with xarray.open_dataset(path.with_suffix(".run") / "results.nc", engine="h5netcdf") as data:
        assert data.attrs["Conventions"] == "CF-1.11"
        assert data.level.dims == ("height", "steps")
        assert data.level.attrs["units"] == "m"
        for row in rows:
            cell = data.sel(height=float(row["height"]), steps=float(row["steps"]))
            for column, name in (("mean", "level"), ("lower", "level_lower"), ("upper", "level_upper")):
                assert float(cell[name]) == float(row[column])
    assert {row["measure"] for row in rows} == {"level"}
    assert len(rows) == 6


def test_new_check_and_doctor(capsys, tmp_path):
    path = tmp_path / "my study.toml"
    assert call(capsys, "new", path)[0] == 0
    code, _, err = call(capsys, "new", path)
    assert (code, "exists: choose another name, or --force" in err) == (2, True)
    code, out, _ = call(capsys, "check", path, "--pilot", 0, "--json")
    record = opened(out, "check")
    assert code == 0
    assert (record["study"], record["cost"]["points"], record["cost"]["least_units"]) == ("my_study", 32, 64)
    assert record["cost"]["megabytes_per_graph"] == pytest.approx((1e4 * 2 * 4 * 16 + 3e4 * 48) / 1e6)
    code, out, _ = call(capsys, "doctor", tmp_path, "--json")
    assert {one["what"] for one in opened(out, "doctor")["findings"]} >= {
        "software",
        "room",
        "append and sync",
        "Slurm",
    }
    assert code == 0


def test_check_runs_a_pilot_in_a_process_of_its_own(capsys, finished):
    code, out, _ = call(capsys, "check", finished, "--pilot", 0.2, "--json")
    record = opened(out, "check")["cost"]
    assert code == 0
    assert record["pilot_units"] >= 2
    assert record["estimated_units"] >= record["least_units"]
    assert record["estimated_cpu_hours"] > 0


@PROCESSES
@pytest.mark.parametrize("words", [("status",), ("check", "--pilot", "0")])
def test_status_and_check_load_neither_numba_nor_matplotlib(finished, words):
    command, *rest = words
    code = (
        f"import sys, skillgraph.studies; from skillgraph.cli import run; "
        f"assert run([{command!r}, {str(finished)!r}, *{rest!r}]) == 0; "
        "assert not {'numba', 'matplotlib', 'xarray', 'distributed'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@PROCESSES
@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_loads_neither_numba_nor_matplotlib(name):
    code = (
        f"import sys; from skillgraph.cli import run; assert run([{name!r}, '--help']) == 0; "
        "assert not {'numba', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@PROCESSES
def test_failed_points_are_named_and_the_exit_code_is_1(capsys, tmp_path):
    path = write_study(tmp_path, BRITTLE)
    code, _, err = call(capsys, "run", path, "-j", 1, "--progress", "none")
    assert code == 1
    assert "failed: p = 0.5: RuntimeError: no value here\n" in err
    code, out, _ = call(capsys, "status", path)
    assert code == 1
    assert "points finished  2 of 3" in out
    assert call(capsys, "finalize", path, "--no-arrays")[0] == 1


@PROCESSES
def test_an_unfinished_study_is_resumable(capsys, tmp_path):
    path = write_study(tmp_path)
    run_study(path, overrides=["precision.maximum_cpu_hours=1e-7"], processes=0)
    code, _, err = call(capsys, "finalize", path)
    assert code == 3
    assert "points are unfinished: run the study again to resume it, or finalize with --partial" in err
    assert call(capsys, "finalize", path, "--partial", "--no-arrays")[0] == 3
    rows = (path.with_suffix(".run") / "results.csv").read_text().splitlines()
    assert any(row.endswith(",unfinished") for row in rows)
    code, _, err = call(capsys, "run", path, "-j", 1, "--set", "precision.maximum_cpu_hours=1e-7")
    assert code == 3
    assert "incomplete: maximum_cpu_hours of 1e-07 is used up; the same command resumes" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "missing.toml"), "missing.toml: no such study file or run directory"),
        (("status", "."), "is no run directory: it has no study.json"),
        (("run", "{path}", "--set", "precision.bach=2"), 'precision.bach: unknown key "bach"; did you mean "batch"?'),
        (("run", "{path}", "--set", "measures.up.half_width=0"), "measures.up.half_width: should be greater than 0"),
        (("run", "{path}", "--set", "grid.p=[]"), "grid.p: list should have at least 1 item"),
        (("run", "{path}", "--set", "model.function=nowhere:f"), 'module "nowhere" of the model cannot be found'),
        (
            ("run", "{path}", "--set", "model.function=toy_model:f"),
            'module "toy_model" has no function "f": it has jump',
        ),
        (("run", "{path}", "-j", "2", "--dask", "tcp://x:1"), "--processes is for this machine"),
        (
            ("run", "{path}", "--set", "seed=9"),
            "holds results of another study, which do not mix: seed 7 there, 9 here",
        ),
        (("status", "{run}", "--directory", "/nowhere", "--json", "--patience", "0"), "--patience"),
        (("submit", "{path}", "--dry-run", "--time", "soon"), "cluster.time: string should match pattern"),
        (("plot", "{path}", "--directory", "/nowhere"), "results.csv is missing: run the study"),
    ],
)
def test_bad_input_is_one_clear_sentence(capsys, monkeypatch, tmp_path, finished, words, message):
    monkeypatch.chdir(tmp_path)
    filled = [word.format(path=finished, run=finished.with_suffix(".run")) for word in words]
    if any("model.function" in word for word in words):
        filled += ["--directory", str(tmp_path / "fresh")]
    code, _, err = call(capsys, *filled)
    assert code == 2
    assert message in err


@PROCESSES
def test_a_module_that_does_not_import(capsys, tmp_path):
    path = write_study(tmp_path, BRITTLE.replace("toy_model:brittle", "raising_model:f"))
    (tmp_path / "raising_model.py").write_text("import nothing_like_this\n")
    code, _, err = call(capsys, "run", path, "-j", 1)
    assert code == 2
    assert 'module "raising_model" of the model does not import: ModuleNotFoundError' in err
    assert err.count("\n") == 1


@PROCESSES
def test_submit_without_slurm_and_its_dry_run(capsys, monkeypatch, finished):
    monkeypatch.setenv("PATH", "/nowhere")
    code, _, err = call(capsys, "submit", finished)
    assert code == 2
    assert "there is no Slurm here: sbatch was not found" in err
    code, out, _ = call(
        capsys, "submit", finished, "--dry-run", "--tasks", 7, "--time", "2:00:00", "--set", "cluster.memory=2G"
    )
    assert code == 0
    assert "#SBATCH --array=0-6\n" in out
    assert "#SBATCH --time=2:00:00\n" in out
    assert "#SBATCH --mem=2G\n" in out
    assert out.splitlines()[-1].startswith(f"exec {sys.executable} -m skillgraph work {finished.with_suffix('.run')}")


def test_verify_finds_a_changed_number_and_a_changed_table(capsys, tmp_path):
    path = write_study(tmp_path)
    run_study(path, processes=0)
    run_directory = path.with_suffix(".run")
    table = run_directory / "results.csv"
    table.write_text(table.read_text().replace("target", "Target", 1))
    code, out, _ = call(capsys, "verify", path)
    assert code == 1
    assert "results.csv differs from the ledger: write it again" in out
    model = tmp_path / "toy_model.py"
    record = json.loads((run_directory / "study.json").read_text())
    model.write_text(model.read_text().replace("0.02 * float", "0.03 * float"))
    assert call(capsys, "status", run_directory)[0] == 3, "lines of another model do not count"
    assert record["identity"]["meaning of the model"]


@PROCESSES
def test_progress_lines_are_json_on_request(tmp_path, capsys):
    from skillgraph.studies.progress import following
    from skillgraph.studies.rundir import read_ledger

    path = write_study(tmp_path)
    run_study(path, processes=0)
    standing = read_ledger(find_run(path))[1]
    with following("json", seconds=0.0) as report:
        report(standing)
    record = json.loads(capsys.readouterr().err)
    assert (record["points"], record["finished"], record["pending"]) == (21, 21, 0)
    with following("lines", seconds=0.0) as report:
        report(standing)
    assert "21/21 points" in capsys.readouterr().err


@PROCESSES
def test_a_worker_joins_and_the_log_stays_small(tmp_path):
    path = write_study(tmp_path)
    from skillgraph.studies import open_run

    open_run(find_run(path))
    workers = [start("work", path.with_suffix(".run"), "--progress", "lines", pause=0.002) for _ in range(2)]
    texts = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], texts
    assert sum(len(out) + len(err) for out, err in texts) < 2000
    wait_until((path.with_suffix(".run") / "results.csv").exists)


@PROCESSES
@pytest.mark.parametrize(
    ("limit", "seconds"),
    [("60", 120), ("2:00", 30), ("01:00:00", 120), ("1-0", 120), ("0-00:04", 60), ("4", 60), ("0-0:0:40", 10)],
)
def test_workers_are_told_before_the_time_limit(limit, seconds):
    from skillgraph.studies.slurm import warning

    assert warning(limit) == seconds
