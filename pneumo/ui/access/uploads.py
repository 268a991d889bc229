"""Uploads on their way to the server → let in, or refused before any of their bytes are kept.

Streamlit keeps an uploaded file in memory until its session ends or takes it back, whether or not a
page ever looks at it: what a page checks comes too late for that.
"""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus

from starlette.responses import PlainTextResponse

from pneumo import AccessError, PneumoError, Settings, read_settings
from pneumo.ui.access.headers import Application, Receive, Scope, Send
from pneumo.ui.access.held_files import held_bytes
from pneumo.ui.access.limits import Limit, Limiter

PER_ADDRESS = 4
"""How many times what one browser session may upload one address may: a ward shares one."""

_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+$")
_MEBIBYTE = 1024 * 1024
# A proxy on this machine makes all addresses alike: then each session counts for itself.
_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}


class UploadLimits:
    """Middleware that bounds what a session and an address upload in a minute, and what is held."""

    def __init__(self, app: Application) -> None:
        """Take the application that keeps uploads."""
        self._app = app
        self._limiter: Limiter | None = None
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer an upload that is too much in plain words."""
        upload = _UPLOAD.search(scope["path"]) if scope["type"] == "http" else None
        if upload is None or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        session, size = upload["session"], _size_of(scope)
        refusal = self._refuse(scope, session, size)
        if refusal is not None:
            # A browser that is answered before it has sent all sees a broken line, not the answer.
            while (await receive()).get("more_body"):
                pass
            await refusal(scope, receive, send)
            return
        self._coming[session] += size or 0
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size or 0
            if not self._coming[session]:
                del self._coming[session]

    def _refuse(self, scope: Scope, session: str, size: int | None) -> PlainTextResponse | None:
        if size is None:
            words = "Expected the size of the file before the file (Content-Length)."
            return PlainTextResponse(words, HTTPStatus.LENGTH_REQUIRED)
        try:
            settings = read_settings()
            most = settings.upload_bytes_held
            if size + self._coming[session] + held_bytes(session) > most:
                return PlainTextResponse(
                    f"At most {most / _MEBIBYTE:,.0f} MiB of files are held for one visit: remove "
                    "some of them, or raise PNEUMO_UPLOAD_BYTES_HELD on the server.",
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                )
            self._count(scope, session, size, settings)
        except AccessError as error:
            return PlainTextResponse(
                str(error), HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"}
            )
        except PneumoError as error:
            return PlainTextResponse(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def _count(self, scope: Scope, session: str, size: int, settings: Settings) -> None:
        limiter = self._limiter = self._limiter or Limiter()
        address = (scope.get("client") or ("",))[0]
        visitors = {f"session {session}": 1}
        if address and address not in _THIS_MACHINE:
            visitors[f"address {address}"] = PER_ADDRESS
        for visitor, share in visitors.items():
            files, size_limit = settings.uploads_per_minute, settings.upload_bytes_per_minute
            limiter.count(
                Limit("uploaded files", files * share, "PNEUMO_UPLOADS_PER_MINUTE"), visitor
            )
            limiter.count(
                Limit("uploaded bytes", size_limit * share, "PNEUMO_UPLOAD_BYTES_PER_MINUTE"),
                visitor,
                amount=size,
            )


def _size_of(scope: Scope) -> int | None:
    """Return the bytes that a request says it will send; None if it does not say so."""
    given = dict(scope["headers"]).get(b"content-length", b"").decode("ascii", "replace")
    return int(given) if given.isdecimal() and len(given) < 16 else None
