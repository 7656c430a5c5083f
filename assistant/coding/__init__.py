"""Practice in writing and reading code: tasks marked by running the answer, snippets to be read.

Running is for the command line alone: whoever types there could run the file anyway. No other door may offer it,
because the limits in `running` stop accidents and not attackers; a test holds `api/` and `assistant/study.py` to it.
"""
