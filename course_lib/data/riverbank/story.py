"""Stories and sentences: words, and everything known about them, made when it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from course_lib.data.riverbank.japanese import japanese
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.meaning import Meaning
from course_lib.data.riverbank.words import Token


class Sentence:
    """One sentence: its tokens, with tags and senses, and what it means."""

    def __init__(self, tokens: Sequence[Token], meaning: Meaning) -> None:
        self.tokens, self.meaning = tuple(tokens), meaning

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(map(str, self.tokens))

    @property
    def tags(self) -> tuple[str, ...]:
        """Universal parts of speech: NOUN, VERB, ..."""
        return tuple(token.pos for token in self.tokens)

    @property
    def senses(self) -> tuple[str | None, ...]:
        """bank/river or bank/money for a word with two senses, None for any other."""
        return tuple(token.sense for token in self.tokens)

    @property
    def entities(self) -> tuple[str, ...]:
        """BIO tags of PERSON, PLACE, ORG and DATE."""
        return tuple(token.entity for token in self.tokens)

    @cached_property
    def japanese(self) -> tuple[str, ...]:
        """The same in Japanese, in short words."""
        return japanese(self.meaning)

    @property
    def japanese_text(self) -> str:
        return "".join(self.japanese)

    @property
    def text(self) -> str:
        """Readable English: Nina walked to the beach."""
        return readable(self.tokens)


@dataclass(frozen=True)
class Story:
    """A story: its topic and its words, in lower case, with punctuation and without </s>."""

    topic: str
    words: tuple[str, ...]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences, with all that is known about them."""
        tokens, told = language(unseen=True).annotate(self.topic, self.words)
        return tuple(map(Sentence, split(tokens), told))

    @property
    def text(self) -> str:
        """Readable English."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def japanese_text(self) -> str:
        return "".join(sentence.japanese_text for sentence in self.sentences)


def split(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens by sentence: each ends with a full stop."""
    sentence: list[Token] = []
    for token in tokens:
        sentence.append(token)
        if token == ".":
            yield sentence
            sentence = []


def readable(tokens: Sequence[Token]) -> str:
    """Tokens as a reader expects them: capitals, and no space before a full stop or comma."""
    text = ""
    for token in tokens:
        word = str(token).capitalize() if not text or token.pos == "PROPN" else str(token)
        text += word if not text or token.pos == "PUNCT" else f" {word}"
    return text
