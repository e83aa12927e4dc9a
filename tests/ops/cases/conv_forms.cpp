// Convolution in other forms: padded to the input's size, along one dimension.
#include "fathom/ops/conv1d.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// Along one dimension.
struct Taps {
    std::int64_t stride = 1, before = 0, after = 0, dilation = 1;

    static Taps same(std::int64_t kernel, std::int64_t dilation) {
        const std::int64_t zeros = dilation * (kernel - 1);
        return {1, zeros / 2, zeros - zeros / 2, dilation};
    }
    std::int64_t size(std::int64_t n, std::int64_t kernel) const {
        return (n + before + after - dilation * (kernel - 1) - 1) / stride + 1;
    }
};

Plain plain_conv(const Plain& x, const Plain& w, const Plain* b, const Taps& rows, const Taps& columns,
                 std::int64_t groups) {
    const std::int64_t channels = w.shape[1], outputs = w.shape[0] / groups;
    return plain({x.shape[0], w.shape[0], rows.size(x.shape[2], w.shape[2]), columns.size(x.shape[3], w.shape[3])},
                 [&](const Shape& i) {
                     double sum = b ? b->at({i[1]}) : 0;
                     for (std::int64_t c = 0; c < channels; ++c)
                         for (std::int64_t p = 0; p < w.shape[2]; ++p)
                             for (std::int64_t q = 0; q < w.shape[3]; ++q) {
                                 const std::int64_t h = i[2] * rows.stride - rows.before + p * rows.dilation,
                                                    v = i[3] * columns.stride - columns.before + q * columns.dilation;
                                 if (h < 0 || h >= x.shape[2] || v < 0 || v >= x.shape[3]) continue;
                                 sum += x.at({i[0], i[1] / outputs * channels + c, h, v}) * w.at({i[1], c, p, q});
                             }
                     return sum;
                 });
}

OpCase of_inputs(const char* name, bool bias, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "w"}}, .shapes = std::move(shapes), .golden = name};
    op.golden_file = "images";
    if (bias) op.inputs.push_back({.name = "b"});
    if (bias)
        for (Shapes& s : op.shapes) s.push_back({s[1][0]});
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1].numel() / in[1][0]); };
    return op;
}

// Rows [N, C, L] as images of one row.
Plain one_row(const Plain& x) { return {{x.shape[0], x.shape[1], 1, x.shape[2]}, x.values}; }
Plain rows_of(Plain y) {
    y.shape.erase(2);
    return y;
}

}  // namespace

void add_conv_form_cases(std::vector<OpCase>& list) {
    OpCase same = of_inputs("conv_same", true,
                            {{{1, 2, 5, 7}, {3, 2, 4, 3}},
                             {{2, 1, 3, 3}, {2, 1, 3, 2}},
                             {{1, 2, 1, 1}, {1, 2, 2, 2}},
                             {{0, 2, 4, 4}, {3, 2, 2, 2}},
                             {{1, 17, 20, 33}, {16, 17, 4, 4}}});
    set_function(same, [](const auto& in) {
        return conv2d(in[0], in[1], in[2], {.padding = Padding::same, .dilation = {1, 2}});
    });
    same.reference = [](const std::vector<Plain>& in) {
        return plain_conv(in[0], in[1], &in[2], Taps::same(in[1].shape[2], 1), Taps::same(in[1].shape[3], 2), 1);
    };
    list.push_back(same);

    OpCase row =
        of_inputs("conv1d", true,
                  {{{2, 4, 9}, {6, 2, 3}}, {{1, 2, 3}, {2, 1, 1}}, {{0, 4, 5}, {2, 2, 2}}, {{2, 34, 50}, {18, 17, 5}}});
    set_function(row, [](const auto& in) { return conv1d(in[0], in[1], in[2], {2, 1, 2, 2}); });
    row.reference = [](const std::vector<Plain>& in) {
        return rows_of(plain_conv(one_row(in[0]), one_row(in[1]), &in[2], {}, {2, 1, 1, 2}, 2));
    };
    list.push_back(row);

    OpCase same_row =
        of_inputs("conv1d_same", false, {{{2, 3, 9}, {2, 3, 4}}, {{1, 1, 1}, {1, 1, 2}}, {{2, 16, 70}, {16, 16, 7}}});
    set_function(same_row, [](const auto& in) { return conv1d(in[0], in[1], {}, {.padding = Padding::same}); });
    same_row.reference = [](const std::vector<Plain>& in) {
        return rows_of(plain_conv(one_row(in[0]), one_row(in[1]), nullptr, {}, Taps::same(in[1].shape[2], 1), 1));
    };
    list.push_back(same_row);
}

}  // namespace fathom::tests
