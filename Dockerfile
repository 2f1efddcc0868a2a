# Two stages: the first has what building needs (pip, Node, compilers of wheels), the image only what the archive runs on.
# `make pin-images` writes the digest of today's base image behind its name. TORCH=yes adds PyTorch and openai-whisper,
# the second recogniser: a gigabyte that a site with faster-whisper never loads.
FROM python:3.13-slim-bookworm AS build
ARG TORCH=no
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY locks locks
RUN python -m venv /tools && /tools/bin/pip install --no-deps --require-hashes --requirement locks/setup.lock \
 && python -m venv --without-pip /venv \
 && /tools/bin/pip --python /venv/bin/python install --no-deps --require-hashes --requirement locks/run.lock \
 && /tools/bin/pip --python /venv/bin/python install --no-deps --require-hashes --requirement locks/voices.lock
RUN if [ "$TORCH" = yes ]; then \
      /tools/bin/pip --python /venv/bin/python install --no-deps --require-hashes \
        --index-url https://download.pytorch.org/whl/cpu --requirement locks/torch.lock \
   && /tools/bin/pip wheel --no-deps --no-build-isolation --require-hashes --requirement locks/openai-whisper.lock --wheel-dir /whisper \
   && /tools/bin/pip --python /venv/bin/python install --no-deps --no-index /whisper/*.whl; \
    fi
COPY pyproject.toml README.md package.json package-lock.json .npmrc ./
COPY archive archive
COPY media media
COPY ingest ingest
COPY web web
# An image without the browser's libraries would be half a site: it is not built.
RUN PYTHONPATH=$(/tools/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') /venv/bin/python -m web.assets \
 && /venv/bin/python -m archive.language.compiling \
 && test -f web/static/vendor/js/yjs.js \
 && /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /tools/bin/pip --python /venv/bin/python install --no-deps --no-index /wheels/*.whl \
 && /venv/bin/python -m compileall -q /venv

FROM python:3.13-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/* \
 && python -m pip uninstall --yes --root-user-action ignore pip \
 && useradd --create-home --uid 10001 messenger && install --directory --owner messenger /data /keys
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
USER messenger
EXPOSE 8000
CMD ["messenger", "serve", "--host", "0.0.0.0"]
