// Measures what came out: fused images against their sources, segmentations against labels, detections against boxes,
// runs against each other, kinds of pictures by what a net makes of them. A command each, in evaluate/.
#include "evaluate/ablation.hpp"
#include "evaluate/detection.hpp"
#include "evaluate/fusion.hpp"
#include "evaluate/segmentation.hpp"
#include "evaluate/stress.hpp"
#include "evaluate/task.hpp"
#include "support/program.hpp"

int main(int argc, char** argv) {
    CLI::App app(
        "Measures fused images against their sources, segmentations against labels and detections against boxes.",
        "evaluate");
    return program::run(
        app, argc, argv,
        {evaluate::fusion_command(app), evaluate::segmentation_command(app), evaluate::detection_command(app),
         evaluate::task_command(app), evaluate::ablation_command(app), evaluate::stress_command(app)});
}
