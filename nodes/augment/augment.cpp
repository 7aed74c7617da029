#include "nodes/augment/augment.hpp"

namespace fergraph {

Contract<Augment> Augment::contract() {
  return Contract<Augment>("augment", "A random view of a face.")
      .details(
          "Draws are keyed by (seed, node, running position): two passes over a sample differ, and the threads do not "
          "matter. Pixels are those of Pillow 9.4. Normalising is left to the network.\n\n"
          "Operations of 'ops' ({flip: 0.5}, {crop: {padding: 8, probability: 0.5}}); each also takes 'probability', 1 "
          "where nothing else is said, and a lone value is the first parameter's:\n" +
          described_operations())
      .in(&In::image, "image", "uint8 [H,W,3]", "the face")
      .out(&Out::image, "image", "uint8 [h,w,3]", "the view, of the face's size where no operation changes it")
      .param(&Params::ops, "ops", "the operations, in their order: [{crop: {padding: 4}}, {flip: 0.5}]");
}

Augment::Out Augment::run(const In& in, const Params& params, const Context& context) const {
  Random random = context.random();
  Canvas canvas(in.image.pixels);
  for (const ViewOperation& each : params.ops)
    if (random.chance(each.operation->probability)) each.operation->apply(canvas, random);
  return {{canvas.finish()}};
}

}  // namespace fergraph
