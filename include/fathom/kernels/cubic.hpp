// The weights of cubic convolution: Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP
// 29(6), 1981, with a = -3/4 as in PyTorch.
#pragma once

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// weights[k] = the weight of the pixel k - 1 behind the one before the place, which is `behind` that one by [0, 1); or
// their derivatives by `behind`, of any order. At a distance d the weight is
//   (a + 2) d^3 - (a + 3) d^2 + 1          for d <= 1
//   a d^3 - 5 a d^2 + 8 a d - 4 a          for 1 < d <= 2
template <class T>
constexpr void cubic_weights(T behind, int derivative, T weights[4]) {
    constexpr T a = T(-0.75);
    // Horner's scheme on the coefficients of the derivative.
    const auto value = [derivative](T c3, T c2, T c1, T c0, T d) {
        switch (derivative) {
            case 0:
                return ((c3 * d + c2) * d + c1) * d + c0;
            case 1:
                return (3 * c3 * d + 2 * c2) * d + c1;
            case 2:
                return 6 * c3 * d + 2 * c2;
            case 3:
                return 6 * c3;
            default:
                return T{0};
        }
    };
    const auto inner = [&](T d) { return value(a + 2, -(a + 3), 0, 1, d); };
    const auto outer = [&](T d) { return value(a, -5 * a, 8 * a, -4 * a, d); };
    // The distances of the pixels behind the place fall as it moves on.
    const T sign = derivative % 2 == 0 ? T{1} : T{-1};
    weights[0] = outer(behind + 1);
    weights[1] = inner(behind);
    weights[2] = sign * inner(1 - behind);
    weights[3] = sign * outer(2 - behind);
}

}  // namespace fathom::inline v0::kernels
