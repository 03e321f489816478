//! Names of files within archives and folders of data sets.

use super::layout::{Part, Split, sim_index};

/// A zip's name of a file, as a path with `/` that begins at the archive's top. Some Windows programs write `\`.
///
/// # Errors
/// A name that climbs out of the archive's folder, or begins elsewhere.
pub fn tidy(name: &str) -> Result<String, String> {
    let slashes = name.replace('\\', "/");
    let drive = slashes.as_bytes().get(1) == Some(&b':');
    if drive || slashes.starts_with('/') || slashes.split('/').any(|part| part == "..") {
        return Err(format!("the name \"{name}\" in it leads out of its folder"));
    }
    let parts = slashes.split('/').filter(|part| !part.is_empty() && *part != ".");
    Ok(parts.collect::<Vec<_>>().join("/"))
}

/// Whether a path is what file managers leave behind: `._*`, `.DS_Store`, `__MACOSX`, `Thumbs.db`, `desktop.ini`.
#[must_use]
pub fn is_litter(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| {
        part.starts_with("._")
            || [".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"].contains(&part)
    })
}

/// What the path of a data set's file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The folder that the splits are in; empty for the top.
    pub base: &'a str,
    /// Its split.
    pub split: Split,
    /// Its simulation.
    pub name: &'a str,
    /// Its array.
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
    fn windows_names_are_paths_and_none_leads_out() {
        assert_eq!(tidy("Ball\\train\\inputs\\sim_0.npy").unwrap(), "Ball/train/inputs/sim_0.npy");
        assert_eq!(tidy("./a//b/").unwrap(), "a/b");
        assert_eq!(tidy("a..b/..c").unwrap(), "a..b/..c");
        for outside in
            ["../a", "a/../../b", "..\\a", "a\\..\\b", "/etc/a", "\\a", "C:\\a", "c:a", ".."]
        {
            assert!(tidy(outside).unwrap_err().contains(outside), "{outside}");
        }
    }

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
