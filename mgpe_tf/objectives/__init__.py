"""What is minimised: the networks of a task and its losses, on any Keras backend.

An objective has

- ``networks``: dict of the trained networks by name, each with an optimiser of its own;
- ``product``: the name of the network that users want, whose weights are averaged;
- ``updates(kind)``: names of the networks that a step of this kind updates;
- ``losses(kind, batch)``: (totals, terms): the scalar that each updated network minimises, by network name, and every
  term under the paper's symbol;
- ``validation(product, batch)``: terms and metrics of one validation batch;
- ``scores(means)``: floats from the mean of these over all validation batches;
- ``pictures(product, batch)``: the columns of a sample grid, each float [B, R, R, 3] in [-1, 1] or integer [B, R, R].

A batch is a dict of "target_image", "source_image" (uint8 [B, R, R, 3]), "target_mask", "source_mask" (uint8 [B, R, R]
Helen ids) and, for variational embeddings, "noise" (float32 [B, 5, E]).
"""
