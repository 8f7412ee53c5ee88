"""Asking a language model in words: templates, examples in the prompt, and how answers are read.

A prompt is a tuple of words. It ends where the answer begins; an answer ends with an end mark, a
word such as `prompting.LINE`.
"""

import copy
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.inference.reading import Reader, pad_left
from course_lib.models.language_model import LanguageModel
from course_lib.text.vocab import Vocab

FIELD = re.compile(r"\{(\w*)\}")
BATCH = 64  # prompts read at once
Words = tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """Words with fields in braces: `story : {passage} topic :`. Each field is a word of its own."""

    text: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Their names, in order, each once."""
        return tuple(dict.fromkeys(FIELD.findall(self.text)))

    def fill(self, **parts: Iterable[str] | str) -> Words:
        """The words of the prompt; a part is a text, or its words.

        Raises CourseError for a field that is not given, or one that the template does not have.
        """
        for name in self.fields:
            if name not in parts:
                message = _("the template {text!r} needs {name!r}, which is not given")
                raise CourseError(message.format(text=self.text, name=name))
        for name in parts:
            if name not in self.fields:
                message = _("the template {text!r} has no field {name!r}; it has: {fields}")
                fields = ", ".join(self.fields) or "-"
                raise CourseError(message.format(text=self.text, name=name, fields=fields))
        words: list[str] = []
        for form in self.text.split():
            field = FIELD.fullmatch(form)
            part = parts[field[1]] if field else form
            words += part.split() if isinstance(part, str) else part
        return tuple(words)


def few_shot(
    examples: Iterable[tuple[Sequence[str], Sequence[str]]], asked: Sequence[str], end: str
) -> Words:
    """A prompt of examples, each a pair of prompt and answer, and then what is asked.

    >>> few_shot([(("ant",), ("A",)), (("bee",), ("B",))], ("ant",), "<line>")
    ('ant', 'A', '<line>', 'bee', 'B', '<line>', 'ant')
    """
    words: list[str] = []
    for prompt, answer in examples:
        words += [*prompt, *answer, end]
    return (*words, *asked)


class Prompted:
    """A language model with its vocabulary, asked by words.

    Args:
        end: the word that ends an answer; the end of the text, too, does.
        context_length: the most tokens it can read; None: as the model says, or no limit.
    """

    def __init__(
        self,
        model: LanguageModel,
        vocab: Vocab,
        end: str,
        context_length: int | None = None,
    ) -> None:
        if end not in vocab:
            raise ValueError(f"the end mark {end!r} is not in the vocabulary")
        self.model, self.vocab, self.end_id = model, vocab, vocab.ids[end]
        limit = getattr(model, "context_length", None)
        self.context_length = limit if context_length is None else context_length

    def encode(self, words: Sequence[str], n_answer: int) -> Tensor:
        """<s> and the words: (T,). Raises CourseError if there is no room for the answer too."""
        if self.context_length is not None:
            room = self.context_length - n_answer - 1
            if len(words) > room:
                message = _(
                    "the prompt has {n} tokens; the model reads {size}, which leaves {room} for a "
                    "prompt: use fewer examples or a shorter text"
                )
                raise CourseError(
                    message.format(n=len(words), size=self.context_length, room=max(room, 0))
                )
        ids = self.vocab.encode(words)
        return torch.cat([torch.tensor([self.vocab.start_id]), ids])

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Words that the model does not know: it reads <unk> in their place."""
        return list(dict.fromkeys(word for word in words if word not in self.vocab))

    def answer(
        self,
        prompts: Sequence[Sequence[str]],
        n_new: int = 32,
        chooser: Callable[[], Callable[[Tensor], Tensor]] = lambda: greedy,
    ) -> list[Words]:
        """What the model writes after each prompt until the end mark, at most `n_new` tokens.

        chooser: makes the `choose` of `generate`, a new one for each batch of prompts, for it may
        have a memory: `lambda: Constrained(grammar)`.

        Raises CourseError for a prompt that is too long, before anything is written.
        """
        rows = [self.encode(words, n_new) for words in prompts]
        found: list[Words] = [()] * len(rows)
        for batch in _of_like_length(rows):
            ids = pad_left([rows[i] for i in batch])
            written = generate(self.model, ids, n_new, chooser(), self.end_id)[:, ids.size(1) :]
            for i, row in zip(batch, cut_at_end(written, self.end_id), strict=True):
                text = cut_at_end(row[None], self.vocab.end_id)[0]
                found[i] = tuple(self.vocab.decode(text))
        return found

    def answer_log_probs(
        self, prompts: Sequence[Sequence[str]], choices: Sequence[Sequence[str]]
    ) -> Tensor:
        """(B, C) natural log p(choice and its end mark | prompt), in float64, for every pair.

        A model with a memory reads each prompt once, whatever the number of choices.
        """
        end = torch.tensor([self.end_id])
        endings = [torch.cat([self.vocab.encode(choice), end]) for choice in choices]
        longest = max(len(ending) for ending in endings)
        rows = [self.encode(words, longest) for words in prompts]
        scores = torch.empty(len(rows), len(endings), dtype=torch.float64)
        for batch in _of_like_length(rows):
            ids = pad_left([rows[i] for i in batch])
            reader = Reader(self.model, ids)
            for column, ending in enumerate(endings):
                scores[batch, column] = follow(reader, ending)
        return scores


