"""A private Slurm on this machine, for tests: munge, controller and three virtual nodes, all in one folder."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NODES = ("n1", "n2", "n3")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scancel")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


@dataclass(frozen=True)
class Cluster:
    """A running Slurm: its folder and the environment that reaches it."""

    folder: Path
    environment: Mapping[str, str]

    def call(self, *words: object, check: bool = True) -> str:
        """Run a command of Slurm (or any other) against this cluster and return what it prints."""
        command = [str(word) for word in words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def pid_of_node(self, node: str) -> int:
        """Return the process of a node's slurmd."""
        return int((self.folder / f"slurmd.{node}.pid").read_text())


def missing() -> list[str]:
    """Return the programs of Slurm that this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Start a Slurm in a folder and stop it again, by its own process ids."""
    for name in ("munge", "state", "log", *(f"spool/{node}" for node in NODES)):
        (folder / name).mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PATH": _PATH, "SLURM_CONF": str(folder / "slurm.conf")}
    cluster = Cluster(folder, environment)
    try:
        _start_munge(cluster)
        (folder / "slurm.conf").write_text(_configuration(folder))
        cluster.call("slurmctld", "-c")
        for node in NODES:
            cluster.call("slurmd", "-c", "-N", node)
        _wait_for_nodes(cluster)
        yield cluster
    finally:
        _stop(cluster)


def _start_munge(cluster: Cluster) -> None:
    folder = cluster.folder
    folder.chmod(0o755)
    (folder / "munge").chmod(0o711)
    (folder / "log").chmod(0o700)
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    paths = {"key-file": key, "socket": folder / "munge/munge.socket", "pid-file": folder / "munge/munged.pid"}
    paths |= {"log-file": folder / "log/munged.log", "seed-file": folder / "munge/munged.seed"}
    cluster.call("munged", "--force", *(f"--{name}={path}" for name, path in paths.items()), "--num-threads=2")


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _configuration(folder: Path) -> str:
    host, user = socket.gethostname().partition(".")[0], getpass.getuser()
    controller, *ports = _free_ports(1 + len(NODES))
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=2000 State=UNKNOWN"
        for node, port in zip(NODES, ports, strict=True)
    )
    return f"""\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
SlurmdParameters=config_overrides
SlurmdTimeout=10
ReturnToService=2
InactiveLimit=0
KillWait=2
MinJobAge=300
Waittime=0
{nodes}
PartitionName=debug Nodes={",".join(NODES)} Default=YES MaxTime=INFINITE State=UP
"""


def _wait_for_nodes(cluster: Cluster, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while (states := cluster.call("sinfo", "-h", "-N", "-o", "%T", check=False).split()) != ["idle"] * len(NODES):
        assert time.monotonic() < deadline, f"Slurm does not start: nodes {states}"
        time.sleep(0.1)


def _stop(cluster: Cluster, seconds: float = 10.0) -> None:
    """Cancel all jobs and end the daemons, first kindly, then for certain."""
    names = [*(f"slurmd.{node}.pid" for node in NODES), "slurmctld.pid", "munge/munged.pid"]
    files = [cluster.folder / name for name in names]
    pids = [int(path.read_text()) for path in files if path.is_file() and path.read_text().strip()]
    cluster.call("scancel", "--me", check=False)
    deadline = time.monotonic() + seconds
    while cluster.call("squeue", "-h", check=False).strip() and time.monotonic() < deadline:
        time.sleep(0.2)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in filter(_lives, pids):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds / 2
        while any(map(_lives, pids)) and time.monotonic() < deadline:
            time.sleep(0.1)


def _lives(pid: int) -> bool:
    """Whether a process is there and is one of Slurm's or munge's, not a later one of the same number."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in PROGRAMS
    except (FileNotFoundError, ProcessLookupError):
        return False
