// The means of `evaluate fusion` as LaTeX tables, one for each convention (packages booktabs and graphicx): the best
// method bold, the second underlined, baselines below a rule.
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

inline std::string fusion_latex(const FusionTable& table, const ConventionResult& result) {
    std::string text =
        "\\begin{table}\n\\centering\n\\caption{Means and standard deviations over " +
        std::to_string(table.images.size()) + " image pairs, convention " + metrics::to_string(result.convention) +
        ". Best method bold, second underlined; $\\approx$: not told apart from the best by a paired "
        "bootstrap (95\\%). Below the rule: baselines.}\n\\resizebox{\\linewidth}{!}{%\n\\begin{tabular}{l" +
        std::string(result.metrics.size(), 'r') + "}\n\\toprule\nMethod";
    for (const MetricResult& r : result.metrics)
        text += " & " + latex_text(metrics::to_string(r.metric)) +
                (metrics::higher_is_better(r.metric) ? "$\\uparrow$" : "$\\downarrow$");
    text += " \\\\\n\\midrule\n";
    for (std::size_t m = 0; m < table.methods.size(); ++m) {
        if (m == table.compared()) text += "\\midrule\n";
        text += latex_text(table.methods[m].name);
        for (const MetricResult& r : result.metrics) text += " & " + latex_cell(r, m);
        text += " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}}\n\\end{table}\n";
}

}  // namespace evaluate
