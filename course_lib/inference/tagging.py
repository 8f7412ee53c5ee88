"""A tag for every word of a text of any length."""

from collections.abc import Sequence

from torch import Tensor, nn

from course_lib.data.batching import PAD_ID
from course_lib.data.task_batches import Example
from course_lib.inference.classifying import N_TOKENS, answers
from course_lib.text.alignment import Pieces
from course_lib.text.marks import Marks
from course_lib.text.task_inputs import joined, window_inputs


def tag_scores(
    model: nn.Module,
    texts: Sequence[Pieces],
    marks: Marks,
    max_length: int,
    overlap: int | None = None,
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> list[Tensor]:
    """For each text a row of L logits per word: those at its first piece, (words, L).

    Texts longer than `max_length` are read in windows that share `overlap` tokens (None: a quarter
    of the length), and each word is judged where it stands most central.
    """
    overlap = max_length // 4 if overlap is None else overlap
    windows = [window_inputs(None, text.ids, marks, max_length, overlap) for text in texts]
    examples = [Example(w.ids, w.segment_ids) for inputs in windows for w in inputs]
    rows = iter(answers(model, examples, n_tokens, pad_id))
    return [
        joined([next(rows) for _window in inputs], inputs)[text.is_first]
        for text, inputs in zip(texts, windows, strict=True)
    ]


def tag_texts(
    model: nn.Module,
    texts: Sequence[Pieces],
    tags: Sequence[str],
    marks: Marks,
    max_length: int,
    overlap: int | None = None,
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> list[list[str]]:
    """The likeliest of the L tags for each word of each text; the rest as in `tag_scores`.

    Each word is judged by itself: for entities, `text.bio.repaired` makes the tags one well-formed
    whole, and `text.bio.entities_of` reads them.
    """
    rows = tag_scores(model, texts, marks, max_length, overlap, n_tokens, pad_id)
    return [[tags[i] for i in row.argmax(dim=-1).tolist()] for row in rows]
