"""★★★ An experiment: do narrow windows see the use of a word, and wide ones its topic?"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Texts = Sequence[Sequence[str]]
Labels = Mapping[str, str]
Answer = Callable[[Texts, Labels, Sequence[int]], list[float]]

SELF = _("Every word is nearest to itself: leave it out, or each label agrees with itself.")
COSINE = _("Compare counts by cosine: with dot products the most frequent word is near to all.")
BOTH = _("Count the words on both sides of each place, and at every distance up to the window.")
TEXTS = _("A window ends where its text ends: do not count across two texts.")
CONTEXT = _("A word without a label is no candidate, but as context it counts like any other.")
GIVEN = _("Return one number for each of the windows, in the order in which they are given.")


def cases(rng: random.Random) -> list[Case]:
    """Each idea needs a little more: one text, all words labelled; texts; some words labelled."""
    return [
        Case(draw(rng, 1, 6, [1], wrong=with_itself, blind=(dot_products, after_only)), SELF),
        Case(draw(rng, 1, 6, [2], wrong=dot_products, blind=(after_only,)), COSINE),
        Case(draw(rng, 1, 6, [2], wrong=after_only), BOTH),
        Case(draw(rng, 7, 6, [2], wrong=joined), TEXTS),
        Case(draw(rng, 6, 4, [2], wrong=labelled_context_only), CONTEXT),
        Case(draw(rng, 6, 4, [3, 1, 2], wrong=narrow_first), GIVEN),
    ]


def draw(
    rng: random.Random,
    n_texts: int,
    n_labelled: int,
    windows: list[int],
    wrong: Answer,
    blind: Sequence[Answer] = (),
) -> tuple[list[list[str]], dict[str, str], list[int]]:
    """Random texts that show the mistake `wrong`, but no mistake of `blind`."""
    words = list("abcdef")
    for _attempt in range(10_000):
        weights = [rng.uniform(0.2, 2) for _word in words]
        length = 40 // n_texts
        texts = [rng.choices(words, weights, k=length) for _text in range(n_texts)]
        labels = {word: rng.choice(["noun", "verb"]) for word in words[:n_labelled]}
        args = (texts, labels, windows)
        if not all(clear(texts, labels, window) for window in windows):
            continue
        due = agreement_by_window(*args)
        if wrong(*args) != due and all(answer(*args) == due for answer in blind):
            return args
    raise RuntimeError("no texts show this mistake: is the reference right?")


def clear(texts: Texts, labels: Labels, window: int) -> bool:
    """Does every labelled word occur, and is its nearest one nearest by a margin?"""
    counts = context_counts(texts, labels, window)
    best = cosines(counts).topk(2).values
    return bool(counts.any(dim=1).all() and (best[:, 0] - best[:, 1]).min() > 1e-3)


def context_counts(texts: Texts, labels: Labels, window: int, both: bool = True) -> Tensor:
    """(labelled words, all words): how often the second stands near the first."""
    columns = {word: i for i, word in enumerate(sorted({w for text in texts for w in text}))}
    rows = {word: i for i, word in enumerate(labels)}
    counts = torch.zeros(len(rows), len(columns), dtype=torch.double)
    for text in texts:
        for i, word in enumerate(text):
            before = text[max(0, i - window) : i] if both else []
            for other in (*before, *text[i + 1 : i + 1 + window]):
                if word in rows:
                    counts[rows[word], columns[other]] += 1
    return counts


def cosines(counts: Tensor) -> Tensor:
    """(N, V) -> (N, N); of a word with itself: -1, so that it is never the nearest."""
    unit = F.normalize(counts, dim=1)
    return (unit @ unit.T).fill_diagonal_(-1)


def agreement(near: Tensor, labels: Labels) -> float:
    """(N, N) nearness -> the share of words whose nearest word has the same label."""
    names = list(labels.values())
    nearest: list[int] = near.argmax(dim=1).tolist()
    return sum(names[i] == names[j] for i, j in enumerate(nearest)) / len(names)


def agreement_by_window(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    """For each window: the share of labelled words whose nearest labelled word agrees."""
    tables = [context_counts(texts, labels, window) for window in windows]
    return [agreement(cosines(counts), labels) for counts in tables]


def with_counters(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    """The same without tensors."""

    def cosine(seen: Mapping[str, Counter[str]], a: str, b: str) -> float:
        lengths = [sum(n * n for n in seen[word].values()) ** 0.5 for word in (a, b)]
        dot = sum(n * seen[b][word] for word, n in seen[a].items())
        return float(dot / lengths[0] / lengths[1])

    shares = []
    for window in windows:
        seen: dict[str, Counter[str]] = {word: Counter() for word in labels}
        for text in texts:
            for i, j in ((i, j) for i in range(len(text)) for j in range(len(text))):
                if text[i] in seen and 0 < abs(i - j) <= window:
                    seen[text[i]][text[j]] += 1
        best = {a: max({*labels} - {a}, key=partial(cosine, seen, a)) for a in labels}
        shares.append(sum(labels[a] == labels[b] for a, b in best.items()) / len(labels))
    return shares


def with_loops_over_words(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    """One cosine at a time."""
    words, shares = list(labels), []
    for window in windows:
        rows = dict(zip(words, context_counts(texts, labels, window), strict=True))
        n_right = 0
        for word in words:
            others = [other for other in words if other != word]
            near = [float(F.cosine_similarity(rows[word], rows[o], dim=0)) for o in others]
            n_right += labels[others[near.index(max(near))]] == labels[word]
        shares.append(n_right / len(words))
    return shares


def with_itself(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    units = [F.normalize(context_counts(texts, labels, window)) for window in windows]
    return [agreement(unit @ unit.T, labels) for unit in units]


def dot_products(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    tables = [context_counts(texts, labels, window) for window in windows]
    return [agreement((counts @ counts.T).fill_diagonal_(-1), labels) for counts in tables]


def after_only(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    tables = [context_counts(texts, labels, window, both=False) for window in windows]
    return [agreement(cosines(counts), labels) for counts in tables]


def joined(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    return agreement_by_window([[word for text in texts for word in text]], labels, windows)


def labelled_context_only(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    columns = [i for i, w in enumerate(sorted({w for t in texts for w in t})) if w in labels]
    tables = [context_counts(texts, labels, window)[:, columns] for window in windows]
    return [agreement(cosines(counts), labels) for counts in tables]


def narrow_first(texts: Texts, labels: Labels, windows: Sequence[int]) -> list[float]:
    return agreement_by_window(texts, labels, sorted(windows))


EXERCISE = Exercise(
    name="agreement_by_window",
    lecture="03_word2vec",
    stars=3,
    title=_("Topic or use?"),
    points=6,
    minutes=35,
    cases=cases,
    reference=agreement_by_window,
    hints=(
        _("Three steps for each window: count contexts, find each word's nearest, compare labels."),
        _(
            "A row of counts per labelled word, a column per word of the texts. Divide each row by"
            " its length; then one matrix product gives all cosines."
        ),
        _(
            "Put -1 on the diagonal of the matrix of cosines, take the argmax of each row, and"
            " return the share of rows whose label equals the label of their argmax."
        ),
    ),
    right_variants=(with_counters, with_loops_over_words),
    wrong_answers=(
        WrongAnswer(with_itself, SELF),
        WrongAnswer(dot_products, COSINE),
        WrongAnswer(after_only, BOTH),
        WrongAnswer(joined, TEXTS),
        WrongAnswer(labelled_context_only, CONTEXT),
        WrongAnswer(narrow_first, GIVEN),
    ),
)
