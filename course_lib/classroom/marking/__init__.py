"""Marks that a student cannot forge: untrusted code computes in a sandbox, trusted code judges.

One submission is one notebook file. Its way: `submissions` (what lies in the folder), `session` (a
`worker` in a `sandbox`, spoken to over the `wire`), `marker` (asks the cases of a `paper`, judges
what comes back: a `mark` per exercise), `grading` (all of them, in parallel) into the `grade_book`.
Nothing is imported here: the worker imports this package inside the sandbox, too.
"""
