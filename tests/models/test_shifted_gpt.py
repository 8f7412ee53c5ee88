"""The token shift; what every Transformer must do is in test_transformer_reading."""

import torch
from torch import nn

from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.shifted_gpt import ShiftedGPT

CFG = TransformerConfig(vocab_size=11, context_length=9, d_model=8, n_heads=2, n_layers=2)


def test_without_a_shift_it_is_a_modern_gpt():
    rng = torch.Generator().manual_seed(0)
    plain, ids = ModernGPT(CFG, rng=rng).eval(), torch.randint(4, 11, (3, 7), generator=rng)
    for weight in plain.parameters():
        nn.init.normal_(weight, generator=rng)
    shifted = ShiftedGPT(CFG, rotary_base=plain.rotary_base, shift=0.0).eval()
    missing = shifted.load_state_dict(plain.state_dict(), strict=False)
    assert missing.missing_keys == ["shift"]
    torch.testing.assert_close(shifted(ids), plain(ids))


def test_each_token_is_read_with_the_one_before_it_and_the_first_alone():
    model, ids = ShiftedGPT(CFG), torch.tensor([[2, 5, 7], [2, 9, 5]])
    nn.init.normal_(model.shift)
    read = model.embed(ids)
    for row in range(2):
        for t in range(3):
            wanted = model.tokens.weight[ids[row, t]]
            if t:
                wanted = wanted + model.shift * model.tokens.weight[ids[row, t - 1]]
            torch.testing.assert_close(read[row, t], wanted)


def test_the_shift_is_learnt():
    model, ids = ShiftedGPT(CFG), torch.tensor([[2, 5, 7], [2, 9, 5]])
    model(ids).square().sum().backward()
    assert (model.shift.grad != 0).all()
