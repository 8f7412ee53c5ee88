"""Folders of `transformers`: the same logits in both directions, and clear words about bad ones."""

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from course_lib.errors import CourseError
from course_lib.interop.hugging_face import load_gpt2, save_gpt2
from course_lib.interop.model_folder import CONFIG, INDEX, WEIGHTS
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

MARKS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
CONFIGS = [  # vocabulary, context, width, heads, layers, inner width
    (50, 16, 24, 3, 2, None),
    (31, 8, 8, 1, 1, 20),
    (200, 40, 32, 8, 3, 48),
]
TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
each_config = pytest.mark.parametrize("sizes", CONFIGS)


def their_model(sizes: tuple, **settings) -> GPT2LMHeadModel:
    names = ("vocab_size", "n_positions", "n_embd", "n_head", "n_layer", "n_inner")
    config = GPT2Config(**dict(zip(names, sizes, strict=True)), **{**MARKS, **settings})
    return randomised(GPT2LMHeadModel(config))


def our_model(sizes: tuple) -> GPT:
    names = ("vocab_size", "context_length", "d_model", "n_heads", "n_layers", "d_ff")
    return randomised(GPT(TransformerConfig(**dict(zip(names, sizes, strict=True)))))


def randomised(model: nn.Module) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    generator = torch.Generator().manual_seed(0)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.3, generator=generator)
    return model.eval()


def random_ids(n_rows: int, length: int, vocab_size: int) -> Tensor:
    ids = torch.randint(4, vocab_size, (n_rows, length), generator=torch.Generator().manual_seed(1))
    ids[:, 0] = 2
    return ids


def assert_same_logits(ours: GPT, theirs: GPT2LMHeadModel) -> None:
    for length in (1, ours.cfg.context_length // 2, ours.cfg.context_length):
        ids = random_ids(3, length, ours.cfg.vocab_size)
        wanted = theirs(ids).logits
        assert wanted.std() > 0.1
        torch.testing.assert_close(ours(ids), wanted, **TOLERANCE)


@each_config
def test_what_transformers_writes_opens_here(tmp_path: Path, sizes: tuple):
    theirs = their_model(sizes)
    theirs.save_pretrained(tmp_path)
    ours = load_gpt2(tmp_path)
    assert not ours.training
    assert_same_logits(ours, theirs)


@each_config
def test_what_is_written_here_opens_in_transformers_and_here(tmp_path: Path, sizes: tuple):
    ours = our_model(sizes)
    save_gpt2(ours, tmp_path)
    theirs, report = GPT2LMHeadModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values()), report
    assert_same_logits(ours, theirs.eval())
    again = load_gpt2(tmp_path)
    assert again.cfg == ours.cfg
    for name, weight in ours.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


def test_left_padding_equals_their_attention_mask(tmp_path: Path):
    theirs = their_model(CONFIGS[0])
    theirs.save_pretrained(tmp_path)
    ours, ids = load_gpt2(tmp_path), random_ids(3, 9, 50)
    for row, n_padding in enumerate([4, 0, 7]):
        ids[row] = torch.cat([torch.zeros(n_padding, dtype=torch.long), ids[row, : 9 - n_padding]])
    mask = (ids != 0).long()
    places = (mask.cumsum(dim=1) - 1).clamp(min=0)
    wanted = theirs(ids, attention_mask=mask, position_ids=places).logits[:, -1]
    found, state = ours.read(ids)
    may_come = [1, *range(3, 50)]
    torch.testing.assert_close(found[:, may_come], wanted[:, may_come], **TOLERANCE)
    new = torch.tensor([[9], [30], [11]])
    longer, mask = torch.cat([ids, new], dim=1), torch.cat([mask, torch.ones(3, 1).long()], dim=1)
    places = (mask.cumsum(dim=1) - 1).clamp(min=0)
    wanted = theirs(longer, attention_mask=mask, position_ids=places).logits[:, -1]
    found = ours.read(new, state)[0]
    torch.testing.assert_close(found[:, may_come], wanted[:, may_come], **TOLERANCE)


def test_the_first_release_of_gpt2_opens(tmp_path: Path):
    """Its file has no "transformer." before the names, stores masks, and marks no padding."""
    theirs = their_model(CONFIGS[0], pad_token_id=None, bos_token_id=49, eos_token_id=49)
    theirs.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    tensors = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    for i in range(2):
        tensors[f"h.{i}.attn.bias"] = torch.ones(1, 1, 16, 16).tril()
        tensors[f"h.{i}.attn.masked_bias"] = torch.tensor(-1e4)
    tensors["lm_head.weight"] = tensors["wte.weight"].clone()
    save_file(tensors, tmp_path / WEIGHTS)
    ours = load_gpt2(tmp_path)
    assert (ours.cfg.pad_id, ours.cfg.start_id, ours.cfg.end_id) == (None, 49, 49)
    assert_same_logits(ours, theirs)


