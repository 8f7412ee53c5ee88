"""What is seen from outside is what the models compute: vectors and weights of every layer."""

import pytest
import torch

from course_lib.models.attention import join_heads, split_heads
from course_lib.models.bert import BERT
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.looking import attention_maps, layer_vectors
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_gpt import ModernGPT

CFG = TransformerConfig(vocab_size=23, context_length=12, d_model=16, n_heads=2, n_layers=3)
IDS = torch.tensor([[4, 9, 22, 7, 5], [4, 8, 5, 0, 0]])
MODELS = [BERT, ModernBERT, GPT, ModernGPT]


def made(kind):
    """A model with large first weights, so that attention is not nearly even."""
    torch.manual_seed(1)
    model = kind(CFG)
    with torch.no_grad():
        for block in model.blocks:
            block.attention.w_q.weight.normal_(std=1.0)
            block.attention.w_k.weight.normal_(std=1.0)
    return model


@pytest.mark.parametrize("kind", MODELS)
def test_the_last_layer_leads_to_what_the_model_says(kind):
    model = made(kind).eval()
    layers = layer_vectors(model, IDS)
    assert layers.shape == (4, 2, 5, 16)
    last = layers[-1] if kind is BERT else model.norm(layers[-1])
    torch.testing.assert_close(last, model.hidden(IDS))


@pytest.mark.parametrize("kind", MODELS)
def test_the_first_layer_knows_no_neighbours(kind):
    model = made(kind)
    changed = IDS.clone()
    changed[0, 3] = 11
    before, after = layer_vectors(model, IDS), layer_vectors(model, changed)
    assert torch.equal(before[0, 0, [0, 1, 2, 4]], after[0, 0, [0, 1, 2, 4]])
    assert not torch.equal(before[0, 0, 3], after[0, 0, 3])
    assert not torch.allclose(before[1, 0, 4], after[1, 0, 4])


@pytest.mark.parametrize("kind", MODELS)
def test_values_mixed_by_the_maps_are_what_attention_returns(kind):
    model = made(kind)
    said = []
    hooks = [b.attention.register_forward_hook(lambda m, a, out: said.append((a[0], out)))
             for b in model.blocks]  # fmt: skip
    maps = attention_maps(model, IDS)
    for hook in hooks:
        hook.remove()
    assert maps.shape == (3, 2, 2, 5, 5)
    torch.testing.assert_close(maps.sum(-1), torch.ones(3, 2, 2, 5))
    for block, weights, (x, out) in zip(model.blocks, maps, said, strict=True):
        v = split_heads(block.attention.w_v(x), 2)
        torch.testing.assert_close(block.attention.w_o(join_heads(weights @ v)), out)


def test_directions_and_padding_show():
    both, left = attention_maps(made(ModernBERT), IDS), attention_maps(made(ModernGPT), IDS)
    assert both[:, 0].amin() > 0
    assert not both[:, 1, ..., 3:].any()
    assert not left.triu(1).any()
    assert (left[:, 0, ..., 4, :].amin() > 0).all()


def test_second_text_and_mask_are_handed_on():
    model = made(BERT)
    segments = torch.tensor([[0, 0, 1, 1, 1], [0, 0, 0, 0, 0]])
    sees = torch.ones_like(IDS).bool().index_fill(1, torch.tensor([1]), False)
    assert not torch.allclose(layer_vectors(model, IDS, segments)[0], layer_vectors(model, IDS)[0])
    assert not attention_maps(model, IDS, segments, sees)[..., 1].any()


def test_looking_leaves_no_trace():
    model = made(BERT).train()
    layer_vectors(model, IDS), attention_maps(model, IDS)
    assert model.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    with pytest.raises(ValueError, match="context_length"):
        attention_maps(model, torch.ones(1, 13, dtype=torch.int64))
    assert model.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
