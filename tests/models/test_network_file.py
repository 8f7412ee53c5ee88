"""Neural language models taken apart and put together again."""

import pytest
import torch

from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.network_file import (
    gpt_from_tensors,
    gpt_tensors,
    recurrent_from_tensors,
    recurrent_tensors,
    translator_from_tensors,
    translator_tensors,
)
from course_lib.models.rnn import RecurrentConfig, RecurrentLM

TEXTS = [torch.tensor([4, 8, 5, 5, 7, 10, 4]), torch.tensor([], dtype=torch.long)]


def random_gpt(**settings):
    """Every weight random: zero projections would hide what is lost."""
    sizes = TransformerConfig(
        vocab_size=11, context_length=5, d_model=8, n_heads=2, n_layers=2, d_ff=12, dropout=0.3
    )
    torch.manual_seed(0)
    model = ModernGPT(sizes, **settings)
    for weight in model.parameters():
        torch.nn.init.normal_(weight)
    return model


@pytest.mark.parametrize("settings", [{}, {"rotary_base": 3.0, "output_scale": 0.7}])
def test_a_gpt_comes_back(settings):
    model = random_gpt(**settings)
    again = gpt_from_tensors(*gpt_tensors(model))
    for a, b in zip(model.log_probs(TEXTS), again.log_probs(TEXTS), strict=True):
        assert torch.equal(a, b)
    assert again.cfg == model.cfg
    assert not again.training


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_recurrent_model_comes_back(cell):
    torch.manual_seed(0)
    model = RecurrentLM(
        RecurrentConfig(vocab_size=11, d_embedding=3, d_hidden=5, n_layers=2, cell=cell)
    )
    torch.nn.init.normal_(model.head.weight)
    again = recurrent_from_tensors(*recurrent_tensors(model))
    for a, b in zip(model.log_probs(TEXTS), again.log_probs(TEXTS), strict=True):
        assert torch.equal(a, b)
    assert again.cfg == model.cfg


@pytest.mark.parametrize("n_targets", [None, 7])
def test_a_translator_comes_back(n_targets):
    torch.manual_seed(0)
    sizes = TransformerConfig(
        vocab_size=11, context_length=9, d_model=8, n_heads=2, n_layers=2, d_ff=12, dropout=0.3
    )
    model = ModernTranslator(sizes, n_targets=n_targets)
    for weight in model.parameters():
        torch.nn.init.normal_(weight)
    again = translator_from_tensors(*translator_tensors(model))
    source = torch.tensor([[4, 5, 6], [7, 8, 0]])
    given = [
        translator.given(source).log_probs([text.clamp(max=6) for text in TEXTS])
        for translator in (model, again)
    ]
    for a, b in zip(*given, strict=True):
        assert torch.equal(a, b)
    assert again.cfg == model.cfg
    assert not again.training


def test_what_does_not_fit_is_refused():
    tensors, settings = gpt_tensors(random_gpt())
    del settings["rotary_base"]
    with pytest.raises(KeyError):
        gpt_from_tensors(tensors, settings)
    tensors, settings = gpt_tensors(random_gpt())
    del tensors["norm.weight"]
    with pytest.raises(RuntimeError):
        gpt_from_tensors(tensors, settings)
    with pytest.raises(TypeError):
        recurrent_from_tensors(tensors, settings)
