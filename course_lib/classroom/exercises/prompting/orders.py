"""★★★ An experiment: how much does the order of the examples decide?"""

import random
from collections import Counter
from collections.abc import Sequence
from statistics import mean

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Answers = Sequence[Sequence[str]]

ACCURACY = _("worst and best are accuracies of one order each: its share of right answers.")
RANGE = _("Look at every order: the worst and the best may stand anywhere.")
MOVED = _(
    "moved: the share of questions that not all orders answer alike, whether the answers are right"
    " or not."
)
VOTE = _("vote: for each question the answer that most orders give; then the share that is right.")
TIE = _("Among answers with equally many votes, take the first in the alphabet.")


def cases(rng: random.Random) -> list[Case]:
    right = [rng.choice(("no", "yes")) for _question in range(6)]

    def wrong_at(*places: int) -> list[str]:
        other = {"no": "yes", "yes": "no"}
        return [other[a] if i in places else a for i, a in enumerate(right)]

    places = rng.sample(range(6), 6)
    rising = [wrong_at(*places[:4]), wrong_at(places[0], places[4]), wrong_at(places[1])]
    mixed = [wrong_at(*places[:2]), right, wrong_at(*places[:4])]
    stars = [rng.choice("135") for _question in range(4)]
    astray = [["2", "4", *stars[2:]], *[["4", "2", *stars[2:]]] * 2]
    tied = [["1", "5", "5", "2"], ["5", "1", "5", "2"]]
    return [
        Case(([wrong_at(places[0])], right), ACCURACY),
        Case((rising, right), VOTE),
        Case((mixed, right), RANGE),
        Case(([["yes", "yes"], ["no", "no"], ["yes", "no"]], ["yes", "no"]), RANGE),
        Case((astray, ["1", "3", *stars[2:]]), MOVED),
        Case((tied, ["1", "1", "5", rng.choice("23")]), TIE),
    ]


def order_report(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    """Worst and best order, the share of questions that the order decides, and the vote."""
    scores = [share_equal(said, right) for said in answers]
    by_question = list(zip(*answers, strict=True))
    moved = [len(set(said)) > 1 for said in by_question]
    vote = [min(said, key=lambda a: (-said.count(a), a)) for said in by_question]
    return {
        "worst": min(scores),
        "best": max(scores),
        "moved": sum(moved) / len(moved),
        "vote": share_equal(vote, right),
    }


def share_equal(said: Sequence[str], right: Sequence[str]) -> float:
    return mean(float(a == b) for a, b in zip(said, right, strict=True))


def with_counters(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    n, n_moved, n_voted = len(right), 0, 0
    hits = [0] * len(answers)
    for question, due in enumerate(right):
        votes = Counter(row[question] for row in answers)
        n_moved += len(votes) > 1
        n_voted += sorted(votes, key=lambda a: (-votes[a], a))[0] == due
        hits = [h + (row[question] == due) for h, row in zip(hits, answers, strict=True)]
    low, high = sorted(hits)[0], sorted(hits)[-1]
    return {"vote": n_voted / n, "moved": n_moved / n, "best": high / n, "worst": low / n}


def with_numpy(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    import numpy as np

    said, due = np.array(answers), np.array(right)
    names = np.unique(said)  # in the alphabet's order, and argmax takes the first of equals
    votes = names[(said[:, :, None] == names).sum(axis=0).argmax(axis=1)]
    scores = (said == due).mean(axis=1)
    return {
        "worst": float(scores.min()),
        "best": float(scores.max()),
        "moved": float((said != said[0]).any(axis=0).mean()),
        "vote": float((votes == due).mean()),
    }


def changed(answers: Answers, right: Sequence[str], **other: float) -> dict[str, float]:
    return order_report(answers, right) | other


def by_counts(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    """Numbers of questions instead of shares."""
    return {name: len(right) * value for name, value in order_report(answers, right).items()}


def first_and_last(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    scores = [share_equal(said, right) for said in answers]
    return changed(answers, right, worst=scores[0], best=scores[-1])


def moved_if_right_changes(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    """Counts only questions that some order gets right and another does not."""
    rows = zip(*answers, strict=True)
    moved = [
        0 < sum(a == due for a in row) < len(row) for row, due in zip(rows, right, strict=True)
    ]
    return changed(answers, right, moved=sum(moved) / len(moved))


def moved_from_right(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    """Counts questions that some order gets wrong."""
    rows = zip(*answers, strict=True)
    moved = [any(a != due for a in row) for row, due in zip(rows, right, strict=True)]
    return changed(answers, right, moved=mean(map(float, moved)) if len(answers) > 1 else 0.0)


def vote_of_the_best(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    return changed(answers, right, vote=order_report(answers, right)["best"])


def mean_accuracy(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    return changed(answers, right, vote=mean(share_equal(said, right) for said in answers))


def any_right(answers: Answers, right: Sequence[str]) -> dict[str, float]:
    found = [float(due in row) for row, due in zip(zip(*answers, strict=True), right, strict=True)]
    return changed(answers, right, vote=mean(found))


def voted(answers: Answers, right: Sequence[str], last: bool) -> dict[str, float]:
    """Ties go to the answer that came first, or to the last in the alphabet."""
    rows = list(zip(*answers, strict=True))
    votes = [max(sorted(row, reverse=True) if last else row, key=row.count) for row in rows]
    return changed(answers, right, vote=share_equal(votes, right))


EXERCISE = Exercise(
    name="order_report",
    lecture="14_prompting",
    stars=3,
    title=_("What does the order of the examples decide?"),
    points=6,
    minutes=25,
    cases=cases,
    reference=order_report,
    hints=(
        _("Two of the four numbers look along an order, two along a question."),
        _("zip(*answers) gives, for each question, what all orders say to it."),
        _("vote: min(set(said), key=lambda a: (-said.count(a), a)) for each question."),
    ),
    right_variants=(with_counters, with_numpy),
    wrong_answers=(
        WrongAnswer(by_counts, ACCURACY),
        WrongAnswer(lambda a, r: changed(a, r, worst=1 - order_report(a, r)["best"]), ACCURACY),
        WrongAnswer(first_and_last, RANGE),
        WrongAnswer(lambda a, r: changed(a, r, worst=min(share_equal(s, r) for s in a[:2])), RANGE),
        WrongAnswer(moved_if_right_changes, MOVED),
        WrongAnswer(vote_of_the_best, VOTE),
        WrongAnswer(mean_accuracy, VOTE),
        WrongAnswer(any_right, VOTE),
        WrongAnswer(lambda a, r: voted(a, r, last=False), TIE),
        WrongAnswer(lambda a, r: voted(a, r, last=True), TIE),
    ),
)
