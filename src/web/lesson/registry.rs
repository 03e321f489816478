//! Every lesson, in the order of the course. A lesson is its markup in `www/lessons`, its module beside this file, and
//! its entry in [`LESSONS`]. From the entries come the navigation, the contents of the start page, the links back and on at
//! a lesson's end and what each page includes: `tests/registry.rs` holds the markup to them, and writes it where
//! `BALLSTICK_WRITE_MARKUP` is set:
//!
//! ```sh
//! BALLSTICK_WRITE_MARKUP=1 cargo test -p ballstick --features twin-lessons --test registry
//! ```

use super::Mount;

/// A page of the site: its own markup around some lessons, with a wasm of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `www/index.html`.
    First,
    /// `www/data-set.html`.
    DataSet,
    /// `www/twin.html`.
    Twin,
}

impl Page {
    /// All pages of the site.
    pub const ALL: [Self; 3] = [Self::First, Self::DataSet, Self::Twin];

    /// The page's folder in the built site; empty for the first page.
    pub fn folder(self) -> &'static str {
        match self {
            Self::First => "",
            Self::DataSet => "data-set/",
            Self::Twin => "twin/",
        }
    }

    /// The page's markup in `www`.
    pub fn file(self) -> &'static str {
        match self {
            Self::First => "index.html",
            Self::DataSet => "data-set.html",
            Self::Twin => "twin.html",
        }
    }
}

/// What the site knows of a lesson.
pub struct Entry {
    /// The lesson's key in the address and in its markup's `data-lesson`; the markup is `www/lessons/KEY.html`.
    pub key: &'static str,
    /// The lesson's number in the course; empty for the start page.
    pub number: &'static str,
    /// The page that has the lesson.
    pub page: Page,
    /// The lesson's name in the navigation.
    pub name: &'static str,
    /// The lesson's title, also in the contents and in links to the lesson.
    pub title: &'static str,
    /// The part of the course that begins with the lesson; `None` where none does.
    pub part: Option<&'static str>,
    /// What the contents say of the lesson, as markup.
    pub summary: &'static str,
    /// Starts the lesson on the element of its markup.
    pub(in crate::web) mount: Mount,
}

/// Every lesson of the pages that this build is for.
pub const LESSONS: &[Entry] = &[
    Entry {
        key: "start",
        number: "",
        page: Page::First,
        name: "Start",
        title: "A neuron you can take apart",
        part: None,
        summary: "",
        mount: super::start::mount,
    },
    Entry {
        key: "soma",
        number: "1",
        page: Page::First,
        name: "Soma",
        title: "The soma",
        part: Some("The neuron"),
        summary: "<data value=\"channels\">Eleven</data> kinds of channels turn a steady current into spikes. Switch them off one by one and find out what each is for.",
        mount: super::soma::mount,
    },
    Entry {
        key: "dendrite",
        number: "2",
        page: Page::First,
        name: "Dendrite",
        title: "The dendrite",
        part: None,
        summary: "Drag an input along a cable. Why does the same synapse fire the cell here and go unnoticed there?",
        mount: super::dendrite::mount,
    },
    Entry {
        key: "synapses",
        number: "3",
        page: Page::First,
        name: "Synapses",
        title: "Synapses and nonlinearities",
        part: None,
        summary: "AMPA, NMDA and <data value=\"4\">four</data> simpler rules: what a dendrite makes of inputs that arrive together, side by side or far apart.",
        mount: super::synapses::mount,
    },
    #[cfg(feature = "data-lessons")]
    Entry {
        key: "pyramid",
        number: "3½",
        page: Page::DataSet,
        name: "Pyramid",
        title: "The pyramidal cell",
        part: None,
        summary: "Channels on the dendrite, too: a spike runs back out, meets an input, and the cell answers with a burst.",
        mount: super::pyramid::mount,
    },
    Entry {
        key: "targets",
        number: "4",
        page: Page::First,
        name: "Targets",
        title: "Random input and the five targets",
        part: Some("The examples"),
        summary: "What should a network be shown, and what should it answer? Draw inputs at random and look at each target on the live trace.",
        mount: super::targets::mount,
    },
    #[cfg(feature = "data-lessons")]
    Entry {
        key: "dataset",
        number: "5",
        page: Page::DataSet,
        name: "Data set",
        title: "The data set",
        part: None,
        summary: "Hundreds of simulations in the background of your own browser: made, looked at, filtered, and taken away as files.",
        mount: super::dataset::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "ready",
        number: "5½",
        page: Page::Twin,
        name: "Ready?",
        title: "Ready?",
        part: Some("The twin"),
        summary: "Does this device have a graphics processor that the page may use, and how far does training get in a few minutes? Everything also works with recorded results.",
        mount: super::ready::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "twin",
        number: "6",
        page: Page::Twin,
        name: "Twin",
        title: "The twin",
        part: None,
        summary: "Choose a network, see how far back it looks, train it here and watch it learn.",
        mount: super::twin::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "judge",
        number: "7",
        page: Page::Twin,
        name: "Judge",
        title: "Judge it",
        part: None,
        summary: "How well does it tell a spike from none? Drag the threshold; move an input and let neuron and twin answer together.",
        mount: super::judge::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "taylor",
        number: "7½",
        page: Page::Twin,
        name: "Nudge",
        title: "Nudge it",
        part: None,
        summary: "Change a single input spike. Does the twin answer the change as the neuron does, and can it be taught to?",
        mount: super::taylor::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "assignment",
        number: "8",
        page: Page::Twin,
        name: "Assignment",
        title: "The assignment",
        part: None,
        summary: "Five networks, two neurons, ten results: run them, compare them, and explain in your own words.",
        mount: super::assignment::mount,
    },
    #[cfg(feature = "twin-lessons")]
    Entry {
        key: "bonus",
        number: "9",
        page: Page::Twin,
        name: "Bonus",
        title: "Bonus",
        part: None,
        summary: "What a first layer has learned, what each architecture costs, and experiments on the neuron.",
        mount: super::bonus::mount,
    },
];
