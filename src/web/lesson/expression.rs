//! What marks a number or a comparison: `spikes@K_Pst=0;amp=0.1` is the page's number `spikes` at these settings, and
//! `spikes@K_Pst=0 > 2 * spikes` a claim. Words are separated by spaces, `* / + -` go from left to right, claims are joined
//! by `and`. Texts mark their numbers so, and tasks what they ask for.

/// The value of an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Claim(bool),
}

/// Evaluates an expression; `quantity` gives the number of a name.
///
/// # Errors
/// A name that is not known, or words out of order.
pub(super) fn evaluate(
    text: &str,
    quantity: &mut dyn FnMut(&str) -> Result<f64, String>,
) -> Result<Value, String> {
    let mut claims = Vec::new();
    let parts: Vec<&str> = text.split(" and ").collect();
    for part in &parts {
        let message: Vec<&str> = part.split_whitespace().collect();
        let mut sides: Vec<(Option<&str>, f64)> = Vec::new();
        let (mut operator, mut compared) = (None, None);
        for word in message {
            match word {
                "<" | ">" | "=" if operator.is_none() && compared.is_none() => {
                    compared = Some(word)
                }
                "+" | "-" | "*" | "/" if operator.is_none() && compared.is_none() => {
                    operator = Some(word)
                }
                _ => {
                    let value = match word.parse::<f64>() {
                        Ok(value) => value,
                        Err(_) => quantity(word)?,
                    };
                    match (operator.take(), compared.take(), sides.last_mut()) {
                        (Some(operator), None, Some((_, side))) => match operator {
                            "+" => *side += value,
                            "-" => *side -= value,
                            "*" => *side *= value,
                            _ => *side /= value,
                        },
                        (None, compared, None) if compared.is_none() => sides.push((None, value)),
                        (None, Some(compared), Some(_)) => sides.push((Some(compared), value)),
                        _ => return Err(format!("{text}: {word} is out of place")),
                    }
                }
            }
        }
        if operator.is_some() || compared.is_some() {
            return Err(format!("{text}: it ends too early"));
        }
        match sides[..] {
            [] => return Err(format!("{text}: nothing is said")),
            [(_, value)] if parts.len() == 1 => return Ok(Value::Number(value)),
            [_] => return Err(format!("{text}: a part claims nothing")),
            _ => claims.extend(sides.windows(2).map(|w| match w[1].0 {
                Some("<") => w[0].1 < w[1].1,
                Some(">") => w[0].1 > w[1].1,
                _ => w[0].1 == w[1].1,
            })),
        }
    }
    Ok(Value::Claim(claims.into_iter().all(|holds| holds)))
}

#[test]
fn expressions_are_evaluated() {
    let mut quantity = |name: &str| match name {
        "a@x=1;y=-2" => Ok(3.0),
        "b" => Ok(-0.5),
        _ => Err(format!("{name} is not known")),
    };
    let mut of = |text: &str| evaluate(text, &mut quantity);
    assert_eq!(of("a@x=1;y=-2"), Ok(Value::Number(3.0)));
    assert_eq!(of("a@x=1;y=-2 * 2 - b"), Ok(Value::Number(6.5)));
    assert_eq!(of("b < 0 < a@x=1;y=-2"), Ok(Value::Claim(true)));
    assert_eq!(of("b < 0 and b > 1"), Ok(Value::Claim(false)));
    assert_eq!(of("a@x=1;y=-2 = 3"), Ok(Value::Claim(true)));
    for wrong in ["", "c", "b b", "< 1", "b < 0 and b", "b * < 1", "b < > 1", "b <"] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}
