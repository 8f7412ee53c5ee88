"""How near translations come to a reference, by shared n-grams: BLEU of words, chrF of characters.

Both look at a whole test set at once: counts are added up over all sentences first.
"""

import math
from collections import Counter
from collections.abc import Sequence

Words = Sequence[str]

# How a score was made, as sacrebleu writes it; numbers with other signatures cannot be compared.
BLEU_SIGNATURE = "nrefs:1|case:mixed|eff:no|tok:none|smooth:none"
CHRF_SIGNATURE = "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no"


def ngrams(tokens: Words, n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu(translations: Sequence[Words], references: Sequence[Words], max_n: int = 4) -> float:
    """Corpus BLEU, 0 to 100: brevity penalty times the geometric mean of n-gram precisions.

    One reference per translation; tokens are compared as they are. Without a single shared
    n-gram of some n the result is 0. Raises ValueError if the two lists do not match.
    Source: Papineni et al. (2002).
    """
    check_pairs(translations, references)
    logs = []
    for n in range(1, max_n + 1):
        right, total = matches(translations, references, n)
        if right == 0:
            return 0.0
        logs.append(math.log(right / total))
    brevity = brevity_penalty(sum(map(len, translations)), sum(map(len, references)))
    return 100 * brevity * math.exp(sum(logs) / max_n)


def matches(translations: Sequence[Words], references: Sequence[Words], n: int) -> tuple[int, int]:
    """Clipped matches and all n-grams of the translations.

    Clipped: an n-gram counts at most as often as it stands in the reference of its sentence, so
    that to repeat a right word gains nothing.
    """
    right = total = 0
    for translation, reference in zip(translations, references, strict=True):
        found = ngrams(translation, n)
        right += (found & ngrams(reference, n)).total()
        total += found.total()
    return right, total


def brevity_penalty(n_translation: int, n_reference: int) -> float:
    """exp(1 - r/c) for translations that are shorter than their references in all, else 1.

    Precision alone would reward to leave out whatever is difficult.
    """
    if n_translation >= n_reference:
        return 1.0
    return math.exp(1 - n_reference / n_translation) if n_translation else 0.0


def chrf(
    translations: Sequence[str], references: Sequence[str], max_n: int = 6, beta: float = 2.0
) -> float:
    """Corpus chrF, 0 to 100: F score of runs of 1 to `max_n` characters, spaces left out.

    Needs no words, so it suits Japanese; recall counts `beta` times as much as precision. Lengths
    that one side lacks are left out of the mean. As sacrebleu has it, a translation's runs of n
    do not count where its reference is shorter than n. Source: Popović (2015).
    """
    check_pairs(translations, references)
    pairs = [
        ("".join(translation.split()), "".join(reference.split()))
        for translation, reference in zip(translations, references, strict=True)
    ]
    precisions, recalls = [], []
    for n in range(1, max_n + 1):
        long_enough = [pair for pair in pairs if len(pair[1]) >= n]
        sides = list(zip(*long_enough, strict=True)) or [(), ()]
        right, n_translation = matches(sides[0], sides[1], n)
        n_reference = sum(len(reference) + 1 - n for reference in sides[1])
        if n_translation and n_reference:
            precisions.append(right / n_translation)
            recalls.append(right / n_reference)
    return 100 * f_score(sum(precisions), sum(recalls), beta) / max(1, len(recalls))


def f_score(precision: float, recall: float, beta: float = 1.0) -> float:
    """The harmonic mean of both, recall weighted `beta` squared times; 0 if both are 0."""
    weight = beta**2
    total = weight * precision + recall
    return (1 + weight) * precision * recall / total if total else 0.0


def check_pairs(translations: Sequence[Words], references: Sequence[Words]) -> None:
    if len(translations) != len(references) or not len(translations):
        raise ValueError(f"{len(translations)} translations for {len(references)} references")
