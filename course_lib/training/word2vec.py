"""word2vec at speed: skip-gram with negative sampling, its gradient written out.

The objective of `negative_sampling_loss` with two economies. Negatives are drawn once for a *block*
of neighbouring centres, so that one matrix product scores them all. And word2vec's random window,
which holds a word at distance o with probability (window + 1 - o) / window, is replaced by its
expectation: every word of the full window, weighted by that probability.

Letters: M blocks in a step, L centres in a block, S = L + 2 window words around it, K negatives.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from course_lib.data.batching import count_ids, keep_probability, negative_distribution
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.threads import one_thread
from course_lib.models.word2vec import SkipGram
from course_lib.text.vocab import SPECIAL

# lr times the updates that one word may get in a step. Zipf texts of 2 to 1,000 words, with and
# without subsampling, all trained at 4; some diverged at 6.
MAX_STEP = 4.0


@dataclass(frozen=True, kw_only=True)
class Word2VecConfig:
    """Sizes and rates, by default those of the word2vec program. Raises ValueError on nonsense."""

    d_model: int = 100
    window: int = 5
    n_negatives: int = 5  # for each neighbour: the weight of the K shared ones together
    threshold: float = 1e-3  # words more frequent than this are subsampled
    n_epochs: int = 5
    lr: float = 0.025  # falls in a straight line, to 0 after the last step
    block_length: int = 32  # L, at most
    n_shared: int = 32  # K
    n_blocks: int = 16  # M, at most; a text of few words takes smaller steps

    def __post_init__(self) -> None:
        if not all(value > 0 for value in vars(self).values()):
            raise ValueError(f"every number must be above 0 in {self}")


def train_word2vec(
    texts: Sequence[Tensor],
    vocab_size: int,
    cfg: Word2VecConfig,
    rng: torch.Generator,
    on_epoch: Callable[[int, SkipGram], None] = lambda epoch, model: None,  # noqa: ARG005
) -> SkipGram:
    """Learn word vectors from texts of ids. The special words, <unk> too, are left out.

    `on_epoch(epoch, model)` is called after each pass through the texts. Runs on one thread: the
    products are so small that more would mostly wait for each other. Raises CourseError if no two
    words stand side by side.
    """
    ids, text_numbers = _join(texts)
    if not (text_numbers[1:] == text_numbers[:-1]).any():
        message = _("no two words stand side by side in {n} texts; word vectors need more text")
        raise CourseError(message.format(n=len(texts)))
    counts = count_ids([ids], vocab_size)
    keep, noise = keep_probability(counts, cfg.threshold), negative_distribution(counts)
    cfg = with_safe_steps(cfg, counts * keep, noise)
    model = SkipGram(vocab_size, cfg.d_model, rng)
    for epoch in range(cfg.n_epochs):
        with one_thread():
            _train_epoch(model, ids, text_numbers, keep, noise, epoch, cfg, rng)
        on_epoch(epoch, model)
    return model


def _train_epoch(
    model: SkipGram,
    ids: Tensor,
    text_numbers: Tensor,
    keep: Tensor,
    noise: Tensor,
    epoch: int,
    cfg: Word2VecConfig,
    rng: torch.Generator,
) -> None:
    """One pass through the words, subsampled anew."""
    kept = torch.rand(len(ids), generator=rng, dtype=torch.double) < keep[ids]
    rows = blocks(ids[kept], text_numbers[kept], cfg)
    for done, batch in _batches(rows, noise, cfg, rng):
        lr = cfg.lr * (1 - (epoch + done) / cfg.n_epochs)
        block_step(model.inputs.weight.data, model.outputs.weight.data, *batch, lr, cfg)


def _join(texts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """All ordinary words in one row, and the number of the text that each is from: (N,) each."""
    ids = torch.cat([torch.empty(0, dtype=torch.long), *texts])
    lengths = torch.tensor([len(text) for text in texts], dtype=torch.long)
    text_numbers = torch.arange(len(texts)).repeat_interleave(lengths)
    ordinary = ids >= len(SPECIAL)
    return ids[ordinary], text_numbers[ordinary]


def with_safe_steps(cfg: Word2VecConfig, counts: Tensor, noise: Tensor) -> Word2VecConfig:
    """Take fewer centres per step where one word would get too many of a step's updates.

    All updates of a step are computed from the same vectors and then summed. The commonest word
    (V counts after subsampling, V noise probabilities) gets this many for each centre; when lr
    times their number is too large it overshoots, and all vectors grow without end.
    """
    as_negative = cfg.n_negatives * noise.max()
    updates = (cfg.window + 1) * (counts.max() / counts.sum() + as_negative).item()
    n_centres = max(1, int(MAX_STEP / (cfg.lr * updates)))
    length = min(cfg.block_length, n_centres)
    return replace(cfg, block_length=length, n_blocks=min(cfg.n_blocks, n_centres // length))


def blocks(ids: Tensor, text_numbers: Tensor, cfg: Word2VecConfig) -> tuple[Tensor, Tensor]:
    """Cut (N,) words into overlapping rows: ids and text numbers, (N / L rounded up, S) each.

    Row b holds centres b L to (b + 1) L - 1 in its middle and `window` words more on either side.
    Places outside the words get text numbers below 0, each its own, so they neighbour nothing.
    """
    n_centres = max(1, math.ceil(len(ids) / cfg.block_length)) * cfg.block_length
    n_after = n_centres - len(ids) + cfg.window
    before, after = torch.zeros(cfg.window).long(), torch.zeros(n_after).long()
    nowhere = -1 - torch.arange(cfg.window + n_after)
    padded = torch.cat([before, ids, after])
    numbers = torch.cat([nowhere[: cfg.window], text_numbers, nowhere[cfg.window :]])
    size = cfg.block_length + 2 * cfg.window
    return padded.unfold(0, size, cfg.block_length), numbers.unfold(0, size, cfg.block_length)


def _batches(
    rows: tuple[Tensor, Tensor], noise: Tensor, cfg: Word2VecConfig, rng: torch.Generator
) -> Iterator[tuple[float, tuple[Tensor, Tensor, Tensor]]]:
    """All blocks in a random order, M at a time: (share done before, (ids, weights, negatives))."""
    id_rows, number_rows = rows
    distance_weights = window_weights(cfg)
    middle = slice(cfg.window, cfg.window + cfg.block_length)
    n_draws = len(id_rows) * cfg.n_shared
    negatives = torch.multinomial(noise, n_draws, replacement=True, generator=rng)
    negatives = negatives.view(-1, cfg.n_shared)
    order = torch.randperm(len(id_rows), generator=rng)
    for start in range(0, len(order), cfg.n_blocks):
        chosen = order[start : start + cfg.n_blocks]
        numbers = number_rows.index_select(0, chosen)  # (M, S)
        same_text = numbers[:, middle, None] == numbers[:, None, :]  # (M, L, S)
        batch = (
            id_rows.index_select(0, chosen),
            distance_weights * same_text,
            negatives[start : start + cfg.n_blocks],
        )
        yield start / len(order), batch


def window_weights(cfg: Word2VecConfig) -> Tensor:
    """(L, S): how likely word2vec's random window around centre l reaches word s of the row."""
    centres = torch.arange(cfg.block_length)[:, None] + cfg.window
    distance = (centres - torch.arange(cfg.block_length + 2 * cfg.window)).abs()
    weights = (cfg.window + 1 - distance).clamp(min=0) / cfg.window
    return weights.masked_fill(distance == 0, 0)  # a word is not its own neighbour


