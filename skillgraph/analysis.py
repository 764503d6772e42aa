"""A real text-skill table: what is learned and what hangs together, in reality and in the ensemble of its degrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from skillgraph.checks import count, share, threads_of
from skillgraph.ensembles.degrees import empirical
from skillgraph.ensembles.ensemble import Ensemble, configuration, measured_popularity, texts_by_law
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample_known
from skillgraph.graphs.tables import TableReport
from skillgraph.records import Record
from skillgraph.records.frames import Grid
from skillgraph.records.words import number
from skillgraph.replicates import in_order
from skillgraph.seeding import generator
from skillgraph.simulation.observe import observe
from skillgraph.theory.associations import giant_association
from skillgraph.theory.components import giant_component, percolation_threshold
from skillgraph.theory.density_evolution import learned_share
from skillgraph.theory.thresholds import PeelingThreshold, peeling_threshold

__all__ = ["AnalysedTable", "Analysis", "ArrivalCurves", "DegreeMoments", "analyse"]

OBSERVABLES = ("learned_share", "giant_component", "giant_association")
_CURVES = ("file_order", "random_order", "random_order_deviation", "theory")


class ArrivalCurves(Record):
    """Observables as texts arrive, one value per grid point, as shares of all skills.

    Attributes
    ----------
    learned_share, giant_component, giant_association : (grid,) float64 arrays
    """

    learned_share: np.ndarray
    giant_component: np.ndarray
    giant_association: np.ndarray


class DegreeMoments(Record):
    """Mean, variance and range of a measured degree law."""

    mean: float
    variance: float
    minimum: int
    maximum: int | None


class Analysis(Record):
    """Result of `analyse`.

    Attributes
    ----------
    num_skills, num_texts, num_edges : int
    skills_per_text, texts_per_skill : DegreeLaw
        Both measured degree laws, empty texts and orphan skills included.
    num_texts_arrived : (grid,) int64 array
    texts_per_skill_ratio : (grid,) float64 array
    file_order : ArrivalCurves
        Texts arrive in the order of the table.
    random_order, random_order_deviation : ArrivalCurves
        Mean and standard deviation over random orders of the same table.
    theory : ArrivalCurves
        Configuration ensemble with the same two degree laws, infinite size.
    percolation_threshold : float or None
        Texts per skill at which the configuration ensemble percolates.
    peeling : PeelingThreshold
        Of the configuration ensemble, at most all texts of the table.
    continued : PeelingThreshold
        Of the ensemble whose texts go on arriving with the same skills per text and the measured popularity.
    distance : dict
        Per observable, largest absolute difference between random order and theory, and between file order and
        random order.
    """

    num_skills: int
    num_texts: int
    num_edges: int
    skills_per_text: DegreeLaw
    texts_per_skill: DegreeLaw
    num_texts_arrived: np.ndarray
    texts_per_skill_ratio: np.ndarray
    file_order: ArrivalCurves
    random_order: ArrivalCurves
    random_order_deviation: ArrivalCurves
    theory: ArrivalCurves
    percolation_threshold: float | None
    percolation_reason: str | None
    peeling: PeelingThreshold
    continued: PeelingThreshold
    distance: dict[str, dict[str, float]]
    keys: ClassVar[Mapping[str, str]] = {"theory": "theory_curves"}
    derived: ClassVar[tuple[str, ...]] = (
        "full_ratio",
        "texts_missing",
        "skills_per_text_moments",
        "texts_per_skill_moments",
    )

    @property
    def skills_per_text_moments(self) -> DegreeMoments:
        """Mean, variance and range of skills per text."""
        return _moments(self.skills_per_text)

    @property
    def texts_per_skill_moments(self) -> DegreeMoments:
        """Mean, variance and range of texts per skill."""
        return _moments(self.texts_per_skill)

    @property
    def full_ratio(self) -> float:
        """Texts per skill of the whole table."""
        return self.num_texts / self.num_skills

    @property
    def texts_missing(self) -> int | None:
        """Texts of the same kind that are missing to the peeling threshold; 0 if passed, None if there is none."""
        if self.continued.threshold is None:
            return None
        return max(0, int(np.ceil(self.continued.threshold * self.num_skills)) - self.num_texts)

    def headline(self) -> Mapping[str, Any]:
        """Return the sizes, the thresholds, and the table beside the theory of its degrees."""
        sizes = {name.replace("_", " "): getattr(self, name) for name in ("num_skills", "num_texts", "num_edges")}
        laws = {"skills per text": self.skills_per_text_moments, "texts per skill": self.texts_per_skill_moments}
        thresholds = {
            "texts per skill, all texts": self.full_ratio,
            "percolation threshold": self.percolation_threshold,
            "peeling threshold": self.peeling.threshold,
            "peeling threshold, texts going on": self.continued.threshold,
            "texts missing to it": self.texts_missing,
        }
        beside = {
            f"{name.replace('_', ' ')}, all texts": (
                f"{number(getattr(self.file_order, name)[-1])}, theory {number(getattr(self.theory, name)[-1])}, "
                f"at most {number(self.distance[name]['random_order_to_theory'])} apart on the way"
            )
            for name in OBSERVABLES
        }
        return sizes | laws | thresholds | beside

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable, curve and grid point."""
        pairs = [(name, curve) for name in OBSERVABLES for curve in _CURVES]
        size = self.num_texts_arrived.size
        return {
            "observable": np.repeat([name for name, _ in pairs], size),
            "curve": np.repeat([curve for _, curve in pairs], size),
            "num_texts": np.tile(self.num_texts_arrived, len(pairs)),
            "texts_per_skill_ratio": np.tile(self.texts_per_skill_ratio, len(pairs)),
            "value": np.concatenate([getattr(getattr(self, curve), name) for name, curve in pairs]),
        }

    def grid(self) -> Grid:
        """Return every observable by curve along texts per skill."""
        return {"curve": list(_CURVES), "texts_per_skill_ratio": self.texts_per_skill_ratio}, {
            name: (("curve", "texts_per_skill_ratio"), np.array([getattr(getattr(self, one), name) for one in _CURVES]))
            for name in OBSERVABLES
        }


