//! Long operation of the emulated board: the gallery, and random presses, requests, noise and resets.

mod connection;
mod counters;
mod gallery;
mod random;
mod session;
