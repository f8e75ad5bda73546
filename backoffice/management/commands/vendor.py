"""The fonts, icons and style sheets of others that are kept here."""

import hashlib
import re
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backoffice.errors import Refused
from backoffice.management import base

STATIC = Path(settings.BASE_DIR) / "static"
LIST = STATIC / "vendor" / "VENDOR.toml"
SOURCE_MAP = re.compile(rb"\n?/\*# sourceMappingURL=.*?\*/\s*$")


class Command(base.Command):
    help = "Fetch vendored assets as VENDOR.toml lists them, or check the ones that are here."
    example = "manage.py vendor --check"
    starts_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, no network")

    def run(self, *, check: bool, **options: Any) -> None:
        listed = tomllib.loads(LIST.read_text())
        if not check:
            for entry in listed.values():
                fetch(entry)
                self.say(f"{entry['package']} {entry['version']}")
            write_hashes()
        found = list(differences(tomllib.loads(LIST.read_text())))
        if found:
            raise base.CheckFailed("\n".join(found))
        self.say("All vendored files are as listed.")


def differences(listed: dict) -> Iterator[str]:
    """What is not as VENDOR.toml says, a sentence each."""
    files = {name: file for entry in listed.values() for name, file in entry["files"].items()}
    for name, file in files.items():
        path = STATIC / name
        if not path.exists():
            yield f"{name} is listed but not here."
        elif _hash(path) != file["sha256"]:
            yield f"{name} is not the file that was fetched."
    for path in sorted((STATIC / "vendor").rglob("*")):
        name = str(path.relative_to(STATIC))
        if path.is_file() and path != LIST and name not in files:
            yield f"{name} is here but not listed."


def fetch(entry: dict) -> None:
    """Put a package's files in their places."""
    with tempfile.TemporaryDirectory() as folder:
        package = _unpacked(f"{entry['package']}@{entry['version']}", Path(folder))
        for name, file in entry["files"].items():
            path = STATIC / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if "from" in file:
                path.write_bytes(SOURCE_MAP.sub(b"\n", (package / file["from"]).read_bytes()))
            else:
                path.write_text(sprite(entry["icons"].split(), package / "icons" / "outline"))


def sprite(names: list[str], folder: Path) -> str:
    """The named icons as symbols of one SVG; page style gives them stroke and size."""
    symbols = []
    for name in sorted(names):
        drawing = (folder / f"{name}.svg").read_text()
        shapes = re.findall(r"<(?:path|circle|rect|line)\b[^>]*/>", drawing)
        drawn = "".join(shape for shape in shapes if 'stroke="none"' not in shape)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>\n')
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


def write_hashes() -> None:
    """Note in VENDOR.toml what each file is now."""

    def noted(line: re.Match) -> str:
        return f'{line["before"]}sha256 = "{_hash(STATIC / line["name"])}"'

    pattern = r'(?P<before>^"(?P<name>[^"]+)" = .*)sha256 = "[^"]*"'
    LIST.write_text(re.sub(pattern, noted, LIST.read_text(), flags=re.MULTILINE))


def _unpacked(name: str, folder: Path) -> Path:
    try:
        packed = subprocess.run(
            ["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True
        )
    except FileNotFoundError:
        raise Refused("npm is needed to fetch, not to check or to run.") from None
    except subprocess.CalledProcessError as failed:
        raise Refused(f"npm has no {name}: {failed.stderr.decode().strip()[:200]}") from None
    with tarfile.open(folder / packed.stdout.decode().split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
