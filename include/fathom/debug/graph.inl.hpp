// Definitions of graph.hpp.
#include <map>

namespace fathom::inline v0::debug {

namespace dot {

// A string of the language: quotes and backslashes are escaped, '\n' ends a line of the label.
FATHOM_INLINE std::string quoted(std::string_view text) {
    std::string s = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') s += '\\';
        if (c == '\n')
            s += "\\n";
        else
            s += c;
    }
    return s + "\"";
}

FATHOM_INLINE std::string label_of(const autograd::Node& node, const std::string& name) {
    std::string label =
        join({name.empty() ? node.name : name.c_str(), "\n", node.output.dtype, " ", node.output.shape});
    if (const std::string place = to_string(node.site); !place.empty()) label += "\n" + place;
    if (node.module && !node.module->empty()) label += "\nin " + *node.module;
    return label;
}

}  // namespace dot

FATHOM_INLINE std::string to_dot(const AnyTensor& x, const std::vector<StateDict::Entry>& names, Where site) {
    using autograd::Node;
    fathom::detail::require_defined(x, "to_dot", site);
    Node* last = autograd::node_of(x);
    if (!last) fail("to_dot", site, {"the tensor (shape ", x.shape(), ") has no history: it requires no gradient"});
    std::map<const Node*, std::string> names_of;
    for (const auto& [name, tensor] : names)
        if (const Node* node = autograd::node_of(tensor)) names_of[node] = name;

    // Numbered in the order in which they are met, so that the text is the same in every run.
    std::map<const Node*, std::size_t> number;
    std::vector<const Node*> nodes;
    const auto meet = [&](const Node* node) {
        const auto [at, is_new] = number.emplace(node, nodes.size());
        if (is_new) nodes.push_back(node);
        return at->second;
    };
    meet(last);
    std::string text =
        "digraph history {\n  rankdir=TB;\n  node [fontname=\"Helvetica\", fontsize=10, style=filled];\n"
        "  edge [color=\"#555555\"];\n";
    std::string edges;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Node& node = *nodes[i];
        const bool leaf = node.sequence == 0;
        const auto name = names_of.find(&node);
        text +=
            join({"  n", i,
                  " [label=", dot::quoted(dot::label_of(node, name == names_of.end() ? std::string() : name->second)),
                  leaf ? ", shape=ellipse, fillcolor=\"#cfe8cf\"" : ", shape=box, fillcolor=\"#e6e6f2\"", "];\n"});
        for (const Ref<Node>& input : node.inputs)
            if (input) edges += join({"  n", meet(input.get()), " -> n", i, ";\n"});
    }
    return text + edges + "}\n";
}

}  // namespace fathom::inline v0::debug
