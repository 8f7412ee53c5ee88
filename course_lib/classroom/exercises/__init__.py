"""The records of all exercises: one package per lecture, one file per exercise.

To add exercises to lecture NN_name, write

1. `exercises/name/some_idea.py`, one file per exercise, each with an `EXERCISE` (see
   `course_lib.classroom.exercise`), and `exercises/name/__init__.py` with the tuple `EXERCISES`;
2. the notebook `notebooks/exercises/NN_name/NN_name.ipynb`: the only place of stub and solution.

Nothing else: the registry, the tests and `course exercises` find both. `ngrams` is the model.
A record says what goes wrong; order its cases so that each needs just one idea more than the one
before, and the first failing case names the idea. Import torch inside functions where a lecture
can do without it, so that `check` answers at once.

The notebook is in nbgrader's format (cell metadata `nbgrader`, schema version 3), no outputs:

    markdown   title; then a locked code cell `setup`: all imports, `check` and `hint` among them
    for each record of the lecture, in order:
    markdown   `## ★★ Title`, then "`name` · 4 points · about 10 minutes", then the task
    code       the solution: grade_id `name`, solution true, locked false, grade false. One function
               whose docstring gives shapes or kinds with an arrow, "(T,) ids -> number", and one
               worked value (`>>>`); its body stands between ### BEGIN SOLUTION and ### END SOLUTION
    markdown   a question to think about before checking
    code       the check: grade_id `name_check`, grade and locked true, points as in the record:
                   check(name)
                   ### BEGIN HIDDEN TESTS
                   assert check(name, seed=1)
                   ### END HIDDEN TESTS
    markdown   at the end of the notebook: what the exercises showed, and what to try next

Releasing replaces each solution by `raise NotImplementedError()` and drops the hidden lines.
"""
