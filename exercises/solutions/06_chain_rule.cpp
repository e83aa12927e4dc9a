// A solution of 06_chain_rule.
#include "exercises/exercise.hpp"

struct Node {
    double value = 0;
    std::vector<std::size_t> inputs;
    std::vector<double> derivatives;
    double grad = 0;
};

struct Tape {
    std::vector<Node> nodes;

    std::size_t leaf(double value) { return record({value, {}, {}}); }
    std::size_t add(std::size_t a, std::size_t b) { return record({nodes[a].value + nodes[b].value, {a, b}, {1, 1}}); }
    std::size_t multiply(std::size_t a, std::size_t b) {
        return record({nodes[a].value * nodes[b].value, {a, b}, {nodes[b].value, nodes[a].value}});
    }
    std::size_t sine(std::size_t a) { return record({std::sin(nodes[a].value), {a}, {std::cos(nodes[a].value)}}); }

    void backward(std::size_t result) {
        for (Node& node : nodes) node.grad = 0;
        nodes[result].grad = 1;
        for (std::size_t n = result + 1; n-- > 0;)
            for (std::size_t i = 0; i < nodes[n].inputs.size(); ++i)
                nodes[nodes[n].inputs[i]].grad += nodes[n].grad * nodes[n].derivatives[i];
    }

    std::size_t record(Node node) {
        nodes.push_back(std::move(node));
        return nodes.size() - 1;
    }
};
