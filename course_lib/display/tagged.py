"""A tagged text: a tag over every word, or names lit up in their text."""

from collections.abc import Sequence
from html import escape

from course_lib.display.markup import Markup, Span, nothing, with_spans
from course_lib.display.style import VERMILION


def tagged_words(
    words: Sequence[str], tags: Sequence[str], right: Sequence[str] | None = None, sep: str = " "
) -> Markup:
    """Every word with its tag; with `right`, wrong tags stand out, the right one beside them.

    >>> tagged_words(["nina", "swam"], ["PROPN", "NOUN"], right=["PROPN", "VERB"])
    nina/PROPN swam/NOUN≠VERB

    Raises ValueError if words and tags differ in number.
    """
    right = tags if right is None else right
    if not len(words) == len(tags) == len(right):
        raise ValueError(f"{len(tags)} tags and {len(right)} right ones for {len(words)} words")
    if not words:
        return Markup(f"<p>{escape(nothing())}</p>", nothing())
    notes = [tag if tag == due else f"{tag}≠{due}" for tag, due in zip(tags, right, strict=True)]
    wrong = [tag != due for tag, due in zip(tags, right, strict=True)]
    html = sep.join(map(ruby, words, notes, wrong))
    plain = " ".join(f"{word}/{note}" for word, note in zip(words, notes, strict=True))
    return Markup(f'<p style="line-height:2.4">{html}</p>', plain)


def ruby(word: str, note: str, wrong: bool) -> str:
    """A word with a small note above it, as HTML writes readings above Japanese."""
    inner = f'<b style="color:{VERMILION}">{escape(note)}</b>' if wrong else escape(note)
    return f"<ruby>{escape(word)}<rp>/</rp><rt>{inner}</rt></ruby>"


def tagged_entities(words: Sequence[str], entities: Sequence[Span], sep: str = " ") -> Markup:
    """A text with its names lit up: entities are (start, end, kind), words[start:end] each.

    >>> tagged_entities(["nina", "swam", "on", "friday"], [(0, 1, "PERSON"), (3, 4, "DATE")])
    [nina PERSON] swam on [friday DATE]

    Raises ValueError if an entity lies outside the text, is empty, or overlaps another.
    """
    return with_spans(words, entities, sep)
