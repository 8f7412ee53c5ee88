"""Fill holes: what a model that reads both ways says about words that it cannot see."""

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.data.task_batches import Example, TextBatch, in_order
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.text.marks import MASK, Marks
from course_lib.text.task_inputs import sentence_input
from course_lib.text.vocab import Vocab
from course_lib.text.words import words as split_words

HOLE = "___"  # how a reader writes one


def words_with_holes(text: str) -> list[str]:
    """Text -> words, with [MASK] where two or more underscores stand: "the ___." """
    parts = [split_words(part) for part in re.split(r"__+|\[MASK\]", text)]
    return [word for part in parts for word in (MASK, *part)][1:]


def fill(model: PretrainingBERT, vocab: Vocab, words: Sequence[str]) -> list[dict[str, float]]:
    """For each [MASK] among the words, p(word) of every word of the vocabulary, likeliest first.

    Each hole is filled by itself: what the model thinks of one, the others do not know.
    Raises CourseError if there is no hole, or if the text is longer than the model can read.
    """
    ids = vocab.encode(words)
    holes = (ids == Marks.of(vocab).mask_id).nonzero()[:, 0]
    if len(holes) == 0:
        message = _("there is no hole: write {hole} where a word is missing")
        raise CourseError(message.format(hole=HOLE))
    rows = hole_log_probs(model, [ids] * len(holes), holes.tolist(), Marks.of(vocab))
    return [named(row.exp(), vocab) for row in rows]


def named(probs: Tensor, vocab: Vocab) -> dict[str, float]:
    """(V,) probabilities as a dictionary, from the likeliest word down."""
    best = probs.sort(descending=True, stable=True)
    words = [vocab.words[i] for i in best.indices.tolist()]
    return dict(zip(words, best.values.tolist(), strict=True))


@torch.inference_mode()
def hole_log_probs(
    model: PretrainingBERT,
    texts: Sequence[Tensor],
    places: Sequence[int],
    marks: Marks,
    n_tokens: int = 8192,
) -> Tensor:
    """(N, V) natural log p(word | all other words of the text), one place of each text hidden.

    Args:
        texts: N texts as ids, without special tokens.
        places: for each text which token is hidden, counted from 0.
        n_tokens: how many tokens to read at a time.

    Raises CourseError if a text is longer than the model can read, ValueError if there is no such
    place.
    """
    examples = []
    for text, place in zip(texts, places, strict=True):
        if not 0 <= place < len(text):
            raise ValueError(f"no place {place} in a text of {len(text)} tokens")
        hidden = text.index_fill(0, torch.tensor([place]), marks.mask_id)
        read = sentence_input(hidden, None, marks, model.cfg.context_length)
        asked = torch.zeros(len(read.ids), dtype=torch.bool)
        asked[read.start + place] = True
        examples.append(Example(read.ids, read.segment_ids, may_answer=asked))

    def answer(batch: TextBatch) -> Tensor:
        if batch.may_answer is None:
            raise ValueError("every example asks about a place")
        asked = batch.may_answer.flatten().nonzero()[:, 0]
        words, _follows = model(batch.ids, batch.segment_ids, places=asked)
        log_probs: Tensor = words.log_softmax(dim=-1)
        return log_probs

    model.eval()
    return torch.stack(in_order(answer, examples, n_tokens, marks.pad_id))
