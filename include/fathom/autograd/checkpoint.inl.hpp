// Definitions of checkpoint.hpp. The function runs recorded, so that its values are those of a run without checkpoint
// and its graph tells what it depends on; then the graph goes. Nodes made inside have higher sequence numbers than
// those made before, so where the graph leaves the function is seen at once.
#include "fathom/core/pointer_set.hpp"
#include "fathom/core/random.hpp"

namespace fathom::inline v0::autograd {

namespace engine {

// The numbers that a function drew. It draws them again while a Replay lives.
struct Drawn {
    struct Range {
        RandomStream stream;
        std::uint64_t n;
    };
    detail::List<Range> ranges;
};

class RunningAgain {
public:
    RunningAgain() : before_(std::exchange(detail::running_again(), true)) {}
    RunningAgain(const RunningAgain&) = delete;
    ~RunningAgain() { detail::running_again() = before_; }

private:
    bool before_;
};

class ReserverScope {
public:
    ReserverScope(detail::Reserver reserver, void* state) : before_(detail::reserver_slot()) {
        detail::reserver_slot() = {reserver, state};
    }
    ReserverScope(const ReserverScope&) = delete;
    ~ReserverScope() { detail::reserver_slot() = before_; }

protected:
    detail::ReserverSlot before_;
};

class RecordDraws : ReserverScope {
public:
    explicit RecordDraws(Drawn& to) : ReserverScope(&record, this), to_(to) {}

private:
    static bool record(void* state, RandomStream& stream, std::uint64_t n) {
        auto& self = *static_cast<RecordDraws*>(state);
        const detail::ReserverSlot& outer = self.before_;
        const bool given = outer.reserver && outer.reserver(outer.state, stream, n);
        self.to_.ranges.push_back({stream, n});
        return given;
    }
    Drawn& to_;
};

class ReplayDraws : ReserverScope {
public:
    ReplayDraws(const Drawn& from, Where site) : ReserverScope(&replay, this), from_(from), site_(site) {}
    void check_end() const {
        if (next_ != from_.ranges.size()) differs();
    }

private:
    static bool replay(void* state, RandomStream& stream, std::uint64_t n) {
        auto& self = *static_cast<ReplayDraws*>(state);
        if (self.next_ == self.from_.ranges.size() || self.from_.ranges[self.next_].n != n) self.differs();
        stream = self.from_.ranges[self.next_++].stream;
        return true;
    }
    [[noreturn]] void differs() const {
        fail("checkpoint", site_, {"the function draws other random numbers when backward runs it again"});
    }
    const Drawn& from_;
    Where site_;
    std::size_t next_ = 0;
};

// The nodes below number `start` that `output` comes from, but for `own`: what the function used without being given
// it.
FATHOM_INLINE detail::List<Ref<Node>> nodes_outside(Node* output, std::uint64_t start, const detail::List<Node*>& own) {
    detail::PointerSet met;
    for (const Node* node : own) met.insert(node);
    detail::List<Ref<Node>> outside;
    detail::List<Node*> left;
    left.push_back(output);
    while (!left.empty()) {
        Node* node = left.back();
        left.pop_back();
        if (!met.insert(node)) continue;
        if (node->sequence < start) {
            outside.push_back(Ref<Node>(node));
            continue;
        }
        for (const Ref<Node>& input : node->inputs)
            if (input) left.push_back(input.get());
    }
    return outside;
}

// An input under another name, so that its gradient is told from those of other uses of the same tensor.
struct StandIn final : Node {
    void backward(Gradients& g) override { g.add(0, g.output()); }
};

}  // namespace engine

struct CheckpointNode final : Node {
    void backward(Gradients& g) override { run(g, false); }
    void backward_recorded(Gradients& g) override { run(g, true); }
    void release_saved() override {
        for (Saved& s : saved) s.release();
        body = {};
    }

    void run(Gradients& g, bool recorded) {
        if (!body)
            fail(name, site,
                 {"backward runs the function again, but an earlier backward released it; pass "
                  "{.retain_graph = true} to the first one"});
        std::vector<AnyTensor> values;
        detail::List<Node*> wanted;
        detail::List<int> places;
        for (std::size_t i = 0; i < saved.size(); ++i) {
            AnyTensor x;
            if (saved[i].defined()) x = recorded ? saved[i].get_recorded(*this) : detail::detached(saved[i].get(*this));
            if (g.needs(static_cast<int>(i))) {
                if (recorded)
                    x = finish_view<engine::StandIn>(detail::detached(x), name, site, {x}, [](engine::StandIn&) {});
                else
                    set_requires_grad(x, true, inputs[i]->ops, site);
                wanted.push_back(node_of(x)), places.push_back(static_cast<int>(i));
            }
            values.push_back(std::move(x));
        }
        for (std::size_t i = saved.size(); i < inputs.size(); ++i)
            if (g.needs(static_cast<int>(i))) wanted.push_back(inputs[i].get()), places.push_back(static_cast<int>(i));
        AnyTensor again;
        {
            const GradMode on(true);
            const engine::RunningAgain running;
            engine::ReplayDraws replay(drawn, site);
            again = body->run(values);
            replay.check_end();
        }
        if (!again.defined() || !(again.shape() == output.shape) || !requires_grad(again))
            fail(name, site,
                 {"the function gave a tensor of shape ", output.shape,
                  " and gives another one when backward runs it again"});
        const std::vector<AnyTensor> found = grad_at(again, g.output(), wanted, recorded, site);
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            if (found[k].defined())
                g.add(places[k], found[k]);
            else if (const detail::Target none = g.target(places[k]); !none.add)
                engine::fill(none.view, 0, *this);
        }
    }

    Ref<CheckpointBody> body;
    detail::List<Saved> saved;
    engine::Drawn drawn;
};

FATHOM_INLINE AnyTensor checkpoint(Ref<CheckpointBody> body, const std::vector<AnyTensor>& inputs, Where site) {
    constexpr const char* name = "checkpoint";
    for (const AnyTensor& x : inputs) detail::require_defined(x, name, site);
    if (!grad_enabled()) return body->run(inputs);
    Ref<CheckpointNode> node(new CheckpointNode);
    const std::uint64_t start = detail::next_sequence();
    std::vector<AnyTensor> values, sources = inputs;
    detail::List<Node*> own;
    for (const AnyTensor& x : inputs) {
        values.push_back(detail::detached(x));
        if (!requires_grad(x)) continue;
        set_requires_grad(values.back(), true, node_of(x)->ops, site);
        own.push_back(node_of(values.back()));
    }
    AnyTensor out;
    {
        engine::RecordDraws record(node->drawn);
        out = body->run(values);
    }
    detail::require_defined(out, name, site);
    if (!requires_grad(out)) return out;
    for (const AnyTensor& x : inputs) node->saved.push_back(Saved(x));
    const TypeOps* ops = node_of(out)->ops;
    // As tensors, which is what record() takes: only their nodes count.
    for (const Ref<Node>& outside : engine::nodes_outside(node_of(out), start, own)) {
        sources.push_back(detail::detached(out));
        sources.back().impl().autograd = outside;
    }
    node->body = std::move(body);
    const AnyTensor result = detail::detached(out);
    detail::record(result, node, name, site, ops, InputList(sources));
    return result;
}

}  // namespace fathom::inline v0::autograd
