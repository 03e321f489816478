//! The built site in a real browser, end to end. One program, so that its tests share the processor's cores to the last.

mod accessible;
mod assignment;
mod common;
mod dataset;
mod embed;
mod judge;
mod kept;
mod lacking;
mod offline;
mod onnx;
mod page;
mod policy;
mod pyramid;
mod reach;
mod synapses;
mod tasks;
mod twin;
mod words;
