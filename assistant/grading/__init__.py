"""Grading of free answers: key points of the notes, found in the answer, missed, or said the other way round."""
