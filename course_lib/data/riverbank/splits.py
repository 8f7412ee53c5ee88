"""The fixed splits of Riverbank: one story per line, its topic before a tab."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course_lib.data.riverbank.language import Language, language
from course_lib.data.riverbank.story import Story
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT, read_lines

FOLDER = PROJECT / "data" / "riverbank"
SIZES = {"train": 6400, "dev": 600, "test": 1200, "unseen": 600}
SEED = 1


def load(split: str, folder: Path = FOLDER) -> list[Story]:
    """The stories of "train", "dev", "test" or "unseen".

    The first three are drawn from one distribution and no story is in two of them. The stories of
    "unseen" each hold a combination of words that the others never show (see `is_reserved`).
    """
    if split not in SIZES:
        raise ValueError(f"no split {split!r}; there are {', '.join(SIZES)}")
    return [Story(*line) for line in read_stories(folder / f"{split}.txt")]


def read_stories(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, line in enumerate(read_lines(path), start=1):
        topic, tab, words = line.partition("\t")
        if not tab:
            message = _("{path}: line {line} has no topic; run: course data build")
            raise CourseError(message.format(path=path, line=number))
        yield topic, tuple(words.split())


def sample(n: int, seed: int, unseen: bool = False) -> list[Story]:
    """`n` fresh stories: the same for the same seed, on every machine.

    They follow the distribution of train, dev and test; with `unseen` the reserved combinations
    may occur as well.
    """
    rng, spoken = random.Random(seed), language(unseen)
    return [Story(*spoken.sample(rng)) for _story in range(n)]


def draw_splits() -> dict[str, list[Story]]:
    """All splits anew; no story is drawn twice."""
    seen: set[tuple[str, ...]] = set()
    return {
        split: list(draw(split, random.Random(f"{SEED} {split}"), n, seen))
        for split, n in SIZES.items()
    }


def draw(split: str, rng: random.Random, n: int, seen: set[tuple[str, ...]]) -> Iterator[Story]:
    """`n` stories not in `seen`; for "unseen", ones that the closed language cannot tell."""
    spoken, closed = language(split == "unseen"), language()
    while n:
        topic, words = spoken.sample(rng)
        fits = split != "unseen" or closed.log_probs(words)[-1] == float("-inf")
        if fits and words not in seen:
            seen.add(words)
            yield Story(topic, words)
            n -= 1


@cache
def known_words() -> tuple[str, ...]:
    return tuple(sorted(every_word(language(unseen=True))))


def every_word(spoken: Language) -> Iterator[str]:
    """Each word the grammar can emit, once."""
    lexicon = spoken.world.lexicon
    words = set(lexicon.words) | set(spoken.world.person) | set(spoken.world.named)
    for topic in lexicon.topics.values():
        words |= {form for noun in topic.nouns for form in (noun.one, noun.many) if form}
        words |= {a.word for noun in topic.nouns for a in noun.adjectives}
        words |= {word for place in topic.places for word in place.words}
        for action in (*topic.actions, *(a for rows in lexicon.common.values() for a in rows)):
            for base in (False, True) if action.negatable else (False,):
                for plural in (False, True):
                    words |= {p for p in action.pieces(base, plural) if isinstance(p, str)}
    yield from map(str, words)
