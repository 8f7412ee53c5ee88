"""★ What comes next: the word that followed most often, the smallest language model there is."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Text = Sequence[str]

AFTER = _("Look at the word just behind the given one, not before it and not anywhere.")
MOST = _("The given word came several times: return what stood behind it most often.")
ALL = _("Count in all the texts together: what is rare in one may be frequent in the others.")
BORDER = _("Where one text ends the next does not go on: its first word follows nothing.")
NEVER = _("If no word ever stood behind the given one, return None.")

WORDS = ["bridge", "boat", "river", "water", "heron", "willow", "canoe", "shore"]


def cases(rng: random.Random) -> list[Case]:
    word, often, once, start = rng.sample(WORDS, 4)
    many = [word, once, word, often, word, often, word, once, word, often]
    return [
        Case((word, [["the", word, often, "the"]]), AFTER),
        Case((word, [["the", *many, word, start]]), MOST),
        Case((word, [[start, word, once], ["a", word, often], [word, often]]), ALL),
        Case((word, [["a", word], [start, "a", word], [start, word, often], ["a"]]), BORDER),
        Case((word, [["the", often], ["a", word]]), NEVER),
    ]


def most_common_after(word: str, texts: Sequence[Text]) -> str | None:
    """A word and a list of texts, each (T,) words -> its most frequent follower, or None."""
    followers = Counter(b for text in texts for a, b in pairs(text) if a == word)
    return max(followers, key=followers.__getitem__, default=None)


def pairs(text: Text) -> list[tuple[str, str]]:
    """Each word with the next one."""
    return list(itertools.pairwise(text))


def with_a_list(word: str, texts: Sequence[Text]) -> str | None:
    followers = [t[i + 1] for t in texts for i in range(len(t) - 1) if t[i] == word]
    return max(set(followers), key=followers.count) if followers else None


def with_a_loop(word: str, texts: Sequence[Text]) -> str | None:
    counts: dict[str, int] = {}
    best = None
    for text in texts:
        for i in range(1, len(text)):
            if text[i - 1] == word:
                counts[text[i]] = counts.get(text[i], 0) + 1
    for follower, n in counts.items():
        if best is None or n > counts[best]:
            best = follower
    return best


def without_borders(word: str, texts: Sequence[Text]) -> str | None:
    return most_common_after(word, [[w for text in texts for w in text]])


def with_an_error(word: str, texts: Sequence[Text]) -> str:
    followers = Counter(b for text in texts for a, b in pairs(text) if a == word)
    return followers.most_common(1)[0][0]


def first_follower(word: str, texts: Sequence[Text]) -> str | None:
    return next((b for text in texts for a, b in pairs(text) if a == word), None)


def last_follower(word: str, texts: Sequence[Text]) -> str | None:
    return next((b for t in reversed(texts) for a, b in reversed(pairs(t)) if a == word), None)


EXERCISE = Exercise(
    name="most_common_after",
    lecture="00_welcome",
    stars=1,
    title=_("What comes next?"),
    points=2,
    minutes=10,
    cases=cases,
    reference=most_common_after,
    hints=(
        _("Underline the given word in the example. Write down what stands behind it each time."),
        _("In each text look at neighbours: zip(text, text[1:]). Count the second of each pair."),
        _(
            "Collect every b with a == word in a Counter; return max(counts, key=counts.get)"
            " if anything was counted, else None."
        ),
    ),
    right_variants=(with_a_list, with_a_loop),
    wrong_answers=(
        WrongAnswer(lambda word, texts: most_common_after(word, [t[::-1] for t in texts]), AFTER),
        WrongAnswer(lambda _word, texts: max(texts[0], key=texts[0].count), AFTER),
        WrongAnswer(first_follower, MOST),
        WrongAnswer(last_follower, MOST),
        WrongAnswer(lambda word, texts: most_common_after(word, texts[:1]), ALL),
        WrongAnswer(without_borders, BORDER),
        WrongAnswer(with_an_error, NEVER),
        WrongAnswer(lambda word, texts: most_common_after(word, texts) or "", NEVER),
    ),
)
