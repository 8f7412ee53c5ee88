"""The references of lecture 07 that are not the package's own functions equal them."""

import pytest
import torch
import torch.nn.functional as F

from course_lib.classroom.exercises.transformer.depth import cosines_by_depth
from course_lib.classroom.exercises.transformer.heads import multi_head
from course_lib.classroom.exercises.transformer.masks import look_mask
from course_lib.classroom.exercises.transformer.size import n_weights
from course_lib.models.attention import MultiHeadAttention, attention, causal_mask, padding_mask
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

seeds = pytest.mark.parametrize("seed", range(3))


@seeds
def test_masks(seed: int):
    rng = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 4, (3, 6), generator=rng)
    assert torch.equal(look_mask(ids)[:, None], causal_mask(6) & padding_mask(ids))


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_heads(n_heads: int):
    layer = MultiHeadAttention(TransformerConfig(vocab_size=5, d_model=8, n_heads=n_heads))
    layer.eval()
    x, memory = torch.randn(5, 8), torch.randn(3, 8)
    parts = layer.w_q(x), layer.w_k(memory), layer.w_v(memory)
    package = layer(x[None], memory[None])[0]
    torch.testing.assert_close(layer.w_o(multi_head(*parts, n_heads)), package)


@seeds
def test_size(seed: int):
    rng = torch.Generator().manual_seed(seed)
    v, t, half, n = torch.randint(1, 6, (4,), generator=rng).tolist()
    cfg = TransformerConfig(
        vocab_size=v + 4, context_length=t, d_model=2 * half, n_heads=2, n_layers=n
    )
    counted = sum(weight.numel() for weight in GPT(cfg).parameters())
    assert n_weights(v + 4, t, 2 * half, n) == counted


@pytest.mark.parametrize("residual", [False, True])
def test_depth(residual: bool):
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.double)
    found = cosines_by_depth(x, 3, residual)
    for layer in range(3):
        answer = attention(x, x, x)
        x = x + answer if residual else answer
        pairs = [F.cosine_similarity(x[i], x[j], dim=0) for i in range(4) for j in range(i)]
        assert found[layer] == pytest.approx(torch.stack(pairs).mean().item())
