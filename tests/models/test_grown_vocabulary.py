"""New words for a trained model: its old knowledge stays, its old self is left alone."""

import pytest
import torch

from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.grown_vocabulary import grow_vocabulary
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.transformer_lm import TransformerLM

CFG = TransformerConfig(
    vocab_size=11, context_length=8, d_model=12, n_heads=2, n_layers=1, dropout=0.0
)
each_model = pytest.mark.parametrize("kind", [GPT1, GPT, ModernGPT])


def made(kind: type[TransformerLM]) -> TransformerLM:
    model = kind(CFG, rng=torch.Generator().manual_seed(0)).eval()
    if isinstance(model, ModernGPT):
        model.set_unigram(torch.arange(11))
    return model


@each_model
def test_old_words_score_as_before(kind):
    model, ids = made(kind), torch.tensor([[2, 5, 9], [2, 10, 4]])
    grown = grow_vocabulary(model, 3, torch.Generator().manual_seed(1))
    assert grown.cfg.vocab_size == 14
    assert grown(ids).shape == (2, 3, 14)
    torch.testing.assert_close(grown(ids)[..., :11], model(ids))


@each_model
def test_new_words_are_read_scored_and_learnt(kind):
    grown = grow_vocabulary(made(kind), 3, torch.Generator().manual_seed(1))
    ids = torch.tensor([[2, 11, 13], [2, 12, 12]])
    assert not torch.allclose(grown(ids)[0], grown(ids)[1])
    assert all(weight.requires_grad for weight in grown.parameters())
    grown(ids)[..., 11:].sum().backward()
    assert grown.tokens.weight.grad[11:].abs().amax(dim=1).min() > 0


@each_model
def test_the_model_given_is_left_alone(kind):
    model = made(kind)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    grown = grow_vocabulary(model, 2)
    with torch.no_grad():
        for weight in grown.parameters():
            weight.add_(1)
    assert model.cfg == CFG
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, before[name]), name


def test_new_rows_are_small_and_a_new_word_is_as_rare_as_the_rarest():
    model = ModernGPT(CFG, embedding_std=0.7, rng=torch.Generator().manual_seed(0))
    model.set_unigram(torch.arange(11))
    grown = grow_vocabulary(model, 500, torch.Generator().manual_seed(1))
    new = grown.tokens.weight[11:]
    assert new.std().item() == pytest.approx(0.02, rel=0.05)
    assert (grown.output_bias[11:] == model.output_bias[0]).all()


def test_the_same_generator_gives_the_same_rows():
    one, two, other = (
        grow_vocabulary(made(GPT), 2, torch.Generator().manual_seed(seed)).tokens.weight[11:]
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_no_new_words_is_a_copy_and_fewer_are_refused():
    model, ids = made(GPT), torch.tensor([[2, 5, 9]])
    torch.testing.assert_close(grow_vocabulary(model, 0)(ids), model(ids))
    with pytest.raises(ValueError, match="negative"):
        grow_vocabulary(model, -1)
