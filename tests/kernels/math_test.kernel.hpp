// Applies the vector functions of math.kernel.hpp to an array of whole vectors.
namespace math_test {

template <class T>
void run(int function, const T* x, T* y, int n) {
    for (int i = 0; i + lanes<T> <= n; i += lanes<T>) {
        const Vec<T> v = load(x + i);
        store(y + i, function == 0    ? exp(v)
                     : function == 1  ? tanh(v)
                     : function == 2  ? sigmoid(v)
                     : function == 3  ? log(v)
                     : function == 4  ? log1p(v)
                     : function == 5  ? sin(v)
                     : function == 6  ? cos(v)
                     : function == 7  ? erf(v)
                     : function == 8  ? expm1(v)
                     : function == 9  ? floor(v)
                     : function == 10 ? ceil(v)
                                      : round(v));
    }
}

template <class T>
void run_power(const T* x, const T* exponent, T* y, int n) {
    for (int i = 0; i + lanes<T> <= n; i += lanes<T>) store(y + i, power(load(x + i), load(exponent + i)));
}

}  // namespace math_test
