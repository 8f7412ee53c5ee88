"""Every language model of the course writes and searches under the same two functions."""

from itertools import chain

import pytest
import torch
from transformers import GPT2LMHeadModel

from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import cut_at_end, generate, greedy, sample
from course_lib.inference.reading import pad_left
from course_lib.interop.hugging_face import save_gpt2
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.hmm import HMM
from course_lib.models.language_model import LanguageModel, ReadingModel
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import KneserNey
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.models.seq2seq import AttentionSeq2Seq, Seq2Seq
from course_lib.models.seq2seq_encoder import Seq2SeqConfig
from course_lib.text.vocab import Vocab

from .hugging_face import NEVER_NEXT, Forgetful, prompts

V, END = 13, Vocab.end_id
CFG = TransformerConfig(vocab_size=V, context_length=12, d_model=16, n_heads=2, n_layers=2)
MEMORYLESS = ("trigram", "hmm")
LIMITED = ("gpt", "modern gpt")


def stirred(model: torch.nn.Module) -> torch.nn.Module:
    """Large random weights: as they begin, models find every token nearly equally likely."""
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return model


def model_of(name: str) -> LanguageModel:
    rng = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    texts = [torch.randint(4, V, (n % 12,), generator=rng) for n in range(1, 60)]
    if name == "trigram":
        return NGramModel(3, KneserNey()).fit(texts, V)
    if name == "hmm":
        hmm = HMM(3, V)
        hmm.fit(texts, 3, rng)
        return hmm
    if name in LIMITED:
        return stirred({"gpt": GPT, "modern gpt": ModernGPT}[name](CFG))
    if name in ("rnn", "gru", "lstm"):
        cell = {"vocab_size": V, "d_embedding": 8, "d_hidden": 8, "n_layers": 2, "cell": name}
        return stirred(RecurrentLM(RecurrentConfig(**cell)))
    kind = {"seq2seq": Seq2Seq, "attention": AttentionSeq2Seq}[name]
    model = stirred(kind(Seq2SeqConfig(source_size=V, target_size=V, d_model=8)))
    return model.given(torch.tensor([[5, 6, 7, 4]]))


NAMES = ("trigram", "hmm", "rnn", "gru", "lstm", "gpt", "modern gpt", "seq2seq", "attention")


@pytest.mark.parametrize("name", NAMES)
def test_a_memory_changes_the_cost_and_nothing_else(name: str):
    model, ids = model_of(name), pad_left(prompts(1, [2, 0, 5], V))
    assert isinstance(model, ReadingModel) == (name not in MEMORYLESS)
    for choose in (greedy, sample):
        torch.manual_seed(3)
        text = generate(model, ids, 15, choose, END)
        torch.manual_seed(3)
        assert generate(Forgetful(model), ids, 15, choose, END).equal(text)
    found, again = (beam_search(m, ids, 15, 3, END) for m in (model, Forgetful(model)))
    for one, other in zip(chain(*found), chain(*again), strict=True):
        assert one.ids.equal(other.ids)
        assert one.score == pytest.approx(other.score, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_prompts_of_unequal_length_are_continued_as_each_alone(name: str):
    model, rows = model_of(name), prompts(2, [3, 0, 6], V)
    ids = pad_left(rows)
    texts = cut_at_end(generate(model, ids, 12, greedy, END)[:, ids.size(1) :], END)
    for row, text, found in zip(rows, texts, beam_search(model, ids, 12, 4, END), strict=True):
        alone = generate(model, row[None], 12, greedy, END)[:, len(row) :]
        assert text.equal(cut_at_end(alone, END)[0])
        best = beam_search(model, row[None], 12, 4, END)[0]
        assert [h.ids.tolist() for h in found] == [h.ids.tolist() for h in best]


@pytest.mark.parametrize("name", NAMES)
def test_a_beams_score_is_the_probability_that_the_model_gives_the_text(name: str):
    model = model_of(name)
    found = beam_search(model, torch.full((1, 1), Vocab.start_id), 15, 4, END, 0.5)[0]
    ended = [h for h in found if h.ids[-1] == END]
    for h in ended:
        text = h.ids[:-1]
        assert h.log_prob == pytest.approx(model.log_probs([text])[0].sum().item(), abs=1e-4)
    cut = [h for h in found if h.ids[-1] != END]
    for h in cut:  # all but the end, which the model has not written
        assert h.log_prob == pytest.approx(model.log_probs([h.ids])[0][:-1].sum().item(), abs=1e-4)


@pytest.mark.parametrize("n_beams", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_our_gpt_writes_what_transformers_writes_with_its_weights(
    seed: int, n_beams: int, tmp_path
):
    torch.manual_seed(seed)
    model = stirred(GPT(TransformerConfig(vocab_size=V, context_length=30, d_model=16, n_heads=2)))
    save_gpt2(model, tmp_path)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path).eval()
    theirs.lm_head.register_forward_hook(
        lambda _layer, _inputs, logits: logits.index_fill(-1, NEVER_NEXT, -torch.inf)
    )
    ids = pad_left(prompts(seed, [4, 0, 9], V))
    settings = {"max_new_tokens": 14, "do_sample": False, "num_beams": n_beams}
    if n_beams > 1:
        settings["early_stopping"] = "never"
    expected = theirs.generate(ids, attention_mask=(ids != 0).long(), **settings)[:, ids.size(1) :]
    if n_beams == 1:
        found = list(generate(model, ids, 14, greedy, END)[:, ids.size(1) :])
    else:
        found = [best[0].ids for best in beam_search(model, ids, 14, n_beams, END)]
    for own, row in zip(found, expected, strict=True):
        n = min(len(own), len(row))
        assert cut_at_end(own[None, :n], END)[0].equal(cut_at_end(row[None], END)[0])
