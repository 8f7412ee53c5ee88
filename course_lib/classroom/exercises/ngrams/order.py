"""★★★ An experiment: how much does each further word of context help on text not seen before?"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Text = list[str]
WORDS = ["we", "swam", "to", "the", "river", "bank", "."]

BITS = _("Every number is {ratio:.3f} of what it should be. That is ln 2: bits need log2, not log.")
END = _(
    "The end of a text must be predicted too: a text of T words has T + 1 tokens, </s> is last."
)
DEV = _("Count in the training texts, score the development texts: else you measure memory.")
PER_TOKEN = _("Divide the bits of all texts by the tokens of all texts: long texts weigh more.")
START = _("The first words have a context as well: fill it up with n - 1 marks <s>.")
GIVEN = _("Return one number for each of the orders, in the order in which they are given.")


def cases(rng: random.Random) -> list[Case]:
    k, size = rng.choice([0.1, 0.5]), len(WORDS) + 1
    train = [[rng.choice(WORDS[:5]) for _token in range(n)] for n in (6, 9, 7)]
    rare = [WORDS[5], WORDS[6]]  # never in train: dev must look harder than train
    dev = [train[0][:2] + rare, train[1] + train[2] + train[0]]
    return [
        Case((train[:1], train[:1], [1], size, 0.0), END),
        Case((train, dev[:1], [1], size, k), DEV),
        Case((train, dev, [1], size, k), PER_TOKEN),
        Case((train, dev, [1, 2, 3], size, k), START),
        Case((train, dev, [3, 1, 2], size, k), GIVEN),
    ]


def natural_logarithm(result: Sequence[float], *args: Any) -> dict[str, float] | None:
    ratios = [r / due for r, due in zip(result, bits_by_order(*args), strict=True)]
    return {"ratio": ratios[0]} if all(abs(r - math.log(2)) < 1e-6 for r in ratios) else None


def ngrams(texts: Sequence[Text], n: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """(context of n - 1 tokens, token) at each place, </s> included."""
    for text in texts:
        padded = ["<s>"] * (n - 1) + text + ["</s>"]
        for i in range(n - 1, len(padded)):
            yield tuple(padded[i - n + 1 : i]), padded[i]


def bits_by_order(
    train: Sequence[Text], dev: Sequence[Text], orders: Sequence[int], vocab_size: int, k: float
) -> list[float]:
    """Bits per token of `dev` for an add-k model of each order, counted in `train`."""
    curve = []
    for n in orders:
        pairs = Counter(ngrams(train, n))
        contexts = Counter(context for context, _word in ngrams(train, n))
        bits = [
            -math.log2((pairs[c, w] + k) / (contexts[c] + k * vocab_size))
            for c, w in ngrams(dev, n)
        ]
        curve.append(sum(bits) / len(bits))
    return curve


def with_short_contexts(
    train: Sequence[Text], dev: Sequence[Text], orders: Sequence[int], vocab_size: int, k: float
) -> list[float]:
    """A context cut off at the start of the text is as good as one filled up with marks."""

    def pairs(texts: Sequence[Text], n: int) -> list[tuple[tuple[str, ...], str]]:
        ended = [[*text, "</s>"] for text in texts]
        return [(tuple(t[max(0, i - n + 1) : i]), t[i]) for t in ended for i in range(len(t))]

    def bits(n: int) -> float:
        counts, totals, nats = Counter(pairs(train, n)), Counter[tuple[str, ...]](), 0.0
        for (context, _token), n_seen in counts.items():
            totals[context] += n_seen
        for context, token in pairs(dev, n):
            nats -= math.log((counts[context, token] + k) / (totals[context] + k * vocab_size))
        return nats / math.log(2) / len(pairs(dev, n))

    return [bits(n) for n in orders]


def with_zip(
    train: Sequence[Text],
    dev: Sequence[Text],
    orders: Sequence[int],
    vocab_size: int,
    k: float,
    *,
    padded: bool = True,
    end: tuple[str, ...] = ("</s>",),
) -> list[float]:
    """Whole n-grams counted; wrong if the texts are not padded or have no end mark."""

    def grams(texts: Sequence[Text], n: int) -> list[tuple[str, ...]]:
        marked = [["<s>"] * (n - 1 if padded else 0) + [*text, *end] for text in texts]
        return [gram for m in marked for gram in zip(*(m[i:] for i in range(n)), strict=False)]

    def bits(n: int) -> float:
        seen = Counter(grams(train, n))
        before = Counter(gram[:-1] for gram in seen.elements())
        probs = [(seen[g] + k) / (before[g[:-1]] + k * vocab_size) for g in grams(dev, n)]
        return -sum(map(math.log2, probs)) / len(probs)

    return list(map(bits, orders))


def text_by_text(train: Sequence[Text], dev: Sequence[Text], *rest: Any) -> list[float]:
    curves = [bits_by_order(train, [text], *rest) for text in dev]
    return [sum(column) / len(dev) for column in zip(*curves, strict=True)]


EXERCISE = Exercise(
    name="bits_by_order",
    lecture="01_ngrams",
    stars=3,
    title=_("How long a context?"),
    points=6,
    minutes=30,
    cases=cases,
    laws=(Law(BITS, natural_logarithm),),
    reference=bits_by_order,
    hints=(
        _("For each order: count in train, then score every token of dev, then average."),
        _(
            "Fill each text up, n - 1 <s> before and one </s> behind, and go over its n-grams. You"
            " need two tables: how often each n-gram came, and how often each context came."
        ),
        _(
            "Average -log2((c(context, token) + k) / (c(context) + k vocab_size)) over the n-grams"
            " of all texts of dev; do so for each n of orders and return the list."
        ),
    ),
    right_variants=(with_short_contexts, with_zip),
    wrong_answers=(
        WrongAnswer(lambda *args: [bits * math.log(2) for bits in bits_by_order(*args)], BITS),
        WrongAnswer(partial(with_zip, end=()), END),
        WrongAnswer(lambda train, _dev, *rest: bits_by_order(train, train, *rest), DEV),
        WrongAnswer(lambda train, dev, *rest: bits_by_order(train + dev, dev, *rest), DEV),
        WrongAnswer(text_by_text, PER_TOKEN),
        WrongAnswer(partial(with_zip, padded=False), START),
        WrongAnswer(lambda t, d, orders, *rest: bits_by_order(t, d, sorted(orders), *rest), GIVEN),
    ),
)
