"""Texts become topics: weights and decomposition are checked against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from skrec_lite.dataset.features import text as module
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.features.text import fit_text, mean_words, words_in_text

PLOTS = [
    "a red dragon guards the red castle",
    "the knight and the dragon",
    "castle of the knight",
    "baking bread at home",
    "bread and butter at home",
    "home baking made easy",
]


def items(texts, **columns):
    return pd.DataFrame({"ITEM_ID": [f"i{n}" for n in range(len(texts))], "plot": texts, **columns})


def cosines(rows):
    return rows @ rows.T


def random_texts(n, n_words=300, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(f"w{min(word, n_words)}" for word in rng.zipf(1.3, size=12)) for _ in range(n)]


def test_with_all_topics_kept_cosines_are_those_of_tf_idf():
    oracle = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(PLOTS)
    reader = fit_text(pd.Series(PLOTS))
    assert reader.vocabulary == ("and", "at", "baking", "bread", "castle", "dragon", "home", "knight", "the")
    np.testing.assert_allclose(
        cosines(reader.read(pd.Series(PLOTS)).values), cosines(oracle).toarray(), atol=1e-6
    )


def test_topics_are_those_of_a_truncated_decomposition():
    texts = random_texts(300)
    reader = fit_text(pd.Series(texts))
    oracle = TfidfVectorizer(sublinear_tf=True, min_df=2, max_df=0.5)
    rows = oracle.fit_transform(texts)
    assert list(reader.vocabulary) == list(oracle.get_feature_names_out())
    np.testing.assert_allclose(reader.idf, oracle.idf_, rtol=1e-12)
    expected = TruncatedSVD(module.TOPICS, algorithm="arpack", random_state=7).fit_transform(rows)
    expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-12)
    found = reader.read(pd.Series(texts)).values
    assert found.shape == (300, module.TOPICS)
    np.testing.assert_allclose(cosines(found), cosines(expected), atol=1e-4)


def test_texts_of_one_matter_are_nearer_than_others():
    features = prepare_item_features(items(PLOTS))
    assert features.kinds == {"plot": "text"}
    assert features.feature_names == [f"plot~{nth}" for nth in range(1, 7)]
    near = cosines(features.frame.drop(columns="ITEM_ID").to_numpy())
    assert near[:3, :3].min() > near[:3, 3:].max()


def test_a_text_has_the_same_say_as_a_category():
    features = prepare_item_features(items(PLOTS, kind=["a", "b"] * 3))
    squares = features.frame.drop(columns="ITEM_ID").pow(2)
    text = [name for name in squares if name.startswith("plot~")]
    np.testing.assert_allclose(squares[text].sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(squares.drop(columns=text).sum(axis=1), 1, rtol=1e-5)


def test_empty_texts_and_texts_of_unknown_words_are_no_feature():
    features = prepare_item_features(items([*PLOTS, None, "  ", "zebra", "😀"]))
    rows = features.frame.drop(columns="ITEM_ID").to_numpy()
    np.testing.assert_array_equal(rows[6:], 0)
    assert features.n_bare == 4
    assert "4 cells are empty or hold no such word" in features.notes[0]
    late = features.transform(items(["the red castle", "zebra", None]))
    np.testing.assert_array_equal(late.frame.drop(columns="ITEM_ID").to_numpy()[1:], 0)
    assert "'plot' has texts without a word that training knew (zebra): they count as none." in late.notes


def test_later_texts_use_the_words_and_topics_of_the_first():
    features = prepare_item_features(items(PLOTS))
    # A new text of known words in another order and case, and an unknown one.
    late = features.transform(items(["The KNIGHT, the dragon -- and unicorns!"]))
    np.testing.assert_array_equal(
        late.frame.drop(columns="ITEM_ID").to_numpy()[0], features.frame.drop(columns="ITEM_ID").to_numpy()[1]
    )


def test_common_words_are_left_out_of_many_texts_only():
    assert "the" in fit_text(pd.Series(["the cat", "the dog", "the dog cat"])).vocabulary
    many = pd.Series([f"the cat {n % 5} dogs{n % 3}" for n in range(30)])
    assert fit_text(many).vocabulary == ("dogs0", "dogs1", "dogs2")


def test_no_word_twice_is_no_text():
    assert fit_text(pd.Series(["one", "two", "three"])) is None
    assert fit_text(pd.Series([None, np.nan, ""], dtype=object)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Größe XL, I have 2 of 15", ["grösse", "xl", "have", "of", "15"]),
        ("<p>Bold<br/>new</p> 3 < 5", ["bold", "new"]),
        ("手机壳", ["手机", "机壳"]),
        ("手机壳iphone 12 防水", ["手机", "机壳", "iphone", "12", "防水"]),
        ("قَلَم أزرق", ["قَلَم", "أزرق"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("😀 😀", []),
        ("Heat (1995) ", ["heat"]),
        ("", []),
    ],
)
def test_words(text, words):
    assert words_in_text(text) == words


def test_texts_without_blanks_find_each_other():
    texts = ["红色手机壳", "蓝色手机壳", "红色陶瓷茶杯", "白色陶瓷茶杯"]
    near = cosines(fit_text(pd.Series(texts)).read(pd.Series(texts)).values)
    assert near[0, 1] > near[0, 3]
    assert near[2, 3] > near[1, 3]
    assert mean_words(pd.Series(texts)) > 3


def test_the_largest_weight_of_a_topic_is_positive():
    components = fit_text(pd.Series(random_texts(200))).components
    largest = np.abs(components).argmax(axis=0)
    assert (components[largest, np.arange(components.shape[1])] > 0).all()
    np.testing.assert_allclose(components.T @ components, np.eye(components.shape[1]), atol=1e-9)


def test_rows_in_any_order_give_the_same_to_the_bit():
    texts = pd.Series(random_texts(200))
    first = fit_text(texts).read(texts).values
    order = np.random.default_rng(1).permutation(200)
    again = fit_text(texts.iloc[order]).read(texts).values
    np.testing.assert_array_equal(again, first)
    one = fit_text(texts).read(texts.iloc[[17]]).values
    np.testing.assert_array_equal(one[0], first[17])


def test_a_sample_is_learned_from_and_all_are_read(monkeypatch):
    monkeypatch.setattr(module, "FIT_ROWS", 50)
    monkeypatch.setattr(module, "_CHUNK", 30)
    texts = pd.Series(random_texts(400))
    reader = fit_text(texts)
    kept = texts.sort_values().to_numpy()[np.linspace(0, 399, 50).astype(int)]
    oracle = TfidfVectorizer(sublinear_tf=True, min_df=2, max_df=0.5).fit(kept)
    assert list(reader.vocabulary) == list(oracle.get_feature_names_out())
    lengths = np.linalg.norm(reader.read(texts).values, axis=1)
    np.testing.assert_allclose(lengths[lengths > 0], 1, rtol=1e-5)
    assert (lengths > 0).mean() > 0.9


def test_the_vocabulary_is_bounded_by_how_many_texts_have_a_word(monkeypatch):
    monkeypatch.setattr(module, "MAX_WORDS", 2)
    assert fit_text(pd.Series(["aa bb cc", "aa bb dd", "aa cc dd"])).vocabulary == ("aa", "bb")


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.sampled_from(PLOTS)), min_size=1, max_size=12))
def test_whatever_is_written_gives_rows_of_length_one_or_zero(texts):
    column = pd.Series(texts, dtype=object)
    reader = fit_text(column)
    if reader is not None:
        read = reader.read(column)
        lengths = np.linalg.norm(read.values, axis=1)
        np.testing.assert_allclose(lengths, read.present.astype(float), atol=1e-5)
