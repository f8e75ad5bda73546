"""Where the embedded PostgreSQL keeps its data, its socket and its log.

PostgreSQL refuses to run as root. For root it runs as an OS user of its own, who may not be able
to enter the clone, so programs and data then live in a home under /var/lib/backoffice, and
DATA_DIR keeps the address of that home. For everybody else DATA_DIR/postgres is the home.
"""

import contextlib
import fcntl
import hashlib
import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from backoffice import postgres_programs
from backoffice.postgres_programs import Account, DatabaseTrouble

HOMES_OF_ROOT = Path("/var/lib/backoffice")
# Every process must find the same folder, whatever its TMPDIR.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108
SOCKET_NAME, LONGEST_SOCKET_PATH = ".s.PGSQL.5432", 100


class PostgresFolders:
    """The folders of one DATA_DIR's server, and the claim of one OS user on them."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.folder = self.data_dir / "postgres"
        self.log = self.folder / "server.log"
        self._address = self.folder / "address"

    @property
    def home(self) -> Path:
        """The folder of the cluster: in DATA_DIR, for root outside of it."""
        if os.geteuid() != 0:
            return self.folder
        # In this order, because a first start writes the address before it makes the home.
        free = _free_home(self.data_dir)
        return Path(self._address.read_text()) if self._address.exists() else free

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: in the home unless its path is too long for one."""
        folder = self.home / "run"
        fits = len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        # A comma would make two hosts of it.
        if fits and "," not in str(folder):
            return folder
        return SHORT_FOLDERS / f"backoffice-{_hash(self.home)}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server of a DATA_DIR."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_claim()
        self.folder.chmod(0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check_claim(self) -> None:
        """Two OS users, or two copies of a DATA_DIR, never share one cluster."""
        self._check_owner()
        note = self.home / "belongs_to"
        original = Path(note.read_text()) if note.exists() else self.data_dir
        if original == self.data_dir:
            return
        address = original / "postgres" / "address"
        if address.exists() and address.read_text() == str(self.home):
            raise DatabaseTrouble(
                f"{self.data_dir} is a copy and would share the database of {original}: "
                f"remove {self.folder} to begin with an empty office, then restore a backup."
            )
        note.write_text(str(self.data_dir))

    def _check_owner(self) -> None:
        """The OS user who made the cluster goes on with it."""
        if self.folder.exists() and self.folder.stat().st_uid != os.geteuid():
            owner = postgres_programs.owner_of(self.folder)
            raise DatabaseTrouble(
                f"The database in {self.folder} belongs to the OS user {owner}: "
                f"run this as {owner} or set DATA_DIR to another folder."
            )
        is_root = os.geteuid() == 0
        if (self.folder / ("cluster" if is_root else "address")).exists():
            maker = "an ordinary user" if is_root else "root"
            raise DatabaseTrouble(
                f"The database of {self.data_dir} was made by {maker}: run this as {maker}, "
                "or set DATA_DIR to another folder and restore a backup."
            )

    def _make_folders(self) -> None:
        if os.geteuid() == 0:
            self._claim_home()
            self._copy_programs()
        self._make_private(self.socket_folder)

    def _claim_home(self) -> None:
        """Make root's home outside DATA_DIR."""
        home = self.home
        if not self._address.exists():
            self._stop_orphans()
        self._address.write_text(str(home))
        home.mkdir(parents=True, exist_ok=True)
        home.parent.chmod(0o755)
        os.chown(home, 0, self._account().gid)
        home.chmod(0o710)
        (home / "belongs_to").write_text(str(self.data_dir))

    def _stop_orphans(self) -> None:
        """Stop the server that is left when its DATA_DIR was removed; its data stays."""
        for home in HOMES_OF_ROOT.glob(f"{_hash(self.data_dir)}*"):
            with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
                pid = int((home / "cluster" / "postmaster.pid").read_text().split()[0])
                server, note = psutil.Process(pid), home / "belongs_to"
                belongs_here = note.read_text() == str(self.data_dir)
                if belongs_here and server.cmdline()[0].startswith(f"{home}/"):
                    server.send_signal(signal.SIGINT)

    @property
    def _programs(self) -> Path:
        """The folder that holds the package whose programs run the server."""
        if os.geteuid() != 0:
            return postgres_programs.package_folder().parent
        return self.home / f"programs-{postgres_programs.package_version()}"

    def _copy_programs(self) -> None:
        """Put the programs of this version where the server's OS user can run them."""
        if not self._programs.exists():
            for old in self.home.glob("programs-*"):
                shutil.rmtree(old)
            postgres_programs.copy_programs(self._programs)

    def _make_private(self, folder: Path) -> None:
        """Make a folder that only the server's OS user can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found, account = folder.lstat(), self._account()
        if folder.is_symlink() or found.st_uid not in (os.geteuid(), account.uid):
            raise DatabaseTrouble(
                f"{folder} belongs to somebody else: remove it or set DATA_DIR to a folder "
                "with a shorter path."
            )
        if os.geteuid() == 0:
            os.chown(folder, *account)
        folder.chmod(0o700)

    def _account(self) -> Account:
        """The OS user the server runs as: the one who has the cluster, else a fitting one."""
        if os.geteuid() != 0:
            return Account(os.geteuid(), os.getegid())
        if self.cluster.exists():
            found = self.cluster.stat()
            return Account(found.st_uid, found.st_gid)
        return postgres_programs.account_beside_root()


def _free_home(data_dir: Path) -> Path:
    """A home of root's that no office has, not even one whose DATA_DIR is gone."""
    first = HOMES_OF_ROOT / _hash(data_dir)
    others = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
    return next(home for home in itertools.chain([first], others) if not home.exists())


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
