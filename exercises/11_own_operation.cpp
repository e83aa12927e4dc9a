// 11 An operation of your own
//
// fathom differentiates what its operations compute. A new operation says itself how: `forward` computes the result and
// saves what backward will need, `backward` gets dL/dy and gives dL/dx. Then Swish::apply(x) takes part in
// loss.backward() like any other.
//
//   y = x * s,  where s = sigmoid(x), whose derivative is s * (1 - s)
//
// Write backward with operations on whole tensors, as forward is: then it can be differentiated again.
#include "exercises/operations.hpp"

struct Swish : ft::Function<Swish> {
    static Tensor forward(ft::Context& context, const Tensor& x) {
        context.save(x);
        return x * ft::sigmoid(x);
    }
    static Tensor backward(ft::Context& context, const Tensor& dy) {
        const Tensor x = context.saved<double>(0);
        return dy;  // YOUR CODE in place of this
    }
};
