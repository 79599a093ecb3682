"""Several editors on the same portraits: each measured by the same protocol, runs of several seeds taken together."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mgpe_tf.config import config_to_dict
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.distances import FeatureExtractor
from mgpe_tf.evaluation.measure.editor_evaluation import EditorEvaluation, evaluate_editor
from mgpe_tf.evaluation.measure.editor_scores import editor_scores
from mgpe_tf.evaluation.measure.portraits import Generated, GeneratedPortraits, generated_portraits, sources, spread
from mgpe_tf.evaluation.measure.runs import RunFacts, run_facts
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.load import load

EXAMPLES = 6
"""Portraits that are shown of every editor, evenly spread."""

FACTS = {
    "parameters": "trainable weights of the network that generates",
    "steps": "training steps, without those of runs that it started from",
    "images": "training images, those of runs that it started from included",
    "operations": "floating-point operations of the training on these images",
}
"""The facts of each network besides its scores: the fields of ``RunFacts``."""


@dataclasses.dataclass(frozen=True)
class Contender:
    """One editor.

    Attributes:
      name: told apart from the others by it.
      facts: of its run folder.
      evaluation: what was measured.
      examples: some portraits as it generates them.
      example_names: their names.
      example_sources: their x_s, uint8 [B, R, R, 3].
    """

    name: str
    facts: RunFacts
    evaluation: EditorEvaluation
    examples: Generated
    example_names: tuple[str, ...]
    example_sources: np.ndarray


@dataclasses.dataclass(frozen=True)
class ComparedEditor:
    """One column of the comparison: an editor, or several that differ in the seed alone."""

    name: str
    members: tuple[Contender, ...]


class Measured(NamedTuple):
    """A number of an editor: the mean of its runs and their sample standard deviation (None of a single one)."""

    mean: float
    deviation: float | None


def names_of(paths: Sequence[str]) -> list[str]:
    """The names of the editors at some paths: their folders', with the folders above where that is not enough.

    Raises:
      UserError: fewer than two, or the same one twice.
    """
    parts = [Path(path).resolve().parts for path in paths]
    for depth in (1, 2):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names) > 1:
            return names
    raise UserError(f"--runs={' --runs='.join(paths)}: allowed: two or more editors, in folders of different names")


def load_editors(paths: Mapping[str, Path]) -> dict[str, EditorNetworks]:
    """The editors by their names, of which all is generated: what networks of the package carry says nothing of them.

    Raises:
      UserError: a path without an editor, or editors of different resolutions.
    """
    editors = {name: load("editor", path, baselines=True).generating() for name, path in paths.items()}
    if len({editor.resolution for editor in editors.values()}) > 1:
        sizes = ", ".join(f"{name} {editor.resolution}" for name, editor in editors.items())
        raise UserError(
            f"--runs: editors of different resolutions ({sizes} pixels), whose scores are not taken on the "
            "same pixels; compare those of one resolution"
        )
    return editors


def contender(
    name: str, path: Path, portraits: GeneratedPortraits, parser: FaceParser, extractors: Mapping[str, FeatureExtractor]
) -> Contender:
    """Measures an editor."""
    evaluation = evaluate_editor(portraits, parser, extractors)
    numbers = spread(len(portraits.names), EXAMPLES)
    return Contender(
        name,
        run_facts(path),
        evaluation,
        generated_portraits(portraits, numbers),
        tuple(portraits.names[number] for number in numbers),
        sources(portraits, numbers),
    )


def compared_editors(contenders: Sequence[Contender]) -> list[ComparedEditor]:
    """One editor for runs whose configs differ in their seeds alone (and in what they start from), one for each other
    editor; in the order of the first members."""
    groups = collections.defaultdict(list)
    for one in contenders:
        groups[_experiment(one)].append(one)
    found = []
    for group in groups.values():
        configs = [one.facts.config for one in group if one.facts.config]
        if len(group) > 1 and len({config.training.seed for config in configs}) == len(group):
            found.append(ComparedEditor(f"{configs[0].name} ({len(group)} seeds)", tuple(group)))
        else:
            found += [ComparedEditor(one.name, (one,)) for one in group]
    return found


def measured(editor: ComparedEditor, read: Callable[[Contender], float | None]) -> Measured | None:
    """The values that `read` gives for an editor's runs; None if one of them is unknown."""
    values = [value for member in editor.members if (value := read(member)) is not None]
    if len(values) < len(editor.members):
        return None
    return Measured(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)


def measured_facts(compared: Sequence[ComparedEditor]) -> dict[str, list[Measured | None]]:
    """By the names of ``FACTS``, what was measured of each editor; without facts that are unknown of all."""
    found = {name: [measured(editor, lambda one: getattr(one.facts, name)) for editor in compared] for name in FACTS}
    return {name: values for name, values in found.items() if any(values)}


def measured_scores(compared: Sequence[ComparedEditor]) -> dict[str, tuple[str, list[Measured | None]]]:
    """By the name of each score, its protocol and what was measured of each editor."""
    scores = {one.name: editor_scores(one.evaluation) for editor in compared for one in editor.members}
    protocols = {name: score.protocol for of_one in scores.values() for name, score in of_one.items()}

    def value(one: Contender, name: str) -> float | None:
        return scores[one.name][name].value if name in scores[one.name] else None

    return {
        name: (protocol, [measured(editor, lambda one: value(one, name)) for editor in compared])
        for name, protocol in protocols.items()
    }


def _experiment(one: Contender) -> str:
    """Equal for runs that differ in their seeds alone; that of an editor without a config is its own."""
    if one.facts.config is None:
        return one.name
    fields = config_to_dict(one.facts.config)
    fields["training"] = {**fields["training"], "seed": None}
    return repr({**fields, "start_path": None})
