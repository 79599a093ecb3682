"""The paper's networks, one file per sub-network, on keras.layers and keras.ops alone (any Keras backend)."""
