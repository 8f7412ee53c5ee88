"""Tiny Shakespeare by character: the course's recipe beside the field's reference recipe for CPUs.

One run, one core. Both are trained from scratch on the first 90 % of the characters and measured on
all the rest, in windows that do not overlap, so that each character is predicted once. The course
promises the loss that the reference recipe is known for in a fifth of the CPU time that the
reference recipe takes here. Needs the data set; without it there is one line and no result.

`python -m benchmarks.shakespeare` does it three times, with three seeds.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.report import Result
from course_lib.data.corpora import State, language_modelling, verify
from course_lib.i18n import _
from course_lib.models.transformer_lm import TransformerLM
from course_lib.text.vocab import Vocab
from course_lib.training.recipes import shakespeare_baseline, shakespeare_fast

DATA = "tinyshakespeare"
KNOWN_LOSS = 1.88  # of the reference recipe, in nats per character
N_ROWS = 64  # windows scored at once
Recipe = Callable[[Tensor, int, torch.Generator], TransformerLM]


@dataclass(frozen=True)
class Trained:
    """CPU seconds of training, and the loss on the held-out text in nats per character."""

    seconds: float
    loss: float


def run() -> list[Result]:
    """Speed, and whether the loss is reached; nothing where the data set is not at hand."""
    if any(state is not State.RIGHT for state in verify(DATA).values()):
        print(_("no {name} here, so it is left out: course data fetch {name}").format(name=DATA))
        return []
    ours, peer = measure(shakespeare_fast, seed=0), measure(shakespeare_baseline, seed=0)
    return results(ours, peer)


def results(ours: Trained, peer: Trained) -> list[Result]:
    """Rates, the larger the better: runs an hour, and the mean probability of a character."""
    name, chance = _("tiny Shakespeare: {what}"), _("% a character")
    speed = name.format(what=_("training runs beside the reference recipe"))
    known = name.format(what=_("probability beside the loss {loss}").format(loss=KNOWN_LOSS))
    here = name.format(what=_("probability beside the reference recipe"))
    mine, theirs = 100 * math.exp(-ours.loss), 100 * math.exp(-peer.loss)
    return [
        Result(speed, 3600 / ours.seconds, 3600 / peer.seconds, _("runs/h"), target=5),
        Result(known, mine, 100 * math.exp(-KNOWN_LOSS), chance, target=1),
        Result(here, mine, theirs, chance),
    ]


def measure(recipe: Recipe, seed: int) -> Trained:
    """Train by the recipe on this thread's time."""
    torch.set_num_threads(1)
    vocab, text, held_out = load()
    rng = torch.Generator().manual_seed(seed)
    start = time.process_time()
    model = recipe(text, len(vocab), rng)
    seconds = time.process_time() - start
    return Trained(seconds, held_out_loss(model, held_out))


def load() -> tuple[Vocab, Tensor, Tensor]:
    """The characters of the first 90 % and of the rest, as ids."""
    splits = language_modelling(DATA)
    parts = (splits.train, [*splits.dev, *splits.test])
    text, held_out = ("".join(document.text for document in part) for part in parts)
    vocab = Vocab.from_texts([text])
    return vocab, vocab.encode(text), vocab.encode(held_out)


@torch.no_grad()
def held_out_loss(model: TransformerLM, text: Tensor) -> float:
    """Mean nats per character over all of the text but its first character.

    Windows of the model's context, side by side: each begins knowing one character.
    """
    model.eval()
    size = model.context_length
    total = 0.0
    for inputs, targets in windows(text, size):
        logits = model(inputs).flatten(0, 1)
        total += F.cross_entropy(logits, targets.flatten(), reduction="sum").item()
    return total / (len(text) - 1)


def windows(text: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets, (B, size) each, that cover the text; the last window may be shorter."""
    inputs, targets = text[:-1], text[1:]
    whole = len(inputs) // size * size
    yield from zip(
        inputs[:whole].view(-1, size).split(N_ROWS),
        targets[:whole].view(-1, size).split(N_ROWS),
        strict=True,
    )
    if whole < len(inputs):
        yield inputs[None, whole:], targets[None, whole:]


def repeat(seeds: Sequence[int] = (1, 2, 3)) -> Iterator[str]:
    """One line for each seed: seconds and loss of both, in turns."""
    for seed in seeds:
        ours, peer = measure(shakespeare_fast, seed), measure(shakespeare_baseline, seed)
        yield (
            f"seed {seed}: course {ours.seconds:.1f} s, loss {ours.loss:.4f}; reference "
            f"{peer.seconds:.1f} s, loss {peer.loss:.4f}; ratio {peer.seconds / ours.seconds:.2f}"
        )


if __name__ == "__main__":
    for line in repeat():
        print(line, flush=True)
