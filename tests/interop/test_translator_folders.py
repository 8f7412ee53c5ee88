"""Marian and Pegasus in `transformers`: equal logits and equal translations, both ways."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
import transformers

from course_lib.errors import CourseError
from course_lib.interop.marian_folder import load_marian, save_marian
from course_lib.interop.pegasus_folder import load_pegasus, save_pegasus
from course_lib.models.captioner import Captioner
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.translator import Translator

from ..models.reversal import reverser
from .translator_folders import (
    SIZES,
    TOLERANCE,
    assert_same_logits,
    assert_same_translations,
    change,
    our_config,
    randomised,
    sources,
    their_settings,
)


class Kind(NamedTuple):
    ours: type
    theirs: type
    their_config: type
    activation: str
    load: object
    save: object


KINDS = {
    "marian": Kind(
        Translator,
        transformers.MarianMTModel,
        transformers.MarianConfig,
        "relu",
        load_marian,
        save_marian,
    ),
    "pegasus": Kind(
        ModernTranslator,
        transformers.PegasusForConditionalGeneration,
        transformers.PegasusConfig,
        "relu2",
        load_pegasus,
        save_pegasus,
    ),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_size = pytest.mark.parametrize("sizes", SIZES)


def their_model(kind: Kind, sizes: tuple, **settings):
    config = kind.their_config(
        **{**their_settings(sizes), "activation_function": kind.activation, **settings}
    )
    theirs = randomised(kind.theirs(config))
    if kind.theirs is transformers.PegasusForConditionalGeneration:
        theirs.final_logits_bias.copy_(torch.randn(1, sizes[0]))
    return theirs


@each_kind
@each_size
def test_what_transformers_writes_opens_here(tmp_path: Path, kind: Kind, sizes: tuple):
    theirs = their_model(kind, sizes)
    theirs.save_pretrained(tmp_path)
    ours = kind.load(tmp_path)
    assert type(ours) is kind.ours
    assert not ours.training
    assert all(weight.requires_grad for weight in ours.parameters())
    assert_same_logits(ours, theirs)


@each_kind
@each_size
def test_what_is_written_here_opens_there_and_here(tmp_path: Path, kind: Kind, sizes: tuple):
    ours = randomised(kind.ours(our_config(sizes)))
    kind.save(ours, tmp_path)
    theirs, report = kind.theirs.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values()), report
    assert_same_logits(ours, theirs)
    again = kind.load(tmp_path)
    assert again.cfg == ours.cfg
    assert torch.equal(again.positions, ours.positions)
    for name, weight in ours.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


@each_kind
def test_the_same_translations_are_written(tmp_path: Path, kind: Kind):
    """By a model that is not sure of itself, so that its beams differ much."""
    ours, _losses = reverser(kind.ours, n_steps=60)
    kind.save(ours, tmp_path)
    theirs = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert type(theirs) is kind.theirs
    assert_same_translations(ours, theirs)


def test_words_that_are_never_written_are_not_written_there(tmp_path: Path):
    """A model that scores the first 20 of 50 ids only."""
    ours = randomised(ModernTranslator(our_config(SIZES[0]), n_targets=20))
    save_pegasus(ours, tmp_path)
    theirs = transformers.PegasusForConditionalGeneration.from_pretrained(tmp_path).eval()
    source, inputs = sources(50), torch.tensor([[2, 5], [2, 7], [2, 19]])
    mask = (source != 0).long()
    with torch.no_grad():
        found = theirs(source, attention_mask=mask, decoder_input_ids=inputs).logits
        torch.testing.assert_close(ours(source, inputs), found[..., :20], **TOLERANCE)
        assert (found[..., 20:] == -torch.inf).all()
        again = load_pegasus(tmp_path)
        assert again.n_targets == 20
        assert torch.equal(again(source, inputs), ours(source, inputs))


@pytest.fixture(params=KINDS, ids=KINDS)
def written(request, tmp_path: Path) -> tuple[Kind, Path]:
    kind = KINDS[request.param]
    kind.save(kind.ours(our_config(SIZES[0])), tmp_path)
    return kind, tmp_path


@pytest.mark.parametrize(
    ("settings", "tensors", "words"),
    [
        ({"model_type": "bart"}, None, "bart"),
        ({"activation_function": "gelu"}, None, "activation_function"),
        ({"activation_function": "gone"}, None, "activation_function"),
        ({"scale_embedding": "gone"}, None, "scale_embedding"),
        ({"tie_word_embeddings": False}, None, "tie_word_embeddings"),
        ({"pad_token_id": 49}, None, "pad_token_id"),
        ({"decoder_start_token_id": 0}, None, "decoder_start_token_id"),
        ({"eos_token_id": 0}, None, "eos_token_id"),
        ({"d_model": "gone"}, None, "damaged|shape"),
        ({"vocab_size": "gone"}, None, "damaged"),
        ({"encoder_attention_heads": 5, "decoder_attention_heads": 5}, None, "damaged"),
        ({"decoder_layers": 1}, None, "differ"),
        ({"encoder_layers": 3, "decoder_layers": 3}, None, "no tensor model"),
        ({"encoder_ffn_dim": 40, "decoder_ffn_dim": 40}, None, "shape"),
        (None, {"final_logits_bias": torch.zeros(1, 49)}, "final_logits_bias"),
        (None, {"model.shared.weight": None}, "no tensor model.shared.weight"),
        (None, {"lm_head.weight": torch.zeros(50, 24)}, "lm_head"),
        (None, {"model.decoder.layers.1.encoder_attn.q_proj.bias": None}, "encoder_attn"),
        (None, {"model.decoder.layers.1.fc1.weight": torch.zeros(24, 96)}, "shape"),
        (None, {"model.decoder.layers.2.fc1.weight": torch.zeros(96, 24)}, "layers.2"),
        (None, {"model.encoder.embed_positions.weight": torch.zeros(16, 24)}, "sines"),
        (None, {"model.decoder.embed_positions.weight": torch.zeros(9, 24)}, "sines"),
    ],
)
def test_what_is_no_such_model_is_refused(written, settings, tensors, words):
    kind, folder = written
    change(folder, settings, tensors)
    with pytest.raises(CourseError, match=words):
        kind.load(folder)


def test_a_bias_that_the_published_translator_has_not_is_refused(tmp_path: Path):
    save_marian(Translator(our_config(SIZES[0])), tmp_path)
    change(tmp_path, None, {"final_logits_bias": torch.ones(1, 50)})
    with pytest.raises(CourseError, match="bias"):
        load_marian(tmp_path)


def test_a_pegasus_without_a_bias_has_none_here(tmp_path: Path):
    theirs = their_model(KINDS["pegasus"], SIZES[0])
    theirs.final_logits_bias.zero_()
    theirs.save_pretrained(tmp_path)
    change(tmp_path, None, {"final_logits_bias": None})
    assert_same_logits(load_pegasus(tmp_path), theirs)


def test_models_that_transformers_does_not_have_are_refused(tmp_path: Path):
    sizes = {"vocab_size": 9, "d_model": 8, "n_heads": 2, "n_layers": 1}
    with pytest.raises(ValueError, match="norm_eps"):
        save_pegasus(ModernTranslator(TransformerConfig(**sizes, norm_eps=1e-6)), tmp_path)
    with pytest.raises(ValueError, match="<pad>"):
        save_marian(Translator(TransformerConfig(**sizes, start_id=0)), tmp_path)
    with pytest.raises(ValueError, match="Captioner"):
        save_pegasus(Captioner(TransformerConfig(**sizes)), tmp_path)
    assert list(tmp_path.iterdir()) == []
