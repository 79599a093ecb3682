"""Serving the page: in a private folder that is emptied, without analytics, history or pages of strangers' making."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mgpe_tf.errors import UserError
from mgpe_tf.webapp.limits import RequestSize

# Before Gradio is imported: it asks for them once.
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_DISABLE_TELEMETRY="1")

import gradio as gr
from starlette.middleware import Middleware

from mgpe_tf.webapp import page, texts
from mgpe_tf.webapp.api import Api
from mgpe_tf.webapp.events import Events
from mgpe_tf.webapp.local_blocks import LocalBlocks
from mgpe_tf.webapp.studio import Studio

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this computer can reach."""

WAITING = 64
"""Requests that may wait for their turn."""

_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder that only this user can enter, for all temporary files of the process; it is deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mgpe_tf_app_"))
    before = tempfile.tempdir, os.environ.get("GRADIO_TEMP_DIR", "")
    tempfile.tempdir = os.environ["GRADIO_TEMP_DIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir, os.environ["GRADIO_TEMP_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def build(studio: Studio, examples: Sequence[Path]) -> gr.Blocks:
    """The page and the HTTP API of a studio."""
    limits = studio.limits
    every, age = 60, int(60 * limits.session_minutes)
    with LocalBlocks(title=texts.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(every, age)) as blocks:
        carries = studio.editor.networks.registering is not None
        Events(page.Page(limits, examples, carries), studio, blocks)
        Api(studio)
    return blocks.queue(max_size=WAITING, default_concurrency_limit=limits.concurrency)


@contextlib.contextmanager
def serving(studio: Studio, host: str, port: int, examples: Sequence[Path], share: bool = False) -> Iterator[str]:
    """Serves until the block is left; gives the address.

    Args:
      studio: does what users ask for.
      host, port: where it listens.
      examples: photographs to pick.
      share: whether Gradio opens a public link, through its own servers.

    Raises:
      UserError: it cannot listen there.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells how Gradio looks whether it is there itself
    blocks, limits = build(studio, examples), studio.limits
    middleware = [Middleware(RequestSize, max_bytes=limits.max_bytes + 2**20)]  # a file, and what is around it
    try:
        _, local, public = blocks.launch(
            server_name=host,
            server_port=port,
            share=share,
            quiet=True,
            prevent_thread_lock=True,
            theme=theme(),
            css=page.CSS,
            js=page.JS,
            max_file_size=limits.max_bytes,
            app_kwargs={"middleware": middleware},
            footer_links=["api"],
            state_session_capacity=16 * limits.max_sessions,
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
        )
    except OSError as error:
        why = str(error).partition(". ")[0]  # Gradio goes on about its own settings
        raise UserError(f"--host={host} --port={port}: {why}; choose another --port") from error
    over = threading.Event()
    threading.Thread(target=_expire, args=(studio.store.expire, over), daemon=True).start()
    try:
        yield public or local
    finally:
        over.set()
        blocks.close(verbose=False)


def theme() -> gr.themes.Base:
    """The look: one accent colour, on light and on dark."""
    accent, soft = "#0f766e", "#2dd4bf"
    return gr.themes.Default(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="slate",
        radius_size="lg",
        font=_FONTS,
        font_mono=("ui-monospace", "monospace"),
    ).set(
        color_accent=accent,
        button_primary_background_fill=accent,
        button_primary_background_fill_hover="#115e59",
        button_primary_background_fill_dark=soft,
        button_primary_background_fill_hover_dark="#5eead4",
        button_primary_text_color="white",
        button_primary_text_color_dark="#042f2e",
        slider_color=accent,
        slider_color_dark=soft,
    )


def _expire(expire: Callable[[], None], over: threading.Event, every: float = 30.0) -> None:
    """Ends sessions that nobody uses, also while nobody asks for anything."""
    while not over.wait(every):
        expire()