def _moments(law: DegreeLaw) -> DegreeMoments:
    return DegreeMoments(law.mean, law.variance, law.minimum, law.maximum)


class AnalysedTable(Record):
    """What the command ``analyse`` finds: a table as it was read, and its analysis.

    Attributes
    ----------
    file : str
        Name of the file.
    report : TableReport
    analysis : Analysis
    """

    file: str
    report: TableReport
    analysis: Analysis

    def headline(self) -> Mapping[str, Any]:
        """Return the name of the table and the headline of its analysis."""
        return {"file": self.file} | dict(self.analysis.headline())

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable, curve and grid point."""
        return self.analysis.columns()

    def grid(self) -> Grid:
        """Return every observable by curve along texts per skill."""
        return self.analysis.grid()


def analyse(
    graph: SkillTextGraph,
    *,
    points: int = 41,
    replicates: int = 8,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
    threads: int | None = None,
) -> Analysis:
    """Measure a table, compare it with itself in random order and with the ensemble of its degrees.

    Parameters
    ----------
    graph : SkillTextGraph
    points : int
        Grid points from 0 to all texts.
    replicates : int
        Random orders of the texts, at least 2.
    seed : int
        Root seed of the random orders and of prior knowledge.
    learner, known
        As in `compare`.
    threads : int, optional

    Returns
    -------
    Analysis

    Raises
    ------
    ValueError
        If the table has no edge or a parameter is out of range.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> graph = from_edges([0, 1, 1, 2, 2], [0, 0, 1, 1, 2])
    >>> result = analyse(graph, points=4, replicates=2, seed=1)
    >>> float(result.file_order.learned_share[-1])
    1.0
    """
    if graph.num_edges == 0:
        raise ValueError(f"a table needs at least one text-skill pair, got {graph.num_texts} texts and no pair")
    orders, grid = count("replicates", replicates, least=2), count("points", points, least=2)
    known, learner = share("known", known), count("learner", learner)
    arrived = np.unique(np.rint(np.linspace(0, graph.num_texts, grid)).astype(np.int64))

    def one(replicate: int) -> np.ndarray:
        return _observed(graph, arrived, generator(seed, "analyse", replicate), replicate == 0, learner, known)

    values = np.stack(list(in_order(one, range(orders + 1), threads_of(threads))))
    texts, skills = empirical(graph.skills_per_text), empirical(graph.texts_per_skill)
    ensemble = configuration(texts, skills)
    ratio = arrived / graph.num_skills
    in_file, shuffled = ArrivalCurves(*values[0]), ArrivalCurves(*values[1:].mean(axis=0))
    theory = _theory(ensemble, ratio, learner, known)
    percolation = percolation_threshold(ensemble)
    popularity = measured_popularity(graph.texts_per_skill)
    return Analysis(
        num_skills=graph.num_skills,
        num_texts=graph.num_texts,
        num_edges=graph.num_edges,
        skills_per_text=texts,
        texts_per_skill=skills,
        num_texts_arrived=arrived,
        texts_per_skill_ratio=ratio,
        file_order=in_file,
        random_order=shuffled,
        random_order_deviation=ArrivalCurves(*values[1:].std(axis=0, ddof=1)),
        theory=theory,
        percolation_threshold=percolation.threshold,
        percolation_reason=percolation.reason,
        peeling=peeling_threshold(ensemble, learner=learner, known=known),
        continued=peeling_threshold(texts_by_law(texts, popularity), learner=learner, known=known),
        distance=_distances(in_file, shuffled, theory),
    )


def _observed(
    graph: SkillTextGraph, arrived: np.ndarray, rng: np.random.Generator, in_file: bool, learner: int, known: float
) -> np.ndarray:
    """Return the observables at the grid, (observable, grid) float64, as shares of all skills."""
    order = None if in_file else rng.permutation(graph.num_texts)
    known_skills = sample_known(graph.num_skills, known, rng) if known > 0 else None
    counts = observe(graph, arrived, order=order, known_skills=known_skills, learner=learner, observables=OBSERVABLES)
    return np.stack([counts[name] for name in OBSERVABLES]) / graph.num_skills


def _theory(ensemble: Ensemble, ratio: np.ndarray, learner: int, known: float) -> ArrivalCurves:
    full = ensemble.full_ratio
    assert full is not None
    inside = np.minimum(ratio, full)
    return ArrivalCurves(
        learned_share(ensemble, inside, learner=learner, known=known),
        giant_component(ensemble, inside).share,
        giant_association(ensemble, inside, learner=learner, known=known),
    )


def _distances(in_file: ArrivalCurves, shuffled: ArrivalCurves, theory: ArrivalCurves) -> dict[str, dict[str, float]]:
    return {
        name: {
            "random_order_to_theory": _largest_difference(shuffled, theory, name),
            "file_order_to_random_order": _largest_difference(in_file, shuffled, name),
        }
        for name in OBSERVABLES
    }


def _largest_difference(first: ArrivalCurves, second: ArrivalCurves, name: str) -> float:
    return float(np.max(np.abs(getattr(first, name) - getattr(second, name))))
