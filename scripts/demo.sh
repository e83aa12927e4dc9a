#!/usr/bin/env bash
# From nothing to fused images: installs what is missing, builds, trains fusion net and segmentation net in turns on synthetic scenes, fuses
# other scenes with the result. 7 minutes on two quiet cores once the packages are there: it trains less than `train_seafusion` alone does.
# Everything it writes is in build/ and runs/demo/.
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

# Passes a build's output to its log; shows its steps, on a terminal as one line that is rewritten, otherwise every tenth.
show_build() {
    local line terminal=0 columns=${COLUMNS:-80}
    [[ -t 1 ]] && terminal=1
    while IFS= read -r line; do
        printf '%s\n' "$line" >>build/demo.log
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        if ((terminal)); then
            printf '\r\033[K%s' "${line:0:columns-1}"
        elif ((BASH_REMATCH[1] % 10 == 0)); then
            printf 'step %d of %d\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        fi
    done
    if ((terminal)); then printf '\r\033[K'; fi
}

# What a table of train_seafusion says in its row $1, of the last round.
from_table() { awk -v row="    $1  " 'index($0, row) == 1 { value = substr($0, length(row) + 1); sub(/^ +/, "", value); sub(/ .*/, "", value) } END { print value }' build/demo_table.txt; }

echo "== build"
mkdir -p build
: >build/demo.log
programs=(train_seafusion make_scenes fuse)
if ! { cmake --preset release && cmake --build --preset release --target "${programs[@]}"; } 2>&1 | show_build; then
    tail -n 40 build/demo.log
    fathom_fail "the build failed; the whole output is in build/demo.log"
fi

run=runs/demo
bin=build/release/bin
rm -rf "$run"
echo "== training on synthetic scenes"
"$bin/train_seafusion" --out "$run" --seed 1 --fusion-epochs 6 --segmentation-steps 350 >build/demo_table.txt
echo "== fusing other scenes"
"$bin/make_scenes" --out "$run/scenes" --count 6 --seed 900001 --height 480 --width 640
"$bin/fuse" --weights "$run/fusion.safetensors" --vis "$run/scenes/vi" --ir "$run/scenes/ir" --out "$run/fused" --sheet "$run/fused.png"

echo
cat build/demo_table.txt
cat <<END

Both nets began with random weights. On unseen scenes the segmentation net now finds, looking at fused images, a mean IoU of $(from_table mean) over
nine classes (car $(from_table car), person $(from_table person)); the fusion net has a content loss of $(from_table "this net"), the pixelwise maximum $(from_table "pixelwise maximum").

Look at
  $run/fused.png            visible, infrared and fused pictures of scenes that neither net has seen
  $run/round_2/sheet.png    the same with labels and what the segmentation net found
Next, try
  $bin/fuse --weights $run/fusion.safetensors --vis VISIBLE --ir INFRARED --out fused/    your own pictures
  $bin/train_seafusion                                                                    twice as long: what docs/training.md reports
  $bin/train_seafusion --help                                                             your own data
END
