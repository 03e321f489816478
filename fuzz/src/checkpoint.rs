//! Whether two checkpoints are the same.

use ballstick::twin::train::curve::CurveRow;
use ballstick::twin::weights::{Checkpoint, StateDict};

/// Names, shapes and bits of weights.
pub fn weights(state: &StateDict) -> Vec<(&str, &[usize], Vec<u32>)> {
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect();
    state
        .iter()
        .map(|(name, tensor)| (&name[..], &tensor.shape[..], bits(&tensor.values)))
        .collect()
}

fn rows<R: CurveRow>(rows: &[R]) -> Vec<u32> {
    rows.iter()
        .flat_map(|row| row.cells().as_ref().iter().map(|x| x.to_bits()).collect::<Vec<u32>>())
        .collect()
}

/// Requires what our own format keeps to be the same.
///
/// # Panics
/// Where it is not.
pub fn same(a: &Checkpoint, b: &Checkpoint) {
    assert_eq!(
        serde_json::to_value(&a.header).ok(),
        serde_json::to_value(&b.header).ok(),
        "another header"
    );
    assert!(weights(&a.state) == weights(&b.state), "other weights");
    let moments = |c: &Checkpoint| {
        c.moments
            .as_ref()
            .map(|all| all.each_ref().map(|m| m.iter().map(|x| x.to_bits()).collect::<Vec<u32>>()))
    };
    assert!(moments(a) == moments(b), "other moments");
    assert_eq!(rows(&a.curves.train), rows(&b.curves.train), "another learning curve");
    assert_eq!(rows(&a.curves.valid), rows(&b.curves.valid), "another learning curve");
}

/// Writes a checkpoint as a `.pt` and reads it.
///
/// # Panics
/// Where weights, architecture or scaling are others then, or a second time gives other bytes.
pub fn through_torch(checkpoint: &Checkpoint) {
    // without weights there is no such file
    let Ok(bytes) = checkpoint.to_torch() else { return };
    let again = Checkpoint::from_torch(&bytes).expect("what is written is read");
    assert!(weights(&again.state) == weights(&checkpoint.state), "other weights");
    assert_eq!(again.header.config.num_parameters(), checkpoint.header.config.num_parameters());
    assert_eq!(again.header.scaling, checkpoint.header.scaling);
    let bytes = again.to_torch().expect("it is written again");
    let third = Checkpoint::from_torch(&bytes).expect("what is written is read");
    assert_eq!(third.header.config, again.header.config);
    assert!(weights(&third.state) == weights(&again.state), "other weights");
}
