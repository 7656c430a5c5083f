"""The glossary: its data keep their promises, and names are found where a reader would find them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import FrozenInstanceError
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.concepts import Concept, Kind, fold
from corpus.errors import StudyError, UnknownName
from corpus.glossary import Glossary, load_glossary

GLOSSARY = load_glossary()
SHIPPED = files("corpus") / "glossary.toml"
DATA = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
NAMES = [(c.concept_id, name) for c in GLOSSARY.concepts.values() for name in c.names]
EXACT = {name for names in DATA["exact_case"].values() for name in names}


def found(text: str, glossary: Glossary = GLOSSARY) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.concept) for m in glossary.find(text)]


def concepts(text: str) -> list[str]:
    return [m.concept for m in GLOSSARY.find(text)]


# The data


def test_the_quick_reading_of_the_shipped_file_is_what_toml_means() -> None:
    tables = {name: table for name, table in DATA.items() if name not in ("exact_case", "ambiguous")}
    assert list(GLOSSARY.concepts) == list(tables)
    for concept_id, table in tables.items():
        concept = GLOSSARY.concepts[concept_id]
        assert [list(concept.zh), list(concept.en), list(concept.abbr)] == [
            table.get(key, []) for key in ("zh", "en", "abbr")
        ]
        assert (concept.kind, concept.broader) == (table.get("kind"), table.get("broader", ""))
        assert set(table.get("related", [])) <= set(concept.related)


def test_the_shipped_file_passes_the_checks_of_a_users_file(tmp_path: Path) -> None:
    copy = tmp_path / "copy.toml"
    copy.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_glossary(copy).concepts == GLOSSARY.concepts


def test_the_glossary_is_broad_and_bilingual() -> None:
    every = GLOSSARY.concepts.values()
    assert len(every) >= 1000
    assert sum(bool(c.zh and (c.en or c.abbr)) for c in every) >= 0.9 * len(every)


def test_no_name_means_two_concepts_unless_listed_as_ambiguous() -> None:
    shared = {fold(name) for name in DATA["ambiguous"]}
    owners: dict[str, str] = {}
    for concept_id, name in NAMES:
        key = re.sub(r"[\s_-]", "", name if name in EXACT else fold(name))
        if fold(name) not in shared:
            assert owners.setdefault(key, concept_id) == concept_id, name


def test_every_ambiguous_name_has_two_meanings_and_every_exact_name_exists() -> None:
    assert all(len(set(ids)) == len(ids) >= 2 for ids in DATA["ambiguous"].values())
    assert {name for _, name in NAMES} >= EXACT


def test_ids_are_snake_case_and_every_concept_has_a_name() -> None:
    for concept in GLOSSARY.concepts.values():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", concept.concept_id)
        assert concept.names


def test_chinese_names_are_chinese_and_the_others_are_not() -> None:
    for concept in GLOSSARY.concepts.values():
        assert all(re.search("[\u4e00-\u9fff]", name) for name in concept.zh), concept
        assert not any(re.search("[\u3000-\u9fff]", name) for name in concept.en + concept.abbr), concept


def test_names_are_normalised_and_trimmed() -> None:
    for _, name in NAMES:
        assert name == unicodedata.normalize("NFKC", name).strip()
        assert not re.search(r"[\s_-]{2}", name)


def test_broader_and_related_are_concepts_without_rings() -> None:
    for concept in GLOSSARY.concepts.values():
        assert set(concept.related) <= set(GLOSSARY.concepts) - {concept.concept_id}
        assert all(concept.concept_id in GLOSSARY.concepts[other].related for other in concept.related)
        above = [concept.concept_id]
        while broader := GLOSSARY.concepts[above[-1]].broader:
            assert broader not in above
            above.append(broader)


def test_every_name_finds_its_concept() -> None:
    for concept_id, name in NAMES:
        (match,) = GLOSSARY.find(f"。{name}，")
        assert (match.start, match.end) == (1, 1 + len(name)), name
        assert concept_id in (match.concept, *match.also)


# Matching


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("用BN还是IN", [("BN", "batch_normalization"), ("IN", "instance_normalization")]),
        ("bnb in a map, in the cabin", []),
        ("bn、Bn和ＢＮ", [(bn, "batch_normalization") for bn in ("bn", "Bn", "ＢＮ")]),
        ("反卷积核与卷积", [("反卷积", "transposed_convolution"), ("卷积", "convolution")]),
        ("变分自编码器", [("变分自编码器", "variational_autoencoder")]),
        ("熵和交叉熵", [("熵", "entropy"), ("交叉熵", "cross_entropy")]),
        ("L1 损失, L1损失", [("L1 损失", "l1_loss"), ("L1损失", "l1_loss")]),
        ("K-均值 k means", [("K-均值", "k_means"), ("k means", "k_means")]),
        ("ResNet50 和 ResNet-101", [("ResNet50", "resnet"), ("ResNet-101", "resnet")]),
        ("the $L_2$ norm", [("L_2", "l2_regularization")]),
        ("a 1×1 conv, 1*1卷积", [("1×1 conv", "pointwise_convolution"), ("1*1卷积", "pointwise_convolution")]),
        ("Bayes’ theorem", [("Bayes’ theorem", "bayes_theorem")]),
        ("GANs, losses and entropies", [
            ("GANs", "generative_adversarial_network"), ("losses", "loss_function"), ("entropies", "entropy"),
        ]),
        ("tensor shapes; SHAPs", [("tensor", "tensor"), ("SHAPs", "shap")]),
        ("regularisation, optimiser", [("regularisation", "regularization"), ("optimiser", "optimizer")]),
        ("leakrelu, seperable conv, 梯度剪切", [
            ("leakrelu", "leaky_relu"),
            ("seperable conv", "depthwise_separable_convolution"),
            ("梯度剪切", "gradient_clipping"),
        ]),
        ("正则表达式不是正则", [("正则表达式", "regular_expression"), ("正则", "regularization")]),
    ],
)  # fmt: skip
def test_names_are_found_as_a_reader_finds_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "name", ["batchnorm", "batch norm", "batch-norm", "Batch_Norm", "BATCH\nNORM", "batch\u00a0norm"]
)
def test_one_separator_or_none_stands_where_a_name_has_a_space(name: str) -> None:
    assert found(f"用{name}。") == [(name, "batch_normalization")]


@pytest.mark.parametrize(
    "text", ["batch\n\nnorm", "batch - norm", "b_n", "a dam", "l\nr", "卷\n积", "bat chnorm"]
)
def test_separators_elsewhere_part_a_name(text: str) -> None:
    assert concepts(text) == []


def test_case_tells_apart_names_that_differ_in_nothing_else() -> None:
    assert [m.concept for m in GLOSSARY.find("lr LR mAP MAP map")] == [
        "learning_rate",
        "logistic_regression",
        "mean_average_precision",
        "maximum_a_posteriori",
    ]


def test_an_ambiguous_name_gives_all_its_concepts_the_usual_first() -> None:
    (match,) = GLOSSARY.find("LDA")
    assert (match.concept, match.also) == ("linear_discriminant_analysis", ("latent_dirichlet_allocation",))
    assert "LDA" in GLOSSARY.names("linear_discriminant_analysis")
    assert "LDA" in GLOSSARY.names("latent_dirichlet_allocation")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("随机失活", "dropout"),
        ("转置卷积", "ConvTranspose"),
        ("平均绝对误差", "L1 loss"),
        ("均方误差", "MSE"),
        ("感受野", "receptive field"),
        ("数据并行", "data parallelism"),
        ("低秩适配", "LoRA"),
        ("模式崩溃", "mode collapse"),
        ("非极大值抑制", "NMS"),
    ],
)
def test_names_in_two_languages_meet(one: str, other: str) -> None:
    assert concepts(one) == concepts(other) != []


@pytest.mark.parametrize(
    ("one", "other"), [("L1 正则化", "lasso"), ("L2 正则化", "weight decay"), ("岭回归", "L2 正则化")]
)
def test_near_synonyms_are_related_and_not_the_same(one: str, other: str) -> None:
    (a,), (b,) = concepts(one), concepts(other)
    assert a != b
    assert b in GLOSSARY.concepts[a].related


def test_ordinary_prose_names_nothing() -> None:
    english = """The quick brown fox ran in a zero-g lab, as is the rule: who is it for? I am on my own, so let us go
    to sea, per the old map. He can react; a kid and a lamb surf. Is it me? Mind the gap, clip the lime, nag no more."""
    chinese = "今天天气很好，我们去公园散步，然后回家吃饭。你叫什么名字？请问几点了，谢谢。"
    assert found(english + chinese) == []


def test_nothing_is_found_in_nothing() -> None:
    assert GLOSSARY.find("") == GLOSSARY.find(" \n-_ ") == ()


def _joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(name + gap for name, gap in pieces)


texts = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from([name for _, name in NAMES]).flatmap(
                    lambda name: st.sampled_from(
                        [name, name.lower(), name.upper(), name.replace(" ", "-"), name[1:]]
                    )
                ),
                st.text("abBN积卷熵12İﬁﾊ", max_size=3),
            ),
            st.sampled_from(["", " ", "-", "_", "\n", "\n\n", "的", "和 ", ", ", "s ", "x", "2"]),
        ),
        max_size=8,
    ).map(_joined),
)


@given(texts)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_matches_are_ordered_apart_and_fold_to_their_name(text: str) -> None:
    def bare(words: str) -> str:
        return re.sub(r"[\s_-]", "", fold(words))

    end = 0
    for match in GLOSSARY.find(text):
        assert end <= match.start < match.end <= len(text)
        end = match.end
        surface, name = bare(text[match.start : match.end]), bare(match.name)
        assert surface in (name, name + "s", name + "es", name[:-1] + "ies")
        assert match.name in GLOSSARY.names(match.concept)


LATIN = "0-9a-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"


def _pattern(name: str) -> re.Pattern[str]:
    """The rules of the module's docstring as one regular expression, written without looking at the matcher."""
    bare = re.sub(r"[\s_-]", "", fold(name))
    after_gap = set()
    for gap in re.finditer(r"[\s_-]", name):
        after_gap.add(len(re.sub(r"[\s_-]", "", name[: gap.end()])))

    def sort(char: str) -> str:
        return "digit" if char.isdigit() else "letter" if re.match(f"[{LATIN}]", char) else "other"

    body = ""
    for i, char in enumerate(bare):
        joint = i in after_gap or (i > 0 and sort(char) != sort(bare[i - 1]))
        body += (r"[\s_-]?" if joint else "") + re.escape(char)
    if sort(bare[-1]) != "other":
        plural = "(?:es)?" if re.search("(s|x|z|ch|sh)$", bare) else "s?"
        ies = f"|{body[:-1]}ies" if bare[-1] == "y" else ""
        body = f"(?:{body}{plural}{ies})"
    left = f"(?<![{LATIN}])" if sort(bare[0]) != "other" else ""
    right = f"(?![{LATIN}])" if sort(bare[-1]) != "other" else ""
    return re.compile(f"{left}(?={body}{right})({body}){right}")


