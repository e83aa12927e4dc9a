// Steps that a device is given before the ones before are read, so that it never waits for the host.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "fathom/backend/stream.hpp"
#include "fathom/data/pair_loader.hpp"

namespace training {

namespace ft = fathom;

class Ahead {
public:
    explicit Ahead(ft::Device device) : device_(device) {
        if (!device.is_cpu()) uploads_.emplace(device), uploaded_.emplace(device);
    }

    // The batch on the device. It goes there on a stream of its own, while the step before is under way.
    ft::data::Batch moved(ft::data::Batch batch) {
        if (!uploads_) return batch;
        const auto move = [&](auto& part) {
            if (part.defined()) part = part.to(device_);
        };
        {
            const ft::StreamScope scope(*uploads_);
            move(batch.visible), move(batch.luminance), move(batch.chroma), move(batch.infrared), move(batch.label);
            uploaded_->record();
        }
        uploaded_->wait();
        return batch;
    }

    // `report` reads the losses of the step that was sent just now: once the next one is sent, and on the CPU at once.
    void report_later(std::function<void()> report) {
        const auto before = std::exchange(unread_, std::move(report));
        if (before) before();
        if (device_.is_cpu()) read_losses();
    }
    void read_losses() {
        if (const auto report = std::exchange(unread_, {})) report();
    }

private:
    ft::Device device_;
    std::optional<ft::Stream> uploads_;  // of a device other than the CPU
    std::optional<ft::Event> uploaded_;
    std::function<void()> unread_;
};

}  // namespace training
