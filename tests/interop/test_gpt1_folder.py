"""GPT-1 in `transformers`: logits and both losses of its double heads, loaded both ways."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import OpenAIGPTConfig, OpenAIGPTDoubleHeadsModel, OpenAIGPTLMHeadModel

from course_lib.data.gpt_batches import GPTBatch, collate
from course_lib.errors import CourseError
from course_lib.interop.hugging_face import load_gpt1, load_gpt1_choice, save_gpt1
from course_lib.interop.model_folder import CONFIG, WEIGHTS
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt1 import GPT1, PUBLISHED
from course_lib.models.gpt_heads import GPTClassifier, GPTMultipleChoice
from course_lib.models.modern_gpt import ModernGPT
from course_lib.text.gpt_inputs import GPTMarks, choices
from course_lib.training.gpt_objectives import language_model_loss, with_language_model

SIZES = [(50, 16, 24, 3, 2), (31, 14, 8, 1, 1), (90, 40, 32, 8, 3)]  # V, T, D, H, layers
MARKS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
each_size = pytest.mark.parametrize("sizes", SIZES)


def randomised(model: nn.Module) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    generator = torch.Generator().manual_seed(0)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.3, generator=generator)
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            nn.init.normal_(module.weight, mean=1.0, std=0.3, generator=generator)
    return model.eval()


def their_model(sizes: tuple, kind=OpenAIGPTDoubleHeadsModel, **settings):
    names = ("vocab_size", "n_positions", "n_embd", "n_head", "n_layer")
    sizes_by_name = dict(zip(names, sizes, strict=True))
    config = OpenAIGPTConfig(**sizes_by_name, **{**MARKS, "num_labels": 1, **settings})
    return randomised(kind(config))


def our_model(sizes: tuple) -> GPTMultipleChoice:
    names = ("vocab_size", "context_length", "d_model", "n_heads", "n_layers")
    cfg = TransformerConfig(**dict(zip(names, sizes, strict=True)))
    return randomised(GPTMultipleChoice(GPT1(cfg)))


def batch_for(vocab_size: int, context_length: int) -> GPTBatch:
    """Four questions with three options each, of different lengths, up to the whole context."""
    rng = torch.Generator().manual_seed(1)
    marks = GPTMarks(2, vocab_size - 2, vocab_size - 1, context_length)
    longest = context_length - 3 - 4
    examples = []
    for n in (1, 3, 2, longest):
        words = torch.randint(4, vocab_size - 2, (n + 9,), generator=rng)
        options = [words[n : n + 1], words[n + 1 : n + 5], words[n + 5 :][:2]]
        examples.append((choices(words[:n], options, marks), n % 3))
    return collate(examples)


def assert_same(ours: GPTMultipleChoice, theirs: OpenAIGPTDoubleHeadsModel) -> None:
    """Both logits and both losses; padding, which they see as tokens, is behind what is read."""
    batch = batch_for(ours.lm.cfg.vocab_size, ours.lm.cfg.context_length)
    columns = torch.arange(batch.ids.size(-1))
    labels = batch.ids.masked_fill(columns > batch.places[..., None], -100)
    theirs = theirs.eval()
    wanted = theirs(batch.ids, mc_token_ids=batch.places, labels=labels, mc_labels=batch.targets)
    task_logits, token_logits = ours(batch.ids, batch.places)
    assert wanted.mc_logits.std() > 0.1
    torch.testing.assert_close(task_logits, wanted.mc_logits, **TOLERANCE)
    torch.testing.assert_close(token_logits, wanted.logits, **TOLERANCE)
    auxiliary = language_model_loss(token_logits, batch.ids, batch.places)
    torch.testing.assert_close(auxiliary, wanted.loss, **TOLERANCE)
    task = F.cross_entropy(task_logits, batch.targets)
    torch.testing.assert_close(task, wanted.mc_loss, **TOLERANCE)
    both = with_language_model(F.cross_entropy, 0.5)(ours, batch)
    torch.testing.assert_close(both, wanted.mc_loss + 0.5 * wanted.loss, **TOLERANCE)


@each_size
def test_what_transformers_writes_opens_here(tmp_path: Path, sizes: tuple):
    theirs = their_model(sizes)
    theirs.save_pretrained(tmp_path)
    ours = load_gpt1_choice(tmp_path)
    assert not ours.training
    assert_same(ours, theirs)


@each_size
def test_what_is_written_here_opens_in_transformers_and_here(tmp_path: Path, sizes: tuple):
    ours = our_model(sizes)
    save_gpt1(ours, tmp_path)
    theirs, report = OpenAIGPTDoubleHeadsModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values()), report
    assert_same(ours, theirs)
    again = load_gpt1_choice(tmp_path)
    assert again.lm.cfg == ours.lm.cfg
    for name, weight in ours.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


def test_the_language_model_alone_goes_both_ways(tmp_path: Path):
    ours = our_model(SIZES[0]).lm
    save_gpt1(ours, tmp_path)
    theirs, report = OpenAIGPTLMHeadModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values()), report
    ids = torch.randint(50, (3, 16))
    torch.testing.assert_close(ours(ids), theirs.eval()(ids).logits, **TOLERANCE)
    theirs = their_model(SIZES[1], OpenAIGPTLMHeadModel)
    theirs.save_pretrained(tmp_path / "theirs")
    ids = torch.randint(31, (2, 8))
    torch.testing.assert_close(load_gpt1(tmp_path / "theirs")(ids), theirs(ids).logits, **TOLERANCE)


def test_a_head_beside_the_language_model_is_left_out(tmp_path: Path):
    ours = our_model(SIZES[0])
    save_gpt1(ours, tmp_path)
    ids = torch.randint(50, (2, 9))
    assert torch.equal(load_gpt1(tmp_path)(ids), ours.lm(ids))


def test_the_published_folder_opens(tmp_path: Path):
    """Its names have no "transformer." before them; masks are stored; no marks are named."""
    none = dict.fromkeys(MARKS)
    theirs = their_model(SIZES[0], OpenAIGPTLMHeadModel, **none)
    theirs.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    tensors = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    for i in range(2):
        tensors[f"h.{i}.attn.bias"] = torch.ones(1, 1, 16, 16).tril()
    tensors["lm_head.weight"] = tensors["tokens_embed.weight"].clone()
    save_file(tensors, tmp_path / WEIGHTS)
    ours = load_gpt1(tmp_path)
    assert (ours.cfg.pad_id, ours.cfg.start_id, ours.cfg.end_id) == (None, 49, 49)
    ids = torch.randint(50, (3, 7))
    torch.testing.assert_close(ours(ids), theirs(ids).logits, **TOLERANCE)


def test_their_default_sizes_are_the_published_ones():
    config = OpenAIGPTConfig()
    with torch.device("meta"):
        theirs, ours = OpenAIGPTLMHeadModel(config), GPT1(PUBLISHED)
    n_theirs = sum(weight.numel() for weight in theirs.parameters())
    assert n_theirs == sum(weight.numel() for weight in ours.parameters()) == 116_534_784


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_gpt1(our_model(SIZES[0]), tmp_path)
    return tmp_path


def change(folder: Path, settings: dict | None = None, tensors: dict[str, Tensor] | None = None):
    """Settings and tensors changed; those that become None are taken away."""
    config = {**json.loads((folder / CONFIG).read_text()), **(settings or {})}
    config = {name: value for name, value in config.items() if value != "gone"}
    (folder / CONFIG).write_text(json.dumps(config))
    weights = load_file(folder / WEIGHTS) | (tensors or {})
    save_file({name: t for name, t in weights.items() if t is not None}, folder / WEIGHTS)


@pytest.mark.parametrize(
    ("settings", "tensors", "words"),
    [
        ({"model_type": "gpt2"}, None, "gpt2"),
        ({"afn": "relu"}, None, "afn"),
        ({"summary_type": "last"}, None, "summary_type"),
        ({"summary_activation": "tanh"}, None, "summary_activation"),
        ({"n_embd": "gone"}, None, "damaged"),
        ({"n_head": 5}, None, "damaged"),
        ({"eos_token_id": 50}, None, "damaged"),
        ({"n_layer": 3}, None, r"no tensor h\.2"),
        ({"n_positions": 20}, None, "positions_embed"),
        (None, {"multiple_choice_head.summary.bias": None}, "summary.bias"),
        (None, {"multiple_choice_head.summary.weight": torch.zeros(2, 24)}, "shape"),
        (None, {"transformer.h.1.ln_2.bias": None}, "ln_2.bias"),
        (None, {"transformer.ln_f.weight": torch.zeros(24)}, "ln_f.weight"),
        (None, {"lm_head.weight": torch.zeros(50, 24)}, "lm_head"),
    ],
)
def test_what_is_no_such_model_is_refused(folder: Path, settings, tensors, words):
    change(folder, settings, tensors)
    with pytest.raises(CourseError, match=words):
        load_gpt1_choice(folder)


def test_models_that_transformers_does_not_have_are_refused(tmp_path: Path):
    cfg = TransformerConfig(vocab_size=9, d_model=8, n_heads=2, n_layers=1, d_ff=20)
    with pytest.raises(ValueError, match="d_ff"):
        save_gpt1(GPT1(cfg), tmp_path)
    with pytest.raises(ValueError, match="ModernGPT"):
        save_gpt1(GPTMultipleChoice(ModernGPT(cfg)), tmp_path)
    with pytest.raises(ValueError, match="GPTClassifier"):
        save_gpt1(GPTClassifier(GPT1(cfg), 2), tmp_path)
