//! The original's names of parameters.

use crate::twin::config::TwinConfig;
use crate::twin::layer::norm::NormKind;

/// The original's name of the parameter at `path` in our module, or `None` if there is none.
pub fn torch_name(config: &TwinConfig, path: &[String]) -> Option<String> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let inner = match path.as_slice() {
        ["heads", head, leaf] => format!("{head}_head.temporal_conv.{leaf}"),
        ["backbone", _kind, rest @ ..] => format!("backbone.{}", backbone(config, rest)?),
        _ => return None,
    };
    Some(format!("backbone_and_heads.{inner}"))
}

fn backbone(config: &TwinConfig, path: &[&str]) -> Option<String> {
    // PyTorch's own BatchNorm2d sits one level deeper than the original's other norms
    let deeper = |kind: NormKind, leaf: &str| match kind {
        NormKind::Batch => format!("norm_layer.{leaf}"),
        _ => leaf.to_owned(),
    };
    let norm = |leaf| match config {
        TwinConfig::Tcn(c) => deeper(c.norm_type, leaf),
        TwinConfig::ResNetTcn(c) => deeper(c.norm_type, leaf),
        TwinConfig::Transformer(c) => deeper(c.first_norm_type, leaf),
        TwinConfig::Elm(_) => leaf.to_owned(),
    };
    Some(match path {
        ["first", "conv", leaf] => format!("first_conv.temporal_conv.{leaf}"),
        ["first", "norm", leaf] => format!("first_norm.{}", norm(leaf)),
        // TCN
        ["blocks", i, "layers", j, "conv", leaf] => {
            format!("block{i}.conv{j}.temporal_conv.{leaf}")
        }
        ["blocks", i, "layers", j, "norm", leaf] => format!("block{i}.norm{j}.{}", norm(leaf)),
        // ResNetTCN
        ["blocks", i, "miniblocks", j, "shortcut", leaf] => {
            format!("block{i}.block{j}.shortcut_conv.{leaf}")
        }
        ["blocks", i, "miniblocks", j, layer, "conv", leaf] => {
            format!("block{i}.block{j}.conv{}.temporal_conv.{leaf}", layer.strip_prefix("layer")?)
        }
        ["blocks", i, "miniblocks", j, layer, "norm", leaf] => {
            format!("block{i}.block{j}.norm{}.{}", layer.strip_prefix("layer")?, norm(leaf))
        }
        // ELM
        ["w_s"] => "_proto_w_s".to_owned(),
        ["tau_s"] => "tau_s".to_owned(),
        ["proto_tau_m"] => "_proto_tau_m".to_owned(),
        ["pre_norm", leaf] => format!("mlp.pre_norm.{leaf}"),
        ["layers", i, leaf] => format!("mlp.fc{i}.{leaf}"),
        // Transformer
        ["blocks", i, "ffn", rest @ ..] => format!("block{i}.mlp.{}", rest.join(".")),
        ["blocks", i, rest @ ..] => format!("block{i}.{}", rest.join(".")),
        ["final_norm", leaf] => format!("final_norm.{leaf}"),
        _ => return None,
    })
}

/// A parameter's name without what wrappers put into it: `module` (DataParallel and its kin) and `_orig_mod`
/// (torch.compile), wherever they stand.
pub fn unwrapped(name: &str) -> String {
    let parts = name.split('.').filter(|part| *part != "module" && *part != "_orig_mod");
    parts.collect::<Vec<_>>().join(".")
}

/// Buffers of the original that follow from the configuration; nothing is read from them.
pub fn is_derived(name: &str) -> bool {
    name.ends_with(".num_batches_tracked") || name.contains(".attn.rope.freqs_")
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
