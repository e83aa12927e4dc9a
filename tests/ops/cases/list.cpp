#include "tests/ops/case.hpp"

namespace fathom::tests {

const std::vector<OpCase>& all_cases() {
    static const std::vector<OpCase> list = [] {
        std::vector<OpCase> all;
        add_pointwise_cases(all);
        add_function_cases(all);
        add_shaped_function_cases(all);
        add_composed_cases(all);
        add_view_cases(all);
        add_reduction_cases(all);
        add_norm_cases(all);
        add_statistic_cases(all);
        add_matrix_cases(all);
        add_einsum_cases(all);
        add_normalized_cases(all);
        add_conv_cases(all);
        add_batch_norm_cases(all);
        add_image_cases(all);
        add_window_cases(all);
        add_resample_cases(all);
        add_volume_cases(all);
        add_rearrange_cases(all);
        add_conv_form_cases(all);
        add_group_norm_cases(all);
        add_loss_cases(all);
        add_element_loss_cases(all);
        add_margin_loss_cases(all);
        add_attention_cases(all);
        add_ohem_cases(all);
        add_index_cases(all);
        add_scattered_cases(all);
        add_part_cases(all);
        add_arrange_cases(all);
        add_arranged_cases(all);
        add_sort_cases(all);
        add_fft_cases(all);
        add_fftn_cases(all);
        return all;
    }();
    return list;
}

}  // namespace fathom::tests
