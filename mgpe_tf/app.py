"""Serves the web page in which photographs are edited, on this computer.

  python -m mgpe_tf.app                                      # http://127.0.0.1:7860
  python -m mgpe_tf.app --model=runs/editor --parser=runs/parser --examples=photographs --port=8000

Drop a photograph: the face is found and edited by one click, with a second photograph, or by painting its mask, and
the result is shown; the original, while it is pressed. Other programs do the same by an HTTP API
(docs/how-to/app.md). Photographs stay in a private temporary folder, which is emptied; nothing is sent anywhere.

Only this computer reaches the page. --host=0.0.0.0 opens it to the network and --share to the whole internet, through
a server of Gradio: there is no password, so whoever finds the address can use it. Needs pip install
'mgpe_tf[app,detect]', then pip install --no-deps 'pillow>=13': Gradio asks for an older Pillow, and with that one the
page is opened to nobody else.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path

from absl import flags

from mgpe_tf import cli
from mgpe_tf.data.formats import SUFFIXES, is_picture_name
from mgpe_tf.data.images import MAX_MEGAPIXELS as MOST_MEGAPIXELS
from mgpe_tf.data.images import unsafe_decoder
from mgpe_tf.errors import UserError
from mgpe_tf.models.shipped import EDITOR, PARSER, model_path
from mgpe_tf.webapp import EXAMPLES
from mgpe_tf.webapp.limits import Limits

MODEL = flags.DEFINE_string("model", None, f"Run folder or exported folder of an editor; none: saved_models/{EDITOR}.")
PARSER_MODEL = flags.DEFINE_string("parser", None, f"Parser; none: saved_models/{PARSER}.")
PHOTOGRAPHS = flags.DEFINE_string(
    "examples", None, "Folder of photographs that the page offers to pick; none: two that are in the public domain."
)
HOST = flags.DEFINE_string("host", "127.0.0.1", "Address to listen at; 0.0.0.0: all of this computer's.")
PORT = flags.DEFINE_integer("port", 7860, "Port to listen at.", 1, 65535)
SHARE = flags.DEFINE_bool("share", False, "Open a public link through a server of Gradio.")
MAX_SESSIONS = flags.DEFINE_integer("max_sessions", Limits.max_sessions, "Portraits edited at the same time.", 1)
SESSION_MINUTES = flags.DEFINE_float(
    "session_minutes", Limits.session_minutes, "Photographs are deleted after so long without use.", 1
)
MAX_MEGABYTES = flags.DEFINE_integer("max_megabytes", Limits.max_megabytes, "Largest file that is taken.", 1, 512)
MAX_MEGAPIXELS = flags.DEFINE_float(
    "max_megapixels", Limits.max_megapixels, "Largest photograph that is taken.", 0.1, MOST_MEGAPIXELS
)
CONCURRENCY = flags.DEFINE_integer("concurrency", Limits.concurrency, "Requests worked on at the same time.", 1)


def main(argv: list[str]) -> int:
    """Serves until it is stopped; returns the exit code."""
    if importlib.util.find_spec("gradio") is None:
        raise UserError("the web page needs gradio: pip install 'mgpe_tf[app]'")
    paths = {"editor": model_path("editor", MODEL.value), "parser": model_path("parser", PARSER_MODEL.value)}
    examples = example_files()
    cli.begin_loading()
    from mgpe_tf.editing.files import models_of
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.webapp import server
    from mgpe_tf.webapp.studio import Studio

    open_to_others = SHARE.value or HOST.value not in server.LOOPBACK
    if flaw := unsafe_decoder():
        if open_to_others:
            raise UserError(f"{flaw}; or leave out --host and --share")
        print(f"warning: {flaw}", file=sys.stderr, flush=True)
    limits = Limits(
        MAX_SESSIONS.value, SESSION_MINUTES.value, MAX_MEGABYTES.value, MAX_MEGAPIXELS.value, CONCURRENCY.value
    )
    editor = PortraitEditor.load(paths["editor"], paths["parser"])
    with server.private_folder() as folder:
        studio = Studio(editor, models_of(paths), limits, folder)
        studio.warm_up()
        with server.serving(studio, HOST.value, PORT.value, examples, SHARE.value) as address:
            print(f"The page: {address}  (Ctrl-C stops it)", flush=True)
            if open_to_others:
                print(
                    "warning: others can reach this page, and there is no password: whoever knows the address can "
                    "use it",
                    file=sys.stderr,
                    flush=True,
                )
            signal.pause()
    return 0


def example_files() -> list[Path]:
    """The photographs of --examples, or the bundled ones; UserError if there are none."""
    folder = Path(PHOTOGRAPHS.value) if PHOTOGRAPHS.value else EXAMPLES
    found = sorted(path for path in folder.glob("*") if is_picture_name(path.name))
    if not found:
        raise UserError(f"--examples={folder}: no photographs there; allowed: a folder with {', '.join(SUFFIXES)}")
    return found


if __name__ == "__main__":
    cli.run(main)
