//! Sweeps over axes: cells shared by several runs, and the effects of the axes.

use crate::common::{fail, folder, succeed};
use ballstick::twin::effects::Effects;
use ballstick::twin::results::Row;

const SWEEP: &[&str] = &[
    "sweep",
    "--axis",
    "depth=1,2,seed=0,1",
    "--axis",
    "neuron.multiplicative_SKE2_factor=0,1",
    "--configs",
    "A",
    "--train",
    "12",
    "--duration",
    "160",
    "--epochs",
    "1",
    "--window",
    "100",
    "--out",
    "out",
];

#[test]
fn cells_are_shared_and_the_last_run_tells_what_axes_change() {
    let folder = folder("grid");
    let part = |job: &str| succeed(&folder, &[SWEEP, &["--job", job]].concat());
    let said = part("1/2");
    assert!(said.contains("4 cells still to come"), "{said}");
    assert!(!folder.join("out/effects.json").exists());
    let said = part("2/2");
    for words in ["differences of AUC", "depth 1 → 2", "differences of differences", "effects.svg"]
    {
        assert!(said.contains(words), "no {words} in {said}");
    }
    let read = |name: &str| std::fs::read_to_string(folder.join("out").join(name)).unwrap();
    let found: Effects = serde_json::from_str(&read("effects.json")).unwrap();
    // two axes of two values besides the seed: each step's mean and its values at the other axis's two, and one
    // interaction
    assert_eq!((found.means.len(), found.differences.len(), found.interactions.len()), (4, 6, 1));
    assert!(found.means.iter().all(|mean| mean.seeds == 2));
    assert!(found.size.starts_with("8 cells, each trained on 12 simulations"), "{}", found.size);
    let rows = Row::from_csv(&read("table.csv")).unwrap();
    assert_eq!(rows.len(), 8);
    let depth = |row: &Row| row.config.starts_with("depth=2");
    assert!(rows.iter().filter(|r| depth(r)).all(|r| r.parameters > rows[0].parameters));
    assert_eq!(read("differences.csv").lines().count(), 7);
    // both neurons have the same inputs
    let inputs = |factor: &str| {
        let data = folder.join(format!("out/data/neuron.multiplicative_SKE2_factor={factor}"));
        let set = std::fs::read_dir(data).unwrap().next().unwrap().unwrap().path();
        std::fs::read(set.join("test/inputs/sim_0000000.npy")).unwrap()
    };
    assert_eq!(inputs("0"), inputs("1"));
    // a second run trains nothing and prints the same results
    let again = succeed(&folder, SWEEP);
    assert!(!again.contains("— depth"), "{again}");
    assert_eq!(serde_json::from_str::<Effects>(&read("effects.json")).unwrap(), found);
    let other = [SWEEP, &["--axis", "width=8,16"]].concat();
    fail(&folder, 2, &other, &["axes.json", "other axes"]);
    let longer = [SWEEP, &["--learning-rate", "0.01"]].concat();
    fail(&folder, 2, &longer, &["axes.json"]);
}

#[test]
fn axes_that_cannot_be_are_refused_before_any_work() {
    let folder = folder("grid-refused");
    for (axis, word) in [
        ("deep=1,2", "deep"),
        ("depth=1,1", "twice"),
        ("depth=one", "depth=one"),
        ("neuron.g_max_NMDA=0,1", "g_max_NMDA_uS"),
        ("twin=mlp", "mlp"),
        ("config=A,Q", "A to E"),
    ] {
        fail(&folder, 2, &["sweep", "--axis", axis, "--out", "out"], &[word]);
        assert!(!folder.join("out/cells").exists(), "{axis}");
    }
    let sweep = ["sweep", "--axis", "depth=1,2", "--out", "out"];
    fail(&folder, 2, &[&sweep[..], &["--architectures"]].concat(), &["--axis"]);
    fail(&folder, 2, &[&sweep[..], &["--job", "3/2"]].concat(), &["--job"]);
    fail(&folder, 2, &["sweep", "--job", "1/2", "--data", "d", "--out", "out"], &["--axis"]);
    fail(&folder, 2, &["sweep", "--out", "out"], &["--data"]);
}
