// Intrusive reference counts. The last release always goes through a worklist, so that freeing a chain of a million
// nodes neither overflows the stack nor takes more than linear time.
#pragma once

#include <atomic>

namespace fathom::inline v0 {

class Refcounted {
public:
    Refcounted() = default;
    Refcounted(const Refcounted&) = delete;
    Refcounted& operator=(const Refcounted&) = delete;

    // Who holds nothing yet, or the only reference, is alone with the object: that is not paid for as an atomic change,
    // which is most of the cost of a small operation.
    void retain() const noexcept {
        if (references_.load(std::memory_order_relaxed) == 0)
            references_.store(1, std::memory_order_relaxed);
        else
            references_.fetch_add(1, std::memory_order_relaxed);
    }
    void release() noexcept {
        if (references_.load(std::memory_order_acquire) == 1 ||
            references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            destroy(this);
    }
    long use_count() const noexcept { return references_.load(std::memory_order_acquire); }

protected:
    virtual ~Refcounted() = default;

private:
    // Objects to destroy on this thread; while one destructor runs, the releases it causes only append here.
    struct Worklist {
        Refcounted* head = nullptr;
        bool draining = false;
    };
    static Worklist& worklist() {
        thread_local constinit Worklist list;
        return list;
    }
    // Not inline: every handle that a program has ends in a call of it.
    [[gnu::noinline]] static void destroy(Refcounted* object) noexcept {
        Worklist& list = worklist();
        object->next_ = list.head;
        list.head = object;
        if (list.draining) return;
        list.draining = true;
        while (Refcounted* next = list.head) {
            list.head = next->next_;
            delete next;
        }
        list.draining = false;
    }

    mutable std::atomic<long> references_{0};
    Refcounted* next_ = nullptr;
};

// A counted pointer to a Refcounted.
template <class T>
class Ref {
public:
    constexpr Ref() = default;
    Ref(T* p) : p_(p) {
        if (p_) p_->retain();
    }
    Ref(const Ref& other) : Ref(other.p_) {}
    // By hand: std::exchange and std::swap are instantiated, and their conditions checked, for every type of pointer.
    Ref(Ref&& other) noexcept : p_(other.p_) { other.p_ = nullptr; }
    template <class U>
    requires requires(U* from, T* to) { to = from; }
    Ref(const Ref<U>& other) : Ref(other.get()) {}
    Ref& operator=(Ref other) noexcept {
        T* const p = p_;
        p_ = other.p_, other.p_ = p;
        return *this;
    }
    ~Ref() {
        if (p_) p_->release();
    }

    T* get() const { return p_; }
    T* operator->() const { return p_; }
    T& operator*() const { return *p_; }
    explicit operator bool() const { return p_ != nullptr; }
    friend bool operator==(const Ref& a, const Ref& b) { return a.p_ == b.p_; }

private:
    T* p_ = nullptr;
};

}  // namespace fathom::inline v0
