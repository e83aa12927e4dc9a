// The means of `evaluate fusion` as LaTeX tables, one for each convention (packages booktabs and graphicx): the best
// method bold, the second underlined, baselines below a rule. All metrics side by side would be too small to read, so
// a table has them in blocks below each other.
#pragma once

#include <string>

#include "evaluate/fusion_table.hpp"
#include "support/progress.hpp"

namespace evaluate {

inline std::string latex_text(const std::string& text) {
    std::string escaped;
    for (const char c : text) switch (c) {
            case '\\':
                escaped += "\\textbackslash{}";
                break;
            case '~':
                escaped += "\\textasciitilde{}";
                break;
            case '^':
                escaped += "\\textasciicircum{}";
                break;
            case '<':
                escaped += "\\textless{}";
                break;
            case '>':
                escaped += "\\textgreater{}";
                break;
            case '|':
                escaped += "\\textbar{}";
                break;
            case '&':
            case '%':
            case '$':
            case '#':
            case '_':
            case '{':
            case '}':
                escaped += '\\';
                [[fallthrough]];
            default:
                escaped += c;
        }
    return escaped;
}

// Four digits, never as 1e+05: \num of siunitx would be one more package.
inline std::string latex_number(double value) {
    if (std::isnan(value)) return "--";
    if (std::isinf(value)) return value > 0 ? "$\\infty$" : "$-\\infty$";
    const double size = std::abs(value);
    return program::format("%.*f", size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 ? 3 : 4, value);
}

inline std::string latex_cell(const MetricResult& r, std::size_t method) {
    std::string text = latex_number(r.summary[method].mean);
    if (r.is_best(method)) text = "\\textbf{" + text + "}";
    if (r.is_second(method)) text = "\\underline{" + text + "}";
    if (r.like_best(method)) text += "$^{\\approx}$";
    if (r.summary[method].count > 1)
        text += "{\\scriptsize$\\,\\pm\\,$" + latex_number(r.summary[method].deviation) + "}";
    return text;
}

// The rows of metrics `first` to before `last`; cells up to `columns` stay empty.
inline std::string latex_block(const FusionTable& table, const ConventionResult& result, std::size_t first,
                               std::size_t last, std::size_t columns) {
    std::string end;
    for (std::size_t i = last - first; i < columns; ++i) end += " &";
    end += " \\\\\n";
    std::string text = "Method";
    for (std::size_t i = first; i < last; ++i)
        text += " & " + latex_text(metrics::to_string(result.metrics[i].metric)) +
                (metrics::higher_is_better(result.metrics[i].metric) ? "$\\uparrow$" : "$\\downarrow$");
    text += end + "\\midrule\n";
    for (std::size_t m = 0; m < table.methods.size(); ++m) {
        if (m == table.compared()) text += "\\midrule\n";
        text += latex_text(table.methods[m].name);
        for (std::size_t i = first; i < last; ++i) text += " & " + latex_cell(result.metrics[i], m);
        text += end;
    }
    return text;
}

inline std::string fusion_latex(const FusionTable& table, const ConventionResult& result) {
    constexpr std::size_t most = 5;  // metrics beside each other: a page's width at 9 pt
    const std::size_t count = result.metrics.size(), blocks = (count + most - 1) / most,
                      columns = (count + blocks - 1) / blocks;
    std::string text =
        "\\begin{table}\n\\centering\n\\caption{Means and standard deviations over " +
        std::to_string(table.images.size()) + " image pairs, convention " + metrics::to_string(result.convention) +
        ". Best method bold, second underlined; $\\approx$: not told apart from the best by a paired "
        "bootstrap (95\\%). Below the rule: baselines.}\n\\resizebox{\\linewidth}{!}{%\n\\begin{tabular}{l" +
        std::string(columns, 'r') + "}\n\\toprule\n";
    for (std::size_t b = 0; b < blocks; ++b)
        text += (b > 0 ? "\\midrule[\\heavyrulewidth]\n" : "") +
                latex_block(table, result, b * count / blocks, (b + 1) * count / blocks, columns);
    return text + "\\bottomrule\n\\end{tabular}}\n\\end{table}\n";
}

}  // namespace evaluate
