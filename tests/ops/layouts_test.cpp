// Every entry of the list of operation cases (case.hpp) on views, in other orders of memory, on repeated memory.
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

std::int64_t elements_of(const Shapes& shapes) {
    std::int64_t n = 0;
    for (const Shape& s : shapes) n += s.numel();
    return n;
}

}  // namespace

TEST_CASE("ops/layouts: views and other orders of memory give what row-major tensors give") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            if (elements_of(shapes) > 5000) continue;
            INFO("shapes " << text_of(shapes));
            const auto in = to_inputs<double>(op, make_inputs(op, shapes));
            const Result<double> expected = run_case(op, in);
            const Tensor<double> cotangent = cotangent_for<double>(expected.y.shape());
            const int layouts = static_cast<int>(Layout::count);
            for (int mixed = 0; mixed < 2; ++mixed)
                for (int k = 0; k < layouts; ++k) {
                    Inputs<double> views = in;
                    for (std::size_t i = 0; i < in.tensors.size(); ++i)
                        views.tensors[i] =
                            laid_out(in[i], static_cast<Layout>((k + mixed * static_cast<int>(i + 1)) % layouts));
                    for (auto& labels : views.labels) labels = laid_out(labels, static_cast<Layout>(k));
                    const std::string layout = fathom::tests::name_of(static_cast<Layout>(k));
                    CAPTURE(layout);
                    CAPTURE(mixed);
                    const auto got = run_case(op, views, laid_out(cotangent, static_cast<Layout>(k)));
                    check_close(op, shapes, got, to_plain(expected.y), plain_gradients(expected));
                }
            // Repeated memory: the first slice of the first dimension everywhere.
            Inputs<double> repeated = in, copies = in;
            for (std::size_t i = 0; i < in.tensors.size(); ++i) {
                if (in[i].rank() == 0 || in[i].numel() == 0) continue;
                repeated.tensors[i] = in[i].narrow(0, 0, 1).expand(in[i].shape());
                copies.tensors[i] = from_data(elements(repeated[i]).data(), in[i].shape());
            }
            const Result<double> plain = run_case(op, copies);
            INFO("repeated memory");
            check_close(op, shapes, run_case(op, repeated), to_plain(plain.y), plain_gradients(plain));
        }
    });
}
