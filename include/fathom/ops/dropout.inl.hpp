// Definitions of dropout.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor uniform_like(const AnyTensor& x, Generator& gen, CpuKernel<abi::RandomArgs> cpu,
                                     const char* name, Where site) {
    const AnyTensor out = new_tensor(x.shape(), output_strides(x.shape(), {&x}), x.dtype(), x.device(), name, site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    abi::RandomArgs args{};
    args.distribution = Random::uniform, args.out = array_of(out);
    args.seed = stream.seed, args.offset = stream.offset;
    args.low = 0, args.high = 1;
    run(out, name, site, operation::random, cpu, args);
    return out;
}

}  // namespace fathom::inline v0::detail
