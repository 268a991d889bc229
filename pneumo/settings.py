"""The environment, read once at the edge, as one frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

from pneumo.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """What the user can set from outside.

    Attributes:
        models_dir: PNEUMO_MODELS, folder of the trained networks; `models` by default.
        data_dir: PNEUMO_DATA, the user's own copy of the data set; None if not set.
        max_pixels: PNEUMO_MAX_PIXELS, most pixels that the intake decodes, so that no film
            takes a GB; 50 million.
        max_bytes: PNEUMO_MAX_BYTES, largest file that the intake reads; 200 MiB.
        prompts_dir: PNEUMO_PROMPTS, folder of the prompts and the prices; `prompts` by default.
        cache_dir: PNEUMO_CACHE, where answers of language models and compiled networks are
            kept; None for the user's cache folder.
        opinion_provider: PNEUMO_OPINION_PROVIDER, whose language model is asked; "openai".
        opinion_model: PNEUMO_OPINION_MODEL, the model's name; empty if not set.
        opinion_base_url: PNEUMO_OPINION_BASE_URL, the server's address; None for the
            provider's own.
        opinion_timeout_s: PNEUMO_OPINION_TIMEOUT_S, most seconds for one reading; 120.
        casebook_dir: PNEUMO_CASEBOOK, folder of the casebook's SQLite file; None for the user's
            data folder.
        database_url: PNEUMO_DATABASE_URL, a PostgreSQL or SQLite database to keep cases in
            instead; None for the file in the casebook's folder. May hold a password.
        retention_days: PNEUMO_RETENTION_DAYS, after how many days a case is deleted; None for
            never.
        instructors: PNEUMO_INSTRUCTORS, those who may begin classes where users sign in,
            separated by commas: each an e-mail address, in lower case here, or the issuer and the
            subject of an identity token with a space between.
        admins: PNEUMO_ADMINS, likewise, of those who may see the log of who did what.
        films_per_minute: PNEUMO_FILMS_PER_MINUTE, most films that one visitor has opened, and
            most that one has read, outside batches; 120.
        batch_films_per_minute: PNEUMO_BATCH_FILMS_PER_MINUTE, most films of the batches that one
            visitor begins; 2,000.
        uploads_per_minute: PNEUMO_UPLOADS_PER_MINUTE, most files that one browser session
            uploads; 1,200.
        upload_bytes_per_minute: PNEUMO_UPLOAD_BYTES_PER_MINUTE, most bytes likewise; 1 GiB.
        upload_bytes_held: PNEUMO_UPLOAD_BYTES_HELD, most bytes of one browser session's uploads
            that lie in the server's memory at a time; 1 GiB.
        opinions_per_minute: PNEUMO_OPINIONS_PER_MINUTE, most second opinions that one visitor
            asks for; 30.
    """

    models_dir: Path = REPOSITORY / "models"
    data_dir: Path | None = None
    max_pixels: int = 50_000_000
    max_bytes: int = 200 * 1024 * 1024
    prompts_dir: Path = REPOSITORY / "prompts"
    cache_dir: Path | None = None
    opinion_provider: str = "openai"
    opinion_model: str = ""
    opinion_base_url: str | None = None
    opinion_timeout_s: int = 120
    casebook_dir: Path | None = None
    database_url: str | None = field(default=None, repr=False)
    retention_days: int | None = None
    instructors: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    films_per_minute: int = 120
    batch_films_per_minute: int = 2_000
    uploads_per_minute: int = 1_200
    upload_bytes_per_minute: int = 1024 * 1024 * 1024
    upload_bytes_held: int = 1024 * 1024 * 1024
    opinions_per_minute: int = 30


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that an environment asks for.

    >>> read_settings({"PNEUMO_MAX_PIXELS": "1000"}).max_pixels
    1000

    Raises:
        SettingsError: a number is not a positive whole number.
    """
    given = os.environ if environment is None else environment
    data, cache = given.get("PNEUMO_DATA"), given.get("PNEUMO_CACHE")
    casebook = given.get("PNEUMO_CASEBOOK")
    return Settings(
        models_dir=Path(given.get("PNEUMO_MODELS") or Settings.models_dir),
        data_dir=Path(data) if data else None,
        max_pixels=_positive(given, "PNEUMO_MAX_PIXELS", Settings.max_pixels),
        max_bytes=_positive(given, "PNEUMO_MAX_BYTES", Settings.max_bytes),
        prompts_dir=Path(given.get("PNEUMO_PROMPTS") or Settings.prompts_dir),
        cache_dir=Path(cache) if cache else None,
        opinion_provider=given.get("PNEUMO_OPINION_PROVIDER") or Settings.opinion_provider,
        opinion_model=given.get("PNEUMO_OPINION_MODEL") or Settings.opinion_model,
        opinion_base_url=given.get("PNEUMO_OPINION_BASE_URL") or None,
        opinion_timeout_s=_positive(given, "PNEUMO_OPINION_TIMEOUT_S", Settings.opinion_timeout_s),
        casebook_dir=Path(casebook) if casebook else None,
        database_url=given.get("PNEUMO_DATABASE_URL") or None,
        retention_days=_positive(given, "PNEUMO_RETENTION_DAYS", None),
        instructors=_people(given, "PNEUMO_INSTRUCTORS"),
        admins=_people(given, "PNEUMO_ADMINS"),
        films_per_minute=_positive(given, "PNEUMO_FILMS_PER_MINUTE", Settings.films_per_minute),
        batch_films_per_minute=_positive(
            given, "PNEUMO_BATCH_FILMS_PER_MINUTE", Settings.batch_films_per_minute
        ),
        uploads_per_minute=_positive(
            given, "PNEUMO_UPLOADS_PER_MINUTE", Settings.uploads_per_minute
        ),
        upload_bytes_per_minute=_positive(
            given, "PNEUMO_UPLOAD_BYTES_PER_MINUTE", Settings.upload_bytes_per_minute
        ),
        upload_bytes_held=_positive(given, "PNEUMO_UPLOAD_BYTES_HELD", Settings.upload_bytes_held),
        opinions_per_minute=_positive(
            given, "PNEUMO_OPINIONS_PER_MINUTE", Settings.opinions_per_minute
        ),
    )


def _people(environment: Mapping[str, str], name: str) -> frozenset[str]:
    parts = (" ".join(part.split()) for part in environment.get(name, "").split(","))
    # An issuer and a subject, unlike an address, mean somebody else in other case.
    return frozenset(part if " " in part else part.lower() for part in parts if part)


@overload
def _positive(environment: Mapping[str, str], name: str, default: int) -> int: ...
@overload
def _positive(environment: Mapping[str, str], name: str, default: None) -> int | None: ...
def _positive(environment: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = environment.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{name} must be a positive whole number, not {text!r}: set it anew.")
    return int(text)
