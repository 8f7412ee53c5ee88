"""Attention: the formula against numbers known in advance, the fused layer against the formula."""

import math

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.attention import (
    MultiHeadAttention,
    attention,
    attention_weights,
    causal_mask,
    join_heads,
    padding_mask,
    split_heads,
)
from course_lib.models.config import TransformerConfig

CFG = TransformerConfig(vocab_size=9, d_model=12, n_heads=3, dropout=0.0)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_weights_known_in_advance():
    q, k = torch.tensor([[2 * math.log(3.0), 0, 0, 0]]), torch.eye(4)[:2]
    # scores 2 ln 3 / sqrt(4) = ln 3 and 0, so the weights are 3 to 1
    torch.testing.assert_close(attention_weights(q, k), torch.tensor([[0.75, 0.25]]))
    v = torch.tensor([[4.0], [8.0]])
    torch.testing.assert_close(attention(q, k, v), torch.tensor([[5.0]]))


def test_weights_are_a_loop_over_queries_and_keys():
    q, k, v = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 6, 5), torch.randn(2, 3, 6, 7)
    mask = torch.rand(2, 1, 4, 6) > 0.4
    mask[..., 0] = True
    mixed = attention(q, k, v, mask)
    for b, h, t in [(0, 0, 0), (1, 2, 3), (0, 1, 2)]:
        allowed = [s for s in range(6) if mask[b, 0, t, s]]
        powers = [math.exp(float(q[b, h, t] @ k[b, h, s]) / math.sqrt(5)) for s in allowed]
        by_hand = sum(p / sum(powers) * v[b, h, s] for p, s in zip(powers, allowed, strict=True))
        torch.testing.assert_close(mixed[b, h, t], by_hand)


def test_rows_sum_to_one_and_masked_keys_get_nothing():
    q, k = torch.randn(2, 5, 4), torch.randn(2, 5, 4)
    weights = attention_weights(q, k, causal_mask(5))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 5))
    assert (weights.triu(1) == 0).all()
    assert (weights.tril() > 0).sum() == 2 * 15


def test_the_order_of_keys_is_not_seen():
    q, k, v = torch.randn(4, 6), torch.randn(5, 6), torch.randn(5, 6)
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(attention(q, k[order], v[order]), attention(q, k, v))


def test_masks_known_in_advance():
    assert causal_mask(3).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    ids = torch.tensor([[5, 6, 0], [7, 0, 0]])
    assert padding_mask(ids).shape == (2, 1, 1, 3)
    assert padding_mask(ids).squeeze().tolist() == [[1, 1, 0], [1, 0, 0]]
    assert padding_mask(ids, pad_id=7).squeeze().tolist() == [[1, 1, 1], [0, 1, 1]]


def test_heads_are_consecutive_slices_of_the_vector():
    x = torch.randn(2, 5, 12)
    heads = split_heads(x, 3)
    assert heads.shape == (2, 3, 5, 4)
    torch.testing.assert_close(heads[:, 1], x[:, :, 4:8])
    assert torch.equal(join_heads(heads), x)


def by_formula(layer: MultiHeadAttention, x: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
    q = split_heads(layer.w_q(x), layer.n_heads)
    k, v = (split_heads(w(memory), layer.n_heads) for w in (layer.w_k, layer.w_v))
    return layer.w_o(join_heads(attention(q, k, v, mask)))


@pytest.mark.parametrize("causal", [False, True])
def test_the_fused_layer_is_the_formula(causal: bool):
    layer, x = MultiHeadAttention(CFG), torch.randn(3, 5, 12)
    mask = causal_mask(5) if causal else None
    torch.testing.assert_close(layer(x, causal=causal), by_formula(layer, x, x, mask))
    padding = padding_mask(torch.tensor([[4, 4, 4, 0, 0], [4, 4, 4, 4, 4], [4, 4, 4, 4, 0]]))
    both = padding & mask if causal else padding
    torch.testing.assert_close(layer(x, mask=padding, causal=causal), by_formula(layer, x, x, both))


def test_queries_come_from_x_keys_and_values_from_the_memory():
    layer, x, memory = MultiHeadAttention(CFG), torch.randn(2, 3, 12), torch.randn(2, 7, 12)
    torch.testing.assert_close(layer(x, memory), by_formula(layer, x, memory, None))


def torch_twin(layer: MultiHeadAttention) -> nn.MultiheadAttention:
    """The same weights in torch's own module."""
    twin = nn.MultiheadAttention(CFG.d_model, CFG.n_heads, batch_first=True)
    ins = (layer.w_q, layer.w_k, layer.w_v)
    twin.in_proj_weight.data = torch.cat([w.weight.data for w in ins])
    twin.in_proj_bias.data = torch.cat([w.bias.data for w in ins])
    twin.out_proj.weight.data, twin.out_proj.bias.data = layer.w_o.weight.data, layer.w_o.bias.data
    return twin.eval()


def test_it_equals_torchs_own_module_with_both_masks():
    layer, x, memory = MultiHeadAttention(CFG), torch.randn(2, 6, 12), torch.randn(2, 4, 12)
    twin, ids = torch_twin(layer), torch.tensor([[4, 4, 4, 0], [4, 4, 4, 4]])
    wanted, weights = twin(x, memory, memory, key_padding_mask=ids == 0, average_attn_weights=False)
    torch.testing.assert_close(layer(x, memory, mask=padding_mask(ids)), wanted)
    q, k = split_heads(layer.w_q(x), 3), split_heads(layer.w_k(memory), 3)
    torch.testing.assert_close(attention_weights(q, k, padding_mask(ids)), weights)
    wanted, _ = twin(x, x, x, attn_mask=~causal_mask(6))
    torch.testing.assert_close(layer(x, causal=True), wanted)


@pytest.mark.parametrize("causal", [False, True])
def test_the_weights_for_figures_are_those_that_it_uses(causal: bool):
    layer, x = MultiHeadAttention(CFG), torch.randn(2, 4, 12)
    mask = padding_mask(torch.tensor([[4, 4, 0, 0], [4, 4, 4, 4]]))
    weights = layer.weights(x, mask=mask, causal=causal)
    mixed = join_heads(weights @ split_heads(layer.w_v(x), 3))
    torch.testing.assert_close(layer.w_o(mixed), layer(x, mask=mask, causal=causal))
    memory = torch.randn(2, 7, 12)
    mixed = join_heads(layer.weights(x, memory) @ split_heads(layer.w_v(memory), 3))
    torch.testing.assert_close(layer.w_o(mixed), layer(x, memory))
    assert layer.weights(x, causal=True).triu(1).eq(0).all()


def test_dropout_works_in_training_only():
    layer = MultiHeadAttention(TransformerConfig(vocab_size=9, d_model=12, n_heads=3, dropout=0.5))
    x = torch.randn(2, 5, 12)
    assert not torch.allclose(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


def test_rows_that_stand_together_may_share_a_memory():
    """Three beams for each of two sources, as if each beam had a copy of its own."""
    layer = MultiHeadAttention(CFG).eval()
    x, memory = torch.randn(6, 4, CFG.d_model), torch.randn(2, 5, CFG.d_model)
    mask = padding_mask(torch.tensor([[4, 4, 4, 4, 4], [4, 4, 0, 0, 0]]))
    copies, masks = memory.repeat_interleave(3, dim=0), mask.repeat_interleave(3, dim=0)
    wanted = layer(x, copies, masks)
    torch.testing.assert_close(layer(x, memory, mask), wanted)
    torch.testing.assert_close(layer(x, layer.keys_values(memory), mask), wanted)
