"""An audit of a data set → the sentences that say what its numbers mean."""

from __future__ import annotations

from pneumo.evidence.audit.mean_films import compare_means
from pneumo.evidence.audit.records import ORIGINALS, Audit, Measure
from pneumo.ui.wording import join_names, percent

MEASURES = {
    "width": "Width",
    "height": "Height",
    "aspect": "Aspect ratio",
    "bytes": "File size",
    "brightness": "Brightness",
    "contrast": "Contrast",
}
_SOURCES = {"films": "audited files", "originals": "films at original size"}

OVERLAPS = {
    "person": "Person number alone",
    "bacteria": "Person number with cause: bacteria",
    "virus": "Person number with cause: virus",
    "any IM": "IM number alone",
    "IM": "IM number in the series IM",
    "NORMAL2-IM": "IM number in the series NORMAL2-IM",
}
"""How a number in a file name can be read, the loosest reading first."""

KINDS = {
    "bytes": "The same bytes",
    "pixels": "The same pixels",
    "near": "Nearly the same",
}

_FEW_FILMS = 100


def name_measure(measure: Measure) -> str:
    """Return a measure's name with what it was taken of."""
    return f"{MEASURES[measure.key]} · {_SOURCES[measure.source]}"


def describe_constants(audit: Audit) -> str:
    """Say what is the same for all audited films, empty if nothing is."""
    alike = [
        f"{MEASURES[measure.key].lower()} {measure.parts[0].quantiles[0]:g}"
        for measure in audit.measures
        if measure.source != ORIGINALS and not measure.varies
    ]
    if not alike:
        return ""
    return (
        f"All {audit.films:,} audited films have the same {', '.join(alike)}: they were scaled to "
        "one size before they came here, so what their size gave away has to be looked up in "
        "films at original size."
    )


def describe_colour(audit: Audit) -> str:
    """Say how many films were stored in colour, in the audited files and in the originals."""
    stored = sum(part.stored_as_colour for part in audit.parts)
    coloured = sum(part.coloured or 0 for part in audit.parts)
    text = f"Of {audit.films:,} audited files, {_say(stored)} have several colour channels"
    text += f", which really differ in {_say(coloured)}." if stored else "."
    for part in audit.original_parts:
        kind = "pneumonia" if part.label else "normal"
        text += (
            f" At original size, {_say(part.stored_as_colour)} of {part.films:,} {kind} films "
            f"({part.split}) have."
        )
    return text


def _say(number: int) -> str:
    return f"{number:,}" if number else "none"


def describe_overlap(audit: Audit) -> list[str]:
    """Say what is known about children in both train and test, and what is not."""
    found = {overlap.key: overlap for overlap in audit.overlaps}
    if not found:
        return ["There is no train beside a test split here, so nothing can overlap."]
    person, in_series = found["person"], [found[k] for k in ("bacteria", "virus") if k in found]
    lines = []
    if person.test:
        with_cause = sum(overlap.both for overlap in in_series)
        does = _count(with_cause, "number does", "numbers do", zero="no")
        lines.append(
            f"**Known:** {person.both:,} of the {person.test:,} person numbers in test also occur "
            f"in train, with {person.films_test:,} test films. Read together with the cause in the "
            f"name, bacteria or virus, {does}."
        )
    lines += [
        f"**Known:** {reuse.both:,} numbers occur in {reuse.first} as well as in {reuse.second} "
        f"({reuse.numbers_first:,} and {reuse.numbers_second:,} different numbers). So each series "
        "seems to count from one by itself, and a bare number names no child."
        for reuse in audit.reuse
        if reuse.both
    ]
    lines.append(
        "**Not known:** whether a child appears in two series, or under two numbers of one series. "
        "Nothing in the files says so."
    )
    pixels = audit.find_duplicates("pixels")
    if pixels.across_groups:
        lines.append(
            f"**A hint:** {_count(pixels.across_groups, 'set', 'sets')} of identical films "
            f"{'bears' if pixels.across_groups == 1 else 'bear'} two different numbers. Two "
            "numbers can therefore be one child."
        )
    lines.append(
        "**What is done here:** films of one series and number stay together in every fold and in "
        "every interval. Nothing stronger can be promised."
    )
    return lines


