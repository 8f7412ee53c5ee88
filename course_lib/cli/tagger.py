"""A tagger of a user's own words: trained, used, measured."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import torch

from course_lib.cli.tagged_files import Sentence
from course_lib.cli.task_models import TaskModel
from course_lib.cli.task_run import TaskOptions, learn, notice, space_between, start
from course_lib.errors import CourseError
from course_lib.evaluation.baselines import majority
from course_lib.evaluation.confidence import bootstrap, wilson
from course_lib.evaluation.entities import entity_score
from course_lib.i18n import _
from course_lib.inference.tagging import tag_texts
from course_lib.models.heads import Tagger
from course_lib.text.alignment import pieces_of
from course_lib.text.bio import repaired
from course_lib.training.fine_tuning import tagging_loss
from course_lib.training.task_examples import label_list, tagging_examples


def train_tagger(sentences: Sequence[Sentence], options: TaskOptions) -> TaskModel:
    """Learn from tagged sentences. Raises CourseError if all tags are the same."""
    rng = torch.Generator().manual_seed(options.seed)
    labels = label_list(tag for sentence in sentences for tag in sentence.tags)
    space = space_between(word for sentence in sentences for word in sentence.words)
    texts = (space + space.join(sentence.words) for sentence in sentences)
    encoder, tokenizer = start(options, texts, rng)
    task = TaskModel("tagger", Tagger(encoder, len(labels), rng), tokenizer, labels, space=space)
    words = [sentence.words for sentence in sentences]
    tags = [sentence.tags for sentence in sentences]
    examples = tagging_examples(words, tags, labels, task.encoding)
    message = _("{n} sentences have more than {most} tokens and are read in parts")
    most = str(task.encoding.max_length)
    notice(len(examples) - len(sentences), message.replace("{most}", most))
    learn(task.model, examples, tagging_loss, options, rng)
    return task


def tag(task: TaskModel, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """A tag for each word; if the tags are those of entities, well-formed ones."""
    encoding = task.encoding
    pieces = [pieces_of(words, encoding.encode_word) for words in texts]
    found = tag_texts(task.model, pieces, task.labels, encoding.marks, encoding.max_length)
    return [repaired(tags) for tags in found] if are_entities(task.labels) else found


def are_entities(tags: Sequence[str]) -> bool:
    """Whether the tags are O, B-... and I-...: entities that may have several words."""
    try:
        repaired(tags)
    except CourseError:
        return False
    return True


def report(
    task: TaskModel,
    sentences: Sequence[Sentence],
    found: Sequence[Sequence[str]],
    learnt_from: Sequence[Sentence] = (),
) -> list[str]:
    """How well the model did on tagged sentences, each measure with its interval of 95 %.

    learnt_from: the training sentences; beside the model then stands what always gives a word its
    commonest tag.
    """
    right = [sentence.tags for sentence in sentences]
    words = [sentence.words for sentence in sentences]
    strange = {t for tags in right for t in tags} - set(task.labels)
    message = _("{n} tags are unseen in training, and so count as wrong: {labels}")
    shown = message.replace("{labels}", ", ".join(map(repr, sorted(strange))))
    notice(sum(t in strange for tags in right for t in tags), shown)
    n_words = sum(map(len, words))
    lines = [_("tested on         {n} words").format(n=n_words)]
    lines += _measures(found, right)
    if learnt_from:
        known = commonest_tags(learnt_from)
        rare = majority([tag for sentence in learnt_from for tag in sentence.tags])
        guessed = [[known.get(word, rare) for word in sentence] for sentence in words]
        lines.append(_("each word's commonest tag instead:"))
        lines += _measures(guessed, right)
    return lines


def commonest_tags(sentences: Sequence[Sentence]) -> Mapping[str, str]:
    """For each word the tag that it has most often."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in sentences:
        for word, tag_of_it in zip(words, tags, strict=True):
            counts[word][tag_of_it] += 1
    return {word: majority(list(found.elements())) for word, found in counts.items()}


def _measures(said: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> list[str]:
    pairs = zip(said, right, strict=True)
    n_right = sum(s == r for ours, theirs in pairs for s, r in zip(ours, theirs, strict=True))
    lines = [_("accuracy          {value}").format(value=wilson(n_right, sum(map(len, right))))]
    if are_entities([tag for tags in (*said, *right) for tag in tags]):
        rng = torch.Generator().manual_seed(0)
        found = bootstrap(lambda s, r: entity_score(s, r).f1, [said, right], rng)
        lines.append(_("entity F1         {value}").format(value=found))
    return lines
