"""The piece of a passage that answers a question, or the finding that none does."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.data.batching import PAD_ID
from course_lib.data.task_batches import Example
from course_lib.inference.classifying import N_TOKENS, answers
from course_lib.text.marks import Marks
from course_lib.text.task_inputs import window_inputs


class Span(NamedTuple):
    """Tokens start .. end - 1 of a passage, and how well they answer: two logits, added.

    `margin` is how far the score is above that of "no answer".
    """

    start: int
    end: int
    score: float
    margin: float


def best_span(logits: Tensor, places: tuple[int, int], max_tokens: int) -> tuple[int, int, float]:
    """The best answer inside the passage, places[0] .. places[1] - 1: its start, end and score.

    logits (T, 2): of each place as the answer's first and as its last. All pairs with
    start <= last < start + max_tokens compete, not the two best ones alone. An empty passage has no
    answer: score -inf. Source: Devlin et al. (2019), section 4.2.
    """
    first, end = places
    if first >= end:
        return first, first, -torch.inf
    starts, lasts = logits[first:end].unbind(dim=-1)
    scores = starts[:, None] + lasts[None, :]  # (start, last)
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(max_tokens - 1)
    scores = scores.masked_fill(~allowed, -torch.inf)
    start, last = divmod(int(scores.argmax()), end - first)
    return first + start, first + last + 1, float(scores[start, last])


def find_answers(
    model: nn.Module,
    questions: Sequence[tuple[Tensor, Tensor]],
    marks: Marks,
    max_length: int,
    overlap: int | None = None,
    max_tokens: int = 30,
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> list[Span]:
    """The best span for each (question ids, passage ids), by a model such as `SpanFinder`.

    Passages too long for the model are read in windows that share `overlap` tokens (None: a quarter
    of the length): the best span of all windows counts, and as little "no answer" as any window
    says. See `answered` for what to do with the margin.
    """
    overlap = max_length // 4 if overlap is None else overlap
    windows = [window_inputs(q, passage, marks, max_length, overlap) for q, passage in questions]
    examples = [Example(w.ids, w.segment_ids) for inputs in windows for w in inputs]
    rows = iter(answers(model, examples, n_tokens, pad_id))
    found = []
    for inputs in windows:
        spans, none = [], []
        for window in inputs:
            logits = next(rows)
            start, end, score = best_span(logits, (window.start, window.end), max_tokens)
            move = window.first - window.start
            spans.append((start + move, end + move, score))
            none.append(float(logits[0].sum()))  # [CLS] as first and as last
        start, end, score = max(spans, key=lambda span: span[-1])
        found.append(Span(start, end, score, score - min(none)))
    return found


def answered(span: Span, threshold: float = 0.0) -> bool:
    """Whether to give the span as the answer: if its margin is above the threshold.

    0 weighs both alike; a higher one, chosen on dev questions, says "no answer" more often.
    """
    return span.margin > threshold
