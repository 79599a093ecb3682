"""Reads the weight files of the official PyTorch code into run folders of an editor and a parser.

  python -m mgpe_tf.convert_official_weights --state_dicts=CHECKPOINTS --output=runs/official --label_enlargement=1.1

CHECKPOINTS holds latest_net_G.pth and the others that docs/how-to/official_weights.md lists. Every array of every file
must be one that the networks here have, of their shape; --output appears when all is done. PyTorch: pip install
'mgpe_tf[convert]'
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from absl import flags

from mgpe_tf import cli
from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.models.state_dicts import import_torch, read_state_dict
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.shipped import load_config
from mgpe_tf.storage.hashes import sha256_of_file

GENERATOR = (
    "G",
    *(pattern.format(c.name) for c in COMPONENTS for pattern in ("encoder_{}", "decoder_{}", "decoder_{}_image")),
)
"""The official networks that are the generator here: all of them are needed."""

DISCRIMINATORS = ("D", "D2")
PARSER = "P"

SUFFIXES = ("weight", "bias", "running_mean", "running_var")
"""PyTorch's names of a layer's arrays, in the order in which Keras lists them."""

STATE_DICTS = flags.DEFINE_string("state_dicts", None, "Folder with the files latest_net_NAME.pth.", required=True)
OUTPUT = flags.DEFINE_string("output", None, "Folder to write: editor/ and parser/ in it.", required=True)
LABEL_ENLARGEMENT = flags.DEFINE_float(
    "label_enlargement", 1.1, "Growth of eyes and mouth that the editor was trained with; 1 for none."
)


def main(_: list[str]) -> None:
    """Converts what the flags name."""
    folder, output = Path(STATE_DICTS.value), Path(OUTPUT.value)
    files = find_files(folder)
    if output.exists():
        raise UserError(f"--output={output} is there already: choose another folder")
    if not 1 <= LABEL_ENLARGEMENT.value < math.inf:
        raise UserError(f"--label_enlargement={LABEL_ENLARGEMENT.value}; allowed is 1 (none) or more, e.g. 1.1")
    import_torch()
    import_tensorflow()
    from mgpe_tf.export.folder import new_folder

    with new_folder(output, overwrite=False) as unfinished:
        runs = convert(files, unfinished, LABEL_ENLARGEMENT.value)
    for name, networks in runs.items():
        print(f"{output / name}: {', '.join(networks)}")
    for file in sorted(set(folder.glob("*.pth")) - set(files.values())):
        print(f"not read: {file}")


def find_files(folder: Path) -> dict[str, Path]:
    """The weight files of a folder, by official network: the whole generator's side, the parser, or both.

    Raises:
      UserError: no such folder, or files of the generator's side are missing; it lists them.
    """
    if not folder.is_dir():
        raise UserError(f"--state_dicts={folder}: there is no such folder")
    paths = {name: folder / f"latest_net_{name}.pth" for name in (*GENERATOR, *DISCRIMINATORS, PARSER)}
    found = {name: path for name, path in paths.items() if path.is_file()}
    missing = [paths[name].name for name in GENERATOR if name not in found]
    if missing and set(found) != {PARSER}:
        raise UserError(
            f"--state_dicts={folder}: {len(missing)} of {len(GENERATOR)} files of G are missing: {', '.join(missing)}"
        )
    return found


def convert(files: Mapping[str, Path], folder: Path, label_enlargement: float) -> dict[str, list[str]]:
    """Writes the run folders `folder`/editor and `folder`/parser, those of them that there are files for.

    Args:
      files: see ``find_files``.
      folder: exists and is empty.
      label_enlargement: of the editor's config.

    Returns:
      The official networks in each run, by its name.

    Raises:
      UserError: a file that is not the official network's; it names the file and what is wrong in it.
    """
    from mgpe_tf.networks import official
    from mgpe_tf.objectives.editor import build_discriminator, build_generator
    from mgpe_tf.objectives.parser import build_parser

    runs = {}
    if GENERATOR[0] in files:
        config = load_config("mgpe_256")
        config.loss.label_enlargement = label_enlargement
        networks = [build_generator(config)]
        entries = list(official.generator_entries(networks[0]))
        for name in (name for name in DISCRIMINATORS if name in files):
            networks.append(build_discriminator(config, name))
            entries += official.discriminator_entries(networks[-1], name)
        runs["editor"] = fill(entries, files)
        write_run(folder / "editor", config, networks, [files[name] for name in runs["editor"]])
    if PARSER in files:
        config = load_config("parser_256")
        config.parser.tanh = True  # the official head
        network = build_parser(config)
        runs["parser"] = fill(official.parser_entries(network), files)
        write_run(folder / "parser", config, [network], [files[PARSER]])
    return runs


def fill(entries: Iterable, files: Mapping[str, Path]) -> list[str]:
    """Assigns each network's file to its layers, one file in memory at a time.

    Args:
      entries: ``official.OfficialLayer`` of layers that are built, those of one network in a row.
      files: by official network.

    Returns:
      The official networks, in the order of the entries.

    Raises:
      UserError: see ``read_state_dict`` and ``check_state_dict``.
    """
    from mgpe_tf.networks import official

    networks = []
    for network, group in itertools.groupby(entries, key=lambda entry: entry.network):
        layers = list(group)
        state = read_state_dict(files[network])
        check_state_dict(state, official_shapes(layers), files[network])
        official.assign(layers, lambda _, key: state.pop(key).detach().float().numpy())
        networks.append(network)
    return networks


def official_shapes(entries: Iterable) -> dict[str, tuple[int, ...]]:
    """The shapes in PyTorch's order that the layers of one network need, by state-dict key."""
    return {
        f"{entry.prefix}.{suffix}": _torch_shape(variable.shape)
        for entry in entries
        for suffix, variable in zip(SUFFIXES, entry.layer.weights)
    }


