// 06 The chain rule on a graph
//
// A program that computes a number is a graph: each node is an operation, its inputs are earlier nodes. The derivative
// of the result with respect to a node is the sum, over all nodes that use it, of (derivative of the result with
// respect to the user) * (derivative of the user with respect to the node). So one walk from the last node to the first
// gives all derivatives: that is what loss.backward() does.
//
//   1. multiply and sine record, as add does, a node with its value and its derivatives with respect to its inputs.
//   2. backward(result) sets grad of every node: the derivative of the node `result` with respect to it.
#include "exercises/exercise.hpp"

struct Node {
    double value = 0;
    std::vector<std::size_t> inputs;  // their places in the tape
    std::vector<double> derivatives;  // of this node with respect to each input
    double grad = 0;
};

struct Tape {
    std::vector<Node> nodes;  // in the order in which they were made: inputs come before those that use them

    std::size_t leaf(double value) { return record({value, {}, {}}); }
    std::size_t add(std::size_t a, std::size_t b) { return record({nodes[a].value + nodes[b].value, {a, b}, {1, 1}}); }
    std::size_t multiply(std::size_t a, std::size_t b) {
        return record({0, {a, b}, {0, 0}});  // YOUR CODE in place of the three zeros
    }
    std::size_t sine(std::size_t a) {
        return record({0, {a}, {0}});  // YOUR CODE in place of the two zeros
    }

    void backward(std::size_t result) {
        for (Node& node : nodes) node.grad = 0;
        // YOUR CODE: what is the derivative of the result with respect to itself?
    }

    // Appends a node and says at which place it is.
    std::size_t record(Node node) {
        nodes.push_back(std::move(node));
        return nodes.size() - 1;
    }
};
