"""Feeds the readers of untrusted files with inputs that atheris invents, until one raises anything but a UserError.

  python -m tools.fuzz image --seconds=600 --corpus=build/fuzz

Readers: image, frames, label, marks, xmp, recipe, config, runs (see tools/fuzz_targets.py). The input that a reader
failed on is written to CORPUS/READER-crash-..., with a traceback on stderr. Once mended, it goes, small, to
tests/hostile/findings/READER-NAME, where the tests read it for good. atheris: pip install 'mgpe_tf[fuzz]'
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from pathlib import Path

from absl import flags

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli
from mgpe_tf.errors import UserError

SECONDS = flags.DEFINE_integer("seconds", 600, "How long.", 1)
CORPUS = flags.DEFINE_string("corpus", "build/fuzz", "Folder for inputs that reached new code; they are used again.")


def main(argv: list[str]) -> None:
    """Fuzzes the reader that is named; atheris ends the process."""
    try:
        import atheris
    except ImportError as error:
        raise UserError(f"atheris is missing ({error}): pip install 'mgpe_tf[fuzz]'") from error
    for name in [name for name in sys.modules if name.startswith("mgpe_tf")]:
        del sys.modules[name]  # imported anew, they tell atheris which of their lines an input reaches
    with atheris.instrument_imports(include=["mgpe_tf", "PIL", "json", "xml"]):
        from tools import fuzz_targets
    if len(argv) != 2 or argv[1] not in fuzz_targets.TARGETS:
        raise UserError(f"reader {' '.join(argv[1:])!r}; allowed: one of {', '.join(fuzz_targets.TARGETS)}")
    target, folder = argv[1], Path(CORPUS.value) / argv[1]
    folder.mkdir(parents=True, exist_ok=True)
    for seed in fuzz_targets.seeds(target):
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)

    def read(data: bytes) -> None:
        with contextlib.suppress(fuzz_targets.UserError):
            fuzz_targets.TARGETS[target](data)

    options = {
        "max_total_time": SECONDS.value,
        "max_len": 2**14,
        "rss_limit_mb": 2048,
        "timeout": 60,
        "artifact_prefix": f"{CORPUS.value}/{target}-",
        "print_final_stats": 1,
    }
    atheris.Setup([argv[0], *(f"-{name}={value}" for name, value in options.items()), str(folder)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    cli.run(main, positional=True)
