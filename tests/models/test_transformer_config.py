import pytest

from course_lib.models.config import TransformerConfig


def test_derived_sizes():
    cfg = TransformerConfig(vocab_size=10, d_model=24, n_heads=3)
    assert (cfg.d_head, cfg.d_ff, cfg.d_hidden) == (8, 96, 96)
    assert TransformerConfig(vocab_size=10, d_ff=7).d_hidden == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"vocab_size": 0},
        {"d_model": 10, "n_heads": 4},
        {"n_layers": 0},
        {"n_heads": 0},
        {"context_length": 0},
        {"d_ff": 0},
        {"d_model": -4},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"norm_eps": 0.0},
    ],
)
def test_nonsense_is_refused(wrong: dict):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TransformerConfig(**{"vocab_size": 10, **wrong})
