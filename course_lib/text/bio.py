"""Entities as tags: B-LABEL begins one, I-LABEL continues it, O is outside of any.

Source: Ramshaw & Marcus (1995); in the form of CoNLL-2002, where every entity begins with B.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from course_lib.errors import CourseError
from course_lib.i18n import _

OUTSIDE = "O"


class Entity(NamedTuple):
    """Words start .. end - 1, and what they name."""

    start: int
    end: int
    label: str


def entities_of(tags: Sequence[str]) -> list[Entity]:
    """The entities of one sentence, in order: ["B-PER", "I-PER", "O"] -> [(0, 2, "PER")].

    A model may tag against the rules: an I that continues nothing, or something else, begins an
    entity, as the CoNLL script counts it. Raises CourseError for what is no BIO tag.
    """
    found: list[Entity] = []
    begin, before = 0, OUTSIDE
    for place, tag in enumerate([*repaired(tags), OUTSIDE]):
        if tag.startswith("I-"):
            continue
        if before != OUTSIDE:
            found.append(Entity(begin, place, before[2:]))
        begin, before = place, tag
    return found


def repaired(tags: Sequence[str]) -> list[str]:
    """The same entities, written by the rules: an I that continues nothing of its kind becomes B.

    Raises CourseError for what is no BIO tag.
    """
    mended: list[str] = []
    before = OUTSIDE
    for tag in tags:
        if tag != OUTSIDE and (tag[:2] not in ("B-", "I-") or len(tag) == 2):
            message = _("{tag!r} is no BIO tag: O, or B- or I- and what the word is part of")
            raise CourseError(message.format(tag=tag))
        continues = tag[:1] == "I" and before[1:] == tag[1:]
        mended.append(tag if tag == OUTSIDE or continues else f"B-{tag[2:]}")
        before = tag
    return mended


def bio_tags(entities: Iterable[Entity], n_words: int) -> list[str]:
    """Tags of a sentence of `n_words`. Raises ValueError if entities overlap or do not fit in."""
    tags = [OUTSIDE] * n_words
    for start, end, label in entities:
        if not 0 <= start < end <= n_words or any(tag != OUTSIDE for tag in tags[start:end]):
            raise ValueError(f"no room for {label} at {start}:{end} of {n_words} words")
        tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return tags
