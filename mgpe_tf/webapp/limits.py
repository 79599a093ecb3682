"""What a server grants its users, and the part of it that the web server enforces: the size of requests."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from mgpe_tf.data.images import MAX_MEGAPIXELS, MAX_PIXELS, MEGAPIXEL
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOGETHER = "studio"
"""Gradio's name for all requests that share the limit of concurrency; without one each kind has a limit of its own."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a server grants its users.

    Attributes:
      max_sessions: portraits that are edited at the same time.
      session_minutes: after so long without use a session ends and its files are deleted.
      max_megabytes: size of an uploaded file, in 2^20 bytes.
      max_megapixels: size of an uploaded photograph, in 2^20 pixels; at most ``images.MAX_MEGAPIXELS``, as everywhere.
      concurrency: requests that are worked on at the same time; the networks take one after the other.
    """

    max_sessions: int = 8
    session_minutes: float = 30
    max_megabytes: int = 100
    max_megapixels: float = MAX_MEGAPIXELS
    concurrency: int = 2

    @property
    def max_bytes(self) -> int:
        """Of an uploaded file."""
        return self.max_megabytes * 2**20

    @property
    def max_pixels(self) -> int:
        """Of an uploaded photograph."""
        return min(int(self.max_megapixels * MEGAPIXEL), MAX_PIXELS)


class RequestSize:
    """ASGI middleware: answers 413 to requests whose bodies are too large, and breaks off those that grow too large.

    Args:
      app: answers the others.
      max_bytes: the largest body.
    """

    def __init__(self, app: ASGIApp, max_bytes: int):
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        length = dict(scope.get("headers", ())).get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._max_bytes:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b"the request is too large"})
        else:
            await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        """`receive`, which fails when more has come than is allowed: bodies sent in chunks announce no length."""
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise UserError(f"a request of more than {self._max_bytes} bytes")
            return message

        return receive_some
