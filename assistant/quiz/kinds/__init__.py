"""One file per kind of question; each is found by its name and by nothing else."""
