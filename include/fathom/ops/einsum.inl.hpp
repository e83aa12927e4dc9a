// Definitions of einsum.hpp.
#include <algorithm>
#include <string>

namespace fathom::inline v0::detail {
namespace contraction {

// A dimension's name: A to Z are 0 to 25, a to z 26 to 51; behind them those of "...", from left to right, of which
// there are at most 8.
using Label = int;
using Labels = List<Label>;
using LabelSet = std::uint64_t;  // a bit for each label

inline constexpr Label first_of_ellipsis = 52;
static_assert(first_of_ellipsis + max_rank <= 64);

FATHOM_INLINE std::string name_of_label(Label label) {
    if (label >= first_of_ellipsis) return "...";
    return {static_cast<char>(label < 26 ? 'A' + label : 'a' + label - 26)};
}
FATHOM_INLINE LabelSet set_of(Label label) { return LabelSet{1} << label; }
FATHOM_INLINE LabelSet set_of(const Labels& labels) {
    LabelSet set = 0;
    for (const Label label : labels) set |= set_of(label);
    return set;
}
FATHOM_INLINE void append(Labels& labels, const Labels& more) {
    for (const Label label : more) labels.push_back(label);
}
// Those in the set, in their order.
FATHOM_INLINE Labels only(const Labels& labels, LabelSet set) {
    Labels kept;
    for (const Label label : labels)
        if (set & set_of(label)) kept.push_back(label);
    return kept;
}

// The text of an operand or of the output without its spaces, its ellipsis as one '.'.
FATHOM_INLINE std::string subscripts_of(std::string_view text, std::string_view equation, Where site) {
    std::string subscripts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ') continue;
        const bool ellipsis = text.substr(i, 3) == "...";
        if (ellipsis && subscripts.find('.') != std::string::npos)
            fail("einsum", site, {"'", text, "' in '", equation, "' has more than one ..."});
        if (!ellipsis && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
            fail("einsum", site,
                 {"'", std::string_view(&text[i], 1), "' in '", equation, "', expected letters, commas, ... and ->"});
        subscripts += ellipsis ? '.' : c;
        if (ellipsis) i += 2;
    }
    return subscripts;
}

// `subscripts` as labels; the ellipsis becomes the last `count` of the `most` dimensions that it has in any operand.
FATHOM_INLINE Labels labels_of(const std::string& subscripts, int count, int most) {
    Labels labels;
    for (const char c : subscripts) {
        if (c == '.')
            for (int i = most - count; i < most; ++i) labels.push_back(first_of_ellipsis + i);
        else
            labels.push_back(c >= 'a' ? 26 + c - 'a' : c - 'A');
    }
    return labels;
}

// A product of some of the operands, its dimensions by their labels.
class Einsum {
public:
    Einsum(AnyTensor x, Labels labels, const EinsumOps& ops, Where site)
        : x_(std::move(x)), labels_(std::move(labels)), ops_(ops), site_(site) {}

    const Labels& labels() const { return labels_; }
    const AnyTensor& tensor() const { return x_; }

