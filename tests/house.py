"""The plan of the house as data, and what breaches it.

``SEES`` says which rooms a room may import from; a room is a folder or a module of the package root. A folder's modules
may import each other without a cycle. ``PARTS`` narrows a sight to single modules of the room seen. ``PACKAGES`` says
which third-party packages a room may use. Everything is read from the source, imports inside functions included.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["PACKAGES", "PARTS", "SEES", "breaches", "rooms_entered"]

BASE = {"seeding", "records", "checks", "replicates", "version"}
SOLVERS_BASE = BASE - {"seeding", "replicates"}
_BRANCHES = {"adjacent_possible", "levels", "limits", "optimal"}
_BELOW = (
    BASE
    | {"ensembles", "graphs", "theory", "simulation", "statistics", "agreement", "analysis", "_kernels"}
    | {"agreement_types"}
)
_EVERYTHING = _BELOW | _BRANCHES | {"inference", "studies", "figures", "reproduce", "report", "explorer"}

SEES: dict[str, set[str]] = {
    "_kernels": set(),
    "version": set(),
    "checks": set(),
    "records": {"version"},
    "seeding": {"checks"},
    "replicates": {"checks"},
    "ensembles": SOLVERS_BASE,
    "graphs": BASE | {"ensembles", "_kernels"},
    "theory": SOLVERS_BASE | {"ensembles", "_kernels"},
    "simulation": BASE | {"graphs", "ensembles", "_kernels", "statistics"},
    "statistics": BASE,
    "agreement": BASE | {"ensembles", "graphs", "theory", "simulation", "statistics"},
    "agreement_types": BASE | {"ensembles", "graphs", "theory", "simulation", "statistics"},
    "analysis": BASE | {"ensembles", "graphs", "theory", "simulation", "statistics", "agreement"},
    "optimal": _BELOW,
    "limits": _BELOW,
    "adjacent_possible": _BELOW,
    "levels": _BELOW | {"optimal"},
    "inference": BASE | {"ensembles", "statistics", "levels", "limits", "optimal", "_kernels"},
    "studies": _BELOW,
    "figures": _BELOW | _BRANCHES | {"inference", "studies"},
    "reproduce": _EVERYTHING,
    "report": _EVERYTHING,
    "explorer": _EVERYTHING,
    "commands": _EVERYTHING,
    "cli": {"commands", "version", "checks", "records"},
    "__main__": {"cli"},
    "__init__": {"version"},
}
"""Rooms that a room may import from, beside itself."""

PARTS: dict[tuple[str, str], set[str]] = {
    ("theory", "_kernels"): {"solvers"},
    ("simulation", "statistics"): {"canonical"},
}
"""Where a room sees only some modules of another."""

_NUMBERS = {"numpy", "scipy"}
_USED = _NUMBERS | {"numba", "networkx"}
PACKAGES: dict[str, set[str]] = {
    "_kernels": {"numba", "numpy", "llvmlite"},
    "version": set(),
    "checks": {"numpy"},
    "records": {"numpy", "pandas", "xarray"},
    "seeding": {"numpy"},
    "replicates": set(),
    "ensembles": _NUMBERS,
    "graphs": _USED | {"pyarrow"},
    "theory": _NUMBERS,
    "simulation": _USED,
    "statistics": _NUMBERS,
    "agreement": _NUMBERS,
    "agreement_types": _NUMBERS,
    "analysis": _NUMBERS,
    "optimal": _USED,
    "limits": _USED,
    "adjacent_possible": _USED,
    "levels": _USED,
    "inference": _NUMBERS | {"numba", "pyarrow", "dynesty"},
    "studies": _USED | {"pydantic", "rich", "xarray", "h5netcdf", "h5py", "distributed", "dask"},
    "figures": _NUMBERS | {"cycler", "matplotlib", "mpl_toolkits"},
    "reproduce": {"numpy"},
    "report": {"numpy", "jinja2"},
    "explorer": {"jinja2"},
    "commands": _NUMBERS | {"click", "rich", "pydantic"},
    "cli": {"click"},
    "__main__": set(),
    "__init__": {"lazy_loader"},
}
"""Third-party packages that a room may use."""

_OPEN_ROOMS = {"__init__": {"lazy_loader"}}  # a room's own door may load its names lazily
_RANDOM = ("random", "default_rng", "Generator", "SeedSequence", "philox", "counter", "draws")


def breaches(package: Path, sees: Mapping[str, set[str]] = SEES) -> list[str]:
    """Return a sentence for every breach of the plan in a package folder."""
    found, arrows = [], {}
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] == "experiments":
            continue
        room = _room(place)
        if room not in sees:
            found.append(f"{place}: {room} is in no row of the house")
            continue
        arrows[_module(place)] = set()
        for words in _imports(path, package):
            found += _judged(place, room, words, package, sees)
            if words[0] == package.name:
                arrows[_module(place)] |= _targets(words[1:], package)
        if place.parts[:2] == ("_kernels", "solvers.py") or place.parts[:2] == ("_kernels", "solvers"):
            found += [f"{place}: a solver draws no random number, {name}" for name in _random_names(path)]
    found += [f"imports go round in a circle: {' -> '.join(circle)}" for circle in _circles(arrows)]
    return found


def _judged(place: Path, room: str, words: tuple[str, ...], package: Path, sees: Mapping[str, set[str]]) -> list[str]:
    """Return what is wrong with one import, given by its dotted words."""
    first = words[0]
    if first != package.name:
        allowed = PACKAGES.get(room, set()) | _OPEN_ROOMS.get(place.stem, set())
        foreign = first not in sys.stdlib_module_names and first != "__future__" and first not in allowed
        return [f"{place}: {room} may not use {first}"] if foreign else []
    if len(words) == 1:
        return [] if room == "__init__" else [f"{place}: imports the whole package, from which everything is seen"]
    other = words[1]
    if not ((package / other).is_dir() or (package / f"{other}.py").is_file()):
        return [f"{place}: {'.'.join(words)} comes through the door of the package, name its room"]
    if other == room:
        return []
    if other not in sees[room]:
        return [f"{place}: {room} does not see {other}"]
    part = PARTS.get((room, other))
    if part is not None and (len(words) < 3 or words[2] not in part):
        return [f"{place}: {room} sees of {other} only {', '.join(sorted(part))}, not {'.'.join(words[2:]) or 'all'}"]
    return []


def rooms_entered(package: Path, start: str) -> list[str]:
    """Return the modules of the package that are entered from one, itself included, in order of their names."""
    arrows = {
        _module(path.relative_to(package)): {
            target
            for words in _imports(path, package)
            if words[0] == package.name
            for target in _targets(words[1:], package)
        }
        for path in package.rglob("*.py")
        if "experiments" not in path.parts
    }
    reached, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += sorted(arrows.get(module, ()))
    return sorted(reached)


def _room(place: Path) -> str:
    return place.parts[0] if len(place.parts) > 1 else place.stem


def _module(place: Path) -> str:
    words = place.with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" and len(words) > 1 else words)


def _imports(path: Path, package: Path) -> Iterator[tuple[str, ...]]:
    """Yield the dotted words of everything a file imports, wherever in the file, TYPE_CHECKING included."""
    inside = (package.name, *path.relative_to(package).parent.parts)
    for node in _nodes(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                base = (*inside[: len(inside) - node.level + 1], *base)
            yield from ((*base, alias.name) if base[:1] == (package.name,) else base for alias in node.names)


@functools.cache
def _nodes(source: str) -> tuple[ast.AST, ...]:
    return tuple(node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom)))


def _targets(words: tuple[str, ...], package: Path) -> set[str]:
    """Return the module of the package that dotted words name, the longest prefix that is one."""
    for length in range(len(words), 0, -1):
        path = package.joinpath(*words[:length])
        if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
            return {".".join(words[:length])}
    return set()


def _random_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
        if name in _RANDOM:
            yield str(name)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[-1] in _RANDOM:
            yield node.module


def _circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Return a cycle of modules for every strongly connected part of more than one module, the door of a room apart."""
    found, state, trail = [], {}, []

    def visit(module: str) -> None:
        state[module] = "open"
        trail.append(module)
        for other in sorted(arrows.get(module, ())):
            if state.get(other) == "open":
                found.append([*trail[trail.index(other) :], other])
            elif other not in state:
                visit(other)
        trail.pop()
        state[module] = "done"

    for module in sorted(arrows):
        if module not in state:
            visit(module)
    return found
