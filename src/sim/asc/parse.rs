//! Trees and contours of a Neurolucida text.

use super::error::AscError;
use super::lex::{Sign, Token, tokens};
use crate::sim::swc::Point;

/// What a file has of a cell.
#[derive(Debug, Default, PartialEq)]
pub(super) struct File {
    pub somas: Vec<Contour>,
    pub trees: Vec<Tree>,
}

/// The outline of a cell body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contour {
    /// The line where it begins.
    pub line: usize,
    pub points: Vec<Point>,
}

/// A tree of branches, a parent before its children.
#[derive(Debug, PartialEq)]
pub(super) struct Tree {
    /// The SWC type: 2 axon, 3 dendrite, 4 apical dendrite, 0 anything else.
    pub kind: i64,
    pub branches: Vec<Branch>,
}

/// The points of a branch.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Branch {
    pub points: Vec<Point>,
    /// The line of each point.
    pub lines: Vec<usize>,
    /// The branch that it goes on from, by its place in the tree.
    pub parent: Option<usize>,
}

/// The most forks within each other that are read; a reconstructed cell has some dozens.
const MOST_FORKS: usize = 1_000;
/// The names by which NEURON knows a cell body.
const SOMA_NAMES: [&str; 3] = ["CellBody", "Cell Body", "Soma"];

/// Reads a text.
///
/// # Errors
/// [`AscError`]: what else than an object of the format stands there, and in which line.
pub(super) fn parse(text: &str) -> Result<File, AscError> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0 };
    let mut file = File::default();
    // the lines of sets that are open: what they hold are objects like any other
    let mut sets = Vec::new();
    while let Some(token) = reader.next() {
        match (&token.sign, reader.ahead(0)) {
            (Sign::Open, Some(Sign::Word(word))) if word.eq_ignore_ascii_case("set") => {
                sets.push(token.line);
                let named = matches!(reader.ahead(1), Some(Sign::Text(_)));
                reader.at += 1 + usize::from(named);
            }
            (Sign::Open, _) => reader.object(token.line, &mut file)?,
            (Sign::Close, _) if sets.pop().is_some() => {}
            _ => return Err(unexpected(token, "\"(\", where an object begins")),
        }
    }
    match sets.first() {
        Some(&line) => Err(AscError::Open { line, what: '(' }),
        None if file == File::default() => Err(AscError::Nothing),
        None => Ok(file),
    }
}