def conclude(audit: Audit) -> list[str]:
    """Say what a reader should keep in mind, each with its number."""
    return [
        *_conclude_on_classes(audit),
        *_conclude_on_files(audit),
        *_conclude_on_means(audit),
        *_conclude_on_duplicates(audit),
    ]


def _conclude_on_classes(audit: Audit) -> list[str]:
    total = {s: sum(p.films for p in audit.parts if p.split == s) for s in audit.splits}
    ill = {s: sum(p.films for p in audit.parts if p.split == s and p.label) for s in audit.splits}
    lines = []
    if {"train", "test"} <= total.keys():
        lines.append(
            f"**Pneumonia is {percent(ill['train'] / total['train'])} of train and "
            f"{percent(ill['test'] / total['test'])} of test.** Whoever always says pneumonia is "
            f"right on {percent(ill['test'] / total['test'])} of the test films. Where a "
            "network is used, the share will be another."
        )
    if 0 < total.get("val", 0) < _FEW_FILMS:
        lines.append(
            f"**The val split has {total['val']} films.** One film more or less is "
            f"{100 / total['val']:.0f} percentage points: nothing can be chosen on it."
        )
    return lines


def _conclude_on_files(audit: Audit) -> list[str]:
    if not audit.baselines:
        return []
    best = max(audit.baselines, key=lambda baseline: baseline.auc.value)
    what = join_names([MEASURES[name].lower() for name in best.features])
    return [
        f"**The files themselves give the class away.** From {what} alone a classifier reaches "
        f"AUC {best.auc:.3f} on {best.n:,} films ({_SOURCES[best.source]}), where guessing gives "
        "0.5. The page *Is it cheating?* tells what follows."
    ]


def _conclude_on_means(audit: Audit) -> list[str]:
    found = {}
    for label in (0, 1):
        train, test = audit.find_mean("train", label), audit.find_mean("test", label)
        if train and test:
            found[label] = compare_means(train, test)
    if len(found) < 2:
        return []
    first, second = ("normal", "pneumonia"), ("pneumonia", "normal")
    more, less = first if found[0].standardized > found[1].standardized else second
    of = {"normal": found[0], "pneumonia": found[1]}
    return [
        f"**Test is not drawn like train: the {more} films differ most.** Their mean films are "
        f"{of[more].standardized:.2f} standard deviations apart (n = {of[more].n_first:,} and "
        f"{of[more].n_second:,}; {of[more].by_chance:.2f} would be chance), those of the {less} "
        f"films {of[less].standardized:.2f} (n = {of[less].n_first:,} and "
        f"{of[less].n_second:,}; {of[less].by_chance:.2f} by chance). A threshold chosen on train "
        "meets other films in test."
    ]


def _conclude_on_duplicates(audit: Audit) -> list[str]:
    pixels, near = audit.find_duplicates("pixels"), audit.find_duplicates("near")
    sets = pixels.sets + near.sets
    if not sets:
        return ["**No two films are the same,** by any of the measures above."]
    across = pixels.across_splits + near.across_splits
    labels = pixels.across_labels + near.across_labels
    follows = (
        "A network may know such test films by heart."
        if across
        else "So no split holds a copy from another; within a split each copy counts double."
    )
    return [
        f"**{_count(sets, 'set', 'sets')} of films show one film twice or more,** exactly or "
        f"nearly: {_count(across, 'spans', 'span')} two splits, {_count(labels, 'has', 'have')} "
        f"two labels. {follows}"
    ]


def _count(number: int, one: str, many: str, *, zero: str = "none") -> str:
    """Return a number with its verb or noun.

    >>> _count(0, "spans", "span"), _count(1, "spans", "span"), _count(1200, "spans", "span")
    ('none spans', '1 spans', '1,200 span')
    """
    if not number:
        return f"{zero} {one}"
    return f"{number:,} {one if number == 1 else many}"
