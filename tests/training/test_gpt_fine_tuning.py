"""Fine-tuning: it learns, leaves what is frozen alone, and all its chance comes from outside."""

import pytest
import torch

from course_lib.data.gpt_batches import Example
from course_lib.inference.gpt_answers import task_logits
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt_heads import GPTClassifier
from course_lib.models.modern_gpt import ModernGPT
from course_lib.text.gpt_inputs import GPTMarks, single
from course_lib.training.gpt_fine_tuning import FRESH, TRAINED, fine_tune_gpt

CFG = TransformerConfig(
    vocab_size=14, context_length=12, d_model=16, n_heads=2, n_layers=1, dropout=0.0
)
MARKS = GPTMarks(2, 12, 13, 12)


def examples(n: int) -> list[Example]:
    """Label 1 where the word 5 occurs; texts of 1 to 9 words."""
    rng = torch.Generator().manual_seed(n)
    found: list[Example] = []
    for i in range(n):
        text = torch.randint(6, 12, (1 + i % 9,), generator=rng)
        if i % 2:
            text[int(torch.randint(len(text), (), generator=rng))] = 5
        found.append((single(text, MARKS), i % 2))
    return found


def head(seed: int = 0) -> GPTClassifier:
    rng = torch.Generator().manual_seed(seed)
    return GPTClassifier(ModernGPT(CFG, rng=rng), 2, rng)


def test_it_learns_and_the_losses_fall():
    model, rng = head(), torch.Generator().manual_seed(0)
    losses = fine_tune_gpt(model, examples(200), 60, rng, weight=0.0, rates=FRESH)
    assert len(losses) == 60
    assert losses[-1] < 0.2 < losses[0]
    new = examples(101)
    right = task_logits(model, new).argmax(dim=1) == torch.tensor([y for _texts, y in new])
    assert right.double().mean() > 0.95


def test_a_frozen_language_model_stays_as_it_is():
    model, rng = head(), torch.Generator().manual_seed(0)
    model.lm.requires_grad_(False)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    fine_tune_gpt(model, examples(20), 5, rng, weight=0.0)
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, before[name]) == name.startswith("lm."), name


def test_the_auxiliary_loss_keeps_the_language_model_in_shape():
    """Without it, what the output bias says of the words never changes."""
    for weight in (0.0, 0.5):
        model, rng = head(), torch.Generator().manual_seed(0)
        fine_tune_gpt(model, examples(20), 5, rng, weight=weight)
        assert bool(model.lm.output_bias.any()) == (weight > 0)


def test_the_same_seeds_give_the_same_model_and_gentle_rates_change_it_less():
    def moved(rates, seed: int = 0) -> list[float]:
        """How far the vectors of the words, and a matrix inside, have gone."""
        model = head()
        weights = model.lm.tokens.weight, model.lm.blocks[0].w_1.weight
        start = [weight.detach().clone() for weight in weights]
        rng = torch.Generator().manual_seed(seed)
        fine_tune_gpt(model, examples(30), 8, rng, rates=rates, n_tokens=32)
        return [(w.detach() - s).norm().item() for w, s in zip(weights, start, strict=True)]

    gentle, large = moved(TRAINED), moved(FRESH)
    assert gentle == moved(TRAINED) != moved(TRAINED, seed=1)
    for one, other, share in zip(gentle, large, (0.01 / 0.02, 0.005 / 0.014), strict=True):
        assert one == pytest.approx(share * other, rel=0.4)


@pytest.mark.parametrize("n_tokens", [4, 30, 8192])
def test_answers_come_in_the_order_of_the_questions(n_tokens: int):
    model, all_examples = head(3).train(), examples(23)
    model.output.weight.data.normal_()
    found = task_logits(model, all_examples, n_tokens)
    assert not model.training
    alone = [task_logits(model, [example]) for example in all_examples]
    torch.testing.assert_close(found, torch.cat(alone))
    assert found.std(dim=0).min() > 0.01
