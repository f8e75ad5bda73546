"""The laws of the house that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.routes import routes

HOUSE = Path(settings.BASE_DIR)
ROOMS = (
    *("accounting", "admin_desk", "backoffice", "benchmarks", "hr", "it_assets"),
    *("marketing", "payroll", "tests"),
)
SCREENS = ("views", "forms", "admin")
# The two spellings Django has besides `objects` reach every row as well.
MANAGERS = ("objects", "_default_manager", "_base_manager")
EVERYBODY_KNOWS = ("Company", "Currency")
LONGEST_PYTHON, LONGEST_TEMPLATE = 400, 120
# Written so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join(["/wor" + "k/", "/roo" + "t/", "/hom" + r"e/\w"]))
INDEX_ADDRESSES = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host")
INLINE = re.compile(r"<style\b|\sstyle\s*=|<script(?![^>]*\ssrc=)|<\w[^>]*\son[a-z]+\s*=", re.I)


def python_files() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((HOUSE / room).rglob("*.py"))


def templates() -> list[Path]:
    return sorted((HOUSE / "templates").rglob("*.html"))


def screens() -> list[Path]:
    return [
        path
        for path in python_files()
        if path.relative_to(HOUSE).parts[0] != "tests"
        and (path.stem in SCREENS or set(path.parent.parts) & set(SCREENS))
    ]


def named(paths: Iterator[Path] | list[Path]) -> list[str]:
    return [str(path.relative_to(HOUSE)) for path in paths]


def lines_in(path: Path) -> int:
    return len(path.read_text().splitlines())


def all_texts() -> list[Path]:
    tops = ("*.md", "*.toml", "*.yaml", "Makefile", "Dockerfile", ".ci/*", "docs/*.md")
    written = [path for top in tops for path in HOUSE.glob(top)]
    own = [path for kind in ("css", "js") for path in (HOUSE / "static" / kind).rglob("*")]
    kept = sorted((HOUSE / "requirements").iterdir())
    found = [*python_files(), *templates(), *written, *own, *kept]
    return [path for path in found if path.is_file()]


def test_every_route_declares_who_may_enter():
    assert [route.name or route.path for route in routes() if route.area is None] == []


def test_python_files_are_short():
    long = (path for path in python_files() if lines_in(path) > LONGEST_PYTHON)
    assert named(path for path in long if path.name != "0001_initial.py") == []


def test_templates_are_short():
    assert named(path for path in templates() if lines_in(path) > LONGEST_TEMPLATE) == []


def rows_taken(text: str) -> Iterator[str]:
    """Where a screen takes rows from a model itself, which does not know who is reading.

    Nothing can be read from `.none()`, so it may stand in a form until its request is known.
    """
    tree = ast.parse(text)
    nothing = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "none"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and node not in nothing:
            model = ast.unparse(node.value).split(".")[-1]
            if model not in EVERYBODY_KNOWS:
                yield f"{node.lineno} {ast.unparse(node)}"


def test_screens_ask_for_rows_within_reach_and_never_for_all():
    """`rows(user, Model)` knows who is reading; `Model.objects` does not."""
    found = {str(path.relative_to(HOUSE)): [*rows_taken(path.read_text())] for path in screens()}
    assert {path: taken for path, taken in found.items() if taken} == {}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("User.objects.filter(pk=1)", True),
        ("models.User._default_manager.all()", True),
        ("User._base_manager.get(pk=1)", True),
        ("User._default_manager.none()", False),
        ("Company.objects.first()", False),
        ("rows(request.user, User)", False),
    ],
)
def test_the_search_for_rows_taken_finds_them(text, is_found):
    assert bool([*rows_taken(text)]) == is_found


def test_forms_name_their_fields():
    found = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and [getattr(target, "id", "") for target in node.targets] == ["fields"]
        and isinstance(node.value, ast.Constant)
        and node.value.value == "__all__"
    ]
    assert found == []


def test_templates_hold_no_style_and_no_script():
    assert named(path for path in templates() if INLINE.search(path.read_text())) == []


@pytest.mark.parametrize(
    ("text", "is_inline"),
    [
        ('<p style="color: red">', True),
        ("<style>", True),
        ("<script>alert(1)</script>", True),
        ('<button type="button" onclick="go()">', True),
        ('<script src="/static/js/app.js" defer></script>', False),
        ('<input name="on" data-once="1" class="style">', False),
    ],
)
def test_the_pattern_for_inline_code_finds_it(text, is_inline):
    assert bool(INLINE.search(text)) == is_inline


def test_no_text_names_a_folder_of_somebodys_machine():
    found = (path for path in all_texts() if MACHINE_PATHS.search(path.read_text()))
    assert named(found) == []


def test_the_pins_name_no_package_index():
    pins = (HOUSE / "requirements").glob("*.txt")
    assert named(path for path in pins if INDEX_ADDRESSES.search(path.read_text())) == []


def test_every_variable_the_settings_read_stands_in_the_readme():
    settings_text = (HOUSE / "backoffice" / "settings.py").read_text()
    read = set(re.findall(r"(?:env\.\w+|_required)\(\s*\*?\(?\[?\"([A-Z_]+)\"", settings_text))
    told = set(re.findall(r"^\| `([A-Z_]+)`", (HOUSE / "README.md").read_text(), re.MULTILINE))

    assert len(read) > 10
    assert read - told == set()
    assert told - read <= {"WEB_CONCURRENCY"}


def test_the_pins_are_those_of_the_project():
    declared = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = re.findall(r"^(\S+==\S+)", (HOUSE / "requirements/runtime.txt").read_text(), re.M)

    wanted = {re.sub(r"\[.*?\]", "", name).lower() for name in declared}

    assert wanted - set(pinned) == set()


def test_every_dependency_is_explained():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    told = (HOUSE / "docs/dependencies.md").read_text().lower()

    names = {re.split(r"[\[=<>]", name)[0].lower() for name in declared}

    assert {name for name in names if name not in told} == set()
