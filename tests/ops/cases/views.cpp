// Views and copies.
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F, class R>
OpCase view(const char* name, const char* golden, std::vector<Shapes> shapes, F f, R reference) {
    OpCase op{.name = name, .inputs = {{.low = -2, .high = 2}}, .shapes = std::move(shapes), .golden = golden};
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) { return reference(in[0]); };
    return op;
}

// Row-major elements under another shape.
Plain reshaped(const Plain& x, const Shape& shape) { return {shape, x.values}; }

}  // namespace

void add_view_cases(std::vector<OpCase>& list) {
    list.push_back(view(
        "slice_step", "slice_step", {{{2, 4, 7, 5}}, {{1, 3, 1, 3}}, {{0, 4, 7, 5}}, {{3, 5, 65, 129}}},
        [](const auto& in) { return in[0].slice(1, 1, 3).slice(2, 0, in[0].size(2), 2).slice(3, -3, in[0].size(3)); },
        [](const Plain& x) {
            const Shape& s = x.shape;
            return plain({s[0], 2, (s[2] + 1) / 2, 3}, [&](const Shape& i) {
                return x.at({i[0], i[1] + 1, i[2] * 2, i[3] + s[3] - 3});
            });
        }));
    list.push_back(view(
        "slice_nothing", "", {{{4, 5}}, {{1, 1}}},
        [](const auto& in) {
            return cat<typename std::decay_t<decltype(in[0])>::value_type>({in[0].slice(0, 2, 1), in[0]}, 0);
        },
        [](const Plain& x) { return x; }));
    list.push_back(view(
        "select", "", {{{4, 5, 3}}, {{2, 1, 2}}, {{0, 3, 5}}}, [](const auto& in) { return in[0].select(1, -1); },
        [](const Plain& x) {
            return plain({x.shape[0], x.shape[2]}, [&](const Shape& i) { return x.at({i[0], x.shape[1] - 1, i[1]}); });
        }));
    list.push_back(view(
        "narrow", "", {{{4, 5}}, {{1, 3}}, {{0, 3}}}, [](const auto& in) { return in[0].narrow(1, 1, 2); },
        [](const Plain& x) {
            return plain({x.shape[0], 2}, [&](const Shape& i) { return x.at({i[0], i[1] + 1}); });
        }));
    list.push_back(view(
        "permute_reshape", "permute_reshape", {{{2, 3, 4, 5}}, {{1, 3, 1, 1}}, {{0, 3, 4, 5}}, {{4, 3, 65, 33}}},
        [](const auto& in) {
            return in[0].permute({0, 2, 3, 1}).reshape({-1, 3});
        },
        [](const Plain& x) {
            const Shape& s = x.shape;
            return reshaped(plain({s[0], s[2], s[3], s[1]},
                                  [&](const Shape& i) {
                                      return x.at({i[0], i[3], i[1], i[2]});
                                  }),
                            {s.numel() / 3, 3});
        }));
    list.push_back(view(
        "transpose", "", {{{3, 4, 5}}, {{1, 1, 1}}, {{2, 0, 3}}, {{17, 33, 65}}},
        [](const auto& in) { return in[0].transpose(0, -1) * 1; },
        [](const Plain& x) {
            const Shape& s = x.shape;
            return plain({s[2], s[1], s[0]}, [&](const Shape& i) { return x.at({i[2], i[1], i[0]}); });
        }));
    list.push_back(view(
        "expand", "expand", {{{3, 1}}, {{3, 5}}},
        [](const auto& in) {
            return in[0].expand({4, 3, 5});
        },
        [](const Plain& x) {
            return plain({4, 3, 5}, [&](const Shape& i) { return broadcast_at(x, i); });
        }));
    list.push_back(view(
        "squeeze_unsqueeze", "", {{{3, 1, 4}}, {{1, 1, 1}}, {{0, 1, 2}}},
        [](const auto& in) { return in[0].squeeze(1).unsqueeze(0).unsqueeze(-1); },
        [](const Plain& x) {
            return reshaped(x, {1, x.shape[0], x.shape[2], 1});
        }));
    list.push_back(view(
        "flatten", "", {{{3, 2, 4}}, {{}}, {{2, 0}}, {{17, 64, 33}}}, [](const auto& in) { return in[0].flatten(); },
        [](const Plain& x) { return reshaped(x, {x.shape.numel()}); }));
    list.push_back(view(
        "clone", "", {{{3, 2, 4}}, {{}}, {{2, 0}}, {{2, 3, 4, 5}}, {{17, 64, 33}}},
        [](const auto& in) { return in[0].clone(); }, [](const Plain& x) { return x; }));
    list.push_back(view(
        "channels_last", "", {{{2, 3, 4, 5}}, {{1, 1, 1, 1}}, {{2, 0, 3, 3}}, {{2, 16, 33, 65}}},
        [](const auto& in) { return in[0].contiguous(MemoryFormat::channels_last); },
        [](const Plain& x) { return x; }));

    OpCase concat{.name = "concat", .inputs = {{.name = "a"}, {.name = "b"}, {.name = "c"}}, .golden = "concat"};
    concat.shapes = {{{2, 3, 2, 5}, {2, 1, 2, 5}, {2, 2, 2, 5}},
                     {{1, 1}, {1, 1}, {1, 1}},
                     {{2, 0}, {2, 3}, {2, 0}},
                     {{0, 1}, {0, 2}, {0, 3}},
                     {{2, 15, 7}, {2, 16, 7}, {2, 17, 7}},
                     {{3, 33, 129}, {3, 1, 129}, {3, 64, 129}}};
    set_function(concat, [](const auto& in) { return cat(in.tensors, 1); });
    concat.reference = [](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        shape[1] += in[1].shape[1] + in[2].shape[1];
        return plain(shape, [&](Shape i) {
            std::size_t part = 0;
            while (i[1] >= in[part].shape[1]) i[1] -= in[part++].shape[1];
            return in[part].at(i);
        });
    };
    list.push_back(concat);

    OpCase stacked{.name = "stack", .inputs = {{.name = "a"}, {.name = "b"}}};
    stacked.shapes = {{{2, 3}, {2, 3}}, {{}, {}}, {{0, 3}, {0, 3}}};
    set_function(stacked, [](const auto& in) { return stack(in.tensors, -1); });
    stacked.reference = [](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        shape.push_back(2);
        return plain(shape, [&](Shape i) {
            const auto part = static_cast<std::size_t>(i[i.rank() - 1]);
            i.erase(i.rank() - 1);
            return in[part].at(i);
        });
    };
    list.push_back(stacked);
}

}  // namespace fathom::tests
