"""From the instructor's exercise notebooks to the students' bundle.

The way of a notebook: `editions` (in which language), `sources` (the chosen exercises, ready to
leave the repository), `nbgrader_tool` (nbgrader takes out solutions and hidden tests), `leaks`
(nothing that must stay is still in it), `instructions` beside it, and `bundle`: all or nothing.
`course_folder` puts the same assignment into an nbgrader course.
"""
