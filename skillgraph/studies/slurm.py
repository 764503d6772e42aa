"""Slurm: one job array of identical workers that share the ledger; no coordinator, nothing left on the login node."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from skillgraph.records import Record
from skillgraph.studies.engines import THREADS
from skillgraph.studies.rundir import Run
from skillgraph.studies.study_file import Cluster

__all__ = ["Submission", "queued", "require", "script", "submit"]


class Submission(Record):
    """What was handed to Slurm: the script and the numbers of the job arrays."""

    script: Path
    jobs: tuple[str, ...]


def script(run: Run, cluster: Cluster, patience: float) -> str:
    """Return the batch script of a run.

    The shell is replaced by the worker, so a signal for the job reaches it: two minutes before its time is up (a
    quarter of it at most), it finishes its units and ends; the next array, or the same command, goes on.
    """
    directory = run.directory.resolve()
    head = [
        "#!/bin/bash",
        f"#SBATCH --job-name={job_name(run)}",
        f"#SBATCH --array=0-{cluster.tasks - 1}",
        f"#SBATCH --cpus-per-task={cluster.cpus_per_task}",
        f"#SBATCH --time={cluster.time}",
        f"#SBATCH --output={_quoted_option(directory / 'logs')}/%A_%a.log",
        "#SBATCH --open-mode=append",
        f"#SBATCH --signal=B:TERM@{warning(cluster.time)}",
        "#SBATCH --requeue",
    ]
    wishes = {"mem": cluster.memory, "partition": cluster.partition, "account": cluster.account}
    head += [f"#SBATCH --{name}={value}" for name, value in wishes.items() if value is not None]
    head += [f"#SBATCH {option}" for option in cluster.options]
    pinned = [f"export {name}=1" for name in THREADS]
    processes = 0 if cluster.cpus_per_task == 1 else cluster.cpus_per_task
    command = [sys.executable, "-m", "skillgraph", "work", str(directory)]
    command += ["--processes", str(processes), "--patience", f"{patience:g}"]
    return "\n".join([*head, "", *pinned, *cluster.setup, "exec " + shlex.join(command), ""])


def _quoted_option(path: Path) -> str:
    text = str(path)
    if any(character in text for character in ' "\\%\n'):
        raise ValueError(f'the run directory must have no blanks, quotes or % in its path for Slurm, got "{text}"')
    return text


def warning(limit: str) -> int:
    """Return how many seconds before its time limit a job is told: 120, at most a quarter of the limit.

    The limit is written as sbatch takes it: minutes, minutes:seconds, hours:minutes:seconds, days-hours,
    days-hours:minutes or days-hours:minutes:seconds.
    """
    days, dash, rest = limit.rpartition("-")
    words = [int(word) for word in rest.split(":")]
    if dash:
        hours, minutes, seconds = (*words, 0, 0)[:3]
    elif len(words) == 1:
        hours, minutes, seconds = 0, words[0], 0
    else:
        hours, minutes, seconds = ([0] * (3 - len(words)) + words)[:3]
    total = int(days or 0) * 86400 + hours * 3600 + minutes * 60 + seconds
    return min(120, total // 4)


def job_name(run: Run) -> str:
    """Return the name of the jobs of a run."""
    return f"skillgraph-{run.study.name}"


def require() -> None:
    """Raise ValueError where there is no Slurm."""
    if shutil.which("sbatch") is None:
        raise ValueError(
            "there is no Slurm here: sbatch was not found; submit from a login node of the cluster, or use "
            "skillgraph run on this machine"
        )


def submit(run: Run, cluster: Cluster, patience: float) -> Submission:
    """Write the batch script and submit it, ``cluster.chain`` times in a row.

    Raises
    ------
    ValueError
        If there is no Slurm on this machine or sbatch refuses.
    """
    require()
    path = run.directory / "submit.sh"
    path.write_text(script(run, cluster, patience), encoding="utf-8")
    (run.directory / "logs").mkdir(exist_ok=True)
    jobs: list[str] = []
    for _ in range(cluster.chain):
        after = [f"--dependency=afterany:{jobs[-1]}"] if jobs else []
        jobs.append(_sbatch([*after, str(path)]))
    return Submission(path, tuple(jobs))


def _sbatch(words: list[str]) -> str:
    done = subprocess.run(["sbatch", "--parsable", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"sbatch refused the job: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip().partition(";")[0]


def queued(run: Run) -> list[str]:
    """Return what squeue says of the jobs of a run, one line each; a hint, empty where squeue cannot say."""
    if shutil.which("squeue") is None:
        return []
    command = ["squeue", "--noheader", "--me", f"--name={job_name(run)}", "--format=%i %T %M"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()] if done.returncode == 0 else []
