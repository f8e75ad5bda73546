"""Charts as SVG drawn on the server: no script, they print, and CSS gives them their colours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Number = Decimal | float | int

WIDTH, HEIGHT = 760, 238
TOP, BOTTOM = 10, 24
BAR, GAP = 12, 2


@dataclass(frozen=True)
class Series:
    """A name and one number for each month."""

    name: str
    values: Sequence[Number]


def spark(points: Sequence[Number], *, label: str) -> SafeString:
    """A small line without axes, in the hue of what stands around it; nothing for no points."""
    if len(points) < 2:
        return SafeString("")
    low, high = min(points), max(points)
    reach = float(high - low) or 1.0
    step = 84 / (len(points) - 1)
    path = " ".join(
        f"{i * step:.1f},{27 - float(point - low) / reach * 22:.1f}"
        for i, point in enumerate(points)
    )
    return format_html(
        '<svg viewBox="0 0 84 30" role="img" aria-label="{}">'
        '<polygon class="sparkf" points="0,30 {} 84,30"/>'
        '<polyline class="spark" points="{}"/></svg>',
        label,
        path,
        path,
    )


def columns(
    names: Sequence[str],
    bars: Sequence[Series],
    line: Series | None = None,
    *,
    label: str,
    write: Callable[[Number], str] = "{:,.0f}".format,
    width: int = WIDTH,
) -> SafeString:
    """One or two bars a month and a line over them, with the same numbers as a table.

    `write` puts a number into the reader's words, on the axis, in the hints and in the table.
    `width` is how wide it stands on a large screen, in pixels, so that words keep their size.
    """
    series = [*bars, *([line] if line else [])]
    scale = _Scale.over([value for one in series for value in one.values], write, width)
    parts = [*_grid(scale, write), *_bars(scale, names, bars, series, write)]
    if line and names:
        parts += _line(scale, line)
    return format_html(
        # A small screen moves it sideways, with a finger or the arrow keys.
        '<div class="chart-box{}" tabindex="0">'
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg></div>{}',
        " is-wide" if width > WIDTH else "",
        width,
        HEIGHT,
        label,
        SafeString("".join(parts)),
        _table(names, series, label, write),
    )


@dataclass(frozen=True)
class _Scale:
    """Round numbers from below the least to above the greatest, zero among them."""

    low: float
    high: float
    step: float
    left: int
    width: int

    @classmethod
    def over(
        cls, values: Sequence[Number], write: Callable[[Number], str], width: int
    ) -> "_Scale":
        low = min(0.0, *map(float, values), 0.0)
        high = max(0.0, *map(float, values), 0.0)
        rough = (high - low) / 4 or 1.0
        power = 10.0 ** (len(str(int(rough))) - 1)
        step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough)
        below, above = low // step * step, -(-high // step) * step
        above = above if above > below else below + step
        longest = max(len(write(below)), len(write(above)))
        return cls(below, above, step, max(44, 14 + 7 * longest), width)

    def y(self, value: Number) -> float:
        """How far down a value stands."""
        height = HEIGHT - TOP - BOTTOM
        return TOP + height * (self.high - float(value)) / (self.high - self.low)

    def middle(self, i: int, count: int) -> float:
        """How far right the middle of a month stands."""
        return self.left + (self.width - self.left) / count * (i + 0.5)

    def ticks(self) -> Iterator[float]:
        """The round numbers."""
        for i in range(round((self.high - self.low) / self.step) + 1):
            yield self.low + i * self.step


def _grid(scale: _Scale, write: Callable[[Number], str]) -> Iterator[SafeString]:
    for tick in scale.ticks():
        y = scale.y(tick)
        yield format_html(
            '<line class="ln" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text x="{}" y="{}" text-anchor="end">{}</text>',
            *(
                scale.left,
                scale.width,
                f"{y:.1f}",
                f"{y:.1f}",
                scale.left - 8,
                f"{y + 4:.1f}",
                write(tick),
            ),
        )


def _bars(scale, names, bars, series, write) -> Iterator[SafeString]:
    width = len(bars) * BAR + (len(bars) - 1) * GAP
    for i, name in enumerate(names):
        middle = scale.middle(i, len(names))
        hint = ", ".join(f"{one.name} {write(one.values[i])}" for one in series)
        rects = format_html_join(
            "",
            '<rect class="bar-{}" rx="2.5" x="{}" y="{}" width="{}" height="{}"/>',
            (_bar(scale, "ab"[n], middle - width / 2 + n * (BAR + GAP), bar.values[i])
             for n, bar in enumerate(bars)),
        )  # fmt: skip
        yield format_html(
            '<g class="col"><title>{}: {}</title>{}</g>'
            '<text x="{}" y="{}" text-anchor="middle">{}</text>',
            *(name, hint, rects, f"{middle:.1f}", HEIGHT - 7, name),
        )


def _bar(scale: _Scale, letter: str, x: float, value: Number) -> tuple[str, ...]:
    top, bottom = sorted((scale.y(value), scale.y(0)))
    return letter, f"{x:.1f}", f"{top:.1f}", str(BAR), f"{bottom - top:.1f}"


def _line(scale: _Scale, line: Series) -> Iterator[SafeString]:
    at = [(scale.middle(i, len(line.values)), scale.y(v)) for i, v in enumerate(line.values)]
    yield format_html(
        '<polyline class="line" points="{}"/>', " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    )
    yield format_html(
        '<circle class="dot" cx="{}" cy="{}" r="3.2"/>', *(f"{end:.1f}" for end in at[-1])
    )


def _table(names, series, label, write) -> SafeString:
    """The numbers behind the picture, for those who do not see it."""
    heads = format_html_join("", '<th scope="col">{}</th>', ((one.name,) for one in series))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (name, format_html_join("", "<td>{}</td>", ((write(s.values[i]),) for s in series)))
            for i, name in enumerate(names)
        ),
    )
    return format_html(
        '<div class="visually-hidden"><table><caption>{}</caption>'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div>",
        *(label, heads, rows),
    )
