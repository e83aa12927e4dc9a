// evaluate fusion --report: what is on the page, what a browser makes of it, and what is refused.
#include "tests/programs/browser.hpp"
#include "tests/programs/fused_scenes.hpp"
#include "tests/programs/reports.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

namespace {

const std::string hostile = "a\"<img src=x onerror=alert(1)>&'";

}  // namespace

TEST_CASE("programs/evaluate_fusion_report: tables, curves, pictures and protocol on one page") {
    const Scenes s;
    const std::string folder = s.folder / "page/of/fusion", labels = s.folder.make("labels");
    for (const std::string& name : s.names) write_constant(labels + "/" + name, 2);
    for (const std::string& where : {s.vis, s.ir, s.near, s.far, labels})
        std::filesystem::rename(where + "/a.png", where + "/" + hostile + ".png");
    const Arguments more = {"--report", folder, "--convention", "all", "--labels", labels};
    const Outcome outcome = s.evaluate({"<b>near&'=" + s.near, s.far}, more);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const std::string page = read_file(folder + "/index.html");
    for (const char* part : {">Means</h2>",
                             ">Images</h2>",
                             ">Cumulative curves</h2>",
                             ">Deviations, ranks, intervals</h2>",
                             ">Protocol</h2>",
                             "author: means of 3 images",
                             "zoo: Friedman&#39;s test",
                             ">visible (baseline)</th>",
                             ">&lt;b&gt;near&amp;&#39;</th>",
                             "a&quot;&lt;img src=x onerror=alert(1)&gt;&amp;&#39;.png",
                             ">EN \u2191</button>",
                             ">MSE \u2193</button>",
                             "class=\"best\"",
                             "class=\"second\"",
                             "float: EN \u2191",
                             "percent of the images that have at most this",
                             "so few images are rough",
                             "float: SCD of visible is undefined (nan) on 3 of 3 images",
                             "brightness of people, fused over infrared",
                             "id=\"p2-3\" data-t=\"jpeg\"",
                             "<dt>resize</dt><dd>none</dd>"})
        CHECK_MESSAGE(contains(page, part), part);
    for (const char* part : {"http:", "https:", "<link", "@import", "<img src=x", "<b>", "id=\"p2-4\""})
        CHECK_MESSAGE(!contains(page, part), part);
    CHECK(count_of(page, "src=\"") == count_of(page, "src=\"data:image/"));
    // The numbers are those of the CSV, and the same page is made on any number of threads.
    const Csv table(s.csv);
    for (const std::string metric : {"EN", "Qabf"}) {
        char text[40];
        std::snprintf(text, sizeof text, "data-v=\"%.17g\"", table.number("far", "mean", "float", metric));
        CHECK(contains(page, text));
    }
    REQUIRE(s.evaluate({"<b>near&'=" + s.near, s.far}, more + Arguments{"--threads", "3"}).code == 0);
    CHECK(read_file(folder + "/index.html") == page);
}

TEST_CASE("programs/evaluate_fusion_report: a net's pictures are shown, and one method has no ranks to show") {
    const Scenes s;
    Generator gen(3);
    const std::string weights = s.folder / "net.safetensors", folder = s.folder / "page";
    io::save(weights, seafusion::FusionNet<float>(gen).state_dict());
    REQUIRE(run(evaluate_program,
                Arguments{"fusion"} + s.sources() + Arguments{"--weights", weights, "--report", folder, "--quiet"})
                .code == 0);
    const std::string page = read_file(folder + "/index.html");
    CHECK(contains(page, "<title>Fusion: net</title>"));
    CHECK(contains(page, "id=\"p2-2\" data-t=\"jpeg\""));
    CHECK(!contains(page, "Friedman"));
    CHECK(!contains(page, "class=\"best\""));
}

TEST_CASE("programs/evaluate_fusion_report: many images make a page of bounded size") {
    const Folder folder;
    const std::string vis = folder.make("vi"), ir = folder.make("ir"), fused = folder.make("fused");
    for (int i = 0; i < 120; ++i) {
        const std::string name = "/" + std::to_string(1000 + i) + ".png";
        write_scene(vis + name, 3, i), write_scene(ir + name, 1, i + 1), write_scene(fused + name, 3, i, 0.5, i + 1);
    }
    REQUIRE(run(evaluate_program, {"fusion", "--vis", vis, "--ir", ir, "--fused", fused, "--csv", folder / "t.csv",
                                   "--report", folder / "page", "--quiet"})
                .code == 0);
    const std::string page = read_file(folder / "page/index.html");
    CHECK(page.size() < 3'000'000);
    CHECK(contains(page, "id=\"p119-2\""));
    CHECK(count_of(page, "<div class=\"sheet\"") == 4);
}

