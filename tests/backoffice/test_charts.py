"""Charts say in words and numbers what they draw."""

import re
from decimal import Decimal
from xml.etree import ElementTree

from backoffice.charts import Series, columns, spark

MONTHS = ["Jan", "Feb", "Mar"]


def heights(chart: str, bar: str) -> list[float]:
    return [float(h) for h in re.findall(rf'class="bar-{bar}"[^>]*height="([\d.]+)"', chart)]


def test_a_spark_is_a_picture_with_a_name():
    drawn = ElementTree.fromstring(spark([1, 3, 2], label="Bank & cash"))

    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == "Bank & cash"


def test_a_spark_rises_where_its_points_do():
    points = re.search(r'class="spark" points="([^"]+)"', spark([1, 5, 3], label="x"))[1]

    first, high, last = (float(point.split(",")[1]) for point in points.split())
    assert high < last < first


def test_a_level_spark_is_drawn_and_a_single_point_is_not():
    assert "polyline" in spark([Decimal(4), Decimal(4)], label="x")
    assert spark([4], label="x") == ""


def test_bars_are_as_high_as_their_numbers():
    chart = columns(MONTHS, [Series("In", [10, 20, 40]), Series("Out", [5, 0, 10])], label="Cash")

    low, middle, high = heights(chart, "a")
    assert (middle / low, high / low) == (2, 4)
    assert heights(chart, "b")[1] == 0


def test_a_negative_bar_hangs_from_the_zero_line():
    chart = columns(MONTHS, [Series("Result", [10, -10, 0])], label="Result")

    tops = [float(y) for y in re.findall(r'class="bar-a"[^>]*y="([\d.]+)"', chart)]
    up, down, none = heights(chart, "a")
    assert up == down
    assert tops[1] == round(tops[0] + up, 1)
    assert none == 0


def test_the_same_numbers_stand_in_a_table():
    chart = columns(
        MONTHS,
        [Series("In", [Decimal("10.50"), 20, 40])],
        Series("Balance", [1, 2, 3]),
        label="Cash",
        write=lambda value: f"€{value}",
    )

    assert "<caption>Cash</caption>" in chart
    assert '<th scope="row">Jan</th><td>€10.50</td><td>€1</td>' in chart


def test_the_axis_has_round_numbers_around_all_values():
    chart = columns(MONTHS, [Series("In", [0, 7, 183])], label="Cash")

    assert re.findall(r'text-anchor="end">([^<]+)<', chart) == ["0", "50", "100", "150", "200"]


def test_long_numbers_find_room_beside_the_axis():
    narrow = columns(MONTHS, [Series("In", [1, 2, 3])], label="Cash")
    wide = columns(MONTHS, [Series("In", [1_000_000, 2_000_000, 3_000_000])], label="Cash")

    def axis(chart: str) -> int:
        return int(re.search(r'class="ln" x1="(\d+)"', chart)[1])

    assert axis(wide) > axis(narrow)


def test_months_without_any_number_are_drawn():
    chart = columns(MONTHS, [Series("In", [0, 0, 0])], Series("Balance", [0, 0, 0]), label="Cash")

    assert heights(chart, "a") == [0, 0, 0]


def test_words_from_people_cannot_become_markup():
    chart = columns(["<b>"], [Series("<i>", [1])], label='"><script>')

    assert "<script>" not in chart
    assert "<b>" not in chart
    assert "style=" not in chart
