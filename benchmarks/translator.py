"""The course's translators beside `transformers`' models of equal size: training and translating.

One run, one core, float32, no dropout; turns and rates as in `benchmarks.gpt`. Both models of a
pair have the same weights, and the text is Riverbank's: English sentences to be put into Japanese.

- Training: target tokens per second, padding not counted. First the same batches for both, and all
  words scored: ModernTranslator beside Pegasus, Translator beside Marian. Then as the course trains
  on two languages: batches of like length, and only words of the language that is written are
  scored. The peer does what its library's Trainer does: the same pairs in random order, as many
  rows in a batch; its own loss, fused AdamW, clipped gradients.
- Translating: sentences per second, greedily and with five beams. Batches of as many sentences for
  both, sorted by length for both, and both must find the same targets. The weights have learnt for
  a little while, so that targets end; both write on until all of a batch are done.
"""

import itertools
import tempfile
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from benchmarks.gpt import Work, in_turns, median_pair, trainer_loop
from benchmarks.report import Result
from course_lib.data import riverbank
from course_lib.data.batching import IGNORED, PAD_ID, parallel_batches
from course_lib.data.riverbank import tasks
from course_lib.i18n import _
from course_lib.inference.translating import translate, translate_best
from course_lib.interop.marian_folder import save_marian
from course_lib.interop.pegasus_folder import save_pegasus
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.translator import Translator
from course_lib.text.vocab import SPECIAL, Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import sequence_loss

D_MODEL, N_HEADS, N_LAYERS = 128, 4, 2
N_STORIES, BATCH_TOKENS, N_STEPS, LR = 200, 1000, 8, 1e-3
N_LEARNT = 150  # steps after which targets end where they should, more or less
N_SENTENCES, BATCH_SIZE, N_NEW, N_BEAMS = 64, 32, 24, 5
N_TURNS = 7
Batch = tuple[Tensor, Tensor, Tensor]
Pair = tuple[Tensor, Tensor]


def run(d_model: int = D_MODEL, n_turns: int = N_TURNS) -> list[Result]:
    """Training of both translators, and what the modern one writes once it has learnt a little."""
    torch.set_num_threads(1)
    pairs, n_words, n_targets = sentence_pairs(N_STORIES)
    cfg = TransformerConfig(
        vocab_size=n_words,
        context_length=160,
        d_model=d_model,
        n_heads=N_HEADS,
        n_layers=N_LAYERS,
        d_ff=2 * d_model,
        dropout=0.0,
    )
    return [*training(cfg, n_targets, pairs, n_turns), *translating(cfg, pairs, n_turns)]


def sentence_pairs(n_stories: int) -> tuple[list[Pair], int, int]:
    """English sentences and their Japanese as ids, how many words there are, and Japanese ones.

    The Japanese words come first among the ids.
    """
    told = tasks.translations(riverbank.sample(n_stories, seed=0))
    japanese = sorted({word for pair in told for word in pair.japanese})
    vocab = Vocab([*japanese, *sorted({word for pair in told for word in pair.english})])
    pairs = [(vocab.encode(pair.english), vocab.encode(pair.japanese)) for pair in told]
    return pairs, len(vocab), len(SPECIAL) + len(japanese)


def training(
    cfg: TransformerConfig, n_targets: int, pairs: Sequence[Pair], n_turns: int
) -> list[Result]:
    """Target tokens per second in training."""
    rng = torch.Generator().manual_seed(0)
    endless = parallel_batches(pairs, BATCH_TOKENS, rng, Vocab.start_id, Vocab.end_id)
    batches = list(itertools.islice(endless, N_STEPS))
    modern, first, written = (
        ModernTranslator(cfg, rng),
        Translator(cfg, rng),
        ModernTranslator(cfg, rng, n_targets),
    )
    in_random_order = shuffled(batches, rng)
    works = [
        *(train_ours(modern, batches), train_theirs(their_model(modern), batches)),
        *(train_ours(first, batches), train_theirs(their_model(first), batches)),
        *(train_ours(written, batches), train_theirs(their_model(modern), in_random_order)),
    ]
    seconds = in_turns(works, n_turns)
    rates = [[n_targets_of(batches) / second for second in column] for column in seconds]
    names = [
        (_("training ModernTranslator beside transformers' Pegasus, same batches"), None),
        (_("training Translator beside transformers' Marian, same batches"), None),
        (_("training on two languages beside Pegasus, rows of any length"), 1.3),
    ]
    pairs_of_rates = zip(names, rates[::2], rates[1::2], strict=True)
    return [
        median_pair(name, ours, theirs, _("tokens/s"), target)
        for (name, target), ours, theirs in pairs_of_rates
    ]


def n_targets_of(batches: Sequence[Batch]) -> int:
    """How many tokens are to be predicted."""
    return sum(int((targets != IGNORED).sum()) for _source, _inputs, targets in batches)


