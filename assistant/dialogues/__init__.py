"""Quizzes, drills and interviews as plain talk, for doors that have only text and perhaps buttons."""
