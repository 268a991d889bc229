"""Pictures that are no chest films, made from films or from nothing, to learn the difference on."""
