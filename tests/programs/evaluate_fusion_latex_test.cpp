// What evaluate fusion writes for LaTeX, and that LaTeX takes it.
#include "tests/programs/fused_scenes.hpp"
#include "tests/programs/on_path.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

TEST_CASE("programs/evaluate_fusion_latex: tables as papers print it") {
    const Scenes s;
    const std::string third = s.folder.make("third");
    for (int i = 0; i < 3; ++i) write_scene(third + "/" + s.names[static_cast<std::size_t>(i)], 1, i, 0.3, 17);
    const std::string latex = s.folder / "table.tex";
    REQUIRE(s.evaluate({s.near, s.far, "a_b&50%=" + third}, {"--latex", latex}).code == 0);
    const std::string text = read_file(latex);
    for (const std::string part :
         {"\\begin{tabular}{lrrrrr}\n\\toprule\nMethod & EN$\\uparrow$ & ", "MS\\_SSIM$\\uparrow$", "MSE$\\downarrow$",
          "\na\\_b\\&50\\% & ", "\\\\\n\\midrule\nmax & ", "convention float", "\\bottomrule\n\\end{tabular}"})
        CHECK_MESSAGE(contains(text, part), part << " in " << text);
    // One best and one second in each column, neither among the baselines.
    const auto count = [](const std::string& where, const std::string& what) {
        int n = 0;
        for (std::size_t at = where.find(what); at != std::string::npos; at = where.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(count(text, "\\textbf{") == count(text, "\\underline{"));
    CHECK(count(text, "\\textbf{") >= 12);
    for (const std::string baseline : {"max", "mean", "visible", "infrared"}) {
        CHECK(count(text, "\n" + baseline + " & ") == 3);  // fifteen metrics in blocks of five
        for (std::size_t at = 0; (at = text.find("\n" + baseline + " & ", at)) != std::string::npos; ++at) {
            const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at);
            CHECK(count(row, "\\textbf{") + count(row, "\\underline{") == 0);
        }
    }
    // With one method there is nothing to make bold.
    REQUIRE(s.evaluate({s.near}, {"--latex", latex}).code == 0);
    CHECK(!contains(read_file(latex), "\\textbf{"));
}

TEST_CASE("programs/evaluate_fusion_latex: a document with the tables of all conventions is compiled") {
    const std::string latex = on_path({"pdflatex", "tectonic"});
    if (latex.empty()) {
        MESSAGE("skipped: LaTeX of evaluate fusion, no pdflatex and no tectonic here");
        return;
    }
    const Scenes s;
    const std::string table = s.folder / "table.tex", document = s.folder / "document.tex";
    REQUIRE(s.evaluate({s.near, R"(a_b&50%~^{x}\y<|>"#$=)" + s.far}, {"--latex", table, "--convention", "all"}).code ==
            0);
    write_file(document, "\\documentclass{article}\n\\usepackage{booktabs,graphicx}\n\\begin{document}\n\\input{" +
                             table + "}\n\\end{document}\n");
    const Arguments options = latex.ends_with("pdflatex")
                                  ? Arguments{"-interaction=nonstopmode", "-halt-on-error", "-output-directory",
                                              s.folder.path.string(), document}
                                  : Arguments{document};
    const Outcome outcome = run(latex, options);
    if (outcome.code != 0 && contains(outcome.out + outcome.err, "booktabs.sty")) {
        MESSAGE("skipped: LaTeX of evaluate fusion, its package booktabs is not here");
        return;
    }
    REQUIRE_MESSAGE(outcome.code == 0, outcome.out << outcome.err);
    CHECK(!contains(outcome.out, "Overfull"));
    CHECK(exists(s.folder / "document.pdf"));
}
