#!/usr/bin/env bash
# The stages of scripts/gpu.sh, which calls this with a stage's name under a time limit and sets FATHOM_GPU_*. What a
# stage prints goes to the summary, everything else to its log. Exit code 0: done; 77: cannot be done here; anything
# else: failed. `because` says why.
set -uo pipefail

dry_run=$FATHOM_GPU_DRY_RUN fast=$FATHOM_GPU_FAST build=$FATHOM_GPU_BUILD results=$FATHOM_GPU_RESULTS
numbers=$results/numbers.jsonl
jobs=$(nproc)
[[ $PATH == *cuda* || ! -d /usr/local/cuda/bin ]] || PATH=$PATH:/usr/local/cuda/bin
shared=${FATHOM_SHARED:-$( [[ -d .third/shared ]] && echo .third/shared || echo ../shared)}

because() { printf '%s\n' "$*" >"$FATHOM_GPU_WHY"; }
skip() {
    because "$*"
    exit 77
}
fail() {
    because "$*"
    exit 1
}
have() { command -v "$1" >/dev/null; }
# Everything from here on goes to the log, but what is printed to fd 3.
log_to() {
    exec 3>&1 >>"$results/$1" 2>&1
    echo "== $stage"
}
# The lines of this stage's part of the log that say most about a failure.
first_error() { # LOG
    sed -n "/^== $stage\$/,\$p" "$results/$1" | grep -m1 -A2 -E '[eE]rror( |:)|FAILED' | tr -s ' \n' ' ' | cut -c1-240
}

gpu_here() { { have nvidia-smi && nvidia-smi -L 2>/dev/null | grep -q GPU; } || [[ -e /dev/nvidia0 ]]; }
need_gpu() {
    ((dry_run)) && skip "a dry run: $1"
    gpu_here || skip "no GPU is here"
}
need_program() { [[ -x $build/bin/$1 ]] || fail "$build/bin/$1 is not there"; }

stage_versions() {
    log_to build.log
    have nvidia-smi && nvidia-smi
    have nvcc && nvcc --version
    cmake --version && ninja --version && "${CXX:-c++}" --version
    git log -1 --format='fathom %H %cs' 2>/dev/null
    ((fast)) && return
    have python3 && python3 - <<'PYTHON'
try:
    import torch
    print('torch', torch.__version__, 'CUDA', torch.version.cuda, 'cuDNN', torch.backends.cudnn.version(),
          'device', torch.cuda.get_device_name() if torch.cuda.is_available() else 'none')
except ImportError as error:
    print('torch:', error)
PYTHON
    if gpu_here; then
        nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader >&3
    else
        ((dry_run)) || fail "no GPU is here: nvidia-smi lists none and /dev/nvidia0 is missing"
    fi
    grep '^torch' "$results/build.log" >&3
    return 0
}

# Of the device in the machine alone, so that the build is short.
architecture() {
    local capability
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n1 | tr -d '. ')
    [[ $capability =~ ^[0-9]+$ ]] || capability=90
    echo "$capability-real"
}
configure_gpu() { # FOLDER CMAKE_OPTIONS...
    cmake --preset gpu -B "$1" "-DCMAKE_PREFIX_PATH=$PWD/.third" "-DCMAKE_CUDA_ARCHITECTURES=$(architecture)" "${@:2}"
}
gpu_targets=(gpu_ceilings gpu_frame gpu_compare gpu_times fathom_backend_gpu_tests fathom_cuda_runtime)

stage_configure() {
    log_to build.log
    if ((fast)); then
        because "nothing: a fast dry run takes what is built"
    elif ((dry_run)); then
        cmake --preset release -B "$build" "-DCMAKE_PREFIX_PATH=$PWD/.third" || fail "$(first_error build.log)"
        have nvcc || return 0
        configure_gpu build/gpu -DFATHOM_WERROR=ON || fail "$(first_error build.log)"
    else
        have nvcc || fail "nvcc is not on the PATH and not in /usr/local/cuda/bin"
        # Another compiler's new warnings are no reason to lose the run.
        configure_gpu "$build" -DFATHOM_WERROR=OFF || fail "$(first_error build.log)"
    fi
}

stage_build() {
    log_to build.log
    if ((fast)); then
        need_program fathom_backend_tests
        need_program gpu_compare
        need_program gpu_times
        because "nothing: a fast dry run takes what is built"
    elif ((dry_run)); then
        cmake --build "$build" -j "$jobs" --target fathom_backend_tests gpu_compare gpu_times ||
            fail "$(first_error build.log)"
        because "the emulator's programs; no nvcc is here to compile the GPU's"
        have nvcc || return 0
        cmake --build build/gpu -j "$jobs" --target "${gpu_targets[@]}" || fail "$(first_error build.log)"
        because "the emulator's programs, and the GPU's with nvcc"
    else
        cmake --build "$build" -j "$jobs" --target "${gpu_targets[@]}" || fail "$(first_error build.log)"
    fi
}

