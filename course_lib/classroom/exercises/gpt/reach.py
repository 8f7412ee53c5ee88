"""★★★ An experiment: how far back a model must see in order to copy names."""

import random
from collections.abc import Sequence
from itertools import accumulate

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Texts = Sequence[Sequence[str]]

DISTANCE = _("Two neighbours are 1 apart: a window of n words reaches back n places, no further.")
LAST = _("The nearest mention counts: how far back was the name told for the *last* time?")
NAMES = _(
    "Only names that come again count: other words are no names, a first mention has no past."
)
TEXTS = _("Each text begins anew, and all places of all texts count alike.")
GIVEN = _("Return one share for each window, in the order in which they are given.")


def cases(rng: random.Random) -> list[Case]:
    names = ["emma", "ken", "olga", "ivan"]

    def told(*gaps: int) -> list[str]:
        """One name, again and again, with so many other words between."""
        words = [names[0]]
        for gap in gaps:
            words += [f"w{rng.randint(0, 999)}" for _word in range(gap)] + [names[0]]
        return words

    def story(length: int) -> list[str]:
        words = [*names, "saw", "the", "river"]
        return [*rng.sample(names, 2), *rng.choices(words, k=length), names[0], names[0]]

    near = rng.randint(2, 5)
    one = told(near)
    return [
        Case(([one], names, [near + 1]), DISTANCE),
        Case(([one], names, [near]), DISTANCE),
        Case(([told(4, 1, 3)], names, [4]), LAST),
        Case(([["the", "river", *told(2), "the", "ken", "ken", "the"]], names, [2]), NAMES),
        Case(([told(1), story(12), told(6, 5), ["ken"], story(20)], names, [4]), TEXTS),
        Case(([story(15) for _text in range(4)], names, [9, 1, 40, 3]), GIVEN),
    ]


def within_reach(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    """Of all places where a name comes again: the share whose last mention is within n words."""
    distances = [d for text in texts for d in _distances(text, names)]
    return [sum(d <= n for d in distances) / len(distances) for n in windows]


def _distances(text: Sequence[str], names: Sequence[str]) -> list[int]:
    last: dict[str, int] = {}
    found = []
    for place, word in enumerate(text):
        if word in names:
            if word in last:
                found.append(place - last[word])
            last[word] = place
    return found


def by_looking_back(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    shares = []
    for n in windows:
        seen = [
            text[t] in text[max(0, t - n) : t]
            for text in texts
            for t in range(len(text))
            if text[t] in names and text[t] in text[:t]
        ]
        shares.append(sum(seen) / len(seen))
    return shares


def by_counting(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    """How often each distance occurs, summed up from the nearest on."""
    longest = max(map(len, texts))
    counts = [0] * (max(longest, *windows) + 1)
    for text in texts:
        for place, word in enumerate(text):
            earlier = [i for i in range(place) if text[i] == word]
            if word in names and earlier:
                counts[place - earlier[-1]] += 1
    so_far = list(accumulate(counts))
    return [so_far[n] / so_far[-1] for n in windows]


def to_the_first_mention(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    distances = [
        place - text.index(word)
        for text in texts
        for place, word in enumerate(text)
        if word in names and word in text[:place]
    ]
    return [sum(d <= n for d in distances) / len(distances) for n in windows]


def with_first_mentions(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    n_mentions = sum(word in names for text in texts for word in text)
    n_again = sum(len(_distances(text, names)) for text in texts)
    return [share * n_again / n_mentions for share in within_reach(texts, names, windows)]


def text_by_text(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    rows = [within_reach([text], names, windows) for text in texts if _distances(text, names)]
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def one_long_text(texts: Texts, names: Sequence[str], windows: Sequence[int]) -> list[float]:
    return within_reach([[word for text in texts for word in text]], names, windows)


def all_words(texts: Texts, _names: Sequence[str], windows: Sequence[int]) -> list[float]:
    return within_reach(texts, [word for text in texts for word in text], windows)


EXERCISE = Exercise(
    name="within_reach",
    lecture="08_gpt",
    stars=3,
    title=_("How far back must it see?"),
    points=6,
    minutes=25,
    cases=cases,
    reference=within_reach,
    hints=(
        _("First make a list of all distances, over all texts; then count for each window."),
        _("Go through a text and remember in a dictionary where each name was told last."),
        _("If the name is in the dictionary, note place - last[name]; then last[name] = place."),
    ),
    right_variants=(by_looking_back, by_counting),
    wrong_answers=(
        WrongAnswer(lambda t, m, w: within_reach(t, m, [n - 1 for n in w]), DISTANCE),
        WrongAnswer(lambda t, m, w: within_reach(t, m, [n + 1 for n in w]), DISTANCE),
        WrongAnswer(to_the_first_mention, LAST),
        WrongAnswer(with_first_mentions, DISTANCE),
        WrongAnswer(all_words, NAMES),
        WrongAnswer(text_by_text, TEXTS),
        WrongAnswer(one_long_text, TEXTS),
        WrongAnswer(lambda t, m, w: within_reach(t, m, sorted(w)), GIVEN),
        WrongAnswer(lambda t, m, w: within_reach(t, m, w)[:1], GIVEN),
    ),
)