fn unexpected(token: &Token, expected: &'static str) -> AscError {
    AscError::Unexpected { line: token.line, expected, found: token.sign.words() }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        self.at += 1;
        self.tokens.get(self.at - 1)
    }

    /// The sign so many places on.
    fn ahead(&self, places: usize) -> Option<&'a Sign> {
        self.tokens.get(self.at + places).map(|token| &token.sign)
    }

    /// Goes behind the sign that closes what opened in `line`, and everything within.
    fn skip(&mut self, line: usize, (open, close): (&Sign, &Sign)) -> Result<(), AscError> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                None => {
                    return Err(AscError::Open {
                        line,
                        what: if *open == Sign::Open { '(' } else { '<' },
                    });
                }
                Some(token) if token.sign == *open => depth += 1,
                Some(token) if token.sign == *close => depth -= 1,
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn skip_parentheses(&mut self, line: usize) -> Result<(), AscError> {
        self.skip(line, (&Sign::Open, &Sign::Close))
    }

    /// Reads an object whose parenthesis opened in `line`.
    fn object(&mut self, line: usize, file: &mut File) -> Result<(), AscError> {
        match self.ahead(0) {
            Some(Sign::Text(name)) => {
                let named = SOMA_NAMES.contains(&name.trim());
                self.at += 1;
                let (points, properties) = self.contour(line)?;
                if named || properties.iter().any(|p| SOMA_NAMES.contains(&p.as_str())) {
                    file.somas.push(Contour { line, points });
                }
                Ok(())
            }
            Some(Sign::Open) => {
                file.trees.extend(self.tree(line)?);
                Ok(())
            }
            Some(Sign::Word(_)) => self.skip_parentheses(line),
            Some(_) => Err(unexpected(
                &self.tokens[self.at],
                "a contour's name, a tree or a property behind \"(\"",
            )),
            None => Err(AscError::Open { line, what: '(' }),
        }
    }

    /// The points of a contour, and the words of its properties.
    fn contour(&mut self, line: usize) -> Result<(Vec<Point>, Vec<String>), AscError> {
        let (mut points, mut properties) = (Vec::new(), Vec::new());
        while let Some(token) = self.next() {
            match (&token.sign, self.ahead(0)) {
                (Sign::Close, _) => return Ok((points, properties)),
                (Sign::Open, Some(Sign::Number(_))) => points.push(self.point(token.line)?),
                (Sign::Open, what) => {
                    if let Some(Sign::Word(word)) = what {
                        properties.push(word.clone());
                    }
                    self.skip_parentheses(token.line)?;
                }
                (Sign::Word(_) | Sign::Text(_), _) => {}
                _ => return Err(unexpected(token, "a point of the contour or \")\"")),
            }
        }
        Err(AscError::Open { line, what: '(' })
    }

    /// A tree; none where the object is a text beside the cell.
    fn tree(&mut self, line: usize) -> Result<Option<Tree>, AscError> {
        let mut kind = 0;
        while let (Some(Sign::Open), Some(Sign::Word(word))) = (self.ahead(0), self.ahead(1)) {
            let known = ["Axon", "Dendrite", "Apical"].iter().position(|known| known == word);
            kind = known.map_or(kind, |place| place as i64 + 2);
            let line = self.tokens[self.at].line;
            self.at += 1;
            self.skip_parentheses(line)?;
        }
        let mut branches: Vec<Branch> = vec![Branch::default()];
        // the forks that are open: the branch that forks, and the line
        let mut forks: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        let mut forked = false;
        while let Some(token) = self.next() {
            match (&token.sign, self.ahead(0)) {
                (Sign::Open, Some(Sign::Number(_))) if !forked => {
                    let point = self.point(token.line)?;
                    branches[at].points.push(point);
                    branches[at].lines.push(token.line);
                }
                (Sign::Open, Some(Sign::Open | Sign::Bar)) if !forked => {
                    if branches[at].points.is_empty() {
                        return Err(AscError::Empty { line: token.line });
                    }
                    if forks.len() == MOST_FORKS {
                        return Err(AscError::Deep { line: token.line, most: MOST_FORKS });
                    }
                    forks.push((at, token.line));
                    at = branches.len();
                    branches
                        .push(Branch { parent: forks.last().map(|f| f.0), ..Branch::default() });
                }
                // markers, and properties between points
                (Sign::Open, Some(Sign::Word(_) | Sign::Text(_))) => {
                    self.skip_parentheses(token.line)?;
                }
                (Sign::SpineOpen, _) => {
                    self.skip(token.line, (&Sign::SpineOpen, &Sign::SpineClose))?;
                }
                (Sign::Word(_), _) => {}
                // a text beside the cell: a point and what is written there
                (Sign::Text(_), Some(Sign::Close)) if branches.len() == 1 => {
                    self.at += 1;
                    return Ok(None);
                }
                (Sign::Bar | Sign::Close, _) if branches[at].points.is_empty() => {
                    return Err(AscError::Empty { line: token.line });
                }
                (Sign::Bar, _) if !forks.is_empty() => {
                    at = branches.len();
                    forked = false;
                    branches
                        .push(Branch { parent: forks.last().map(|f| f.0), ..Branch::default() });
                }
                (Sign::Close, _) => match forks.pop() {
                    Some((parent, _)) => {
                        at = parent;
                        forked = true;
                    }
                    None => return Ok(Some(Tree { kind, branches })),
                },
                _ => return Err(unexpected(token, "a point, a fork or the end of the branch")),
            }
        }
        Err(AscError::Open { line: forks.last().map_or(line, |fork| fork.1), what: '(' })
    }

    /// A point whose parenthesis opened in `line`.
    fn point(&mut self, line: usize) -> Result<Point, AscError> {
        let mut numbers = Vec::with_capacity(4);
        while let Some(Sign::Number(x)) = self.ahead(0) {
            numbers.push(*x);
            self.at += 1;
        }
        let [x, y, z, diameter, ..] = numbers[..] else {
            return Err(AscError::Point { line, found: numbers.len() });
        };
        // the name of a section, a Bézier's end
        while let Some(Sign::Word(_) | Sign::Text(_)) = self.ahead(0) {
            self.at += 1;
        }
        match self.next() {
            Some(Token { sign: Sign::Close, .. }) => {}
            Some(Token { sign: Sign::Open, line: inner }) => {
                self.skip_parentheses(*inner)?;
                if self.next().is_none_or(|token| token.sign != Sign::Close) {
                    return Err(AscError::Open { line, what: '(' });
                }
            }
            Some(token) => return Err(unexpected(token, "\")\" at the point's end")),
            None => return Err(AscError::Open { line, what: '(' }),
        }
        Ok(Point { at: [x, y, z], radius: diameter / 2.0 })
    }
}
