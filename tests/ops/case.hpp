// What the list of operation cases is made of. A new operation is one entry in tests/ops/cases/*.cpp; the drivers,
// ops_test.cpp, layouts_test.cpp, gradcheck_test.cpp and threads_test.cpp, do the rest.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fathom/autograd/backward.hpp"
#include "tests/support.hpp"

namespace fathom::tests {

// A row-major array in double: what references compute with, by plain loops.
struct Plain {
    Shape shape;
    std::vector<double> values;

    double at(const Shape& index) const {
        std::int64_t offset = 0;
        for (int d = 0; d < shape.rank(); ++d) offset = offset * shape[d] + index[d];
        return values[static_cast<std::size_t>(offset)];
    }
};

// The array of f(index) over a shape.
template <class F>
Plain plain(const Shape& shape, F f) {
    Plain out{shape, {}};
    Shape index = Shape::filled(shape.rank(), 0);
    for (std::int64_t n = shape.numel(); n > 0; --n) {
        out.values.push_back(f(std::as_const(index)));
        for (int d = shape.rank() - 1; d >= 0 && ++index[d] == shape[d]; --d) index[d] = 0;
    }
    return out;
}

// The element of x that broadcasting shows at `index`.
inline double broadcast_at(const Plain& x, const Shape& index) {
    Shape own = x.shape;
    for (int d = 0; d < own.rank(); ++d) own[d] = x.shape[d] == 1 ? 0 : index[index.rank() - own.rank() + d];
    return x.at(own);
}

template <class T>
struct Inputs {
    std::vector<Tensor<T>> tensors;                 // floating ones, in the order of the entry
    std::vector<Tensor<std::int64_t>> labels = {};  // class indices, in the order of the entry

    const Tensor<T>& operator[](std::size_t i) const { return tensors[i]; }
};

struct OpInput {
    enum Kind { differentiable, constant, labels, indices };

    const char* name = "x";  // in the golden file
    double low = -1, high = 1;
    std::vector<double> kinks = {};  // values keep 1e-3 away from these
    Kind kind = differentiable;      // labels, indices: integers in [0, high); among labels 255 here and there

    bool integral() const { return kind == labels || kind == indices; }
};

using Shapes = std::vector<Shape>;  // one per input

struct OpCase {
    std::string name;
    std::vector<OpInput> inputs;
    std::function<Tensor<float>(const Inputs<float>&)> run_float = {};
    std::function<Tensor<double>(const Inputs<double>&)> run_double = {};
    // Shapes to try besides the golden file's: odd sizes, around a tile, empty, a single element. The first is small
    // enough for gradcheck and layouts; the last, where `threaded`, large enough for two threads.
    std::vector<Shapes> shapes = {};
    std::function<Plain(const std::vector<Plain>&)> reference = {};  // floating inputs first, then labels
    std::string golden = {};                                         // name in the golden file; "" for none
    std::string golden_file = "ops";
    // Products or terms that one output element sums; bounds the rounding error. Default: 1.
    std::function<double(const Shapes& in, const Shape& out)> terms = {};
    // false: an argument is rounded to the other side of an input, or the result is a small difference of large
    // numbers.
    bool golden_in_float = true;
};

template <class F>
void set_function(OpCase& op, F f) {
    op.run_float = [f](const Inputs<float>& in) { return Tensor<float>(f(in)); };
    op.run_double = [f](const Inputs<double>& in) { return Tensor<double>(f(in)); };
}

// All entries, family after family.
const std::vector<OpCase>& all_cases();

// One function per file of cases/.
void add_pointwise_cases(std::vector<OpCase>& list);
void add_function_cases(std::vector<OpCase>& list);
void add_shaped_function_cases(std::vector<OpCase>& list);
void add_composed_cases(std::vector<OpCase>& list);
void add_view_cases(std::vector<OpCase>& list);
void add_reduction_cases(std::vector<OpCase>& list);
void add_norm_cases(std::vector<OpCase>& list);
void add_statistic_cases(std::vector<OpCase>& list);
void add_matrix_cases(std::vector<OpCase>& list);
void add_einsum_cases(std::vector<OpCase>& list);
void add_normalized_cases(std::vector<OpCase>& list);
void add_conv_cases(std::vector<OpCase>& list);
void add_batch_norm_cases(std::vector<OpCase>& list);
void add_image_cases(std::vector<OpCase>& list);
void add_window_cases(std::vector<OpCase>& list);
void add_resample_cases(std::vector<OpCase>& list);
void add_volume_cases(std::vector<OpCase>& list);
void add_rearrange_cases(std::vector<OpCase>& list);
void add_conv_form_cases(std::vector<OpCase>& list);
void add_group_norm_cases(std::vector<OpCase>& list);
void add_loss_cases(std::vector<OpCase>& list);
void add_element_loss_cases(std::vector<OpCase>& list);
void add_margin_loss_cases(std::vector<OpCase>& list);
void add_attention_cases(std::vector<OpCase>& list);
void add_ohem_cases(std::vector<OpCase>& list);
void add_index_cases(std::vector<OpCase>& list);
void add_scattered_cases(std::vector<OpCase>& list);
void add_part_cases(std::vector<OpCase>& list);
void add_arrange_cases(std::vector<OpCase>& list);
void add_arranged_cases(std::vector<OpCase>& list);
void add_sort_cases(std::vector<OpCase>& list);
void add_fft_cases(std::vector<OpCase>& list);
void add_fftn_cases(std::vector<OpCase>& list);

}  // namespace fathom::tests
