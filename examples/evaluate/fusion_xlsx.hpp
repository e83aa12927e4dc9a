// The table of `evaluate fusion` as a spreadsheet, by libxlsxwriter where the program was built with it: the sheet
// "means" with means, standard deviations and ranks, the sheet "images" with a row as in the CSV.
#pragma once

#include <string>
#include <vector>

#include "evaluate/fusion_table.hpp"
#include "fathom/core/error.hpp"

#ifdef FATHOM_XLSXWRITER
#include <xlsxwriter.h>

#include <filesystem>

#include <unistd.h>

#include "fathom/io/file.hpp"
#endif

namespace evaluate {

#ifdef FATHOM_XLSXWRITER

inline void check_xlsx() {}

namespace detail {

// A name for a file that the library writes, which takes a path alone; removed at the end.
struct TemporaryFile {
    std::string path = (std::filesystem::temp_directory_path() / "fathom_XXXXXX").string();

    TemporaryFile() {
        const int descriptor = ::mkstemp(path.data());
        if (descriptor < 0) fathom::io::fail_system(path, "cannot be made", errno);
        ::close(descriptor);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { ::unlink(path.c_str()); }
};

class Spreadsheet {
public:
    explicit Spreadsheet(const std::string& path) : book_(workbook_new(path.c_str())) {
        if (!book_) throw fathom::Error(path + ": cannot be made");
        bold_ = workbook_add_format(book_), underlined_ = workbook_add_format(book_);
        format_set_bold(bold_), format_set_underline(underlined_, LXW_UNDERLINE_SINGLE);
    }
    Spreadsheet(const Spreadsheet&) = delete;
    Spreadsheet& operator=(const Spreadsheet&) = delete;
    ~Spreadsheet() {
        if (book_) workbook_close(book_);
    }

    void add_sheet(const char* name, const std::vector<std::string>& header) {
        sheet_ = workbook_add_worksheet(book_, name);
        row_ = 0;
        for (const std::string& word : header) text(word, bold_);
        for (int i = 0; i < metrics::fusion_metric_count; ++i)
            text(metrics::to_string(static_cast<FusionMetric>(i)), bold_);
        end_row();
        worksheet_freeze_panes(sheet_, 1, static_cast<lxw_col_t>(header.size()));
    }
    void text(const std::string& value, lxw_format* format = nullptr) {
        check(worksheet_write_string(sheet_, row_, column_++, value.c_str(), format));
    }
    // A cell holds no nan and no infinity: they are words.
    void number(double value, lxw_format* format = nullptr) {
        if (std::isnan(value)) return text("nan", format);
        if (std::isinf(value)) return text(value > 0 ? "inf" : "-inf", format);
        check(worksheet_write_number(sheet_, row_, column_++, value, format));
    }
    void skip() { ++column_; }
    void end_row() { ++row_, column_ = 0; }
    void close() {
        lxw_workbook* const book = book_;
        book_ = nullptr;  // also freed where that fails
        check(workbook_close(book));
    }

    lxw_format* bold() { return bold_; }
    lxw_format* underlined() { return underlined_; }

private:
    static void check(lxw_error error) {
        if (error != LXW_NO_ERROR) throw fathom::Error(std::string("--xlsx: ") + lxw_strerror(error));
    }

    lxw_workbook* book_;
    lxw_worksheet* sheet_ = nullptr;
    lxw_format *bold_ = nullptr, *underlined_ = nullptr;
    lxw_row_t row_ = 0;
    lxw_col_t column_ = 0;
};

inline void add_means(Spreadsheet& out, const FusionTable& table, const std::vector<ConventionResult>& results) {
    out.add_sheet("means", {"convention", "method", "statistic"});
    for (const ConventionResult& result : results) {
        const auto add_row = [&](const std::string& method, const char* statistic, auto write) {
            out.text(metrics::to_string(result.convention)), out.text(method), out.text(statistic);
            auto next = result.metrics.begin();
            for (int i = 0; i < metrics::fusion_metric_count; ++i)
                if (next != result.metrics.end() && next->metric == static_cast<FusionMetric>(i))
                    write(*next++);
                else
                    out.skip();
            out.end_row();
        };
        add_row("", "better",
                [&](const MetricResult& r) { out.text(metrics::higher_is_better(r.metric) ? "higher" : "lower"); });
        for (std::size_t m = 0; m < table.methods.size(); ++m) {
            const std::string& name = table.methods[m].name;
            add_row(name, "mean", [&](const MetricResult& r) {
                out.number(r.summary[m].mean, r.is_best(m) ? out.bold() : r.is_second(m) ? out.underlined() : nullptr);
            });
            add_row(name, "std", [&](const MetricResult& r) { out.number(r.summary[m].deviation); });
            if (!table.methods[m].baseline)
                add_row(name, "rank", [&](const MetricResult& r) { out.number(r.rank[m]); });
        }
    }
}

inline void add_images(Spreadsheet& out, const FusionTable& table) {
    out.add_sheet("images", {"method", "image", "convention"});
    for (std::size_t m = 0; m < table.methods.size(); ++m)
        for (std::size_t i = 0; i < table.images.size(); ++i)
            for (std::size_t c = 0; c < table.conventions.size(); ++c) {
                out.text(table.methods[m].name), out.text(table.images[i]);
                out.text(metrics::to_string(table.conventions[c]));
                for (int k = 0; k < metrics::fusion_metric_count; ++k)
                    if (const auto metric = static_cast<FusionMetric>(k);
                        metrics::has_metric(table.conventions[c], metric))
                        out.number(table.at(c, m, i)[metric]);
                    else
                        out.skip();
                out.end_row();
            }
}

}  // namespace detail

inline void write_xlsx(const std::string& path, const FusionTable& table,
                       const std::vector<ConventionResult>& results) {
    const detail::TemporaryFile temporary;
    detail::Spreadsheet out(temporary.path);
    detail::add_means(out, table, results);
    detail::add_images(out, table);
    out.close();
    const fathom::io::MappedFile written(temporary.path);
    fathom::io::AtomicWriter writer(path);
    writer.write(written.bytes());
    writer.commit();
}

#else

// Throws: before any work, where a spreadsheet is asked for.
[[noreturn]] inline void check_xlsx() {
    throw fathom::Error(
        "--xlsx: this program was built without libxlsxwriter (on Debian libxlsxwriter-dev), expected --csv alone");
}
inline void write_xlsx(const std::string&, const FusionTable&, const std::vector<ConventionResult>&) { check_xlsx(); }

#endif

}  // namespace evaluate
