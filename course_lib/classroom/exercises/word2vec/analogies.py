"""★★ Analogies: a is to b as c is to which word? Three traps on the way."""

import random
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _
from course_lib.models.word_vectors import WordVectors

Table = Mapping[str, Sequence[float]]
Answer = Callable[[Table, str, str, str], str]
WORDS = ["he", "she", "his", "her", "duck", "ducks", "river", "bank", "walk"]

STEP = _("The step leads from a to b, and it begins at c: which signs do the three vectors get?")
ASKED = _("The three words of the question are no answers, although they often lie nearest.")
LONG = _("Compare directions, not dot products: a frequent word's vector is long, and would win.")
UNIT = _("Make every vector as long as 1 before you add: else the longest decides the direction.")


def cases(rng: random.Random) -> list[Case]:
    """For each idea, random vectors for which the answer depends on it and not on later ones."""
    return [
        Case(draw(rng, same=(nearest_of_all, by_dot_product, of_raw_vectors), other=()), STEP),
        Case(draw(rng, same=(by_dot_product, of_raw_vectors), other=(nearest_of_all,)), ASKED),
        Case(draw(rng, same=(by_dot_product, of_raw_vectors), other=(a_is_allowed,)), ASKED),
        Case(draw(rng, same=(of_raw_vectors,), other=(by_dot_product,)), LONG),
        Case(draw(rng, same=(), other=(of_raw_vectors,)), UNIT),
    ]


def draw(
    rng: random.Random, same: Sequence[Answer], other: Sequence[Answer]
) -> tuple[Table, str, str, str]:
    """A question that `same` answer as the reference does, and `other` and a wrong step do not."""
    turned = (turned_step, without_c, lambda table, a, b, c: analogy(table, b, c, a))
    for _attempt in range(10_000):
        words = rng.sample(WORDS, 7)
        scale = {word: rng.choice([0.5, 1.0, 3.0]) for word in words}
        table = {w: [round(scale[w] * rng.gauss(0, 1), 2) for _d in range(3)] for w in words}
        args = (table, words[0], words[1], words[2])
        due = analogy(*args)
        if all(f(*args) == due for f in same) and all(f(*args) != due for f in (*other, *turned)):
            return args
    raise RuntimeError("no question shows this mistake: is the reference right?")


def analogy(table: Table, a: str, b: str, c: str) -> str:
    """The word whose vector is nearest, by cosine, to b - a + c of vectors of length 1."""
    vectors = WordVectors(list(table), torch.tensor(list(table.values())))
    return vectors.analogy(a, b, c)[0][0]


def word_by_word(table: Table, a: str, b: str, c: str) -> str:
    unit = {w: F.normalize(torch.tensor(v, dtype=torch.double), dim=0) for w, v in table.items()}
    goal = unit[b] - unit[a] + unit[c]
    return max((w for w in table if w not in (a, b, c)), key=lambda w: float(unit[w] @ goal))


def by_distance(table: Table, a: str, b: str, c: str) -> str:
    """Among vectors of length 1, the nearest point lies in the nearest direction."""
    unit = {w: F.normalize(torch.tensor(v, dtype=torch.double), dim=0) for w, v in table.items()}
    goal = F.normalize(unit[b] - unit[a] + unit[c], dim=0)
    return min(set(table) - {a, b, c}, key=lambda w: float((unit[w] - goal).norm()))


def nearest_of_all(table: Table, a: str, b: str, c: str) -> str:
    vectors = WordVectors(list(table), torch.tensor(list(table.values())))
    unit_a, unit_b, unit_c = (vectors.unit[vectors.ids[word]] for word in (a, b, c))
    return vectors.nearest(unit_b - unit_a + unit_c, 1)[0][0]


def by_dot_product(table: Table, a: str, b: str, c: str) -> str:
    raw = {word: torch.tensor(v, dtype=torch.double) for word, v in table.items()}
    unit_a, unit_b, unit_c = (F.normalize(raw[word], dim=0) for word in (a, b, c))
    goal = unit_b - unit_a + unit_c
    return max((w for w in table if w not in (a, b, c)), key=lambda w: float(raw[w] @ goal))


def of_raw_vectors(table: Table, a: str, b: str, c: str) -> str:
    vectors = WordVectors(list(table), torch.tensor(list(table.values())))
    return vectors.nearest(vectors[b] - vectors[a] + vectors[c], 1, [a, b, c])[0][0]


def without_c(table: Table, _a: str, b: str, c: str) -> str:
    """The nearest word to b."""
    return analogy(table, c, b, c)


def a_is_allowed(table: Table, a: str, b: str, c: str) -> str:
    """Leaves b and c out, and not a."""
    return analogy({**table, "": table[a]}, "", b, c)


def turned_step(table: Table, a: str, b: str, c: str) -> str:
    return analogy(table, b, a, c)


EXERCISE = Exercise(
    name="analogy",
    lecture="03_word2vec",
    stars=2,
    title=_("Analogies"),
    points=4,
    minutes=15,
    cases=cases,
    reference=analogy,
    hints=(
        _("Go from a to b; make the same step from c; look which word is nearest to that place."),
        _("Lengths carry no meaning here: divide every vector by its own length, first of all."),
        _("The largest dot product of a unit vector with b - a + c, all words but a, b and c."),
    ),
    right_variants=(word_by_word, by_distance),
    wrong_answers=(
        WrongAnswer(turned_step, STEP),
        WrongAnswer(lambda table, a, b, c: analogy(table, b, c, a), STEP),
        WrongAnswer(without_c, STEP),
        WrongAnswer(nearest_of_all, ASKED),
        WrongAnswer(a_is_allowed, ASKED),
        WrongAnswer(by_dot_product, LONG),
        WrongAnswer(of_raw_vectors, UNIT),
    ),
)
