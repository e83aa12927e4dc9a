// evaluate fusion, on small pictures made here and on published ones.
#include "tests/programs/fused_scenes.hpp"

using namespace fathom;
using namespace programs_test;

namespace {

const std::string columns =
    "method,image,convention,EN,MI,VIF,SF,SD,Qabf,SCD,AG,CC,SSIM,MS_SSIM,PSNR,MSE,FMI,Nabf,CE,NMI,QNCIE,TE,EI,Qy,Qcb,"
    "Qcv,RMSE";

}  // namespace

TEST_CASE("programs/evaluate_fusion: a row per method, image and convention, then means and deviations") {
    const Scenes s;
    const Outcome outcome = s.both({"--convention", "all"});
    REQUIRE(outcome.code == 0);
    CHECK(lines_of(s.csv).front() == columns);
    const Csv table(s.csv);
    // Two methods and four baselines, three images, their mean and deviation, four conventions.
    CHECK(table.rows.size() == 6 * 5 * 4);
    for (const std::string method : {"near", "far", "max", "mean", "visible", "infrared"})
        for (const std::string convention : {"author", "float", "vifb", "zoo"}) {
            CAPTURE(method);
            CAPTURE(convention);
            for (const std::string metric : {"EN", "SD", "AG"}) {
                std::vector<double> values;
                for (const std::string& name : s.names)
                    values.push_back(table.number(method, name, convention, metric));
                const double mean = (values[0] + values[1] + values[2]) / 3;
                double squares = 0;
                for (const double v : values) squares += (v - mean) * (v - mean);
                CHECK(table.number(method, "mean", convention, metric) == doctest::Approx(mean).epsilon(1e-12));
                CHECK(table.number(method, "std", convention, metric) ==
                      doctest::Approx(std::sqrt(squares / 2)).epsilon(1e-9));
            }
        }
    // What a convention lacks is empty; what is undefined is nan, counted and said.
    CHECK(table.at("near", "a.png", "author", "Qcb").empty());
    CHECK(table.at("near", "mean", "vifb", "VIF").empty());
    CHECK(table.at("near", "a.png", "zoo", "RMSE").empty());
    CHECK(!table.at("near", "a.png", "zoo", "Qcb").empty());
    CHECK(table.at("visible", "b.png", "float", "SCD") == "nan");
    CHECK(table.at("visible", "mean", "float", "SCD") == "nan");
    CHECK(contains(outcome.err, "float: SCD of visible is undefined (nan) on 3 of 3 images\n"));
    CHECK(contains(outcome.err, "author: SCD of infrared is undefined (nan) on 3 of 3 images\n"));
    // What is printed.
    for (const std::string part :
         {"author: mean (standard deviation) of 3 images", "near ", "(infrared)", "\nNabf -", "\nEN +",
          "~: not told apart from it, the 95% interval of the difference holds 0.", "so few images are rough"})
        CHECK_MESSAGE(contains(outcome.out, part), part << " in " << outcome.out);
}

TEST_CASE("programs/evaluate_fusion: baselines are what their names say") {
    const Scenes s;
    // The same pictures as methods: grey ones, as all but vifb make them.
    const std::string low = s.folder.make("low"), high = s.folder.make("high"), greys = s.folder.make("greys");
    for (const std::string& name : s.names) {
        const auto visible = io::read_image(s.vis + "/" + name), infrared = io::read_image(s.ir + "/" + name);
        std::vector<std::uint8_t> mean, most, grey;
        for (std::int64_t i = 0; i < 48 * 64; ++i) {
            const std::uint8_t* rgb = visible.data() + 3 * i;
            const int a = static_cast<int>(std::lround(0.298936 * rgb[0] + 0.587043 * rgb[1] + 0.114021 * rgb[2]));
            const int b = infrared.data()[i];
            grey.push_back(static_cast<std::uint8_t>(a));
            most.push_back(static_cast<std::uint8_t>(std::max(a, b)));
            mean.push_back(static_cast<std::uint8_t>((a + b + 1) / 2));
        }
        io::write_image(low + "/" + name, from_data(mean.data(), {48, 64, 1}));
        io::write_image(high + "/" + name, from_data(most.data(), {48, 64, 1}));
        io::write_image(greys + "/" + name, from_data(grey.data(), {48, 64, 1}));
    }
    REQUIRE(s.evaluate({"A=" + low, "B=" + high, "C=" + greys, "D=" + s.ir, "E=" + s.vis}).code == 0);
    const Csv table(s.csv);
    const std::map<std::string, std::string> same = {
        {"A", "mean"}, {"B", "max"}, {"C", "visible"}, {"D", "infrared"}, {"E", "visible"}};
    for (const auto& pair : same)
        for (const std::string metric : {"EN", "MI", "VIF", "SF", "SD", "Qabf", "AG", "CC"})
            for (const std::string image : {"a.png", "c.png", "mean"}) {
                CAPTURE(pair.first);
                CAPTURE(metric);
                CHECK(table.at(pair.first, image, "float", metric) == table.at(pair.second, image, "float", metric));
            }
}

