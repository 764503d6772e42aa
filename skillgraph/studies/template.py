"""A study file to start from."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_template"]

_TEXT = """\
# A parameter study of skillgraph. Check it with "skillgraph check {file}", run it with "skillgraph run {file}".
name = "{name}"
description = "Learned share around the peeling threshold"
seed = 1

# What computes a replicate: the package (default), or your own function, called as function(rng, **parameters).
# [model]
# function = "my_module:my_function"

# The same for all points.
[parameters]
num_skills = 10_000

# Points are all combinations of the axes: lists, or ranges with start, stop and count (or step).
[grid]
skills_per_text = [2, 4]                # a number is the mean of a Poisson law; laws are texts such as "fixed:3"
texts_per_skill_ratio = {{ start = 0.5, stop = 2.0, count = 16 }}

# half_width is the target; a measure without one is reported only.
[measures.learned_share]
half_width = 0.005

[measures.giant_component]

[precision]
confidence = 0.95
batch = 16                              # replicates per unit of work
minimum_batches = 2
maximum_batches = 200

[[figures]]
name = "learned"
kind = "lines"
measure = "learned_share"
x = "texts_per_skill_ratio"
series = "skills_per_text"

# Defaults of "skillgraph submit".
[cluster]
tasks = 4
time = "01:00:00"
"""


def write_template(path: str | Path) -> Path:
    """Write a commented study file named after its path, and return the path.

    Parameters
    ----------
    path : str or Path
        Ends in .toml; replaced if it exists.
    """
    target = Path(path)
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in target.stem)
    name = name if name[:1].isalpha() else f"study_{name}"
    target.write_text(_TEXT.format(file=target, name=name), encoding="utf-8")
    return target
