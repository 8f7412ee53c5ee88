"""How well a model does what its prompt asks: by the shots, their order, and the wording."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from course_lib.data.episodes import Episodes
from course_lib.data.riverbank.tasks.prompting import Wording, put, with_shots
from course_lib.data.riverbank.tasks.prompts import Parts, Prompt
from course_lib.evaluation.metrics import Estimate, mean

Words = Sequence[str]
# prompts (B), choices (C) -> (B, C): such as `partial(score_answers, prompted)`
Score = Callable[[Sequence[Words], Sequence[Words]], Tensor]


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


def chosen(score: Score, prompts: Sequence[Prompt]) -> list[str]:
    """The choice that scores best for each prompt; each prompt may have choices of its own.

    Raises ValueError for a prompt without choices.
    """
    groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, prompt in enumerate(prompts):
        if not prompt.choices:
            raise ValueError(f"nothing to choose from: {' '.join(prompt.words)!r}")
        groups[prompt.choices].append(i)
    found = [""] * len(prompts)
    for choices, places in groups.items():
        scores = score([prompts[i].words for i in places], [(choice,) for choice in choices])
        for i, best in zip(places, scores.argmax(dim=-1).tolist(), strict=True):
            found[i] = choices[best]
    return found


def choice_accuracy(score: Score, prompts: Sequence[Prompt]) -> Estimate:
    """How often the right answer scores best among a prompt's choices."""
    pairs = zip(chosen(score, prompts), prompts, strict=True)
    return mean([float((choice,) == prompt.answer) for choice, prompt in pairs])


def accuracy_by_examples(
    score: Score,
    prompts: Sequence[Prompt],
    shots: Sequence[Sequence[Prompt]],
    counts: Sequence[int],
) -> dict[int, Estimate]:
    """k -> accuracy with the first k of each prompt's own examples before it."""
    return {
        k: choice_accuracy(
            score, [with_shots(p, own[:k]) for p, own in zip(prompts, shots, strict=True)]
        )
        for k in counts
    }


def accuracy_by_wording(
    score: Score, examples: Sequence[tuple[Parts, object]], wordings: Sequence[Wording]
) -> dict[str, Estimate]:
    """Wording -> accuracy when the same examples are put so: how much depends on the words."""
    return {
        wording.template: choice_accuracy(score, [put(wording, *one) for one in examples])
        for wording in wordings
    }


def accuracy_by_order(
    score: Score, prompts: Sequence[Prompt], shots: Sequence[Prompt]
) -> dict[tuple[int, ...], Estimate]:
    """Order of the examples -> accuracy, for all n! of them: (1, 0) is the second one first.

    Source: Lu et al. (2022), "Fantastically ordered prompts and where to find them".
    """
    return {
        order: choice_accuracy(score, [with_shots(p, [shots[i] for i in order]) for p in prompts])
        for order in itertools.permutations(range(len(shots)))
    }


def spread(found: Mapping[object, Estimate]) -> float:
    """How far the best is from the worst."""
    values = [estimate.value for estimate in found.values()]
    return max(values) - min(values)
