// The program report, and the pages that train_seafusion makes: what is on them, what is refused, what a browser makes
// of them.
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>

#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "tests/programs/browser.hpp"
#include "examples/training/report_budget.hpp"
#include "tests/programs/reports.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

namespace {

const std::string hostile = "a\"<img src=x onerror=alert(1)>&'";

// A run of two rounds on data in which one image has a hostile name.
struct Trained : Data {
    Trained() {
        for (const char* part : {"vi", "ir", "Segmentation_labels"}) {
            const std::string below = data + "/test/" + part;
            std::filesystem::path first;
            for (const auto& entry : std::filesystem::directory_iterator(below))
                if (first.empty() || entry.path() < first) first = entry.path();
            std::filesystem::rename(first, below + "/" + hostile + ".png");
        }
        const Outcome outcome = train({"--rounds", "2"});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(contains(outcome.out, "report         " + run + "/report/index.html\n"));
    }
};

double brightness(const std::string& path) {
    const auto image = io::read_image(path);
    double sum = 0;
    for (std::int64_t i = 0; i < image.numel(); ++i) sum += image.data()[i];
    return sum / static_cast<double>(image.numel());
}

}  // namespace

TEST_CASE("programs/report: a run's page has everything in it, and names of files harm nobody") {
    const Trained d;
    const std::string page = read_file(d.run + "/report/index.html");
    for (const char* part : {">Rounds</h2>", ">Curves</h2>", ">Images</h2>", ">Classes</h2>", ">Images in numbers</h2>",
                             ">Record</h2>", "segmentation: auxiliary", "test set: mean IoU", "Confusion matrix",
                             "<dt>fusion_epochs</dt><dd><code>1</code></dd>", "aria-sort=\"none\"",
                             "prefers-color-scheme", "id=\"p1-0\" data-t=\"jpeg\"", "\"name\":\"errors\""})
        CHECK_MESSAGE(contains(page, part), part);
    for (const char* part : {"http:", "https:", "<link", "@import", "<img src=x", "not finished"})
        CHECK_MESSAGE(!contains(page, part), part);
    CHECK(count_of(page, "src=\"") == count_of(page, "src=\"data:image/"));
    CHECK(contains(page, "a&quot;&lt;img src=x onerror=alert(1)&gt;&amp;&#39;"));
    // The same again from the files, and both runs on one page.
    const Outcome again = run(report_program, {d.run, "--out", d.folder / "again"});
    REQUIRE_MESSAGE(again.code == 0, again.err);
    CHECK(again.out == d.folder / "again/index.html\n");
    CHECK(read_file(d.folder / "again/index.html") == page);
    const std::string other = d.folder / "other";
    REQUIRE(run(train_program, d.small(other) + Arguments{"--seed", "9", "--no-report"}).code == 0);
    CHECK(!exists(other + "/report"));
    CHECK(exists(other + "/round_1/predicted/" + hostile + ".png"));
    REQUIRE(run(report_program, {d.run, other, "--out", d.folder / "both"}).code == 0);
    const std::string both = read_file(d.folder / "both/index.html");
    for (const char* part : {"<title>Runs run, other</title>", "fused (run)", "fused (other)", "errors (other)"})
        CHECK_MESSAGE(contains(both, part), part);
    const std::string wrong = d.folder / "again/wrong.png",
                      predicted = d.run + "/round_2/predicted/" + hostile + ".png";
    const std::string kept = read_file(predicted);
    io::write_image(wrong, full<std::uint8_t>({48, 64, 1}, 200));
    std::filesystem::rename(wrong, predicted);
    check_error(run(report_program, {d.run}), 1,
                {predicted + ": ", "the prediction at [0,0]", "is 200, expected 0 to 8"});
    write_file(predicted, kept);
    // Data that are gone are said to be.
    std::filesystem::rename(d.data, d.data + ".moved");
    const Outcome moved = run(report_program, {d.run});
    CHECK(moved.code == 0);
    CHECK(contains(moved.err, "warning: " + d.run + ": its data cannot be read: " + d.data));
    CHECK(
        contains(read_file(d.run + "/report/index.html"), "its data cannot be read, so visible, infrared and labels"));
}

TEST_CASE("programs/report: 160,000 steps make a small page, and lose neither the highest nor the lowest") {
    const Folder folder;
    write_run(folder / "long", 80000, "</script><b>");
    const auto before = std::chrono::steady_clock::now();
    const Outcome outcome = run(report_program, {folder / "long"});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const std::string page = read_file(folder / "long/report/index.html");
    CHECK(page.size() < 1'000'000);
    CHECK_MESSAGE(seconds < (tests::sanitized ? 60 : 15), seconds);
    CHECK(contains(page, ">77.25<"));
    CHECK(contains(page, "long: the run is not finished"));
    CHECK(count_of(page, "</script>") == 1);
    CHECK(contains(page, "<code>{}</code>"));
}