def block_step(
    inputs: Tensor,
    outputs: Tensor,
    ids: Tensor,
    weights: Tensor,
    negatives: Tensor,
    lr: float,
    cfg: Word2VecConfig,
) -> None:
    """One step of gradient descent, in place, on the loss of M blocks, summed, in nats.

    The loss of a centre u with neighbours v, weighted a, and negatives n is
    - sum_v a log sigma(u . v) - (sum_v a) (n_negatives / K) sum_n log sigma(-u . n).

    Args:
        inputs, outputs: (V, D) the two vectors of each word; both are changed.
        ids: (M, S) the words of each block, its L centres in the middle.
        weights: (M, L, S) how much each word counts as a neighbour of each centre.
        negatives: (M, K) ids drawn for each block.
    """
    size, width = weights.size(2), inputs.size(1)
    centres = ids[:, cfg.window : cfg.window + cfg.block_length].flatten()
    words = torch.cat([ids, negatives], dim=1).flatten()
    u = inputs.index_select(0, centres).view(len(ids), -1, width)  # (M, L, D)
    v = outputs.index_select(0, words).view(len(ids), -1, width)  # (M, S + K, D)
    rates = weights * -lr  # (M, L, S)
    negative_rates = rates.sum(dim=2, keepdim=True) * (cfg.n_negatives / cfg.n_shared)
    error = torch.bmm(u, v.mT).sigmoid_()  # (M, L, S + K), becomes rate * (sigma - label)
    error[:, :, :size].sub_(1).mul_(rates)
    error[:, :, size:].mul_(negative_rates)
    add_rows(inputs, centres, torch.bmm(error, v).view(-1, width))
    add_rows(outputs, words, torch.bmm(error.mT, u).view(-1, width))


def add_rows(table: Tensor, ids: Tensor, rows: Tensor) -> None:
    """table[ids] += rows, in place, where ids may repeat; twice as fast as `index_add_` here."""
    table.scatter_add_(0, ids[:, None].expand(-1, table.size(1)), rows)
