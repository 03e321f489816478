//! Reconstructed cells in any format that is read: SWC ([`swc`]) or Neurolucida's text
//! ([`asc`]).

use super::asc::{self, AscError};
use super::swc::{self, Cell, Options, Remedy, SwcError};

/// The error of a cell that cannot be read, and its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReconstructionError {
    /// Of an SWC file.
    #[error(transparent)]
    Swc(#[from] SwcError),
    /// Of a Neurolucida file.
    #[error(transparent)]
    Asc(#[from] AscError),
}

impl ReconstructionError {
    /// The option with which this cell could be read; `None` where no option helps.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Swc(error) => error.remedy(),
            Self::Asc(error) => error.remedy(),
        }
    }
}

/// Reads a cell from the text of a file: a Neurolucida file begins with a parenthesis or a `;`, an SWC file never does.
///
/// # Errors
/// [`ReconstructionError`] names the fault of the text and its line, or the option that is not a number above 0.
pub fn import(text: &str, options: &Options) -> Result<Cell, ReconstructionError> {
    if text
        .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .starts_with(['(', ';'])
    {
        options.check()?;
        return Ok(asc::import(text, options)?);
    }
    Ok(swc::import(text, options)?)
}

#[cfg(test)]
mod tests;
