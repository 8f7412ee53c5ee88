"""The course's GPTs beside `transformers`' GPT-2 of equal size, and beside the machine's own peak.

One run, one core, float32, no dropout. Both models of a pair do the same work in turns, many short
turns, so that a busy machine slows both; rates are per second of the process's own CPU time, and
the pair with the median ratio is reported, with the smallest and the largest beside it.

- Training: the course's loop beside the loop that `transformers`' Trainer runs (its loss, fused
  AdamW, clipped gradients), with the same batches. The course's loop asks the C library to keep
  freed memory; the peer, in the same process, profits from that too.
- Generation: greedy, with a KV-cache, the same weights in both, which must write the same tokens.
- Peak: multiply-adds of training, counted exactly, beside a product of two large matrices.
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn

from benchmarks.report import Result
from course_lib.data.batching import random_windows
from course_lib.i18n import _
from course_lib.inference.decoding import generate, greedy
from course_lib.interop.hugging_face import save_gpt2
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.transformer_lm import TransformerLM
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

CFG = TransformerConfig(
    vocab_size=1000,  # about Riverbank's
    context_length=128,
    d_model=128,
    n_heads=4,
    n_layers=4,
    dropout=0.0,
    pad_id=None,  # nothing is forbidden: both choose among the same tokens
    start_id=3,
    end_id=3,
)
BATCH_SIZE, N_STEPS, LR = 8, 10, 1e-3
PROMPT_LENGTH, N_NEW = 8, 100
N_TURNS = 9
PEAK_SIZE = 1024
Batch = tuple[Tensor, Tensor]
Work = Callable[[], object]


def run(cfg: TransformerConfig = CFG, n_turns: int = N_TURNS) -> list[Result]:
    """Training, generation with one text and with eight, and the share of the peak."""
    torch.set_num_threads(1)
    return [*training(cfg, n_turns), *generation(cfg, n_turns)]


def training(cfg: TransformerConfig, n_turns: int) -> list[Result]:
    """Tokens per second in training, and multiply-adds per second beside the machine's peak."""
    rng = torch.Generator().manual_seed(0)
    text = torch.randint(cfg.vocab_size, (100_000,), generator=rng)
    batches = random_windows(text, cfg.context_length, BATCH_SIZE, rng)
    plain, modern = train_ours(GPT(cfg, rng), batches), train_ours(ModernGPT(cfg, rng=rng), batches)
    peer = train_theirs(their_model(GPT(cfg, rng)), batches)
    seconds = in_turns([plain, modern, peer, product(PEAK_SIZE)], n_turns)
    n_tokens = N_STEPS * BATCH_SIZE * cfg.context_length
    rates = [[n_tokens / second for second in column] for column in seconds[:3]]
    peak = [2 * PEAK_SIZE**3 / second / 1e9 for second in seconds[3]]
    achieved = [flops_per_token(cfg) * rate / 1e9 for rate in rates[0]]
    unit = _("tokens/s")
    return [
        median_pair(_("training GPT beside transformers"), rates[0], rates[2], unit, target=1.3),
        median_pair(_("training ModernGPT beside transformers"), rates[1], rates[2], unit),
        median_pair(_("training GPT: fraction of the peak"), achieved, peak, "GFLOP/s"),
    ]


def generation(cfg: TransformerConfig, n_turns: int) -> list[Result]:
    """Tokens written per second. Raises ValueError if the two write different texts."""
    rng = torch.Generator().manual_seed(0)
    ours = GPT(cfg, rng).eval()
    theirs = their_model(ours).eval()
    results = []
    for batch_size in (1, 8):
        ids = torch.randint(cfg.vocab_size, (batch_size, PROMPT_LENGTH), generator=rng)
        write, write_too = write_ours(ours, ids), write_theirs(theirs, ids)
        if not torch.equal(write(), write_too()):
            raise ValueError("the same weights wrote different texts")
        seconds = in_turns([write, write_too], n_turns)
        rates = [[batch_size * N_NEW / second for second in column] for column in seconds]
        name = _("greedy generation, batch of {n}, beside transformers").format(n=batch_size)
        results.append(median_pair(name, *rates, _("tokens/s"), target=2))
    return results


