"""What is minimised: the networks of a task and its losses, on any Keras backend.

An objective has

- ``networks``: dict of the trained networks by name, each with an optimiser of its own;
- ``product``: the name of the network that users want, whose weights are averaged, and ``build(config)``, which makes
  one; both also of the class;
- ``reads_parser(config)``: of the class, whether it is made of a config and a trained P_F, or of a config alone;
- ``kinds``: the kinds of steps, which take turns: ("paired", "unpaired") or ("paired",);
- ``noise``: the shape of the standard normal numbers that each portrait comes with, () for none;
- ``updates(kind)``: names of the networks that a step of this kind updates;
- ``losses(kind, batch)``: (totals, terms): the scalar that each updated network minimises, by network name, and every
  term under the paper's symbol;
- ``validation(product, batch)``: terms and metrics of one validation batch;
- ``scores(means)``: floats from the mean of these over all validation batches;
- ``pictures(product, batch)``: the columns of a sample grid, each float [B, R, R, 3] in [-1, 1] or integer [B, R, R].

A batch is a dict of "target_image", "source_image" (uint8 [B, R, R, 3]), "target_mask", "source_mask" (uint8 [B, R, R]
Helen ids) and, where the objective asks for it, "noise" (float32 [B, *noise]: [B, 5, E] for variational embeddings).
"""
