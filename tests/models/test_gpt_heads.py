"""GPT-1's heads: each against its equation, laws of order and padding, small tasks learnt."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.gpt_batches import GPTBatch, collate, gpt_batches
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTClassifier, GPTHead, GPTMultipleChoice, GPTSimilarity
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.transformer_lm import TransformerLM
from course_lib.text.gpt_inputs import GPTMarks, both_orders, choices, pair, single
from course_lib.training.gpt_objectives import squared_error, with_language_model
from course_lib.training.loop import TrainConfig, train

CFG = TransformerConfig(
    vocab_size=20, context_length=16, d_model=24, n_heads=2, n_layers=2, dropout=0.0
)
MARKS = GPTMarks(2, 18, 19, 16)
each_model = pytest.mark.parametrize("kind", [GPT1, ModernGPT])


def language_model(kind: type[TransformerLM]) -> TransformerLM:
    """No weight at its first value."""
    torch.manual_seed(0)
    model = kind(CFG)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.3)
    return model


def with_output(head: GPTHead) -> GPTHead:
    nn.init.normal_(head.output.weight)
    nn.init.normal_(head.output.bias)
    return head.double().eval()


def texts(n: int, seed: int = 0) -> list[Tensor]:
    """n texts of 1 to 5 words."""
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 6, (n,), generator=rng).tolist()
    return [torch.randint(4, 18, (length,), generator=rng) for length in lengths]


def vector_at_end(lm: TransformerLM, row: Tensor) -> Tensor:
    """(D,) of one text alone, without batch and padding."""
    return lm.hidden(row[None])[0, -1]


@each_model
def test_a_classifier_is_one_linear_layer_at_the_end_mark(kind):
    head = with_output(GPTClassifier(language_model(kind), 3))
    rows = [single(text, MARKS) for text in texts(4)]
    batch = collate([(row, 0) for row in rows])
    wanted = [head.output.weight @ vector_at_end(head.lm, r) + head.output.bias for (r,) in rows]
    logits, token_logits = head(batch.ids, batch.places)
    torch.testing.assert_close(logits, torch.stack(wanted))
    torch.testing.assert_close(token_logits[:, 0], head.lm(batch.ids[:, 0]))


@each_model
def test_similarity_adds_both_orders_so_the_order_does_not_matter(kind):
    head = with_output(GPTSimilarity(language_model(kind)))
    one, other = texts(3, seed=1), texts(3, seed=2)
    forth = collate([(both_orders(a, b, MARKS), 0.0) for a, b in zip(one, other, strict=True)])
    back = collate([(both_orders(b, a, MARKS), 0.0) for a, b in zip(one, other, strict=True)])
    logits = head.task_logits(forth.ids, forth.places)
    torch.testing.assert_close(logits, head.task_logits(back.ids, back.places))
    wanted = [
        head.output.weight @ sum(vector_at_end(head.lm, r) for r in both_orders(a, b, MARKS))
        + head.output.bias
        for a, b in zip(one, other, strict=True)
    ]
    torch.testing.assert_close(logits, torch.stack(wanted))
    single_order = collate([(pair(a, b, MARKS), 0.0) for a, b in zip(one, other, strict=True)])
    assert not torch.allclose(logits, head.task_logits(single_order.ids, single_order.places))


@each_model
def test_each_option_is_scored_by_itself(kind):
    head = with_output(GPTMultipleChoice(language_model(kind)))
    context, options = texts(1)[0], texts(4, seed=3)
    batch = collate([(choices(context, options, MARKS), 0)])
    scores = head.task_logits(batch.ids, batch.places)
    assert scores.shape == (1, 4)
    turned = collate([(choices(context, options[::-1], MARKS), 0)])
    torch.testing.assert_close(head.task_logits(turned.ids, turned.places), scores.flip(1))
    alone = vector_at_end(head.lm, pair(context, options[2], MARKS)[0])
    wanted = head.output.weight[0] @ alone + head.output.bias[0]
    torch.testing.assert_close(scores[0, 2], wanted)


@each_model
@pytest.mark.parametrize("make", [GPTClassifier, GPTSimilarity, GPTMultipleChoice])
def test_both_ways_to_the_task_logits_agree_and_padding_changes_nothing(kind, make):
    lm = language_model(kind)
    head = with_output(make(lm, 3) if make is GPTClassifier else make(lm))
    one, other = texts(5, seed=4), texts(5, seed=5)
    batch = collate([(both_orders(a, b, MARKS), 0) for a, b in zip(one, other, strict=True)])
    logits = head.task_logits(batch.ids, batch.places)
    torch.testing.assert_close(head(batch.ids, batch.places)[0], logits)
    wider = F.pad(batch.ids, (0, 3))
    torch.testing.assert_close(head.task_logits(wider, batch.places), logits)


def test_too_long_texts_are_refused():
    head = GPTClassifier(language_model(GPT1), 2)
    with pytest.raises(ValueError, match="context_length"):
        head(torch.ones(2, 1, 17, dtype=torch.long), torch.zeros(2, 1, dtype=torch.long))


def test_dropout_before_the_last_layer_in_training_only():
    lm = language_model(GPT1)
    head = GPTClassifier(lm, 2)
    head.drop = nn.Dropout(0.5)
    batch = collate([(single(text, MARKS), 0) for text in texts(6)])
    one, two = (head.task_logits(batch.ids, batch.places) for _time in range(2))
    assert not torch.allclose(one, two)
    head.eval()
    one, two = (head.task_logits(batch.ids, batch.places) for _time in range(2))
    assert torch.equal(one, two)


def learnt(head: GPTHead, examples, loss, n_steps: int = 150) -> tuple[Tensor, GPTBatch]:
    """Task logits on other examples than those learnt from."""
    rng = torch.Generator().manual_seed(0)
    settings = TrainConfig(n_steps=n_steps, lr=3e-3, n_warmup=10)
    train(head, loss, gpt_batches(examples[:-100], 1024, rng), settings)
    new = collate(examples[-100:])
    with torch.no_grad():
        return head.eval().task_logits(new.ids, new.places), new


@each_model
def test_it_learns_which_of_two_texts_holds_a_word(kind):
    """Multiple choice: the right option repeats the word of the context."""
    rng = torch.Generator().manual_seed(3)
    examples = []
    for _time in range(700):
        words = torch.randperm(14, generator=rng)[:2] + 4
        right = int(torch.randint(2, (), generator=rng))
        examples.append((choices(words[right][None], list(words[:, None]), MARKS), right))
    head = GPTMultipleChoice(kind(CFG, rng=rng), rng)
    logits, new = learnt(head, examples, with_language_model(F.cross_entropy, 0.0), 300)
    assert (logits.argmax(dim=1) == new.targets).double().mean() > 0.95  # a guess: 0.5


def test_it_learns_a_score():
    """Regression: how many times the word 5 occurs in both texts together."""
    all_texts = texts(1600, seed=6)
    examples = [
        (both_orders(a, b, MARKS), float((a == 5).sum() + (b == 5).sum()))
        for a, b in zip(all_texts[::2], all_texts[1::2], strict=True)
    ]
    rng = torch.Generator().manual_seed(0)
    head = GPTSimilarity(ModernGPT(CFG, rng=rng), rng=rng)
    logits, new = learnt(head, examples, with_language_model(squared_error, 0.0))
    error = (logits[:, 0] - new.targets).square().mean()
    assert error < 0.2 * new.targets.var()
