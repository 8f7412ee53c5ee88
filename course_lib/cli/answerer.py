"""A model that finds answers in a user's own passages: trained, used, measured."""

from collections.abc import Sequence

import torch

from course_lib.cli.task_models import TaskModel
from course_lib.cli.task_run import TaskOptions, learn, notice, space_between, start
from course_lib.data.corpora.records import Question
from course_lib.errors import CourseError
from course_lib.evaluation.confidence import bootstrap_mean
from course_lib.evaluation.spans import plain_characters, plain_words, span_scores
from course_lib.i18n import _
from course_lib.inference.answering import answered, find_answers
from course_lib.models.heads import SpanFinder
from course_lib.text.alignment import token_spans
from course_lib.training.fine_tuning import span_loss
from course_lib.training.task_examples import ask_of_text, span_examples


def train_answerer(questions: Sequence[Question], options: TaskOptions) -> TaskModel:
    """Learn from answered questions. Raises CourseError if none of them has an answer."""
    rng = torch.Generator().manual_seed(options.seed)
    if not any(question.answers for question in questions):
        raise CourseError(_("no question has an answer: there is nothing to learn"))
    texts = {q.context: None for q in questions} | {q.question: None for q in questions}
    encoder, tokenizer = start(options, texts, rng)
    declines = not all(question.answers for question in questions)
    space = space_between(text for text in texts)
    model = SpanFinder(encoder, rng)
    task = TaskModel("answerer", model, tokenizer, space=space, declines=declines)
    _look_at_lengths(task, questions)
    examples = span_examples(ask_of_text(questions, tokenizer), task.encoding)
    learn(model, examples, span_loss, options, rng)
    return task


def answer(task: TaskModel, questions: Sequence[Question]) -> list[str]:
    """The piece of the passage that answers each question; "" for none.

    If every question had an answer in training, the best piece is always given.
    """
    _look_at_lengths(task, questions)
    encoding, tokenizer = task.encoding, task.tokenizer
    pairs = [(tokenizer.encode(q.question), tokenizer.encode(q.context)) for q in questions]
    spans = find_answers(task.model, pairs, encoding.marks, encoding.max_length)
    found = []
    for question, span in zip(questions, spans, strict=True):
        places = token_spans(question.context, tokenizer)[span.start : span.end]
        if not places or (task.declines and not answered(span)):
            found.append("")
        else:
            found.append(question.context[places[0][0] : places[-1][1]].strip())
    return found


def report(
    task: TaskModel,
    questions: Sequence[Question],
    said: Sequence[str],
    learnt_from: Sequence[Question] = (),
) -> list[str]:
    """How well the model answered, each measure with its interval of 95 %.

    learnt_from: if there are any, beside the model stands what gives the whole passage, or never an
    answer, whichever fits better.
    """
    lines = [_("tested on         {n} questions").format(n=len(questions))]
    lines += _measures(task, said, questions)
    if learnt_from:
        guesses = {
            _("always the whole passage:"): [question.context for question in questions],
            _("never an answer:"): [""] * len(questions),
        }
        scores = {name: sum(_scores(task, g, questions)[1]) for name, g in guesses.items()}
        best = max(scores, key=scores.__getitem__)
        lines += [best, *_measures(task, guesses[best], questions)]
    return lines


def _scores(
    task: TaskModel, said: Sequence[str], questions: Sequence[Question]
) -> tuple[list[float], list[float]]:
    """Exact match and F1 of each question; of Japanese, by characters."""
    right = [[a.text for a in question.answers] for question in questions]
    return span_scores(said, right, plain_words if task.space else plain_characters)


def _measures(task: TaskModel, said: Sequence[str], questions: Sequence[Question]) -> list[str]:
    rng = torch.Generator().manual_seed(0)
    exact, f1 = (bootstrap_mean(values, rng) for values in _scores(task, said, questions))
    return [
        _("exact match       {value}").format(value=exact),
        _("F1                {value}").format(value=f1),
    ]


def _look_at_lengths(task: TaskModel, questions: Sequence[Question]) -> None:
    """Say how many passages are read in parts. Raises CourseError, naming it, for a question that
    leaves too little room for any.
    """
    most, n_long = task.encoding.max_length, 0
    for question in questions:
        n_asked = len(task.tokenizer.encode(question.question)) + 3
        if n_asked + most // 4 >= most:
            message = _("the model reads {most} tokens at once, which is too few for {question!r}")
            raise CourseError(message.format(most=most, question=question.question))
        n_long += n_asked + len(task.tokenizer.encode(question.context)) > most
    message = _("{n} passages do not fit into {most} tokens and are read in parts")
    notice(n_long, message.replace("{most}", str(most)))
