"""★★★ An experiment: does a vector know the sense of its word? Its nearest neighbour tells."""

import itertools
import math
import random
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Names = Sequence[str]

SHARE = _("Return the share of uses whose nearest neighbour has the same sense: 0 to 1.")
ITSELF = _("A use is not its own neighbour: the nearest *other* use is asked.")
ANGLE = _("Near means a small angle: divide by the vectors' lengths before you compare.")
STORY = _("A use from the same story is no proof: only uses from other stories may be asked.")
WORD = _("A use of bank has its neighbours among the other uses of bank, not of any word.")


MOST_DRAWS = 2000  # of random vectors, until a case tells what it is to tell


def cases(rng: random.Random) -> list[Case]:
    """Random vectors, drawn until each case catches its own mistake and none that comes later."""
    return [
        _case(rng, SHARE, [], units=True),
        _case(rng, ITSELF, [with_itself], units=True),
        _case(rng, ANGLE, [by_dot_product, by_distance], units=False),
        _case(rng, STORY, [any_story], units=True, per_story=2),
        _case(rng, WORD, [any_word], units=True, n_words=2),
    ]


def _case(
    rng: random.Random,
    hint: str,
    caught: list[Callable[..., float]],
    units: bool,
    per_story: int = 1,
    n_words: int = 1,
) -> Case:
    later = (with_itself, by_dot_product, by_distance, any_story, any_word)
    last = max((later.index(wrong) for wrong in caught), default=-1)
    for _draw in range(MOST_DRAWS):
        args = _uses(rng, units, per_story, n_words)
        right = sense_share(*args)
        passed = [wrong(*args) == right for wrong in later[last + 1 :]]
        if all(passed) and all(wrong(*args) != right for wrong in caught):
            return Case(args, hint)
    raise RuntimeError("no such case was found")


def _uses(
    rng: random.Random, units: bool, per_story: int, n_words: int
) -> tuple[Tensor, list[str], list[str], list[int]]:
    """Eight uses of one word or two, of two senses each, in stories of one use or more."""
    words = [["bank", "light"][i % n_words] for i in range(8)]
    senses = [f"{word}/{rng.randint(1, 2)}" for word in words]
    length = [1.0 if units else rng.choice([0.3, 1.0, 4.0]) for _use in words]
    rows = [[rng.gauss(0, 1) for _d in range(2)] for _use in words]
    unit = F.normalize(torch.tensor(rows, dtype=torch.float64), dim=1)
    vectors = (unit * torch.tensor(length, dtype=torch.float64)[:, None]).round(decimals=3)
    return vectors, words, senses, [i // per_story for i in range(8)]


def sense_share(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    """(N, D), a word, a sense and a story for each -> share whose neighbour has the same sense."""
    unit = F.normalize(vectors, dim=1)
    return _share(unit @ unit.T, words, senses, stories)


def _share(scores: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    """Scores (N, N), higher is nearer: among uses of the same word in other stories."""
    scores = scores.clone()
    for i, j in itertools.product(range(len(words)), repeat=2):
        if words[i] != words[j] or stories[i] == stories[j]:
            scores[i, j] = -torch.inf
    nearest = scores.argmax(dim=1).tolist()
    n_right = sum(bool(senses[i] == senses[j]) for i, j in enumerate(nearest))
    return n_right / len(senses)


def with_loops(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    n_right = 0
    for i in range(len(words)):
        best, cosine = -1, -math.inf
        for j in range(len(words)):
            if words[j] == words[i] and stories[j] != stories[i]:
                found = F.cosine_similarity(vectors[i], vectors[j], dim=0).item()
                best, cosine = (j, found) if found > cosine else (best, cosine)
        n_right += senses[best] == senses[i]
    return n_right / len(words)


def with_masks(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> Tensor:
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    number = torch.tensor([sorted(set(words)).index(word) for word in words])
    story = torch.tensor(stories)
    may = (number[:, None] == number) & (story[:, None] != story)
    nearest = (unit @ unit.T).masked_fill(~may, -2).argmax(dim=1)
    sense = torch.tensor([sorted(set(senses)).index(name) for name in senses])
    return (sense[nearest] == sense).double().mean()


def with_itself(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    del vectors, words, senses, stories
    return 1.0


def by_dot_product(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    return _share(vectors @ vectors.T, words, senses, stories)


def by_distance(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    return _share(-torch.cdist(vectors, vectors), words, senses, stories)


def any_story(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    return sense_share(vectors, words, senses, range(len(stories)))


def any_word(vectors: Tensor, words: Names, senses: Names, stories: Sequence[int]) -> float:
    return sense_share(vectors, ["one"] * len(words), senses, stories)


EXERCISE = Exercise(
    name="sense_share",
    lecture="11_bert",
    stars=3,
    title=_("Which sense does the vector know?"),
    points=6,
    minutes=25,
    cases=cases,
    reference=sense_share,
    hints=(
        _("Make all vectors 1 long; then the dot product of two is the cosine of their angle."),
        _("Of the table of all cosines, cross out what may not be asked: put -inf there."),
        _("Crossed out: other words, and the same story (that is also the use itself). argmax."),
    ),
    right_variants=(with_loops, with_masks),
    wrong_answers=(
        WrongAnswer(lambda *uses: 1 - sense_share(*uses), SHARE),
        WrongAnswer(lambda *uses: sense_share(*uses) * len(uses[1]), SHARE),
        WrongAnswer(with_itself, ITSELF),
        WrongAnswer(by_dot_product, ANGLE),
        WrongAnswer(by_distance, ANGLE),
        WrongAnswer(any_story, STORY),
        WrongAnswer(any_word, WORD),
    ),
)
