"""The explorer: one self-contained page of plain JavaScript that computes the theory while one turns its knobs."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from skillgraph.records import Record, write_whole
from skillgraph.version import __version__

__all__ = ["ExplorerPage", "explorer_page", "write_explorer"]

_PARTS = {"style": "explorer.css", "model": "model.js", "script": "explorer.js"}


class ExplorerPage(Record):
    """The file that the explorer was written to."""

    file: Path


def explorer_page() -> str:
    """Return the page as HTML: no network, no other file, about 50 kB.

    Returns
    -------
    str

    Examples
    --------
    >>> page = explorer_page()
    >>> page.startswith("<!doctype html>"), len(page.encode()) < 300_000
    (True, True)
    """
    folder = resources.files(__name__)
    page = (folder / "page.html").read_text(encoding="utf-8")
    for name, file in _PARTS.items():
        page = page.replace(f"{{{{ {name} }}}}", (folder / file).read_text(encoding="utf-8"))
    return page.replace("{{ version }}", __version__)


def write_explorer(path: str | Path) -> Path:
    """Write the page to a file and return its path.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Path

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    target = Path(path)
    write_whole(target, lambda temporary: temporary.write_text(explorer_page(), encoding="utf-8"))
    return target
