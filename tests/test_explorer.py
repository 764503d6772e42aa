"""The explorer in a real browser: the same numbers as Python, every control by keyboard, nothing on the console."""

from __future__ import annotations

import json

import numpy as np
import pytest

from skillgraph.cli import run
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.explorer import explorer_page, write_explorer
from skillgraph.seeding import generator
from skillgraph.theory.components import giant_component
from skillgraph.theory.density_evolution import learned_share
from skillgraph.theory.thresholds import peeling_threshold
from tests.browser import chromium


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    return write_explorer(tmp_path_factory.mktemp("explorer") / "explorer.html").as_uri()


@pytest.fixture
def opened(page_url):
    with chromium(viewport={"width": 1280, "height": 900}) as (page, said):
        page.goto(page_url)
        yield page
        assert said == []


def cases(number):
    """Random ensembles of every law of the grammar: (law, learner, known, exponent of popularity, ratio)."""
    rng = generator(1, "tests", "explorer")
    for place in range(number):
        mean = round(float(rng.uniform(1.5, 9)), 3)
        law = [
            f"poisson:{mean}",
            f"fixed:{rng.integers(2, 9)}",
            f"binomial:{rng.integers(8, 40)}:{rng.uniform(0.1, 0.3):.3f}",
            f"geometric:{mean}",
            f"negative_binomial:{mean}:{rng.uniform(0.5, 4):.2f}",
            f"zipf:{rng.uniform(1.1, 2.5):.2f}:{rng.integers(1, 4)}:{10 ** rng.integers(2, 7)}",
            "pmf:1=0.25,3=0.25,7=0.5",
            f"counts:2={rng.integers(1, 30)},4={rng.integers(1, 30)},9={rng.integers(1, 30)}",
            f"0.3*fixed:2+0.7*poisson:{mean}",
        ][place % 9]
        known = [0.0, round(float(rng.uniform(0.001, 0.5)), 3)][place % 2]
        yield law, int(rng.integers(1, 4)), known, [0.0, 0.3, 0.6][place % 3], round(float(rng.uniform(0.2, 4)), 3)


@pytest.mark.parametrize("number", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_random_thresholds_and_shares_equal_those_of_python(opened, number):
    asked = list(cases(number))
    theirs = opened.evaluate(
        """asked => asked.map(([law, d, k, a, r]) => {
            const ensemble = makeEnsemble(parseLaw(law), a), curve = loadCurve(ensemble, d, k);
            const found = peelingThreshold(curve);
            return [found.jumps.map(j => j.ratio), learnedShare(curve, r), giantComponent(ensemble, r)]; })""",
        asked,
    )
    jumps = 0
    for (law, learner, known, exponent, ratio), (ratios, learned, giant) in zip(asked, theirs, strict=True):
        ensemble, how = texts_by_law(law, f"zipf:{exponent}"), {"learner": learner, "known": known}
        ours = [jump.texts_per_skill_ratio for jump in peeling_threshold(ensemble, **how).jumps]
        np.testing.assert_allclose(ratios, ours, rtol=1e-9, err_msg=law)
        jumps += len(ours)
        if all(abs(ratio / jump - 1) > 1e-3 for jump in ours):
            np.testing.assert_allclose(learned, learned_share(ensemble, [ratio], **how)[0], atol=1e-9, err_msg=law)
        np.testing.assert_allclose(giant, giant_component(ensemble, [ratio]).share[0], atol=1e-9, err_msg=law)
    assert jumps > 0.3 * number


def test_the_page_reads_the_threshold_of_its_state(opened):
    assert opened.inner_text("[data-key=threshold]").startswith("4.532989620")
    opened.fill("#law", "poisson:2.5")
    opened.wait_for_function("document.querySelector('[data-key=threshold]').textContent.includes('continuous')")
    assert "law=poisson%3A2.5" in opened.evaluate("location.hash")


def test_a_state_is_shared_by_its_address(page_url):
    with chromium() as (page, said):
        page.goto(f"{page_url}#law=fixed%3A3&d=2&r=0.75")
        assert page.input_value("#law") == "fixed:3"
        assert page.input_value("#d") == "2"
        assert said == []


def test_a_wrong_law_is_named_and_the_page_lives_on(opened):
    opened.fill("#law", "poison:3<script>")
    opened.wait_for_function("document.getElementById('law-error').textContent !== ''")
    assert 'unknown law "poison:3<script>"' in opened.inner_text("#law-error")
    assert opened.get_attribute("#law", "aria-invalid") == "true"
    opened.fill("#law", "poisson:6")
    opened.wait_for_function("document.getElementById('law-error').textContent === ''")


def test_every_control_is_reached_and_turned_by_keyboard(opened):
    reached = set()
    for _ in range(60):
        opened.keyboard.press("Tab")
        reached.add(opened.evaluate("document.activeElement.id"))
    controls = opened.evaluate("[...document.querySelectorAll('input,select,button')].map(e => e.id)")
    assert set(controls) <= reached
    opened.focus("#r")
    before = opened.inner_text("[data-key=learned]")
    for _ in range(3):
        opened.keyboard.press("PageUp")
    opened.wait_for_function(
        "before => document.querySelector('[data-key=learned]').textContent !== before", arg=before
    )


def test_peeling_by_steps_ends_in_a_stopping_set(opened):
    opened.fill("#r-number", "3")
    for _ in range(60):
        if opened.is_disabled("#peel-step"):
            break
        opened.press("#peel-step", "Enter")
    assert "stopping set" in opened.inner_text("#peel-said")
    left = opened.evaluate("""() => peel.texts.every(text => {
        const open = text.filter(s => peel.unknown[s]).length; return open === 0 || open > state.d; })""")
    assert left


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page_url, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with chromium(color_scheme=scheme) as (page, _):
        page.goto(page_url)
        found = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_nothing_sticks_out_at_phone_width(page_url):
    with chromium(viewport={"width": 360, "height": 740}) as (page, _):
        page.goto(page_url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_page_is_one_small_file_that_asks_for_nothing(tmp_path, capsys):
    assert run(["explore", "-o", str(tmp_path / "page.html")]) == 0
    assert json.loads(json.dumps(capsys.readouterr().out.strip())) == str(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page == explorer_page()
    assert len(page.encode()) < 300_000
    assert "http" not in page
    assert "{{" not in page
