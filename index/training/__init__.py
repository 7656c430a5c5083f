"""Trains the bundled bilingual embedding: `python -m index.training --data FOLDER --output FOLDER --seed 0`.

Reading the text, building pairs, choosing a vocabulary, fitting, measuring and saving, one module each. Nothing
here is imported by search, which reads the saved model through `index.embedders.bundled`.
"""
