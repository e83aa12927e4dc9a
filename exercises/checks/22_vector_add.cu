#include "exercises/checks/device_array.hpp"

void check() {
    const std::vector<std::array<int, 3>> cases = {{128, 128, 1}, {256, 128, 2}, {300, 128, 3}, {1, 64, 1}};
    for (const auto& [n, threads, blocks] : cases) {
        const int got = blocks_for(n, threads);
        exercises::expect(got == blocks, "blocks_for(" + std::to_string(n) + ", " + std::to_string(threads) + ")",
                          "expected " + std::to_string(blocks) + ", got " + std::to_string(got),
                          "The division of integers rounds down, and the rest needs a block too.");
    }
    const int n = 300;
    std::vector<float> a(n), b(n);
    std::vector<double> sums(n);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        a[i] = static_cast<float>(i), b[i] = 0.5f - static_cast<float>(i % 7);
        sums[i] = a[i] + b[i];
    }
    exercises::DeviceArray device_a(a), device_b(b), device_y(std::vector<float>(n, -1.0f));
    const std::string what = "add_arrays of 300 numbers, 3 blocks of 128 threads";
    const std::string why = "Which threads have no element? Where does the first element of a block lie?";
    exercises::expect_success(
        launch("add_arrays", add_arrays, {3, 128}, nullptr, device_a.data(), device_b.data(), device_y.data(), n),
        what);
    exercises::expect_success(synchronize_device(), what, why);
    exercises::expect_values(device_y.values(what), sums, what, why);
}
