"""Engines: one study, the same bytes whoever computes it, whatever dies on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from skillgraph.seeding import generator
from skillgraph.studies import find_run, open_run, read_ledger, run_study
from skillgraph.studies.points import study_points
from skillgraph.studies.status import status
from skillgraph.studies.tallies import tally
from skillgraph.studies.writer import Writer
from tests.sizes import scaled
from tests.studies_support import sha256, start, units, wait_until, write_study

# Real processes on a machine that others use: signals and time limits get another chance.
PROCESSES = pytest.mark.flaky(reruns=2, reruns_delay=1)

BUILT_IN = """\
name = "real"
seed = 3
[parameters]
num_skills = 100
unlearned_between = 0.5
[grid]
skills_per_text = [2, 4]
[curve]
texts_per_skill_ratio = { start = 0.5, stop = 1.5, count = 3 }
[measures.learned_share]
half_width = 0.08
[measures.giant_component]
[measures.susceptibility]
[measures.giant_association]
[measures.success]
[precision]
batch = 4
"""


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The toy study computed in this process: (study file, sha256, number of units)."""
    path = write_study(tmp_path_factory.mktemp("reference"))
    outcome = run_study(path, processes=0)
    assert outcome.state == "done"
    assert outcome.units >= 200
    return path, sha256(path.with_suffix(".run")), outcome.units


def test_effort_varies_where_the_jump_is(reference):
    path, _, _ = reference
    _, standing = read_ledger(find_run(path))
    batches = [standing.finished[key].look.batches for key in standing.points]
    assert max(batches) >= 5 * min(batches)
    assert len(set(units(path.with_suffix(".run")))) == standing.units


@PROCESSES
@pytest.mark.parametrize("processes", [1, 2, 8])
def test_the_number_of_processes_changes_nothing(reference, tmp_path, processes):
    path, wanted, number = reference
    done = start("run", path, "--directory", tmp_path, "-j", processes)
    _, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    assert sha256(tmp_path) == wanted
    assert len(units(tmp_path)) == len(set(units(tmp_path)))
    assert len(set(units(tmp_path))) == number


@PROCESSES
def test_any_executor_will_do(reference, tmp_path):
    path, wanted, number = reference
    with ThreadPoolExecutor(3) as pool:
        outcome = run_study(path, directory=tmp_path, executor=pool, slots=6)
    assert outcome.units == number
    assert sha256(tmp_path) == wanted


@PROCESSES
def test_dask_changes_nothing(reference, tmp_path):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    path, wanted, _ = reference
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        done = start("run", path, "--directory", tmp_path, "--dask", cluster.scheduler_address)
        _, err = done.communicate(timeout=120)
        assert done.returncode == 0, err
    assert sha256(tmp_path) == wanted


