"""Study files: every error has its path, the rule and the offending value; points have names that do not wander."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgraph.studies import load_study, parse_study, schema
from skillgraph.studies.identity import differences, identity
from skillgraph.studies.points import canonical_text, study_points
from skillgraph.studies.study_file import Range

GOOD = """\
name = "good"
seed = 1
[parameters]
num_skills = 1e3
[grid]
skills_per_text = [2, 4.5]
texts_per_skill_ratio = { start = 0.5, stop = 2, count = 4 }
[measures.learned_share]
half_width = 0.01
"""


def study_of(tmp_path, text=GOOD, *overrides):
    path = tmp_path / "good.toml"
    path.write_text(text)
    return load_study(path, overrides)


def complaint(tmp_path, *overrides, text=GOOD):
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        study_of(tmp_path, text, *overrides)
    message = str(raised.value)
    prefix = f"{tmp_path / 'good.toml'}: "
    assert all(line.startswith(prefix) for line in message.splitlines())
    return message.replace(prefix, "")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "precision.batches=3",
            'precision.batches: unknown key "batches"; did you mean "batch"? known are confidence, batch, growth, '
            "minimum_batches, maximum_batches, maximum_cpu_hours",
        ),
        (
            "measures.learned_share.halfwidth=0.1",
            'measures.learned_share.halfwidth: unknown key "halfwidth"; did you mean "half_width"? '
            "known are half_width, interval, units, description",
        ),
        ("sead=3", 'sead: unknown key "sead"; did you mean "seed"?'),
        (
            "grid.texts_per_skill_ratio.stopp=3",
            'grid.texts_per_skill_ratio.stopp: unknown key "stopp"; did you mean "stop"?',
        ),
        ("measures.learned_share.half_width=0", "measures.learned_share.half_width: should be greater than 0, got 0"),
        ("measures.learned_share.half_width=nan", "measures.learned_share.half_width: "),
        ("precision.confidence=95", "precision.confidence: should be less than 1, got 95"),
        ("precision.growth=1", "precision.growth: should be greater than 1, got 1"),
        ("precision.maximum_batches=1", "precision: maximum_batches must be at least minimum_batches 2, got 1"),
        ("seed=-1", "seed: should be greater than or equal to 0, got -1"),
        ('seed="one"', "seed: should be a valid integer, got 'one'"),
        ("grid.skills_per_text=[]", "grid.skills_per_text: list should have at least 1 item"),
        ("grid.texts_per_skill_ratio.stop=0", "the range is empty: stop 0 lies below start 0.5"),
        (
            "grid.texts_per_skill_ratio.count=0",
            "grid.texts_per_skill_ratio.count: should be greater than or equal to 1, got 0",
        ),
        ("grid.texts_per_skill_ratio.step=0.1", "grid.texts_per_skill_ratio: a range takes count or step, one of them"),
        ("grid.skills_per_text=[2,2]", 'axis "skills_per_text" names a value twice'),
        ("grid.num_skills=[1,2]", '"num_skills" stands in two of parameters, grid and curve'),
        ("grid.mean=[1,2]", '"mean" cannot name a parameter: it names a column of the results'),
        ("measures={}", "measures: dictionary should have at least 1 item"),
        ("model.function=toy", "model.function: string should match pattern"),
        (
            "parameters.num_skils=3",
            'unknown parameter of the built-in model "num_skils"; did you mean "num_skills"? known',
        ),
        ("measures.learned={}", 'unknown measure of the built-in model "learned"; did you mean "learned_share"? known'),
        ("parameters={}", "the built-in model needs num_skills, in parameters or on the grid"),
        ("cluster.tasks=0", "cluster.tasks: should be greater than or equal to 1, got 0"),
        ("name=two words", "name: string should match pattern"),
        (
            'figures=[{name="a", measure="learned_share", x="ratio"}]',
            'figure "a" names "ratio", which is no axis (skills_per_text, texts_per_skill_ratio)',
        ),
    ],
)
def test_errors_name_path_rule_and_value(tmp_path, override, message):
    assert message in complaint(tmp_path, override)


def test_several_errors_come_together(tmp_path):
    assert len(complaint(tmp_path, "seed=-1", "sead=2", "precision.batch=0").splitlines()) == 3


def test_missing_keys_and_broken_toml(tmp_path):
    assert complaint(tmp_path, text="name = 'a'\n") == "seed: must be given\nmeasures: must be given"
    (tmp_path / "bad.toml").write_text("name = \n")
    with pytest.raises(ValueError, match=r"bad.toml cannot be read: Invalid value \(at line 1"):
        load_study(tmp_path / "bad.toml")
    with pytest.raises(ValueError, match=r'--set takes KEY.KEY=VALUE, got "seed"'):
        study_of(tmp_path, GOOD, "seed")
    with pytest.raises(ValueError, match=r'"seed" is no section'):
        study_of(tmp_path, GOOD, "seed.x=1")


def test_overrides_are_toml_or_text(tmp_path):
    study = study_of(tmp_path, GOOD, "precision.batch=32", "model.function=a.b:c", "grid.skills_per_text=['fixed:3']")
    assert (study.precision.batch, study.model.function) == (32, "a.b:c")
    assert study.grid["skills_per_text"] == ["fixed:3"]


def test_points_are_the_product_and_their_names_do_not_wander(tmp_path):
    found = study_points(study_of(tmp_path))
    assert [tuple(point.axes.values()) for point in found] == [(c, r) for c in (2, 4.5) for r in (0.5, 1.0, 1.5, 2.0)]
    assert found[1].parameters == {"num_skills": 1000, "skills_per_text": 2, "texts_per_skill_ratio": 1}
    assert found[1].key == "4435d55d5aa63fabe2c3d7fdd6f9e335", "a changed name recomputes every study"
    again = study_points(study_of(tmp_path, GOOD, "grid.skills_per_text=[2.0]", "parameters.num_skills=1000"))
    assert [point.key for point in again] == [point.key for point in found[:4]]


def test_refined_ranges_meet_the_coarse_ones():
    coarse, fine = Range(start=0.1, stop=6.1, count=61).values(), Range(start=0.1, stop=6.1, count=121).values()
    assert set(coarse) <= set(fine)
    assert Range(start=0, stop=1, step=0.1).values() == Range(start=0, stop=1, count=11).values()
    assert Range(start=1, stop=1000, count=4, scale="log").values() == (1.0, 10.0, 100.0, 1000.0)
    assert Range(start=2, stop=2, count=1).values() == (2.0,)


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.integers() | st.booleans() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_the_canonical_text_does_not_depend_on_order_or_on_how_a_number_is_written(record):
    turned = dict(reversed(record.items()))
    as_floats = {
        key: float(value) if type(value) is int and abs(value) < 2**53 else value for key, value in turned.items()
    }
    assert canonical_text(as_floats) == canonical_text(record)


def test_yes_is_not_one_and_texts_are_not_numbers():
    assert len({canonical_text({"x": value}) for value in (True, 1, "1", 1.5, "True")}) == 5
    assert canonical_text(-0.0) == canonical_text(0)
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_text(math.nan)


def test_the_resolved_copy_is_the_same_study(tmp_path):
    study = study_of(tmp_path)
    assert parse_study(study.model_dump(mode="json")) == study


def test_the_schema_describes_what_is_accepted():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    import tomllib

    record = tomllib.loads(GOOD)
    jsonschema.validate(record, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record | {"sead": 1}, schema())


def test_identity_names_what_numbers_depend_on(tmp_path):
    study = study_of(tmp_path)
    same = study_of(tmp_path, GOOD, "precision.maximum_batches=7", "measures.learned_share.half_width=1", "name=other")
    assert identity(study, tmp_path) == identity(same, tmp_path)
    other = study_of(tmp_path, GOOD, "seed=2", "measures.giant_component={}")
    assert differences(identity(study, tmp_path), identity(other, tmp_path)) == [
        "seed 2 there, 1 here",
        "measures ['giant_component', 'learned_share'] there, ['learned_share'] here",
    ]


def test_a_model_that_cannot_be_found_or_read(tmp_path):
    with pytest.raises(ValueError, match=r'module "nowhere.at_all" of the model cannot be found'):
        identity(study_of(tmp_path, GOOD, "model.function=nowhere.at_all:f"), tmp_path)
    (tmp_path / "broken.py").write_text("def f(:\n")
    with pytest.raises(ValueError, match=r'module "broken" of the model does not import'):
        identity(study_of(tmp_path, GOOD, "model.function=broken:f"), tmp_path)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "inner.py").write_text("def f(rng): ...\n")
    assert (
        len(identity(study_of(tmp_path, GOOD, "model.function=package.inner:f"), tmp_path)["meaning of the model"])
        == 16
    )


def test_the_names_of_the_built_in_model_are_those_it_takes():
    import inspect

    from skillgraph.studies import model
    from skillgraph.studies.defaults import BUILT_IN_MEASURES, BUILT_IN_PARAMETERS

    assert set(BUILT_IN_PARAMETERS) | {"rng", "measures"} == set(inspect.signature(model.replicate).parameters)
    assert set(BUILT_IN_MEASURES) == set(model._MEASURES)
