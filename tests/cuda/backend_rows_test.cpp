// What the rows of the device make of their arguments beyond what the operation cases ask for: each result overwrites
// or adds as its own array says, moves take every dtype, and what a kernel cannot do is refused with a reason.
#include <cmath>

#include <limits>

#include "fathom/backend/cpu/conv.hpp"
#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/sobel.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/finite.hpp"
#include "fathom/ops/images.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"
#include "tests/dtypes.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Numbers that differ, channels-last where there are four dimensions.
Tensor<double> some(const Shape& shape, std::uint64_t seed) {
    Generator generator(seed);
    const Tensor<double> x = randn<double>(shape, generator);
    if (shape.rank() != 4) return x;
    return x.permute({0, 2, 3, 1}).contiguous().permute({0, 3, 1, 2});
}

abi::Array result_of(const AnyTensor& x, bool add) { return detail::image_array(detail::Target{x, add}); }
abi::Array weight_of(const AnyTensor& x, bool add) { return detail::array_of(detail::Target{x, add}); }

void check_close(const Tensor<double>& got, const Tensor<double>& expected) {
    const std::vector<double> x = numbers(got.to(Device::cpu())), y = numbers(expected);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::fabs(x[i] - y[i]) <= 1e-11);
}

// f(device) gives the results of one operation there; they agree with the CPU's.
template <class F>
void check_as_on_cpu(F f) {
    const std::vector<Tensor<double>> here = f(Device::cpu()), there = f(test_device);
    for (std::size_t i = 0; i < here.size(); ++i) {
        CAPTURE(i);
        check_close(there[i], here[i]);
    }
}

}  // namespace

TEST_CASE("cuda/backend_rows: the gradients of a convolution's weight and bias add each for itself") {
    for (const bool add_weight : {false, true})
        for (const bool add_bias : {false, true})
            for (const std::int64_t stride : {std::int64_t{1}, std::int64_t{2}})
                check_as_on_cpu([&](Device device) -> std::vector<Tensor<double>> {
                    const ConvShape shape{.n = 2,
                                          .height = 9,
                                          .width = 7,
                                          .in_channels = 3,
                                          .out_channels = 5,
                                          .kernel_h = 3,
                                          .kernel_w = 3,
                                          .stride_h = stride,
                                          .stride_w = stride,
                                          .padding_h = 1,
                                          .padding_w = 1};
                    const auto x = some({2, 3, 9, 7}, 1).to(device).untyped();
                    const auto dy = some({2, 5, shape.out_height(), shape.out_width()}, 2).to(device);
                    const auto w = some({15, 9}, 3).to(device), bias = some({5}, 4).to(device);
                    abi::ConvArgs args{};
                    args.shape = shape, args.x = result_of(x, false), args.y = result_of(dy.untyped(), false);
                    args.w = weight_of(w.untyped(), add_weight), args.bias = weight_of(bias.untyped(), add_bias);
                    detail::run(x, "test", {}, operation::conv_weight, &cpu::conv_weight<double>, args);
                    return {w, bias};
                });
}

TEST_CASE("cuda/backend_rows: the gradients of the Sobel magnitude add each for itself, those that are wanted") {
    for (int add = 0; add < 8; ++add)
        for (int wanted = 1; wanted < 8; ++wanted)
            check_as_on_cpu([&](Device device) -> std::vector<Tensor<double>> {
                const Shape images{2, 3, 5, 6};
                const auto x = some(images, 1).to(device), dy = some(images, 2).to(device);
                const auto wx = some({27}, 3).to(device), wy = some({27}, 4).to(device);
                const auto dx = some(images, 5).to(device), dwx = some({27}, 6).to(device),
                           dwy = some({27}, 7).to(device);
                abi::SobelArgs args{};
                args.x = result_of(x.untyped(), false), args.dy = result_of(dy.untyped(), false);
                args.wx = weight_of(wx.untyped(), false), args.wy = weight_of(wy.untyped(), false);
                if (wanted & 1) args.dx = result_of(dx.untyped(), (add & 1) != 0);
                if (wanted & 2) args.dwx = weight_of(dwx.untyped(), (add & 2) != 0);
                if (wanted & 4) args.dwy = weight_of(dwy.untyped(), (add & 4) != 0);
                detail::run(x.untyped(), "test", {}, operation::sobel_backward, &cpu::sobel_backward<double>, args);
                return {dx, dwx, dwy};
            });
}

