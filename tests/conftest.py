"""Options of the test run: a random part of the slow tests."""

from __future__ import annotations

import hashlib
import math

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part-of-slow",
        metavar="WORD",
        help="run a tenth of the slow tests, at least one, chosen by a word (a date, a commit)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    word = config.getoption("--part-of-slow")
    if word is None:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    slow.sort(key=lambda item: hashlib.sha256(f"{word} {item.nodeid}".encode()).digest())
    kept = slow[: math.ceil(len(slow) / 10)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
