"""★★ Add-k smoothing: no word may have probability 0."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Context = tuple[str, ...]
Counts = Mapping[Context, Counter[str]]
Probs = dict[str, float]

AFTER = _("Only what followed this very context counts; the other contexts are other tables.")
UNSEEN = _("A word that never followed this context was seen 0 times, and 0 + k is more than 0.")
K = _("k decides how much is borrowed for unseen words: use the argument, it is not always 1.")
NEW = _("About a context never seen nothing is known: every word has the same probability, 1 / V.")
SUM = _(
    "The probabilities sum to {total:.3f}, not 1. If k is added to each count, what is their sum?"
)


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(["river", "bank", "boat", "bridge", "money", "water"], rng.randint(4, 6))
    counts = {
        ("the",): Counter({word: rng.randint(1, 5) for word in words} | {words[0]: 7}),
        ("to", "the"): Counter({words[0]: rng.randint(2, 6), words[1]: 1}),
        ("a",): Counter({words[-1]: rng.randint(10, 20)}),
    }
    return [
        Case((("the",), counts, words, 1.0), AFTER),
        Case((("to", "the"), counts, words, 1.0), UNSEEN),
        Case((("a",), counts, words, rng.choice([0.01, 0.1, 0.5])), K),
        Case((("their",), counts, words, 0.1), NEW),
    ]


def does_not_sum_to_one(result: Mapping[str, float], *_args: object) -> dict[str, float] | None:
    total = sum(result.values())
    return {"total": total} if abs(total - 1) > 1e-6 else None


def add_k_probs(context: Context, counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    """For each word of `vocab`, (its count after `context` + k) / (all counts there + k V)."""
    seen = counts.get(context, Counter())
    total = sum(seen.values()) + k * len(vocab)
    return {word: (seen[word] + k) / total for word in vocab}


def by_adding_first(context: Context, counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    raised = dict.fromkeys(vocab, k)
    if context in counts:
        for word, n in counts[context].items():
            raised[word] += n
    return {word: n / sum(raised.values()) for word, n in raised.items()}


def as_a_mixture(context: Context, counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    """The same seen as interpolation with the uniform distribution."""
    seen = counts.get(context, Counter())
    n, size = sum(seen.values()), len(vocab)
    trust = n / (n + k * size)
    return {w: trust * seen[w] / max(n, 1) + (1 - trust) / size for w in vocab}


def k_once_below(context: Context, counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    seen = counts.get(context, Counter())
    return {word: (seen[word] + k) / (sum(seen.values()) + k) for word in vocab}


def seen_words_only(context: Context, counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    seen = counts.get(context, dict.fromkeys(vocab, 0))
    total = sum(seen.values()) + k * len(seen)
    return {word: (n + k) / total for word, n in seen.items()}


def all_contexts_together(counts: Counts, vocab: Sequence[str], k: float) -> Probs:
    return add_k_probs((), {(): sum(counts.values(), Counter())}, vocab, k)


EXERCISE = Exercise(
    name="add_k_probs",
    lecture="01_ngrams",
    stars=2,
    title=_("Add-k smoothing"),
    points=4,
    minutes=10,
    cases=cases,
    laws=(Law(SUM, does_not_sum_to_one),),
    reference=add_k_probs,
    hints=(
        _("Pretend that every word of the vocabulary was seen k times more after the context."),
        _("Each of the V counts grew by k. By how much did their sum grow?"),
        _("(count + k) / (sum of the counts + k V); an unseen context has an empty Counter."),
    ),
    right_variants=(by_adding_first, as_a_mixture),
    wrong_answers=(
        WrongAnswer(lambda _context, *rest: all_contexts_together(*rest), AFTER),
        WrongAnswer(k_once_below, SUM),
        WrongAnswer(seen_words_only, UNSEEN),
        WrongAnswer(lambda c, counts, vocab, _k: add_k_probs(c, counts, vocab, 1), K),
        WrongAnswer(lambda c, counts, vocab, k: add_k_probs(c, {c: counts[c]}, vocab, k), NEW),
        WrongAnswer(
            lambda c, counts, vocab, k: add_k_probs(
                c if c in counts else ("the",), counts, vocab, k
            ),
            NEW,
        ),
    ),
)
