"""Accuracy by shots, against a learner by hand and against chance."""

import itertools
import random

import pytest
import torch

from course_lib.data.episodes import label_map_episodes
from course_lib.evaluation.prompted import accuracy_by_shots, ideal_by_shots, n_shown

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
