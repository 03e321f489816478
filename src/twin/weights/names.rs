//! The original's names of parameters.

use crate::twin::config::{TwinConfig, TwinKind};

/// The beginning of every parameter's name.
const ROOT: &str = "backbone_and_heads";

/// The beginning of the names of the backbone's parameters and buffers.
pub(crate) fn backbone_root() -> String {
    format!("{ROOT}.backbone")
}

/// The original's name of the parameter at `path` in our module; `None` where the original has no such one.
pub fn torch_name(config: &TwinConfig, path: &[String]) -> Option<String> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["heads", head, leaf] => Some(format!("{ROOT}.{head}_head.temporal_conv.{leaf}")),
        ["backbone", _kind, rest @ ..] => {
            let name = config.architecture().torch_name(rest)?;
            Some(format!("{}.{name}", backbone_root()))
        }
        _ => None,
    }
}

/// A parameter's name without the parts that wrappers insert anywhere: `module` (of DataParallel and its kin) and
/// `_orig_mod` (of torch.compile).
pub fn unwrapped(name: &str) -> String {
    let parts = name.split('.').filter(|part| *part != "module" && *part != "_orig_mod");
    parts.collect::<Vec<_>>().join(".")
}

/// Whether `name` is a buffer of the original that follows from the configuration, and so is not read.
pub fn is_derived(name: &str) -> bool {
    let mut derived = TwinKind::ALL.into_iter().flat_map(|kind| kind.about().derived);
    name.ends_with(".num_batches_tracked") || derived.any(|part| name.contains(part))
}

/// Whether our checkpoints keep something else under `name`: AdamW's moments, a learning curve.
pub fn is_reserved(name: &str) -> bool {
    ["optimizer.exp_avg", "optimizer.exp_avg_sq", "curve.train", "curve.valid"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn wrappers_leave_no_trace() {
        for name in [
            "a.weight",
            "module.a.weight",
            "_orig_mod.a.weight",
            "module._orig_mod.a.weight",
            "_orig_mod.module.module.a.weight",
            "a._orig_mod.weight",
        ] {
            assert_eq!(unwrapped(name), "a.weight");
        }
        assert_eq!(unwrapped("submodule.a"), "submodule.a");
    }
}