def shuffled(batches: Sequence[Batch], rng: torch.Generator) -> list[Batch]:
    """The same rows in random order, in as many batches, each of as many rows as it had."""
    paddings = (PAD_ID, PAD_ID, IGNORED)
    rows = [
        tuple(part[part != padding] for part, padding in zip(row, paddings, strict=True))
        for batch in batches
        for row in zip(*batch, strict=True)
    ]
    order = iter(torch.randperm(len(rows), generator=rng).tolist())
    mixed = []
    for batch in batches:
        chosen = [rows[i] for i in itertools.islice(order, len(batch[0]))]
        parts = zip(*chosen, strict=True)
        source, inputs, targets = (
            pad_sequence(list(part), batch_first=True, padding_value=padding)
            for part, padding in zip(parts, paddings, strict=True)
        )
        mixed.append((source, inputs, targets))
    return mixed


def translating(cfg: TransformerConfig, pairs: Sequence[Pair], n_turns: int) -> list[Result]:
    """Sentences per second. Raises ValueError if the two write different targets."""
    ours = ModernTranslator(cfg, torch.Generator().manual_seed(0))
    learn(ours, pairs, N_LEARNT)
    theirs = their_model(ours).eval()
    sources = [source for source, _target in pairs[:N_SENTENCES]]
    results = []
    for n_beams in (1, N_BEAMS):
        write, write_too = (
            write_ours(ours, sources, n_beams),
            write_theirs(theirs, sources, n_beams),
        )
        found, found_too = ([row.tolist() for row in rows] for rows in (write(), write_too()))
        if found != found_too:
            raise ValueError("the same weights wrote different targets")
        seconds = in_turns([write, write_too], n_turns)
        rates = [[len(sources) / second for second in column] for column in seconds]
        name = _("translating with {n} beams beside transformers").format(n=n_beams)
        results.append(median_pair(name, *rates, _("sentences/s"), target=1.3))
    return results


def learn(model: EncoderDecoder, pairs: Sequence[Pair], n_steps: int) -> None:
    """The first steps of training."""
    rng = torch.Generator().manual_seed(1)
    batches = parallel_batches(pairs, BATCH_TOKENS, rng, Vocab.start_id, Vocab.end_id)
    train(model, sequence_loss, batches, TrainConfig(n_steps=n_steps, lr=3 * LR))


def their_model(model: EncoderDecoder) -> nn.Module:
    """`transformers`' model with the same sizes and weights."""
    from transformers import AutoModelForSeq2SeqLM  # slow to import, and only needed here

    save: Callable[..., None] = save_marian if isinstance(model, Translator) else save_pegasus
    with tempfile.TemporaryDirectory() as folder:
        save(model, folder)
        theirs: nn.Module = AutoModelForSeq2SeqLM.from_pretrained(folder)
    return theirs


def train_ours(model: EncoderDecoder, batches: Sequence[Batch]) -> Work:
    """One pass of the course's loop."""
    cfg = TrainConfig(n_steps=len(batches), lr=LR)
    return lambda: train(model, sequence_loss, batches, cfg)


def train_theirs(model: nn.Module, batches: Sequence[Batch]) -> Work:
    """One pass of a Trainer's inner loop."""
    named = [their_inputs(batch) for batch in batches]
    return trainer_loop(model, lambda: named, len(named), LR)


def their_inputs(batch: Batch) -> dict[str, Tensor]:
    """A batch under the names of `transformers`."""
    source, inputs, targets = batch
    mask = (source != PAD_ID).long()
    names = {"input_ids": source, "attention_mask": mask}
    return {**names, "decoder_input_ids": inputs, "labels": targets}


def write_ours(
    model: EncoderDecoder, sources: Sequence[Tensor], n_beams: int
) -> Callable[[], list[Tensor]]:
    """Targets of all sources, in their order."""
    if n_beams == 1:
        return lambda: translate(model, sources, N_NEW, batch_size=BATCH_SIZE)
    return lambda: translate_best(model, sources, N_NEW, n_beams, batch_size=BATCH_SIZE)


def write_theirs(
    model: nn.Module, sources: Sequence[Tensor], n_beams: int
) -> Callable[[], list[Tensor]]:
    """The same. Its batches are sorted by length and made before."""
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    groups = [order[i : i + BATCH_SIZE] for i in range(0, len(order), BATCH_SIZE)]
    batches = [pad_sequence([sources[i] for i in group], batch_first=True) for group in groups]

    def work() -> list[Tensor]:
        found = [torch.empty(0)] * len(sources)
        for group, batch in zip(groups, batches, strict=True):
            mask = (batch != PAD_ID).long()
            settings = {"max_new_tokens": N_NEW, "num_beams": n_beams}
            ids = model.generate(batch, attention_mask=mask, **settings)
            for i, row in zip(group, ids, strict=True):
                found[i] = row[row > Vocab.end_id]
        return found

    return work
