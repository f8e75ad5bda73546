"""Files are put to a record by hand, dropped on it, and without scripts."""

import pytest

from backoffice import files
from backoffice.models import Attachment, Party
from tests.backoffice.uploads import PDF, attach, picture
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import findings_of

DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  const box = document.querySelector("#files");
  for (const kind of ["dragover", "drop"])
    box.dispatchEvent(
      new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""
CHOSEN = [
    {"name": "Contract.pdf", "mimeType": "application/pdf", "buffer": PDF},
    {"name": "Yard.png", "mimeType": "image/png", "buffer": picture()},
]


@pytest.fixture
def party(office, settings, tmp_path) -> Party:
    settings.FILES_DIR = tmp_path
    return Party.objects.latest("pk")


@pytest.mark.parametrize("javascript", [True, False])
def test_several_files_are_chosen_and_uploaded(visit, party, javascript):
    page = visit(WIDE, javascript=javascript).open(party.get_absolute_url())

    page.set_input_files("#files-chosen", CHOSEN)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_selector("text=2 files added.")

    assert page.locator("#files .file").count() == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Contract.pdf").click()
    assert download.value.path().read_bytes() == PDF


def test_a_file_is_dropped_on_the_box(visit, party):
    page = visit(WIDE).open(party.get_absolute_url())

    page.evaluate(DROP, ["note.txt", "Tea at four."])
    page.wait_for_selector("text=1 file added.")

    assert Attachment.objects.get().name == "note.txt"


def test_a_file_too_large_is_said_before_it_is_sent(visit, party):
    page = visit(WIDE).open(party.get_absolute_url())

    page.evaluate("document.querySelector('[data-drop]').dataset.largest = '5'")
    page.evaluate(DROP, ["note.txt", "Tea at four."])

    assert "note.txt is larger than 25 MB" in page.locator("#files [role=status]").inner_text()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_box_can_be_used_by_everybody(visit, party, office, size, scheme):
    for name in ("A contract with a rather long name that has to break somewhere.pdf", "b.pdf"):
        attach(party, office, name)
    page = visit(size, scheme=scheme).open(party.get_absolute_url())

    assert files.files_of(party).count() == page.locator("#files .file").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert findings_of(page) == []
