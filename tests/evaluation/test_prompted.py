"""Accuracy by shots, against a learner by hand and against chance."""

import itertools
import random

import pytest
import torch

from course_lib.data.episodes import label_map_episodes
from course_lib.data.riverbank.tasks.prompting import LINE, Wording
from course_lib.data.riverbank.tasks.prompts import Prompt
from course_lib.data.riverbank.tasks.wording import Words
from course_lib.evaluation.prompted import (
    accuracy_by_examples,
    accuracy_by_order,
    accuracy_by_shots,
    accuracy_by_wording,
    choice_accuracy,
    chosen,
    ideal_by_shots,
    n_shown,
    spread,
)

GROUPS = [torch.tensor([4, 5, 6]), torch.tensor([7, 8]), torch.tensor([9])]
LABELS = torch.tensor([20, 21, 22, 23, 24])


class Lookup(torch.nn.Module):
    """The ideal learner: the label that a word's group had before; or else one not seen yet."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        rng = random.Random(0)
        logits = torch.zeros(*ids.shape, 25)
        for row, scores in zip(ids.tolist(), logits, strict=True):
            known: dict[int, int] = {}
            for place in range(1, len(row), 2):
                group = next(i for i, words in enumerate(GROUPS) if row[place] in words)
                unseen = rng.choice([n for n in LABELS.tolist() if n not in known.values()])
                scores[place, known.get(group, unseen)] = 1
                if place + 1 < len(row):
                    known[group] = row[place + 1]
        return logits


def test_the_closed_form_is_what_the_ideal_learner_reaches():
    made = next(label_map_episodes(GROUPS, LABELS, 6, 4000, torch.Generator().manual_seed(0)))
    for k, found in enumerate(accuracy_by_shots(Lookup(), made)):
        assert found.value == pytest.approx(ideal_by_shots(k, 3, 5), abs=4 * found.standard_error)


@pytest.mark.parametrize(("n_shots", "n_groups"), [(0, 3), (1, 4), (4, 3), (3, 5)])
def test_how_many_groups_are_shown_by_trying_every_draw(n_shots: int, n_groups: int):
    draws = list(itertools.product(range(n_groups), repeat=n_shots))
    counts = [sum(len(set(draw)) == j for draw in draws) for j in range(n_groups + 1)]
    assert n_shown(n_shots, n_groups) == pytest.approx([n / len(draws) for n in counts])


def test_known_values_of_the_closed_form():
    assert ideal_by_shots(0, 4, 16) == pytest.approx(1 / 16)
    assert ideal_by_shots(1, 4, 16) == pytest.approx(1 / 4 + 3 / 4 / 15)
    assert ideal_by_shots(500, 4, 4) == pytest.approx(1)


def test_only_the_choices_compete():
    class Stubborn(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            logits = torch.zeros(*ids.shape, 25)
            logits[..., 3], logits[..., 22] = 2, 1
            return logits

    made = next(label_map_episodes(GROUPS, LABELS, 2, 400, torch.Generator().manual_seed(0)))
    assert [found.value for found in accuracy_by_shots(Stubborn(), made)] == [0, 0, 0]
    share = (made.answers == 22).double().mean(dim=0).tolist()
    found = accuracy_by_shots(Stubborn(), made, LABELS)
    assert [one.value for one in found] == pytest.approx(share)


def prompt(words: str, answer: str, choices: str = "yes no") -> Prompt:
    return Prompt("topics", Words(words.split()), (answer,), tuple(choices.split()), answer)


ASKED = [
    prompt("ant", "no"),
    prompt("bee", "B", "A B C"),
    prompt("cat dog", "yes"),
    prompt("dog", "A", "A B C"),
]


def favourite(prompts, choices):
    """Likes the choice that stands last in the prompt; if none does, the first of them."""
    scores = torch.zeros(len(prompts), len(choices))
    for row, words in zip(scores, prompts, strict=True):
        for place, word in enumerate(words):
            for column, choice in enumerate(choices):
                row[column] += 10.0**place * ((word,) == tuple(choice))
    return scores


def test_each_prompt_is_asked_with_its_own_choices():
    assert chosen(favourite, ASKED) == ["yes", "A", "yes", "A"]
    found = choice_accuracy(favourite, ASKED)
    assert found.value == 0.5
    assert found.standard_error == pytest.approx((0.25 / 3) ** 0.5)
    with pytest.raises(ValueError, match="nothing to choose from: 'owl'"):
        chosen(favourite, [*ASKED, prompt("owl", "x", "")])


def test_examples_stand_before_the_prompt_with_their_answers():
    seen = []

    def score(prompts, choices):
        seen.extend(map(tuple, prompts))
        return favourite(prompts, choices)

    shots = [[prompt("x", "no"), prompt("y", "yes")], [prompt("z", "yes"), prompt("w", "no")]]
    found = accuracy_by_examples(score, [ASKED[0], ASKED[2]], shots, [0, 1, 2])
    assert [found[k].value for k in (0, 1, 2)] == [0.5, 1.0, 0.0]
    assert seen[2] == ("x", "no", LINE, "ant")
    assert seen[5] == ("z", "yes", LINE, "w", "no", LINE, "cat", "dog")


def test_every_order_of_the_examples_is_tried():
    shots = [prompt("x", "no"), prompt("y", "yes"), prompt("z", "no")]
    found = accuracy_by_order(favourite, [ASKED[0]], shots)
    assert set(found) == set(itertools.permutations(range(3)))
    assert {order for order, e in found.items() if e.value == 1} == {
        order for order in found if order[-1] != 1
    }
    assert spread(found) == 1


def test_the_same_examples_are_put_in_every_wording():
    wordings = [
        Wording("topics", "no : {passage}", "river yes, post no"),
        Wording("topics", "{passage} yes", "river yes, post no"),
    ]
    examples = [({"passage": ("a", "b")}, "river"), ({"passage": ("c",)}, "post")] * 2
    found = accuracy_by_wording(favourite, [*examples, examples[0]], wordings)
    assert [one.value for one in found.values()] == pytest.approx([0.4, 0.6])
    assert list(found) == ["no : {passage}", "{passage} yes"]
    assert spread(found) == pytest.approx(0.2)
