"""Faults in notes: what a finding is, how rules are found and run, and how the mechanical faults are mended.

It judges the writing, not the subject: what only the index or a demo can know is a rule of their own rooms.
"""
