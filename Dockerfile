FROM python:3.11-slim AS build

RUN python -m venv /venv
COPY requirements/runtime.txt /tmp/
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/runtime.txt

WORKDIR /app
COPY . .
# Collecting needs no database and no keys; what it makes up for itself stays behind in /tmp.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
 && /venv/bin/python -m compileall -q backoffice accounting payroll hr marketing it_assets admin_desk


FROM python:3.11-slim

RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data office \
 && install --directory --owner office --group office --mode 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    WEB_CONCURRENCY=2

WORKDIR /app
USER office
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["gunicorn", "backoffice.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--threads", "4", "--preload", "--graceful-timeout", "10", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--log-level", "info"]
