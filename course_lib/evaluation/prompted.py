"""How well a model does what its prompt asks: by the shots, their order, and the wording."""

import math

import torch
from torch import Tensor, nn

from course_lib.data.episodes import Episodes
from course_lib.evaluation.metrics import Estimate, mean


@torch.no_grad()
def accuracy_by_shots(
    model: nn.Module, episodes: Episodes, choices: Tensor | None = None
) -> list[Estimate]:
    """How often the label of a row's word number k + 1, after k shots, is the likeliest.

    choices: the ids that compete, such as all labels; None: the whole vocabulary.
    """
    model.eval()
    logits = model(episodes.inputs)[:, 1::2]  # (B, N, V): what follows each word
    if choices is None:
        found = logits.argmax(dim=-1)
    else:
        found = choices[logits[..., choices].argmax(dim=-1)]
    right = (found == episodes.answers).double()
    return [mean(column) for column in right.unbind(dim=1)]


def ideal_by_shots(n_shots: int, n_groups: int, n_labels: int) -> float:
    """How often the best learner there can be names the label, after so many shots.

    A word of a group that was shown: always. Of another: it guesses among the labels not yet seen.
    With j of C groups shown, of L labels, that is j / C + (1 - j / C) / (L - j), weighted by how
    likely n shots show j groups. It knows beforehand which words belong together.
    """
    return sum(
        p * (j / n_groups + (1 - j / n_groups) / (n_labels - j if j < n_groups else 1))
        for j, p in enumerate(n_shown(n_shots, n_groups))
    )


def n_shown(n_shots: int, n_groups: int) -> list[float]:
    """(C + 1,): how likely 0, 1, ... C different groups are among `n_shots` even draws."""
    chances = [1.0] + [0.0] * n_groups
    for _shot in range(n_shots):
        again = [p * j / n_groups for j, p in enumerate(chances)]
        new = [p * (1 - j / n_groups) for j, p in enumerate(chances)]
        chances = [a + b for a, b in zip(again, [0.0, *new], strict=False)]
    assert math.isclose(sum(chances), 1)
    return chances
