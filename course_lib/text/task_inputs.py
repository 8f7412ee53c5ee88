"""One text or two, as BERT reads them: [CLS] a [SEP], or [CLS] a [SEP] b [SEP].

Nothing is cut off in silence: what does not fit is refused, shortened when asked for and counted,
or read in windows. Source of the form: Devlin et al. (2019), figure 2.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.marks import Marks


class TaskInput(NamedTuple):
    """ids[start:end] are the tokens `first`, `first` + 1, ... of the text that is asked about.

    That is the last text of the input: the only one, or the second of a pair. `first` is 0 unless
    the input is a window of a longer text.
    """

    ids: Tensor  # (T,) int64
    segment_ids: Tensor  # (T,) int64: 0 for [CLS] a [SEP], 1 for b [SEP]
    start: int
    end: int
    first: int = 0

    @property
    def may_answer(self) -> Tensor:
        """(T,) bool: the tokens asked about; and [CLS], which says that there is no answer."""
        places = torch.zeros(len(self.ids), dtype=torch.bool)
        places[self.start : self.end] = True
        places[0] = True
        return places


def sentence_input(
    first_ids: Tensor, second_ids: Tensor | None, marks: Marks, max_length: int
) -> TaskInput:
    """(N,) ids, and (M,) of a second text or None -> one input. A text may be empty.

    Raises CourseError if there are more than `max_length` tokens; then see `shortened` for what is
    classified as a whole, and `window_inputs` for spans and tags.
    """
    texts = [first_ids] if second_ids is None else [first_ids, second_ids]
    n_tokens = 1 + sum(len(text) + 1 for text in texts)
    if n_tokens > max_length:
        message = _("{n} tokens, marks included, but the model reads {most}: shorten the text")
        raise CourseError(message.format(n=n_tokens, most=max_length))
    return _marked(texts, marks)


def shortened(
    first_ids: Tensor, second_ids: Tensor | None, max_length: int
) -> tuple[Tensor, Tensor | None, int]:
    """Both texts so short that `sentence_input` takes them, and how many tokens were left out.

    Tokens are taken one by one from the end of the longer text, as BERT does for classification.
    Raises ValueError if not even the marks fit.
    """
    room = max_length - (2 if second_ids is None else 3)
    if room < 0:
        raise ValueError(f"{max_length=} has no room for the marks")
    if second_ids is None:
        return first_ids[:room], None, max(0, len(first_ids) - room)
    half = room // 2
    n_second = min(len(second_ids), max(half, room - len(first_ids)))
    n_first = min(len(first_ids), room - n_second)
    left_out = len(first_ids) - n_first + len(second_ids) - n_second
    return first_ids[:n_first], second_ids[:n_second], left_out


def window_inputs(
    question_ids: Tensor | None, text_ids: Tensor, marks: Marks, max_length: int, overlap: int = 0
) -> list[TaskInput]:
    """A text of any length in as many inputs as it takes: the question, if any, in each of them.

    Neighbouring windows share at least `overlap` tokens. Raises CourseError if the question leaves
    no more than `overlap` tokens of room.
    """
    before = [] if question_ids is None else [question_ids]
    room = max_length - 2 - sum(len(text) + 1 for text in before)
    if room <= overlap:
        message = _("a question of {n} tokens leaves too little of the model's {most} for a text")
        n_asked = 0 if question_ids is None else len(question_ids)
        raise CourseError(message.format(n=n_asked, most=max_length))
    return [
        _marked([*before, text_ids[first:end]], marks, first)
        for first, end in windows(len(text_ids), room, overlap)
    ]


def windows(n_tokens: int, size: int, overlap: int = 0) -> list[tuple[int, int]]:
    """First token and end of each window of at most `size` tokens that together cover all.

    Windows begin `size - overlap` tokens apart; the last one reaches back further, so that it is as
    large as the others. No tokens: one empty window. Raises ValueError unless size > overlap >= 0.
    """
    if not size > overlap >= 0:
        raise ValueError(f"windows of {size=} cannot share {overlap=} tokens")
    if n_tokens <= size:
        return [(0, n_tokens)]
    starts = [*range(0, n_tokens - size, size - overlap), n_tokens - size]
    return [(start, start + size) for start in starts]


def joined(rows: Sequence[Tensor], inputs: Sequence[TaskInput]) -> Tensor:
    """One row for each token of a text that was read in windows: (T, ...) each -> (N, ...).

    `inputs` are those of `window_inputs`, `rows` what a model said to each. A token stands in up to
    several of them; it is taken from the one that shows the most of the text on its poorer side.
    """
    n_tokens = max(w.first + w.end - w.start for w in inputs)
    spoken = torch.stack([_context(window, n_tokens) for window in inputs])  # (windows, N)
    best = spoken.argmax(dim=0)
    out = rows[0].new_empty(n_tokens, *rows[0].shape[1:])
    for number, (row, window) in enumerate(zip(rows, inputs, strict=True)):
        mine = (best == number).nonzero()[:, 0]
        out[mine] = row[mine - window.first + window.start]
    return out


def _context(window: TaskInput, n_tokens: int) -> Tensor:
    """(N,) tokens between each token and the nearer edge of the window; -1 if it is not in it."""
    end = window.first + window.end - window.start
    places = torch.arange(n_tokens)
    nearer = torch.minimum(places - window.first, end - 1 - places)
    return nearer.clamp(min=-1)


def _marked(texts: Sequence[Tensor], marks: Marks, first: int = 0) -> TaskInput:
    separator = torch.tensor([marks.separator_id])
    parts = [torch.tensor([marks.class_id])]
    for text in texts:
        parts += [text, separator]
    ids = torch.cat(parts)
    start = len(ids) - 1 - len(texts[-1])
    segment_ids = torch.zeros_like(ids)
    if len(texts) == 2:
        segment_ids[start:] = 1
    return TaskInput(ids, segment_ids, start, len(ids) - 1, first)
