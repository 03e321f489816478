//! What a text says: numbers in figures and in words, and comparisons. `text::fixed` is the including module's.

use super::fixed;

/// Words that are numbers.
const NUMBERS: [(&str, f64); 31] = [
    ("no", 0.0),
    ("none", 0.0),
    ("nothing", 0.0),
    ("never", 0.0),
    ("one", 1.0),
    ("a", 1.0),
    ("single", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("twenty", 20.0),
    ("twentieth", 20.0),
    ("twelfth", 12.0),
    ("eighth", 8.0),
    ("dozen", 12.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("hundred", 100.0),
    ("thousand", 1000.0),
];

/// Words that are parts or multiples, which are meant roughly.
const ROUGH: [(&str, f64); 10] = [
    ("half", 0.5),
    ("third", 1.0 / 3.0),
    ("thirds", 2.0 / 3.0),
    ("quarter", 0.25),
    ("fifth", 0.2),
    ("tenth", 0.1),
    ("hundredth", 0.01),
    ("twice", 2.0),
    ("double", 2.0),
    ("doubles", 2.0),
];

/// Words that are too common to be numbers where they stand alone.
const COMMON: [&str; 8] = ["no", "none", "nothing", "never", "one", "a", "single", "eighth"];

/// How far a rough word may be off, a fraction of the number.
const ROUGHLY: f64 = 0.2;

/// The words of a text, in lower case, without punctuation.
fn words(text: &str) -> Vec<String> {
    let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '−' | '½' | '%'));
    text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '/' | '(' | ')'))
        .map(|word| word.trim_matches(ends).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The figure at the beginning of a word, as it is written without its commas.
fn figure(word: &str) -> Option<String> {
    let end = word
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',') || (*at == 0 && *c == '−')))
        .map_or(word.len(), |(at, _)| at);
    let text = word[..end].trim_end_matches(['.', ',']).replace(',', "");
    text.chars().any(|c| c.is_ascii_digit()).then_some(text)
}

/// Whether a text says that something is `value`: in figures to the last digit given, in words exactly, in parts
/// roughly.
///
/// # Errors
/// The number that the text says instead, or that it says no number.
pub fn says(text: &str, value: f64) -> Result<(), String> {
    let words = words(text);
    if let Some(told) = words.iter().find_map(|word| figure(word)) {
        let digits = told.split_once('.').map_or(0, |(_, digits)| digits.len());
        let shown = fixed(value, digits);
        return if shown == told {
            Ok(())
        } else {
            Err(format!("says {told}, but it is {shown} ({value})"))
        };
    }
    let of = |list: &[(&str, f64)]| {
        words.iter().find_map(|word| list.iter().find(|(name, _)| name == word).map(|n| n.1))
    };
    if let Some(told) = of(&ROUGH) {
        let near = (value - told).abs() <= ROUGHLY * told;
        return if near { Ok(()) } else { Err(format!("says {told:.2}, but it is {value:.3}")) };
    }
    // "two dozen"
    let told: Vec<f64> = words
        .iter()
        .filter_map(|word| NUMBERS.iter().find(|(name, _)| name == word).map(|n| n.1))
        .collect();
    let told = match told[..] {
        [] => return Err("says no number".into()),
        [many, 12.0] => many * 12.0,
        [.., last] => last,
    };
    if told == value { Ok(()) } else { Err(format!("says {told}, but it is {value}")) }
}

/// The words of a text that are numbers or comparisons, and so have to be marked: not a channel's name, not a lesson's
/// number.
pub fn to_be_checked(text: &str) -> Vec<String> {
    let all = words(text);
    let lesson = |at: usize| {
        let back = all[at.saturating_sub(6)..at].iter().rev();
        let mut back =
            back.skip_while(|w| matches!(w.as_str(), "to" | "and" | "or") || figure(w).is_some());
        back.next().is_some_and(|w| w == "lesson" || w == "lessons")
    };
    let is_one = |(at, word): (usize, &String)| {
        let number = NUMBERS.iter().chain(&ROUGH).any(|(name, _)| name == word);
        let named = number && !COMMON.contains(&word.as_str());
        ((word.chars().any(|c| c.is_ascii_digit()) && !word.contains('_') && !lesson(at))
            || named
            || word == "than")
            .then(|| word.clone())
    };
    all.iter().enumerate().filter_map(is_one).collect()
}

#[test]
fn numbers_are_understood() {
    for (text, value) in [
        ("14 spikes", 14.0),
        ("−56.3 mV", -56.31),
        ("2,048", 2048.0),
        ("none", 0.0),
        ("two dozen", 24.0),
        ("about a third", 0.35),
        ("twice", 1.9),
        ("the twelfth", 12.0),
        ("0.5", 0.54),
        ("Fourteen", 14.0),
    ] {
        assert_eq!(says(text, value), Ok(()), "{text}");
    }
    for (text, value) in [
        ("14 spikes", 15.0),
        ("−56.3 mV", 56.3),
        ("0.5", 0.56),
        ("a third", 0.5),
        ("many", 3.0),
        ("two", 3.0),
    ] {
        assert!(says(text, value).is_err(), "{text}");
    }
}

#[test]
fn numbers_and_comparisons_are_found() {
    assert_eq!(to_be_checked("It fires 29 spikes, more than half."), ["29", "than", "half"]);
    assert_eq!(
        to_be_checked("As lesson 2 and lessons 3 to 5 and 7½ say, one of them is the first."),
        [""; 0]
    );
    assert_eq!(to_be_checked("Two of SKv3_1’s kind"), ["two"]);
}
