"""The only room that knows Keras: zoo, training, serving, explanation; nothing loads early."""
