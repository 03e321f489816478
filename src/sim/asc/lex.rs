//! The signs of a Neurolucida text.

use super::error::AscError;
use crate::text;

/// A sign, and its line from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub line: usize,
    pub sign: Sign,
}

/// What a text is made of; commas are spaces.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sign {
    Open,
    Close,
    Bar,
    SpineOpen,
    SpineClose,
    Number(f64),
    Word(String),
    Text(String),
}

impl Sign {
    /// The sign in words, for messages.
    pub(super) fn words(&self) -> String {
        let short = |text: &str| text.chars().take(40).collect::<String>();
        match self {
            Self::Open => "\"(\"".to_owned(),
            Self::Close => "\")\"".to_owned(),
            Self::Bar => "\"|\"".to_owned(),
            Self::SpineOpen => "\"<\"".to_owned(),
            Self::SpineClose => "\">\"".to_owned(),
            Self::Number(x) => x.to_string(),
            Self::Word(word) => format!("\"{}\"", short(word)),
            Self::Text(text) => format!("the text \"{}\"", short(text)),
        }
    }
}

/// The signs of a text.
///
/// # Errors
/// A text without its closing quotation mark; a number that no length can be.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, AscError> {
    let mut all = Vec::new();
    for (number, content) in text::lines(text).enumerate() {
        let line = number + 1;
        let mut rest = content;
        while let Some(first) = rest.chars().next() {
            let after = &rest[first.len_utf8()..];
            let single = match first {
                ';' => break,
                '(' => Some(Sign::Open),
                ')' => Some(Sign::Close),
                '|' => Some(Sign::Bar),
                '<' => Some(Sign::SpineOpen),
                '>' => Some(Sign::SpineClose),
                _ => None,
            };
            if let Some(sign) = single {
                all.push(Token { line, sign });
                rest = after;
            } else if first == '"' {
                let (inner, more) = after.split_once('"').ok_or(AscError::Quote { line })?;
                all.push(Token { line, sign: Sign::Text(inner.to_owned()) });
                rest = more;
            } else if first.is_whitespace() || first == ',' {
                rest = after;
            } else {
                let ends = |c: char| c.is_whitespace() || ";()|<>\",".contains(c);
                let (word, more) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                all.push(Token { line, sign: word_or_number(line, word)? });
                rest = more;
            }
        }
    }
    Ok(all)
}

fn word_or_number(line: usize, word: &str) -> Result<Sign, AscError> {
    // words such as "inf" are no numbers here
    let numeric = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    match word.parse::<f64>() {
        // the squares of larger lengths could overflow
        Ok(x) if numeric && x.abs() <= 1e12 => Ok(Sign::Number(x)),
        Ok(_) if numeric => Err(AscError::Large { line, text: word.chars().take(40).collect() }),
        _ => Ok(Sign::Word(word.to_owned())),
    }
}