stage_ceilings() {
    need_gpu "the emulator has no ceilings"
    log_to tests.log
    need_program gpu_ceilings
    "$build/bin/gpu_ceilings" --json "$numbers" >&3 || fail "$(first_error tests.log)"
    need_program gpu_frame
    "$build/bin/gpu_frame" --json "$numbers" >&3 || fail "$(first_error tests.log)"
}

stage_tests() {
    local program=fathom_backend_gpu_tests options=()
    if ((dry_run)); then
        program=fathom_backend_tests
        options=("--test-case=cuda/backend_device*$( ((fast)) || echo ',cuda/backend_training*')")
    else
        need_gpu
    fi
    log_to tests.log
    need_program $program
    "$build/bin/$program" "${options[@]}"
    local code=$?
    because "$(grep -E '^\[doctest\] test cases:' "$results/tests.log" | tail -n1 | cut -d' ' -f2-)"
    return $code
}

# gpu_compare and gpu_times at full size on a GPU, at a small one in the emulator.
measure() { # PROGRAM EMULATOR_OPTIONS...
    local program=$1 options=(--device cuda)
    shift
    if ((dry_run)); then options=(--device emulator "$@"); else need_gpu; fi
    log_to tests.log
    need_program "$program"
    "$build/bin/$program" "${options[@]}" --json "$numbers" >&3 ||
        fail "$(grep '^error' "$results/tests.log" | tail -n1)"
}
stage_compare() { measure gpu_compare --height 17 --width 21; }
stage_times() { measure gpu_times --height 9 --width 11 --repeats 1 --rotate-mb 0; }

stage_sanitizer() {
    need_gpu "compute-sanitizer watches a GPU"
    have compute-sanitizer || skip "compute-sanitizer is not here"
    log_to sanitizer.log
    local memory race begin=$SECONDS
    compute-sanitizer --tool memcheck --error-exitcode 9 "$build/bin/gpu_compare" --height 33 --width 35
    memory=$?
    grep -q 'Device not supported' "$results/sanitizer.log" && skip "compute-sanitizer says: Device not supported"
    ((memory == 0)) || fail "memcheck: $(grep -m1 -E 'Invalid|[eE]rror' "$results/sanitizer.log" | cut -c1-160)"
    if ((FATHOM_GPU_LIMIT - (SECONDS - begin) < 20)); then
        because "memcheck found nothing; no time for racecheck"
        return 0
    fi
    timeout $((FATHOM_GPU_LIMIT - (SECONDS - begin) - 3)) compute-sanitizer --tool racecheck --error-exitcode 9 \
        "$build/bin/gpu_compare" --height 17 --width 19
    race=$?
    case $race in
        0) because "memcheck and racecheck found nothing" ;;
        124) because "memcheck found nothing; racecheck did not end in time" ;;
        *) fail "racecheck: $(grep -E 'hazard|error' "$results/sanitizer.log" | tail -n1 | cut -c1-160)" ;;
    esac
}

# Hardware counters of each of the drafts' kernels, with what its instructions wait for, and of each of the library's.
stage_profile() {
    need_gpu "hardware counters are a GPU's"
    have ncu || skip "Nsight Compute is not here"
    local once=(--clock-control none --filter-mode per-launch-config --launch-count 1) begin=$SECONDS drafts=0
    log_to profile.log
    if [[ -x $build/drafts/bench ]]; then
        drafts=1
        timeout $((FATHOM_GPU_LIMIT / 2)) ncu "${once[@]}" --launch-skip 2 --set full --import-source no --force-overwrite \
            --export "$build/drafts/profile" "$build/drafts/bench" || fail "ncu: $(first_error profile.log)"
        ncu --import "$build/drafts/profile.ncu-rep" --page details
        ncu --import "$build/drafts/profile.ncu-rep" --page source --csv | head -c 12000000
    fi
    timeout $((FATHOM_GPU_LIMIT - (SECONDS - begin) - 2)) ncu "${once[@]}" --section SpeedOfLight \
        --section MemoryWorkloadAnalysis_Tables --section Occupancy --section WarpStateStats --page details \
        "$build/bin/gpu_times" --repeats 1 --rotate-mb 0
    case $? in
        0) because "the library's kernels$( ((drafts)) && echo " and the drafts'")" ;;
        124) because "not all of the library's kernels: the time was short" ;;
        *) fail "ncu: $(first_error profile.log)" ;;
    esac
}

stage_torch() {
    need_gpu "PyTorch's times are of a GPU"
    have python3 && python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
        skip "no PyTorch that sees a GPU is here"
    log_to torch.log
    PYTHONUNBUFFERED=1 python3 bench/peers/torch_gpu.py --seconds $((FATHOM_GPU_LIMIT - 20)) --json "$numbers" >&3 ||
        fail "$(grep '[eE]rror' "$results/torch.log" | tail -n1 | cut -c1-160)"
}

source scripts/gpu_drafts.sh
stage=$1
"stage_$stage"