TEST_CASE_TEMPLATE("cuda/backend_rows: moves take every dtype, and add as on the CPU", T, float, double, std::int64_t,
                   std::int32_t, std::uint8_t, bool) {
    std::vector<T> a, b, c;
    std::vector<std::uint8_t> chosen;
    for (int i = 0; i < 24; ++i) {
        a.push_back(static_cast<T>(i * 11 % 7)), b.push_back(static_cast<T>(i * 5 % 3)), c.push_back(static_cast<T>(i));
        chosen.push_back(i % 3 == 0);
    }
    const auto run = [&](Device device, bool add) {
        const auto made = [&](const std::vector<T>& values) {
            Tensor<T> x = empty<T>({4, 6});
            for (int i = 0; i < 24; ++i) x.mutable_data()[i] = values[static_cast<std::size_t>(i)];
            return x.to(device);
        };
        Tensor<bool> condition = empty<bool>({4, 6});
        for (int i = 0; i < 24; ++i) condition.mutable_data()[i] = chosen[static_cast<std::size_t>(i)] != 0;
        const Tensor<T> x = made(a), y = made(b).permute({1, 0}).contiguous().permute({1, 0});
        const Tensor<bool> mask = condition.to(device);
        std::vector<Tensor<T>> out = {made(c), made(c), made(c)};
        using detail::run_elementwise;
        run_elementwise(cpu::kernel<T, Elementwise::copy>, {out[0].untyped(), add}, {&y.untyped()}, "test", {});
        run_elementwise(cpu::kernel<T, Elementwise::fill>, {out[1].untyped(), add}, {}, "test", {}, 3.0);
        run_elementwise(cpu::kernel<T, Elementwise::where>, {out[2].untyped(), add},
                        {&mask.untyped(), &x.untyped(), &y.untyped()}, "test", {});
        return out;
    };
    for (const bool add : {false, true}) {
        // The checker has one record for four bytes, so neighbours that read and write a byte each look like a race.
        if (checked_build && add && sizeof(T) == 1) continue;
        const auto here = run(Device::cpu(), add), there = run(test_device, add);
        for (std::size_t i = 0; i < here.size(); ++i) CHECK(same_bits(there[i].to(Device::cpu()), here[i]));
    }
}

