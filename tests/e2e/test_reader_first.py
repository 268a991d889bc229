"""A reader who commits before the machine speaks: until then nothing of it reaches the browser."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.acts import choose, drop, press, settle
from tests.e2e.conftest import Visit
from tests.e2e.films import draw_picture
from tests.e2e.looks import assert_fit_in_every_look

VERDICT = b"Probability of PNEUMONIA"


def frames_of(page: Page) -> list[bytes]:
    """Collect what the server sends to a page from its next load on."""
    received: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        received.append(frame.encode() if isinstance(frame, str) else frame)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", keep)

    page.on("websocket", listen)
    return received


def test_nothing_of_the_networks_is_sent_before_the_reader_commits(visit: Visit) -> None:
    page = visit()
    received = frames_of(page)
    page.reload()
    settle(page)
    drop(page, ("person1_bacteria_1.png", draw_picture()))
    page.get_by_role("switch", name="Read it yourself first").check(force=True)
    settle(page)
    press(page, "Analyze Image")
    expect(page.get_by_role("button", name="Commit my read")).to_be_disabled()
    settle(page)
    assert_fit_in_every_look(page, "state-reader-first")
    choose(page, "Does the film show pneumonia?", "PNEUMONIA")
    choose(page, "How sure are you?", "High")
    choose(page, "On which side", "Right")
    choose(page, "In which zone?", "Lower")
    expect(page.get_by_role("button", name="Commit my read")).to_be_enabled()
    sent = b"".join(received)
    assert len(sent) > 1_000
    for word in (VERDICT, b"Where the networks looked", b"plotly_chart"):
        assert word not in sent
    # A name can give the answer away: it was shown while the film was chosen, and is gone now.
    assert "person1_bacteria" not in page.content()
    press(page, "Commit my read")
    expect(page.get_by_role("heading", name="Where the networks looked")).to_be_visible()
    settle(page)
    assert VERDICT in b"".join(received)
    press(page, "No, I keep my read")
    expect(page.get_by_text("Second opinion: a language model")).to_be_visible()
    settle(page)
    assert_fit_in_every_look(page, "state-reader-committed")