TEST_CASE("programs/evaluate_fusion_report: somebody else's page is not replaced") {
    const Scenes s;
    s.folder.make("site");
    write_file(s.folder / "site/index.html", "<html>mine</html>");
    s.check_refused({s.near}, {"--report", s.folder / "site"},
                    {s.folder / "site/index.html: is no report, expected another --report"});
    s.check_refused({s.near}, {"--report", s.near}, {s.near + "/index.html: would be among the inputs"});
    write_file(s.folder / "file", "");
    s.check_refused({s.near}, {"--report", s.folder / "file/below"}, {"file/below"});
}

TEST_CASE("programs/evaluate_fusion_report: in a browser: slider, sorting, both themes") {
    if (no_browser("the test of the page of evaluate fusion")) return;
    const Scenes s;
    REQUIRE(s.both({"--report", s.folder / "page", "--quiet"}).code == 0);
    const std::string driven = s.folder / "driven.html";
    std::string html = read_file(s.folder / "page/index.html");
    html.insert(html.rfind("</body>"), R"(<pre id="result"></pre><script>
onerror = text => { document.getElementById("result").textContent += "\nerror: " + text + "\n"; };
(async () => {
  const $ = query => document.querySelector(query), lines = ["", ""];
  const say = (name, value) => lines.push(name + ": " + value);
  const wait = () => new Promise(done => setTimeout(done, 500));
  while (!($("#viewer").dataset.shown)) await wait();
  await wait();
  const dark = () => getComputedStyle(document.body).backgroundColor;
  say("theme", dark()); $("#theme").click(); say("other theme", dark()); $("#theme").click();
  const table = document.querySelector("table.sorts"), button = table.tHead.rows[0].cells[1].querySelector("button");
  button.click();
  const values = [...table.tBodies[0].rows].map(row => +row.cells[1].dataset.v);
  say("sorted", values.every((v, i) => i === 0 || v <= values[i - 1]) + " " + values.length);
  const canvases = [...document.querySelectorAll("#compare canvas")];
  say("layers", canvases.map(c => c.dataset.layer + " " + c.width + "x" + c.height).join("|"));
  $("#left").value = 1; await $("#left").onchange(); await wait();
  say("changed", canvases.map(c => c.dataset.layer).join("|"));
  $("#split").value = 25; $("#split").oninput(); say("divider", $("#compare .divider").style.left);
  say("panels", document.querySelectorAll(".panels figure:not([hidden]) canvas").length);
  $("#next").click(); await wait(); say("next", $("#viewer").dataset.shown);
  say("unnamed", [...document.querySelectorAll("button, select, input, svg[role=img], img, .pane")].filter(e =>
    !(e.textContent.trim() || e.getAttribute("aria-label") || e.alt || (e.labels && e.labels.length))).length);
  say("loaded", performance.getEntriesByType("resource").length);
  $("#result").textContent += lines.join("\n") + "\nend: yes\n";
})();
</script>)");
    write_file(driven, html);
    const std::string dom = browse(driven, {"--dump-dom"}).out;
    REQUIRE_MESSAGE(browser_result(dom, "end") == "yes", dom.substr(dom.find("<pre id=\"result\">")));
    CHECK(browser_result(dom, "error") == "none");
    CHECK(browser_result(dom, "theme") == "rgb(255, 255, 255)");
    CHECK(browser_result(dom, "other theme") == "rgb(20, 23, 27)");
    CHECK(browser_result(dom, "sorted") == "true 6");
    CHECK(browser_result(dom, "layers") == "near 64x48|visible 64x48");
    CHECK(browser_result(dom, "changed") == "near|infrared");
    CHECK(browser_result(dom, "divider") == "25%");
    CHECK(browser_result(dom, "panels") == "6");  // four of files, two differences
    CHECK(browser_result(dom, "next") == "b.png");
    CHECK(browser_result(dom, "unnamed") == "0");
    CHECK(browser_result(dom, "loaded") == "0");
}