def _torch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """(h, w, in, out) -> (out, in, h, w); a transposed kernel's (h, w, out, in) -> (in, out, h, w); others reversed."""
    return (shape[3], shape[2], shape[0], shape[1]) if len(shape) == 4 else tuple(reversed(shape))


def check_state_dict(state: Mapping, shapes: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Raises UserError naming the first keys that are missing, unknown, of another shape or no finite floats."""
    problems = [f"{key} is missing" for key in shapes if key not in state]
    problems += [f"{key!r} is unknown" for key in state if key not in shapes]
    for key in (key for key in shapes if key in state):
        problems += _problems_of_array(key, state[key], shapes[key])
    if problems:
        more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise UserError(f"{file}: not the official network of this name: {'; '.join(problems[:3])}{more}")


def _problems_of_array(key: str, value: Any, shape: tuple[int, ...]) -> list[str]:
    """The fault of one entry of a state dict, in at most one line."""
    torch = import_torch()
    if not isinstance(value, torch.Tensor) or value.layout != torch.strided or value.device.type != "cpu":
        return [f"{key} is no dense array"]
    if tuple(value.shape) != shape:
        return [f"{key} has shape {tuple(value.shape)} instead of {shape}"]
    if not value.is_floating_point() or not torch.isfinite(value).all():
        return [f"{key} ({value.dtype}) does not hold finite floats"]
    return []


def write_run(path: Path, config: Config, networks: Iterable, files: Iterable[Path]) -> None:
    """Writes a run folder of one checkpoint, of step 0, whose ``info`` has the SHA-256 of the files by name.

    The weights are stored as a run without averaging stores them: official ones are no averages.
    """
    from mgpe_tf.models.checkpoints import CheckpointStore
    from mgpe_tf.training.run_folder import RunFolder, changes_of

    config = dataclasses.replace(config, training=dataclasses.replace(config.training, ema=0.0))
    arrays = {f"network/{v.path}": v for network in networks for v in network.weights}
    hashes = {file.name: sha256_of_file(file) for file in files}
    with RunFolder(path) as run:
        changes_of(path, config)
        run.store_config(config)
        CheckpointStore(run.checkpoints).save(0, arrays, {"official": hashes})


if __name__ == "__main__":
    cli.run(main)
