//! The questions that the page asks its simulating workers.

#[cfg(feature = "data-lessons")]
use super::data_set::answer::{LeftOut, MakeEvent, Share, Shown, Zip};
#[cfg(feature = "data-lessons")]
use super::data_set::record::{Key, StoredSet};
use super::dom;
use super::port::{Never, Service, questions};
#[cfg(feature = "data-lessons")]
use crate::data::Manifest;
use crate::experiment::curves::{InputOutput, Responses};
use crate::experiment::trace::{RandomTrace, Traced};
use crate::experiment::{Comparison, Experiment, Outcome, RateCurve, Recorded};
use wasm_bindgen::prelude::*;
#[cfg(feature = "data-lessons")]
use web_sys::File;
use web_sys::HtmlLinkElement;

/// The worker that simulates, from the page's own wasm.
#[derive(Debug)]
pub struct Simulator;

impl Service for Simulator {
    type Order = SimulatorOrder;

    const LOADER: &'static str = "onmessage = async ({data: [script, module_or_path]}) => {\
        onmessage = null;\
        const {default: init} = await import(script);\
        await init({module_or_path});\
    };";

    // the page's own compiled module: nothing is loaded or compiled twice
    fn first_message() -> Result<JsValue, JsValue> {
        // the bundler writes a `modulepreload` link for the script
        let link = dom::document().query_selector("link[rel=modulepreload]")?;
        let link = link.and_then(|link| link.dyn_into::<HtmlLinkElement>().ok());
        let script = link.ok_or("the page names no script")?.href();
        Ok(js_sys::Array::of2(&script.into(), &wasm_bindgen::module()).into())
    }

    fn stopped(_: &str) -> String {
        "The worker that simulates has stopped. The next change starts a new one.".to_owned()
    }
}

questions! {
    /// All that a simulating worker can be asked.
    pub enum SimulatorOrder to Simulator {} and {
        /// A computation, which the worker advances in turns.
        Computation,
        /// A task that waits for the browser's database and streams, beside the computations.
        #[cfg(feature = "data-lessons")]
        DataTask,
    }
}

questions! {
    /// What a worker computes in turns.
    pub enum Computation to Simulator {
        /// Runs one simulation.
        Simulate(Experiment) => Never, Outcome;
        /// Runs one simulation, after a draft of its outcome.
        Draft(Experiment) => Outcome, Outcome;
        /// Pairs of amplitude (nA) and firing rate (Hz); each part has all pairs so far.
        RateCurve => Vec<(f64, f64)>, Vec<(f64, f64)>;
        /// Simulates what NEURON has recorded, and compares the two.
        Recorded => Never, Comparison;
        /// Input-output curves: all of them as a draft, then by the batch path, then exactly, point by point from the
        /// left.
        Curves(Vec<InputOutput>) => Responses, Responses;
        /// Random inputs and their targets; a draft comes first where the targets have to be simulated.
        RandomTrace => Traced, Traced;
    }
}

#[cfg(feature = "data-lessons")]
questions! {
    /// Work on the data set that the browser stores.
    pub enum DataTask to Simulator {
        /// Makes simulations and stores each of them.
        Make {
            /// The data set's id.
            id: String,
            /// What the data set is made from.
            plan: Manifest,
            /// Which simulations to make.
            keys: Vec<Key>,
        } => MakeEvent, ();
        /// Reads a simulation for drawing.
        Look {
            /// The data set's id.
            id: String,
            /// Split and number of the simulation.
            key: Key,
        } => Never, Shown;
        /// Packs a data set into a zip.
        Pack(StoredSet) => Never, Zip;
        /// Keeps a zip's data set in place of the present one, which is put aside. The parts say how many of the zip's
        /// simulations are checked, and of how many.
        Unpack {
            /// The id of the new data set.
            id: String,
            /// The zip's file.
            #[serde(with = "serde_wasm_bindgen::preserve")]
            file: File,
        } => Share, LeftOut;
    }
}
