"""Uploads that are too much are refused before they are kept, and none is kept for too long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.ui.access.headers import Message, Receive, Scope, Send
from pneumo.ui.access.uploads import PER_ADDRESS, UploadLimits
from tests.app.conftest import FilmBytes

MEBIBYTE = 1024 * 1024


@dataclass
class Server:
    """What stands behind the limits: it counts what reaches it."""

    taken: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.taken.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})


def put(
    limits: UploadLimits,
    *,
    session: str = "ada",
    size: int | None = 10,
    client: str = "192.0.2.1",
    method: str = "PUT",
) -> tuple[int, str]:
    """Upload a file, and return the number and the words of the answer."""
    path = f"/_stcore/upload_file/{session}/file"
    headers = [(b"content-length", str(size).encode())] if size is not None else []
    chunks = iter([True, True, False])
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x", "more_body": next(chunks)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(limits({**scope, "client": (client, 1)}, receive, send))
    if sent[0]["status"] != 204:
        assert next(chunks, None) is None, "a browser sees no answer before it has sent all"
        assert dict(sent[0]["headers"])[b"content-type"].startswith(b"text/plain")
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent).decode()


def test_one_session_uploads_so_many_files_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PNEUMO_UPLOADS_PER_MINUTE", "3")
    server = Server()
    limits = UploadLimits(server)
    assert [put(limits)[0] for _ in range(3)] == [204] * 3
    status, words = put(limits)
    assert status == 429
    assert "PNEUMO_UPLOADS_PER_MINUTE" in words
    assert len(server.taken) == 3
    assert put(limits, method="DELETE")[0] == 204
    assert put(limits, session="grace")[0] == 204


def test_one_session_uploads_so_many_bytes_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PNEUMO_UPLOAD_BYTES_PER_MINUTE", str(200 * MEBIBYTE))
    limits = UploadLimits(Server())
    answers = [put(limits, size=20 * MEBIBYTE)[0] for _ in range(12)]
    assert answers == [204] * 10 + [429] * 2


def test_one_address_gets_no_further_by_beginning_many_sessions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_UPLOADS_PER_MINUTE", "2")

    def ask(client: str) -> list[int]:
        limits = UploadLimits(Server())
        return [put(limits, session=str(k), client=client)[0] for k in range(2 * PER_ADDRESS + 2)]

    assert ask("192.0.2.1") == [204] * (2 * PER_ADDRESS) + [429] * 2
    assert set(ask("127.0.0.1")) == {204}, "a proxy on this machine makes all addresses alike"


def test_file_of_unknown_size_is_not_taken() -> None:
    server = Server()
    assert put(UploadLimits(server), size=None)[0] == 411
    assert not server.taken


def test_no_more_is_on_its_way_at_once_than_one_session_may_have_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_UPLOAD_BYTES_HELD", str(30 * MEBIBYTE))
    seen: list[int] = []

    async def meanwhile(scope: Scope, receive: Receive, send: Send) -> None:
        if not seen:
            seen.append(0)
            scope = {**scope, "headers": [(b"content-length", str(20 * MEBIBYTE).encode())]}

            async def see(message: Message) -> None:
                seen.append(message.get("status", 0))

            await limits(scope, receive, see)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    limits = UploadLimits(meanwhile)
    assert put(limits, size=20 * MEBIBYTE)[0] == 204
    assert 413 in seen
    assert put(limits, size=20 * MEBIBYTE)[0] == 204, "what has arrived is no longer on its way"


def test_next_visit_begins_without_the_files_of_the_last(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

    gone: list[str] = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda self, session, file: gone.append(file)
    )
    app.run()
    app.file_uploader[0].set_value([("a.png", film_bytes(1), "image/png")])
    app.run()
    (file_id,) = app.session_state["visit"].uploads
    next(button for button in app.button if button.label == "Analyze Image").click()
    app.run()
    assert not gone
    next(button for button in app.button if button.label == "Analyze Another Image").click()
    app.run()
    assert gone == [file_id]


def test_batch_of_more_films_than_a_minute_takes_is_refused_in_words(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_BATCH_FILMS_PER_MINUTE", "1")
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "1")  # It bounds no batch.
    app.run()
    app.switch_page("pages/reading/batch.py").run()
    for count in (2, 1):
        app.file_uploader[0].set_value(
            [(f"{seed}.png", film_bytes(seed), "image/png") for seed in range(count)]
        )
        app.run()
        next(button for button in app.button if button.label == "Read the films").click()
        app.run()
        assert not app.exception
        if count == 2:
            assert "PNEUMO_BATCH_FILMS_PER_MINUTE" in app.warning[1].value
            assert "batch" not in app.session_state
    app.session_state["batch"].cancel()
    app.session_state["batch"].wait(60)
