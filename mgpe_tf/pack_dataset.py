"""Packs a data set into a few files of a bounded size, which numpy and Pillow read (layout "packed").

  python -m mgpe_tf.pack_dataset --data=CELEB/train --data=HELEN/train --label_set=celebamask_hq,helen \\
      --layout=folder --resolution=256 --output=packed

Labels keep what they tell, nineteen classes or Helen's eleven, and unknown pixels. An image that has the resolution
already keeps its file, byte for byte; others are resized and encoded anew: --image_format=png loses nothing, jpeg is of
quality 95. Of an official archive, one split is packed. A run that was stopped is simply started again.
"""

from __future__ import annotations

import functools
from pathlib import Path

from absl import flags

from mgpe_tf import cli
from mgpe_tf.data import images, packed
from mgpe_tf.data.open import LAYOUTS, SPLITS, open_joined
from mgpe_tf.errors import UserError
from mgpe_tf.progress import progress_bar
from mgpe_tf.storage.folders import working_in

DATA = cli.define_files("data", "Folder of the data set.")
LAYOUT = flags.DEFINE_enum("layout", "folder", list(LAYOUTS), "Layout of the data set.")
LABEL_SET = cli.define_names(
    "label_set",
    [],
    "Ids of folders' labels: one set for all, one for each, or none: what their dataset.json say, or helen.",
)
SPLIT = flags.DEFINE_enum("split", "train", SPLITS, "Part of an official archive; a folder is packed whole.")
RESOLUTION = flags.DEFINE_integer("resolution", 256, "Size in pixels.", lower_bound=1)
OUTPUT = flags.DEFINE_string("output", None, "Folder for the shards and manifest.json.", required=True)
SHARD_MB = flags.DEFINE_float("shard_mb", 60.0, "Largest size of a file in 10^6 bytes.", lower_bound=0.01)
IMAGE_FORMAT = flags.DEFINE_enum("image_format", "png", ["png", "jpeg"], "Of the images that are encoded anew.")


def main(_: list[str]) -> None:
    """Packs what the flags describe."""
    if not DATA.value:
        raise UserError(f"--data is missing{cli.example()} (flags: --help)")
    portraits = open_joined(
        LAYOUT.value, DATA.value, LABEL_SET.value, RESOLUTION.value, SPLIT.value, partial=True, unknown=True
    )
    encode = images.encode_png if IMAGE_FORMAT.value == "png" else images.encode_jpeg
    progress = functools.partial(progress_bar, total=len(portraits), unit="portrait")
    with working_in(Path(OUTPUT.value), f"--output={OUTPUT.value}"):
        manifest = packed.write_packed(portraits, OUTPUT.value, int(SHARD_MB.value * 1e6), encode, progress)
    sizes = [shard["bytes"] / 1e6 for shard in manifest["shards"]]
    print(
        f"{len(portraits)} portraits, {manifest['kept']} with their own image files, in {len(sizes)} shards of "
        f"{sum(sizes):.1f} MB in all: {OUTPUT.value}"
    )


if __name__ == "__main__":
    cli.run(main)
