//! Questions to workers, typed: a question knows its parts and its answer, so that nobody is told of another's.
//!
//! ```text
//! lesson ──▶ Latest ──▶ Port ──▶ ToWorker   ──▶ worker
//!                        ▲       FromWorker ◀──   │
//!                        └────────────────────────┘
//! ```
//!
//! Between page and worker parts and answers are the browser's values under the number of their question; [`Port`]
//! reads them as what the question says they are, and [`FromWorker::part`] and [`FromWorker::end`] write nothing else.

mod client;
mod in_step;
mod latest;
mod message;
mod question;

pub use client::Port;
pub use in_step::InStep;
pub use latest::Latest;
pub use message::{FromWorker, QuestionId, ToWorker, from_js, to_js};
pub use question::{Concurrent, Never, PortError, Question, Reply, Service};

/// Declares what a service can be asked: an enum with a variant a question, named as the question's type, and its parts
/// and answer behind the arrow. A question that has fields here is declared as well. What follows `and` are enums of
/// more questions to the same service.
macro_rules! questions {
    ($(#[$about:meta])* pub enum $Order:ident to $Service:ty {
        $($(#[$doc:meta])* $Question:ident
            $(($($(#[$at:meta])* $Tuple:ty),+))?
            $({$($(#[$of:meta])* $field:ident: $Type:ty,)+})?
            => $Part:ty, $Answer:ty;)*
    } $(and {$($(#[$group:meta])* $Group:ident,)+})?) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum $Order {
            $($(#[$doc])* $Question(Box<$Question>),)*
            $($($(#[$group])* $Group($Group),)+)?
        }

        $($crate::web::port::questions! {
            @declare [$(#[$doc])*] $Question
            $(($($(#[$at])* $Tuple),+))?
            $({$($(#[$of])* $field: $Type,)+})?
        }

        impl $crate::web::port::Question for $Question {
            type Service = $Service;
            type Part = $Part;
            type Answer = $Answer;

            fn order(self) -> <$Service as $crate::web::port::Service>::Order {
                $Order::$Question(Box::new(self)).into()
            }
        })*

        $($($(#[$group])* impl From<$Group> for $Order {
            fn from(group: $Group) -> Self {
                Self::$Group(group)
            }
        })+)?
    };
    (@declare [$($doc:tt)*] $Question:ident) => {};
    (@declare [$($doc:tt)*] $Question:ident ($($(#[$at:meta])* $Tuple:ty),+)) => {
        $($doc)*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $Question($($(#[$at])* pub $Tuple),+);
    };
    (@declare [$($doc:tt)*] $Question:ident {$($(#[$of:meta])* $field:ident: $Type:ty,)+}) => {
        $($doc)*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $Question {$($(#[$of])* pub $field: $Type,)+}
    };
}
pub(in crate::web) use questions;
