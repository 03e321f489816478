//! The simulations that a twin was judged on.

use crate::data::{Manifest, Split};
use crate::text::grouped;

/// The identity of a test set: results on different test sets cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSet {
    /// Seed of the data set; `None` where it is not known.
    pub seed: Option<u64>,
    /// Number of simulations judged.
    pub simulations: usize,
    /// Number of simulations made, of which a filter may have dropped some; `None` where it is not known.
    pub made: Option<u64>,
    /// Duration of each simulation, ms.
    pub duration_ms: usize,
}

impl TestSet {
    /// The test set of `simulations` simulations of `duration_ms` ms, from a data set with this manifest.
    #[must_use]
    pub fn new(manifest: Option<&Manifest>, simulations: usize, duration_ms: usize) -> Self {
        Self {
            seed: manifest.map(|m| m.seed),
            simulations,
            made: manifest.map(|m| m.num_simulations.of(Split::Test)),
            duration_ms,
        }
    }
}

impl std::fmt::Display for TestSet {
    /// Writes the name without commas, which would separate columns of a table.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, simulations, made, duration_ms } = self;
        match made {
            Some(made) if *made as usize != *simulations => {
                write!(f, "{simulations} of {made} simulations")?;
            }
            _ if *simulations == 1 => write!(f, "1 simulation")?,
            _ => write!(f, "{simulations} simulations")?,
        }
        write!(f, " of {duration_ms} ms")?;
        match seed {
            Some(seed) => write!(f, "; seed {seed}"),
            None => Ok(()),
        }
    }
}

/// The name of a test set, or another text with numbers, for readers: digits in groups of three, except those of the
/// seed, which is typed without.
#[must_use]
pub fn readable(name: &str) -> String {
    let mut after_seed = false;
    let words = name.split(' ').map(|word| {
        let is_seed = std::mem::replace(&mut after_seed, word == "seed");
        match !is_seed && word.bytes().all(|b| b.is_ascii_digit()) {
            true => grouped(word),
            false => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_with_commas() {
        let of = |made| TestSet { seed: Some(20_250), simulations: 1024, made, duration_ms: 8192 };
        assert_eq!(
            readable(&of(Some(2048)).to_string()),
            "1,024 of 2,048 simulations of 8,192 ms; seed 20250"
        );
        assert_eq!(readable("my own-set"), "my own-set");
    }

    #[test]
    fn a_test_set_says_what_a_filter_left_of_it() {
        let set = |seed, made| TestSet { seed, simulations: 8, made, duration_ms: 2048 };
        assert_eq!(set(None, None).to_string(), "8 simulations of 2048 ms");
        let one = TestSet { simulations: 1, ..set(None, Some(1)) };
        assert_eq!(one.to_string(), "1 simulation of 2048 ms");
        assert_eq!(set(Some(5), Some(8)).to_string(), "8 simulations of 2048 ms; seed 5");
        assert_eq!(set(Some(5), Some(12)).to_string(), "8 of 12 simulations of 2048 ms; seed 5");
    }
}
