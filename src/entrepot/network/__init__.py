"""The multimodal network: built once from the facts, never changed by costs."""
