"""One door for ensembles: text, law and named parameters, the same sentences on the command line and in files."""

from __future__ import annotations

import numpy as np
import pytest

import skillgraph as sg
from skillgraph.cli import run
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import configuration, ldpc, ldpc_polynomials, texts_by_law
from skillgraph.ensembles.parsing import KEYS, parse_ensemble
from skillgraph.limits.spec import read_spec
from skillgraph.seeding import generator
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.simulation.observe import observe, observe_replicate
from skillgraph.studies.model import replicate

OPTIONS = ("--skills-per-text", "--skill-popularity", "--texts-per-skill", "--ldpc", "--lambda", "--rho")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("poisson:6", texts_by_law("poisson:6")),
        (parse_law("fixed:3"), texts_by_law("fixed:3")),
        ({"skills_per_text": 6}, texts_by_law("poisson:6")),
        ({"skills_per_text": 2.5, "ldpc": None}, texts_by_law("poisson:2.5")),
        ({"skills_per_text": "fixed:3", "skill_popularity": "zipf:0.5"}, texts_by_law("fixed:3", "zipf:0.5")),
        ({"skills_per_text": "poisson:3", "texts_per_skill": "fixed:3"}, configuration("poisson:3", "fixed:3")),
        ({"ldpc": "3,6"}, ldpc(3, 6)),
        ({"ldpc": [3, 6]}, ldpc(3, 6)),
        ({"ldpc": (3.0, "6")}, ldpc(3, 6)),
        (
            {"lambda_edges": "0.2*x+0.8*x^2", "rho_edges": "x^5"},
            ldpc_polynomials("0.2*x+0.8*x^2", "x^5"),
        ),
        (ldpc(3, 6), ldpc(3, 6)),
    ],
)
def test_every_way_of_writing_an_ensemble(given, wanted):
    assert parse_ensemble(given) == wanted
    assert parse_ensemble(str(wanted)) == wanted, "the text of an ensemble reads back"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "name one ensemble: {0}, {3}, or {4} with {5}, got none"),
        ({"ldpc": "3,6", "skills_per_text": "poisson:3"}, "name one ensemble: .*, got {0} and {3}"),
        ({"ldpc": "3;6"}, '{3} takes two integers like "3,6", each at least 1, got "3;6"'),
        ({"ldpc": "3"}, '{3} takes two integers like "3,6", each at least 1, got "3"'),
        ({"ldpc": "0,6"}, '{3} takes two integers like "3,6", each at least 1, got "0,6"'),
        ({"lambda_edges": "x"}, "{4} and {5} go together"),
        ({"rho_edges": "x"}, "{4} and {5} go together"),
        ({"lambda_edges": "x", "rho_edges": "y"}, '{5}: an edge polynomial looks like "0.2[*]x[+]0.8[*]x.2", got "y"'),
        ({"skills_per_text": "poison:3"}, '{0}: unknown degree law "poison:3"'),
        ({"skills_per_text": "poisson:0"}, '{0} must have a positive mean, got "poisson:0"'),
        ({"skills_per_text": "fixed:3", "texts_per_skill": "fixed:0"}, '{2} must have a positive mean, got "fixed:0"'),
        ({"skills_per_text": "fixed:3", "skill_popularity": "zip:1"}, '{1}: unknown skill popularity "zip:1"'),
        ({"ldpc": "3,6", "skill_popularity": "uniform"}, "{1} goes with {0}, not with {3}"),
        ({"lambda_edges": "x", "rho_edges": "x", "texts_per_skill": "fixed:2"}, "{2} goes with {0}, not with {4}"),
        (
            {"skills_per_text": "fixed:3", "texts_per_skill": "fixed:3", "skill_popularity": "zipf:1"},
            "{2} fixes the popularity of skills: leave out {1}",
        ),
    ],
)
def test_a_misuse_is_told_in_the_words_of_the_caller(given, sentence, tmp_path, capsys):
    with pytest.raises(ValueError, match=f"^{sentence.format(*KEYS)}"):
        parse_ensemble(given)
    options = dict(zip(KEYS, OPTIONS, strict=True))
    assert run(["threshold", *(word for key, value in given.items() for word in (options[key], value))]) == 2
    said = capsys.readouterr().err.removeprefix("skillgraph: ")
    with pytest.raises(ValueError, match=f"^{sentence.format(*OPTIONS)}"):
        raise ValueError(said)
    with pytest.raises(ValueError, match=f"^{sentence.format(*KEYS)}"):
        replicate(generator(1, "x"), measures=["learned_share"], num_skills=10, texts_per_skill_ratio=1.0, **given)
    spec = tmp_path / "spec.toml"
    spec.write_text("[dynamics]\n" + "".join(f'{key} = "{value}"\n' for key, value in given.items()))
    names = [f"dynamics.{key}" for key in KEYS]
    with pytest.raises(ValueError, match=f"^spec.toml: {sentence.format(*names)}"):
        read_spec(spec)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"skills_pro_text": "fixed:3"}, 'unknown key "skills_pro_text" of an ensemble: known are skills_per_text, '),
        ({"skills_per_text": True}, 'skills_per_text must be a law like "fixed:3" or a number, got True'),
        ({"skills_per_text": -1}, "skills_per_text: mean of poisson must be a non-negative finite number, got -1"),
        ({"skills_per_text": 3, "texts_per_skill": 3}, 'texts_per_skill must be a law like "fixed:3", got 3'),
        ({"skills_per_text": 3, "skill_popularity": 1}, 'skill_popularity must be "uniform" or "zipf:EXPONENT", got 1'),
        ({"lambda_edges": 1, "rho_edges": "x"}, "lambda_edges must be a polynomial"),
        (3, 'an ensemble must be a text like "poisson:6", a law or a mapping, got 3'),
        ("poison:3", 'skills per text: unknown degree law "poison:3"'),
        ("poisson:0", 'skills per text must have a positive mean, got "poisson:0"'),
        (parse_law("fixed:0"), 'skills per text must have a positive mean, got "fixed:0"'),
    ],
)
def test_values_of_the_wrong_kind(given, message):
    with pytest.raises(ValueError, match=message):
        parse_ensemble(given)


