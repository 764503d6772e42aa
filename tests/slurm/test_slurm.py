"""Studies on a real Slurm: job arrays of workers, some of them killed, and the same bytes in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skillgraph.studies import find_run, run_study
from skillgraph.studies.status import status
from tests.sizes import scaled
from tests.studies_support import sha256, units, wait_until, write_study

# Real processes on a machine that others use: signals and time limits get another chance.
pytestmark = pytest.mark.flaky(reruns=2, reruns_delay=1)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The toy study computed in this process: (study file, sha256, number of units)."""
    path = write_study(tmp_path_factory.mktemp("reference"))
    outcome = run_study(path, processes=0)
    return path, sha256(path.with_suffix(".run")), outcome.units


def skillgraph(cluster, *words, pause=0.0):
    """Run a command of skillgraph against the cluster."""
    command = [sys.executable, "-m", "skillgraph", *map(str, words)]
    environment = {**cluster.environment, "TOY_PAUSE": str(pause)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def submit(cluster, *words, pause=0.0):
    done = skillgraph(cluster, "submit", *words, "--patience", 3, pause=pause)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[1].rstrip(":,")


def job_states(cluster, job):
    return cluster.call("squeue", "-h", "-r", "-j", job, "-t", "all", "-o", "%T").split()


def workers_of(run_directory):
    """Return the process ids of the workers of a run on this machine."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"work" in words and str(run_directory).encode() in words:
            found.append(int(place.name))
    return found


def wait_for_end(cluster, job):
    over = {"COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL", "TIMEOUT"}
    wait_until(lambda: set(job_states(cluster, job)) <= over, seconds=90, every=0.3)


def logs(run_directory):
    return "\n".join(path.read_text() for path in sorted((run_directory / "logs").iterdir()))


def test_an_array_of_four_gives_the_same_bytes(cluster, reference, tmp_path):
    path, wanted, number = reference
    job = submit(cluster, path, "--directory", tmp_path, "--tasks", 4, pause=0.002)
    wait_for_end(cluster, job)
    assert set(job_states(cluster, job)) == {"COMPLETED"}, logs(tmp_path)
    assert sha256(tmp_path) == wanted
    assert len(list((tmp_path / "ledger").iterdir())) <= 4
    assert len(units(tmp_path)) <= 1.25 * number
    assert sum(one.stat().st_size for one in (tmp_path / "logs").iterdir()) < 4000
    again = skillgraph(cluster, "submit", path, "--directory", tmp_path)
    assert (again.returncode, "nothing to submit" in again.stdout) == (0, True)


def test_two_workers_of_an_array_killed(cluster, reference, tmp_path):
    path, wanted, number = reference
    job = submit(cluster, path, "--directory", tmp_path, "--tasks", 4, pause=0.02)
    wait_until(lambda: len(workers_of(tmp_path)) == 4 and len(units(tmp_path)) > 20, seconds=90)
    for pid in workers_of(tmp_path)[:2]:
        os.kill(pid, signal.SIGKILL)
    wait_for_end(cluster, job)
    states = job_states(cluster, job)
    assert states.count("COMPLETED") >= 2, logs(tmp_path)
    assert sha256(tmp_path) == wanted
    assert len(units(tmp_path)) <= 1.25 * number


def test_all_killed_the_last_segment_cut_and_another_engine(cluster, reference, tmp_path):
    path, wanted, number = reference
    job = submit(cluster, path, "--directory", tmp_path, "--tasks", 4, pause=0.02)
    wait_until(lambda: len(units(tmp_path)) > 60, seconds=90)
    cluster.call("scancel", "--signal=KILL", "--full", job)
    wait_for_end(cluster, job)
    wait_until(lambda: not workers_of(tmp_path))
    newest = max((tmp_path / "ledger").iterdir(), key=os.path.getmtime)
    newest.write_bytes(newest.read_bytes()[:-37])
    found = skillgraph(cluster, "status", tmp_path, "--patience", 1)
    assert found.returncode == 3
    assert "torn after" in found.stdout
    safe = len(set(units(tmp_path)))
    assert run_study(path, directory=tmp_path, processes=0, patience=1).units == number - safe
    assert sha256(tmp_path) == wanted


def test_two_submits_at_once(cluster, reference, tmp_path):
    path, wanted, number = reference
    words = ("--directory", tmp_path, "--tasks", 3)
    jobs = [submit(cluster, path, *words, pause=0.005) for _ in range(2)]
    for job in jobs:
        wait_for_end(cluster, job)
    assert sha256(tmp_path) == wanted
    assert len(units(tmp_path)) <= 1.25 * number


def test_a_node_that_dies_and_a_status_that_tells_the_truth(cluster, reference, tmp_path):
    path, wanted, _ = reference
    job = submit(cluster, path, "--directory", tmp_path, "--tasks", 6, pause=0.03)
    wait_until(lambda: len(units(tmp_path)) > 30 and len(workers_of(tmp_path)) == 6, seconds=90)
    before = status(find_run(tmp_path), patience=3)
    assert before.workers == 6
    on_node = cluster.call("squeue", "-h", "-r", "-j", job, "-w", "n3", "-o", "%i").split()
    assert len(on_node) == 2
    os.kill(cluster.pid_of_node("n3"), signal.SIGKILL)
    segments = {path.name: path for path in (tmp_path / "ledger").iterdir()}
    lost = []
    for pid in workers_of(tmp_path):
        if b"SLURMD_NODENAME=n3" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGKILL)
            lost.append(pid)
    assert len(lost) == 2
    assert all(any(f"-{pid}-" in name for name in segments) for pid in lost)
    wait_until(lambda: status(find_run(tmp_path), patience=3).workers <= 4, seconds=20)
    wait_until(lambda: status(find_run(tmp_path), patience=3).complete, seconds=90, every=0.3)
    wait_until((tmp_path / "results.csv").exists)
    assert sha256(tmp_path) == wanted
    cluster.call("slurmd", "-c", "-N", "n3")
    wait_until(lambda: "down" not in cluster.call("sinfo", "-h", "-N", "-o", "%T"), seconds=60, every=0.5)
    cluster.call("scancel", job, check=False)


def test_a_chain_goes_on_after_the_time_limit(cluster, reference, tmp_path):
    path, wanted, _ = reference
    done = skillgraph(
        cluster, "submit", path, "--directory", tmp_path, "--tasks", 2, "--chain", 3, "--patience", 3, pause=0.01
    )
    assert done.returncode == 0, done.stderr
    jobs = [word.rstrip(",:") for word in done.stdout.split("workers")[0].split()[1:-1]]
    assert len(jobs) == 3
    first = jobs[0]
    wait_until(lambda: len(units(tmp_path)) > 20, seconds=90)
    cluster.call("scancel", "--signal=TERM", "--full", first)
    for job in jobs:
        wait_for_end(cluster, job)
    assert sha256(tmp_path) == wanted
    assert "ended by the scheduler: finishing the units in flight" in logs(tmp_path)


@pytest.mark.kernel
def test_a_part_of_the_phase_diagram(cluster, tmp_path):
    path = Path(__file__).parents[2] / "experiments" / "phase_diagram_study.toml"
    part = [
        f"parameters.num_skills={scaled(200, 30)}",
        "grid.skills_per_text=[2, 4]",
        "measures.learned_share.half_width=0.05",
    ]
    part += ["grid.texts_per_skill_ratio={start=0.5, stop=2.5, count=3}"]
    job = submit(cluster, path, "--directory", tmp_path / "there", "--tasks", 2, *(f"--set={one}" for one in part))
    run_study(path, overrides=part, directory=tmp_path / "here", processes=0)
    wait_for_end(cluster, job)
    assert sha256(tmp_path / "there") == sha256(tmp_path / "here")


def test_dask_inside_one_slurm_job(cluster, reference, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed")
    path, wanted, _ = reference
    script = tmp_path / "dask.sh"
    script.write_text(
        f"""#!/bin/bash
#SBATCH --ntasks=2 --output={tmp_path}/dask.log
trap 'kill $(jobs -p)' EXIT
PY={sys.executable} FILE={tmp_path}/scheduler.json
$PY -m distributed.cli.dask_scheduler --scheduler-file $FILE --no-dashboard --port 0 &
srun --overlap $PY -m distributed.cli.dask_worker --scheduler-file $FILE --nthreads 1 --no-dashboard &
$PY -m skillgraph run {path} --directory {tmp_path}/run --dask-file $FILE
"""
    )
    job = cluster.call("sbatch", "--parsable", script).strip()
    wait_until(
        lambda: (tmp_path / "run" / "results.csv").exists() or job_states(cluster, job) == ["FAILED"], seconds=90
    )
    time.sleep(0.2)
    assert (tmp_path / "run" / "results.csv").exists(), (tmp_path / "dask.log").read_text()
    assert sha256(tmp_path / "run") == wanted
    cluster.call("scancel", job, check=False)
