"""The grade book's marks for other programs: CSV, learning platforms, nbgrader."""
