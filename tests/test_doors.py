"""The names that users hold on to: few, ours, and the same whatever was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import skillgraph as sg

ROOMS = ("adjacent_possible", "levels", "limits", "optimal", "studies")

REPORT = """
import skillgraph as sg
for room in {rooms}:
    home = getattr(sg, room)
    names = [n for n in dir(home) if not n.startswith("__")]
    print(room, *(f"{{n}}={{getattr(home, n).__module__}}.{{getattr(home, n).__qualname__}}" for n in names))
print(*(n for n in dir(sg) if n not in ("__version__",)))
"""

EVERYTHING = """
import importlib, pkgutil, skillgraph
for module in pkgutil.walk_packages(skillgraph.__path__, "skillgraph."):
    if module.name.split(".")[1] not in ("experiments", "commands", "__main__"):
        try:
            importlib.import_module(module.name)
        except ImportError:  # of an optional package
            pass
"""


def seen(before: str) -> str:
    code = before + REPORT.format(rooms=ROOMS)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_names_do_not_depend_on_what_was_imported_before():
    assert seen(EVERYTHING) == seen("")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_shows_a_few_names(room):
    home = getattr(sg, room)
    assert 8 <= len(home.__all__) <= 15
    assert sorted(home.__all__) == sorted(dir(home))
    for name in home.__all__:
        assert getattr(home, name).__module__.startswith(f"skillgraph.{room}.")
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = home.no_such_name


def test_the_package_shows_names_of_ours_only():
    assert set(dir(sg)) - {"__version__"} <= set(sg.__all__)
    assert len(sg.__all__) <= 55
    for name in sg.__all__:
        value = getattr(sg, name)
        assert name in ROOMS or name == "__version__" or value.__module__.startswith("skillgraph.")


def test_importing_the_package_loads_no_room():
    code = "import sys, skillgraph; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('numpy', 'numba')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == ""
