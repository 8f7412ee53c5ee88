"""Texts with entities given by their characters, as words and tags; and back again.

For text without spaces the tokens themselves are the words: each gets a tag.
"""

from collections.abc import Sequence

from course_lib.data.corpora import Span, SpannedText
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.alignment import token_spans, tokens_at
from course_lib.text.bio import Entity, bio_tags, entities_of
from course_lib.text.tokenizer import Tokenizer


def entity_tags(text: SpannedText, tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """Tokens and their BIO tags. A token that holds a part of an entity belongs to it.

    Where that gives a token to two entities, it belongs to the first. Raises CourseError for a span
    outside the text.
    """
    spans = token_spans(text.text, tokenizer)
    found: list[Entity] = []
    for start, end, label in sorted((s.start, s.end, s.label) for s in text.spans):
        if not 0 <= start < end <= len(text.text):
            message = _("{label} at characters {start} to {end} is not inside its text of {n}")
            values = {"label": label, "start": start, "end": end, "n": len(text.text)}
            raise CourseError(message.format(**values))
        first, last = tokens_at(spans, start, end)
        first = max(first, found[-1].end if found else 0)
        if first < last:
            found.append(Entity(first, last, label))
    return tokenizer.tokens(text.text), bio_tags(found, len(spans))


def tagged_spans(text: str, tags: Sequence[str], tokenizer: Tokenizer) -> list[Span]:
    """The entities that the tokens' tags name, by their characters, without spaces around them.

    Raises ValueError unless there is one tag for each token.
    """
    spans = token_spans(text, tokenizer)
    if len(spans) != len(tags):
        raise ValueError(f"{len(tags)} tags for {len(spans)} tokens")
    found = []
    for first, last, label in entities_of(tags):
        start, end = spans[first][0], spans[last - 1][1]
        inner = text[start:end]
        start += len(inner) - len(inner.lstrip())
        found.append(Span(start, max(start, end - len(inner) + len(inner.rstrip())), label))
    return found


def character_tags(spans: Sequence[Span], n_characters: int) -> list[str]:
    """Spans as one BIO tag for each character, so that they can be scored whatever the tokens.

    Raises ValueError if they overlap or do not fit in.
    """
    return bio_tags([Entity(s.start, s.end, s.label) for s in spans], n_characters)
