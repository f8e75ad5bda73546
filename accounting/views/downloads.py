"""Every report as a file: on paper, for a spreadsheet, for a program."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.reporting import Wish
from accounting.reports import as_json, paper, report, sheet
from accounting.views.asked import refused_file
from backoffice import audit, documents, exports
from backoffice.errors import Refused

FORMATS = ("pdf", "xlsx", "csv", "json")
TYPES = {"pdf": "application/pdf", "json": "application/json"}


def file_urls(request: HttpRequest, name: str, *args: Any) -> list[tuple[str, str]]:
    """The files a report can be had as, with what is asked for here."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return [(kind.upper(), reverse(name, args=[*args, kind]) + query) for kind in FORMATS]


def report_file(
    request: HttpRequest, name: str, wish: Wish, format: str, *, file_name: str, about: Any
) -> HttpResponseBase:
    """The report to download, which goes on record; 400 with a sentence where there is none."""
    try:
        answer = written(name, wish, format, file_name)
    except Refused as refusal:
        return refused_file(str(refusal))
    audit.record("exported", about, by=request.user, format=format)
    return answer


def written(name: str, wish: Wish, format: str, file_name: str) -> HttpResponseBase:
    """The report in a format, or a refusal."""
    if format not in FORMATS:
        raise Refused(_("A report can be had as %(names)s.") % {"names": ", ".join(FORMATS)})
    if format in exports.FORMATS:
        found = sheet(name, wish)
        return exports.response(file_name, format, found.header, found.lines)
    if format == "json":
        content: str | bytes = as_json(report(name, wish))
    else:
        content = documents.pdf(*paper(name, wish))
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.{format}"'}
    return HttpResponse(content, content_type=TYPES[format], headers=headers)
