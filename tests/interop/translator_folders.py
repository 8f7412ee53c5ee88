"""What the tests of Marian's and Pegasus' folders share: models, sources and what must be equal."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from course_lib.inference.translating import translate, translate_best
from course_lib.interop.model_folder import CONFIG, WEIGHTS
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.text.vocab import Vocab

from ..models.reversal import reversals

SIZES = [(50, 16, 24, 3, 2, 96), (31, 9, 8, 1, 1, 20), (80, 40, 32, 8, 3, 48)]
NAMES = ("vocab_size", "context_length", "d_model", "n_heads", "n_layers", "d_ff")
TOLERANCE = {"atol": 1e-4, "rtol": 0.0}


def randomised(model: nn.Module, std: float = 0.3) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    rng = torch.Generator().manual_seed(0)
    tables = [module.weight for module in model.modules() if isinstance(module, nn.Embedding)]
    for name, weight in model.named_parameters():
        if weight.requires_grad:  # the positions are fixed
            small = any(weight is table for table in tables)  # they are multiplied by sqrt(D)
            mean = float("norm" in name and name.endswith("weight"))
            nn.init.normal_(weight, mean=mean, std=0.2 if small else std, generator=rng)
    return model.eval()


def our_config(sizes: tuple) -> TransformerConfig:
    return TransformerConfig(**dict(zip(NAMES, sizes, strict=True)))


def their_settings(sizes: tuple) -> dict:
    """The same sizes under the names of `transformers`."""
    vocab_size, length, d_model, n_heads, n_layers, d_ff = sizes
    both = {"layers": n_layers, "attention_heads": n_heads, "ffn_dim": d_ff}
    return {
        **{f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in both.items()},
        "vocab_size": vocab_size,
        "max_position_embeddings": length,
        "d_model": d_model,
        "scale_embedding": True,
        "pad_token_id": 0,
        "decoder_start_token_id": 2,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "forced_eos_token_id": None,
    }


def sources(vocab_size: int, lengths: tuple = (9, 4, 1)) -> Tensor:
    rng = torch.Generator().manual_seed(1)
    ids = torch.randint(4, vocab_size, (len(lengths), max(lengths)), generator=rng)
    for row, n in enumerate(lengths):
        ids[row, n:] = 0
    return ids


def assert_same_logits(ours: EncoderDecoder, theirs: nn.Module) -> None:
    """Of three sources of unequal lengths and three beginnings, with dropout off."""
    vocab_size = ours.cfg.vocab_size
    source = sources(vocab_size)
    inputs = torch.randint(4, vocab_size, (3, 7), generator=torch.Generator().manual_seed(2))
    inputs[:, 0] = 2
    with torch.no_grad():
        mask = (source != 0).long()
        wanted = theirs.eval()(source, attention_mask=mask, decoder_input_ids=inputs).logits
        assert wanted.std() > 0.2
        torch.testing.assert_close(ours(source, inputs), wanted, **TOLERANCE)


def assert_same_translations(ours: EncoderDecoder, theirs: nn.Module) -> None:
    """Their `generate` with the settings of the folder, and greedy; both cached."""
    rows = [source for source, _target in reversals(40, seed=2)]
    source = pad_sequence(rows, batch_first=True)
    best = translate_best(ours, rows, 9, batch_size=7)
    assert len({len(row) for row in best}) > 2
    for found, n_beams in ((best, 5), (translate(ours, rows, 9), 1)):
        mask = (source != 0).long()
        ids = theirs.generate(source, attention_mask=mask, max_new_tokens=9, num_beams=n_beams)
        wanted = [row[row > Vocab.end_id].tolist() for row in ids]
        assert [row.tolist() for row in found] == wanted


def change(folder: Path, settings: dict | None = None, tensors: dict[str, Tensor] | None = None):
    """Settings and tensors changed; those that become "gone" or None are taken away."""
    config = {**json.loads((folder / CONFIG).read_text()), **(settings or {})}
    config = {name: value for name, value in config.items() if value != "gone"}
    (folder / CONFIG).write_text(json.dumps(config))
    weights = load_file(folder / WEIGHTS) | (tensors or {})
    save_file({name: t for name, t in weights.items() if t is not None}, folder / WEIGHTS)
