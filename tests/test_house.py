"""The house: layers, start-up, public names, what the repository may say."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skillgraph

PACKAGE = Path(skillgraph.__file__).parent

# A module imports only from rows above its own. Names of one row may not import each other, except inside a folder.
ROWS = [
    ["_kernels", "integers", "seeding", "quadrature", "records", "mixing", "delimited"],
    ["laws"],
    ["weighted_laws"],
    ["degrees"],
    ["ensembles"],
    ["graphs"],
    ["bridges"],
    ["tables"],
    ["load_curve", "branching"],
    ["density_evolution", "component_sizes", "erasure", "coupling", "stopping_sets"],
    ["thresholds", "associations", "unknown_skills"],
    ["percolation", "peeling", "jump_width"],
    ["covariance_evolution"],
    ["finite_size"],
    ["overview", "predictions"],
    [
        "agreement",
        "analysis",
        "collapse",
        "outcome_shapes",
        "exchangeable",
        "exchangeable_curves",
        "implicit",
        "exploration",
    ],
    ["ergodicity"],
    ["optimal", "limits", "adjacent_possible"],
    ["levels"],
    ["inference"],
    ["studies"],
    ["plotting"],
    ["drawing", "tap_drawing", "limits_drawing"],
    ["reproduce"],
    ["commands"],
    ["cli"],
    ["__main__"],
]
ROW = {name: place for place, names in enumerate(ROWS) for name in names}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if "experiments" not in path.parts)


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path):
    """Rooms of the package that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "skillgraph":
            words = node.module.split(".")[1:]
            yield from words[:1] or [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("skillgraph."))


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rows_above(path):
    own = room(path)
    if own == "__init__":
        return
    assert own in ROW, f"{own} has no row in the house"
    for other in imported_rooms(path):
        if other in ROW and other != own:
            assert ROW[other] < ROW[own], f"{path.name} imports {other}, which does not stand above {own}"


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
    assert len(skillgraph.__all__) <= 40
    for name in skillgraph.__all__:
        assert getattr(skillgraph, name) is not None
    assert set(skillgraph.__all__) <= set(dir(skillgraph))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = skillgraph.nonsense
