#!/usr/bin/env bash
# Fills .third (ignored by git) with what scripts/gpu.sh needs on a machine that has neither these packages nor a
# network: doctest and stb from where they are installed here, and the drafts of FATHOM_SHARED (default ../shared) where
# there are any. .third travels beside the sources.
#
#   scripts/gpu_pack.sh [PREFIX]     PREFIX is where the packages are installed; default /usr
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fail() {
    echo "error: gpu_pack.sh: $*" >&2
    exit 1
}
prefix=${1:-/usr}
shared=${FATHOM_SHARED:-../shared}
for file in include/doctest/doctest.h include/stb/stb_image.h include/stb/stb_image_write.h; do
    [[ -f $prefix/$file ]] ||
        fail "$prefix/$file is not there; install doctest-dev and libstb-dev, or name another prefix"
done
rm -rf .third && mkdir -p .third/include/stb || fail ".third cannot be written"
cp -r "$prefix/include/doctest" .third/include/ &&
    cp "$prefix"/include/stb/{stb_image,stb_image_write}.h .third/include/stb/ || fail "copying failed"
if [[ -d $shared/drafts/cuda ]]; then
    mkdir -p .third/shared/drafts && cp -r "$shared/drafts/cuda" .third/shared/drafts/ && chmod -R u+w .third ||
        fail "copying the drafts failed"
else
    echo "no drafts in $shared: their stage will be skipped"
fi
du -sh .third