def test_half_precision_weights_become_float32(tmp_path: Path):
    theirs = their_model(CONFIGS[0]).half()
    theirs.save_pretrained(tmp_path)
    ours = load_gpt2(tmp_path)
    assert ours.tokens.weight.dtype == torch.float32
    assert_same_logits(ours, theirs.float())


def test_weights_in_several_files(tmp_path: Path):
    theirs = their_model(CONFIGS[2])
    theirs.save_pretrained(tmp_path, max_shard_size="50KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert_same_logits(load_gpt2(tmp_path), theirs)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_gpt2(our_model(CONFIGS[0]), tmp_path)
    return tmp_path


def change_config(folder: Path, **changes) -> None:
    settings = json.loads((folder / CONFIG).read_text())
    settings.update(changes)
    settings = {name: value for name, value in settings.items() if value != "gone"}
    (folder / CONFIG).write_text(json.dumps(settings))


def change_weights(folder: Path, changes: dict[str, Tensor | None]) -> None:
    tensors = load_file(folder / WEIGHTS) | changes
    save_file({n: t for n, t in tensors.items() if t is not None}, folder / WEIGHTS)


def refusal(folder: Path) -> str:
    """What is said of the folder: one line, naming it."""
    with pytest.raises(CourseError) as caught:
        load_gpt2(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def test_a_folder_that_is_not_there_or_is_empty(tmp_path: Path):
    assert "config.json" in refusal(tmp_path)
    assert "config.json" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("content", ["", "{", "[1]", '"gpt2"', "\x00\x01"])
def test_a_damaged_config(folder: Path, content: str):
    (folder / CONFIG).write_text(content)
    assert "config.json is damaged" in refusal(folder)


def test_a_model_of_another_kind(folder: Path):
    change_config(folder, model_type="bert")
    assert "'bert'" in refusal(folder)
    change_config(folder, model_type="gone")
    assert "'gpt2' is needed" in refusal(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"n_head": 5},
        {"n_embd": "gone"},
        {"n_layer": "two"},
        {"n_layer": 0},
        {"vocab_size": None},
        {"eos_token_id": 50},
        {"eos_token_id": [3, 4]},
        {"activation_function": "relu"},
        {"scale_attn_by_inverse_layer_idx": True},
        {"tie_word_embeddings": False},
    ],
)
def test_settings_that_make_no_gpt2(folder: Path, changes: dict):
    change_config(folder, **changes)
    assert "config.json" in refusal(folder)


@pytest.mark.parametrize("changes", [{"n_layer": 3}, {"n_positions": 17}, {"n_inner": 95}])
def test_settings_that_do_not_fit_the_weights(folder: Path, changes: dict):
    change_config(folder, **changes)
    assert re.search(r"tensor (h\.|wpe)", refusal(folder))


@pytest.mark.parametrize(
    ("name", "tensor", "says"),
    [
        ("transformer.ln_f.bias", None, "no tensor ln_f.bias"),
        ("transformer.h.1.attn.c_attn.weight", None, "no tensor h.1.attn.c_attn.weight"),
        ("transformer.h.0.mlp.c_fc.weight", torch.zeros(96, 24), "(96, 24)"),
        ("transformer.h.2.ln_1.bias", torch.zeros(24), "h.2.ln_1.bias"),
        ("lm_head.weight", torch.zeros(50, 24), "lm_head.weight"),
    ],
)
def test_weights_that_are_missing_misshapen_or_too_many(folder: Path, name, tensor, says):
    change_weights(folder, {name: tensor})
    assert says in refusal(folder)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_weights_that_are_cut_off(folder: Path, share: float):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: int(share * len(content))])
    assert "damaged or cut off" in refusal(folder)


def test_no_weights_and_pickled_weights(folder: Path):
    (folder / WEIGHTS).unlink()
    assert f"{WEIGHTS} is missing" in refusal(folder)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    assert "pickle" in refusal(folder)


@pytest.mark.parametrize("names", [{}, {"wte.weight": "../other/x.safetensors"}, {"wte.weight": 3}])
def test_an_index_that_leads_nowhere_or_out_of_the_folder(folder: Path, names: dict):
    (folder / WEIGHTS).unlink()
    (folder / INDEX).write_text(json.dumps({"weight_map": names}))
    assert "is damaged" in refusal(folder)


def test_a_shard_that_is_missing(folder: Path):
    (folder / WEIGHTS).unlink()
    (folder / INDEX).write_text(json.dumps({"weight_map": {"wte.weight": "part-1.safetensors"}}))
    assert "part-1.safetensors" in refusal(folder)
