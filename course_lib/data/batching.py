"""From texts as ids to batches of plain tensors. All chance comes from the generator passed in.

A text is a 1-D int64 tensor of ids without <s> and </s>.
"""

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.lengths import POOL, batches_of, of_like_length

PAD_ID = 0  # as Vocab.pad_id, which this room may not import
IGNORED = -100  # a target that F.cross_entropy leaves out, unless told otherwise


def random_windows(
    ids: Tensor, length: int, batch_size: int, rng: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (inputs, targets), each (B, T); targets are inputs moved on by one."""
    if len(ids) <= length:
        raise ValueError(f"{len(ids)} tokens cannot fill a window of {length} + 1")
    windows = ids.unfold(0, length + 1, 1)  # (N - T, T + 1): every window, no copy
    while True:
        batch = windows[torch.randint(len(windows), (batch_size,), generator=rng)]
        yield batch[:, :-1], batch[:, 1:]


def minibatches(
    rows: Sequence[Tensor], batch_size: int, rng: torch.Generator
) -> Iterator[tuple[Tensor, ...]]:
    """Endless batches of matching rows; each pass visits every row once, in a new order.

    `rows`: tensors of equal first size N. The last batch of a pass may be smaller.
    """
    sizes = {len(part) for part in rows}
    if len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"need tensors with one equal, positive number of rows, got {sizes}")
    while True:
        for batch in torch.randperm(len(rows[0]), generator=rng).split(batch_size):
            yield tuple(part[batch] for part in rows)


def cbow_windows(texts: Iterable[Tensor], window: int) -> tuple[Tensor, Tensor]:
    """Each word with the words around it: contexts (N, 2 * window) and centres (N,).

    Contexts never cross the end of a text; places beyond it hold <pad>. A word alone in its text
    has no context and is left out. No words at all: N = 0.
    """
    if window < 1:
        raise ValueError(f"{window=} must be at least 1")
    gap = torch.full((window,), PAD_ID)
    padded = torch.cat([gap, *(piece for text in texts for piece in (text, gap))])
    if len(padded) <= 2 * window:
        return torch.empty(0, 2 * window, dtype=torch.long), torch.empty(0, dtype=torch.long)
    windows = padded.unfold(0, 2 * window + 1, 1)  # (positions, 2 * window + 1)
    contexts = torch.cat([windows[:, :window], windows[:, window + 1 :]], dim=1)
    centres = windows[:, window]
    keep = (centres != PAD_ID) & (contexts != PAD_ID).any(dim=1)
    return contexts[keep], centres[keep]


def skip_gram_pairs(texts: Iterable[Tensor], window: int) -> tuple[Tensor, Tensor]:
    """Every word with each word at most `window` places from it: centres and contexts, (N,) each.

    In reading order of the centre, then of the context. Pairs never cross the end of a text.
    """
    contexts, centres = cbow_windows(texts, window)
    row, column = (contexts != PAD_ID).nonzero(as_tuple=True)
    return centres[row], contexts[row, column]


def count_ids(texts: Iterable[Tensor], vocab_size: int) -> Tensor:
    """How often each id occurs: (V,), int64."""
    counts = torch.zeros(vocab_size, dtype=torch.long)
    for text in texts:
        counts += torch.bincount(text, minlength=vocab_size)
    return counts


def keep_probability(counts: Tensor, threshold: float = 1e-3) -> Tensor:
    """How likely each occurrence of a word survives subsampling: min(1, sqrt(t/f) + t/f).

    (V,) counts -> (V,), with f = count / total and t = `threshold`. Rare words always stay, and so
    do words never seen. Raises ValueError if nothing was counted. Source: the word2vec program; the
    paper prints sqrt(t/f) alone.
    """
    if counts.sum() == 0:
        raise ValueError("no words were counted, so there are no frequencies")
    ratio = threshold * counts.sum() / counts.double()  # infinite for a word never seen
    return (ratio.sqrt() + ratio).clamp(max=1)


def subsample(texts: Iterable[Tensor], keep: Tensor, rng: torch.Generator) -> list[Tensor]:
    """Drop occurrences by chance, each kept with probability keep[id]; the rest moves together."""
    return [t[torch.rand(len(t), generator=rng, dtype=torch.double) < keep[t]] for t in texts]


def negative_distribution(counts: Tensor, power: float = 0.75) -> Tensor:
    """Which words serve as negatives: (V,) probabilities proportional to count ** power.

    3/4 lies between the words' own frequencies (1) and a uniform draw (0): rare words are drawn
    more often than they occur. Raises ValueError if nothing was counted. Source: Mikolov et al.
    (2013).
    """
    if counts.sum() == 0:
        raise ValueError("no words were counted, so there is nothing to draw negatives from")
    weights = counts.double() ** power
    return weights / weights.sum()


def with_negatives(
    batches: Iterable[tuple[Tensor, Tensor]],
    probs: Tensor,
    n_negatives: int,
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Add negatives (B, K) to each (inputs, targets); drawn with replacement from `probs` (V,)."""
    for inputs, targets in batches:
        n_draws = len(targets) * n_negatives
        draws = torch.multinomial(probs, n_draws, replacement=True, generator=rng)
        yield inputs, targets, draws.view(-1, n_negatives)


def padded_batches(
    texts: Sequence[Tensor], n_tokens: int, rng: torch.Generator, start_id: int, end_id: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches of whole texts, each a row: inputs and targets, both (B, T).

    Inputs begin with `start_id`, targets end with `end_id`; each pass visits every text once, in a
    new order. Texts of like length share a batch, so that little is padded: inputs with <pad>,
    targets with -100, which `cross_entropy` leaves out. B * T <= n_tokens, or B = 1.
    """
    if len(texts) == 0:
        raise ValueError("there are no texts to make batches of")
    rows = _with_ends(texts, start_id, end_id)
    for batch in of_like_length([(len(row) - 1,) for row in rows], n_tokens, rng):
        yield _padded([rows[i] for i in batch])


def window_batches(
    texts: Sequence[Tensor],
    context_length: int,
    n_tokens: int,
    rng: torch.Generator,
    start_id: int,
    end_id: int,
) -> Iterator[tuple[Tensor, Tensor]]:
    """`padded_batches` of texts that may be longer than a model's context.

    Those are cut into windows of `context_length` predictions, at places drawn anew in each pass.
    So each pass still predicts every token once, but not always from the same ones before it.
    """
    if len(texts) == 0:
        raise ValueError("there are no texts to make batches of")
    while True:
        for pool in torch.randperm(len(texts), generator=rng).split(POOL):
            rows = _with_ends([texts[int(i)] for i in pool], start_id, end_id)
            windows = [w for row in rows for w in _windows(row, context_length, rng)]
            lengths = [(len(window) - 1,) for window in windows]
            for chosen in batches_of(range(len(windows)), lengths, n_tokens, rng):
                yield _padded([windows[i] for i in chosen])


def _windows(row: Tensor, length: int, rng: torch.Generator) -> Iterator[Tensor]:
    """Cut a row into parts of `length` + 1 that overlap by one; the first may be shorter."""
    if len(row) <= length + 1:
        yield row
        return
    first = int(torch.randint(1, length + 1, (), generator=rng))
    yield row[: first + 1]
    for start in range(first, len(row) - 1, length):
        yield row[start : start + length + 1]


def parallel_batches(
    pairs: Sequence[tuple[Tensor, Tensor]],
    n_tokens: int,
    rng: torch.Generator,
    start_id: int,
    end_id: int,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """The same for pairs of a source and a target: sources (B, S), inputs and targets (B, T).

    Sources are padded with <pad> on the right. B * max(S, T) <= n_tokens, or B = 1.
    """
    if len(pairs) == 0:
        raise ValueError("there are no pairs to make batches of")
    sources = [source for source, _ in pairs]
    rows = _with_ends([target for _, target in pairs], start_id, end_id)
    lengths = [(len(row) - 1, len(source)) for row, source in zip(rows, sources, strict=True)]
    for batch in of_like_length(lengths, n_tokens, rng):
        chosen = [sources[i] for i in batch]
        yield (
            pad_sequence(chosen, batch_first=True, padding_value=PAD_ID),
            *_padded([rows[i] for i in batch]),
        )


def _with_ends(texts: Sequence[Tensor], start_id: int, end_id: int) -> list[Tensor]:
    start, end = torch.tensor([start_id]), torch.tensor([end_id])
    return [torch.cat([start, text, end]) for text in texts]


def _padded(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    inputs = pad_sequence([row[:-1] for row in rows], batch_first=True, padding_value=PAD_ID)
    targets = pad_sequence([row[1:] for row in rows], batch_first=True, padding_value=IGNORED)
    return inputs, targets
