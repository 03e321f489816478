//! Questions to workers, typed: a question fixes the types of its parts and of its answer, for whoever asks and whoever
//! answers.
//!
//! ```text
//! lesson ──▶ Latest ──▶ Port ──▶ ToWorker   ──▶ worker
//!                        ▲       FromWorker ◀──   │
//!                        └────────────────────────┘
//! ```
//!
//! Between page and worker, parts and answers are JavaScript values under the number of their question; [`Port`] reads
//! them as the types that the question fixes, and [`FromWorker::part`] and [`FromWorker::end`] write no others.

mod client;
mod in_step;
mod latest;
mod message;
mod question;

pub use client::Port;
pub use in_step::InStep;
pub use latest::Latest;
pub(in crate::web) use message::refusal;
pub use message::{FromWorker, QuestionId, ToWorker, from_js, to_js};
pub use question::{Concurrent, Never, PortError, Question, Reply, Service};

/// Declares what a service can be asked: an enum with one variant per question, named as the question's type; behind
/// the arrow stand the types of the question's parts and answer. A question that has fields here is declared here as a
/// type, any other must be in scope. Enums of more questions to the same service follow `and`.
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
