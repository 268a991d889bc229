"""Who may do what: the dashboard with and without a way to sign in."""

from __future__ import annotations

import asyncio

import pytest
from streamlit.testing.v1 import AppTest

from pneumo import AccessError, Settings, read_settings
from pneumo.ui.access.headers import HEADERS, Message, Receive, Scope, SecurityHeaders, Send
from pneumo.ui.access.limits import Limit, Limiter
from pneumo.ui.access.visitor import Person, Role, identify, require
from tests.app.conftest import FilmBytes

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "not a secret, a test",
    "hospital": {"client_id": "pneumo", "client_secret": "-", "server_metadata_url": "-"},
}
CLAIMS: dict[str, object] = {
    "iss": "https://id.example",
    "sub": "aB42",
    "email": "Ada@Example.org",
    "email_verified": True,
}


def test_without_a_way_to_sign_in_the_visitor_is_the_one_user(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == "Analyze a chest film"
    assert not app.sidebar.button
    assert "Administration" in [caption.value for caption in app.sidebar.caption]


def test_visitor_who_has_not_signed_in_sees_no_page_for_films(app: AppTest) -> None:
    app.secrets["auth"] = AUTH
    app.user = {"is_logged_in": False}
    app.run()
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert [button.label for button in app.button] == ["Sign in with hospital"]
    assert not app.file_uploader
    assert "Not a medical device" in app.warning[0].value


def test_signed_in_reader_is_named_beside_the_way_out(app: AppTest) -> None:
    app.user = {"is_logged_in": True, **CLAIMS}
    app.run()
    assert not app.exception
    assert app.title[0].value == "Analyze a chest film"
    assert [text.value for text in app.sidebar.text] == ["ada@example.org"]
    assert [button.label for button in app.sidebar.button] == ["Sign out"]
    assert "Administration" not in [caption.value for caption in app.sidebar.caption]


def test_sign_in_that_names_nobody_opens_no_page_for_films(app: AppTest) -> None:
    app.secrets["auth"] = AUTH
    app.user = {"is_logged_in": True, "email": "ada@example.org"}
    app.run()
    assert not app.file_uploader
    assert "did not say who you are" in app.error[0].value


def test_cases_belong_to_issuer_and_subject_not_to_an_address() -> None:
    moved = CLAIMS | {"email": "ada@elsewhere.org"}
    assert identify(CLAIMS, Settings()).owner == identify(moved, Settings()).owner
    stranger = CLAIMS | {"iss": "https://other.example"}
    assert identify(CLAIMS, Settings()).owner != identify(stranger, Settings()).owner


@pytest.mark.parametrize(
    ("settings", "role"),
    [
        (Settings(), Role.READER),
        (Settings(instructors=frozenset({"ada@example.org"})), Role.INSTRUCTOR),
        (Settings(admins=frozenset({"ada@example.org"})), Role.ADMIN),
        (read_settings({"PNEUMO_ADMINS": "ADA@example.org, b@example.org"}), Role.ADMIN),
        (read_settings({"PNEUMO_ADMINS": "https://id.example  aB42"}), Role.ADMIN),
        (read_settings({"PNEUMO_INSTRUCTORS": "x@y.org,https://id.example aB42"}), Role.INSTRUCTOR),
        (read_settings({"PNEUMO_ADMINS": "https://id.example ab42"}), Role.READER),
        (read_settings({"PNEUMO_ADMINS": "https://other.example aB42"}), Role.READER),
    ],
)
def test_roles_go_by_address_or_by_issuer_and_subject(settings: Settings, role: Role) -> None:
    assert identify(CLAIMS, settings).role is role


@pytest.mark.parametrize("verified", [False, "false", None, ""])
def test_address_that_nobody_verified_gives_no_role(verified: object) -> None:
    settings = Settings(admins=frozenset({"ada@example.org"}))
    assert identify(CLAIMS | {"email_verified": verified}, settings).role is Role.READER
    silent = {name: claim for name, claim in CLAIMS.items() if name != "email_verified"}
    assert identify(silent, settings).role is Role.READER


def test_token_about_nobody_is_refused() -> None:
    with pytest.raises(AccessError, match="did not say who you are"):
        identify({"email": "ada@example.org"}, Settings())


def test_reader_is_told_what_an_admin_may_see() -> None:
    with pytest.raises(AccessError, match="role admin"):
        require(Role.ADMIN, Person("a b", "Ada", Role.READER))
    require(Role.READER, Person("a b", "Ada", Role.ADMIN))


def test_limit_counts_each_visitor_apart_and_refuses_whole_requests() -> None:
    limiter, films = Limiter(), Limit("films", 3, "PNEUMO_FILMS_PER_MINUTE")
    limiter.count(films, "ada", amount=2)
    with pytest.raises(AccessError, match="PNEUMO_FILMS_PER_MINUTE"):
        limiter.count(films, "ada", amount=2)
    limiter.count(films, "ada")  # The refused two were not counted.
    limiter.count(films, "grace", amount=3)


@pytest.mark.parametrize(("path", "stored"), [("/media/film.jpg", False), ("/", True)])
def test_answers_carry_headers_and_films_are_not_kept_by_browsers(path: str, stored: bool) -> None:
    sent: list[Message] = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(answer)({"type": "http", "path": path}, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert headers["cache-control"] == ("no-cache" if stored else "no-store")
    assert {name.lower() for name in HEADERS} <= headers.keys()
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["connect-src"] == "'self' data: blob:"
    assert "'unsafe-" not in policy["script-src"]
    assert "'sha256-" in policy["script-src"]


def _choose(app: AppTest, film_bytes: FilmBytes, count: int) -> None:
    app.run()
    files = [(f"{seed}.png", film_bytes(seed), "image/png") for seed in range(count)]
    app.file_uploader[0].set_value(files)
    app.run()


def test_film_beyond_those_of_a_minute_is_not_decoded_until_there_is_room(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "1")
    _choose(app, film_bytes, 2)
    assert not app.exception
    visit = app.session_state["visit"]
    assert [film.label for film in visit.films] == ["0.png"]
    assert "PNEUMO_FILMS_PER_MINUTE" in app.error[0].value
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "2")
    app.run()
    assert [film.label for film in app.session_state["visit"].films] == ["0.png", "1.png"]
    assert not app.error


def test_too_many_films_are_refused_in_words_and_stay_chosen(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "2")
    _choose(app, film_bytes, 2)
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "1")
    next(button for button in app.button if button.label == "Analyze Image").click()
    app.run()
    assert not app.exception
    assert "PNEUMO_FILMS_PER_MINUTE" in app.warning[1].value
    assert [text.value for text in app.main.text] == ["0.png", "1.png"]
