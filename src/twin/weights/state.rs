//! A twin's parameters by name: reading them from a device and putting them back.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::TensorData;

use super::names::{is_derived, torch_name};
use crate::twin::config::TwinConfig;
use crate::twin::model::Twin;

pub use super::host::{HostTensor, StateDict, StateError};

/// A visitor that collects a module's parameters and keeps the path of the present one.
struct Walk<'a, B: Backend> {
    config: &'a TwinConfig,
    path: Vec<String>,
    found: Vec<(String, Vec<usize>, Tensor<B, 1>)>,
}

impl<B: Backend> ModuleVisitor<B> for Walk<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(name) = torch_name(self.config, &self.path) {
            let value = param.val();
            let shape = value.dims().to_vec();
            let len = shape.iter().product::<usize>();
            self.found.push((name, shape, value.reshape([len])));
        }
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}

/// Reads every parameter and running statistic of `twin` from its device.
///
/// # Errors
/// [`StateError::Read`] where the device does not return a value.
pub async fn export<B: Backend>(
    twin: &Twin<B>,
    config: &TwinConfig,
) -> Result<StateDict, StateError> {
    let mut walk = Walk { config, path: Vec::new(), found: Vec::new() };
    twin.visit(&mut walk);
    let mut state = StateDict::new();
    for (name, shape, value) in walk.found {
        let read = |e: &dyn std::fmt::Debug| StateError::Read(name.clone(), format!("{e:?}"));
        let data = value.into_data_async().await.map_err(|e| read(&e))?;
        let values = data.into_vec::<f32>().map_err(|e| read(&e))?;
        state.insert(name, HostTensor { shape, values });
    }
    Ok(state)
}

/// A mapper that puts named values into a module.
struct Put<'a> {
    config: &'a TwinConfig,
    path: Vec<String>,
    state: &'a StateDict,
    used: usize,
    error: Option<StateError>,
}

impl Put<'_> {
    fn value<B: Backend, const D: usize>(
        &mut self,
        want: [usize; D],
        device: &B::Device,
    ) -> Option<Tensor<B, D>> {
        let name = torch_name(self.config, &self.path)?;
        let Some(tensor) = self.state.get(&name) else {
            self.error.get_or_insert(StateError::Missing(name));
            return None;
        };
        self.used += 1;
        if tensor.shape != want {
            let (found, want) = (tensor.shape.clone(), want.to_vec());
            self.error.get_or_insert(StateError::Shape { name, found, want });
            return None;
        }
        // ∞ is valid: where the original's τ_m is at its upper bound, its parameter is ∞
        if tensor.values.iter().any(|v| v.is_nan()) {
            self.error.get_or_insert(StateError::NotANumber(name));
            return None;
        }
        Some(Tensor::from_data(TensorData::new(tensor.values.clone(), want), device))
    }
}

impl<B: Backend> ModuleMapper<B> for Put<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let (dims, device) = (param.val().dims(), param.val().device());
        let Some(value) = self.value::<B, D>(dims, &device) else {
            return param;
        };
        let trained = param.val().is_require_grad();
        param.map(|_| if trained { value.require_grad() } else { value })
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}

/// A twin with stored weights. Weights are counted before the twin is made, because the configuration of wrong weights
/// may ask for more memory than there is.
///
/// # Errors
/// The errors of [`import`], and [`StateError::TooFew`].
pub fn load<B: Backend>(
    config: &TwinConfig,
    state: &StateDict,
    device: &B::Device,
) -> Result<Twin<B>, StateError> {
    let own = state.iter().filter(|(name, _)| !is_derived(name) && !name.contains(".running_"));
    let (found, want) = (own.map(|(_, t)| t.values.len()).sum(), config.num_parameters());
    if found < want {
        return Err(StateError::TooFew { found, want });
    }
    import(config.init(0, device), config, state)
}

/// Replaces every parameter and running statistic of `twin` by the value of the same name in `state`.
///
/// # Errors
/// [`StateError`]: a value is missing, left over, of another shape or NaN.
pub fn import<B: Backend>(
    twin: Twin<B>,
    config: &TwinConfig,
    state: &StateDict,
) -> Result<Twin<B>, StateError> {
    let mut put = Put { config, path: Vec::new(), state, used: 0, error: None };
    let twin = twin.map(&mut put);
    if let Some(error) = put.error {
        return Err(error);
    }
    let known = state.keys().filter(|name| !is_derived(name)).count();
    if put.used != known {
        let mut walk = Walk { config, path: Vec::new(), found: Vec::new() };
        twin.visit(&mut walk);
        let names: Vec<&String> = walk.found.iter().map(|(name, ..)| name).collect();
        let extra = state.keys().find(|name| !is_derived(name) && !names.contains(name));
        return Err(StateError::Unknown(extra.cloned().unwrap_or_default()));
    }
    Ok(twin)
}