def _by_the_rules(text: str) -> list[tuple[int, int]]:
    folded = fold(text)
    bare = re.sub(r"[\s_-]", "", folded)
    spans = []
    for _, name in NAMES:
        stem = re.sub(r"[\s_-]", "", fold(name))
        if name in EXACT or (stem not in bare and stem[:-1] + "ies" not in bare):
            continue
        spans += [(m.start(1), m.end(1)) for m in _pattern(name).finditer(folded)]
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


@given(texts)
def test_the_matcher_agrees_with_one_regular_expression_a_name(text: str) -> None:
    plain = "".join(
        "。" if char.isupper() else char for char in text
    )  # names whose case matters are left out
    spans = [
        (m.start, m.end) for m in GLOSSARY.find(plain) if plain[m.start : m.end].rstrip("s") not in EXACT
    ]
    assert [s for s in _by_the_rules(plain) if plain[s[0] : s[1]].rstrip("s") not in EXACT] == spans


# The object and the user's own files


def test_a_glossary_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        GLOSSARY.fingerprint = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        GLOSSARY.concepts["x"] = Concept("x")  # type: ignore[index]


def test_names_of_an_unknown_concept_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="'batch_norm'") as error:
        GLOSSARY.names("batch_norm")
    assert "'batch_normalization'" in error.value.hint


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def test_a_users_file_adds_concepts_and_names(own: Path) -> None:
    own.write_text(
        '[exact_case]\nmine = ["US"]\n[ambiguous]\nBN = ["batch_normalization", "bayesian_network"]\n'
        '[batch_normalization]\nzh = ["批正态化"]\n[unit_scaling]\nen = ["unit scaling"]\nabbr = ["US", "U-mup"]\n'
        'kind = "method"\nbroader = "normalization"\nrelated = ["dropout"]\n',
        encoding="utf-8",
    )
    mine = load_glossary(own)
    assert found("批正态化, unit-scaling, us, US, UMUP", mine) == [
        ("批正态化", "batch_normalization"), ("unit-scaling", "unit_scaling"), ("US", "unit_scaling"),
        ("UMUP", "unit_scaling"),
    ]  # fmt: skip
    assert mine.find("BN")[0].also == ("bayesian_network",)
    assert mine.concepts["unit_scaling"].kind is Kind.METHOD
    assert "unit_scaling" in mine.concepts["dropout"].related
    assert "批归一化" in mine.names("batch_normalization")
    assert mine.fingerprint != GLOSSARY.fingerprint
    assert GLOSSARY.find("unit scaling") == ()


