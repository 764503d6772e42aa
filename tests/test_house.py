"""The house: layers, start-up, public names, what the repository may say."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import skillgraph
from tests.house import SEES, breaches, rooms_entered

PACKAGE = Path(skillgraph.__file__).parent


def test_no_module_breaches_the_plan():
    assert breaches(PACKAGE) == []


def test_every_room_of_the_plan_that_sees_something_exists_or_is_to_come():
    to_come = {"inference", "report", "explorer"}
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert set(SEES) - rooms <= to_come


PLANTED = {
    "theory imports peeling": ("theory/planted.py", "from skillgraph.simulation.peeling import peel", "does not see"),
    "inside a function": (
        "theory/planted.py",
        "def f():\n    from skillgraph.simulation import peeling",
        "theory does not see simulation",
    ),
    "the whole package": ("theory/planted.py", "import skillgraph", "imports the whole package"),
    "through the door": ("theory/planted.py", "from skillgraph import peel", "through the door"),
    "a module by its room": ("theory/planted.py", "from skillgraph import simulation", "does not see simulation"),
    "plain dotted import": ("theory/planted.py", "import skillgraph.simulation.peeling", "does not see simulation"),
    "relative": ("theory/planted.py", "from ..simulation import peeling", "theory does not see simulation"),
    "relative, by name": ("theory/planted.py", "from .. import simulation", "theory does not see simulation"),
    "SciPy in a kernel": ("_kernels/planted.py", "from scipy import special", "_kernels may not use scipy"),
    "a kernel sees a law": ("_kernels/planted.py", "from skillgraph.ensembles import laws", "_kernels does not see"),
    "theory sees a sampling kernel": (
        "theory/planted.py",
        "from skillgraph._kernels import sampling",
        "only solvers, not sampling",
    ),
    "theory sees seeds": ("theory/planted.py", "from skillgraph.seeding import generator", "does not see seeding"),
    "simulation sees theory": ("simulation/planted.py", "from skillgraph.theory import thresholds", "not see theory"),
    "simulation sees residuals": (
        "simulation/planted.py",
        "from skillgraph.statistics.residuals import z_score",
        "only canonical, not residuals",
    ),
    "a question sees another": ("limits/planted.py", "from skillgraph.optimal import cost", "limits does not see"),
    "results know a figure": ("agreement.py", "from skillgraph.figures import style", "does not see figures"),
    "click below commands": ("levels/planted.py", "import click", "levels may not use click"),
    "matplotlib below figures": ("theory/planted.py", "import matplotlib.pyplot", "theory may not use matplotlib"),
    "a module in no row": ("planted.py", "X = 1", "planted is in no row"),
    "a folder in no row": ("plants/planted.py", "X = 1", "plants is in no row"),
    "for type checkers only": (
        "theory/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from skillgraph.graphs.graph import SkillTextGraph",
        "theory does not see graphs",
    ),
    "a random solver": ("_kernels/solvers.py", "import numpy as np\nX = np.random.random()", "draws no random number"),
    "commands are seen": ("studies/planted.py", "from skillgraph.commands import options", "does not see commands"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package's sources to plant breaches in."""
    folder = tmp_path_factory.mktemp("house") / "skillgraph"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "experiments"))
    return folder


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_breach_is_refused(name, copied):
    where, line, words = PLANTED[name]
    path = copied / where
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        found = breaches(copied)
    finally:
        path.unlink() if before is None else path.write_text(before)
        if path.parent.name == "plants":
            path.parent.rmdir()
    assert any(words in one for one in found), found


def test_a_circle_inside_a_room_is_refused(copied):
    for one, other in (("first", "second"), ("second", "first")):
        (copied / "theory" / f"{one}.py").write_text(f"def f():\n    from skillgraph.theory import {other}\n")
    found = breaches(copied)
    for one in ("first", "second"):
        (copied / "theory" / f"{one}.py").unlink()
    assert found == ["imports go round in a circle: theory.first -> theory.second -> theory.first"]


def test_a_simulation_enters_modules_that_do_something():
    """No module between ``simulate`` and its z-scores only hands on the names of another."""
    entered = rooms_entered(PACKAGE, "commands.simulate")
    assert "statistics.residuals" in entered
    for module in entered:
        path = PACKAGE.joinpath(*module.split("."))
        source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
        own = [node for node in ast.parse(source).body[1:] if not isinstance(node, (ast.Import, ast.ImportFrom))]
        named = [
            node for node in own if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        ]
        assert named, f"{module} only forwards"


@pytest.mark.parametrize("heavy", ["numba", "matplotlib", "scipy.stats", "networkx"])
def test_import_and_help_load_nothing_heavy(heavy):
    code = (
        "import sys, skillgraph; from skillgraph.cli import run; "
        f"assert run(['--help']) == 0; assert '{heavy}' not in sys.modules, 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_theory_needs_no_compiler():
    code = (
        "import sys; from skillgraph.cli import run; "
        "assert run(['threshold', '--skills-per-text', 'poisson:6', '--json']) == 0; "
        "assert 'numba' not in sys.modules and 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_every_public_name_can_be_had():
    assert len(skillgraph.__all__) <= 46
    for name in skillgraph.__all__:
        assert getattr(skillgraph, name) is not None
    assert sorted(skillgraph.__all__) == sorted(dir(skillgraph))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = skillgraph.nonsense
