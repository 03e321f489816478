//! The macro that makes enumerations of the list of architectures.

/// Makes the enumerations of kinds, configurations and backbones, and their `match`es, from one line for each
/// architecture.
macro_rules! architectures {
    ($($(#[$doc:meta])* $name:ident: $module:ident::{$config:ident, $net:ident}, $class:literal;)+) => {
        /// An architecture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum TwinKind {
            $($(#[$doc])* #[serde(rename = $class)] $name,)+
        }

        impl TwinKind {
            /// All architectures.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$name),+];

            /// The properties that all twins of the architecture share.
            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$name => &$module::ABOUT,)+
                }
            }

            /// The name of the original's class.
            pub fn class(self) -> &'static str {
                match self {
                    $(Self::$name => $class,)+
                }
            }
        }

        /// The configuration of a twin of any architecture.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "class", content = "config")]
        pub enum TwinConfig {
            $($(#[$doc])* #[serde(rename = $class)] $name($module::$config),)+
        }

        impl TwinConfig {
            /// The published defaults of an architecture.
            pub fn default_of(kind: TwinKind) -> Self {
                match kind {
                    $(TwinKind::$name => Self::$name($module::$config::default()),)+
                }
            }

            /// Reads an architecture's keys; those left out have the published defaults.
            ///
            /// # Errors
            /// [`SettingError`]: an unknown key, or a value of the wrong type.
            pub(crate) fn of_keys(
                kind: TwinKind,
                keys: Map<String, Json>,
            ) -> Result<Self, SettingError> {
                match kind {
                    $(TwinKind::$name => settings::from_object(keys).map(Self::$name),)+
                }
            }

            /// Checks that every value is one that a twin of the architecture can have.
            ///
            /// # Errors
            /// [`SettingError`] names the first key whose value is impossible.
            pub(crate) fn check_settings(&self) -> Result<(), SettingError> {
                match self {
                    $(Self::$name(config) => settings::check(config),)+
                }
            }

            /// The configuration's architecture.
            pub fn kind(&self) -> TwinKind {
                match self {
                    $(Self::$name(_) => TwinKind::$name,)+
                }
            }

            /// The configuration's interface to the rest of the crate.
            pub fn architecture(&self) -> &dyn Architecture {
                match self {
                    $(Self::$name(config) => config,)+
                }
            }

            /// The configuration's interface, mutable.
            pub(crate) fn architecture_mut(&mut self) -> &mut dyn Architecture {
                match self {
                    $(Self::$name(config) => config,)+
                }
            }

            /// Draws the backbone's weights.
            pub(crate) fn backbone<B: Backend>(&self, init: &mut Init<'_, B>) -> Backbone<B> {
                match self {
                    $(Self::$name(config) => Backbone::$name(config.init(init)),)+
                }
            }
        }

        /// The part of a twin that computes features from the input.
        #[derive(Module, Debug)]
        pub enum Backbone<B: Backend> {
            $($(#[$doc])* $name($module::$net<B>),)+
        }

        impl<B: TwinBackend> Backbone<B> {
            /// The backbone's module, whichever the architecture.
            pub fn features(&self) -> &dyn Features<B> {
                match self {
                    $(Self::$name(net) => net,)+
                }
            }
        }
    };
}

pub(super) use architectures;
