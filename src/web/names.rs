//! Names that the lessons' markup gives to what the code reads and writes: controls, numbers, figures, parts. Each kind
//! is a type of its own, made by its macro only: `number!("amp")` is the control `data-key="amp"`, `stat!("auc")` the
//! place `data-stat="auc"`. Every name thus stands in the code as a literal, so that a test
//! (`lesson/text_numbers/names.rs`) finds all names, and holds markup and code to each other in both directions.

use std::borrow::Cow;

/// A name that a lesson's markup gives to an element.
pub(super) trait Named {
    /// The attribute that holds the name.
    const ATTRIBUTE: &'static str;

    /// The name: the attribute's value.
    fn name(&self) -> &str;

    /// The CSS selector of the elements with this name.
    fn selector(&self) -> String {
        format!("[{}='{}']", Self::ATTRIBUTE, self.name())
    }
}

macro_rules! kinds {
    ($d:tt $($(#[$doc:meta])* $make:ident $kind:ident $attribute:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(not(feature = "twin-lessons"), allow(dead_code))]
        pub(super) struct $kind(Cow<'static, str>);

        #[cfg_attr(not(feature = "twin-lessons"), allow(dead_code))]
        impl $kind {
            /// The name that a literal gives; called by the kind's macro alone.
            pub(super) const fn new(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// The name that a formatted pattern gives; called by the kind's macro alone.
            #[allow(dead_code, reason = "most kinds have no patterns")]
            pub(super) const fn of_pattern(name: String) -> Self {
                Self(Cow::Owned(name))
            }
        }

        impl Named for $kind {
            const ATTRIBUTE: &'static str = $attribute;

            fn name(&self) -> &str {
                &self.0
            }
        }

        #[allow(unused_macros, reason = "the first page has less than the others")]
        macro_rules! $make {
            ($d name:literal) => {
                $crate::web::names::$kind::new($d name)
            };
            ($d pattern:literal, $d($d part:expr),+) => {
                $crate::web::names::$kind::of_pattern(format!($d pattern, $d($d part),+))
            };
        }
    )*
        /// Each macro's name, and the attribute of its kind.
        #[cfg(all(test, feature = "twin-lessons"))]
        pub(super) const KINDS: &[(&str, &str)] = &[$((stringify!($make), $attribute)),*];
    };
}

kinds! { $
    /// A control with a number: a slider or a box.
    number Number "data-key";
    /// A control that is on or off.
    switch Switch "data-key";
    /// A control with one of several values, or with a text.
    choice Choice "data-key";
    /// A control whose value is not in the address: a run or a device of this browser, a factor of a training.
    pick Pick "data-choice";
    /// A place where the lesson writes a number or words.
    stat Stat "data-stat";
    /// A place where the lesson shows a figure.
    plot Plot "data-figure";
    /// A place where the lesson shows several figures.
    grid Grid "data-figures";
    /// A part of the lesson that is shown, hidden or filled.
    part Part "data-part";
    /// A button, or another element that starts something.
    action Action "data-action";
    /// A link whose address the lesson sets.
    link Link "data-link";
    /// A line that says what went wrong in a part of the lesson.
    problem Problem "data-problem";
    /// A place where the lesson writes a command line.
    cli Cli "data-cli";
    /// A row of a table.
    row Row "data-row";
    /// A laboratory, a part of a lesson with its own figures.
    lab Lab "data-lab";
}
