"""The course's BERTs beside `transformers`' BERT of equal size: pre-training, tokens per second.

One run, one core, float32, no dropout; turns and rates as in `benchmarks.gpt`. All models learn
from the same batches, made before: stories of Riverbank in pairs, with 15 % of the words to be
guessed. The peer is trained as its library's Trainer does it: its own loss, which scores all V
words at every place and then leaves out most; fused AdamW; clipped gradients.

- Training: BERT with the same weights as the peer, and ModernBERT of the same sizes; with 30,522
  words, as published, and with no more than Riverbank has. The gain is in the words that need not
  be scored, so it grows with the vocabulary.
- Padding: how many of all places in a batch hold a word; the peer is the same rows in batches of as
  many rows, drawn without looking at their lengths.
"""

import dataclasses
import itertools
import tempfile
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from benchmarks.gpt import Work, in_turns, median_pair, trainer_loop
from benchmarks.report import Result
from course_lib.data import riverbank
from course_lib.data.batching import IGNORED, PAD_ID
from course_lib.data.pretraining_batches import (
    PretrainingBatch,
    PretrainingTask,
    pretraining_batches,
)
from course_lib.i18n import _
from course_lib.interop.hugging_face import save_bert
from course_lib.models.bert import BERT, NORM_EPS
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.text.marks import MARKS, Marks
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import pretraining_loss

# The published small BERT with four layers, BERT-Mini (Turc et al., 2019), but for its dropout.
CFG = TransformerConfig(
    vocab_size=30_522,
    context_length=512,
    d_model=256,
    n_heads=4,
    n_layers=4,
    dropout=0.0,
    norm_eps=NORM_EPS,
)
N_STORIES = 200
BATCH_TOKENS, N_STEPS, LR = 1024, 3, 1e-3
N_TURNS = 7
N_PADDING = 100  # batches whose padding is counted


def run(cfg: TransformerConfig = CFG, n_turns: int = N_TURNS) -> list[Result]:
    """Training with many words and with few, and the padding of the batches."""
    torch.set_num_threads(1)
    batches, n_words = riverbank_batches(N_STEPS, BATCH_TOKENS)
    small = dataclasses.replace(cfg, vocab_size=n_words)
    many, _n_words = riverbank_batches(N_PADDING, BATCH_TOKENS)
    return [
        *training(cfg, batches, n_turns, target=1.3),
        *training(small, batches, n_turns),
        padding(many),
    ]


def riverbank_batches(n_batches: int, n_tokens: int) -> tuple[list[PretrainingBatch], int]:
    """Batches of Riverbank's stories, and how many words there are."""
    vocab = Vocab([*MARKS, *riverbank.vocabulary()])
    stories = riverbank.sample(N_STORIES, seed=0)
    documents = [[vocab.encode(s.words) for s in story.sentences] for story in stories]
    marks = Marks.of(vocab)
    words = torch.arange(marks.mask_id + 1, len(vocab))
    task = PretrainingTask(marks.class_id, marks.separator_id, marks.mask_id, words)
    batches = pretraining_batches(documents, task, n_tokens, torch.Generator().manual_seed(0))
    return list(itertools.islice(batches, n_batches)), len(vocab)


def training(
    cfg: TransformerConfig,
    batches: Sequence[PretrainingBatch],
    n_turns: int,
    target: float | None = None,
) -> list[Result]:
    """Tokens of pre-training per second, padding not counted."""
    rng = torch.Generator().manual_seed(0)
    plain = PretrainingBERT(BERT(cfg, rng), rng)
    modern = PretrainingBERT(ModernBERT(cfg, rng=rng), rng)
    works = [train_ours(plain, batches), train_ours(modern, batches)]
    works.append(train_theirs(their_model(plain), batches))
    n_tokens = sum(int((batch.ids != PAD_ID).sum()) for batch in batches)
    rates = [[n_tokens / second for second in column] for column in in_turns(works, n_turns)]
    name = _("pre-training {name} of {n} words beside transformers' BERT")
    names = [name.format(name=which, n=cfg.vocab_size) for which in ("BERT", "ModernBERT")]
    unit = _("tokens/s")
    return [
        median_pair(names[0], rates[0], rates[2], unit, target),
        median_pair(names[1], rates[1], rates[2], unit),
    ]


def padding(batches: Sequence[PretrainingBatch]) -> Result:
    """Words per 1,000 places: at least 900 are promised, and compared with unsorted rows."""
    lengths = [(batch.ids != PAD_ID).sum(dim=1) for batch in batches]
    rows = torch.cat(lengths)
    rows = rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))]
    unsorted = rows.split([len(found) for found in lengths])
    name = _("words per 1,000 places of a batch, beside rows of any length")
    ours, peer = (1000 * words_per_place(found) for found in (lengths, unsorted))
    return Result(name, ours, peer, _("words"), target=900 / peer)


def words_per_place(lengths: Sequence[Tensor]) -> float:
    """The share of all places that hold a word; (B,) lengths of the rows of each batch."""
    n_places = sum(len(rows) * int(rows.max()) for rows in lengths)
    return sum(int(rows.sum()) for rows in lengths) / n_places


def their_model(model: PretrainingBERT) -> nn.Module:
    """`transformers`' BERT with the same sizes and weights."""
    from transformers import BertForPreTraining  # slow to import, and only needed here

    with tempfile.TemporaryDirectory() as folder:
        save_bert(model, folder)
        theirs: nn.Module = BertForPreTraining.from_pretrained(folder)
    return theirs


def train_ours(model: PretrainingBERT, batches: Sequence[PretrainingBatch]) -> Work:
    """One pass of the course's loop."""
    cfg = TrainConfig(n_steps=len(batches), lr=LR)
    return lambda: train(model, pretraining_loss, batches, cfg)


def train_theirs(model: nn.Module, batches: Sequence[PretrainingBatch]) -> Work:
    """One pass of a Trainer's inner loop."""
    named = [their_inputs(batch) for batch in batches]
    return trainer_loop(model, lambda: named, len(named), LR)


def their_inputs(batch: PretrainingBatch) -> dict[str, Tensor]:
    """A batch under the names of `transformers`."""
    labels = torch.full_like(batch.ids, IGNORED).flatten()
    labels[batch.places] = batch.targets
    return {
        "input_ids": batch.ids,
        "token_type_ids": batch.segment_ids,
        "attention_mask": (batch.ids != PAD_ID).long(),
        "labels": labels.view_as(batch.ids),
        "next_sentence_label": batch.nsp_targets,
    }
