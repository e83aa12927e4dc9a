// Applies the vector functions of math.kernel.hpp to an array of whole vectors.
namespace math_test {

inline void run(int function, const float* x, float* y, int n) {
    for (int i = 0; i + lanes<float> <= n; i += lanes<float>) {
        const Vec<float> v = load(x + i);
        store(y + i, function == 0   ? exp(v)
                     : function == 1 ? tanh(v)
                     : function == 2 ? sigmoid(v)
                     : function == 3 ? log(v)
                                     : log1p(abs(v)));
    }
}

}  // namespace math_test
