"""A page that fetches nothing on anybody's behalf, and that may be closed while it works."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import gradio as gr


class LocalBlocks(gr.Blocks):
    """A page that refuses files which a request names by an address; Gradio would download them."""

    async def process_api(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """See ``gr.Blocks``. Who closes or reloads the page while it draws leaves work behind whose files are deleted:
        that is no error of the server, and nothing for its log."""
        try:
            return await super().process_api(*arguments, **options)
        except FileNotFoundError as error:
            if not Path(str(error.filename)).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
                raise
            raise gr.Error("the session has ended; open the photograph again", print_exception=False) from error

    async def preprocess_data(self, block_fn: Any, inputs: Any, state: Any, explicit_call: bool = False) -> Any:
        """See ``gr.Blocks``."""
        refuse_addresses(inputs)
        return await super().preprocess_data(block_fn, inputs, state, explicit_call)


def refuse_addresses(value: Any) -> None:
    """Raises gr.Error if a file in a request, at any depth, has a path that is the address of another server."""
    if isinstance(value, dict):
        path = value.get("path")
        if isinstance(path, str) and "://" in path:
            raise gr.Error(f"{path[:80]}: files are uploaded, not fetched", print_exception=False)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            refuse_addresses(each)
