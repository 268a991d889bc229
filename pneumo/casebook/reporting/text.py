"""Words of a reader or of a language model → passages that can be printed: clean, shortened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LINE = 120
"""Letters that fill a line of a page; a line break is counted as the rest of its line."""

UNPRINTABLE = (
    "No font of this machine can draw some characters of words that are not our own; in "
    "their place stand names in brackets. Debian's packages fonts-noto-core, "
    "fonts-noto-cjk and fonts-noto-color-emoji have them; the HTML report has them as they are."
)

_ELLIPSIS = " …"
_JOINER = "\u200d"
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\v\f\x85]")
# Marks that turn the order of what follows around could make a text read as another.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True)
class Fit:
    """How much of what may be long is printed: letters, or numbers of rows; None for all.

    Attributes:
        line: letters of a title, a model's name, a tag or a source.
        note: letters of the reader's note.
        prose: letters of the opinion's impression.
        aside: letters of its limitations, of its reason about the film, and of what it changed.
        finding: letters of a finding's name.
        rows: findings, networks, reads, tags and the gate's remarks, of each so many.
        picture_mm: height of the pictures on paper.
        text_pt: size of the letters on paper.
    """

    line: int | None = None
    note: int | None = None
    prose: int | None = None
    aside: int | None = None
    finding: int | None = None
    rows: int | None = None
    picture_mm: int = 58
    text_pt: float = 7.6


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of somebody's own words.

    Attributes:
        text: without any mark-up of ours, to be escaped where it is printed.
        direction: from which side it is read.
        language: "ja", "ko" or "zh" where the script tells, since fonts draw the same character
            differently for each; else empty.
    """

    text: str
    direction: Literal["ltr", "rtl"]
    language: str


@dataclass(frozen=True)
class Passage:
    """Somebody's own words.

    Attributes:
        paragraphs: none where there are no words.
        letters: how many letters the whole has.
        left_out: how many of them are not printed.
    """

    paragraphs: tuple[Paragraph, ...]
    letters: int
    left_out: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything to print."""
        return bool(self.paragraphs)

    @property
    def text(self) -> str:
        """All that is printed, on one line."""
        return " ".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True)
class Setter:
    """Sets words for a page: those of a machine without a font for them are named instead.

    Attributes:
        unprintable: characters that no font of this machine can draw.
    """

    unprintable: frozenset[str] = frozenset()

    def set_passage(self, text: str, *, most: int | None = None) -> Passage:
        """Return a text as paragraphs.

        Args:
            text: as it was typed or written.
            most: letters of Latin width that it may take up; None for all of it.
        """
        whole = clean(text)
        kept = whole if most is None else _shorten(whole, most)
        left_out = 0 if kept is whole else len(whole) - len(kept.removesuffix(_ELLIPSIS))
        lines = (line.strip() for line in self._name(kept).split("\n"))
        return Passage(tuple(_set_line(line) for line in lines if line), len(whole), left_out)

    def set_line(self, text: str, *, most: int | None = None) -> Paragraph:
        """Return a text as a single line, empty if there is nothing in it."""
        return _set_line(self.set_passage(" ".join(clean(text).split()), most=most).text)

    def _name(self, text: str) -> str:
        """Put names in brackets in the place of what cannot be drawn: no empty boxes."""
        if not self.unprintable:
            return text
        run = f"[{re.escape(''.join(sorted(self.unprintable)))}]+"
        return re.sub(run, lambda found: _name_run(found.group()), text)


def _name_run(run: str) -> str:
    if len(run) > 2:
        return f"[{len(run)} characters without a font]"
    return "".join(f"[{unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}]" for sign in run)


def say_moment(moment: datetime | str) -> str:
    """Return a time as people write it, in UTC; an ISO 8601 text is read as one.

    >>> say_moment("2026-01-02T03:04:05+00:00")
    '2026-01-02 03:04 UTC'
    """
    time = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def say_cut(name: str, count: int, unit: str = "") -> list[str]:
    """Say how much of something is left out; nothing if all of it is there.

    >>> say_cut("the note", 1200, "letters"), say_cut("the tags", 2), say_cut("the tags", 0)
    (['1,200 letters of the note'], ['2 of the tags'], [])
    """
    return [f"{count:,} {unit} of {name}".replace("  ", " ")] if count else []


def beyond(rows: Sequence[object], most: int | None) -> int:
    """Count the rows that are more than the most that are printed."""
    return 0 if most is None else max(0, len(rows) - most)


def clean(text: str) -> str:
    r"""Return a text without signs that are no letters: controls, halves of pairs, turning marks.

    >>> clean("seen\x00 \u202etwice\r\n")
    'seen twice'
    """
    lines = _TURNING.sub("", _LINE_ENDS.sub("\n", text))
    return "".join(
        sign
        if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")
        else " " * (sign == "\t")
        for sign in lines
    ).strip()


def find_direction(text: str) -> Literal["ltr", "rtl"]:
    """Return the direction of a text's first letter that has one (Unicode UAX 9, rule P2).

    >>> find_direction("2. שלום"), find_direction("ok שלום"), find_direction("12")
    ('rtl', 'ltr', 'ltr')
    """
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def _set_line(text: str) -> Paragraph:
    return Paragraph(text, find_direction(text), _find_language(text))


def _find_language(text: str) -> str:
    for language, script in (("ja", _KANA), ("ko", _HANGUL), ("zh", _HAN)):
        if script.search(text):
            return language
    return ""


def _shorten(text: str, most: int) -> str:
    """Return a text, or as much of its beginning as fits, to a whole word where there are any."""
    room, column = float(most), 0.0
    for place, sign in enumerate(text):
        # A Chinese character is as wide as two letters.
        width = 2.0 if unicodedata.east_asian_width(sign) in "WF" else 1.0
        if sign == "\n":
            width, column = LINE - column % LINE, 0.0
        else:
            column += width
        room -= width
        if room < 0:
            return _end_well(text, place) + _ELLIPSIS
    return text


def _hangs_on(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf")


def _end_well(text: str, place: int) -> str:
    """Cut before a place, and before a whole sign with its marks."""
    space = max(text.rfind(" ", 0, place), text.rfind("\n", 0, place))
    if space > place - 30 and space > 0:
        return text[:space].rstrip()
    while place > 0 and (_hangs_on(text[place]) or text[place - 1] == _JOINER):
        place -= 1
    return text[:place].rstrip()
