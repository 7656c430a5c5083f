"""Doors: each module here opens one, by `open_door(app, service)`; others enter by the group `assistant.doors`."""
