import shutil
import subprocess

import psutil
import pytest

from backoffice.embedded_postgres import APPLICATION, DatabaseTrouble, EmbeddedPostgres
from backoffice.postgres_folders import LONGEST_SOCKET_PATH, SOCKET_NAME
from tests.backoffice.offices import connect, is_root, make_table, mode, not_root, only_root


def test_nobody_else_can_enter_the_folders(postgres):
    postgres.start()

    closed = (postgres.folder, postgres.cluster, postgres.socket_folder)

    assert [mode(folder) for folder in closed] == [0o700] * 3
    assert mode(postgres.home) & 0o007 == 0


def test_a_path_too_long_for_a_socket_is_no_hindrance(office, tmp_path):
    postgres = office(tmp_path / ("long" * 25) / "with space, comma and 'quote'")

    postgres.start()

    assert len(str(postgres.socket_folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    assert mode(postgres.socket_folder) == 0o700
    assert postgres.is_running()


@not_root
def test_a_short_socket_folder_that_is_not_a_folder_of_ours_is_refused(office, tmp_path):
    postgres = office(tmp_path / ("long" * 25))
    postgres.socket_folder.symlink_to(tmp_path)

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    postgres.socket_folder.unlink()
    assert "belongs to somebody else: remove it" in str(trouble.value)


def test_a_moved_folder_keeps_its_database(office, tmp_path):
    first = office(tmp_path / "first")
    first.start()
    make_table(first)
    first.stop()
    shutil.move(first.data_dir, tmp_path / "second")

    second = office(tmp_path / "second")
    second.start()

    with connect(second, APPLICATION) as application:
        assert application.execute("SELECT count(*) FROM tea").fetchone() == (0,)


@not_root
def test_a_copied_folder_is_a_database_of_its_own(office, tmp_path):
    original, copy = office(tmp_path / "original"), office(tmp_path / "copy")
    original.start()
    subprocess.run(["cp", "-r", original.data_dir, copy.data_dir], check=True)

    copy.start()

    assert copy.status().pid != original.status().pid


@only_root
def test_a_copied_folder_does_not_share_the_database_of_the_original(office, tmp_path):
    original = office(tmp_path / "original")
    original.start()
    shutil.copytree(original.data_dir, tmp_path / "copy")

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "copy").start()

    assert "is a copy and would share the database of" in str(trouble.value)


@only_root
def test_a_folder_that_was_removed_and_made_again_begins_empty(office, tmp_path):
    first = office(tmp_path / "var")
    first.start()
    make_table(first)
    old_home, old_pid = first.home, first.status().pid
    shutil.rmtree(first.data_dir)

    second = office(tmp_path / "var")
    second.start()

    assert second.home != old_home
    psutil.wait_procs([psutil.Process(old_pid)] if psutil.pid_exists(old_pid) else [], timeout=10)
    assert not psutil.pid_exists(old_pid)
    shutil.rmtree(old_home)
    with connect(second, APPLICATION) as application:
        assert application.execute("SELECT to_regclass('tea')").fetchone() == (None,)


def test_a_folder_that_cannot_be_made_is_a_clear_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "file" / "var").start()

    assert "set DATA_DIR to another folder" in str(trouble.value)


@not_root
def test_a_folder_without_the_right_to_write_is_a_clear_sentence(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "var").start()

    tmp_path.chmod(0o700)
    assert f"cannot use {tmp_path}/var (Permission denied): make it writable" in str(trouble.value)


def test_a_folder_that_changed_hands_is_not_taken_for_an_empty_one(tmp_path):
    trace = "cluster" if is_root else "address"
    (tmp_path / "postgres" / trace).mkdir(parents=True)

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path).start()

    maker = "an ordinary user" if is_root else "root"
    assert f"was made by {maker}: run this as {maker}" in str(trouble.value)


@only_root
def test_the_folder_of_another_os_user_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    shutil.chown(tmp_path / "postgres", "daemon")

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path).start()

    assert "belongs to the OS user daemon: run this as daemon" in str(trouble.value)
