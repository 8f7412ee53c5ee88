"""Beam search: a text of high probability, found by following the B best beginnings at once."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.inference.reading import Reader
from course_lib.models.language_model import LanguageModel
from course_lib.text.vocab import Vocab


@dataclass(frozen=True)
class Hypothesis:
    """One way to continue a prompt.

    ids: (n,) the new tokens; the last is the end token, unless the text was cut at `n_new`.
    log_prob: natural log p(ids | prompt). score: log_prob / n ** length_penalty.
    """

    ids: Tensor
    log_prob: float
    score: float


class Candidates(NamedTuple):
    """Beams of P prompts made one token longer, best first: (P, K) each.

    log_probs: of the whole continuation, in nats. parents: which beam it goes on from. tokens: the
    new one.
    """

    log_probs: Tensor
    parents: Tensor
    tokens: Tensor

    def take(self, places: Tensor) -> "Candidates":
        """Those at `places` (P, K')."""
        return Candidates(*(part.gather(1, places) for part in self))


class Pool:
    """The best complete continuations of one prompt so far, at most `n_best`, best first."""

    def __init__(self, n_best: int, length_penalty: float) -> None:
        self.n_best, self.length_penalty = n_best, length_penalty
        self.hypotheses: list[Hypothesis] = []

    def add(self, ids: Tensor, log_prob: float) -> None:
        score = log_prob / len(ids) ** self.length_penalty
        self.hypotheses.append(Hypothesis(ids, log_prob, score))
        self.hypotheses.sort(key=lambda hypothesis: -hypothesis.score)
        del self.hypotheses[self.n_best :]

    def is_final(self, log_prob: float, n: int, n_new: int) -> bool:
        """Can no continuation of a beam with this log_prob after n tokens enter any more?

        Log-probabilities only fall. A positive penalty forgives most at the greatest length.
        """
        length = n_new if self.length_penalty > 0 else n
        best_possible = log_prob / length**self.length_penalty
        full = len(self.hypotheses) == self.n_best
        return log_prob == -math.inf or (full and best_possible <= self.hypotheses[-1].score)


@torch.inference_mode()
def beam_search(
    model: LanguageModel,
    ids: Tensor,
    n_new: int,
    n_beams: int,
    end_id: int | None = None,
    length_penalty: float = 1.0,
) -> list[list[Hypothesis]]:
    """For each of P prompts the best continuations found, at most `n_beams`, best first.

    In every step each of the B beams proposes its B best next tokens, and its end. Of these
    B * B + B candidates the B best count: those that end become hypotheses, and the B best that go
    on are the next beams. After `n_new` tokens all that count become hypotheses. A prompt's search
    stops before if no beam can beat its hypotheses any more. One beam without length penalty is
    greedy.

    Args:
        model, ids, n_new: as for `generate`; ids (P, T).
        end_id: the token that ends a text; None: all continuations have `n_new` tokens.
        length_penalty: a continuation of n tokens, the end among them, has the score
            log_prob / n ** length_penalty. 0 favours short texts; 1 compares means over tokens.

    Raises ValueError if `n_new` or `n_beams` is less than 1, or if no token can come next.
    Source: Graves (2012); the conventions are those of transformers with early_stopping="never".
    """
    if n_new < 1 or n_beams < 1:
        raise ValueError(f"{n_new=} and {n_beams=} must be at least 1")
    end = -1 if end_id is None else end_id  # no token has the id -1
    pools = [Pool(n_beams, length_penalty) for _ in ids]
    reader = Reader(model, ids)
    reader.select(torch.arange(len(ids), device=ids.device).repeat_interleave(n_beams))
    so_far = reader.logits.new_full((len(ids), n_beams), -torch.inf)
    so_far[:, 0] = 0.0  # all beams are still the same: only the first may propose
    unfinished = pools  # of the prompts whose beams are still followed, in their order
    for n in range(1, n_new + 1):
        found = propose(reader.logits, so_far, n_beams + 1)
        is_end = (found.tokens == end) | (n == n_new)
        _collect(unfinished, reader.ids[:, ids.size(1) :], found, is_end[:, :n_beams])
        beams = found.take(is_end.int().argsort(dim=1, stable=True)[:, :n_beams])
        places = _unfinished(unfinished, beams.log_probs, n, n_new)
        if n == n_new or not places:
            break
        unfinished = [unfinished[place] for place in places]
        so_far = _read_on(reader, beams, torch.tensor(places, device=ids.device), end_id)
    if not all(pool.hypotheses for pool in pools):
        raise ValueError("no token can come next: every logit of a row is -inf")
    return [pool.hypotheses for pool in pools]


def propose(logits: Tensor, so_far: Tensor, n_each: int) -> Candidates:
    """(P * B, V) logits and (P, B) log-probabilities -> (P, B * n_each) candidates, best first.

    A dead beam, or one that nothing can follow, proposes tokens of log-probability -inf.
    """
    best = logits.log_softmax(dim=-1).topk(min(n_each, logits.size(-1)), dim=-1)
    # Where nothing can follow, the softmax divides 0 by 0.
    found = best.values.masked_fill(best.values.isnan(), -torch.inf)
    found = found.unflatten(0, so_far.shape)  # (P, B, n_each)
    values, order = (found + so_far[..., None]).flatten(1).sort(dim=1, descending=True, stable=True)
    tokens = best.indices.unflatten(0, so_far.shape).flatten(1).gather(1, order)
    return Candidates(values, order // found.size(-1), tokens)


def _collect(pools: list[Pool], written: Tensor, found: Candidates, is_end: Tensor) -> None:
    """Put the B best candidates that end, (P, B) `is_end`, into the pools of their prompts.

    written: (P * B, n - 1) the new tokens of each beam.
    """
    n_beams = is_end.size(1)
    possible = found.log_probs[:, :n_beams] > -torch.inf
    for prompt, place in (is_end & possible).nonzero().tolist():
        row = prompt * n_beams + int(found.parents[prompt, place])
        ids = torch.cat([written[row], found.tokens[prompt, place, None]])
        pools[prompt].add(ids, found.log_probs[prompt, place].item())


def _read_on(reader: Reader, beams: Candidates, kept: Tensor, end_id: int | None) -> Tensor:
    """Read the beams' new tokens, of the prompts at `kept` (P',) only -> log-probabilities."""
    n_beams = beams.parents.size(1)
    log_probs, parents, tokens = (part[kept] for part in beams)  # (P', B) each
    reader.select((kept[:, None] * n_beams + parents).flatten())
    # A beam without a token is dead, and stays so; it reads on with something harmless.
    harmless = Vocab.unk_id if end_id is None else end_id
    reader.append(tokens.masked_fill(log_probs == -torch.inf, harmless).view(-1, 1))
    return log_probs


def _unfinished(pools: list[Pool], so_far: Tensor, n: int, n_new: int) -> list[int]:
    """The places of those pools that may still change."""
    best = so_far[:, 0].tolist()
    return [i for i, pool in enumerate(pools) if not pool.is_final(best[i], n, n_new)]
