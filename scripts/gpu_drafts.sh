# Sourced by gpu_stages.sh: the stage `drafts`, kernels that are not yet the library's. Their folder holds the kernels
# (*.cuh), programs that compare them with the CPU (check_*.cu) and one that times them (bench.cu); the launches between
# the two are written here.

# NAME.cu, which launches NAME.cuh's kernel.
write_launches() { # FOLDER
    local open='namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {' close='}'
    cat >"$1/grdb.cu" <<CUDA
#include "cuda/launch.hpp"
#include "grdb.cuh"
$open
template <int C, int K>
Result run_grdb(const GrdbArgs& args, int branches, int blocks, Stream stream) {
    using Tile = GrdbTile<C, K>;
    return launch("grdb", grdb_kernel<C, K>, {{blocks, branches}, Tile::threads, Tile::shared_bytes}, stream, args);
}
template Result run_grdb<16, 32>(const GrdbArgs&, int, int, Stream);
template Result run_grdb<32, 48>(const GrdbArgs&, int, int, Stream);
$close
CUDA
    cat >"$1/conv3x3.cu" <<CUDA
#include "cuda/launch.hpp"
#include "conv3x3.cuh"
$open
template <int C, int K>
Result run_conv(const ConvTileArgs& args, int blocks, Stream stream) {
    using Tile = ConvTile<C, K>;
    return launch("conv", conv_tile_kernel<C, K>, {blocks, Tile::threads, Tile::shared_bytes}, stream, args);
}
template Result run_conv<96, 64>(const ConvTileArgs&, int, Stream);
template Result run_conv<64, 32>(const ConvTileArgs&, int, Stream);
template Result run_conv<32, 16>(const ConvTileArgs&, int, Stream);
$close
CUDA
    cat >"$1/conv_weight.cu" <<CUDA
#include "cuda/launch.hpp"
#include "conv_weight.cuh"
$open
template <int C, int K>
Result run_weight(const ConvWeightArgs& args, int groups, int chunks, float* dw, Stream stream) {
    using Tile = WeightTile<C, K>;
    const LaunchShape parts{{chunks, groups}, Tile::threads, Tile::shared_bytes};
    if (const Result r = launch("weight", conv_weight_kernel<C, K>, parts, stream, args); !r.ok()) return r;
    const LaunchShape all{{(Tile::chunk_floats + 255) / 256, groups}, 256};
    return launch("combine", combine_weight_kernel<C, K>, all, stream, args.partials, chunks, dw, false);
}
template Result run_weight<96, 32>(const ConvWeightArgs&, int, int, float*, Stream);
template Result run_weight<64, 32>(const ConvWeightArgs&, int, int, float*, Stream);
template Result run_weight<32, 32>(const ConvWeightArgs&, int, int, float*, Stream);
$close
CUDA
}

link_draft() { # NAME OBJECTS...
    nvcc "${@:2}" "$build/cuda/libfathom_cuda_runtime.a" "$build/libfathom.a" -Xcompiler=-fopenmp -lpthread -ldl -lrt \
        -o "$work/$1" || fail "$(first_error drafts.log)"
}

stage_drafts() {
    [[ -d $shared/drafts/cuda ]] || skip "$shared/drafts/cuda is not there"
    ((fast)) && skip "a fast dry run builds nothing"
    have nvcc || skip "no nvcc is here"
    ((dry_run)) || gpu_here || skip "no GPU is here"
    log_to drafts.log
    ((dry_run)) && build=build/gpu
    work=$build/drafts
    local units=(grdb conv3x3 conv_weight check_grdb check_conv check_weight bench) unit failures=""
    mkdir -p "$work" && cp "$shared"/drafts/cuda/*.cu* "$work" && chmod u+w "$work"/*.cu* ||
        fail "the drafts cannot be copied to $work"
    write_launches "$work"
    for unit in "${units[@]}"; do
        [[ -f $work/$unit.cu ]] || fail "$shared/drafts/cuda has no $unit.cu"
    done
    printf '%s\n' "${units[@]/#/$work/}" |
        xargs -P "$jobs" -I{} nvcc -std=c++20 -O3 "-gencode=arch=compute_90,code=sm_90" -Xcompiler=-Wno-psabi \
            -DFATHOM_COMPILED -I. -Iinclude "-I$work" -c {}.cu -o {}.o || fail "$(first_error drafts.log)"
    link_draft check_grdb "$work"/{grdb,check_grdb}.o
    link_draft check_conv "$work"/{conv3x3,check_conv}.o
    link_draft check_weight "$work"/{conv_weight,check_weight}.o
    link_draft bench "$work"/{grdb,conv3x3,conv_weight,bench}.o
    ((dry_run)) && skip "compiled with nvcc; they run on a GPU alone"
    for unit in check_grdb check_conv check_weight; do
        # The programs only print numbers: "max |diff| / max 2.3e-03". One rounding of bfloat16 at the largest value is
        # 0.004; what is off by more than 0.01 is wrong.
        timeout 30 "$work/$unit" | tee -a /dev/fd/3 | awk '
            {
                for (i = 2; i <= NF; ++i)
                    if ($(i - 1) == "max" && $i != "|diff|") { seen = 1; bad += !($i + 0 < 0.01) || $i ~ /nan|inf/ }
            }
            /padding kept NO/ { ++bad }
            END { exit bad || !seen }' || failures+=" $unit"
    done
    timeout 30 "$work/bench" | tee -a /dev/fd/3 || failures+=" bench"
    [[ -z $failures ]] || fail "failed:$failures"
}
