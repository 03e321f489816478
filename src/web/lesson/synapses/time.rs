//! The third laboratory's traces, and the commands that do the same.

use super::bench::{Bench, DURATION_MS, PINNED};
use super::load::{flags, repairs};
use crate::experiment::SynapticEvent;
use crate::experiment::curves::of_several;
use crate::plot::neuron::name_of;
use crate::sim::NeuronParams;
use crate::text::count;
use crate::web::dom;
use crate::web::lesson::command;
use crate::web::plot::{Colour, Data, Figure, Panel, Series, Style};
use web_sys::Element;

impl Bench {
    pub(super) fn draw_traces(&self) {
        let state = self.state.borrow();
        let Some(outcome) = &state.outcome else { return };
        let data = |mv: &[f64]| Data::samples(outcome.dt_ms, mv);
        let lines = state.watched.iter().map(|row| {
            let (name, mv) = (name_of(&state.branches, *row), data(outcome.watched(*row)));
            match state.pinned.iter().zip(PINNED).find(|(pinned, _)| *pinned == row) {
                Some((_, colour)) => Series::new(name, colour, Style::Line, mv),
                None => Series::new(name, Colour::Vermillion, Style::Bold, mv),
            }
        });
        let panel = |title: &str, height| Panel::new(title, "mV", (-90.0, 55.0), height);
        self.traces.set(
            Figure::time((0.0, DURATION_MS as f64)).with_all([
                panel("soma voltage", 100.0)
                    .line("soma", Colour::Ink, data(&outcome.soma_mv))
                    .digits(1),
                panel("at the chosen segments", 110.0).with_all(lines).digits(1),
            ]),
        );
    }

    pub(super) fn write_command(&self, cell: &str, file: Option<&str>) {
        let state = self.state.borrow();
        let Some(neuron) = &state.neuron else { return };
        let (before, neuron_option) = match cell {
            "swc" => (String::new(), of_cell("cell.swc", &neuron.params)),
            "file" => {
                let controls = self.controls.borrow();
                let flags = controls.as_ref().map(|c| flags(&repairs(c))).unwrap_or_default();
                of_file(file.unwrap_or("CELL.swc"), &flags, &neuron.params)
            }
            _ => command::neuron(&neuron.params),
        };
        let placed = &state.placed;
        let events = command::events(state.volleys_ms.iter().flat_map(|t| {
            placed.iter().map(|(row, count)| {
                SynapticEvent::excitatory(*row, *t, of_several(*count, state.weight))
            })
        }));
        let text = format!(
            "{before}ballstick simulate {neuron_option} --inputs none --duration {DURATION_MS}{events} \\\n    --out tree.npz --plot tree.svg"
        );
        command::show(&self.root, cli!("tree"), &text);
        let json = match neuron.editable {
            true => command::json(&neuron.params),
            false => format!(
                "{}, {}: ballstick swc writes this cell as N.json",
                count(state.branches.len(), "branch"),
                count(state.rows(), "segment")
            ),
        };
        if let Some(place) = dom::find::<Element>(&self.root, "[data-json] code") {
            dom::set_text(&place, &json);
        }
    }
}

/// A file's name as a word of a shell's command.
fn quoted(file: &str) -> String {
    let is_plain = !file.starts_with('-')
        && file.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    if is_plain { file.to_owned() } else { format!("'{}'", file.replace('\'', r"'\''")) }
}

/// A cell of the learner's: the command that comes first, and the cell's option. A cell that is repaired becomes a
/// neuron's JSON first.
fn of_file(file: &str, flags: &str, params: &NeuronParams) -> (String, String) {
    if flags.is_empty() {
        return (String::new(), of_cell(file, params));
    }
    let name = quoted(file);
    let before = format!("ballstick swc {name}{flags} --out neuron.json\n");
    (before, format!("--neuron neuron.json{}", receptors(params)))
}

/// A reconstructed cell and its receptors, as options.
fn of_cell(file: &str, params: &NeuronParams) -> String {
    format!("--swc {}{}", quoted(file), receptors(params))
}

/// Those parameters of the receptors that differ from the default's, as options.
fn receptors(params: &NeuronParams) -> String {
    let default = NeuronParams::default();
    [
        ("g_max_NMDA_uS", params.g_max_nmda, default.g_max_nmda),
        ("gamma_NMDA", params.gamma_nmda, default.gamma_nmda),
    ]
    .iter()
    .filter(|(_, now, before)| now != before)
    .map(|(key, now, _)| format!(" --set {key}={now}"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::lesson::synapses::trees::with_receptors;

    #[test]
    fn a_cell_is_named_with_its_receptors() {
        assert_eq!(of_cell("cell.swc", &with_receptors("human")), "--swc cell.swc");
        assert_eq!(
            of_cell("my cell's.swc", &with_receptors("ampa")),
            r"--swc 'my cell'\''s.swc' --set g_max_NMDA_uS=0 --set gamma_NMDA=0.062"
        );
        let (before, option) = of_file("a.swc", " --join", &with_receptors("human"));
        assert_eq!(before, "ballstick swc a.swc --join --out neuron.json\n");
        assert_eq!(option, "--neuron neuron.json");
        let plain = of_file("a.swc", "", &with_receptors("human"));
        assert_eq!(plain, (String::new(), "--swc a.swc".to_owned()));
    }
}
