FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 messenger && install --directory --owner messenger /data /keys
WORKDIR /app
COPY requirements.lock voices.lock pyproject.toml README.md package.json package-lock.json .npmrc ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock \
 && pip install --no-cache-dir --no-deps --require-hashes --requirement voices.lock
COPY archive archive
COPY media media
COPY ingest ingest
COPY web web
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . && python -m web.assets
USER messenger
EXPOSE 8000
CMD ["messenger", "serve", "--host", "0.0.0.0"]
