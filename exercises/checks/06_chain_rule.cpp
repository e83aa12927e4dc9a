#include "exercises/checks/check.hpp"

void check() {
    using exercises::expect_number;
    Tape tape;
    const auto x = tape.leaf(2), y = tape.leaf(-3);
    const auto product = tape.multiply(x, y), sine = tape.sine(x), sum = tape.add(product, sine),
               result = tape.multiply(sum, x);
    expect_number(tape.nodes[product].value, -6, "value of multiply(2, -3)");
    expect_number(tape.nodes[sine].value, std::sin(2.0), "value of sine(2)");
    expect_number(tape.nodes[result].value, 2 * (std::sin(2.0) - 6), "value of (x * y + sin(x)) * x at x = 2, y = -3");

    tape.backward(product);
    expect_number(tape.nodes[product].grad, 1, "derivative of x * y with respect to itself",
                  "backward begins with this one.");
    expect_number(tape.nodes[x].grad, -3, "derivative of x * y with respect to x at x = 2, y = -3",
                  "It is the value of the other factor.");
    expect_number(tape.nodes[y].grad, 2, "derivative of x * y with respect to y at x = 2, y = -3");
    tape.backward(sine);
    expect_number(tape.nodes[x].grad, std::cos(2.0), "derivative of sin(x) at x = 2",
                  "backward begins with 0 everywhere, forgets what an earlier one left, and then adds: +=, not =.");
    expect_number(tape.nodes[y].grad, 0, "derivative of sin(x) with respect to y");

    tape.backward(result);
    expect_number(tape.nodes[y].grad, 4, "derivative of (x * y + sin(x)) * x with respect to y at x = 2, y = -3",
                  "A node is finished when all that use it have given their part: go from the last to the first.");
    expect_number(tape.nodes[x].grad, 2 * (-3 + std::cos(2.0)) + std::sin(2.0) - 6,
                  "derivative of (x * y + sin(x)) * x with respect to x at x = 2, y = -3",
                  "x is used three times, and what comes from each has to be added.");
    const auto square = tape.multiply(x, x);
    tape.backward(square);
    expect_number(tape.nodes[x].grad, 4, "derivative of x * x at x = 2", "Both inputs are the same node.");
}
