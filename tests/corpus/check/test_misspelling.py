"""Misspelt terms with the right suggestion, and the real words, names and code that are left alone."""

from __future__ import annotations

import pytest

from tests.corpus.check.checking import findings

MISSPELT = {
    "Noramlization": "Normalization",
    "seperable": "separable",
    "adapation": "adaptation",
    "convoluton": "convolution",
    "gradiant": "gradient",
    "overfiting": "overfitting",
    "trainning": "training",
    "regulariztion": "regularization",
    "momentun": "momentum",
    "dropuot": "dropout",
    "atention": "attention",
    "tranformer": "transformer",
    "Inceptoin": "Inception",
    "receptve": "receptive",
    "segmentaion": "segmentation",
    "BatchNormlization": "Normalization",
    "convolutoins": "convolutions",
    "quantizaiton": "quantization",
    "embeding": "embedding",
    "poolling": "pooling",
}
SPELT = """
    convolutions normalised regularising colour neighbours behaviour centre labelling modelling optimiser analysing
    generalisation factorised adaption adaptions derivation perspective reflection relevancy retrained denormalize
    overfits underfitted hyperparameters minibatches quantizes pretrained unnormalized differentiable computations
    Hinton Bengio Szegedy Ioffe Kaiming ResNets nsamples lbuffer dtype numpy kwargs argmax softmaxed Xception
    transposing interpolates saturates converges divergent probabilistic receptor competition reputation expectancy
""".split()


@pytest.mark.parametrize(("word", "meant"), MISSPELT.items())
def test_a_misspelt_term_is_found_with_the_term_that_was_meant(word: str, meant: str) -> None:
    (found,) = findings(f"# 网络\n\n这里用了{word}的方法，效果更稳定。\n", rule="misspelling")
    assert f"“{meant}”" in found.message
    assert found.lines == (3, 3)


def test_a_mistyped_short_term_is_found_behind_a_size() -> None:
    (found,) = findings("# 网络\n\n用两个3x3cobv代替一个5x5，参数更少。\n", rule="misspelling")
    assert "“conv”" in found.message
    assert found.fix is None


@pytest.mark.parametrize("word", SPELT)
def test_a_real_word_or_name_is_no_misspelling(word: str) -> None:
    assert findings(f"# Network\n\nThis note is about the {word} of a layer.\n", rule="misspelling") == []


@pytest.mark.parametrize(
    "place",
    [
        "`seperable`",
        "$seperable$",
        "https://example.com/seperable",
        "[text](https://x.org/seperable)",
        "nn.seperable",
        "seperable_conv",
        "\\seperable",
        "--seperable",
        "<seperable>",
        "```\nseperable\n```",
    ],
)
def test_code_formulas_and_addresses_are_not_spelt(place: str) -> None:
    assert findings(f"# Layer\n\nThe layer is written here.\n\n{place}\n", rule="misspelling") == []
