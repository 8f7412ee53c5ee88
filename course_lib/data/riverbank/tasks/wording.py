"""Words of tasks: tuples that know how a reader writes them, and the tables of tasks.txt."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.lexicon import FOLDER
from course_lib.data.riverbank.story import Sentence, Story
from course_lib.data.riverbank.tables import Table
from course_lib.data.riverbank.words import Token

END_MARKS = (".", "?", ":")
NO_SPACE = (".", "?", ",", ":")
LANGUAGES = ("english", "japanese")


class Words(tuple[str, ...]):
    """Lower-case words and punctuation marks; `text` is the same as a reader expects it."""

    proper: frozenset[int]  # the places of names

    def __new__(cls, tokens: Iterable[str] = ()) -> "Words":
        tokens = tuple(tokens)
        words = super().__new__(cls, map(str, tokens))
        words.proper = frozenset(
            place for place, token in enumerate(tokens) if getattr(token, "pos", "") == "PROPN"
        )
        return words

    @property
    def text(self) -> str:
        """Capitals for names and after a full stop; no space before a full stop or comma."""
        text = ""
        for place, form in enumerate(self):
            first = not text or text.endswith(END_MARKS)
            shown = form.capitalize() if first or place in self.proper or form == "i" else form
            text += shown if not text or form in NO_SPACE else f" {shown}"
        return text

    def tokens(self) -> Iterator[Token]:
        """The words one by one, still known to be names or not: for use in a longer text."""
        for place, form in enumerate(self):
            yield Token(form, "PROPN" if place in self.proper else "X")

    def changed(self, other: Mapping[str, str]) -> "Words":
        """The same with some words exchanged, one for one."""
        words = Words(other.get(word, word) for word in self)
        words.proper = self.proper
        return words


def told(sentences: Iterable[Sentence]) -> Words:
    """The words of some sentences."""
    return Words(token for sentence in sentences for token in sentence.tokens)


def passage(story: Story) -> Words:
    """The words of a whole story."""
    return told(story.sentences)


def word(form: str) -> Token:
    """A word of the grammar, or one that only tasks use."""
    pos = "PUNCT" if form in NO_SPACE else "PROPN" if form in LANGUAGES else "X"
    return whole_lexicon().words.get(form) or Token(form, pos)


def phrase(text: str) -> list[Token]:
    """`who met nina ?` -> its tokens; names are not known to be names."""
    return [word(form) for form in text.split()]


def fill(template: str, **parts: Iterable[str]) -> Words:
    """A template of tasks.txt as words, each {name} replaced by parts[name]."""
    return Words(filled(template, parts))


def filled(template: str, parts: dict[str, Iterable[str]]) -> Iterator[str]:
    for form in template.split():
        if form.startswith("{"):
            part = parts[form.strip("{}")]
            yield from part.tokens() if isinstance(part, Words) else part
        else:
            yield word(form)


@cache
def rows(section: str, width: int, file: str = "tasks.txt") -> tuple[tuple[str, ...], ...]:
    """The rows of one section of tasks.txt. Raises CourseError for a row of another width."""
    return tuple(tuple(row) for row in table(file).rows(section, width))


def pairs(section: str) -> dict[str, str]:
    """A section of tasks.txt with two columns, as a dictionary."""
    return {first: second for first, second in rows(section, 2)}  # noqa: C416 - types the pair


@cache
def table(file: str) -> Table:
    return Table(FOLDER / file)
