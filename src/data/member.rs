//! The paths of a data set's files, taken apart.

use super::layout::{Part, Split, sim_index};
pub use super::path::{is_litter, tidy};

/// The array of a simulation that a data set's file holds, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The folder that holds the splits' folders; empty for the top.
    pub base: &'a str,
    /// The split.
    pub split: Split,
    /// The simulation's name.
    pub name: &'a str,
    /// The array.
    pub part: Part,
}

impl<'a> Member<'a> {
    /// The member at a [`tidy`] path; `None` for a file that is no array of a simulation.
    #[must_use]
    pub fn of(path: &'a str) -> Option<Self> {
        if is_litter(path) {
            return None;
        }
        let mut from_end = path.rsplitn(4, '/');
        let name = from_end.next()?.strip_suffix(".npy")?;
        sim_index(name)?;
        let folder = from_end.next()?;
        let split = from_end.next()?.parse().ok()?;
        let part = Part::ALL.into_iter().find(|part| part.folder() == folder)?;
        Some(Self { base: from_end.next().unwrap_or(""), split, name, part })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_split_simulation_and_array() {
        let found = Member::of("x/y/train/output_soma_v/sim_0000012.npy").unwrap();
        assert_eq!((found.base, found.split, found.name), ("x/y", Split::Train, "sim_0000012"));
        assert_eq!(found.part, Part::SomaV);
        let top = Member::of("valid/inputs/sim_3.npy").unwrap();
        assert_eq!((top.base, top.name, top.part), ("", "sim_3", Part::Inputs));
        for other in [
            "train/inputs/notes.npy",
            "dataset.json",
            "dev/inputs/sim_0000000.npy",
            "train/inputs/._sim_0000000.npy",
            "__MACOSX/Ball/train/inputs/sim_0000000.npy",
            "",
        ] {
            assert_eq!(Member::of(other), None, "{other}");
        }
        assert!(is_litter("Ball/.DS_Store") && !is_litter("Ball/dataset.json"));
    }
}
