"""How well pieces of a passage answer questions: the rules of SQuAD's official script.

An answer is a text, "" for "there is none". Several people may have answered: the one that fits
best counts. Sources: Rajpurkar et al. (2016), section 6.1, and (2018) for questions without answer.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from course_lib.evaluation.classification import Score

ARTICLES = re.compile(r"\b(a|an|the)\b")
SIGNS = frozenset(string.punctuation)  # of ASCII alone, as in the script

Splitter = Callable[[str], list[str]]


def plain(text: str) -> str:
    """As the script compares English: small letters, no signs, no articles, single spaces."""
    letters = "".join(c for c in text.lower() if c not in SIGNS)
    return " ".join(ARTICLES.sub(" ", letters).split())


def plain_words(text: str) -> list[str]:
    """The words that English answers are compared by."""
    return plain(text).split()


def plain_characters(text: str) -> list[str]:
    """The characters that Japanese answers are compared by: no spaces, no signs of any script."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return [c for c in normal if not c.isspace() and unicodedata.category(c)[0] not in "PS"]


def exact_match(answer: str, right: Sequence[str], split: Splitter = plain_words) -> float:
    """1.0 if the answer is, word for word, one of the right ones, else 0.0.

    No right answers, or only empty ones, mean that there is none.
    """
    return float(any(split(answer) == split(text) for text in _known(right, split)))


def token_f1(answer: str, right: Sequence[str], split: Splitter = plain_words) -> float:
    """How much of the answer and of the best fitting right one is shared, 0 to 1.

    Words shared are counted as often as both have them. If either is empty: 1 if both are, else 0.
    """
    return max(_overlap(split(answer), split(text)) for text in _known(right, split))


def span_scores(
    answers: Sequence[str], right: Sequence[Sequence[str]], split: Splitter = plain_words
) -> tuple[list[float], list[float]]:
    """Exact match and F1 of each question; their means are the scores that are reported.

    Raises ValueError if there is no question, or not as many answers.
    """
    if len(answers) != len(right) or not answers:
        raise ValueError(f"cannot compare {len(answers)} answers with {len(right)} questions")
    pairs = list(zip(answers, right, strict=True))
    return [exact_match(a, r, split) for a, r in pairs], [token_f1(a, r, split) for a, r in pairs]


def _known(right: Sequence[str], split: Splitter) -> list[str]:
    """The right answers of which something is left, or that there is none."""
    return [text for text in right if split(text)] or [""]


def _overlap(answer: Sequence[str], right: Sequence[str]) -> float:
    if not answer or not right:
        return float(answer == right)
    shared = Counter(answer) & Counter(right)
    return Score.of(shared.total(), len(answer), len(right)).f1