def their_model(model: GPT) -> nn.Module:
    """`transformers`' GPT-2 with the same sizes and weights."""
    from transformers import GPT2LMHeadModel  # slow to import, and only needed here

    with tempfile.TemporaryDirectory() as folder:
        save_gpt2(model, folder)
        theirs: nn.Module = GPT2LMHeadModel.from_pretrained(folder)
    return theirs


def train_ours(model: TransformerLM, batches: Iterator[Batch]) -> Work:
    """N_STEPS of the course's loop."""
    cfg = TrainConfig(n_steps=N_STEPS, lr=LR)
    return lambda: train(model, next_token_loss, batches, cfg)


def train_theirs(model: nn.Module, batches: Iterator[Batch]) -> Work:
    """N_STEPS of a Trainer's inner loop."""

    def named() -> Iterator[dict[str, Tensor]]:
        for inputs, _targets in itertools.islice(batches, N_STEPS):
            yield {"input_ids": inputs, "labels": inputs}  # the model moves the labels by one

    return trainer_loop(model, named, N_STEPS, LR)


def trainer_loop(
    model: nn.Module, batches: Callable[[], Iterable[dict[str, Tensor]]], n_steps: int, lr: float
) -> Work:
    """What a Trainer does with `n_steps` batches: the model's own loss, AdamW, clipped gradients.

    batches: those of one turn, under the names of `transformers`.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, n_steps)

    def work() -> None:
        model.train()
        for inputs in batches():
            loss = model(**inputs).loss
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            decay.step()
            optimizer.zero_grad()

    return work


def write_ours(model: GPT, ids: Tensor) -> Callable[[], Tensor]:
    """N_NEW tokens after each row."""
    return lambda: generate(model, ids, N_NEW, greedy)


def write_theirs(model: nn.Module, ids: Tensor) -> Callable[[], Tensor]:
    """The same, with no end token at which to stop."""
    settings = {"do_sample": False, "use_cache": True, "eos_token_id": None, "pad_token_id": 0}
    mask = torch.ones_like(ids)
    return lambda: model.generate(ids, attention_mask=mask, max_new_tokens=N_NEW, **settings)


def product(size: int) -> Work:
    """A product of two square matrices, as fast as the machine can multiply."""
    a, b, out = (torch.ones(size, size) for _matrix in range(3))
    return lambda: torch.mm(a, b, out=out)


def in_turns(works: Sequence[Work], n_turns: int) -> list[list[float]]:
    """CPU seconds of each work, one per turn; a first turn, which warms up, does not count."""
    seconds: list[list[float]] = [[] for _work in works]
    for turn in range(n_turns + 1):
        for work, column in zip(works, seconds, strict=True):
            start = time.process_time()
            work()
            if turn:
                column.append(time.process_time() - start)
    return seconds


def median_pair(
    name: str, ours: Sequence[float], peer: Sequence[float], unit: str, target: float | None = None
) -> Result:
    """The turn whose ratio is the median, and the smallest and largest ratio."""
    turns = sorted(zip(ours, peer, strict=True), key=lambda pair: pair[0] / pair[1])
    ratios = [mine / theirs for mine, theirs in turns]
    middle = turns[ratios.index(statistics.median_low(ratios))]
    return Result(name, *middle, unit, target, spread=(ratios[0], ratios[-1]))


def flops_per_token(cfg: TransformerConfig) -> float:
    """Multiplications and additions of training a GPT, per token of a full window.

    Of matrix products only: the blocks' matrices, queries with keys and weights with values, and
    the output layer. A token sees itself and those before it, (T + 1) / 2 on average. The backward
    pass takes two products for each of the forward pass.
    """
    matrices = cfg.n_layers * (4 * cfg.d_model**2 + 2 * cfg.d_model * cfg.d_hidden)
    attention = cfg.n_layers * 2 * cfg.d_model * (cfg.context_length + 1) / 2
    head = cfg.d_model * cfg.vocab_size
    return 3 * 2 * (matrices + attention + head)
