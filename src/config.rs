//! Typed settings from file, environment and arguments, validated once at start.
