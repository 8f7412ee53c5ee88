"""BPE by hand beside the `tokenizers` library: training and encoding, one core, one run.

Both read the same stories and learn the same merges. For orientation only: the one is written to be
read, the other, in Rust, to be quick. Rates are words per second of the process's own CPU time.
"""

from collections.abc import Callable

from benchmarks.ngram import timed
from benchmarks.report import Result
from course_lib.data import riverbank
from course_lib.i18n import _
from course_lib.text import fast
from course_lib.text.bpe import BPETokenizer

VOCAB_SIZE, N_STORIES = 2000, 2000


def run() -> list[Result]:
    """Words per second in training, in encoding, and in encoding again what is remembered."""
    texts = [story.text for story in riverbank.load("train")[:N_STORIES]]
    n_words = sum(len(text.split()) for text in texts)
    seconds, by_hand = timed(lambda: BPETokenizer.train(texts, VOCAB_SIZE), 1)
    library_seconds, library = timed(lambda: fast.train_bpe(texts, VOCAB_SIZE), 3)
    if by_hand.merges != library.slow.merges:
        raise ValueError("the library has learnt other merges")
    first, _ids = timed(encoding(by_hand.encode, texts), 1)
    again, _ids = timed(encoding(by_hand.encode, texts), 3)
    by_library, _ids = timed(encoding(library.encode, texts), 3)
    name, unit = _("BPE: {what}"), _("words/s")
    pairs = {
        _("training beside tokenizers"): (seconds, library_seconds),
        _("encoding words met for the first time"): (first, by_library),
        _("encoding words met before"): (again, by_library),
    }
    return [
        Result(name.format(what=what), n_words / ours, n_words / theirs, unit)
        for what, (ours, theirs) in pairs.items()
    ]


def encoding(encode: Callable, texts: list[str]) -> Callable:
    """What is timed: one text after the other."""
    return lambda: [encode(text) for text in texts]
