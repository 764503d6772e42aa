"""One private Slurm per session; its tests are skipped, saying so, where Slurm is not installed."""

from __future__ import annotations

import pytest

from tests.slurm import cluster as private


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A running Slurm with three nodes of two processors."""
    lacking = private.missing()
    if lacking:
        pytest.skip(f"Slurm is not installed ({', '.join(lacking)} missing): apt-get install slurmctld slurmd munge")
    with private.running(tmp_path_factory.mktemp("slurm")) as started:
        yield started