def test_a_text_stands_for_an_ensemble_everywhere():
    ensemble = texts_by_law("poisson:6")
    assert sg.peeling_threshold("poisson:6") == sg.peeling_threshold(ensemble)
    assert sg.percolation_threshold({"ldpc": "3,6"}) == sg.percolation_threshold(ldpc(3, 6))
    np.testing.assert_array_equal(sg.giant_component("fixed:3", 1.0).share, sg.giant_component("fixed:3", 1).share)
    np.testing.assert_array_equal(sg.learned_share("poisson:6", 3.0), sg.learned_share(ensemble, 3.0))


@pytest.mark.kernel
def test_a_text_stands_for_an_ensemble_in_simulation_and_counts_may_be_floats():
    ours = sg.compare("poisson:4", 2e2, "0.5:1:2", replicates=2.0, seed=1)
    theirs = sg.compare(texts_by_law("poisson:4"), 200, np.array([0.5, 1.0]), replicates=2, seed=1)
    for name, one in ours.observables.items():
        np.testing.assert_array_equal(one.mean, theirs.observables[name].mean)
    graph = sg.sample("fixed:2", 1e2, 5e1, rng=np.random.default_rng(1))
    assert (graph.num_skills, graph.num_texts) == (100, 50)
    chain = peel_by_chain("poisson:4", 1e3, 2e3, replicates=1e1, seed=1)
    assert chain.unlearned.shape == (10,)


@pytest.mark.kernel
def test_a_replicate_is_observed_after_any_numbers_of_texts():
    texts = np.array([0, 3, 3, 20])
    seen = observe_replicate("fixed:2", 30, texts, np.random.default_rng(4), known=0.2)
    rng = np.random.default_rng(4)
    graph = sg.sample("fixed:2", 30, 20, rng=rng)
    known_skills = sg.sample_known(30, 0.2, rng)
    for place, number in enumerate(texts):
        part = sg.from_edges(*_edges_of(graph, number), number, 30)
        peeled, found = sg.peel(part, known_skills), sg.components(part)
        assert seen["learned_share"][place] == np.count_nonzero(peeled.learned)
        assert seen["giant_component"][place] == found.largest
        assert seen["susceptibility"][place] == found.sum_squares - found.largest**2
    assert seen["giant_association"][0] == min(1, np.count_nonzero(known_skills))
    one = observe(graph, texts, known_skills=known_skills, observables=["giant_association"])
    assert list(one) == ["giant_association"]
    np.testing.assert_array_equal(one["giant_association"], seen["giant_association"])


def _edges_of(graph, number):
    degrees = np.diff(graph.text_indptr)[:number]
    return np.repeat(np.arange(number), degrees), graph.text_skills[: int(graph.text_indptr[number])]