TEST_CASE_TEMPLATE("cuda/backend_rows: integers wrap as on the CPU, and compare", T, std::int64_t, std::int32_t,
                   std::uint8_t, bool) {
    const auto run = [](Device device, bool add) {
        // Rows of 12 take packs, rows of 7 do not; the last operand is repeated or a view.
        std::vector<AnyTensor> results;
        for (const std::int64_t columns : {std::int64_t{12}, std::int64_t{7}}) {
            Tensor<T> a = empty<T>({9, columns}), b = empty<T>({9, columns});
            for (std::int64_t i = 0; i < a.numel(); ++i) {
                const std::uint64_t bits = philox(1, static_cast<std::uint64_t>(i))[0] * 0x100000001u;
                a.mutable_data()[i] = static_cast<T>(bits), b.mutable_data()[i] = static_cast<T>(bits >> 7);
                if (i % 5 == 0) b.mutable_data()[i] = a.data()[i];
            }
            const Tensor<T> x = a.to(device), y = b.to(device), row = y.narrow(0, 3, 1).expand({9, columns}),
                            view = y.transpose(0, 1).contiguous().transpose(0, 1);
            using detail::run_elementwise;
            for (const Tensor<T>* second : {&y, &row, &view}) {
                const auto compared = [&](const cpu::ElementwiseKernel& kernel) {
                    const Tensor<bool> out = empty<bool>({9, columns}, device);
                    run_elementwise(kernel, {out.untyped(), false}, {&x.untyped(), &second->untyped()}, "test", {});
                    results.push_back(out.to(Device::cpu()).untyped());
                };
                compared(cpu::kernel<T, Elementwise::equal>), compared(cpu::kernel<T, Elementwise::not_equal>);
                compared(cpu::kernel<T, Elementwise::less>), compared(cpu::kernel<T, Elementwise::less_equal>);
                if constexpr (!std::is_same_v<T, bool>) {
                    const auto computed = [&](const cpu::ElementwiseKernel& kernel, bool binary, double p0 = 0,
                                              double p1 = 0) {
                        const Tensor<T> out = a.clone().to(device);
                        if (binary)
                            run_elementwise(kernel, {out.untyped(), add}, {&x.untyped(), &second->untyped()}, "test",
                                            {}, p0, p1);
                        else
                            run_elementwise(kernel, {out.untyped(), add}, {&second->untyped()}, "test", {}, p0, p1);
                        results.push_back(out.to(Device::cpu()).untyped());
                    };
                    computed(cpu::kernel<T, Elementwise::add>, true), computed(cpu::kernel<T, Elementwise::sub>, true);
                    computed(cpu::kernel<T, Elementwise::mul>, true);
                    computed(cpu::kernel<T, Elementwise::maximum>, true);
                    computed(cpu::kernel<T, Elementwise::minimum>, true);
                    computed(cpu::kernel<T, Elementwise::affine>, false, -1, 255);
                    computed(cpu::kernel<T, Elementwise::neg>, false),
                        computed(cpu::kernel<T, Elementwise::abs>, false);
                    computed(cpu::kernel<T, Elementwise::square>, false);
                    computed(cpu::kernel<T, Elementwise::clamp>, false, -20, 300);
                }
            }
        }
        return results;
    };
    for (const bool add : {false, true}) {
        // Bytes of one word look like a race to the checker, as above; so do their results side by side.
        if (checked_build && add && sizeof(T) == 1) continue;
        const auto here = run(Device::cpu(), add), there = run(test_device, add);
        REQUIRE(here.size() == there.size());
        for (std::size_t i = 0; i < here.size(); ++i) {
            CAPTURE(i);
            CHECK(numbers(there[i]) == numbers(here[i]));
        }
    }
    if constexpr (std::is_same_v<T, std::int64_t>) {
        Tensor<T> count = zeros<T>({}, test_device);
        for (int i = 0; i < 3; ++i) count += T{1};
        CHECK(count.to(Device::cpu()).item() == 3);
        CHECK(message_of([&] { count /= T{2}; }).find("/=: not available for int64 on ") == 0);
    }
}

TEST_CASE("cuda/backend_rows: what a kernel cannot do is refused with the reason, before any work") {
    const auto x = some({1, 2, 4, 4}, 1).to(test_device), w = some({4}, 2).to(test_device), y = some({1, 2, 4, 4}, 3);
    const auto out = y.to(test_device);
    abi::ConvArgs plain{};
    plain.shape = {.n = 1, .height = 4, .width = 4, .in_channels = 2, .out_channels = 2};
    plain.x = result_of(x.untyped(), false), plain.y = result_of(out.untyped(), false),
    plain.w = weight_of(w.untyped(), false);
    const auto refusal = [&](abi::ConvArgs args) {
        return message_of([&] {
            detail::run(x.untyped(), "conv2d", Where::here(), operation::conv_forward, &cpu::conv_forward<double>,
                        args);
        });
    };
    const auto refused = [&](const abi::ConvArgs& args, const char* reason) {
        const std::string expected =
            join({"conv2d: not available for double on ", test_device, ": ", reason, "; copy the inputs with .to"});
        CHECK(refusal(args).find(expected) == 0);
    };
    abi::ConvArgs args = plain;
    args.residual = plain.y, refused(args, "its convolutions take no residual");
    args = plain, args.gate = plain.x, refused(args, "its convolutions take no gate");
    args = plain, args.statistics = plain.w, refused(args, "its convolutions give no statistics");
    args = plain, args.prepared = w.untyped().raw(), refused(args, "its convolutions take no prepared weights");
    for (const Precision precision : {Precision::tf32, Precision::bf16})
        args = plain, args.precision = precision, refused(args, "precision tf32 and bf16 are for float");
    check_close(out, y);
    args = plain, args.precision = Precision::strict;
    CHECK(refusal(args) == "no error");

    const Tensor<std::int32_t> whole = zeros<std::int32_t>({3}, test_device);
    CHECK(message_of([&] {
              whole.to<float>();
          }).find(": of the conversions it has those between floating dtypes, and of uint8, int64 and bool with") !=
          std::string::npos);
}

