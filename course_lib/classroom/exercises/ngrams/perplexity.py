"""★ Perplexity: how many words a model seems to choose between."""

import math
import random
from collections.abc import Sequence
from statistics import fmean, geometric_mean

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

BASE = _(
    "These are natural logarithms: e, not 2 or 10, to the power of them gives the probability."
)
MEAN = _("Equally likely words: the perplexity is their number, however long the text. Average.")
ORDER = _("First average the logarithms, then take exp. The mean of exp is not exp of the mean.")
BELOW_ONE = _("The perplexity {value:.3g} is below 1: nobody chooses between less than one word.")


def cases(rng: random.Random) -> list[Case]:
    n_words, length = rng.randint(3, 50), rng.randint(4, 9)
    varied = [math.log(p) for p in (rng.uniform(0.01, 0.1), rng.uniform(0.5, 0.9), 0.2)]
    return [
        Case(([math.log(rng.uniform(0.05, 0.5))],), BASE),
        Case(([-math.log(n_words)] * length,), MEAN),
        Case((rng.sample(varied, 3),), ORDER),
    ]


def below_one(result: float, _log_probs: Sequence[float]) -> dict[str, float] | None:
    return {"value": result} if result < 1 else None


def text_perplexity(log_probs: Sequence[float]) -> float:
    """(N,) natural logarithms of each token's probability -> exp of minus their mean."""
    return math.exp(-fmean(log_probs))


def with_numpy(log_probs: Sequence[float]) -> float:
    return float(np.exp(-np.mean(log_probs)))


def with_a_geometric_mean(log_probs: Sequence[float]) -> float:
    return 1 / geometric_mean([math.exp(x) for x in log_probs])


EXERCISE = Exercise(
    name="text_perplexity",
    lecture="01_ngrams",
    stars=1,
    title=_("Perplexity from log-probabilities"),
    points=2,
    minutes=5,
    cases=cases,
    laws=(Law(BELOW_ONE, below_one),),
    reference=text_perplexity,
    hints=(
        _("Which number must come out if the model finds 10 words equally likely at every token?"),
        _("Surprise is minus the log-probability. How surprised is the model per token?"),
        _("Return math.exp of minus the mean: sum(log_probs) / len(log_probs), with a minus."),
    ),
    right_variants=(with_numpy, with_a_geometric_mean),
    wrong_answers=(
        WrongAnswer(lambda log_probs: 2 ** -fmean(log_probs), BASE),
        WrongAnswer(lambda log_probs: -fmean(log_probs) + 1, BASE),
        WrongAnswer(lambda log_probs: math.exp(fmean(log_probs)), BELOW_ONE),
        WrongAnswer(lambda log_probs: math.exp(-sum(log_probs)), MEAN),
        WrongAnswer(lambda log_probs: fmean(math.exp(-x) for x in log_probs), ORDER),
        WrongAnswer(lambda log_probs: 1 / fmean(math.exp(x) for x in log_probs), ORDER),
    ),
)
