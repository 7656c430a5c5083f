"""What leaves the program for others to read: decks for Anki, tables, and a report. The doors write the files."""