TEST_CASE("programs/evaluate_fusion: the same bytes on any number of threads") {
    const Scenes s;
    std::vector<std::string> tables, reports;
    for (const std::string threads : {"1", "2", "5"}) {
        REQUIRE(s.both({"--convention", "all", "--json", s.json, "--threads", threads, "--quiet"}).code == 0);
        tables.push_back(read_file(s.csv)), reports.push_back(read_file(s.json));
    }
    CHECK(tables[0] == tables[1]);
    CHECK(tables[0] == tables[2]);
    CHECK(reports[0] == reports[1]);
    CHECK(reports[0] == reports[2]);
}

TEST_CASE("programs/evaluate_fusion: JSON has ranks, comparisons, curves and the protocol") {
    const Scenes s;
    REQUIRE(s.both({"--json", s.json}).code == 0);
    std::string text = read_file(s.json);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    std::replace(text.begin(), text.end(), '"', '\'');
    for (const std::string part :
         {"'bootstrap':{'level':0.95,'resamples':10000,'seed':1}", "'methods':[{'baseline':false,'from':'",
          "{'baseline':true,'name':'infrared'}]", "'images':['a.png','b.png','c.png']", "'friedman':{'chi_square':",
          "'nemenyi':{'alpha':0.05,'critical_difference':", "'minus_best':{", "'told_apart':", "'rank':1.0",
          "'resize':'none'", "'higher_is_better':false", "'channel':{'float':'grey:round(.298936R+.587043G+.114021B)'}",
          "'split':[{'height':48,'image':'a.png','infrared':'", "'SCD':{'best':'near'",
          "'visible':{'curve':[],'images':0,'mean':null"})
        CHECK_MESSAGE(contains(text, part), part << " in " << text);
    // The curve of the paper: values in order.
    const Csv table(s.csv);
    std::vector<double> values;
    for (const std::string& name : s.names) values.push_back(table.number("far", name, "float", "EN"));
    std::sort(values.begin(), values.end());
    const std::string begin = "'far':{'curve':[";
    std::istringstream curve(text.substr(text.find(begin, text.find("'EN':")) + begin.size()));
    for (const double value : values) {
        double got = 0;
        char comma = 0;
        curve >> got >> comma;
        CHECK(got == value);
    }
}

TEST_CASE("programs/evaluate_fusion: a spreadsheet, or a word on what the build lacks") {
    const Scenes s;
    const std::string xlsx = s.folder / "table.xlsx";
    const Outcome outcome = s.both({"--xlsx", xlsx});
    if (outcome.code != 0) {
        check_error(outcome, 1, {"--xlsx: this program was built without libxlsxwriter"});
        CHECK(!exists(xlsx));
        MESSAGE("skipped: the programs are built without libxlsxwriter");
        return;
    }
    const std::string bytes = read_file(xlsx);
    CHECK(bytes.starts_with("PK"));
    CHECK(contains(bytes, "xl/worksheets/sheet2.xml"));
}

TEST_CASE("programs/evaluate_fusion: weights are measured as what fuse writes") {
    const Scenes s;
    Generator gen(3);
    const std::string weights = s.folder / "net.safetensors", fused = s.folder / "fused";
    io::save(weights, seafusion::FusionNet<float>(gen).state_dict());
    REQUIRE(run(fuse_program, {"--weights", weights, "--vis", s.vis, "--ir", s.ir, "--out", fused}).code == 0);
    const Arguments more = {"--weights", weights, "--json", s.json};
    REQUIRE(s.evaluate({"written=" + fused}, more).code == 0);
    const Csv table(s.csv);
    for (const std::string image : {"a.png", "b.png", "c.png", "mean", "std"})
        for (const std::string metric : {"EN", "MI", "SF", "SCD", "Qabf"})
            CHECK(table.at("net", image, "float", metric) == table.at("written", image, "float", metric));
    // And with nothing else.
    REQUIRE(run(evaluate_program, Arguments{"fusion"} + s.sources() + more).code == 0);
    CHECK(Csv(s.csv).rows.size() == 5 * 5);
}

