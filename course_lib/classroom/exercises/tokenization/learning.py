"""★★ Learning BPE: count, join the most frequent pair, count again."""

import itertools
import random
import string
from collections import Counter
from collections.abc import Mapping

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.classroom.exercises.tokenization.joining import Pair, merge_pair
from course_lib.i18n import _

WEIGHT = _("A word that occurs n times gives each of its pairs n times.")
AGAIN = _("After each join the pairs are others: count them again, with the new symbol.")
TIE = _(
    "Of equally frequent pairs the one with the smaller ids comes first: letters in alphabetical"
    " order, then each new token with the next id."
)
END = _("When every word is one symbol there is nothing left to join: stop early.")


def cases(rng: random.Random) -> list[Case]:
    def spelt(words: dict[str, int], n_merges: int) -> tuple[dict[str, int], int]:
        """The same words in other letters, which have the same alphabetical order."""
        letters = sorted({*"".join(words)})
        others = "".join(sorted(rng.sample(string.ascii_lowercase, len(letters))))
        table = str.maketrans("".join(letters), others)
        return {word.translate(table): n for word, n in words.items()}, n_merges

    often, few = rng.randint(7, 9), rng.randint(2, 3)
    return [
        Case(spelt({"ab": few, "ac": 1, "bd": 1, "db": often}, 1), WEIGHT),
        Case(spelt({"ab": few + 3, "cd": few, "ecd": 1, "fcd": 1}, 1), WEIGHT),
        Case(spelt({"ab": 4, "cd": 2, "ecd": 2, "fcd": 1}, 1), WEIGHT),
        Case(spelt({"abcd": often, "bcd": few, "bc": 1}, rng.choice([2, 3])), AGAIN),
        Case(spelt({"cb": few, "ca": few, "za": few, "bank": often}, 5), TIE),
        Case(spelt({"bcd": often, "bce": few, "bca": few, "xa": few}, 3), TIE),
        Case(spelt({"dex": few, "bcx": few, "bc": often + 1, "de": often}, 3), TIE),
        Case(spelt({"tide": few, "ti": often}, 50), END),
    ]


def learn_bpe(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    """Counts of words -> up to n_merges pairs in the order in which they are joined."""
    ids = {letter: i for i, letter in enumerate(sorted(set("".join(words))))}
    split = {word: list(word) for word in words}
    merges: list[Pair] = []
    while len(merges) < n_merges:
        pairs: Counter[Pair] = Counter()
        for word, n in words.items():
            for pair in itertools.pairwise(split[word]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]]))
        merges.append(best)
        ids["".join(best)] = len(ids)
        split = {word: merge_pair(symbols, best) for word, symbols in split.items()}
    return merges


def with_a_list_of_tokens(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    """Ids are places in a list; the largest count is found by sorting."""
    tokens = sorted(set("".join(words)))
    texts = [(list(word), n) for word, n in words.items()]
    merges: list[Pair] = []
    for _merge in range(n_merges):
        pairs: dict[Pair, int] = {}
        for symbols, n in texts:
            for i in range(len(symbols) - 1):
                pair = (symbols[i], symbols[i + 1])
                pairs[pair] = pairs.get(pair, 0) + n
        order = sorted(pairs, key=lambda p: (-pairs[p], tokens.index(p[0]), tokens.index(p[1])))
        if order:
            merges.append(order[0])
            tokens.append("".join(order[0]))
            texts = [(merge_pair(symbols, order[0]), n) for symbols, n in texts]
    return merges


def every_word_apart(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    """Each occurrence of a word is a word of its own."""
    split = [list(word) for word, n in words.items() for _time in range(n)]
    ids = {letter: i for i, letter in enumerate(sorted(set("".join(words))))}
    merges: list[Pair] = []
    while len(merges) < n_merges and any(len(symbols) > 1 for symbols in split):
        pairs = Counter(itertools.chain.from_iterable(map(itertools.pairwise, split)))
        most = max(pairs.values())
        best = min((p for p in pairs if pairs[p] == most), key=lambda p: (ids[p[0]], ids[p[1]]))
        merges.append(best)
        ids["".join(best)] = len(ids)
        split = [merge_pair(symbols, best) for symbols in split]
    return merges


def words_count_once(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    return learn_bpe(dict.fromkeys(words, 1), n_merges)


def counted_once(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    pairs: Counter[Pair] = Counter()
    for word, n in words.items():
        for pair in itertools.pairwise(word):
            pairs[pair] += n
    return sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:n_merges]


def first_come(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    """Of equals, the pair that was met first."""
    split = {word: list(word) for word in words}
    merges: list[Pair] = []
    while len(merges) < n_merges:
        pairs: Counter[Pair] = Counter()
        for word, n in words.items():
            for pair in itertools.pairwise(split[word]):
                pairs[pair] += n
        if not pairs:
            break
        merges.append(pairs.most_common(1)[0][0])
        split = {word: merge_pair(symbols, merges[-1]) for word, symbols in split.items()}
    return merges


def by_spelling(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    """Of equals, the pair that a dictionary would list first; ids of new tokens play no part."""
    split = {word: list(word) for word in words}
    merges: list[Pair] = []
    while len(merges) < n_merges:
        pairs: Counter[Pair] = Counter()
        for word, n in words.items():
            for pair in itertools.pairwise(split[word]):
                pairs[pair] += n
        if not pairs:
            break
        merges.append(min(pairs, key=lambda pair: (-pairs[pair], pair)))
        split = {word: merge_pair(symbols, merges[-1]) for word, symbols in split.items()}
    return merges


def never_stops(words: Mapping[str, int], n_merges: int) -> list[Pair]:
    merges = learn_bpe(words, n_merges)
    return merges if len(merges) == n_merges else merges + [merges[-1]] * (n_merges - len(merges))


EXERCISE = Exercise(
    name="learn_bpe",
    lecture="04_tokenization",
    stars=2,
    title=_("Learn the merges"),
    points=4,
    minutes=20,
    cases=cases,
    reference=learn_bpe,
    hints=(
        _("What must be remembered between two joins? How each word is cut now, and the ids."),
        _("In a loop: count pairs over all words, times n; choose; remember; join in every word."),
        _("min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]])) chooses."),
    ),
    right_variants=(with_a_list_of_tokens, every_word_apart),
    wrong_answers=(
        WrongAnswer(words_count_once, WEIGHT),
        WrongAnswer(counted_once, AGAIN),
        WrongAnswer(first_come, TIE),
        WrongAnswer(by_spelling, TIE),
        WrongAnswer(never_stops, END),
    ),
)
