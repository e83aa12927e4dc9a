// A text as numbers, for the lessons on characters: every character that occurs in it gets a number. The last verse is
// kept apart, to see whether a model has learned more than its text by heart.
#pragma once

#include <fathom/fathom.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>

using Codes = fathom::Tensor<std::int64_t>;

struct Text {
    std::string alphabet;  // character number i
    Codes train, test;     // [all but the last verse], [the last verse]

    explicit Text(const std::string& path) {
        std::ifstream in(path);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        const std::size_t last_verse = all.rfind("\n\n");
        if (!in || last_verse == std::string::npos)
            throw std::runtime_error(path + ": no text of several verses; start the lesson at the top of the sources");
        const std::set<char> characters(all.begin(), all.end());
        alphabet.assign(characters.begin(), characters.end());
        train = encode(all.substr(0, last_verse)), test = encode(all.substr(last_verse));
    }
    std::int64_t size() const { return static_cast<std::int64_t>(alphabet.size()); }

    Codes encode(const std::string& text) const {
        std::vector<std::int64_t> codes;
        for (const char c : text) codes.push_back(static_cast<std::int64_t>(alphabet.find(c)));
        return fathom::from_vector(codes);
    }
    char decode(std::int64_t code) const { return alphabet[static_cast<std::size_t>(code)]; }

    // n pieces of the training text from random places, `length` characters and one more: [n, length + 1]. The first
    // `length` are what a model sees, the last `length` what it should say, always the next one.
    Codes pieces(std::int64_t n, std::int64_t length, fathom::Generator& gen) const {
        const auto starts = fathom::randint<std::int64_t>(0, train.size(0) - length, {n, 1}, gen);  // [n, 1]
        return train[starts + fathom::arange<std::int64_t>(length + 1)];  // [n, 1] + [length + 1]
    }
};

// What counting pairs of characters achieves: the loss of the last verse where each character is foretold from the one
// before it alone. A model that does better looks further back.
inline double loss_of_counting(const Text& text) {
    namespace ft = fathom;
    const std::int64_t n = text.train.size(0), m = text.test.size(0);
    auto pairs = ft::full<double>({text.size(), text.size()}, 0.1);  // no pair is impossible
    pairs.index_put_({text.train.slice(0, 0, n - 1), text.train.slice(0, 1, n)}, ft::ones<double>({n - 1}), true);
    const auto log_p = ft::log(pairs / pairs.sum(1, true));  // [before, after]
    return -log_p.index({text.test.slice(0, 0, m - 1), text.test.slice(0, 1, m)}).mean().item();
}
