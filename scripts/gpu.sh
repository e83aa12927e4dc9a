#!/usr/bin/env bash
# Builds fathom for this machine's GPU, tests it, compares it with the CPU and times it, beside PyTorch where that is
# installed: one command of at most nine minutes that needs nvcc, CMake and ninja, and no network.
#
#   scripts/gpu.sh [options]
#     --seconds N    end after N seconds (540): a stage that no longer fits is skipped
#     --only A,B     these stages alone
#     --build DIR    the build folder (build/gpu; with --dry-run build/release)
#     --dry-run      no GPU: the emulator takes its place at small sizes; what needs a GPU is compiled where nvcc is,
#                    and skipped
#     --fast         with --dry-run: build nothing, run what the build folder holds
#
# Stages: versions configure build ceilings tests compare times sanitizer drafts profile torch (in scripts/gpu_stages.sh).
# At most eight files of results in $OUT, else build/gpu-results: summary.txt, numbers.jsonl and logs.
# A machine without doctest and stb gets them from .third, which scripts/gpu_pack.sh fills where they are installed.
# Exit code: 0 nothing failed, 1 something failed or ran into its limit, 2 wrong usage, 3 nothing failed but time was
# short.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

usage_error() {
    echo "error: gpu.sh: $1; --help lists the options" >&2
    exit 2
}
seconds=540 only="" build="" dry_run=0 fast=0
while (($#)); do
    case $1 in
        --seconds | --only | --build) (($# > 1)) || usage_error "$1 needs a value" ;;&
        --seconds) seconds=$2; shift ;;
        --only) only=$2; shift ;;
        --build) build=$2; shift ;;
        --dry-run) dry_run=1 ;;
        --fast) fast=1 ;;
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) usage_error "unknown option $1" ;;
    esac
    shift
done
[[ $seconds =~ ^[0-9]{1,5}$ ]] || usage_error "--seconds: expected a number, got $seconds"
((fast && !dry_run)) && usage_error "--fast goes with --dry-run"

# Name, fewest seconds that are worth beginning, most seconds.
stages=(
    "versions 2 40" "configure 5 60" "build 20 330" "ceilings 5 40" "tests 10 90" "compare 10 75" "times 10 90"
    "sanitizer 20 120" "drafts 20 150" "profile 20 90" "torch 30 400"
)
known=" ${stages[*]%% *} "
for name in ${only//,/ }; do
    [[ $known == *" $name "* ]] || usage_error "--only: no stage is named $name, expected some of:$known"
done

export FATHOM_GPU_DRY_RUN=$dry_run FATHOM_GPU_FAST=$fast
export FATHOM_GPU_BUILD=${build:-build/$( ((dry_run)) && echo release || echo gpu)}
export FATHOM_GPU_RESULTS=${OUT:-build/gpu-results}
export OMP_WAIT_POLICY=passive  # idle threads must not spin beside a compiler or a GPU's driver
mkdir -p "$FATHOM_GPU_RESULTS" || exit 1
results=$FATHOM_GPU_RESULTS
rm -f "$results"/{summary.txt,numbers.jsonl,build.log,tests.log,sanitizer.log,drafts.log,profile.log,torch.log}
scratch=$(mktemp -d) || exit 1
child=""
clean_up() {
    [[ -n $child ]] && kill "$child" 2>/dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'echo "interrupted" >&2; exit 1' INT TERM

say() { printf '%s\n' "$*" | tee -a "$results/summary.txt"; }

declare -A outcome=()
failed=0 short=0
report() { # NAME SECONDS OUTCOME WHY
    outcome[$1]=$3
    say "$(printf '%-10s %4d s  %-8s %s' "$1" "$2" "$3" "$4")"
}

# Runs one stage under its limit. What it prints is for the summary; its log is a file of the results; the file `why` is
# its reason.
run_stage() { # NAME LEAST MOST
    local name=$1 least=$2 limit=$3 left=$((seconds - SECONDS)) begin=$SECONDS code why need
    for need in ${needs[$name]:-}; do
        if [[ ${outcome[$need]:-ok} != ok ]]; then
            report "$name" 0 skipped "$need did not succeed"
            return
        fi
    done
    if ((left < least)); then
        short=1
        report "$name" 0 skipped "$((left < 0 ? 0 : left)) s are left, it needs $least or more"
        return
    fi
    ((limit > left)) && limit=$left
    : >"$scratch/why"
    : >"$scratch/printed"
    FATHOM_GPU_WHY=$scratch/why FATHOM_GPU_LIMIT=$limit \
        timeout --kill-after=5 "$limit" scripts/gpu_stages.sh "$name" >>"$scratch/printed" &
    child=$!
    wait "$child"
    code=$?
    child=""
    why=$(tr '\n' ' ' <"$scratch/why")
    sed 's/^/    /' "$scratch/printed" | tee -a "$results/summary.txt"
    case $code in
        0) report "$name" $((SECONDS - begin)) ok "$why" ;;
        77) report "$name" $((SECONDS - begin)) skipped "$why" ;;
        124 | 137) failed=1; report "$name" $((SECONDS - begin)) timeout "stopped at its limit of $limit s" ;;
        *) failed=1; report "$name" $((SECONDS - begin)) failed "${why:-exit code $code}" ;;
    esac
}

declare -A needs=(
    [build]=configure [ceilings]=build [tests]=build [compare]=build [times]=build [sanitizer]=build [drafts]=build
    [profile]=build
)
say "fathom on $( ((dry_run)) && echo "the emulator, a dry run" || echo "the GPU"), $seconds s at most"
for stage in "${stages[@]}"; do
    read -r name least most <<<"$stage"
    ((fast)) && least=1
    [[ -n $only && ,$only, != *",$name,"* ]] && continue
    run_stage "$name" "$least" "$most"
done

verdict="nothing failed"
((short)) && verdict="nothing failed, but the time was short"
if ((failed)); then
    verdict="FAILED:"
    for stage in "${stages[@]%% *}"; do
        [[ ${outcome[$stage]:-} =~ failed|timeout ]] && verdict+=" $stage"
    done
fi
say "$verdict; $SECONDS s in all; results in $results: $(cd "$results" && ls | tr '\n' ' ')"
((failed)) && exit 1
((short)) && exit 3
exit 0