def test_the_fingerprint_does_not_follow_comments(own: Path) -> None:
    own.write_text("# nothing yet\n", encoding="utf-8")
    assert load_glossary(own).fingerprint == GLOSSARY.fingerprint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[mine\n", "is not valid TOML", "[my_concept]"),
        ('zh = ["甲"]\n', "'zh' stands outside a table", "[zh]"),
        ('[MyConcept]\nzh = ["甲"]\n', "'MyConcept' is not a concept id", "lower case"),
        ('[mine]\nzh = "甲"\n', "[mine] zh cannot be '甲'", "list"),
        ('[mine]\nen = [""]\n', "[mine] en cannot be ['']", "non-empty"),
        ('[mine]\nkind = "thing"\n', "[mine] kind cannot be 'thing'", "method"),
        ("[mine]\nbroader = 3\n", "[mine] broader cannot be 3", "one concept"),
        ('[mine]\nname = ["甲"]\n', "[mine] has no key 'name'", "zh, en, abbr"),
        (
            '[mine]\nzh = ["甲"]\nbroader = "drop_out"\n',
            "[mine] broader names no concept: 'drop_out'",
            "'dropout'",
        ),
        ('[mine]\nzh = ["甲"]\nrelated = ["qqq"]\n', "[mine] related names no concept: 'qqq'", "concepts"),
        ('[ambiguous]\nQQ = ["dropout", "qqq"]\n', "[ambiguous] QQ names no concept: 'qqq'", "concepts"),
        ('[dropout]\nbroader = "mc_dropout"\n', "broader runs in a ring", "ring"),
        ('[mine]\nabbr = ["bn"]\n', "the name 'bn' already belongs to [batch_normalization]", '"bn" = ['),
    ],
)
def test_a_fault_in_a_users_file_names_file_key_and_way_out(
    own: Path, text: str, message: str, hint: str
) -> None:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_glossary(own)
    assert error.value.message.startswith(f"{own}: ")
    assert message in error.value.message
    assert hint in error.value.hint


def test_a_file_that_cannot_be_read_is_a_study_error(own: Path) -> None:
    with pytest.raises(StudyError, match=re.escape(str(own))):
        load_glossary(own)
    own.write_bytes(b"\xff\xfe")
    with pytest.raises(StudyError, match="not UTF-8"):
        load_glossary(own)


def test_the_hint_for_a_shared_name_mends_the_fault(own: Path) -> None:
    own.write_text('[mine]\nabbr = ["bn"]\n', encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_glossary(own)
    line = error.value.hint.partition(": ")[2]
    own.write_text(f'[ambiguous]\n{line}\n[mine]\nabbr = ["bn"]\n', encoding="utf-8")
    assert load_glossary(own).find("bn")[0].also == ("mine",)