@PROCESSES
def test_killed_cut_and_resumed_by_another_engine(reference, tmp_path):
    path, wanted, number = reference
    run_directory = tmp_path
    for seed in (1, 2):
        process = start("run", path, "--directory", tmp_path, "-j", 2, pause=0.01)
        wait_until(lambda: len(units(run_directory)) > 40 * seed)  # noqa: B023
        process.kill()
        process.wait()
        newest = max((run_directory / "ledger").iterdir(), key=os.path.getmtime)
        data = newest.read_bytes()
        newest.write_bytes(data[: random.Random(seed).randrange(len(data) * 3 // 4, len(data))])
    safe = len(set(units(run_directory)))
    assert 0 < safe < number
    outcome = run_study(path, directory=tmp_path, processes=0, patience=2)
    assert outcome.units == number - safe, "nothing finished is computed again"
    assert sha256(run_directory) == wanted


@PROCESSES
def test_a_killed_worker_process_is_replaced(reference, tmp_path):
    path, wanted, _ = reference
    process = start("run", path, "--directory", tmp_path, "-j", 2, pause=0.02)
    wait_until(lambda: len(units(tmp_path)) > 20)
    children = subprocess.run(
        ["ps", "-ww", "--ppid", str(process.pid), "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    workers = [int(line.split()[0]) for line in children.stdout.splitlines() if "spawn_main" in line]
    os.kill(workers[0], signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert sha256(tmp_path) == wanted


@PROCESSES
def test_a_unit_that_kills_its_worker_is_named_and_the_others_go_on(tmp_path):
    text = (
        'name = "toy"\nseed = 1\n[model]\nfunction = "toy_model:deadly"\n[grid]\np = [0.1, 0.5, 0.9]\n'
        "[measures.up]\n[precision]\nbatch = 4\n"
    )
    path = write_study(tmp_path, text)
    process = start("run", path, "-j", 2)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "failed: p = 0.5: its worker died 2 times, killed or out of memory" in err
    assert len(read_ledger(find_run(path))[1].finished) == 2


@PROCESSES
def test_ctrl_c_once_finishes_what_is_in_flight_and_the_same_command_resumes(reference, tmp_path):
    path, wanted, number = reference
    run_directory = tmp_path
    process = start("run", path, "--directory", tmp_path, "-j", 2, pause=0.02)
    wait_until(lambda: len(units(run_directory)) > 40)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "interrupted: finishing the units in flight; once more stops now" in err
    assert f"the same command resumes {run_directory}" in err
    found = status(find_run(run_directory))
    assert (found.exit_code, found.workers, found.notes) == (3, 0, ())
    safe = len(set(units(run_directory)))
    again = run_study(path, directory=tmp_path, processes=0)
    assert again.units == number - safe
    assert sha256(tmp_path) == wanted


@PROCESSES
def test_ctrl_c_twice_stops_now(tmp_path):
    path = write_study(tmp_path)
    process = start("run", path, "-j", 1, pause=1.0)
    wait_until(lambda: b'"claim"' in b"".join(one.read_bytes() for one in path.with_suffix(".run").glob("ledger/*")))
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=5)
    assert process.returncode == 3
    assert "stopped now: what is recorded is safe" in err


@PROCESSES
def test_two_runs_at_once_share_the_work(reference, tmp_path):
    path, wanted, number = reference
    run_directory = tmp_path
    processes = [start("run", path, "--directory", tmp_path, "-j", 1, pause=0.004) for _ in range(2)]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert len(set(units(run_directory))) == number
    assert len(units(run_directory)) <= 1.25 * number
    assert sha256(run_directory) == wanted


def test_a_model_that_raises_is_named_and_the_others_go_on(tmp_path):
    text = (
        'name = "toy"\nseed = 1\n[model]\nfunction = "toy_model:brittle"\n[grid]\np = [0.1, 0.5, 0.9]\n'
        "[measures.up]\n[precision]\nbatch = 4\n"
    )
    path = write_study(tmp_path, text)
    outcome = run_study(path, processes=0)
    assert outcome.state == "failed"
    assert outcome.failures == {"p = 0.5": "RuntimeError: no value here"}
    assert run_study(path, processes=0).failures == outcome.failures, "a new run tries again"
    rows = (path.with_suffix(".run") / "results.csv").read_text().splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows[1:]] == ["target", "failed", "target"]


def test_a_tighter_target_and_more_points_reuse_everything(reference, tmp_path):
    path, _, number = reference
    run_study(path, directory=tmp_path, processes=0)
    tighter = run_study(path, overrides=["measures.up.half_width=0.06"], directory=tmp_path, processes=0)
    fresh = run_study(path, overrides=["measures.up.half_width=0.06"], directory=tmp_path / "fresh", processes=0)
    assert tighter.units == fresh.units - number
    assert sha256(tmp_path) == sha256(tmp_path / "fresh")
    finer = ["grid.p={start=0, stop=1, count=41}"]
    more = run_study(path, overrides=finer, directory=tmp_path, processes=0)
    whole = run_study(path, overrides=finer, directory=tmp_path / "finer", processes=0)
    assert 0 < more.units < whole.units
    assert sha256(tmp_path) == sha256(tmp_path / "finer")


def test_a_unit_is_what_its_address_says(reference):
    path, _, _ = reference
    run = find_run(path)
    _, standing = read_ledger(run)
    key, point = next((key, point) for key, point in standing.points.items() if point.axes["p"] == 0.5)
    sys.path.insert(0, str(path.parent))
    try:
        from toy_model import jump
    finally:
        sys.path.remove(str(path.parent))
    assert len(standing.tallies[key]) > 10
    for batch, found in standing.tallies[key].items():
        rng = generator(7, key, batch)
        results = [jump(rng, **point.parameters) for _ in range(8)]
        for name in ("up", "height", "sum"):
            assert found[name] == tally([one[name] for one in results])
    assert len({found["height"].sums for found in standing.tallies[key].values()}) == len(standing.tallies[key])


@PROCESSES
def test_what_a_living_worker_claims_is_left_to_it_until_it_falls_silent(reference, tmp_path):
    path, wanted, number = reference
    run = find_run(path, directory=tmp_path)
    open_run(run)
    key = next(iter(study_points(run.study))).key
    with ThreadPoolExecutor(1) as pool, Writer(run.ledger, run.identity, beat=0.1) as other:
        other.claim([(key, 0)])
        running = pool.submit(run_study, tmp_path, processes=0, patience=3.0)
        wait_until(lambda: len(status(find_run(tmp_path)).failures) == 0 and len(units(tmp_path)) >= number // 2)
        wait_until(lambda: len(read_ledger(run)[1].finished) == 20)
        time.sleep(0.5)
        assert not running.done()
        assert (key, 0) not in units(tmp_path)
        other.claim([(key, 0)], release=True)
        assert running.result(timeout=60).units == number
    assert sha256(tmp_path) == wanted


def test_the_claims_of_a_silent_worker_are_void(reference, tmp_path):
    path, wanted, number = reference
    run = find_run(path, directory=tmp_path)
    open_run(run)
    with Writer(run.ledger, run.identity, beat=1e6) as other:
        other.claim([(point.key, batch) for point in study_points(run.study) for batch in range(3)])
        assert run_study(tmp_path, processes=0, patience=0.5).units == number
    assert sha256(tmp_path) == wanted


def test_limits_are_reported(reference, tmp_path):
    path, _, _ = reference
    few = run_study(path, overrides=["precision.maximum_batches=3"], directory=tmp_path / "few", processes=0)
    assert few.state == "done"
    assert few.capped > 0
    assert "maximum_batches" in (tmp_path / "few" / "results.csv").read_text()
    short = run_study(path, overrides=["precision.maximum_cpu_hours=1e-6"], directory=tmp_path / "short", processes=0)
    assert (short.state, short.reason) == ("incomplete", "maximum_cpu_hours of 1e-06 is used up")


@PROCESSES
@pytest.mark.kernel
def test_the_built_in_model_agrees_with_the_package(tmp_path):
    import numpy as np

    from skillgraph.ensembles.ensemble import texts_by_law
    from skillgraph.graphs.sampling import sample
    from skillgraph.seeding import generator
    from skillgraph.simulation.peeling import peel
    from skillgraph.simulation.percolation import associations, components
    from skillgraph.studies.model import replicate

    size, measures = scaled(2000, 100), ["learned_share", "giant_component", "giant_association", "susceptibility"]
    measures += ["success", "learned_share_given_success", "learned_share_given_failure"]
    for ratio in (0.4, 1.3, 2.0):
        found = replicate(
            generator(1, "x"), measures=measures, num_skills=size, skills_per_text=4, texts_per_skill_ratio=ratio,
            unlearned_between=0.5,
        )  # fmt: skip
        graph = sample(texts_by_law("poisson:4"), size, round(ratio * size), rng=generator(1, "x"))
        peeled, whole = peel(graph), components(graph)
        assert found["learned_share"].count == np.count_nonzero(peeled.learned)
        assert found["giant_component"].count == whole.largest
        assert found["susceptibility"].count == whole.sum_squares - whole.largest**2
        assert found["giant_association"].count == associations(graph, peeled.learned).largest
        assert found["success"] is bool(peeled.learned_share >= 0.5)
        given = found["learned_share_given_success"] or found["learned_share_given_failure"]
        assert given.count == found["learned_share"].count


@PROCESSES
@pytest.mark.kernel
def test_the_built_in_model_through_processes(tmp_path):
    path = write_study(tmp_path, BUILT_IN.replace("= 100", f"= {scaled(100, 20)}"))
    assert run_study(path, processes=0).state == "done"
    process = start("run", path, "--directory", tmp_path / "two", "-j", 2)
    assert process.communicate(timeout=120)
    assert sha256(tmp_path / "two") == sha256(path.with_suffix(".run"))
