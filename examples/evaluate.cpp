// Measures what came out: segmentations against labels, detections against boxes. A command each, in evaluate/.
#include "evaluate/detection.hpp"
#include "evaluate/segmentation.hpp"
#include "support/program.hpp"

int main(int argc, char** argv) {
    CLI::App app("Measures segmentations against labels and detections against boxes.", "evaluate");
    return program::run(app, argc, argv, {evaluate::segmentation_command(app), evaluate::detection_command(app)});
}
