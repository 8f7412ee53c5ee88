"""What a model has learnt: minimal pairs, two texts alike but for one word, one of them wrong."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch

from course_lib.evaluation.ladder import Scorer
from course_lib.evaluation.metrics import Estimate, mean
from course_lib.text.vocab import Vocab


class Pair(Protocol):
    """A context and two next words. The shape of `course_lib.data.riverbank.MinimalPair`."""

    @property
    def context(self) -> Sequence[str]: ...
    @property
    def right(self) -> str: ...
    @property
    def wrong(self) -> str: ...


def phenomenon_accuracy(model: Scorer, pairs: Sequence[Pair], vocab: Vocab) -> Estimate:
    """How often the right word is the likelier one after the context; chance is 0.5, as is a tie.

    Only p(word | context) is compared, not what follows: the rest of a sentence would add evidence
    that the phenomenon is not about. Raises ValueError if there are no pairs.
    """
    if not len(pairs):
        raise ValueError("no pairs to judge")
    words = [[*pair.context, word] for pair in pairs for word in (pair.right, pair.wrong)]
    log_probs = model.log_probs([vocab.encode(text) for text in words])
    scores = torch.stack([text[-2] for text in log_probs]).double()  # [-1] is that of </s>
    right, wrong = scores[0::2], scores[1::2]
    return mean((right > wrong) + 0.5 * (right == wrong))


def phenomena_table(
    models: Mapping[str, Scorer], pairs: Mapping[str, Sequence[Pair]], vocab: Vocab
) -> dict[str, dict[str, Estimate]]:
    """One row per phenomenon, one column per model: table[phenomenon][model]."""
    return {
        phenomenon: {
            name: phenomenon_accuracy(model, its_pairs, vocab) for name, model in models.items()
        }
        for phenomenon, its_pairs in pairs.items()
    }
