"""What the models are asked to do: each loss takes (model, batch) and returns one number, in nats.

Next to a loss stands its gradient in closed form, as the lectures derive it; tests hold both to
autograd.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.pretraining_batches import PretrainingBatch
from course_lib.models.word2vec import CBOW, SkipGram

SequenceBatch = tuple[Tensor, Tensor, Tensor]


def next_token_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Mean cross-entropy, in nats per token. Batch: inputs and targets, each (B, T)."""
    inputs, targets = batch
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def sequence_loss(model: nn.Module, batch: SequenceBatch) -> Tensor:
    """Mean cross-entropy of the target given the source, in nats per token: teacher forcing.

    Batch: sources (B, S), inputs and targets (B, T); targets of -100 (padding) do not count.
    """
    source, inputs, targets = batch
    return F.cross_entropy(model(source, inputs).flatten(0, 1), targets.flatten())


def smoothed_sequence_loss(label_smoothing: float) -> Callable[[nn.Module, SequenceBatch], Tensor]:
    """`sequence_loss` whose target is not quite sure: (1 - e) for the right token, e for all V.

    e = `label_smoothing`; with 0 the same loss. Its lowest value is the entropy of that target, not
    0. Source: Szegedy et al. (2016); for translation Vaswani et al. (2017), e = 0.1.
    """

    def loss(model: nn.Module, batch: SequenceBatch) -> Tensor:
        source, inputs, targets = batch
        logits = model(source, inputs).flatten(0, 1)
        return F.cross_entropy(logits, targets.flatten(), label_smoothing=label_smoothing)

    return loss


def softmax_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Mean cross-entropy of one word out of all V, in nats; a model that knows nothing scores ln V.

    Batch: inputs, and targets (B,). For SkipGram the inputs are centres (B,) and the targets words
    beside them; for CBOW the inputs are contexts (B, C) and the targets the words between.
    """
    inputs, targets = batch
    return F.cross_entropy(model(inputs), targets)


def softmax_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """Derivative of each row's cross-entropy by its logits: p - y, with y = 1 at the target.

    (B, V), (B,) -> (B, V). The mean over a batch has this divided by B. By the chain rule
    d/d(output vectors) = (p - y) outer h, and d/dh = (p - y) @ output vectors.
    """
    return logits.softmax(dim=-1) - F.one_hot(targets, logits.size(-1)).to(logits.dtype)


def negative_sampling_loss(model: SkipGram | CBOW, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Tell the true word from K drawn ones: mean over rows, in nats; (K + 1) ln 2 at first.

    Batch: inputs as in `softmax_loss`, targets (B,), negatives (B, K).
    """
    inputs, targets, negatives = batch
    true_scores = model.score(inputs, targets[:, None])  # (B, 1)
    negative_scores = model.score(inputs, negatives)  # (B, K)
    return negative_sampling_nll(true_scores, negative_scores).mean()


def negative_sampling_nll(true_scores: Tensor, negative_scores: Tensor) -> Tensor:
    """-log sigma(true) - sum of log sigma(-negative): (B, 1), (B, K) -> (B,), in nats.

    Each score u . v is the log odds that the word was seen there rather than drawn from the noise.
    Source: Mikolov et al. (2013), "Distributed representations", eq. 4.
    """
    nll = -F.logsigmoid(true_scores).sum(dim=-1)
    return nll - F.logsigmoid(-negative_scores).sum(dim=-1)


def negative_sampling_gradient(scores: Tensor, labels: Tensor) -> Tensor:
    """Derivative of `negative_sampling_nll` by the scores: sigma(u . v) - label.

    Both (...), label 1 for the true word and 0 for a negative. By the chain rule the output
    vector v gets this times u, and u the sum over its words of this times v.
    """
    return scores.sigmoid() - labels


def pretraining_loss(model: nn.Module, batch: PretrainingBatch) -> Tensor:
    """BERT's loss: mean over the hidden words plus mean over the pairs, both in nats.

    At first about ln V + ln 2. Source: Devlin et al. (2019), appendix A.2.
    """
    words, follows = model(batch.ids, batch.segment_ids, places=batch.places)
    return F.cross_entropy(words, batch.targets) + F.cross_entropy(follows, batch.nsp_targets)
