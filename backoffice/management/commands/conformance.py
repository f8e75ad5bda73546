"""manage.py conformance: other people's worked cases through the real code."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from backoffice.conformance import FAILED, PASSED, SKIPPED, Case, suite_of, suites
from backoffice.errors import Refused
from backoffice.management.base import CheckFailed, Command


class Command(Command):
    """Runs a suite and prints each case that fails or is skipped."""

    help = "Run worked cases of others through the real code; exit 1 if any fails."
    example = "manage.py conformance bank statements/ --json"

    def add_arguments(self, parser):
        names = ", ".join(sorted(suites()))
        parser.add_argument("suite", metavar="SUITE", help=f"one of: {names}")
        parser.add_argument("file", type=Path, metavar="FILE", help="a file or folder of cases")
        parser.add_argument(
            "--tables", type=Path, metavar="DIR", help="tables of years the product lacks"
        )
        parser.add_argument("--json", action="store_true")

    def run(self, **options):
        suite, path, tables = suite_of(options["suite"]), options["file"], options["tables"]
        for given in (path, tables):
            if given is not None and not given.exists():
                raise Refused(f"There is no {given}.")
        cases = list(suite.run(path, tables))
        count = Counter(case.verdict for case in cases)
        if options["json"]:
            counts = {verdict: count[verdict] for verdict in (PASSED, FAILED, SKIPPED)}
            self.say_json({"suite": suite.name, **counts, "cases": [asdict(c) for c in cases]})
        else:
            for case in cases:
                self.tell(case)
            self.say(f"{count[PASSED]} passed, {count[FAILED]} failed, {count[SKIPPED]} skipped")
        if count[FAILED]:
            raise CheckFailed(f"{count[FAILED]} cases of {suite.name} fail.")

    def tell(self, case: Case) -> None:
        """Say what is wrong with a case; nothing of one that passed."""
        if case.verdict == FAILED:
            self.say(f"failed   {case.name}: expected {told(case.expected)}, got {told(case.got)}")
        elif case.verdict == SKIPPED:
            self.say(f"skipped  {case.name}: {told(case.expected)}")


def told(facts) -> str:
    """Facts for people."""
    if isinstance(facts, dict):
        return ", ".join(f"{name} {value}" for name, value in facts.items())
    return str(facts)
