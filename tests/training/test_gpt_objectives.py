"""The loss of GPT-1's fine-tuning: both parts by hand, and what the second does not count."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data.gpt_batches import collate
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt_heads import GPTClassifier, GPTSimilarity
from course_lib.models.modern_gpt import ModernGPT
from course_lib.training.gpt_objectives import (
    language_model_loss,
    squared_error,
    with_language_model,
)

CFG = TransformerConfig(
    vocab_size=9, context_length=8, d_model=8, n_heads=2, n_layers=1, dropout=0.0
)
TEXTS = [[2, 4, 5, 8], [2, 7, 8], [2, 4, 6, 4, 5, 8], [2, 8]]


def batch_of(n_texts: int, targets: list[float]):
    rows = [torch.tensor(text) for text in TEXTS]
    groups = [rows[i : i + n_texts] for i in range(0, len(rows), n_texts)]
    return collate(list(zip(groups, targets, strict=True)))


def model(kind, *arguments) -> nn.Module:
    torch.manual_seed(0)
    head = kind(ModernGPT(CFG), *arguments)
    for weight in head.parameters():
        nn.init.normal_(weight, std=0.4)
    return head.double()


def test_tokens_are_predicted_from_those_before_them_and_padding_never():
    head, batch = model(GPTClassifier, 3), batch_of(1, [0, 2, 1, 1])
    token_logits = head(batch.ids, batch.places)[1]
    nats = []
    for row, text in zip(token_logits[:, 0], TEXTS, strict=True):
        log_p = row.log_softmax(dim=-1)
        nats += [-log_p[t, word].item() for t, word in enumerate(text[1:])]
    found = language_model_loss(token_logits, batch.ids, batch.places)
    assert found.item() == pytest.approx(sum(nats) / len(nats))
    assert len(nats) == 3 + 2 + 5 + 1


def test_an_id_of_0_inside_a_text_counts():
    ids = torch.tensor([[[2, 0, 8, 0]]])
    logits = torch.zeros(1, 1, 4, 9)
    logits[..., 0] = 5.0
    loss = language_model_loss(logits, ids, torch.tensor([[2]]))
    p = math.exp(5) / (math.exp(5) + 8)
    assert loss.item() == pytest.approx(-(math.log(p) + math.log((1 - p) / 8)) / 2)


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_the_loss_is_the_sum_of_its_parts(weight: float):
    head, batch = model(GPTClassifier, 3), batch_of(1, [0, 2, 1, 1])
    task_logits, token_logits = head(batch.ids, batch.places)
    wanted = F.cross_entropy(task_logits, batch.targets)
    wanted = wanted + weight * language_model_loss(token_logits, batch.ids, batch.places)
    loss = with_language_model(F.cross_entropy, weight)(head, batch)
    torch.testing.assert_close(loss, wanted)


def test_the_published_weight_is_one_half():
    head, batch = model(GPTClassifier, 3), batch_of(1, [0, 2, 1, 1])
    losses = [with_language_model(weight=w)(head, batch) for w in (0.0, 0.5, 1.0)]
    torch.testing.assert_close(losses[1], (losses[0] + losses[2]) / 2)
    torch.testing.assert_close(with_language_model()(head, batch), losses[1])


def test_with_weight_0_the_vocabulary_is_not_scored():
    head, batch = model(GPTClassifier, 3), batch_of(1, [0, 2, 1, 1])
    with_language_model(F.cross_entropy, 0.0)(head, batch).backward()
    assert head.lm.output_bias.grad is None
    with_language_model(F.cross_entropy, 0.5)(head, batch).backward()
    assert head.lm.output_bias.grad.abs().max() > 0


def test_scores_are_compared_by_squares():
    head, batch = model(GPTSimilarity), batch_of(2, [4.5, 0.5])
    batch = batch._replace(targets=batch.targets.double())
    scores = head.task_logits(batch.ids, batch.places)
    loss = with_language_model(squared_error, 0.0)(head, batch)
    by_hand = ((scores[0, 0] - 4.5) ** 2 + (scores[1, 0] - 0.5) ** 2) / 2
    torch.testing.assert_close(loss, by_hand)
