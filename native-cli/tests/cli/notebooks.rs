//! The seven notebooks' code cells run, one after the other, by Python with numpy and matplotlib.

use std::path::Path;
use std::process::Command;

use crate::common::{fail, folder, succeed};

/// Runs a notebook's code cells in one namespace, without a screen, and counts the figures that it shows.
const RUNNER: &str = "
import json, sys
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
figures = 0
def show():
    global figures
    figures += len(plt.get_fignums())
    plt.close('all')
plt.show = show
notebook = json.load(open(sys.argv[1]))
assert (notebook['nbformat'], notebook['nbformat_minor']) == (4, 5)
assert len({cell['id'] for cell in notebook['cells']}) == len(notebook['cells'])
namespace = {'__name__': '__main__'}
for number, cell in enumerate(notebook['cells']):
    source = ''.join(cell['source'])
    assert '{{' not in source, source
    if cell['cell_type'] == 'code':
        exec(compile(source, f'cell {number}', 'exec'), namespace)
print('figures', figures)
";

/// Runs a notebook, and returns its printed output.
fn run(folder: &Path, name: &str) -> String {
    let python = std::env::var("BALLSTICK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(&python);
    command.current_dir(folder).args(["-c", RUNNER, &format!("{name}.ipynb")]);
    command.env("BALLSTICK", env!("CARGO_BIN_EXE_ballstick"));
    for (key, value) in [("TRAIN", "12"), ("MS", "512"), ("EPOCHS", "1")] {
        command.env(format!("BALLSTICK_{key}"), value);
    }
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name} by {python} (Debian: python3-numpy python3-matplotlib; BALLSTICK_PYTHON names another): {error}"
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn walk(test: &str, names: &[(&str, usize)]) {
    let folder = folder(test);
    let said = succeed(&folder, &["notebook", "--out", "."]);
    assert_eq!(said.lines().count(), 7);
    for (name, figures) in names {
        let printed = run(&folder, name);
        assert!(printed.contains(&format!("figures {figures}\n")), "{name}: {printed}");
    }
}

#[test]
fn the_simulation_and_the_data_sets() {
    let names = [
        ("simulate_ball_and_stick_neuron", 3),
        ("create_dataset_BS_neuron", 3),
        ("create_dataset_BS_neuron_AMPA_point", 3),
        ("create_dataset_BS_neuron_NMDA_cable", 3),
    ];
    walk("notebooks-data", &names);
}

#[test]
fn the_twins() {
    let names = [
        ("train_DNN_twin_of_BS_neuron", 4),
        ("train_DNN_twin_of_BS_neuron_AMPA_point", 4),
        ("train_DNN_twin_of_BS_neuron_NMDA_cable", 4),
    ];
    walk("notebooks-twins", &names);
}

#[test]
fn none_is_replaced() {
    let folder = folder("notebooks-kept");
    let mine = folder.join("books/train_DNN_twin_of_BS_neuron.ipynb");
    std::fs::create_dir(folder.join("books")).unwrap();
    std::fs::write(&mine, "mine").unwrap();
    fail(
        &folder,
        2,
        &["notebook", "--out", "books"],
        &["train_DNN_twin_of_BS_neuron", "is there already"],
    );
    assert_eq!(std::fs::read_dir(folder.join("books")).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
}
