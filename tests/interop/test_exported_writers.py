"""Exported language models and translators: the same logits and the same texts there."""

from pathlib import Path

import pytest
import torch
import transformers
from torch import nn
from transformers import AutoTokenizer

from course_lib.data import riverbank
from course_lib.inference.decoding import generate, greedy
from course_lib.inference.translating import translate_best
from course_lib.interop.hugging_face import export, export_shipped, import_folder
from course_lib.models import checkpoints
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTMultipleChoice
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.models.translator import Translator
from course_lib.text.translation_inputs import (
    ASKED,
    HEADLINE,
    TO_ENGLISH,
    TO_JAPANESE,
    translation_source,
)
from course_lib.text.vocab import Vocab

from .exported import (
    TEXTS,
    TOLERANCE,
    TRUST,
    WORDS,
    WRITER,
    _quiet,  # noqa: F401  a fixture for every test
    opened,
    randomised,
    same_weights,
    sizes,
)

WRITERS = {
    "ModernGPT": lambda n: ModernGPT(sizes(n), rotary_base=70.0, output_scale=0.4),
    "ShiftedGPT": lambda n: ShiftedGPT(sizes(n), rotary_base=70.0, output_scale=0.4),
    "GPT": lambda n: GPT(sizes(n, d_ff=96)),
    "GPT1": lambda n: GPT1(sizes(n, d_ff=96)),
    "lstm": lambda n: RecurrentLM(RecurrentConfig(vocab_size=n, d_hidden=20, n_layers=2)),
    "gru": lambda n: RecurrentLM(RecurrentConfig(vocab_size=n, d_hidden=20, cell="gru")),
}
each_writer = pytest.mark.parametrize("kind", WRITERS)


