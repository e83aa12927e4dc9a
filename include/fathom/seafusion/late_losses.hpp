// The losses of a training step, read when somebody wants them: the host may send the next step before this one is
// done. fusion_trainer.hpp and segmentation_trainer.hpp give them.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "fathom/backend/stream.hpp"
#include "fathom/core/float_bits.hpp"

namespace fathom::inline v0::seafusion {

// `Losses` has a member `total`.
template <class Losses>
class LateLosses {
public:
    // Of a step that is done.
    explicit LateLosses(const Losses& losses) : losses_(losses) {}
    // `read` reads them where `device` has come to here in the order of its current stream; it does so on `stream`,
    // which has nothing else to wait for.
    LateLosses(std::function<Losses()> read, Device device, std::shared_ptr<const Stream> stream, Where site)
        : read_(std::move(read)), stream_(std::move(stream)), sent_(std::make_unique<Event>(device, site)) {
        sent_->record(site);
    }

    // Waits for the step, and not for what was sent behind it. Throws if the loss is not finite; the update has been
    // made then.
    const Losses& read(Where site = Where::here()) {
        if (read_) {
            const StreamScope scope(*stream_);
            sent_->wait(site);
            losses_ = std::exchange(read_, {})();
        }
        if (!is_finite(losses_.total))
            fail("train", site,
                 {"the loss is ", losses_.total,
                  ", which was read behind the update: the weights are spoilt; the same step where it is waited for "
                  "says where that arose"});
        return losses_;
    }

private:
    Losses losses_ = {};
    std::function<Losses()> read_;
    std::shared_ptr<const Stream> stream_;
    std::unique_ptr<Event> sent_;
};

// The stream that late losses are read on: of the device that the last step was on.
class LateStream {
public:
    std::shared_ptr<const Stream> of(Device device, Where site) {
        if (!stream_ || stream_->device() != device) stream_ = std::make_shared<const Stream>(device, site);
        return stream_;
    }

private:
    std::shared_ptr<const Stream> stream_;
};

}  // namespace fathom::inline v0::seafusion