TEST_CASE("programs/evaluate_fusion: published pictures have the published values") {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string data =
        (shared != nullptr ? std::string(shared) : FATHOM_SOURCE_DIR "/../shared") + "/data/metrics_tno";
    if (!exists(data + "/values.csv")) {
        MESSAGE("skipped: no " << data << "; FATHOM_SHARED names the folder that holds data/");
        return;
    }
    const Folder folder;
    const std::string csv = folder / "table.csv";
    for (const std::string convention : {"author", "float"}) {
        REQUIRE(
            run(evaluate_program, {"fusion", "--vis", data + "/vi", "--ir", data + "/ir", "--fused",
                                   data + "/SeAFusion", data + "/DenseFuse", "--csv", csv, "--convention", convention})
                .code == 0);
        const Csv measured(csv), published(data + "/values.csv");
        int compared = 0;
        for (const auto& row : published.rows) {
            if (row.at("convention") != convention) continue;
            for (const auto& field : row) {
                const std::string &column = field.first, &text = field.second;
                if (column == "method" || column == "image" || column == "convention") continue;
                CAPTURE(row.at("method"));
                CAPTURE(row.at("image"));
                CAPTURE(column);
                CHECK(measured.number(row.at("method"), row.at("image"), convention, column) ==
                      doctest::Approx(std::strtod(text.c_str(), nullptr)).epsilon(1e-6));
                ++compared;
            }
        }
        CHECK(compared == 16 * 9);
    }
}

TEST_CASE("programs/evaluate_fusion: how bright people are beside the infrared") {
    const Scenes s;
    const std::string labels = s.folder.make("labels"), boxes = s.folder.make("boxes"), dark = s.folder.make("dark");
    // People in the upper half of the first image and nowhere else.
    for (const std::string& name : s.names) {
        std::vector<std::uint8_t> label(48 * 64), pixels(48 * 64, 30);
        if (name == "a.png") std::fill(label.begin(), label.begin() + 24 * 64, std::uint8_t{2});
        io::write_image(labels + "/" + name, from_data(label.data(), {48, 64, 1}));
        pixels[0] = 200;
        io::write_image(dark + "/" + name, from_data(pixels.data(), {48, 64, 1}));
        write_file(boxes + "/" + name.substr(0, 1) + ".txt", name == "a.png"   ? "0 .5 .25 1 .5\n"
                                                             : name == "b.png" ? "2 .5 .5 .1 .1"
                                                                               : "");
    }
    const auto infrared = io::read_image(s.ir + "/a.png");
    double sum = 0;
    for (std::int64_t i = 0; i < 24 * 64; ++i) sum += infrared.data()[i];
    const double expected = (30.0 * (24 * 64 - 1) + 200) / sum;
    std::vector<std::string> printed;
    for (const Arguments& people : {Arguments{"--labels", labels}, Arguments{"--boxes", boxes}}) {
        const Outcome outcome = s.evaluate({s.near, dark}, people + Arguments{"--json", s.json});
        REQUIRE(outcome.code == 0);
        CHECK(contains(outcome.err, "warning: dark: people have 0."));
        CHECK(!contains(outcome.err, "warning: near"));
        CHECK(contains(outcome.out, "infrared 1.000\n"));
        const std::string json = read_file(s.json);
        CHECK(number_in(json.substr(json.find("\"retention\"")), "dark") == doctest::Approx(expected).epsilon(1e-9));
        printed.push_back(outcome.out);
    }
    CHECK(printed[0] == printed[1]);
    std::filesystem::remove(labels + "/c.png");
    s.check_refused({s.near}, {"--labels", labels}, {s.vis + "/c.png: has no label partner"});
    write_scene(labels + "/c.png", 1, 0);
    s.check_refused({s.near}, {"--labels", labels}, {labels + "/c.png: "});
    write_file(boxes + "/c.txt", "0 1 2");
    s.check_refused({s.near}, {"--boxes", boxes}, {boxes + "/c.txt: line 1"});
    s.check_refused({s.near}, {"--boxes", boxes, "--labels", labels}, {"--labels", "--boxes"}, 2);
}
