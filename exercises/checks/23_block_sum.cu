#include "exercises/checks/device_array.hpp"

void check() {
    std::vector<float> x(256);
    std::vector<double> sums(2);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(i % 11) - 3.0f;
        sums[i / 128] += x[i];
    }
    exercises::DeviceArray device_x(x), device_sums({0.0f, 0.0f});
    const std::string what = "block_sum of 256 numbers, 2 blocks of 128 threads";
    exercises::expect_success(launch("block_sum", block_sum, {2, 128}, nullptr, device_x.data(), device_sums.data()),
                              what);
    exercises::expect_success(synchronize_device(), what,
                              "What one thread writes another may read only behind a barrier, and a barrier is one "
                              "that all threads of the block reach.");
    exercises::expect_values(device_sums.values(what), sums, what);
}
