"""Writes a data set as TFRecord shards with an index (layout "tfrecord").

  python -m mgpe_tf.write_tfrecords --input=FOLDER --label_set=celebamask_hq --output=RECORDS --shards=16

Portraits are brought to the resolution and labels to Helen ids. Of an official archive, one split is written.
"""

from __future__ import annotations

import functools
from pathlib import Path

from absl import flags

from mgpe_tf import cli, labels
from mgpe_tf.data import images
from mgpe_tf.data.label_sets import require_known
from mgpe_tf.data.open import LAYOUTS, SPLITS, open_layout, require_sound
from mgpe_tf.progress import progress_bar
from mgpe_tf.storage.folders import working_in

INPUT = flags.DEFINE_string("input", None, "Folder of the data set.", required=True)
LAYOUT = flags.DEFINE_enum("layout", "folder", list(LAYOUTS), "Layout of the data set.")
LABEL_SET = flags.DEFINE_enum(
    "label_set", None, list(labels.LABEL_SETS), "Ids of a folder's labels; none: what its dataset.json says, or helen."
)
SPLIT = flags.DEFINE_enum("split", "train", SPLITS, "Part of an official archive; a folder is written whole.")
RESOLUTION = flags.DEFINE_integer("resolution", 256, "Size in pixels.", lower_bound=1)
OUTPUT = flags.DEFINE_string("output", None, "Folder for the shards and index.json.", required=True)
SHARDS = flags.DEFINE_integer("shards", 1, "Number of files.", lower_bound=1)
IMAGE_FORMAT = flags.DEFINE_enum("image_format", "jpeg", ["jpeg", "png"], "JPEG of quality 95, or lossless PNG.")


def main(_: list[str]) -> None:
    """Writes the records that the flags describe."""
    from mgpe_tf.data import tfrecord

    portraits = open_layout(LAYOUT.value, INPUT.value, LABEL_SET.value or "", RESOLUTION.value, SPLIT.value)
    require_sound(portraits)
    require_known(portraits.unknown, INPUT.value)
    encode = images.encode_png if IMAGE_FORMAT.value == "png" else images.encode_jpeg
    progress = functools.partial(progress_bar, total=len(portraits), unit="portrait")
    with working_in(Path(OUTPUT.value), f"--output={OUTPUT.value}"):
        tfrecord.write_records(portraits, OUTPUT.value, SHARDS.value, encode, progress)
    print(f"{len(portraits)} portraits in {SHARDS.value} files: {OUTPUT.value}")


if __name__ == "__main__":
    cli.run(main)