TEST_CASE("programs/report: what is none, what is damaged, what is somebody else's") {
    const Folder folder;
    const std::string good = folder / "good";
    write_run(good, 3);
    check_error(run(report_program, {folder / "nowhere"}), 1, {"nowhere: no such folder"});
    check_error(run(report_program, {folder.path.string()}), 1, {"holds no run, expected a folder with record.json"});
    check_error(run(report_program, {}), 2, {"run is required"});
    check_error(run(report_program, {good, good}), 2, {"--out: expected a folder for the report of several runs"});
    folder.make("site");
    write_file(folder / "site/index.html", "<html>mine</html>");
    check_error(run(report_program, {good, "--out", folder / "site"}), 1,
                {"site/index.html: is no report, expected another --out"});
    CHECK(read_file(folder / "site/index.html") == "<html>mine</html>");
    check_error(run(report_program, {good, "--out", good}), 1, {"would be among the inputs"});
    if (geteuid() != 0) {
        folder.make("locked");
        chmod((folder / "locked").c_str(), 0555);
        check_error(run(report_program, {good, "--out", folder / "locked/below"}), 1, {"locked"});
    }
    // Half-written runs.
    write_file(good + "/log.jsonl", "");
    CHECK(run(report_program, {good}).code == 0);
    std::filesystem::remove(good + "/log.jsonl");
    CHECK(run(report_program, {good}).code == 0);
    CHECK(contains(read_file(good + "/report/index.html"), "the run has no log yet"));
    write_file(good + "/log.jsonl", "nonsense\n{}\n");
    check_error(run(report_program, {good}), 1, {"log.jsonl: line 1: is damaged, expected a JSON object"});
    write_file(good + "/record.json", "{");
    check_error(run(report_program, {good}), 1, {"record.json: is damaged"});
}

TEST_CASE("programs/report: pages take at most 1% of a run, with the one at its end") {
    training::ReportBudget budget(1e6);  // 0.4 s are supposed
    CHECK(!budget.allows(0));
    CHECK(!budget.allows(79));
    CHECK(budget.allows(81));
    budget.spend(2);  // it was more
    CHECK(!budget.allows(599));
    CHECK(budget.allows(601));
    // A run whose rounds take 10 s and pages 0.3: whenever it ends, they are no more than 1% of it, but for one page.
    training::ReportBudget again(1e6);
    double spent = 0;
    for (int round = 1; round < 1000; ++round) {
        const double time = 10.0 * round;
        if (again.allows(time)) again.spend(0.3), spent += 0.3;
        CHECK(spent + 0.3 <= std::max(0.3, 0.01 * time + 1e-9));
    }
    CHECK(spent > 90);
    // A run of seconds has no page before its end.
    const Data d;
    const Process process(train_program, d.content_only(d.run) + Arguments{"--rounds", "200"});
    for (int i = 0; i < 6000 && process.running() && !exists(d.run + "/round_2/measures.json"); ++i) usleep(10000);
    CHECK(!exists(d.run + "/report/index.html"));
}

TEST_CASE("programs/report: a page that cannot be written does not end a run") {
    const Data d;
    std::filesystem::create_directories(d.run + "/report");
    write_file(d.run + "/report/index.html", "<html>mine</html>");
    const Outcome outcome = run(train_program, d.content_only(d.run));
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: the report was not written: " + d.run + "/report/index.html: is no report"));
    CHECK(!contains(outcome.out, "report "));
    CHECK(exists(d.run + "/summary.json"));
}