@each_writer
def test_writers_open_there_and_here(tmp_path: Path, kind: str):
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    theirs = opened("AutoModelForCausalLM", folder)
    ids = torch.randint(4, len(WRITER), (3, 17), generator=torch.Generator().manual_seed(1))
    ids[:, 0] = 2
    with torch.no_grad():
        found, wanted = theirs(ids, labels=ids), ours(ids)
    torch.testing.assert_close(found.logits, wanted, **TOLERANCE)
    loss = nn.functional.cross_entropy(wanted[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(found.loss, loss, **TOLERANCE)
    again = import_folder(folder).model
    assert type(again) is type(ours)
    assert same_weights(ours, again)
    with torch.no_grad():
        assert torch.equal(again(ids), wanted)
    assert again.cfg == ours.cfg


@each_writer
def test_the_same_text_is_written(tmp_path: Path, kind: str):
    """Greedy, with and without the cache, in beams, and from rows of unequal lengths."""
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    theirs = opened("AutoModelForCausalLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, **TRUST)
    inputs = tokenizer(TEXTS, return_tensors="pt", padding=True)
    assert (inputs.input_ids == 0).any()
    wanted = generate(ours, inputs.input_ids, 20, greedy)
    found = theirs.generate(**inputs, do_sample=False, max_new_tokens=20)
    slow = theirs.generate(**inputs, do_sample=False, max_new_tokens=20, use_cache=False)
    assert torch.equal(found, slow)
    for row, right in zip(found, wanted, strict=True):
        n_prompt = inputs.input_ids.size(1)
        ends = (right[n_prompt:] == WRITER.end_id).nonzero()
        n = n_prompt + (int(ends[0]) + 1 if len(ends) else 20)
        assert row[:n].tolist() == right[:n].tolist()
    beams = {"num_beams": 3, "do_sample": False, "max_new_tokens": 12}
    cached = theirs.generate(**inputs, **beams)
    assert torch.equal(cached, theirs.generate(**inputs, **beams, use_cache=False))


@pytest.mark.parametrize("kind", ["ModernGPT", "ShiftedGPT", "lstm", "gru"])
def test_padding_on_the_left_changes_nothing(tmp_path: Path, kind: str):
    """GPT-2 and GPT-1 need position_ids for that, which only `generate` gives them."""
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    inputs = AutoTokenizer.from_pretrained(folder, **TRUST)(
        TEXTS, return_tensors="pt", padding=True
    )
    with torch.no_grad():
        found = opened("AutoModelForCausalLM", folder)(**inputs).logits[:, -1]
    for text, row in zip(TEXTS, found, strict=True):
        ids = torch.cat([torch.tensor([2]), WRITER.encode(text.split())])
        with torch.no_grad():
            torch.testing.assert_close(row, ours(ids[None])[0, -1], **TOLERANCE)


def test_what_never_comes_next(tmp_path: Path):
    """A model that longs for <pad> and <s> may not write them there either."""
    ours = WRITERS["ModernGPT"](len(WRITER)).eval()
    with torch.no_grad():
        ours.output_bias[[0, 2]] = 100.0
    folder = export(ours, WRITER, tmp_path / "out")
    inputs = AutoTokenizer.from_pretrained(folder)(TEXTS[0], return_tensors="pt")
    found = opened("AutoModelForCausalLM", folder).generate(**inputs, max_new_tokens=8)
    assert not {0, 2} & {*found[0, 1:].tolist()}


def test_modern_gpt_needs_no_code(tmp_path: Path):
    folder = export(WRITERS["ModernGPT"](len(WRITER)), WRITER, tmp_path / "out")
    assert not list(folder.glob("*.py"))
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    assert type(model).__name__ == "Ernie4_5_MoeForCausalLM"


def test_multiple_choice(tmp_path: Path):
    ours = randomised(GPTMultipleChoice(GPT1(sizes(len(WRITER), d_ff=96))))
    folder = export(ours, WRITER, tmp_path / "out")
    assert same_weights(ours, import_folder(folder).model)


@pytest.mark.parametrize("kind", [Translator, ModernTranslator])
def test_translators_open_there_and_here(tmp_path: Path, kind: type):
    vocab = Vocab([*ASKED, *WORDS])
    ours = randomised(kind(sizes(len(vocab))))
    folder = export(ours, vocab, tmp_path / "out")
    theirs = opened("AutoModelForSeq2SeqLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [f"{mark} {text}" for mark, text in zip(ASKED, TEXTS, strict=True)]
    source = tokenizer(texts, return_tensors="pt", padding=True)
    target = torch.tensor([[2, 9, 8], [2, 7, 30], [2, 12, 9]])
    with torch.no_grad():
        found = theirs(**source, decoder_input_ids=target).logits
        torch.testing.assert_close(found, ours(source.input_ids, target), **TOLERANCE)
    again = import_folder(folder)
    assert same_weights(ours, again.model)
    assert again.tokenizer.vocab.words == vocab.words


def test_the_shipped_translator_writes_the_same(tmp_path: Path):
    """Five beams there, as its folder asks for, and here; in both directions, and a headline."""
    shipped = checkpoints.load("translator_riverbank")
    folder = export_shipped("translator_riverbank", tmp_path / "out")
    theirs = opened("AutoModelForSeq2SeqLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    stories = riverbank.load("dev")[:2]
    sources = [
        (TO_JAPANESE, stories[0].sentences[0].words),
        (TO_ENGLISH, stories[1].sentences[0].japanese),
        (HEADLINE, stories[1].words),
    ]
    texts = [" ".join((mark, *words)) for mark, words in sources]
    ids = [translation_source(shipped.vocab, mark, words) for mark, words in sources]
    inputs = tokenizer(texts, return_tensors="pt", padding=True)
    for row, mask, wanted in zip(inputs.input_ids, inputs.attention_mask, ids, strict=True):
        assert row[mask.bool()].tolist() == wanted.tolist()
    written = theirs.generate(**inputs, max_new_tokens=30)
    best = translate_best(shipped.model, ids, 30)
    for text, wanted in zip(
        tokenizer.batch_decode(written, skip_special_tokens=True), best, strict=True
    ):
        assert text.split() == shipped.vocab.decode(wanted)
    assert same_weights(shipped.model, import_folder(folder).model)
