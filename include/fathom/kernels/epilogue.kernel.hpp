// Activations of vectors. NaN stays NaN.

template <class T>
[[gnu::always_inline]] inline Vec<T> activate(Vec<T> v, Activation activation, T slope) {
    if (activation == Activation::relu) return select(v < Vec<T>{}, Vec<T>{}, v);
    if (activation == Activation::leaky_relu) return select(v < Vec<T>{}, v * splat(slope), v);
    return v;
}

// v times the activation's slope at `gate`.
template <class T>
[[gnu::always_inline]] inline Vec<T> through_gate(Vec<T> v, Vec<T> gate, Activation activation, T slope) {
    if (activation == Activation::relu) return select(gate <= Vec<T>{}, Vec<T>{}, v);
    if (activation == Activation::leaky_relu) return select(gate > Vec<T>{}, v, v * splat(slope));
    return v;
}

// The end of an epilogue: through the gate at `gate`, or without one (null) through the activation. The first `count`
// lanes exist.
template <class T>
[[gnu::always_inline]] inline Vec<T> finish(Vec<T> v,
                                            const T* gate,  // [count] or null
                                            int count, Activation activation, T slope) {
    if (!gate) return activate<T>(v, activation, slope);
    return through_gate<T>(v, count >= lanes<T> ? load(gate) : load_partial(gate, count), activation, slope);
}
