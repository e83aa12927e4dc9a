// Weights as a frame wants them (frame.hpp, segmentation_frame.hpp), kept until something writes into what they were
// made from.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::seafusion::detail {

// For a net whose forward runs on several threads: each may prepare once.
template <class Frame>
class Prepared {
public:
    Prepared() = default;
    Prepared(const Prepared& other) : kept_(other.get()) {}
    Prepared& operator=(const Prepared& other) {
        set(other.get());
        return *this;
    }

    // What is kept, if it was made from `sources` as they are now and fits(frame), or a new one: make().
    template <class Fits, class Make>
    Ref<Frame> of(const std::vector<AnyTensor>& sources, Fits fits, Make make) {
        Ref<Kept> kept = get();
        if (!kept || !kept->is_of(sources) || !fits(*kept->frame)) {
            kept = new Kept(sources, make);
            set(kept);
        }
        return kept->frame;
    }

private:
    struct Kept final : Refcounted {
        struct Source {
            Ref<Storage> storage;
            std::uint32_t version;
        };
        std::vector<Source> sources;
        Ref<Frame> frame;

        template <class Make>
        Kept(const std::vector<AnyTensor>& from, Make make) {
            for (const AnyTensor& x : from) sources.push_back({x.impl().storage, x.impl().storage->version()});
            frame = make();
        }
        bool is_of(const std::vector<AnyTensor>& from) const {
            if (sources.size() != from.size()) return false;
            for (std::size_t i = 0; i < from.size(); ++i)
                if (!(sources[i].storage == from[i].impl().storage) ||
                    sources[i].version != sources[i].storage->version())
                    return false;
            return true;
        }
    };

    Ref<Kept> get() const {
        const std::lock_guard lock(mutex_);
        return kept_;
    }
    void set(Ref<Kept> kept) {
        const std::lock_guard lock(mutex_);
        std::swap(kept_, kept);
    }

    mutable std::mutex mutex_;
    Ref<Kept> kept_;
};

}  // namespace fathom::inline v0::seafusion::detail
