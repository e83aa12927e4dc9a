// Definitions of rnn.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_recurrent_sizes(const char* name, std::int64_t input_size, std::int64_t hidden_size,
                                         const nn::RecurrentOptions& options, Where site) {
    if (input_size < 1 || hidden_size < 1 || options.num_layers < 1)
        fail(name, site,
             {"input_size, hidden_size and num_layers must be at least 1, got ", input_size, ", ", hidden_size, " and ",
              options.num_layers});
    if (!(options.dropout >= 0 && options.dropout <= 1))
        fail(name, site, {"dropout ", options.dropout, " is outside [0, 1]"});
}

FATHOM_INLINE void check_recurrent_input(const char* name, const AnyTensor& x,
                                         std::initializer_list<const AnyTensor*> states, std::int64_t input_size,
                                         std::int64_t hidden_size, std::int64_t count, Where site) {
    if (x.rank() != 3 || x.shape()[0] < 1 || x.shape()[2] != input_size)
        fail(name, site,
             {"input has shape ", x.shape(), " (the steps first), expected [L,N,", input_size,
              "] with a step at least"});
    const Shape expected{count, x.shape()[1], hidden_size};
    for (const AnyTensor* state : states)
        if (state->defined() && !(state->shape() == expected))
            fail(name, site, {"a state has shape ", state->shape(), ", expected ", expected});
}

}  // namespace fathom::inline v0::detail
