"""Tasks made from stories and what they mean: all that later lectures train on and ask about.

>>> from course_lib.data.riverbank import tasks
>>> tasks.questions(riverbank.load("train"), seed=0)[0].question.text
"""

from course_lib.data.riverbank.tasks.annotations import (
    Document,
    Sense,
    Tagged,
    Translation,
    documents,
    senses,
    tagged,
    translations,
)
from course_lib.data.riverbank.tasks.consecutive import Consecutive, consecutive
from course_lib.data.riverbank.tasks.entailment import Pair, entailment
from course_lib.data.riverbank.tasks.headlines import Headline, headlines
from course_lib.data.riverbank.tasks.logic import LABELS
from course_lib.data.riverbank.tasks.pictures import Group, Picture, View, pictures, read
from course_lib.data.riverbank.tasks.prompts import KINDS, Prompt, prompts
from course_lib.data.riverbank.tasks.questions import Question, questions
from course_lib.data.riverbank.tasks.renderings import SenseUse, sense_uses
from course_lib.data.riverbank.tasks.review_ceilings import Ceilings, review_ceilings
from course_lib.data.riverbank.tasks.reviews import Numbers, Review, reviews
from course_lib.data.riverbank.tasks.similarity import Similar, similarity
from course_lib.data.riverbank.tasks.vocabulary import vocabulary
from course_lib.data.riverbank.tasks.wording import Words

__all__ = [
    "KINDS",
    "LABELS",
    "Ceilings",
    "Consecutive",
    "Document",
    "Group",
    "Headline",
    "Numbers",
    "Pair",
    "Picture",
    "Prompt",
    "Question",
    "Review",
    "Sense",
    "SenseUse",
    "Similar",
    "Tagged",
    "Translation",
    "View",
    "Words",
    "consecutive",
    "documents",
    "entailment",
    "headlines",
    "pictures",
    "prompts",
    "questions",
    "read",
    "review_ceilings",
    "reviews",
    "sense_uses",
    "senses",
    "similarity",
    "tagged",
    "translations",
    "vocabulary",
]
