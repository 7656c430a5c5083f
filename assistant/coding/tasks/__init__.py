"""Coding tasks: one module each, found through the group `assistant.coding_tasks`."""
