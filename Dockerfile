# The portal as one image: web, worker and one-off commands differ in what they run. See docs/operations.md.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/sptrack
RUN python -m venv .venv
COPY requirements.lock .
RUN .venv/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
COPY . .
# The key is of this one command: collecting static files signs nothing.
RUN SECRET_KEY=only-while-building .venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
ENV PATH=/srv/sptrack/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /srv/sptrack --shell /usr/sbin/nologin sptrack
WORKDIR /srv/sptrack
# Owned by root: what serves the portal cannot change it.
COPY --from=build /srv/sptrack /srv/sptrack
USER sptrack
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz/', timeout=4)"]
CMD ["gunicorn", "sptrack.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
