"""Pages made of marks and submissions: for each student, for the instructor, and for likeness.

Every string of a submission, names of students and of files among them, is hostile. The pages are
made by `pages`, which escapes everything, and carry no script and no reference to another file.
"""