def follow(reader: Reader, ending: Tensor) -> Tensor:
    """(B,) natural log p(ending | what was read), in float64; the reader stays where it is."""
    fork = copy.copy(reader)  # states never change: reading on from a copy leaves the first alone
    total = torch.zeros(len(reader.ids), dtype=torch.float64)
    for place, token in enumerate(ending.tolist()):
        total += fork.logits.double().log_softmax(dim=-1)[:, token].cpu()
        if place + 1 < len(ending):
            fork.append(torch.full_like(fork.ids[:, :1], token))
    return total


def _of_like_length(rows: Sequence[Tensor]) -> Iterator[list[int]]:
    """Row numbers, BATCH at a time, from short to long."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def score_answers(
    prompted: Prompted,
    prompts: Sequence[Sequence[str]],
    choices: Sequence[Sequence[str]],
    length_normalise: bool = False,
    prior: Sequence[Sequence[str]] | None = None,
) -> Tensor:
    """(B, C): how well each of C choices answers each of B prompts; the best is the argmax.

    log p(choice | prompt), the end mark counted, and on demand

    Args:
        length_normalise: divided by the choice's number of tokens, so that long answers have a
            chance (Brown et al., 2020, section 2.4).
        prior: prompts that say nothing, such as the same template with its fields empty. What the
            choice scores after them, on average, is taken away: an answer that the model gives
            anyway is no evidence. One such prompt: PMI_DC of Holtzman et al. (2021); the mean of
            the probabilities of several: as in Zhao et al. (2021), contextual calibration.

    Raises ValueError without prompts or choices; CourseError for a prompt that is too long.
    """
    if not prompts or not choices or (prior is not None and not prior):
        raise ValueError("need at least one prompt, one choice, and one prompt for the prior")
    scores = prompted.answer_log_probs(prompts, choices)
    lengths = torch.tensor([len(choice) + 1 for choice in choices]) if length_normalise else 1
    scores = scores / lengths
    if prior is not None:
        scores = calibrate(scores, prompted.answer_log_probs(prior, choices) / lengths)
    return scores


def calibrate(scores: Tensor, empty: Tensor) -> Tensor:
    """Scores (B, C) less what the choices score when nothing is asked, `empty` (P, C) -> (B, C).

    Natural logarithms: p(choice | prompt) is divided by the mean of its P values in `empty`.
    """
    return scores - (empty.logsumexp(dim=0) - math.log(len(empty)))


def best_choices(scores: Tensor, choices: Sequence[Sequence[str]]) -> list[Words]:
    """(B, C) scores -> the best choice of each row."""
    return [tuple(choices[i]) for i in scores.argmax(dim=-1).tolist()]


def content_free(template: Template, fillings: Iterable[Mapping[str, str]] = ({},)) -> list[Words]:
    """The template with nothing in its fields, or with words that say nothing: for a prior."""
    empty = dict.fromkeys(template.fields, "")
    return [template.fill(**{**empty, **filling}) for filling in fillings]
