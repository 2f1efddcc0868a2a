#!/bin/sh
# Writes the digest that each base image has in its registry today behind its name, in Dockerfile and docker-compose.yml,
# so that every later build starts from those bytes. Needs docker with buildx, and the registry.
set -eu
cd "$(dirname "$0")/.."
command -v docker > /dev/null || { echo "docker is not here: pin the images on a machine that has it." >&2; exit 1; }
for image in $(sed -n -e 's/^FROM \([^ ]*\).*/\1/p' -e 's/^ *image: \([^ ]*:[^ ]*\)$/\1/p' Dockerfile docker-compose.yml | sort -u); do
  name=${image%@*}
  digest=$(docker buildx imagetools inspect "$name" --format '{{.Manifest.Digest}}')
  case $digest in
    sha256:*) ;;
    *) echo "The registry gave no digest for $name: nothing was changed for it." >&2; exit 1 ;;
  esac
  sed -i.before "s|$image\( \|\$\)|$name@$digest\1|" Dockerfile docker-compose.yml
  rm -f Dockerfile.before docker-compose.yml.before
  echo "$name@$digest"
done
