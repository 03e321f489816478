//! Names of files within archives and folders.

/// The path in an archive of the file that a zip calls `name`, with `/` between folders, though some Windows programs
/// write `\`.
///
/// # Errors
/// A message in words: the name leads out of the archive's folder, or is absolute.
pub fn tidy(name: &str) -> Result<String, String> {
    let slashes = name.replace('\\', "/");
    let parts = slashes.split('/').filter(|part| !part.is_empty() && *part != ".");
    let path = parts.collect::<Vec<_>>().join("/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    if drive || slashes.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(format!("the name \"{name}\" in it leads out of its folder"));
    }
    Ok(path)
}

/// Whether a path is a file manager's own file: `._*`, `.DS_Store`, `__MACOSX`, `Thumbs.db`, `desktop.ini`.
#[must_use]
pub fn is_litter(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| {
        part.starts_with("._")
            || [".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"].contains(&part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_are_paths_and_none_leads_out() {
        assert_eq!(tidy("Ball\\train\\inputs\\sim_0.npy").unwrap(), "Ball/train/inputs/sim_0.npy");
        assert_eq!(tidy("./a//b/").unwrap(), "a/b");
        assert_eq!(tidy("a..b/..c").unwrap(), "a..b/..c");
        for outside in [
            "../a",
            "a/../../b",
            "..\\a",
            "a\\..\\b",
            "/etc/a",
            "\\a",
            "C:\\a",
            "c:a",
            "..",
            "./c:a",
        ] {
            assert!(tidy(outside).unwrap_err().contains(outside), "{outside}");
        }
    }
}