TEST_CASE("programs/report: in a browser: themes, sorting, curves, divider, zoom, images") {
    if (no_browser("the test of a report's page")) return;
    const Trained d;
    const std::string page = d.run + "/report/index.html", driven = d.folder / "driven.html";
    std::string html = read_file(page);
    html.insert(html.rfind("</body>"), R"(<pre id="result"></pre><script>
onerror = text => { document.getElementById("result").textContent += "\nerror: " + text + "\n"; };
(async () => {
  const $ = query => document.querySelector(query), lines = ["", ""];
  const say = (name, value) => lines.push(name + ": " + value);
  const wait = () => new Promise(done => setTimeout(done, 500));
  while (!($("#viewer").dataset.shown)) await wait();
  await wait();
  const dark = () => getComputedStyle(document.body).backgroundColor;
  say("theme", dark()); $("#theme").click(); say("other theme", dark()); $("#theme").click(); say("theme again", dark());
  const table = [...document.querySelectorAll("table.sorts")].find(t => t.caption.textContent === "Images");
  const column = () => [...table.tBodies[0].rows].map(row => +row.cells[4].dataset.v);
  const sorted = (a, sign) => a.every((v, i) => i === 0 || sign * (v - a[i - 1]) >= 0);
  const button = table.tHead.rows[0].cells[4].querySelector("button");
  button.click(); say("down", sorted(column(), -1) + " " + button.closest("th").ariaSort);
  button.click(); say("up", sorted(column(), 1) + " " + button.closest("th").ariaSort);
  table.tHead.rows[0].cells[0].querySelector("button").click();
  say("names", table.tBodies[0].rows[0].cells[0].textContent);
  const smoothing = $("#smoothing");
  smoothing.value = "0"; smoothing.onchange();
  say("smoothing", [...document.querySelectorAll("[data-smooth]")].every(l => (l.style.display === "") === (l.dataset.smooth === "0")));
  const plot = $("svg[data-box]");
  plot.focus(); plot.dispatchEvent(new KeyboardEvent("keydown", {key: "Home"}));
  say("tip", plot.closest("figure").querySelector(".tip").textContent);
  const pixel = canvas => [...canvas.getContext("2d").getImageData(20, 20, 1, 1).data].join(",");
  const canvases = [...document.querySelectorAll("#compare canvas")];
  say("layers", canvases.map(c => c.dataset.layer).join("|") + " " + canvases.map(c => c.width + "x" + c.height).join(" "));
  say("drawn", canvases.every(c => pixel(c).endsWith(",255")));
  say("panels", document.querySelectorAll(".panels figure:not([hidden]) canvas").length);
  $("#split").value = 25; $("#split").oninput(); say("divider", $("#compare .divider").style.left + " " + $("#compare .over").style.clipPath);
  $("#compare").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"})); say("key", $("#compare .divider").style.left);
  $("#zoom").value = 4; $("#zoom").oninput();
  say("zoom", new Set([...document.querySelectorAll(".pane canvas")].map(c => c.style.transform)).size + " " + canvases[0].style.transform);
  const shown = $("#viewer").dataset.shown; $("#next").click(); await wait();
  say("next", shown !== $("#viewer").dataset.shown); $("#before").click(); await wait(); say("back", shown === $("#viewer").dataset.shown);
  say("unnamed", [...document.querySelectorAll("button, select, input, svg[role=img], img, .pane")].filter(e =>
    !(e.textContent.trim() || e.getAttribute("aria-label") || e.alt || (e.labels && e.labels.length))).length);
  say("loaded", performance.getEntriesByType("resource").length);
  $("#result").textContent += lines.join("\n") + "\nend: yes\n";
})();
</script>)");
    write_file(driven, html);
    const Outcome outcome = browse(driven, {"--dump-dom"});
    const std::string& dom = outcome.out;
    REQUIRE_MESSAGE(browser_result(dom, "end") == "yes", dom.substr(dom.find("<pre id=\"result\">")) << outcome.err);
    CHECK(browser_result(dom, "error") == "none");
    CHECK(browser_result(dom, "theme") == "rgb(255, 255, 255)");
    CHECK(browser_result(dom, "other theme") == "rgb(20, 23, 27)");
    CHECK(browser_result(dom, "theme again") == "rgb(255, 255, 255)");
    CHECK(browser_result(dom, "down") == "true descending");
    CHECK(browser_result(dom, "up") == "true ascending");
    CHECK(browser_result(dom, "names").substr(0, 4) == "0001");
    CHECK(browser_result(dom, "smoothing") == "true");
    CHECK(browser_result(dom, "tip") == "at 10.1246");
    CHECK(browser_result(dom, "layers") == "fused|visible 64x48 64x48");
    CHECK(browser_result(dom, "drawn") == "true");
    CHECK(browser_result(dom, "panels") == "9");  // five of files; two overlays, errors, difference
    CHECK(browser_result(dom, "divider") == "25% inset(0px 75% 0px 0px)");
    CHECK(browser_result(dom, "key") == "27%");
    CHECK(contains(browser_result(dom, "zoom"), "1 scale(4) translate("));
    CHECK(browser_result(dom, "next") == "true");
    CHECK(browser_result(dom, "back") == "true");
    CHECK(browser_result(dom, "unnamed") == "0");
    CHECK(browser_result(dom, "loaded") == "0");

    const std::string light = d.folder / "light.png", dark = d.folder / "dark.png";
    std::string forced = html = read_file(page);
    forced.replace(forced.find("<html"), 5, "<html data-theme=\"dark\"");
    write_file(d.folder / "dark.html", forced);
    browse(page, {"--screenshot=" + light}), browse(d.folder / "dark.html", {"--screenshot=" + dark});
    REQUIRE((exists(light) && exists(dark)));
    CHECK(brightness(light) > 200);
    CHECK(brightness(dark) < 80);
}
