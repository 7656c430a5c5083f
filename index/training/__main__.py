"""The command `python -m index.training`: read, build, train, measure, save."""

from __future__ import annotations

import argparse
import logging
import random
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from corpus.errors import StudyError
from corpus.glossary import load_glossary
from index.training import teaching


class TrainingExtraMissing(StudyError):
    """A library that only training needs is not installed."""


def main() -> int:
    """Train from the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training text")
    parser.add_argument("--output", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="another number of epochs")
    parser.add_argument("--without-teacher", action="store_true", help="learn from the pairs alone")
    given = parser.parse_args()
    try:
        teach = None if given.without_teacher else teaching.open_teacher()
        train(given.data, given.output, given.seed, given.epochs, teach)
    except StudyError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return 1
    return 0


def train(
    data: Path, output: Path, seed: int, epochs: int | None = None, teach: teaching.Teach | None = None
) -> None:
    """Train on the text under `data` and save the model under `output`. Raises `StudyError`.

    `teach` is the teacher, None for none.
    """
    try:
        import sentence_transformers  # noqa: F401
        import tokenizers  # noqa: F401
        import torch
    except ImportError as error:
        raise TrainingExtraMissing(
            f"training needs a library that is not installed: {error.name!r}",
            "pip install 'interview-study-assistant[training]'",
        ) from error
    from index.embedders.bundled import BundledEmbedder
    from index.training import evaluating, own_text, pairs, reading, vocabulary
    from index.training.exporting import export
    from index.training.fitting import Recipe, fit

    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(1)  # sums in one order; on texts as short as these a second thread mostly waits
    recipe = Recipe() if epochs is None else replace(Recipe(), epochs=epochs)
    rng = random.Random(seed)
    text = reading.read(data)
    rest, held = evaluating.hold_out(text, rng)
    own = own_text.build(load_glossary(), rng)
    built = pairs.build(rest, rng) | own
    for kind, found in built.items():
        sys.stdout.write(f"{kind:<20}{len(found):>8,} pairs\n")
    words = [*rest.texts(), *(each for found in own.values() for pair in found for each in pair)]
    tokenizer = vocabulary.train_tokenizer(words)
    lessons, first = None, None
    if teach:
        lessons, axes = teaching.lessons(built, teach, recipe.dimension)
        first = teaching.first_vectors(tokenizer, built["cross_blocks"], teach, axes, seed)
    model = fit(tokenizer, built, recipe, seed, lessons, first)
    # Twice: the card that is saved holds figures of the very files beside it.
    save = partial(
        export, model, output, recipe=recipe, seed=seed, sources=text.sources, taught=teach is not None
    )
    save(figures={})
    figures = evaluating.evaluate(BundledEmbedder(output).embed_passages, held)
    save(figures=figures)
    for kind, each in figures.items():
        sys.stdout.write(f"{kind:<20}{each}\n")


if __name__ == "__main__":
    sys.exit(main())
