#include "exercises/checks/check.hpp"

void check() {
    Tensor x = ft::zeros<double>({2, 4, 5}), weight = ft::zeros<double>({3, 2, 2, 3});
    for (std::int64_t c = 0; c < 2; ++c)
        for (std::int64_t i = 0; i < 4; ++i)
            for (std::int64_t j = 0; j < 5; ++j) x(c, i, j) = (3 * c + 5 * i + 7 * j) % 11 - 4;
    for (int i = 0; i < weight.numel(); ++i) weight.mutable_data()[i] = i * 5 % 7 - 3;
    const auto expect = [&](std::int64_t stride, std::int64_t padding, const Tensor& expected, const std::string& why) {
        exercises::expect_tensor(conv2d_forward(x, weight, stride, padding), expected,
                                 "conv2d_forward of [2,4,5] with weight [3,2,2,3], stride " + std::to_string(stride) +
                                     ", padding " + std::to_string(padding),
                                 why);
    };
    exercises::expect_tensor(conv2d_forward(Tensor({{{1, 2, 3}, {4, 5, 6}}}), Tensor({{{{1, 10}}}}), 1, 0),
                             Tensor({{{21, 32}, {54, 65}}}),
                             "conv2d_forward of {{{1, 2, 3}, {4, 5, 6}}} with weight {{{{1, 10}}}}",
                             "The filter is 1 by 2, so that two windows fit into a row of three.");
    expect(1, 0,
           Tensor({{{-14, 8, 8}, {-36, 19, 19}, {-14, -14, 19}},
                   {{-21, -6, 20}, {40, -33, -7}, {-9, 17, -34}},
                   {{42, -27, 25}, {-45, 62, -40}, {-11, -36, 60}}}),
           "Does every output add over both input channels?");
    expect(2, 1,
           Tensor({{{11, -13, -16}, {29, 19, -23}, {-11, 5, 19}},
                   {{-8, -20, 28}, {4, -33, 39}, {16, -3, -3}},
                   {{1, 22, -19}, {-35, 62, -25}, {-13, 10, 24}}}),
           "The window of y(m, 0, 0) begins at row -padding and column -padding, where x counts as 0. A negative index "
           "is no error: it counts from the end.");
}