    // Each label that stands twice becomes the diagonal of its two dimensions.
    void take_diagonals(std::size_t operand, std::string_view equation) {
        for (std::size_t i = 0; i < labels_.size(); ++i)
            for (std::size_t j = i + 1; j < labels_.size();) {
                if (labels_[i] != labels_[j]) {
                    ++j;
                    continue;
                }
                take_diagonal(i, j, operand, equation);
            }
    }
    // Sums over the other labels.
    void keep(LabelSet kept) {
        Shape dims;
        for (std::size_t i = 0; i < labels_.size(); ++i)
            if (!(kept & set_of(labels_[i]))) dims.push_back(static_cast<std::int64_t>(i));
        if (dims.rank() > 0) x_ = ops_.sum(x_, dims, site_);
        labels_ = only(labels_, kept);
    }
    void permute_to(Labels order) {
        Shape dims;
        for (const Label label : order) dims.push_back(place(label));
        x_ = permute(x_, dims, site_);
        labels_ = std::move(order);
    }
    // The product with b, summed over what is not needed any more.
    void contract(Einsum b, LabelSet needed) {
        drop_ones(b);
        keep(needed | set_of(b.labels_));
        b.keep(needed | set_of(labels_));
        const LabelSet both = set_of(labels_) & set_of(b.labels_);
        const Labels batch = only(labels_, both & needed), inner = only(labels_, both & ~needed),
                     rows = only(labels_, ~both), columns = only(b.labels_, ~both);
        Labels all;
        append(all, batch);
        append(all, rows);
        append(all, columns);
        if (inner.empty() || (rows.empty() && columns.empty() && !batch.empty())) {
            append(all, inner);
            x_ = ops_.mul(aligned(all), b.aligned(all), site_);
            labels_ = std::move(all);
            return keep(~set_of(inner));
        }
        const Shape sizes = sizes_of(batch), shape = joined(joined(sizes, sizes_of(rows)), b.sizes_of(columns));
        const AnyTensor p = as_matrix(batch, rows, inner), q = b.as_matrix(batch, inner, columns);
        x_ = reshape(ops_.matmul(p, q, site_), shape, ops_.copy, site_);
        labels_ = std::move(all);
    }

private:
    int place(Label label) const {
        int i = 0;
        while (labels_[static_cast<std::size_t>(i)] != label) ++i;
        return i;
    }
    std::int64_t size(Label label) const { return x_.shape()[place(label)]; }
    Shape sizes_of(const Labels& labels) const {
        Shape shape;
        for (const Label label : labels) shape.push_back(size(label));
        return shape;
    }
    static Shape joined(Shape a, const Shape& b) {
        for (const std::int64_t n : b) a.push_back(n);
        return a;
    }
    void drop(Label label) {
        x_ = squeeze(x_, place(label), site_);
        labels_ = only(labels_, ~set_of(label));
    }
    // A size of 1 on one side broadcasts: the label is the other side's alone.
    void drop_ones(Einsum& b) {
        const Labels both = only(labels_, set_of(b.labels_));
        for (const Label label : both) {
            if (b.size(label) == 1)
                b.drop(label);
            else if (size(label) == 1)
                drop(label);
        }
    }
    // All of `labels`, those that are not there with size 1.
    AnyTensor aligned(const Labels& labels) const {
        const LabelSet own = set_of(labels_);
        Shape dims;
        for (const Label label : labels)
            if (own & set_of(label)) dims.push_back(place(label));
        AnyTensor x = permute(x_, dims, site_);
        for (std::size_t i = 0; i < labels.size(); ++i)
            if (!(own & set_of(labels[i]))) x = unsqueeze(x, static_cast<int>(i), site_);
        return x;
    }
    // [batch..., all of rows, all of columns].
    AnyTensor as_matrix(const Labels& batch, const Labels& rows, const Labels& columns) const {
        Labels order;
        append(order, batch);
        append(order, rows);
        append(order, columns);
        Shape shape = sizes_of(batch);
        shape.push_back(sizes_of(rows).numel());
        shape.push_back(sizes_of(columns).numel());
        return reshape(aligned(order), shape, ops_.copy, site_);
    }
    // The two last dimensions as one of n n elements, of which every (n + 1)-th is on the diagonal.
    void take_diagonal(std::size_t i, std::size_t j, std::size_t operand, std::string_view equation) {
        const std::int64_t n = x_.shape()[static_cast<int>(i)], other = x_.shape()[static_cast<int>(j)];
        if (n != other)
            fail("einsum", site_,
                 {"label '", name_of_label(labels_[i]), "' stands for sizes ", n, " and ", other, " of operand ",
                  operand, ", shape ", x_.shape(), ", in '", equation, "'"});
        Shape dims, shape;
        Labels labels;
        for (std::size_t d = 0; d < labels_.size(); ++d) {
            if (d != j) labels.push_back(labels_[d]);
            if (d == i || d == j) continue;
            dims.push_back(static_cast<std::int64_t>(d)), shape.push_back(x_.shape()[static_cast<int>(d)]);
        }
        dims.push_back(static_cast<std::int64_t>(i)), dims.push_back(static_cast<std::int64_t>(j));
        shape.push_back(times(n, n));
        x_ = slice(reshape(permute(x_, dims, site_), shape, ops_.copy, site_), -1, 0, times(n, n), n + 1, site_);
        Shape back;  // the diagonal, which is the last dimension, to where the first of the two stood
        for (int d = 0; d + 1 < x_.rank(); ++d) back.push_back(d);
        back.insert(static_cast<int>(i), x_.rank() - 1);
        x_ = permute(x_, back, site_);
        labels_ = std::move(labels);
    }

