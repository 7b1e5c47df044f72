"""셀이 보여 주는 것."""

import keras
import pytest
from bs4 import BeautifulSoup
from IPython.core.formatters import DisplayFormatter

from homl11.display import MEASURED, VERDICT, Table, Verdict, learning_rate_table, measured, verdict
from homl11.schedules import exponential


def shown(thing):
    """주피터가 보내는 MIME 꾸러미."""
    return DisplayFormatter().format(thing)[0]


def test_measured_is_shown_as_text_html_and_values():
    assert shown(measured(0.01, 검증_손실=0.5)).keys() == {"text/plain", "text/html", MEASURED}


def test_measured_carries_its_tolerance_and_unrounded_values():
    bundle = shown(measured(0.01, 검증_손실=0.123456, 정확도=1))
    assert bundle[MEASURED] == {"tolerance": 0.01, "values": {"검증_손실": 0.123456, "정확도": 1.0}}


@pytest.mark.parametrize(
    "tolerance, text", [(0.5, "2.3"), (0.05, "2.35"), (0.002, "2.346"), (1, "2"), (20, "2"), (0.01, "2.35")]
)
def test_measured_text_has_the_digits_of_its_tolerance(tolerance, text):
    assert measured(tolerance, 손실=2.3456).rows == [["손실", text]]


def test_measured_text_names_the_tolerance():
    assert "±0.002" in repr(measured(0.002, 손실=1)) and "±0.002" in shown(measured(0.002, 손실=1))["text/html"]


def test_measured_name_is_shown_with_blanks():
    assert measured(0.1, 검증_손실=1).rows[0][0] == "검증 손실"


@pytest.mark.parametrize("tolerance", [0, -0.1, float("nan")])
def test_measured_needs_a_positive_tolerance(tolerance, rejects):
    with rejects("tolerance", tolerance):
        measured(tolerance, 손실=1)


@pytest.mark.parametrize("holds, line", [(True, "예: 참이다\n"), (False, "아니오: 참이다\n")])
def test_verdict_comes_from_the_data(holds, line, capsys):
    verdict("참이다", holds)
    assert capsys.readouterr().out == line


@pytest.mark.parametrize(
    "answer, mark",
    [
        ("예", "✔"),
        ("아니오", "✘"),
        ("뚜렷하게 높다", "✔"),
        ("뚜렷하게 낮다", "✔"),
        ("차이가 작다", "✔"),
        ("뚜렷하지 않다", "✘"),
    ],
)
def test_verdict_is_shown_with_its_mark_and_read_aloud_with_its_answer(answer, mark):
    bundle = shown(Verdict(answer, "p < 0.05이다"))
    line = BeautifulSoup(bundle["text/html"], "html.parser").div
    assert line.span["aria-label"] == answer and line.span.text == mark
    assert line.text.startswith(f"{mark} p < 0.05이다") and (line.b is None) == (answer in ("예", "아니오"))
    assert bundle["text/plain"] == f"{answer}: p < 0.05이다"
    assert bundle[VERDICT] == {"answer": answer, "text": "p < 0.05이다"}


@pytest.mark.parametrize(
    "schedule",
    [lambda step: exponential(step, 0.3, 7), keras.optimizers.schedules.ExponentialDecay(0.3, 7, 0.1)],
    ids=["function", "keras"],
)
def test_learning_rate_table_has_six_significant_digits(schedule):
    assert learning_rate_table([0, 1], {"지수": schedule}).rows == [["0", "0.300000"], ["1", "0.215906"]]


@pytest.mark.parametrize(
    "values, shown",
    [
        ([0.1, 1e-05], ["0.10000", "0.00001"]),
        ([0.5, 3.0], ["0.5", "3.0"]),
        ([0.1, 1e-20], ["1.00000e-01", "1.00000e-20"]),
        ([float("nan"), 0.25], ["nan", "0.25"]),
    ],
)
def test_numbers_of_a_column_have_one_format(values, shown):
    table = learning_rate_table(range(len(values)), {"표": lambda step: values[step]})
    assert [row[1] for row in table.rows] == shown


def test_measured_matrix_has_a_row_and_a_column_for_each_name():
    cells = {("드롭아웃", "NLL"): 0.3, ("드롭아웃", "ECE"): 0.0249, ("앙상블", "NLL"): 0.2}
    table = measured(0.01, cells)
    assert (table.header, table.rows) == (["", "NLL", "ECE"], [["드롭아웃", "0.30", "0.02"], ["앙상블", "0.20", ""]])
    assert table.values == {"드롭아웃_NLL": 0.3, "드롭아웃_ECE": 0.0249, "앙상블_NLL": 0.2}


def test_measured_says_what_it_measured():
    assert measured(0.01, 손실=1).header == ["잰 것", "값"]
    assert measured(0.01, of="검증 손실", 고정=1).header == ["잰 것", "검증 손실"]
    assert measured(0.01, {("앙상블", "눕힘"): 1}, of="AUROC").header == ["AUROC", "눕힘"]


@pytest.mark.parametrize("value, text", [(-0.0004, "0.00"), (0.0, "0.00"), (-0.006, "-0.01")])
def test_zero_has_no_sign(value, text):
    assert measured(0.01, 차이=value).rows == [["차이", text]]


def test_learning_rate_table_has_a_column_for_each_schedule():
    table = learning_rate_table([1500], {"절반": lambda step: step / 2, "두 배": lambda step: step * 2}, unit="에포크")
    assert (table.header, table.rows) == (["에포크", "절반", "두 배"], [["1,500", "750", "3000"]])


def test_html_is_escaped():
    text = Table(["<a>"], [["<b>"]], "<i>")._repr_html_()
    assert all(f"&lt;{tag}&gt;" in text and f"<{tag}>" not in text for tag in "abi")


def test_html_has_a_header_cell_for_each_column_and_a_row_for_each_row():
    text = Table(["a", "b"], [[1, 2], [3, 4], [5, 6]])._repr_html_()
    assert [text.count(tag) for tag in ("<th ", "<tr>", "<td>", "<caption>")] == [2, 4, 6, 0]


def alignments(table):
    """칸마다의 맞춤. 적지 않은 칸은 None."""
    soup = BeautifulSoup(table._repr_html_(), "html.parser")
    return [[cell.get("style") for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]


def test_columns_of_text_are_aligned_to_the_left_and_numbers_are_not():
    table = Table(["방법", "스텝", "학습률", "차이"], [["SELU", "1,500", "1e-05", "-0.01"], ["ℓ2", 0, "nan", "0.02"]])
    assert alignments(table) == [["text-align: left", None, None, None]] * 3


def test_one_text_makes_its_column_text():
    assert alignments(Table(["값"], [[0.5], ["없음"]])) == [["text-align: left"]] * 3


def test_table_without_rows_still_has_its_header():
    assert "<th" in Table(["값"], [])._repr_html_()


def test_text_columns_are_aligned_counting_korean_letters_twice():
    assert repr(Table(["에포크", "a"], [[1, 22], ["100", "가"]], "덧붙임")).splitlines() == [
        "에포크   a",
        "     1  22",
        "   100  가",
        "덧붙임",
    ]
