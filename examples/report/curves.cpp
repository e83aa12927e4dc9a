#include "report/curves.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "report/html.hpp"
#include "report/plot.hpp"

namespace report {

using program::json;

namespace {

json value_at(const json& object, const std::vector<std::string>& path) {
    json at = object;
    for (const std::string& key : path) {
        if (!at.is_object() || !at.contains(key)) return nullptr;
        at = json(at[key]);
    }
    return at;
}

// What is measured once a round, with the place of its number in the measures.
struct Measure {
    std::string title;
    std::vector<std::string> path;
    bool more_is_better;
};
const std::vector<Measure>& measures() {
    static const std::vector<Measure> list = {{"mean IoU", {"mean_iou"}, true},
                                              {"pixel accuracy", {"pixel_accuracy"}, true},
                                              {"content loss", {"content_loss", "this net"}, false}};
    return list;
}

// Of a column: the best number and the one behind it, where more than one differs.
void mark_best(std::vector<std::vector<Cell>>& rows, std::size_t column, bool more_is_better) {
    std::set<double> values;
    for (const auto& row : rows)
        if (row[column].value) values.insert(more_is_better ? -*row[column].value : *row[column].value);
    if (values.size() < 2) return;
    for (auto& row : rows) {
        if (!row[column].value) continue;
        const double value = more_is_better ? -*row[column].value : *row[column].value;
        if (value == *values.begin()) row[column].style = "best";
        if (value == *std::next(values.begin())) row[column].style = "second";
    }
}

CurvePlot log_plot(const std::vector<Run>& runs, const std::string& phase, const std::string& field) {
    static const std::vector<std::pair<std::string, std::string>> rates = {{"lr", "learning rate"}, {"beta", "beta"}};
    CurvePlot plot{phase + ": " + field, "steps", {}, true, {}};
    for (const auto& [name, title] : rates)
        if (field == name) plot.title = phase + ": " + title, plot.smoothed = false;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const auto at = runs[r].files.log.find(phase);
        if (at == runs[r].files.log.end()) continue;
        const auto series = at->second.find(field);
        if (series == at->second.end()) continue;
        plot.curves.push_back({runs[r].name, series->second.step, series->second.value, static_cast<int>(r)});
        if (plot.marks.empty()) plot.marks = runs[r].files.round_starts.at(phase);
    }
    return plot;
}

CurvePlot measure_plot(const std::vector<Run>& runs, const Measure& measure) {
    CurvePlot plot{"test set: " + measure.title, "round", {}, false, {}};
    for (std::size_t r = 0; r < runs.size(); ++r) {
        Curve curve{runs[r].name, {}, {}, static_cast<int>(r)};
        for (const json& m : runs[r].files.measures) {
            const json round = value_at(m, {"round"}), value = value_at(m, measure.path);
            if (!round.is_number() || !value.is_number()) continue;
            curve.x.push_back(round.get<double>()), curve.y.push_back(value.get<double>());
        }
        plot.curves.push_back(std::move(curve));
    }
    return plot;
}

}  // namespace

std::string rounds_html(const std::vector<Run>& runs) {
    Table table{"Rounds, measured on the test set", {"run", "round"}, {}};
    std::set<std::string> rules;  // what the content loss is compared with
    for (const Measure& measure : measures()) table.titles.push_back(measure.title);
    for (const Run& run : runs)
        for (const json& m : run.files.measures)
            if (const json losses = value_at(m, {"content_loss"}); losses.is_object())
                for (const auto& [rule, value] : losses.items())
                    if (rule != "this net") rules.insert(rule);
    for (const std::string& rule : rules) table.titles.push_back("content loss, " + rule);
    for (const Run& run : runs)
        for (const json& m : run.files.measures) {
            std::vector<Cell> row = {{run.name}, Cell::number(value_at(m, {"round"}))};
            for (const Measure& measure : measures()) row.push_back(Cell::number(value_at(m, measure.path)));
            for (const std::string& rule : rules) row.push_back(Cell::number(value_at(m, {"content_loss", rule})));
            table.rows.push_back(std::move(row));
        }
    for (std::size_t i = 0; i < measures().size(); ++i) mark_best(table.rows, i + 2, measures()[i].more_is_better);
    return table.html();
}

std::string curves_html(const std::vector<Run>& runs) {
    std::string out;
    for (const Measure& measure : measures()) out += figure(measure_plot(runs, measure));
    for (const std::string phase : {"fusion", "segmentation"}) {
        // The loss first, then its parts, and what is set rather than found last.
        std::vector<std::string> fields = {"loss", "intensity", "texture", "semantic",
                                           "main", "auxiliary", "lr",      "beta"};
        for (const Run& run : runs)
            if (const auto at = run.files.log.find(phase); at != run.files.log.end())
                for (const auto& [field, series] : at->second)
                    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
        for (const std::string& field : fields) out += figure(log_plot(runs, phase, field));
    }
    if (out.empty()) return {};
    return "<div class=\"controls\"><label>Smoothing <select id=\"smoothing\"><option value=\"0\">none</option>"
           "<option value=\"0.6\">0.6</option><option value=\"0.9\" selected>0.9</option>"
           "<option value=\"0.97\">0.97</option></select></label>"
           "<span class=\"dim\">Faint: every step. Dotted lines: where a round begins. Arrow keys read a plot that has "
           "the focus.</span></div><div class=\"plots\">" +
           out.append("</div>\n");
}

std::string classes_html(const std::vector<Run>& runs) {
    BarPlot plot{"Intersection over union on the test set, newest round", {}, {}, 1};
    for (const Run& run : runs) {
        const json iou = run.files.measures.empty() ? json() : value_at(run.files.measures.back(), {"iou"});
        if (!iou.is_object()) continue;
        plot.series.push_back(run.name);
        for (const std::string& name : run.classes.names) {
            const auto same = [&](const BarGroup& group) { return group.name == name; };
            auto group = std::find_if(plot.groups.begin(), plot.groups.end(), same);
            if (group == plot.groups.end()) group = plot.groups.insert(group, {name, {}});
            group->values.resize(plot.series.size(), NAN);
            if (iou.contains(name) && iou[name].is_number()) group->values.back() = iou[name].get<double>();
        }
    }
    for (BarGroup& group : plot.groups) group.values.resize(plot.series.size(), NAN);
    return figure(plot);
}

std::string records_html(const std::vector<Run>& runs) {
    std::string out;
    for (const Run& run : runs) {
        out.append(runs.size() == 1 ? "<details open><summary>" : "<details><summary>").append(escaped(run.name));
        out.append(": ").append(escaped(run.files.path)).append("</summary>");
        out.append(record_html(run.files.record)).append("</details>\n");
    }
    return out;
}

}  // namespace report
