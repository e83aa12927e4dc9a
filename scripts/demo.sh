#!/usr/bin/env bash
# From nothing to fused images: installs what is missing, builds, trains fusion net and segmentation net in turns on synthetic scenes, fuses
# other scenes with the result. About 8 minutes of training on two cores, after the build. Everything it writes is in build/ and runs/demo/.
#
#   scripts/demo.sh
#   scripts/demo.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
    "") ;;
    --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d'; exit 0 ;;
    *) echo "error: demo.sh: unknown option $1, expected --help" >&2; exit 2 ;;
esac

source scripts/setup.sh
fathom_setup

echo "== build"
mkdir -p build
programs=(train_seafusion make_scenes fuse)
if ! { cmake --preset release && cmake --build --preset release --target "${programs[@]}"; } >build/demo.log 2>&1; then
    tail -n 40 build/demo.log
    fathom_fail "the build failed; the whole output is in build/demo.log"
fi

run=runs/demo
bin=build/release/bin
rm -rf "$run"
echo "== training on synthetic scenes"
"$bin/train_seafusion" --out "$run" --seed 1 >build/demo_table.txt
echo "== fusing other scenes"
"$bin/make_scenes" --out "$run/scenes" --count 6 --seed 900001 --height 480 --width 640
"$bin/fuse" --weights "$run/fusion.safetensors" --vis "$run/scenes/vi" --ir "$run/scenes/ir" --out "$run/fused" --sheet "$run/fused.png"

echo
cat build/demo_table.txt
echo "fused images   $run/fused"
echo "contact sheet  $run/fused.png"
