"""★★ A grammar by counting: transitions from tagged sentences, with add-k."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.compare import plain
from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.classroom.exercises.hidden_markov.tables import Table
from course_lib.i18n import _

Sentences = Sequence[Sequence[str]]

MOVES = _(
    "Row: the tag that is left. Column: the tag that comes next, in the order of `tags`; in the"
    " last column, the end of the sentence."
)
BORDER = _(
    "No move leads from one sentence into the next: the last tag of each sentence moves to the end."
)
ADD = _("Each of the Z + 1 counts of a row is raised by k, that of the end as well.")
UNSEEN = _(
    "A tag that was never seen has Z + 1 counts of 0 + k: its row is even, the end included."
)
SUM = _("Row {row} sums to {total:.3f}, not 1: divide by the sum of the row's raised counts.")


def cases(rng: random.Random) -> list[Case]:
    tags = ["DET", "NOUN", "VERB", "PUNCT"]
    rng.shuffle(tags)
    sentence = ["DET", "NOUN", "VERB", "DET", "NOUN", "VERB", "NOUN", "PUNCT"]
    inner = sentence[:-1]
    some = [sentence, *(rng.sample(inner, rng.randint(2, 6)) for _i in range(3))]
    k = round(rng.uniform(0.1, 0.9), 2)
    return [
        Case(([sentence], tags, 0), MOVES),
        Case((some, tags, 0), BORDER),
        Case((some, tags, k), ADD),
        Case((some, ["ADV", *tags], k), UNSEEN),
    ]


def transition_matrix(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    """Lists of tags, Z tags, number -> Z rows of Z + 1 probabilities, the end in the last one."""
    counts = Counter(
        move for path in tagged for move in itertools.pairwise([*path, None])
    )  # None is the end
    rows = [[counts[i, j] + k for j in [*tags, None]] for i in tags]
    return [[n / sum(row) for n in row] for row in rows]


def with_an_array(tagged: Sentences, tags: Sequence[str], k: float) -> np.ndarray:
    number = {tag: i for i, tag in enumerate(tags)}
    table = np.full((len(tags), len(tags) + 1), float(k))
    for path in tagged:
        for i, tag in enumerate(path):
            table[number[tag], number[path[i + 1]] if i + 1 < len(path) else -1] += 1
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def row_by_row(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    table = []
    for tag in tags:
        after = [path[i + 1 : i + 2] for path in tagged for i, t in enumerate(path) if t == tag]
        counts = [sum(list(a) == list(b) for a in after) for b in [*([t] for t in tags), []]]
        table.append([(n + k) / (len(after) + k * (len(tags) + 1)) for n in counts])
    return table


def one_long_sentence(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    return transition_matrix([list(itertools.chain.from_iterable(tagged))], tags, k)


def counts_of(tagged: Sentences, tags: Sequence[str]) -> Table:
    moves = Counter(move for path in tagged for move in itertools.pairwise([*path, None]))
    return [[float(moves[i, j]) for j in [*tags, None]] for i in tags]


def end_not_raised(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    rows = [[*(n + k for n in row[:-1]), row[-1]] for row in counts_of(tagged, tags)]
    return [[n / sum(row) for n in row] for row in rows]


def k_z_below(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    rows = counts_of(tagged, tags)
    return [[(n + k) / (sum(row) + k * len(tags)) for n in row] for row in rows]


def even_without_end(tagged: Sentences, tags: Sequence[str], k: float) -> Table:
    rows = transition_matrix(tagged, tags, k)
    seen = {tag for path in tagged for tag in path}
    even = [1 / len(tags)] * len(tags) + [0.0]
    return [row if tag in seen else even for tag, row in zip(tags, rows, strict=True)]


def does_not_sum_to_one(result: object, *_args: object) -> dict[str, float] | None:
    for number, row in enumerate(plain(result)):
        total = sum(plain(row))
        if abs(total - 1) > 1e-6:
            return {"row": number, "total": total}
    return None


EXERCISE = Exercise(
    name="transition_matrix",
    lecture="02_hidden_markov",
    stars=2,
    title=_("A grammar by counting"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(Law(SUM, does_not_sum_to_one),),
    reference=transition_matrix,
    hints=(
        _("Go through the sentences one by one, and through each sentence pair by pair."),
        _("Append a mark for the end to each sentence: then the end is one more tag to move to."),
        _("A Counter of pairs; row = [counts[i, j] + k for j in tags and end]; divide by its sum."),
    ),
    right_variants=(with_an_array, row_by_row),
    wrong_answers=(
        WrongAnswer(lambda s, tags, k: np.transpose(transition_matrix(s, tags, k)), MOVES),
        WrongAnswer(lambda s, tags, k: [r[:-1] for r in transition_matrix(s, tags, k)], MOVES),
        WrongAnswer(lambda s, tags, _k: counts_of(s, tags), SUM),
        WrongAnswer(one_long_sentence, BORDER),
        WrongAnswer(end_not_raised, ADD),
        WrongAnswer(lambda s, tags, _k: transition_matrix(s, tags, 1), MOVES),
        WrongAnswer(k_z_below, SUM),
        WrongAnswer(even_without_end, UNSEEN),
        WrongAnswer(
            lambda s, tags, k: transition_matrix(s, [t for t in tags if t != "ADV"], k), UNSEEN
        ),
    ),
)
