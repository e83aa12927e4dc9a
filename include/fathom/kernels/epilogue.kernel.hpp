// Activations of vectors. NaN stays NaN.

template <class T>
[[gnu::always_inline]] inline Vec<T> activate(Vec<T> v, Activation activation, T slope) {
    if (activation == Activation::relu) return select(v < Vec<T>{}, Vec<T>{}, v);
    if (activation == Activation::leaky_relu) return select(v < Vec<T>{}, v * splat(slope), v);
    return v;
}
