"""The special tokens of BERT's texts: [CLS] one sentence [SEP] another [SEP], with holes [MASK]."""

from typing import NamedTuple

from course_lib.text.vocab import Vocab

CLASS, SEPARATOR, MASK = "[CLS]", "[SEP]", "[MASK]"
MARKS = (CLASS, SEPARATOR, MASK)


class Marks(NamedTuple):
    """Their ids. [CLS] stands first, and its vector is for the whole text."""

    class_id: int
    separator_id: int
    mask_id: int
    pad_id: int = Vocab.pad_id

    @classmethod
    def of(cls, vocab: Vocab) -> "Marks":
        """The marks of a vocabulary that was made with them: `Vocab([*MARKS, *words])`.

        Raises ValueError if it lacks one.
        """
        missing = [mark for mark in MARKS if mark not in vocab]
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(missing)}")
        return cls(*(vocab.ids[mark] for mark in MARKS))
