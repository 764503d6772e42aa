"""Every public function says what it takes, gives and refuses, and shows a line that runs."""

from __future__ import annotations

import inspect
import re

import pytest
from numpydoc.docscrape import FunctionDoc

import skillgraph

ROOMS = ("adjacent_possible", "levels", "limits", "optimal", "studies")
PUBLIC = {
    f"{home.__name__}.{name}": getattr(home, name)
    for home in (skillgraph, *(getattr(skillgraph, room) for room in ROOMS))
    for name in home.__all__
    if inspect.isfunction(getattr(home, name))
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_is_documented(name):
    function = PUBLIC[name]
    page = FunctionDoc(function)
    taken = set(inspect.signature(function).parameters)
    told = {word.strip("* ") for one in page["Parameters"] for word in one.name.split(",")}
    assert taken == told, "parameters"
    assert page["Returns"] or page["Yields"] or "-> None" in str(inspect.signature(function)), "returns"
    assert page["Examples"], "an example that runs"
    raising = re.search(r"raise |checks|parse_", inspect.getsource(function))
    assert page["Raises"] or not raising, "raises"
