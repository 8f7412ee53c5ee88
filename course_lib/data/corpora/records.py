"""The shapes of what the readers return: plain, frozen, printable."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A book, or one part of a text; each paragraph is one text for a language model."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True)
class TaggedSentence:
    """Words and, each as long as `words` or empty where the set has none, their labels."""

    words: tuple[str, ...]
    tags: tuple[str, ...] = ()  # universal parts of speech (UPOS)
    xpos: tuple[str, ...] = ()  # the language's own, finer parts of speech
    entities: tuple[str, ...] = ()  # BIO: "B-person", "I-person", "O"


@dataclass(frozen=True)
class Span:
    """Characters start .. end - 1 of a text, and what they are."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class SpannedText:
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class LabelledText:
    text: str
    label: str


@dataclass(frozen=True)
class InferencePair:
    """Whether the premise entails the hypothesis, and a person's reason."""

    premise: str
    hypothesis: str
    label: str  # "entailment", "neutral" or "contradiction"
    explanation: str


@dataclass(frozen=True)
class ScoredPair:
    """Two words or two sentences and how alike people found them."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class TranslationPair:
    english: str
    japanese: str


@dataclass(frozen=True)
class Answer:
    """`text` stands in the context at character `start`."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class Question:
    """A question whose answer is a piece of the context; several people may have answered."""

    question: str
    context: str
    answers: tuple[Answer, ...]
    article: str


@dataclass(frozen=True)
class ChoiceQuestion:
    question: str
    choices: tuple[str, ...]
    answer: int  # index into `choices`


@dataclass(frozen=True)
class Abstract:
    """A paper's abstract and one or more summaries of one sentence each."""

    title: str
    sentences: tuple[str, ...]
    summaries: tuple[str, ...]
    oracle: tuple[int, ...]  # per sentence: 1 if an extractive summary should pick it


@dataclass(frozen=True)
class TableRow:
    """A text with numbers, by the name of their column; nan where none was measured."""

    text: str
    numbers: dict[str, float]


@dataclass(frozen=True)
class Analogy:
    """a is to b as c is to d."""

    a: str
    b: str
    c: str
    d: str
