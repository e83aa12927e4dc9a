# Prints what TensorBoard's own reader finds in a run's folder: TAG STEP VALUE, and of images TAG STEP HEIGHTxWIDTH BYTES.
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
events.Reload()
for tag in events.Tags()["scalars"]:
    for event in events.Scalars(tag):
        print(tag.replace(" ", "_"), event.step, repr(event.value))
for tag in events.Tags()["images"]:
    for event in events.Images(tag):
        print(tag, event.step, f"{event.height}x{event.width}", len(event.encoded_image_string))