    AnyTensor x_;
    Labels labels_;
    const EinsumOps& ops_;
    Where site_;
};

}  // namespace contraction

FATHOM_INLINE AnyTensor einsum(std::string_view equation, const std::vector<AnyTensor>& operands, const EinsumOps& ops,
                               Where site) {
    using namespace contraction;
    const auto bad = [&](Parts what) { fail("einsum", site, {join(what), " in '", equation, "'"}); };
    const std::size_t arrow = equation.find("->");
    List<std::string> subscripts;
    std::string_view rest = equation.substr(0, arrow);
    for (std::size_t comma = 0; comma != std::string_view::npos; rest.remove_prefix(comma + 1)) {
        comma = rest.find(',');
        subscripts.push_back(subscripts_of(rest.substr(0, comma), equation, site));
        if (comma == std::string_view::npos) break;
    }
    if (subscripts.size() != operands.size())
        bad({operands.size(), " operands for ", subscripts.size(), " subscripts"});

    // How many dimensions "..." stands for, in each operand and at most.
    List<int> counts;
    int most = 0;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        require_defined(operands[i], "einsum", site);
        check_device(operands[0], operands[i], "einsum", site);
        const bool ellipsis = subscripts[i].find('.') != std::string::npos;
        const int rank = operands[i].rank(), letters = static_cast<int>(subscripts[i].size()) - (ellipsis ? 1 : 0);
        if (rank < letters || (rank > letters && !ellipsis))
            bad({"operand ", i, " has shape ", operands[i].shape(), ", but ", letters, " letters"});
        counts.push_back(rank - letters);
        most = std::max(most, counts.back());
    }

    // Of each label its size, which is 1 only where no operand has another, and how often it stands.
    std::int64_t sizes[first_of_ellipsis + max_rank], uses[first_of_ellipsis + max_rank] = {};
    for (std::int64_t& size : sizes) size = 1;
    List<Einsum> terms;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        Labels labels = labels_of(subscripts[i], counts[i], most);
        for (const Label label : labels) ++uses[label];
        terms.push_back({operands[i], std::move(labels), ops, site});
        terms.back().take_diagonals(i, equation);
        for (std::size_t d = 0; d < terms.back().labels().size(); ++d) {
            const Label label = terms.back().labels()[d];
            std::int64_t& size = sizes[label];
            const std::int64_t n = terms.back().tensor().shape()[static_cast<int>(d)];
            if (size != n && size != 1 && n != 1)
                bad({"label '", name_of_label(label), "' has size ", n, " in operand ", i, ", shape ",
                     operands[i].shape(), ", and ", size, " before"});
            if (size == 1) size = n;
        }
    }

    Labels out;
    if (arrow != std::string_view::npos) {
        out = labels_of(subscripts_of(equation.substr(arrow + 2), equation, site), most, most);
        for (const Label label : out) {
            if (only(out, set_of(label)).size() > 1)
                bad({"label '", name_of_label(label), "' stands twice in the output"});
            if (uses[label] == 0) bad({"label '", name_of_label(label), "' of the output is in no operand"});
        }
    } else {
        for (int i = 0; i < most; ++i) out.push_back(first_of_ellipsis + i);
        for (Label label = 0; label < first_of_ellipsis; ++label)
            if (uses[label] == 1) out.push_back(label);
    }

    Einsum product = std::move(terms[0]);
    for (std::size_t i = 1; i < terms.size(); ++i) {
        LabelSet needed = set_of(out);
        for (std::size_t later = i + 1; later < terms.size(); ++later) needed |= set_of(terms[later].labels());
        product.contract(std::move(terms[i]), needed);
    }
    product.keep(set_of(out));
    product.permute_to(std::move(out));
    return product.tensor();
}

}  // namespace fathom::inline v0::detail