TEST_CASE("cuda/backend_rows: what images, masks and labels need is converted as on the CPU") {
    Tensor<double> x = some({3, 5, 7}, 8) * 300.0;
    x(0, 0, 0) = std::numeric_limits<double>::quiet_NaN(), x(0, 0, 1) = 1e30, x(0, 0, 2) = -1e30;
    const auto check = [&]<class From, class To>(const Tensor<From>& from, Type<To>) {
        const Tensor<To> expected = from.template to<To>();
        CHECK(same_bits(from.to(test_device).template to<To>().to(Device::cpu()), expected));
        CHECK(same_bits(from.to(test_device).permute({1, 2, 0}).template to<To>().contiguous().to(Device::cpu()),
                        expected.permute({1, 2, 0}).contiguous()));
    };
    const auto bytes = x.to<std::uint8_t>();
    const auto counts = x.to<std::int64_t>();
    const auto mask = x > 0.0;
    check(x, Type<std::uint8_t>{}), check(x.to<float>(), Type<std::uint8_t>{});
    check(x, Type<std::int64_t>{}), check(x.to<float>(), Type<std::int64_t>{});
    check(bytes, Type<float>{}), check(bytes, Type<double>{}), check(bytes, Type<std::int64_t>{});
    check(counts, Type<float>{}), check(counts, Type<double>{}), check(counts, Type<std::uint8_t>{});
    check(mask, Type<float>{}), check(mask, Type<double>{});
}

TEST_CASE("cuda/backend_rows: what is stored in two bytes moves and converts on the device") {
    const Tensor<double> x = some({2, 3, 5, 7}, 9);
    for_each_stored([&]<class T>(Type<T>) {
        const Tensor<T> host = x.to<T>(), there = host.to(test_device);
        CHECK(same_bits(there.to(Device::cpu()), host));
        CHECK(same_bits(there.permute({3, 1, 0, 2}).contiguous().to(Device::cpu()), host.permute({3, 1, 0, 2})));
        CHECK(same_bits(full<T>({2, 3}, 1.1, test_device).to(Device::cpu()), full<T>({2, 3}, 1.1)));
        CHECK(same_bits(x.to(test_device).to<T>().to(Device::cpu()), host));
        CHECK(same_bits(x.to<float>().to(test_device).template to<T>().to(Device::cpu()),
                        x.to<float>().template to<T>()));
        for_each_stored([&]<class U>(Type<U>) {
            CHECK(same_bits(there.template to<U>().to(Device::cpu()), host.template to<U>()));
        });
        CHECK(same_bits(there.template to<float>().to(Device::cpu()), host.template to<float>()));
        CHECK(all_finite(there));
        CHECK_FALSE(all_finite(full<T>({3}, std::numeric_limits<double>::infinity(), test_device)));
        CHECK(there.template to<double>()[0][0][0].slice(0, 3, 4).item() == static_cast<float>(host(0, 0, 0, 3)));
        CHECK(message_of([&] {
                  there.template to<std::int64_t>();
              }).find(join({"to: not available for int64 on ", test_device, ": of the conversions it has"})) == 0);

        Tensor<float> leaf = x.to<float>().to(test_device);
        leaf.requires_grad_();
        const Tensor<float> weights = some({2, 3, 5, 7}, 4).to<float>();
        backward(leaf.to<T>().template to<float>(), weights.to(test_device));
        CHECK(same_bits(leaf.grad().to(Device::cpu()), weights.to<T>().template to<float>()));
    });
}
