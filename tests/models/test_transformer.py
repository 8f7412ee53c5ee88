"""Blocks: torch's own modules as reference, and the laws of a block."""

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.attention import MultiHeadAttention, causal_mask, padding_mask
from course_lib.models.config import TransformerConfig
from course_lib.models.transformer import Block, CrossBlock, PostNormBlock

CFG = TransformerConfig(vocab_size=9, d_model=12, n_heads=3, d_ff=20, dropout=0.0)
IDS = torch.tensor([[4, 4, 4, 4, 0, 0], [4, 4, 4, 4, 4, 4], [4, 0, 0, 0, 0, 0]])
REAL = IDS != 0


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomised(module: nn.Module) -> nn.Module:
    """No weight at its first value, so that none may be forgotten or mixed up with another."""
    for weight in module.parameters():
        nn.init.normal_(weight, mean=0.1, std=0.3)
    return module.eval()


def copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    with torch.no_grad():
        ins = (ours.w_q, ours.w_k, ours.w_v)
        theirs.in_proj_weight.copy_(torch.cat([w.weight for w in ins]))
        theirs.in_proj_bias.copy_(torch.cat([w.bias for w in ins]))
    theirs.out_proj.load_state_dict(ours.w_o.state_dict())


def copy_rest(ours: nn.Module, theirs: nn.Module, n_norms: int) -> None:
    for number in range(1, n_norms + 1):
        norm = getattr(ours, f"norm_{number}")
        getattr(theirs, f"norm{number}").load_state_dict(norm.state_dict())
    theirs.linear1.load_state_dict(ours.mlp[0].state_dict())
    theirs.linear2.load_state_dict(ours.mlp[2].state_dict())


CURVES = {
    "relu": nn.ReLU(),
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU(approximate="tanh"),
    "relu_squared": lambda x: x.clamp(min=0) ** 2,
}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", ["relu", "gelu", "gelu_tanh", "relu_squared"])
@pytest.mark.parametrize(("kind", "norm_first"), [(Block, True), (PostNormBlock, False)])
def test_blocks_equal_torchs_encoder_layer(kind, norm_first: bool, name: str, causal: bool):
    block = randomised(kind(CFG, name))
    activation = CURVES[name]
    sizes = (CFG.d_model, CFG.n_heads, CFG.d_hidden, 0.0, activation, 1e-5)
    layer = nn.TransformerEncoderLayer(*sizes, batch_first=True, norm_first=norm_first).eval()
    copy_attention(block.attention, layer.self_attn)
    copy_rest(block, layer, n_norms=2)
    x = torch.randn(3, 6, 12)
    wanted = layer(x, src_key_padding_mask=~REAL, src_mask=~causal_mask(6) if causal else None)
    found = block(x, mask=padding_mask(IDS), causal=causal)
    torch.testing.assert_close(found[REAL], wanted[REAL])


def test_cross_block_equals_torchs_decoder_layer():
    block = randomised(CrossBlock(CFG))
    sizes = (CFG.d_model, CFG.n_heads, CFG.d_hidden, 0.0, nn.GELU(), 1e-5)
    layer = nn.TransformerDecoderLayer(*sizes, batch_first=True, norm_first=True).eval()
    copy_attention(block.self_attention, layer.self_attn)
    copy_attention(block.cross_attention, layer.multihead_attn)
    copy_rest(block, layer, n_norms=3)
    x, memory = torch.randn(3, 4, 12), torch.randn(3, 6, 12)
    wanted = layer(x, memory, tgt_mask=~causal_mask(4), memory_key_padding_mask=~REAL)
    torch.testing.assert_close(block(x, memory, memory_mask=padding_mask(IDS)), wanted)


@pytest.mark.parametrize("kind", [Block, PostNormBlock])
def test_permuting_without_positions_permutes(kind):
    block, x = randomised(kind(CFG)), torch.randn(2, 5, 12)
    order = torch.tensor([4, 2, 0, 3, 1])
    torch.testing.assert_close(block(x[:, order]), block(x)[:, order])
    assert not torch.allclose(block(x[:, order], causal=True), block(x, causal=True)[:, order])


def changed_outputs(run, x: Tensor, place: int) -> list[bool]:
    """Which positions of run(x) change when x changes at `place`."""
    other = x.clone()
    other[:, place] += torch.randn(x.size(-1))
    return (run(other) - run(x)).abs().amax(dim=(0, 2)).gt(1e-6).tolist()


def test_who_sees_whom():
    x, memory = torch.randn(2, 5, 12), torch.randn(2, 5, 12)
    block, cross = randomised(Block(CFG)), randomised(CrossBlock(CFG))
    assert changed_outputs(block, x, 2) == [True] * 5
    assert changed_outputs(lambda y: block(y, causal=True), x, 2) == [False] * 2 + [True] * 3
    assert changed_outputs(lambda y: cross(y, memory), x, 2) == [False] * 2 + [True] * 3
    assert changed_outputs(lambda m: cross(x, m), memory, 4) == [True] * 5


def test_padding_of_the_memory_changes_nothing():
    cross, x, memory = randomised(CrossBlock(CFG)), torch.randn(1, 4, 12), torch.randn(1, 3, 12)
    padded = torch.cat([memory, torch.randn(1, 2, 12)], dim=1)
    mask = padding_mask(torch.tensor([[4, 4, 4, 0, 0]]))
    torch.testing.assert_close(cross(x, padded, memory_mask=mask), cross(x, memory))


def test_a_block_adds_to_what_is_there():
    block, x = Block(CFG), torch.randn(2, 5, 12)
    for layer in (block.attention.w_o, block.mlp[2]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    assert torch.equal(block(x), x)


def test_post_norm_leaves_each_token_with_mean_0_and_variance_1():
    out = PostNormBlock(CFG)(torch.randn(2, 5, 12) * 7 + 3)
    torch.testing.assert_close(out.mean(dim=-1), torch.zeros(2, 5), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(dim=-1, correction=0), torch.ones(2, 5), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", [Block, PostNormBlock])
def test_dropout_works_in_training_only(kind):
    block = kind(TransformerConfig(vocab_size=9, d_model=12, n_heads=3, dropout=0.5))
    x = torch.randn(2, 5, 12)
    assert not torch.allclose(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))
